/** Who works at the page, and their requests. */
import { createContext, use } from 'react';
import type { Me } from '../api/me.js';
import type { Caller } from '../api/caller.js';

export interface Desk {
  readonly me: Me;
  /** One for as long as the same person works here, also over a new log-in. */
  readonly caller: Caller;
}

export const DeskContext = createContext<Desk | undefined>(undefined);

export function useDesk(): Desk {
  const desk = use(DeskContext);
  if (desk === undefined) throw new Error('nobody is logged in');
  return desk;
}

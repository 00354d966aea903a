/** Award results that contracts may begin from. */
import type { Caller } from './caller.js';
import type { ContractData, PageOf } from './contract.js';

export interface AwardRecord {
  readonly id: string;
  readonly award: {
    readonly tenderId: string;
    readonly tenderTitle: string;
    readonly noticeDate: string;
    readonly amount: string;
    readonly supplier: { readonly name: string };
  };
  /** What a contract takes over. */
  readonly contractData: ContractData;
}

export function listAwards(
  caller: Caller,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<PageOf<AwardRecord>> {
  const query = new URLSearchParams({ limit: '50' });
  if (cursor !== undefined) query.set('cursor', cursor);
  return caller.json('GET', `/awards?${query.toString()}`, { signal });
}

/**
 * What the clock does to a contract that waits for a party: it reminds, and in the end it expires.
 * The next instant follows from the record alone, so that it can be an index of the store.
 */
import { AppError } from '../kernel/index.js';
import type { ContractRecord, PartyRole } from './record.js';

const DAY_MS = 86_400_000;
/** Days after the turn began; later ones weekly. */
const FIRST_REMINDERS = [1, 3, 7] as const;
const LATER_EVERY_DAYS = 7;

export interface ContractTimer {
  readonly kind: 'remind' | 'expire';
  /** RFC 3339. */
  readonly at: string;
}

/** Whose turn it is, and since when. */
export interface Turn {
  readonly roles: readonly PartyRole[];
  readonly since: string;
}

/** Who has to act now; `undefined` where the contract waits for nobody. */
export function turnOf(contract: ContractRecord): Turn | undefined {
  const { state, times, parties, signatures } = contract;
  if (state === 'sent' && times.sentAt !== undefined) {
    return { roles: ['supplier'], since: times.sentAt };
  }
  if (state !== 'confirmed' && state !== 'supplier-signed' && state !== 'buyer-signed') {
    return undefined;
  }
  const since = signatures.at(-1)?.signedAt ?? times.confirmedAt;
  const waiting = parties.filter((party) => party.signedAt === undefined);
  const first = Math.min(...waiting.map((party) => party.order));
  const roles = waiting.filter((party) => party.order === first).map((party) => party.role);
  return since === undefined || roles.length === 0 ? undefined : { roles, since };
}

/** What happens next if nobody acts. */
export function nextTimer(contract: ContractRecord): ContractTimer | undefined {
  const turn = turnOf(contract);
  if (turn === undefined) return undefined;
  const remindAt = nextReminder(contract, turn);
  const { signBy } = contract;
  if (signBy !== undefined && signBy <= remindAt) return { kind: 'expire', at: signBy };
  return { kind: 'remind', at: remindAt };
}

/** The first instant of the plan after the turn began and after the last reminder of it. */
function nextReminder({ reminders, signBy }: ContractRecord, { since }: Turn): string {
  const last = (reminders ?? []).map(({ at }) => at).filter((at) => at > since);
  const after = Date.parse(last.at(-1) ?? since);
  const elapsedDays = (after - Date.parse(since)) / DAY_MS;
  const days =
    FIRST_REMINDERS.find((day) => day > elapsedDays) ??
    (Math.floor(elapsedDays / LATER_EVERY_DAYS) + 1) * LATER_EVERY_DAYS;
  const planned = Date.parse(since) + days * DAY_MS;
  const dayBefore = signBy === undefined ? NaN : Date.parse(signBy) - DAY_MS;
  const next = dayBefore > after ? Math.min(planned, dayBefore) : planned;
  return `${new Date(next).toISOString().slice(0, 19)}Z`;
}

/** @throws AppError `contract-signing-closed`, params `signBy` */
export function assertStillOpen({ signBy }: ContractRecord, at: Date): void {
  if (signBy === undefined || Date.parse(signBy) > at.getTime()) return;
  throw new AppError('contract-signing-closed', 'the time for signing is over', {
    params: { signBy },
  });
}

/** What a contract becomes while it waits: sent with a last day, reminded of, expired, frozen, thawed. */
import type { AuditEvent } from '../audit/index.js';
import { AppError, toRfc3339 } from '../kernel/index.js';
import { assertActionPossible } from './flow.js';
import type { Freeze, Reminder } from './flow-record.js';
import type { ContractRecord } from './record.js';
import { nextContract } from './signing-transitions.js';

/** Reminders that a record keeps; more would only make it long. */
const KEPT_REMINDERS = 30;

/** @throws AppError `contract-transition-refused` */
export function withReminder(
  contract: ContractRecord,
  reminder: Reminder,
  events: readonly AuditEvent[],
): ContractRecord {
  assertActionPossible(contract, 'remind');
  const reminders = [...(contract.reminders ?? []), reminder].slice(-KEPT_REMINDERS);
  return nextContract(contract, { reminders }, events);
}

/** @throws AppError `contract-transition-refused` */
export function withExpiry(
  contract: ContractRecord,
  at: Date,
  events: readonly AuditEvent[],
): ContractRecord {
  assertActionPossible(contract, 'expire');
  return nextContract(
    contract,
    {
      state: 'expired',
      attempt: undefined,
      voidConsents: undefined,
      times: { ...contract.times, endedAt: toRfc3339(at) },
    },
    events,
  );
}

/** @throws AppError `contract-transition-refused` */
export function withFreeze(
  contract: ContractRecord,
  freeze: Omit<Freeze, 'from'>,
  events: readonly AuditEvent[],
): ContractRecord {
  assertActionPossible(contract, 'freeze');
  return nextContract(
    contract,
    { state: 'frozen', frozen: { ...freeze, from: contract.state } },
    events,
  );
}

/**
 * Back to where it was. The time for signing moves on by as long as it was held.
 * @throws AppError `contract-transition-refused`
 */
export function withoutFreeze(
  contract: ContractRecord,
  at: Date,
  events: readonly AuditEvent[],
): ContractRecord {
  assertActionPossible(contract, 'unfreeze');
  const { frozen, signBy } = contract;
  if (frozen === undefined) throw new AppError('internal', 'frozen, and nothing says from where');
  const heldMs = Math.max(0, at.getTime() - Date.parse(frozen.at));
  return nextContract(
    contract,
    {
      state: frozen.from,
      frozen: undefined,
      ...(signBy === undefined ? {} : { signBy: toRfc3339(new Date(Date.parse(signBy) + heldMs)) }),
    },
    events,
  );
}

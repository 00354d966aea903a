/**
 * The PAdES level of a contract's signatures over time: what it is, what it is to be, and when the
 * background has to see to it again — because an authority did not answer, or because the newest
 * document time-stamp will have to be renewed.
 */
import type { AuditEvent } from '../audit/index.js';
import { nextContract } from './signing-transitions.js';
import type { ContractRecord, ExtendedRevision, LevelState } from './record.js';

/** Claims or reschedules the work; nothing a reader of the contract sees moves on. */
export function withLevelState(
  contract: ContractRecord,
  level: LevelState,
  events: readonly AuditEvent[] = [],
): ContractRecord {
  return {
    ...contract,
    version: contract.version + 1,
    level,
    pendingEvents: [...contract.pendingEvents, ...events],
  };
}

/** Publishes a revision that raised or renewed: its bytes follow those of the last signature or extension. */
export function withExtension(
  contract: ContractRecord,
  extension: ExtendedRevision,
  level: LevelState,
  events: readonly AuditEvent[],
): ContractRecord {
  return nextContract(
    contract,
    { level, extensions: [...(contract.extensions ?? []), extension] },
    events,
  );
}

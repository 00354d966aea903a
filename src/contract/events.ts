/** Audit events of a contract: who may read them follows from the contract itself. */
import { recordEvent, type AuditEvent, type EventFacts } from '../audit/index.js';
import { CONTRACTS, type ContractRecord } from './record.js';

/** Under `contract.`: `signed`, `signing-refused`, `rejected`. */
export interface ContractEventFacts extends EventFacts {
  /** Of the request that the event and its change are the effect of. */
  readonly requestKey?: string | undefined;
}

/** An event with `contract` as subject, readable by whoever may read the contract. */
export function contractEvent(contract: ContractRecord, facts: ContractEventFacts): AuditEvent {
  const subject = { kind: 'contract', id: contract.id };
  return recordEvent(subject, CONTRACTS.scopeKeys(contract), facts);
}

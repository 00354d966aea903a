/** Audit events of a contract: who may read them follows from the contract itself. */
import type { AuditActor, AuditEvent } from '../audit/index.js';
import { newId, toRfc3339 } from '../kernel/index.js';
import { CONTRACTS, type ContractRecord } from './record.js';

/** Past tense, under `contract.`: `signed`, `signing-refused`, `rejected`. */
export interface ContractEventFacts {
  readonly what: string;
  readonly actor: AuditActor;
  readonly at: Date;
  readonly details?: AuditEvent['details'];
  readonly requestId?: string | undefined;
  /** Of the request that the event and its change are the effect of. */
  readonly requestKey?: string | undefined;
}

/** An event with `contract` as subject, readable by whoever may read the contract. */
export function contractEvent(contract: ContractRecord, facts: ContractEventFacts): AuditEvent {
  return {
    id: newId('evt'),
    at: toRfc3339(facts.at),
    type: `contract.${facts.what}`,
    actor: facts.actor,
    subject: { kind: 'contract', id: contract.id },
    scopeKeys: CONTRACTS.scopeKeys(contract),
    details: facts.details ?? {},
    ...(facts.requestId === undefined ? {} : { requestId: facts.requestId }),
  };
}

/** Audit events of a seal: who may read them follows from the seal itself. */
import type { AuditActor, AuditEvent } from '../audit/index.js';
import { newId, toRfc3339 } from '../kernel/index.js';
import { SEALS, type SealRecord } from './record.js';

export interface SealEventFacts {
  /** Past tense, under `seal.`. */
  readonly what:
    'issued' | 'renewed' | 'rebound' | 'altered' | 'suspended' | 'resumed' | 'revoked' | 'expiring';
  readonly actor: AuditActor;
  readonly at: Date;
  readonly details: AuditEvent['details'];
  readonly requestId: string | undefined;
}

export function sealEvent(seal: SealRecord, facts: SealEventFacts): AuditEvent {
  return {
    id: newId('evt'),
    at: toRfc3339(facts.at),
    type: `seal.${facts.what}`,
    actor: facts.actor,
    subject: { kind: 'seal', id: seal.id },
    scopeKeys: SEALS.scopeKeys(seal),
    details: { code: seal.code, ...facts.details },
    ...(facts.requestId === undefined ? {} : { requestId: facts.requestId }),
  };
}

/** Audit events of a seal: who may read them follows from the seal itself. */
import { recordEvent, type AuditEvent, type EventFacts } from '../audit/index.js';
import { SEALS, type SealRecord } from './record.js';

export interface SealEventFacts extends EventFacts {
  /** Under `seal.`. */
  readonly what:
    'issued' | 'renewed' | 'rebound' | 'altered' | 'suspended' | 'resumed' | 'revoked' | 'expiring';
  readonly details: AuditEvent['details'];
  readonly requestId: string | undefined;
}

export function sealEvent(seal: SealRecord, facts: SealEventFacts): AuditEvent {
  return recordEvent({ kind: 'seal', id: seal.id }, SEALS.scopeKeys(seal), {
    ...facts,
    details: { code: seal.code, ...facts.details },
  });
}

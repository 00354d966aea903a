/** Audit events of an application for seals. */
import { actorOf, type Principal } from '../../access/index.js';
import type { AuditEvent } from '../../audit/index.js';
import { newId, toRfc3339 } from '../../kernel/index.js';
import { SEAL_APPLICATIONS, type SealApplicationRecord } from './record.js';

export function applicationEvent(
  application: SealApplicationRecord,
  what: string,
  principal: Principal,
  at: Date,
  details: AuditEvent['details'] = {},
): AuditEvent {
  return {
    id: newId('evt'),
    at: toRfc3339(at),
    type: `seal-application.${what}`,
    actor: actorOf(principal),
    subject: { kind: 'seal-application', id: application.id },
    scopeKeys: SEAL_APPLICATIONS.scopeKeys(application),
    details: { purpose: application.purpose, ...details },
    ...(principal.requestId === undefined ? {} : { requestId: principal.requestId }),
  };
}

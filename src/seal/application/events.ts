/** Audit events of an application for seals. */
import { actorOf, type Principal } from '../../access/index.js';
import { recordEvent, type AuditEvent } from '../../audit/index.js';
import { SEAL_APPLICATIONS, type SealApplicationRecord } from './record.js';

export function applicationEvent(
  application: SealApplicationRecord,
  what: string,
  principal: Principal,
  at: Date,
  details: AuditEvent['details'] = {},
): AuditEvent {
  const subject = { kind: 'seal-application', id: application.id };
  return recordEvent(subject, SEAL_APPLICATIONS.scopeKeys(application), {
    what,
    actor: actorOf(principal),
    at,
    details: { purpose: application.purpose, ...details },
    requestId: principal.requestId,
  });
}

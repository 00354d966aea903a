/**
 * What the audit log records. Events are facts of the domain, not log lines: who did what to which
 * record, when, with which certificate; refusals too. They never hold a PIN or a key.
 */
import { newId, toRfc3339 } from '../kernel/index.js';
import type { StoredDocument } from '../store/index.js';

export interface AuditActor {
  /** `system` for background work. */
  readonly accountId: string;
  readonly role: string;
  readonly unitId?: string;
  /** The certificate that logged in or signed. */
  readonly certificateSha256?: string;
}

/** Background work. */
export const SYSTEM_ACTOR: AuditActor = { accountId: 'system', role: 'system' };

export interface AuditEvent {
  /** `evt_…`; appending the same id twice records it once. */
  readonly id: string;
  /** RFC 3339 UTC. */
  readonly at: string;
  /** `<aggregate>.<what happened>`, past tense: `contract.signed`, `seal.revoked`, `contract.signing-refused`. */
  readonly type: string;
  readonly actor: AuditActor;
  readonly subject: { readonly kind: string; readonly id: string };
  /** Who may see the entry; the scope keys of its subject. */
  readonly scopeKeys: readonly string[];
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
  readonly requestId?: string;
}

export interface EventFacts {
  /** Past tense; behind the kind of the record it is the event's type. */
  readonly what: string;
  readonly actor: AuditActor;
  readonly at: Date;
  readonly details?: AuditEvent['details'];
  readonly requestId?: string | undefined;
}

/** A new event about a record, for whoever `scopeKeys` let read it. */
export function recordEvent(
  subject: AuditEvent['subject'],
  scopeKeys: readonly string[],
  { what, actor, at, details = {}, requestId }: EventFacts,
): AuditEvent {
  return {
    id: newId('evt'),
    at: toRfc3339(at),
    type: `${subject.kind}.${what}`,
    actor,
    subject,
    scopeKeys,
    details,
    ...(requestId === undefined ? {} : { requestId }),
  };
}

/**
 * An aggregate that carries its new events until the relay has written them to the log: state and
 * events are committed in one single-document write.
 *
 * `revision` counts what users see as versions (ETag); `version` also counts the relay's housekeeping.
 */
export interface EventCarrier extends StoredDocument {
  readonly revision: number;
  readonly pendingEvents: readonly AuditEvent[];
}

/** The index by which the relay finds work; every EventCarrier's collection declares it as `pendingSince`. */
export function pendingSince(document: EventCarrier): string | undefined {
  return document.pendingEvents[0]?.at;
}

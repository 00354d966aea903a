/** What happens to webhooks and messages, as pure functions from one record to the next. */
import { recordEvent, type AuditActor, type AuditEvent } from '../audit/index.js';
import { dueRfc3339, idFrom, toRfc3339 } from '../kernel/index.js';
import { changed, type Changes } from '../store/index.js';
import { KEPT_ATTEMPTS, type WebhookDelivery, type WebhookRecord } from './record.js';

/** A webhook that nothing came through to for so long is disabled. */
export const DISABLED_AFTER_MS = 5 * 86_400_000;
/** A message is tried for so long. */
export const GIVEN_UP_AFTER_MS = 3 * 86_400_000;

export function webhookEvent(
  webhook: WebhookRecord,
  what: string,
  actor: AuditActor,
  at: Date,
  details: AuditEvent['details'] = {},
): AuditEvent {
  return recordEvent({ kind: 'webhook', id: webhook.id }, webhook.audience, {
    what,
    actor,
    at,
    details: { host: new URL(webhook.url).host, ...details },
  });
}

export function changedWebhook(
  webhook: WebhookRecord,
  changes: Changes<WebhookRecord>,
  events: readonly AuditEvent[] = [],
): WebhookRecord {
  return changed(webhook, {
    ...changes,
    version: webhook.version + 1,
    revision: webhook.revision + 1,
    pendingEvents: [...webhook.pendingEvents, ...events],
  });
}

/** The id of the message about an event to a webhook, whoever computes it. */
export function messageId(webhookId: string, eventId: string): string {
  return idFrom('msg', `webhook\n${webhookId}\n${eventId}`);
}

export function newDelivery(
  webhook: WebhookRecord,
  message: { readonly id: string; readonly type: string; readonly bodyText: string },
  at: Date,
): WebhookDelivery {
  return {
    ...message,
    version: 1,
    webhookId: webhook.id,
    state: 'waiting',
    attempts: [],
    attemptCount: 0,
    dueAt: toRfc3339(at),
    audience: webhook.audience,
    createdAt: toRfc3339(at),
  };
}

export function withClaim(delivery: WebhookDelivery, holder: string, until: Date): WebhookDelivery {
  const end = dueRfc3339(until);
  return next(delivery, { lease: { holder, until: end }, dueAt: end });
}

/** @param dueAt - when it is tried again; absent: no more */
export function withAttempt(
  delivery: WebhookDelivery,
  state: WebhookDelivery['state'],
  at: Date,
  outcome: string,
  dueAt?: Date,
): WebhookDelivery {
  return next(delivery, {
    state,
    attempts: [...delivery.attempts, { at: toRfc3339(at), outcome }].slice(-KEPT_ATTEMPTS),
    attemptCount: delivery.attemptCount + 1,
    dueAt: dueAt === undefined ? undefined : dueRfc3339(dueAt),
    lease: undefined,
  });
}

/** Sent again by command, with the same id: a receiver that has it already knows. */
export function withResending(delivery: WebhookDelivery, at: Date): WebhookDelivery {
  return next(delivery, { state: 'waiting', dueAt: toRfc3339(at), lease: undefined });
}

/** A webhook after a message came through. */
export function withSuccess(webhook: WebhookRecord): WebhookRecord {
  if (webhook.failingSince === undefined) return webhook;
  return changed(webhook, { failingSince: undefined, version: webhook.version + 1 });
}

/** A webhook after a message did not come through; disabled after days of that, or where it is gone. */
export function withFailure(
  webhook: WebhookRecord,
  at: Date,
  isGone: boolean,
  actor: AuditActor,
): WebhookRecord {
  if (webhook.status === 'disabled') return webhook;
  const since = webhook.failingSince ?? toRfc3339(at);
  const isTooLong = at.getTime() - Date.parse(since) >= DISABLED_AFTER_MS;
  if (isGone || isTooLong) {
    const disabledBecause = isGone ? 'gone' : 'failing';
    return changedWebhook(webhook, { status: 'disabled', disabledBecause, failingSince: since }, [
      webhookEvent(webhook, 'disabled', actor, at, { because: disabledBecause }),
    ]);
  }
  if (webhook.failingSince !== undefined) return webhook;
  return changed(webhook, { failingSince: since, version: webhook.version + 1 });
}

function next(delivery: WebhookDelivery, changes: Changes<WebhookDelivery>): WebhookDelivery {
  return changed(delivery, { ...changes, version: delivery.version + 1 });
}

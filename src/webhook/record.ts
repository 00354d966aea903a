/** A webhook: where somebody wants to be told, of what; and each message to it. */
import { pendingSince, type AuditEvent, type EventCarrier } from '../audit/index.js';
import type { CollectionSpec, Lease, StoredDocument } from '../store/index.js';

/** Kinds of events that leave the house; `contract.*` is all of one kind. */
export const EVENT_KINDS = ['contract', 'seal', 'filing'] as const;

/** A secret as it is kept: encrypted, bound to the webhook. */
export interface SealedSecret {
  readonly sealedB64: string;
  /** RFC 3339: an older secret still signs until then. */
  readonly until?: string;
  /** Of the request that made it, where it may be repeated. */
  readonly requestKey?: string;
}

export interface WebhookRecord extends EventCarrier {
  readonly id: string;
  readonly version: number;
  readonly revision: number;
  readonly url: string;
  readonly description?: string;
  /** `contract.signed`, `contract.*`, or `*`. */
  readonly events: readonly string[];
  /** The newest first. */
  readonly secrets: readonly SealedSecret[];
  readonly status: 'active' | 'disabled';
  /** Why the service disabled it; absent where somebody did. */
  readonly disabledBecause?: 'failing' | 'gone';
  /** Since when no message has come through. */
  readonly failingSince?: string;
  /** Scope keys of who made it: it is told what they may see, and they may see it. */
  readonly audience: readonly string[];
  /** Removed: kept without its secrets, for its events and messages. */
  readonly removedAt?: string;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly pendingEvents: readonly AuditEvent[];
}

export type WebhookIndex = 'audience' | 'createdAt' | 'pendingSince';

export const WEBHOOKS: CollectionSpec<WebhookRecord, WebhookIndex> = {
  name: 'webhooks',
  indexes: {
    /** Of those that may be told something. */
    audience: {
      of: (webhook) => (webhook.status === 'active' ? webhook.audience : []),
      many: true,
    },
    /** Of those that are not removed. */
    createdAt: {
      of: (webhook) => (webhook.removedAt === undefined ? webhook.createdAt : undefined),
    },
    pendingSince: { of: pendingSince, unscoped: true },
  },
  scopeKeys: (webhook) => webhook.audience,
};

export interface DeliveryAttempt {
  readonly at: string;
  /** HTTP status, or a code such as `timeout` where no answer came. */
  readonly outcome: string;
}

/** How many attempts a record names; `attemptCount` counts all. */
export const KEPT_ATTEMPTS = 20;

export interface WebhookDelivery extends StoredDocument {
  /** `msg_…`, the webhook-id: the same on every attempt, and for the same event to the same webhook. */
  readonly id: string;
  readonly version: number;
  readonly webhookId: string;
  readonly type: string;
  /** What is sent, byte for byte, on every attempt. */
  readonly bodyText: string;
  readonly state: 'waiting' | 'delivered' | 'failed';
  readonly attempts: readonly DeliveryAttempt[];
  readonly attemptCount: number;
  /** When it is sent next; while one is at work on it, the end of its lease. Absent where nothing is left to do. */
  readonly dueAt?: string;
  readonly lease?: Lease;
  readonly audience: readonly string[];
  readonly createdAt: string;
}

export type WebhookDeliveryIndex = 'ofWebhook' | 'dueAt' | 'endedAt';

export const WEBHOOK_DELIVERIES: CollectionSpec<WebhookDelivery, WebhookDeliveryIndex> = {
  name: 'webhookDeliveries',
  indexes: {
    /** Joined, so that a page of one webhook's messages in order of time is one walk. */
    ofWebhook: { of: (delivery) => `${delivery.webhookId} ${delivery.createdAt}` },
    dueAt: { of: (delivery) => delivery.dueAt, unscoped: true },
    /** Of those that nothing is left to do for: what is swept one day. */
    endedAt: {
      of: (delivery) => (delivery.dueAt === undefined ? delivery.createdAt : undefined),
      unscoped: true,
    },
  },
  scopeKeys: (delivery) => delivery.audience,
};

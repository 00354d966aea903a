/** Webhooks as callers see them: made, changed, tried; and the messages that events become. */
import { actorOf, idOfRequest, madeBefore, scopeOf, type Principal } from '../access/index.js';
import type { AuditEvent, EventSubscriber } from '../audit/index.js';
import {
  AppError,
  isAppError,
  systemRandom,
  toRfc3339,
  type Clock,
  type RandomBytes,
} from '../kernel/index.js';
import { SCOPE_ALL, change, type Collection, type Page } from '../store/index.js';
import {
  EVENT_KINDS,
  type SealedSecret,
  type WebhookDelivery,
  type WebhookDeliveryIndex,
  type WebhookIndex,
  type WebhookRecord,
} from './record.js';
import type { SecretBox } from './secret-box.js';
import { newSecretText } from './signature.js';
import {
  changedWebhook,
  messageId,
  newDelivery,
  webhookEvent,
  withResending,
} from './transitions.js';

/** After a new secret was made, the old one signs too for so long. */
const ROTATION_MS = 86_400_000;
/** A unit that needs more has a loop. */
const MOST_WEBHOOKS = 20;
const LONGEST_URL = 2000;

export interface NewWebhook {
  readonly url: string;
  readonly events: readonly string[];
  readonly description?: string;
}

export interface WebhookChange {
  readonly url?: string;
  readonly events?: readonly string[];
  readonly description?: string;
  readonly status?: 'active' | 'disabled';
}

export interface WebhookWithSecret {
  readonly webhook: WebhookRecord;
  /** `whsec_…`: shown this once. */
  readonly secretText: string;
}

export interface WebhookServiceOptions {
  readonly webhooks: Collection<WebhookRecord, WebhookIndex>;
  readonly deliveries: Collection<WebhookDelivery, WebhookDeliveryIndex>;
  readonly secrets: SecretBox;
  /** Plain http may be called. */
  readonly allowsHttp: boolean;
  readonly clock: Clock;
  readonly random?: RandomBytes;
  /** Called after a write that left events or messages. */
  readonly onPublished: () => void;
}

export interface WebhookService {
  /** For the relay: makes a message for each webhook that wants the event. Idempotent. */
  readonly subscriber: EventSubscriber;
  /** @throws AppError `input-invalid` (params `field`), `conflict` where there are too many */
  create(principal: Principal, webhook: NewWebhook): Promise<WebhookWithSecret>;
  list(
    principal: Principal,
    query: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<WebhookRecord>>;
  /** @throws AppError `not-found` */
  get(principal: Principal, id: string): Promise<WebhookRecord>;
  /** @throws AppError `not-found`, `input-invalid`, `record-version-conflict` */
  update(
    principal: Principal,
    id: string,
    changes: WebhookChange,
    expectedRevision?: number,
  ): Promise<WebhookRecord>;
  /** Messages that wait are dropped with it. @throws AppError `not-found` */
  remove(principal: Principal, id: string): Promise<void>;
  /** A new secret; the old one signs too for a day. @throws AppError `not-found` */
  rotate(principal: Principal, id: string): Promise<WebhookWithSecret>;
  /** A message `webhook.test`. @throws AppError `not-found` */
  test(principal: Principal, id: string): Promise<WebhookDelivery>;
  /** Newest first. @throws AppError `not-found` */
  deliveries(
    principal: Principal,
    id: string,
    query: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<WebhookDelivery>>;
  /** @throws AppError `not-found` */
  resend(principal: Principal, id: string, deliveryId: string): Promise<WebhookDelivery>;
}

export function createWebhookService(options: WebhookServiceOptions): WebhookService {
  return new WebhookDesk(options);
}

class WebhookDesk implements WebhookService {
  readonly #options: WebhookServiceOptions;

  constructor(options: WebhookServiceOptions) {
    this.#options = options;
  }

  readonly subscriber: EventSubscriber = async (event) => {
    if (!EVENT_KINDS.some((kind) => event.type.startsWith(`${kind}.`))) return;
    if (event.scopeKeys.length === 0) return;
    const { webhooks } = this.#options;
    const page = await webhooks.find(
      { where: { audience: { in: event.scopeKeys } }, limit: 1000 },
      SCOPE_ALL,
    );
    for (const webhook of page.items) {
      // A webhook hears of nothing from before it was made, however late the relay is.
      const isOlder = webhook.createdAt <= event.at;
      if (isOlder && webhook.events.some((each) => matches(each, event.type))) {
        await this.#enqueue(webhook, event);
      }
    }
  };

  async create(principal: Principal, wanted: NewWebhook): Promise<WebhookWithSecret> {
    const { webhooks, clock, random = systemRandom } = this.#options;
    const scope = scopeOf(principal);
    const audience = scope.kind === 'keys' ? scope.keys : [];
    const made = await madeBefore(webhooks, 'whk', principal, ({ url }) => url === wanted.url);
    if (made !== undefined) return this.#withSecret(made);
    if (audience.length === 0) throw new AppError('forbidden', 'an account of no unit or region');
    this.#assertUrl(wanted.url);
    if ((await webhooks.count({ where: { createdAt: {} } }, scope)) >= MOST_WEBHOOKS) {
      throw new AppError('conflict', `more than ${MOST_WEBHOOKS} webhooks`);
    }
    const id = idOfRequest('whk', principal);
    const at = clock.now();
    const secretText = newSecretText(random);
    const webhook: WebhookRecord = {
      id,
      version: 1,
      revision: 1,
      url: wanted.url,
      ...(wanted.description === undefined ? {} : { description: wanted.description }),
      events: [...new Set(wanted.events)],
      secrets: [this.#sealed(id, secretText, principal)],
      status: 'active',
      audience,
      createdBy: principal.accountId,
      createdAt: toRfc3339(at),
      pendingEvents: [],
    };
    const created = {
      ...webhook,
      pendingEvents: [webhookEvent(webhook, 'created', actorOf(principal), at)],
    };
    await webhooks.insert(created);
    this.#options.onPublished();
    return { webhook: created, secretText };
  }

  list(
    principal: Principal,
    query: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<WebhookRecord>> {
    return this.#options.webhooks.find(
      { ...query, orderBy: 'createdAt', direction: 'desc' },
      scopeOf(principal),
    );
  }

  async get(principal: Principal, id: string): Promise<WebhookRecord> {
    const webhook = await this.#options.webhooks.get(id, scopeOf(principal));
    if (webhook?.removedAt !== undefined || webhook === undefined)
      throw new AppError('not-found', 'no such webhook');
    return webhook;
  }

  async update(
    principal: Principal,
    id: string,
    changes: WebhookChange,
    expectedRevision?: number,
  ): Promise<WebhookRecord> {
    if (changes.url !== undefined) this.#assertUrl(changes.url);
    const isEnabled = changes.status === 'active';
    return this.#change(principal, id, 'changed', (webhook) => {
      if (expectedRevision !== undefined && webhook.revision !== expectedRevision) {
        throw new AppError('record-version-conflict', 'the webhook was changed meanwhile');
      }
      return {
        ...changes,
        ...(isEnabled ? { disabledBecause: undefined, failingSince: undefined } : {}),
      };
    });
  }

  async remove(principal: Principal, id: string): Promise<void> {
    const removedAt = toRfc3339(this.#options.clock.now());
    await this.#change(principal, id, 'removed', () => ({
      status: 'disabled',
      secrets: [],
      removedAt,
    }));
  }

  async rotate(principal: Principal, id: string): Promise<WebhookWithSecret> {
    const { clock, random = systemRandom } = this.#options;
    const secretText = newSecretText(random);
    const until = toRfc3339(new Date(clock.now().getTime() + ROTATION_MS));
    const before = await this.get(principal, id);
    // Once more, and the receiver would lose the secret that it still believes.
    if (isOfRequest(before, principal)) return this.#withSecret(before);
    const webhook = await this.#change(principal, id, 'secret-rotated', ({ secrets }) => ({
      secrets: [
        this.#sealed(id, secretText, principal),
        ...secrets.slice(0, 1).map((old) => ({ ...old, until })),
      ],
    }));
    return { webhook, secretText };
  }

  async test(principal: Principal, id: string): Promise<WebhookDelivery> {
    const webhook = await this.get(principal, id);
    return this.#enqueue(webhook, {
      id: idOfRequest('evt', principal),
      at: toRfc3339(this.#options.clock.now()),
      type: 'webhook.test',
      subject: { kind: 'webhook', id },
      details: {},
    });
  }

  async deliveries(
    principal: Principal,
    id: string,
    query: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<WebhookDelivery>> {
    await this.get(principal, id);
    return this.#options.deliveries.find(
      {
        ...query,
        where: { ofWebhook: { gte: `${id} `, lt: `${id}!` } },
        orderBy: 'ofWebhook',
        direction: 'desc',
      },
      scopeOf(principal),
    );
  }

  async resend(principal: Principal, id: string, deliveryId: string): Promise<WebhookDelivery> {
    await this.get(principal, id);
    const { deliveries, clock } = this.#options;
    const sent = await change(deliveries, deliveryId, 'not-found', (delivery) => {
      if (delivery.webhookId !== id) throw new AppError('not-found', 'no such message');
      return withResending(delivery, clock.now());
    });
    this.#options.onPublished();
    return sent;
  }

  async #enqueue(
    webhook: WebhookRecord,
    event: Pick<AuditEvent, 'id' | 'at' | 'type' | 'subject' | 'details'>,
  ): Promise<WebhookDelivery> {
    const { deliveries, clock } = this.#options;
    const { id: eventId, at, type, subject, details } = event;
    const bodyText = JSON.stringify({ type, timestamp: at, data: { eventId, subject, details } });
    const id = messageId(webhook.id, eventId);
    const delivery = newDelivery(webhook, { id, type, bodyText }, clock.now());
    try {
      await deliveries.insert(delivery);
    } catch (error) {
      const known = isAppError(error, 'record-exists')
        ? await deliveries.get(id, SCOPE_ALL)
        : undefined;
      if (known === undefined) throw error;
      return known;
    }
    this.#options.onPublished();
    return delivery;
  }

  async #change(
    principal: Principal,
    id: string,
    what: string,
    changesOf: (webhook: WebhookRecord) => Parameters<typeof changedWebhook>[1],
  ): Promise<WebhookRecord> {
    const { webhooks, clock } = this.#options;
    await this.get(principal, id);
    const changed = await change(webhooks, id, 'not-found', (webhook) =>
      changedWebhook(webhook, changesOf(webhook), [
        webhookEvent(webhook, what, actorOf(principal), clock.now()),
      ]),
    );
    this.#options.onPublished();
    return changed;
  }

  #sealed(id: string, secretText: string, { requestKey }: Principal): SealedSecret {
    const sealedB64 = this.#options.secrets.seal(secretText, id);
    return { sealedB64, ...(requestKey === undefined ? {} : { requestKey }) };
  }

  /** As it was answered first: to the same request, which was not heard. */
  #withSecret(webhook: WebhookRecord): WebhookWithSecret {
    const [newest] = webhook.secrets;
    if (newest === undefined) throw new AppError('conflict', 'the webhook was removed since');
    return { webhook, secretText: this.#options.secrets.open(newest.sealedB64, webhook.id) };
  }

  /** Who may be called is the guarded fetch's to say, when it is called; this is about the form. */
  #assertUrl(text: string): void {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const isSuitable =
      url !== undefined &&
      text.length <= LONGEST_URL &&
      (url.protocol === 'https:' || (this.#options.allowsHttp && url.protocol === 'http:')) &&
      url.username === '' &&
      url.password === '' &&
      url.hash === '';
    if (!isSuitable) {
      throw new AppError('input-invalid', 'not an address that can be called', {
        params: { field: 'url' },
      });
    }
  }
}

function isOfRequest({ secrets }: WebhookRecord, { requestKey }: Principal): boolean {
  return requestKey !== undefined && secrets[0]?.requestKey === requestKey;
}

function matches(wanted: string, type: string): boolean {
  if (wanted === '*') return true;
  return wanted.endsWith('.*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}

/** Sends messages: claim → sign → call → note what came of it. A claim lapses; the message and its id stay. */
import { SYSTEM_ACTOR } from '../audit/index.js';
import {
  backoffMs,
  createRounds,
  isAppError,
  newId,
  noFaults,
  systemRandom,
  toRfc3339,
  type BackoffPolicy,
  type Clock,
  type FaultHook,
  type Logger,
  type RandomBytes,
  type Rounds,
} from '../kernel/index.js';
import { SCOPE_ALL, change, type Collection } from '../store/index.js';
import type {
  WebhookDelivery,
  WebhookDeliveryIndex,
  WebhookIndex,
  WebhookRecord,
} from './record.js';
import type { SecretBox } from './secret-box.js';
import { signatureHeaders } from './signature.js';
import {
  GIVEN_UP_AFTER_MS,
  withAttempt,
  withClaim,
  withFailure,
  withSuccess,
} from './transitions.js';

export interface WebhookWorkerOptions {
  readonly webhooks: Collection<WebhookRecord, WebhookIndex>;
  readonly deliveries: Collection<WebhookDelivery, WebhookDeliveryIndex>;
  readonly secrets: SecretBox;
  /** The guarded fetch: it decides which addresses may be called. */
  readonly fetchFn: typeof fetch;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly faults?: FaultHook;
  readonly random?: RandomBytes;
  /** Called after writes that left events for the relay. */
  readonly onPublished: () => void;
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
  readonly backoff?: BackoffPolicy;
}

export interface WebhookWorker extends Rounds {
  /** One round; resolves to the number of messages that were sent. */
  runOnce(): Promise<number>;
}

const DEFAULT_TIMEOUT_MS = 15_000;
const DEFAULT_INTERVAL_MS = 5_000;
/** Five seconds, ten, … up to six hours between attempts. */
const BACKOFF: BackoffPolicy = { firstMs: 5_000, capMs: 6 * 3_600_000 };
const CONCURRENCY = 8;
const GONE = 410;
/** What was delivered or given up is kept for the log of deliveries, then removed. */
const KEPT_MS = 30 * 86_400_000;
const SWEEP_BATCH = 200;

export function createWebhookWorker(options: WebhookWorkerOptions): WebhookWorker {
  const worker = new MessageWorker(options);
  const rounds = createRounds({
    run: async () => (await worker.runOnce()) === CONCURRENCY,
    onError: (error) => options.logger.error('webhook.round-failed', { error }),
    intervalMs: options.intervalMs ?? DEFAULT_INTERVAL_MS,
  });
  return {
    start: () => rounds.start(),
    kick: () => rounds.kick(),
    stop: () => rounds.stop(),
    runOnce: () => worker.runOnce(),
  };
}

class MessageWorker {
  readonly #options: WebhookWorkerOptions;

  constructor(options: WebhookWorkerOptions) {
    this.#options = options;
  }

  async runOnce(): Promise<number> {
    const { deliveries, clock } = this.#options;
    const now = toRfc3339(clock.now());
    const due = await deliveries.find(
      { where: { dueAt: { lte: now } }, orderBy: 'dueAt', limit: CONCURRENCY },
      SCOPE_ALL,
    );
    const results = await Promise.all(due.items.map(({ id }) => this.#takeUp(id)));
    if (due.items.length === 0) await this.#sweep();
    return results.filter(Boolean).length;
  }

  async #takeUp(id: string): Promise<boolean> {
    const { deliveries, webhooks, clock, logger, faults = noFaults } = this.#options;
    const holder = newId('wrk');
    const leaseMs = 3 * (this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    const claimed = await change(deliveries, id, 'not-found', (current) => {
      const at = clock.now();
      const isDue = current.dueAt !== undefined && Date.parse(current.dueAt) <= at.getTime();
      return isDue ? withClaim(current, holder, new Date(at.getTime() + leaseMs)) : current;
    });
    if (claimed.lease?.holder !== holder) return false;
    faults('webhook:claimed');
    const webhook = await webhooks.get(claimed.webhookId, SCOPE_ALL);
    if (
      webhook === undefined ||
      (webhook.status === 'disabled' && claimed.type !== 'webhook.test')
    ) {
      await this.#note(claimed, holder, 'failed', 'webhook-disabled');
      return true;
    }
    const outcome = await this.#send(webhook, claimed);
    faults('webhook:sent');
    if (outcome.isTaken) {
      await this.#note(claimed, holder, 'delivered', outcome.text);
      await change(webhooks, webhook.id, 'not-found', withSuccess).catch(ignoreMissing);
      return true;
    }
    logger.warn('webhook.not-taken', { webhookId: webhook.id, id, outcome: outcome.text });
    await this.#retryLater(claimed, holder, outcome);
    await change(webhooks, webhook.id, 'not-found', (current) =>
      withFailure(current, clock.now(), outcome.text === String(GONE), SYSTEM_ACTOR),
    ).catch(ignoreMissing);
    this.#options.onPublished();
    return true;
  }

  async #send(webhook: WebhookRecord, delivery: WebhookDelivery): Promise<Outcome> {
    const { secrets, fetchFn, clock, timeoutMs = DEFAULT_TIMEOUT_MS } = this.#options;
    const at = clock.now();
    try {
      const texts = webhook.secrets
        .filter(({ until }) => until === undefined || Date.parse(until) > at.getTime())
        .map(({ sealedB64 }) => secrets.open(sealedB64, webhook.id));
      const response = await fetchFn(webhook.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'user-agent': 'qianyin-webhooks',
          ...signatureHeaders(texts, delivery.id, at, delivery.bodyText),
        },
        body: delivery.bodyText,
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      });
      await response.body?.cancel();
      const retryAfter = Number(response.headers.get('retry-after') ?? '');
      return {
        isTaken: response.ok,
        text: String(response.status),
        retryAfterMs: Number.isFinite(retryAfter) ? retryAfter * 1000 : 0,
      };
    } catch (error) {
      return { isTaken: false, text: reasonOf(error), retryAfterMs: 0 };
    }
  }

  async #retryLater(
    delivery: WebhookDelivery,
    holder: string,
    { text, retryAfterMs }: Outcome,
  ): Promise<void> {
    const { clock, backoff = BACKOFF, random = systemRandom } = this.#options;
    const at = clock.now();
    const pauseMs = backoffMs(backoff, delivery.attemptCount + 1, random, retryAfterMs);
    const dueAt = new Date(at.getTime() + pauseMs);
    const isTooLate = dueAt.getTime() - Date.parse(delivery.createdAt) > GIVEN_UP_AFTER_MS;
    if (isTooLate || text === String(GONE)) await this.#note(delivery, holder, 'failed', text);
    else await this.#note(delivery, holder, 'waiting', text, dueAt);
  }

  async #note(
    { id }: WebhookDelivery,
    holder: string,
    state: WebhookDelivery['state'],
    outcome: string,
    dueAt?: Date,
  ): Promise<void> {
    const { deliveries, clock } = this.#options;
    await change(deliveries, id, 'not-found', (current) =>
      current.lease?.holder === holder
        ? withAttempt(current, state, clock.now(), outcome, dueAt)
        : current,
    );
  }

  async #sweep(): Promise<void> {
    const { deliveries, clock } = this.#options;
    const before = toRfc3339(new Date(clock.now().getTime() - KEPT_MS));
    const old = await deliveries.find(
      { where: { endedAt: { lt: before } }, orderBy: 'endedAt', limit: SWEEP_BATCH },
      SCOPE_ALL,
    );
    for (const { id, version } of old.items) {
      await deliveries.remove(id, version).catch(ignoreMissing);
    }
  }
}

interface Outcome {
  readonly isTaken: boolean;
  /** HTTP status, or a word. */
  readonly text: string;
  readonly retryAfterMs: number;
}

/** Another process removed or changed it meanwhile. */
function ignoreMissing(error: unknown): void {
  if (!isAppError(error, 'not-found', 'record-not-found', 'record-version-conflict')) throw error;
}

/** The guarded fetch's own refusal keeps its code. */
function reasonOf(error: unknown): string {
  if (isAppError(error)) return error.code;
  const { name } = error as { readonly name?: unknown };
  return name === 'TimeoutError' ? 'timeout' : 'connection-failed';
}

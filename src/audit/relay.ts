/**
 * Moves events from the aggregates that carry them into the log, and tells those who wait for them.
 *
 * Every step can be repeated: the log skips an id it has, subscribers must do the same. So a crash
 * between any two steps only means that the next round does them again.
 */
import { isAppError, type FaultHook, type Logger } from '../kernel/index.js';
import { SCOPE_ALL, type Collection } from '../store/index.js';
import type { AuditLog } from './audit-log.js';
import type { AuditEvent, EventCarrier } from './event.js';

/** Told of each event after it is in the log. Must be idempotent by the event's id; a failure is retried. */
export type EventSubscriber = (event: AuditEvent) => Promise<void>;

/** A collection whose documents carry events, found by their index `pendingSince`. */
export interface RelaySource {
  readonly name: string;
  /** Calls `relayOne`, which must not throw, for every document that has events now. */
  drain(relayOne: (document: EventCarrier) => Promise<void>): Promise<void>;
  clear(document: EventCarrier): Promise<void>;
}

/** Adapts a collection of event carriers. */
export function relaySource<T extends EventCarrier, K extends string>(
  name: string,
  collection: Collection<T, K | 'pendingSince'>,
): RelaySource {
  return {
    name,
    async drain(relayOne) {
      let cursor: string | undefined;
      do {
        const page = await collection.find(
          {
            where: { pendingSince: {} } as Partial<Record<K | 'pendingSince', object>>,
            orderBy: 'pendingSince',
            limit: 100,
            ...(cursor === undefined ? {} : { cursor }),
          },
          SCOPE_ALL,
        );
        // Together, so that their events share the log's writes.
        await Promise.all(page.items.map(relayOne));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
    },
    async clear(document) {
      // The document as it is now: others may have added events meanwhile.
      const now = await collection.get(document.id, SCOPE_ALL);
      if (now === undefined) return;
      const done = new Set(document.pendingEvents.map((event) => event.id));
      const pendingEvents = now.pendingEvents.filter((event) => !done.has(event.id));
      await collection.replace({ ...now, version: now.version + 1, pendingEvents });
    },
  };
}

export interface RelayOptions {
  readonly sources: readonly RelaySource[];
  readonly log: AuditLog;
  readonly subscribers: readonly EventSubscriber[];
  readonly logger: Logger;
  readonly faults: FaultHook;
  /** Pause between rounds without a kick, in milliseconds. */
  readonly intervalMs: number;
}

export interface Relay {
  start(): void;
  /** Something was written: do not wait for the next round. */
  kick(): void;
  /** One round over all sources; what failed is left for the next. */
  runOnce(): Promise<void>;
  /** Ends after the round under way. */
  stop(): Promise<void>;
}

export function createRelay(options: RelayOptions): Relay {
  return new EventRelay(options);
}

class EventRelay implements Relay {
  readonly #options: RelayOptions;
  #round: Promise<void> | undefined;
  #isKicked = false;
  #isStopped = true;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  start(): void {
    this.#isStopped = false;
    this.kick();
  }

  kick(): void {
    if (this.#isStopped) return;
    this.#isKicked = true;
    if (this.#round !== undefined) return;
    clearTimeout(this.#timer);
    this.#round = this.#rounds().finally(() => {
      this.#round = undefined;
      if (this.#isStopped) return;
      this.#timer = setTimeout(() => this.kick(), this.#options.intervalMs);
      this.#timer.unref();
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  async #rounds(): Promise<void> {
    while (this.#isKicked) {
      this.#isKicked = false;
      try {
        await this.runOnce();
      } catch (error) {
        this.#options.logger.error('relay.round-failed', { error });
      }
    }
  }

  async runOnce(): Promise<void> {
    // Every document gets its try: one that fails each time does not stand before the others.
    for (const source of this.#options.sources) {
      await source.drain((document) => this.#relay(source, document));
    }
  }

  async #relay(source: RelaySource, document: EventCarrier): Promise<void> {
    const { log, subscribers, faults, logger } = this.#options;
    try {
      await log.append(document.pendingEvents);
      faults('relay:audited');
      for (const event of document.pendingEvents) {
        for (const subscriber of subscribers) await subscriber(event);
      }
      faults('relay:queued');
      await source.clear(document);
    } catch (error) {
      // A conflict means that somebody changed the document: the next round sees it as it is then.
      if (isAppError(error, 'record-version-conflict')) this.#isKicked = true;
      else logger.error('relay.event-failed', { source: source.name, id: document.id, error });
    }
  }
}

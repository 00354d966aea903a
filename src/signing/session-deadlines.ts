/**
 * When a signing session ends. The record holds a time of day, which an administrator or a time
 * service may set back; so the process that opened the session also counts how long it has lasted,
 * and no process accepts a session from its own future.
 */
import { AppError, type Clock } from '../kernel/index.js';

export interface TimedSession {
  readonly id: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly until: string;
}

/** Instants in records are whole seconds; clocks of servers side by side differ by less than this. */
const TOLERANCE_MS = 5000;

export class SessionDeadlines {
  readonly #clock: Clock;
  /** By session, on the clock that only moves forward. */
  readonly #endsMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begin({ id, startedAt, until }: TimedSession): void {
    const now = this.#clock.monotonicMs();
    for (const [other, endMs] of this.#endsMs) {
      // Kept a while past its end, so that a clock set back does not bring it to life.
      if (endMs + 24 * 3_600_000 < now) this.#endsMs.delete(other);
    }
    this.#endsMs.set(id, now + Date.parse(until) - Date.parse(startedAt));
  }

  /** @throws AppError `signing-session-expired`, params `until` */
  assertOpen({ id, startedAt, until }: TimedSession): void {
    const nowMs = this.#clock.now().getTime();
    const endMs = this.#endsMs.get(id);
    const isOver =
      nowMs >= Date.parse(until) ||
      nowMs < Date.parse(startedAt) - TOLERANCE_MS ||
      (endMs !== undefined && this.#clock.monotonicMs() >= endMs);
    if (!isOver) return;
    throw new AppError('signing-session-expired', 'the session has run out', { params: { until } });
  }
}

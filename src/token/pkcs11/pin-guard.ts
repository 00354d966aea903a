/**
 * Our own count of refused PINs, a token: what tokens say of tries left is not always true, and a
 * flood of guesses shall stop here before the token locks.
 */
import { AppError, type Clock } from '../../kernel/index.js';

/** GM/T 0027-2014 9.2 allows a token up to 10 tries; vendors set 6 and fewer. */
const REFUSALS_BEFORE_PAUSE = 3;
const FIRST_PAUSE_MS = 5 * 60_000;
const LONGEST_PAUSE_MS = 24 * 3_600_000;

interface Count {
  readonly refusals: number;
  /** On the monotonic clock. */
  readonly pausedUntilMs: number;
}

export class PinGuard {
  readonly #clock: Clock;
  readonly #counts = new Map<string, Count>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * @param token - Names the token across its slots.
   * @throws AppError `token-pin-paused`, params `retryAfterSeconds`
   */
  assertMayTry(token: string): void {
    const count = this.#counts.get(token);
    if (count === undefined) return;
    const waitMs = count.pausedUntilMs - this.#clock.monotonicMs();
    if (waitMs <= 0) return;
    throw new AppError('token-pin-paused', 'too many refused PINs in a row', {
      params: { retryAfterSeconds: Math.ceil(waitMs / 1000) },
    });
  }

  /** Three refusals in a row pause the token; each further one doubles the pause. */
  refused(token: string): void {
    const refusals = (this.#counts.get(token)?.refusals ?? 0) + 1;
    const over = refusals - REFUSALS_BEFORE_PAUSE;
    const pauseMs = over < 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** over, LONGEST_PAUSE_MS);
    this.#counts.set(token, { refusals, pausedUntilMs: this.#clock.monotonicMs() + pauseMs });
  }

  accepted(token: string): void {
    this.#counts.delete(token);
  }
}

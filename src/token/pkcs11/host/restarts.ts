/** When a module that crashed or hung may be started again: at once the first time, later and later after that. */
import { AppError, type Clock } from '../../../kernel/index.js';

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
/** A module that ran for so long without a fault has a clean record again. */
const FORGIVEN_AFTER_MS = 10 * 60_000;

export class Restarts {
  readonly #clock: Clock;
  #faults = 0;
  #lastFaultMs = 0;
  #lastReason = '';

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  failed(reason: string): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#lastFaultMs > FORGIVEN_AFTER_MS) this.#faults = 0;
    this.#faults++;
    this.#lastFaultMs = nowMs;
    this.#lastReason = reason;
  }

  /** @throws AppError `token-failed`, params `reason` and `retryAfterSeconds` */
  assertMayStart(): void {
    if (this.#faults < 2) return;
    const waitMs = Math.min(FIRST_WAIT_MS * 2 ** (this.#faults - 2), LONGEST_WAIT_MS);
    const leftMs = this.#lastFaultMs + waitMs - this.#clock.monotonicMs();
    if (leftMs <= 0) return;
    throw new AppError('token-failed', 'the module failed again and again', {
      params: { reason: this.#lastReason, retryAfterSeconds: Math.ceil(leftMs / 1000) },
    });
  }
}

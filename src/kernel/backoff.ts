/** When to try again: exponential, capped, scattered, without an end. */
import type { RandomBytes } from './ids.js';

export interface BackoffPolicy {
  /** Pause after the first failure, in milliseconds. */
  readonly firstMs: number;
  /** Longest pause of our own choice. */
  readonly capMs: number;
}

export const DEFAULT_BACKOFF: BackoffPolicy = { firstMs: 5_000, capMs: 3_600_000 };

/** Longest pause the other side may ask for: a mistaken header must not park a filing for good. */
const LONGEST_REQUESTED_MS = 86_400_000;

/**
 * Milliseconds until the next attempt, between half and the whole of `firstMs × 2^(failures − 1)`,
 * so that filings that failed together do not come back together.
 *
 * @param failures - failed attempts so far, at least 1
 * @param requestedMs - the other side's Retry-After; the pause is at least as long
 */
export function backoffMs(
  policy: BackoffPolicy,
  failures: number,
  random: RandomBytes,
  requestedMs = 0,
): number {
  // 2^30 first pauses exceed any cap; a larger exponent only risks infinity.
  const wholeMs = Math.min(policy.capMs, policy.firstMs * 2 ** Math.min(failures - 1, 30));
  const [high = 0, low = 0] = random(2);
  const scatter = (high * 256 + low) / 65_536;
  const ownMs = Math.round((wholeMs * (1 + scatter)) / 2);
  return Math.max(ownMs, Math.min(requestedMs, LONGEST_REQUESTED_MS));
}

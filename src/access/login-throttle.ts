/**
 * Slows down guessing of one account's password, across processes and restarts. A try is counted
 * before the password is looked at, so that parallel guesses cannot slip through; names that do not
 * exist are throttled alike, so that throttling tells nothing about them.
 */
import {
  AppError,
  isAppError,
  sha256Hex,
  toRfc3339,
  utf8ToBytes,
  type Clock,
} from '../kernel/index.js';
import { SCOPE_ALL, type Collection, type CollectionSpec } from '../store/index.js';

export interface LoginThrottleRecord {
  /** `thr_` and the SHA-256 of the name. */
  readonly id: string;
  readonly version: number;
  /** Tries since the last success. */
  readonly failures: number;
  /** RFC 3339: no try is looked at before. */
  readonly lockedUntil: string;
  readonly lastTryAt: string;
}

export type LoginThrottleIndex = 'lastTryAt';

export const LOGIN_THROTTLES: CollectionSpec<LoginThrottleRecord, LoginThrottleIndex> = {
  name: 'login-throttles',
  indexes: { lastTryAt: { of: (record) => record.lastTryAt } },
  scopeKeys: () => [],
};

const FREE_TRIES = 5;
const LONGEST_LOCK_MS = 15 * 60_000;
/** A name nobody tried for so long starts anew. */
const FORGET_MS = 24 * 3_600_000;
const MAX_CONFLICTS = 5;

export interface LoginThrottle {
  /**
   * Counts a try.
   * @throws AppError `rate-limited`, params `retryAfterSeconds`
   */
  admit(name: string): Promise<void>;
  /** Forgets the tries of a name after a success. */
  clear(name: string): Promise<void>;
  /** Removes what is too old to matter. */
  purge(): Promise<void>;
}

export function createLoginThrottle(
  records: Collection<LoginThrottleRecord, LoginThrottleIndex>,
  clock: Clock,
): LoginThrottle {
  return {
    async admit(name) {
      for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
        if (await tryToCount(records, idOf(name), clock.now())) return;
      }
      throw limited(1);
    },
    async clear(name) {
      const record = await records.get(idOf(name), SCOPE_ALL);
      if (record === undefined) return;
      await ignoring(records.remove(record.id, record.version));
    },
    async purge() {
      const before = toRfc3339(new Date(clock.now().getTime() - FORGET_MS));
      const query = { where: { lastTryAt: { lt: before } }, limit: 500 };
      const { items } = await records.find(query, SCOPE_ALL);
      for (const record of items) await ignoring(records.remove(record.id, record.version));
    },
  };
}

/** @returns `false` where another try of the same name came between. */
async function tryToCount(
  records: Collection<LoginThrottleRecord, LoginThrottleIndex>,
  id: string,
  now: Date,
): Promise<boolean> {
  const found = await records.get(id, SCOPE_ALL);
  const waitMs = found === undefined ? 0 : Date.parse(found.lockedUntil) - now.getTime();
  if (waitMs > 0) throw limited(Math.ceil(waitMs / 1000));
  const isStale = found !== undefined && now.getTime() - Date.parse(found.lastTryAt) > FORGET_MS;
  const failures = (found === undefined || isStale ? 0 : found.failures) + 1;
  const next: LoginThrottleRecord = {
    id,
    version: (found?.version ?? 0) + 1,
    failures,
    lockedUntil: new Date(now.getTime() + lockMs(failures)).toISOString(),
    lastTryAt: toRfc3339(now),
  };
  return ignoring(found === undefined ? records.insert(next) : records.replace(next));
}

/** Nothing for the first tries, then 1 s, 2 s, 4 s … up to a quarter of an hour. */
function lockMs(failures: number): number {
  if (failures < FREE_TRIES) return 0;
  return Math.min(1000 * 2 ** Math.min(failures - FREE_TRIES, 20), LONGEST_LOCK_MS);
}

async function ignoring(write: Promise<void>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (isAppError(error, 'record-exists', 'record-version-conflict', 'record-not-found')) {
      return false;
    }
    throw error;
  }
}

function idOf(name: string): string {
  return `thr_${sha256Hex(utf8ToBytes(name))}`;
}

function limited(retryAfterSeconds: number): AppError {
  return new AppError('rate-limited', 'too many log-ins', { params: { retryAfterSeconds } });
}

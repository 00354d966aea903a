/**
 * The same key gives the same answer: the answer of a success is kept and repeated. A failure keeps
 * nothing, so the key may be used again for the same request; a request that never ended (a crash)
 * may be repeated once its time has run out, and the record it made or changed tells that it has been
 * (`access/requests.ts`), so that its effect stays single.
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

export interface StoredAnswer {
  readonly status: number;
  /** JSON text as sent. */
  readonly bodyText: string;
  readonly etag?: string;
  readonly location?: string;
}

export interface IdempotencyRecord {
  /** `idem_` and the SHA-256 of caller, operation and key. */
  readonly id: string;
  readonly version: number;
  readonly fingerprint: string;
  /** RFC 3339: an unfinished request may be taken over after this. */
  readonly until: string;
  readonly expiresAt: string;
  readonly answer?: StoredAnswer;
}

export type IdempotencyIndex = 'expiresAt';

export const IDEMPOTENCY_KEYS: CollectionSpec<IdempotencyRecord, IdempotencyIndex> = {
  name: 'idempotency-keys',
  indexes: { expiresAt: { of: (record) => record.expiresAt } },
  scopeKeys: () => [],
};

const LEASE_MS = 60_000;
const KEPT_MS = 7 * 24 * 3_600_000;

export interface IdempotentRequest {
  readonly callerId: string;
  readonly operationId: string;
  readonly key: string;
  readonly fingerprint: string;
}

export interface IdempotencyLedger {
  /**
   * Runs `work` unless its answer is known; `requestKey` is the same each time.
   * @param keepsAnswer - `false` for an answer with a secret: asked again, `work` finds by
   *   `requestKey` what it did
   * @throws AppError `idempotency-key-reused`, `idempotency-in-flight`, or what `work` throws
   */
  once(
    request: IdempotentRequest,
    work: (requestKey: string) => Promise<StoredAnswer>,
    keepsAnswer?: boolean,
  ): Promise<{ readonly answer: StoredAnswer; readonly isReplay: boolean }>;
  /** Removes answers that are too old to be asked for. */
  purge(): Promise<void>;
}

/** @param leaseMs - How long a request that never ended keeps its key. */
export function createIdempotencyLedger(
  records: Collection<IdempotencyRecord, IdempotencyIndex>,
  clock: Clock,
  leaseMs = LEASE_MS,
): IdempotencyLedger {
  /** @returns The record that is now ours, or the answer that is there. */
  async function claim(request: IdempotentRequest): Promise<IdempotencyRecord | StoredAnswer> {
    const { callerId, operationId, key, fingerprint } = request;
    const id = `idem_${sha256Hex(utf8ToBytes(JSON.stringify([callerId, operationId, key])))}`;
    const now = clock.now();
    const found = await records.get(id, SCOPE_ALL);
    const isExpired = found !== undefined && Date.parse(found.expiresAt) <= now.getTime();
    if (found !== undefined && !isExpired) {
      if (found.fingerprint !== fingerprint) {
        throw new AppError('idempotency-key-reused', 'the key was used for another request');
      }
      if (found.answer !== undefined) return found.answer;
      if (Date.parse(found.until) > now.getTime()) throw inFlight();
    }
    const claimed: IdempotencyRecord = {
      id,
      version: (found?.version ?? 0) + 1,
      fingerprint,
      until: new Date(now.getTime() + leaseMs).toISOString(),
      expiresAt: toRfc3339(new Date(now.getTime() + KEPT_MS)),
    };
    try {
      await (found === undefined ? records.insert(claimed) : records.replace(claimed));
    } catch (error) {
      if (isAppError(error, 'record-exists', 'record-version-conflict', 'record-not-found')) {
        throw inFlight();
      }
      throw error;
    }
    return claimed;
  }

  return {
    async once(request, work, keepsAnswer = true) {
      const claimed = await claim(request);
      if ('status' in claimed) return { answer: claimed, isReplay: true };
      let answer: StoredAnswer;
      try {
        answer = await work(claimed.id);
      } catch (error) {
        await unlessTaken(records.remove(claimed.id, claimed.version));
        throw error;
      }
      const ended = keepsAnswer ? { answer } : { until: clock.now().toISOString() };
      await unlessTaken(records.replace({ ...claimed, version: claimed.version + 1, ...ended }));
      return { answer, isReplay: false };
    },

    async purge() {
      const where = { expiresAt: { lt: toRfc3339(clock.now()) } };
      const { items } = await records.find({ where, limit: 500 }, SCOPE_ALL);
      for (const { id, version } of items) await unlessTaken(records.remove(id, version));
    },
  };
}

/** Whoever took the record over after the lease writes its own answer. */
async function unlessTaken(write: Promise<void>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!isAppError(error, 'record-version-conflict', 'record-not-found')) throw error;
  }
}

function inFlight(): AppError {
  return new AppError('idempotency-in-flight', 'the same request is under way');
}

/** What makes two requests the same: target, body without its secrets, bytes of the file. */
export function fingerprintOf(parts: {
  readonly target: string;
  readonly body: unknown;
  readonly secretFields: readonly string[];
  readonly fileBytes: Uint8Array | undefined;
}): string {
  const text = JSON.stringify([
    parts.target,
    canonical(parts.body, parts.secretFields),
    parts.fileBytes === undefined ? null : sha256Hex(parts.fileBytes),
  ]);
  return sha256Hex(utf8ToBytes(text));
}

function canonical(value: unknown, secretFields: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((each) => canonical(each, secretFields));
  if (typeof value !== 'object' || value === null) return value ?? null;
  return Object.entries(value)
    .filter(([key]) => !secretFields.includes(key))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, each]) => [key, canonical(each, secretFields)]);
}

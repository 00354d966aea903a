import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  IDEMPOTENCY_KEYS,
  createIdempotencyLedger,
  fingerprintOf,
  type IdempotencyIndex,
  type IdempotencyLedger,
  type IdempotencyRecord,
} from '../../../src/http/idempotency.js';
import { AppError, type Clock } from '../../../src/kernel/index.js';
import { SCOPE_ALL, type Collection } from '../../../src/store/index.js';
import { openMemoryStore } from '../../../src/store/memory/index.js';

const request = { callerId: 'acc_1', operationId: 'signContract', key: 'k', fingerprint: 'f' };
const answer = { status: 201, bodyText: '{"id":1}', etag: '"r1"' };

let nowMs: number;
let records: Collection<IdempotencyRecord, IdempotencyIndex>;
let ledger: IdempotencyLedger;
const clock: Clock = { now: () => new Date(nowMs), monotonicMs: () => nowMs };

beforeEach(async () => {
  nowMs = Date.parse('2026-11-23T08:00:00Z');
  records = await openMemoryStore().open(IDEMPOTENCY_KEYS);
  ledger = createIdempotencyLedger(records, clock);
});

describe('once', () => {
  it('works once and repeats the answer', async () => {
    let runs = 0;
    const work = (): Promise<typeof answer> => {
      runs++;
      return Promise.resolve(answer);
    };
    expect(await ledger.once(request, work)).toEqual({ answer, isReplay: false });
    expect(await ledger.once(request, work)).toEqual({ answer, isReplay: true });
    expect(runs).toBe(1);
  });

  it('refuses another request under the key, and one that is under way', async () => {
    let finish: (value: typeof answer) => void = () => undefined;
    const slow = ledger.once(request, () => new Promise((resolve) => (finish = resolve)));
    await new Promise((resolve) => setImmediate(resolve));
    const work = (): Promise<typeof answer> => Promise.resolve(answer);
    await expect(ledger.once(request, work)).rejects.toMatchObject({
      code: 'idempotency-in-flight',
    });
    await expect(ledger.once({ ...request, fingerprint: 'g' }, work)).rejects.toMatchObject({
      code: 'idempotency-key-reused',
    });
    finish(answer);
    expect((await slow).isReplay).toBe(false);
  });

  it('lets a key be used again after a failure', async () => {
    const failing = (): Promise<never> => Promise.reject(new AppError('token-absent', 'x'));
    await expect(ledger.once(request, failing)).rejects.toMatchObject({ code: 'token-absent' });
    const { isReplay } = await ledger.once(request, () => Promise.resolve(answer));
    expect(isReplay).toBe(false);
  });

  it('lets a request of a process that died be taken over after its time', async () => {
    // A process that dies keeps its record in flight for ever.
    void ledger.once(request, () => new Promise(() => undefined));
    await new Promise((resolve) => setImmediate(resolve));
    const work = (): Promise<typeof answer> => Promise.resolve(answer);
    nowMs += 59_000;
    await expect(ledger.once(request, work)).rejects.toMatchObject({
      code: 'idempotency-in-flight',
    });
    nowMs += 2_000;
    expect(await ledger.once(request, work)).toEqual({ answer, isReplay: false });
  });

  it('keeps the answer of whoever took over, not of the one that came late', async () => {
    let finish: (value: typeof answer) => void = () => undefined;
    const late = ledger.once(request, () => new Promise((resolve) => (finish = resolve)));
    await new Promise((resolve) => setImmediate(resolve));
    nowMs += 61_000;
    await ledger.once(request, () => Promise.resolve(answer));
    finish({ ...answer, bodyText: '"late"' });
    await late;
    const replay = await ledger.once(request, () => Promise.resolve(answer));
    expect(replay.answer.bodyText).toBe(answer.bodyText);
  });

  it('forgets after a week', async () => {
    await ledger.once(request, () => Promise.resolve(answer));
    nowMs += 8 * 24 * 3_600_000;
    await ledger.purge();
    expect(await records.count({}, SCOPE_ALL)).toBe(0);
  });
});

describe('fingerprintOf', () => {
  const parts = { target: '/x', secretFields: ['pin'], fileBytes: undefined };

  it('is the same for the same content in another order', () => {
    const a = fingerprintOf({ ...parts, body: { a: 1, b: [{ c: 2, d: 3 }] } });
    const b = fingerprintOf({ ...parts, body: { b: [{ d: 3, c: 2 }], a: 1 } });
    expect(a).toBe(b);
  });

  it.each<[string, Parameters<typeof fingerprintOf>[0]]>([
    ['another value', { ...parts, body: { a: 2 } }],
    ['a property more', { ...parts, body: { a: 1, b: null } }],
    ['another target', { ...parts, target: '/y', body: { a: 1 } }],
    ['a file', { ...parts, body: { a: 1 }, fileBytes: new Uint8Array([1]) }],
  ])('differs for %s', (_name, other) => {
    expect(fingerprintOf(other)).not.toBe(fingerprintOf({ ...parts, body: { a: 1 } }));
  });

  it('holds nothing of a PIN', () => {
    const one = fingerprintOf({ ...parts, body: { a: 1, pin: '123456' } });
    expect(one).toBe(fingerprintOf({ ...parts, body: { a: 1, pin: '654321' } }));
  });
});

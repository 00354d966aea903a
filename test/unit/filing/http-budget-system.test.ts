/** What each answer of a peer means to us, without a network. */
import { describe, expect, it } from '@jest/globals';
import { createHttpBudgetSystem, type DeliveryOutcome } from '../../../src/filing/index.js';
import { AppError, type Clock } from '../../../src/kernel/index.js';
import { asStandardFetch, createGuardedFetch } from '../../../src/trust/http/index.js';

const AT = new Date('2026-11-23T08:00:00Z');
const clock: Clock = { now: () => AT, monotonicMs: () => 0 };
const RECEIPT = {
  filingNumber: '2026-370102-000001',
  documentSha256: 'ab'.repeat(32),
  receivedAt: '2026-11-23T08:00:00Z',
};

function deliver(fetchFn: typeof fetch, signal = new AbortController().signal) {
  return createHttpBudgetSystem({ url: 'https://budget.example/api//', fetchFn, clock }).deliver(
    { idempotencyKey: 'fil_1', packageBytes: new Uint8Array([1]), packageSha256: '00'.repeat(32) },
    signal,
  );
}
/** Our own fetch, to a port where nobody listens. */
const guarded =
  (allowPrivateAddresses: boolean): typeof fetch =>
  (_, init) =>
    asStandardFetch(
      createGuardedFetch({ allowedHosts: [], allowPrivateAddresses, timeoutMs: 5000 }),
    )('http://127.0.0.1:1/', init);
const answering =
  (status: number, body: unknown, headers: Record<string, string> = {}): typeof fetch =>
  () =>
    Promise.resolve(
      new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers }),
    );

describe('the budget system over HTTP', () => {
  it.each<[number, unknown, DeliveryOutcome]>([
    [201, RECEIPT, { kind: 'receipt', receipt: RECEIPT }],
    [200, { ...RECEIPT, more: 1 }, { kind: 'receipt', receipt: RECEIPT }],
    [200, { ...RECEIPT, filingNumber: '' }, { kind: 'unanswered', reason: 'receipt-unreadable' }],
    [
      200,
      { ...RECEIPT, documentSha256: 'x' },
      { kind: 'unanswered', reason: 'receipt-unreadable' },
    ],
    [200, { ...RECEIPT, receivedAt: 'now' }, { kind: 'unanswered', reason: 'receipt-unreadable' }],
    [200, '', { kind: 'unanswered', reason: 'receipt-unreadable' }],
    [302, '', { kind: 'unanswered', reason: '302' }],
    [408, '', { kind: 'unanswered', reason: '408' }],
    [409, '', { kind: 'known' }],
    [425, '', { kind: 'unanswered', reason: '425' }],
    [500, '', { kind: 'unanswered', reason: '500' }],
    [400, '<html>', { kind: 'refused', code: '400', detail: 'HTTP 400' }],
    [410, { title: 'gone' }, { kind: 'refused', code: '410', detail: 'gone' }],
    [
      422,
      { code: 'unit-unknown', title: 't', detail: 'unit\u0000 \u202e\nunknown ' },
      { kind: 'refused', code: 'unit-unknown', detail: 'unit   unknown' },
    ],
  ])('understands %d %p', async (status, body, outcome) => {
    expect(await deliver(answering(status, body))).toEqual(outcome);
  });

  it.each([
    ['7', 7000],
    ['Mon, 23 Nov 2026 08:01:00 GMT', 60_000],
    ['Mon, 23 Nov 2026 07:00:00 GMT', 0],
    ['soon', undefined],
    ['-1', undefined],
  ])('reads Retry-After %s', async (field, retryAfterMs) => {
    const outcome = await deliver(answering(429, '', { 'retry-after': field }));
    expect(outcome).toEqual({
      kind: 'unanswered',
      reason: '429',
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  });

  it('keeps a refusal short, and reads no endless answer', async () => {
    const refusal = await deliver(answering(422, { detail: 'x'.repeat(5000) }));
    expect(refusal).toMatchObject({ kind: 'refused', detail: 'x'.repeat(500) });
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled++;
        controller.enqueue(new Uint8Array(16_384));
      },
    });
    const outcome = await deliver(() => Promise.resolve(new Response(endless, { status: 200 })));
    expect(outcome).toEqual({ kind: 'unanswered', reason: 'answer-too-large' });
    expect(pulled).toBeLessThan(10);
  });

  it('names why there was no answer', async () => {
    const failing =
      (error: Error): typeof fetch =>
      () =>
        Promise.reject(error);
    expect(await deliver(failing(new TypeError('fetch failed')))).toMatchObject({
      reason: 'connection-failed',
    });
    expect(await deliver(failing(new AppError('forbidden', 'not allowed')))).toMatchObject({
      reason: 'forbidden',
    });
    expect(await deliver(guarded(true))).toMatchObject({ reason: 'connection-failed' });
    expect(await deliver(guarded(false))).toMatchObject({ reason: 'unavailable' });
    const stopped = AbortSignal.abort(new AppError('unavailable', 'stops'));
    expect(await deliver(failing(new Error('aborted')), stopped)).toMatchObject({
      reason: 'stopped',
    });
  });

  it('addresses resources below its base and follows no redirect', async () => {
    const seen: [string, RequestInit | undefined][] = [];
    const recording: typeof fetch = (input, init) => {
      seen.push([input as string, init]);
      return Promise.resolve(new Response('', { status: 404 }));
    };
    await deliver(recording);
    const system = createHttpBudgetSystem({
      url: 'https://budget.example/api',
      fetchFn: recording,
      clock,
    });
    expect(await system.lookup('a/b', new AbortController().signal)).toEqual({ kind: 'unknown' });
    expect(seen.map(([url]) => url)).toEqual([
      'https://budget.example/api/filings',
      'https://budget.example/api/deliveries/a%2Fb',
    ]);
    expect(seen.every(([, init]) => init?.redirect === 'manual')).toBe(true);
  });
});

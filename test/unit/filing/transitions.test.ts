import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SYSTEM_ACTOR } from '../../../src/audit/index.js';
import { KEPT_ATTEMPTS, type FilingRecord } from '../../../src/filing/index.js';
import {
  filingIdOf,
  isDue,
  newFiling,
  withFailedAttempt,
  withLease,
  withPackage,
  withReceipt,
  withRefiling,
  withRefusal,
  withSettled,
} from '../../../src/filing/transitions.js';
import { backoffMs } from '../../../src/kernel/index.js';
import { isAppError } from '../../../src/kernel/index.js';
import { signedContract } from './signed-contract.js';

const AT = new Date('2026-11-23T08:00:00Z');
const later = (ms: number): Date => new Date(AT.getTime() + ms);
const FILING = newFiling(signedContract(), AT);
const SENT = withPackage(withLease(FILING, 'w1', AT, 60_000), 'ab'.repeat(32));
const RECEIPT = {
  filingNumber: '2026-370102-000001',
  documentSha256: FILING.documentSha256,
  receivedAt: '2026-11-23T16:00:01+08:00',
};
const invalid = (reason: string): Error =>
  expect.objectContaining({
    code: 'filing-receipt-invalid',
    params: { reason },
  }) as unknown as Error;

describe('newFiling', () => {
  it('has an id that follows from contract and document', () => {
    expect(newFiling(signedContract(), later(5000)).id).toBe(FILING.id);
    expect(FILING.id).toMatch(/^fil_[0-9a-z]{26}$/);
    expect(FILING.idempotencyKey).toBe(FILING.id);
    expect(filingIdOf('ctr_other', FILING.documentSha256)).not.toBe(FILING.id);
    expect(filingIdOf(FILING.contractId, '00'.repeat(32))).not.toBe(FILING.id);
  });

  it('is due at once and says so in an event', () => {
    expect(isDue(FILING, AT)).toBe(true);
    expect(FILING.pendingEvents).toMatchObject([
      { type: 'filing.created', subject: { kind: 'filing', id: FILING.id } },
    ]);
  });

  it('refuses a contract nobody signed', () => {
    expect(() => newFiling(signedContract({ signatures: [] }), AT)).toThrow(
      expect.objectContaining({ code: 'contract-transition-refused' }),
    );
  });
});

describe('leases', () => {
  it('keep others away until they lapse', () => {
    const held = withLease(FILING, 'w1', AT, 60_000);
    expect(held.state).toBe('in-progress');
    expect(isDue(held, later(59_999))).toBe(false);
    expect(isDue(held, later(60_000))).toBe(true);
  });

  it('count: only the holder may report a failed attempt', () => {
    const retaken = withLease(SENT, 'w2', later(60_000), 60_000);
    expect(withFailedAttempt(retaken, 'w1', AT, 'timeout', later(1))).toBe(retaken);
    const failed = withFailedAttempt(retaken, 'w2', AT, 'timeout', later(5000));
    expect(failed).toMatchObject({
      state: 'waiting',
      attemptCount: 1,
      dueAt: '2026-11-23T08:00:05Z',
    });
    expect(failed).not.toHaveProperty('lease');
  });
});

describe('attempts', () => {
  it('are counted all, kept at most fifty', () => {
    let filing: FilingRecord = SENT;
    for (let i = 0; i < KEPT_ATTEMPTS + 7; i++) {
      filing = withFailedAttempt(withLease(filing, 'w', AT, 1), 'w', AT, String(i), AT);
    }
    expect(filing.attemptCount).toBe(KEPT_ATTEMPTS + 7);
    expect(filing.attempts.map((attempt) => attempt.outcome)).toEqual(
      Array.from({ length: KEPT_ATTEMPTS }, (_, i) => String(i + 7)),
    );
  });

  it('send the first package, whatever is built later', () => {
    expect(withPackage(SENT, 'cd'.repeat(32))).toBe(SENT);
  });
});

describe('withReceipt', () => {
  const filed = withReceipt(SENT, RECEIPT, AT, SYSTEM_ACTOR);

  it('files, and stays due until the contract knows', () => {
    expect(filed).toMatchObject({
      state: 'filed',
      receipt: { filingNumber: '2026-370102-000001', receivedAt: '2026-11-23T08:00:01Z' },
    });
    expect(isDue(filed, AT)).toBe(true);
    const settled = withSettled(filed);
    expect(settled).not.toHaveProperty('dueAt');
    expect(withSettled(settled)).toBe(settled);
    expect(withSettled(SENT)).toBe(SENT);
  });

  it('takes the same receipt again without a change, and no other', () => {
    expect(withReceipt(filed, RECEIPT, later(9), SYSTEM_ACTOR)).toBe(filed);
    const other = { ...RECEIPT, filingNumber: '2026-370102-000002' };
    expect(() => withReceipt(filed, other, AT, SYSTEM_ACTOR)).toThrow(invalid('contradiction'));
  });

  it('counts after a refusal, and a refusal not after it', () => {
    const refused = withRefusal(SENT, AT, { code: 'unit-unknown', detail: '' });
    expect(refused).toMatchObject({ state: 'failed', failure: { code: 'unit-unknown' } });
    const late = withReceipt(refused, RECEIPT, AT, SYSTEM_ACTOR);
    expect(late.state).toBe('filed');
    expect(late).not.toHaveProperty('failure');
    expect(withRefusal(filed, AT, { code: 'x', detail: '' })).toBe(filed);
  });

  it.each([
    ['document', { documentSha256: '0'.repeat(64) }],
    ['filingNumber', { filingNumber: '  ' }],
    ['filingNumber', { filingNumber: 'x'.repeat(65) }],
    ['filingNumber', { filingNumber: 'a\u202eb' }],
    ['receivedAt', { receivedAt: 'yesterday' }],
  ])('refuses a receipt by its %s', (reason, changes) => {
    expect(() => withReceipt(SENT, { ...RECEIPT, ...changes }, AT, SYSTEM_ACTOR)).toThrow(
      invalid(reason),
    );
  });

  it('refuses a receipt of what was never sent', () => {
    expect(() => withReceipt(FILING, RECEIPT, AT, SYSTEM_ACTOR)).toThrow(invalid('early'));
  });
});

describe('withRefiling', () => {
  it('makes a refused filing due with the same key and package', () => {
    const refused = withRefusal(SENT, AT, { code: 'unit-unknown', detail: '' });
    expect(isDue(refused, later(1e12))).toBe(false);
    const again = withRefiling(refused, AT, SYSTEM_ACTOR);
    expect(isDue(again, AT)).toBe(true);
    expect(again).toMatchObject({
      state: 'waiting',
      idempotencyKey: FILING.idempotencyKey,
      packageBlobId: SENT.packageBlobId,
    });
    expect(again).not.toHaveProperty('failure');
  });

  it.each([
    ['filed', withReceipt(SENT, RECEIPT, AT, SYSTEM_ACTOR)],
    ['in-progress', SENT],
  ])('is refused while %s', (state, filing) => {
    expect(() => withRefiling(filing, AT, SYSTEM_ACTOR)).toThrow(
      expect.objectContaining({ code: 'conflict', params: { state } }),
    );
  });
});

describe('any order of events', () => {
  it('never takes a receipt back, changes the package or the key, or skips a version', () => {
    const step = fc.constantFrom(
      (f: FilingRecord) => (isDue(f, AT) ? withLease(f, 'w', AT, 0) : f),
      (f: FilingRecord) => withPackage(f, 'ab'.repeat(32)),
      (f: FilingRecord) => withPackage(f, 'cd'.repeat(32)),
      (f: FilingRecord) => withFailedAttempt(f, 'w', AT, '500', AT),
      (f: FilingRecord) => withRefusal(f, AT, { code: '422', detail: '' }),
      (f: FilingRecord) => withReceipt(f, RECEIPT, AT, SYSTEM_ACTOR),
      (f: FilingRecord) => withReceipt(f, { ...RECEIPT, filingNumber: 'other' }, AT, SYSTEM_ACTOR),
      (f: FilingRecord) => withRefiling(f, AT, SYSTEM_ACTOR),
      (f: FilingRecord) => withSettled(f),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        let filing = FILING;
        for (const apply of steps) {
          let next: FilingRecord;
          try {
            next = apply(filing);
          } catch (error) {
            expect(isAppError(error, 'filing-receipt-invalid', 'conflict')).toBe(true);
            continue;
          }
          if (next !== filing) expect(next.version).toBe(filing.version + 1);
          expect(next.idempotencyKey).toBe(FILING.idempotencyKey);
          if (filing.packageBlobId !== undefined) {
            expect(next.packageBlobId).toBe(filing.packageBlobId);
          }
          if (filing.receipt !== undefined) {
            expect(next).toMatchObject({ state: 'filed', receipt: filing.receipt });
          }
          expect(next.state === 'filed').toBe(next.receipt !== undefined);
          // Work that is left is always found again.
          if (next.state === 'waiting' || next.state === 'in-progress') {
            expect(next.dueAt).toBeDefined();
          }
          filing = next;
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('backoffMs', () => {
  const policy = { firstMs: 1000, capMs: 60_000 };
  const none = (): Uint8Array => new Uint8Array(2);
  const most = (): Uint8Array => new Uint8Array([255, 255]);

  it('doubles up to the cap, between half and whole', () => {
    expect([1, 2, 3, 7, 5000].map((failures) => backoffMs(policy, failures, none))).toEqual([
      500, 1000, 2000, 30_000, 30_000,
    ]);
    expect([1, 7].map((failures) => backoffMs(policy, failures, most))).toEqual([1000, 60_000]);
  });

  it('waits at least as long as the other side asks, within a day', () => {
    expect(backoffMs(policy, 1, none, 90_000)).toBe(90_000);
    expect(backoffMs(policy, 7, most, 10)).toBe(60_000);
    expect(backoffMs(policy, 1, none, 1e12)).toBe(86_400_000);
  });
});

/** What becomes of a signature whose level cannot be reached: it waits, or it is refused; never is it called more than it is. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AppError, MemorySource, concatBytes, systemClock } from '../../../src/kernel/index.js';
import { beginSignature, type PendingSignature } from '../../../src/pades/index.js';
import { openPdf } from '../../../src/pdf/index.js';
import {
  finishAtLevel,
  levelStateAfter,
  timestampRoom,
  type LevelPolicy,
} from '../../../src/signing/level-policy.js';
import type { SigningKey } from '../../../src/token/index.js';
import { verifyPdf } from '../../../src/verification/index.js';
import { samplePdf } from '../../support/contract-pdf.js';
import { LevelDesk } from '../../support/level-desk.js';

const HOUR_MS = 3_600_000;
const NOWHERE = 'http://127.0.0.1:9/tsa';

let desk: LevelDesk;
let key: SigningKey;
let pdf: Uint8Array;

beforeAll(async () => {
  desk = await LevelDesk.open();
  key = await desk.signer('P-256');
  pdf = await samplePdf();
}, 60_000);
afterAll(async () => {
  await desk[Symbol.asyncDispose]();
});

const policy = (
  onFailure: LevelPolicy['onFailure'],
  tsaUrl: string,
  more: Partial<LevelPolicy> = {},
): LevelPolicy => ({
  ...desk.services([tsaUrl], 2000),
  target: 'B-LTA',
  onFailure,
  deadlineMs: HOUR_MS,
  firstPauseMs: 60_000,
  renewalMarginMs: 24 * HOUR_MS,
  clock: systemClock,
  ...more,
});

async function signed(
  timestampBytes: number,
): Promise<{ readonly pending: PendingSignature; readonly value: Uint8Array }> {
  const claimedAt = new Date(Math.floor(Date.now() / 1000) * 1000);
  const document = openPdf(new MemorySource(pdf));
  const pending = beginSignature(document, key, { claimedAt, timestampBytes });
  return { pending, value: await key.sign(pending.signedAttributes, pending.scheme) };
}

const levelFound = async (appended: Uint8Array): Promise<string | null | undefined> => {
  const report = await verifyPdf(concatBytes([pdf, appended]), {
    fileName: 'contract',
    trust: desk.trust,
    at: new Date(),
  });
  expect(report.indication).toBe('TOTAL-PASSED');
  return report.signatures[0]?.level;
};

describe('a signature', () => {
  it('is raised at once where everybody answers', async () => {
    const wanted = policy('refuse', desk.tsaUrl);
    const { pending, value } = await signed(await timestampRoom(wanted));
    const raised = await finishAtLevel(wanted, new MemorySource(pdf), pending, value);
    expect(raised).toMatchObject({ level: 'B-LTA', failure: undefined });
    expect(raised.signatureBytes).toBe(pending.prepared.appended.length);
    expect(await levelFound(raised.appended)).toBe('B-LTA');
  });

  it('without room for the token gets its time by a document time-stamp', async () => {
    const wanted = policy('refuse', desk.tsaUrl);
    const { pending, value } = await signed(0);
    const raised = await finishAtLevel(wanted, new MemorySource(pdf), pending, value);
    expect(raised.level).toBe('B-LTA');
    expect(await levelFound(raised.appended)).toBe('B-LTA');
  });

  it('waits at B-B where no authority answers and the policy waits', async () => {
    const wanted = policy('wait', NOWHERE);
    expect(await timestampRoom(wanted)).toBe(0);
    const { pending, value } = await signed(0);
    const raised = await finishAtLevel(wanted, new MemorySource(pdf), pending, value);
    expect(raised).toMatchObject({ level: 'B-B', failure: { code: 'tsa-unavailable' } });
    expect(await levelFound(raised.appended)).toBe('B-B');
    const state = levelStateAfter(wanted, raised, new Date());
    expect(state).toMatchObject({
      target: 'B-LTA',
      reached: 'B-B',
      state: 'waiting',
      lastFailure: 'tsa-unavailable',
    });
  });

  it('is refused where no authority answers and the policy refuses', async () => {
    const wanted = policy('refuse', NOWHERE);
    await expect(timestampRoom(wanted)).rejects.toMatchObject({ code: 'tsa-unavailable' });
    const { pending, value } = await signed(8000);
    await expect(
      finishAtLevel(wanted, new MemorySource(pdf), pending, value),
    ).rejects.toMatchObject({ code: 'tsa-unavailable' });
  });

  it('keeps the time-stamp it has where the evidence is refused', async () => {
    const evidence = {
      ...desk.services().evidence,
      collect: () => Promise.reject(new AppError('revocation-unavailable', 'nobody answers')),
    };
    const wanted = policy('wait', desk.tsaUrl, { evidence });
    const { pending, value } = await signed(8000);
    const raised = await finishAtLevel(wanted, new MemorySource(pdf), pending, value);
    expect(raised).toMatchObject({ level: 'B-T', failure: { code: 'revocation-unavailable' } });
    expect(await levelFound(raised.appended)).toBe('B-T');
  });
});

/** The background that raises levels: on real records, a real file and served authorities; faults thrown where a process would die. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CONTRACTS, currentBlobId, type ContractRecord } from '../../../src/contract/index.js';
import {
  AppError,
  noFaults,
  silentLogger,
  systemClock,
  toRfc3339,
  type Clock,
  type FaultHook,
  type FaultPoint,
} from '../../../src/kernel/index.js';
import { createLevelWorker, type LevelPolicy } from '../../../src/signing/index.js';
import { openMemoryBlobStore, openMemoryStore } from '../../../src/store/memory/index.js';
import { SCOPE_ALL } from '../../../src/store/index.js';
import { verifyPdf } from '../../../src/verification/index.js';
import { samplePdf } from '../../support/contract-pdf.js';
import { LevelDesk } from '../../support/level-desk.js';
import { signedContract } from '../filing/signed-contract.js';

let desk: LevelDesk;
let signed: Uint8Array;

beforeAll(async () => {
  desk = await LevelDesk.open();
  signed = await desk.sign(await samplePdf(), await desk.signer('P-256'), 'B-B');
}, 60_000);
afterAll(async () => {
  await desk[Symbol.asyncDispose]();
});

const HOUR_MS = 3_600_000;
const LEASE_MS = 300_000;
const FIRST_PAUSE_MS = 60_000;

/** A clock that stands `offsetMs` away from the real one. */
const clockAt = (offsetMs: number): Clock => ({
  now: () => new Date(Date.now() + offsetMs),
  monotonicMs: () => performance.now(),
});

async function bench(tsaUrls: readonly string[] = [desk.tsaUrl]) {
  const contracts = await openMemoryStore().open(CONTRACTS);
  const blobs = openMemoryBlobStore();
  const blobId = await blobs.put([signed]);
  const base = signedContract();
  const [first] = base.signatures;
  const contract: ContractRecord = {
    ...base,
    version: 1,
    signatures: [{ ...first!, fieldName: 'Signature1', blobId, sizeBytes: signed.length }],
    level: {
      target: 'B-LTA',
      reached: 'B-B',
      state: 'waiting',
      attempts: 1,
      dueAt: toRfc3339(new Date(Date.now() - 1000)),
      deadlineAt: toRfc3339(new Date(Date.now() + HOUR_MS)),
      lastFailure: 'tsa-unavailable',
    },
  };
  await contracts.insert(contract);
  const policy: LevelPolicy = {
    ...desk.services(tsaUrls, 10_000),
    target: 'B-LTA',
    onFailure: 'wait',
    deadlineMs: HOUR_MS,
    firstPauseMs: FIRST_PAUSE_MS,
    renewalMarginMs: 24 * HOUR_MS,
    clock: systemClock,
  };
  const worker = (options: { faults?: FaultHook; clock?: Clock } = {}) =>
    createLevelWorker({
      contracts,
      blobs,
      policy: { ...policy, clock: options.clock ?? systemClock },
      verifyOwn: (file) =>
        verifyPdf(file, { fileName: 'contract', trust: desk.trust, at: new Date() }),
      clock: options.clock ?? systemClock,
      logger: silentLogger,
      faults: options.faults ?? noFaults,
      onPublished: () => undefined,
      leaseMs: LEASE_MS,
      intervalMs: 1000,
    });
  const stored = async (): Promise<ContractRecord> => {
    const found = await contracts.get(contract.id, SCOPE_ALL);
    if (found === undefined) throw new Error('the contract is gone');
    return found;
  };
  return { contracts, blobs, worker, stored, contract };
}

describe('a contract that waits at B-B', () => {
  it('is raised to the target by one more revision, and comes due again for renewal', async () => {
    const { worker, stored, blobs } = await bench();
    expect(await worker().runOnce()).toBe(1);
    const contract = await stored();
    expect(contract.level).toMatchObject({ reached: 'B-LTA', state: 'kept', attempts: 0 });
    expect(Date.parse(contract.level?.dueAt ?? '')).toBeGreaterThan(Date.now() + HOUR_MS);
    expect(contract.signatures).toHaveLength(1);
    expect(contract.extensions).toHaveLength(1);
    expect(contract.pendingEvents.map(({ type }) => type)).toEqual(['contract.level-raised']);
    const bytes = await blobs.read(currentBlobId(contract) ?? '');
    expect(bytes.subarray(0, signed.length)).toEqual(signed);
    const report = await verifyPdf(bytes, {
      fileName: 'contract',
      trust: desk.trust,
      at: new Date(),
    });
    expect(report.indication).toBe('TOTAL-PASSED');
    expect(report.signatures[0]?.level).toBe('B-LTA');
    expect(await worker().runOnce()).toBe(0);
  });

  it.each<FaultPoint>(['level:claimed', 'level:verified', 'level:blob-stored', 'level:published'])(
    'survives a death at %s: raised once, by whoever comes after the lease',
    async (point) => {
      const { worker, stored } = await bench();
      const dying = worker({
        faults: (reached) => {
          if (reached === point) throw new Error('killed');
        },
      });
      await expect(dying.runOnce()).rejects.toThrow('killed');
      // Another process leaves it alone while the lease runs, and takes it up after.
      expect(await worker().runOnce()).toBe(0);
      await worker({ clock: clockAt(LEASE_MS + 1000) }).runOnce();
      const contract = await stored();
      expect(contract.level).toMatchObject({ reached: 'B-LTA', state: 'kept' });
      expect(contract.extensions).toHaveLength(1);
    },
  );

  it('stays as it is while nobody answers, says so, and is given up at the deadline', async () => {
    const { worker, stored } = await bench(['http://127.0.0.1:9/tsa']);
    await worker().runOnce();
    const waiting = await stored();
    expect(waiting.level).toMatchObject({
      reached: 'B-B',
      state: 'waiting',
      attempts: 2,
      lastFailure: 'tsa-unavailable',
    });
    expect(waiting.extensions).toBeUndefined();
    expect(waiting.revision).toBe(signedContract().revision);
    await worker({ clock: clockAt(2 * HOUR_MS) }).runOnce();
    const missed = await stored();
    expect(missed.level).toMatchObject({ reached: 'B-B', state: 'missed' });
    expect(missed.level?.dueAt).toBeUndefined();
    expect(missed.pendingEvents.map(({ type }) => type)).toEqual(['contract.level-missed']);
  });

  it('is left to a signature that is under way', async () => {
    const { worker, stored, contracts, contract } = await bench();
    const until = toRfc3339(new Date(Date.now() + HOUR_MS));
    await contracts.replace({
      ...contract,
      version: 2,
      attempt: {
        id: 'sgn_1',
        role: 'buyer',
        unitId: 'unit_buyer',
        accountId: 'acc_1',
        certificateSha256: '00',
        baseBlobId: '00',
        startedAt: toRfc3339(new Date()),
        until,
      },
    });
    expect(await worker().runOnce()).toBe(0);
    expect((await stored()).extensions).toBeUndefined();
  });

  it('loses to whoever changed the contract meanwhile, and comes again before its claim lapses', async () => {
    const { worker, stored, contracts } = await bench();
    const rival: FaultHook = (point) => {
      if (point === 'level:blob-stored') throw new AppError('record-version-conflict', 'rival');
    };
    expect(await worker({ faults: rival }).runOnce()).toBe(0);
    const contract = await stored();
    expect(contract.extensions).toBeUndefined();
    expect(await contracts.count({}, SCOPE_ALL)).toBe(1);
    const dueAt = Date.parse(contract.level?.dueAt ?? '');
    expect(dueAt).toBeLessThanOrEqual(Date.now() + FIRST_PAUSE_MS);
    await worker({ clock: clockAt(FIRST_PAUSE_MS + 1000) }).runOnce();
    expect((await stored()).extensions).toHaveLength(1);
  });
});

/** Whatever the budget system does: one filing there, one receipt here, the contract filed. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { sha256Hex } from '../../../src/kernel/index.js';
import type { SampleFault } from '../../../src/sandbox/budget-system/index.js';
import { SIGNED_EVENT, STORES, openDesk, workUntilSettled, type Desk } from './desk.js';

describe.each(STORES)('filing on the %s store', (_, openStore) => {
  let desk: Desk;
  afterEach(async () => desk[Symbol.asyncDispose]());

  async function begun(...faults: readonly SampleFault[]) {
    desk = await openDesk(openStore, faults);
    const service = desk.service();
    await service.subscriber(SIGNED_EVENT);
    return service;
  }

  async function expectFiledOnce(): Promise<void> {
    const onFile = desk.budget.filings();
    expect(onFile).toHaveLength(1);
    const filing = await desk.filing();
    expect(filing).toMatchObject({
      state: 'filed',
      receipt: { filingNumber: onFile[0]?.filingNumber },
      packageBlobId: onFile[0]?.packageSha256,
      documentSha256: onFile[0]?.documentSha256,
    });
    expect(filing.pendingEvents.filter((event) => event.type === 'filing.filed')).toHaveLength(1);
    const contract = await desk.contract();
    expect(contract).toMatchObject({
      state: 'filed',
      filing: { filingId: filing.id, filingNumber: onFile[0]?.filingNumber },
    });
    expect(contract.pendingEvents.map((event) => event.type)).toEqual([
      'contract.filing-started',
      'contract.filed',
    ]);
  }

  it('files in one round when all is well', async () => {
    const service = await begun();
    expect(await service.runOnce()).toBe(1);
    await expectFiledOnce();
    expect(desk.budget.filings()[0]).toMatchObject({
      filingNumber: '2026-370102-000001',
      contractNumber: 'SDGP370100-2026-0001',
    });
    expect(await service.runOnce()).toBe(0);
    expect(desk.budget.deliveryCount()).toBe(1);
  });

  it.each<[SampleFault, string, number]>([
    ['store-and-answer-500', '500', 1],
    ['store-and-drop', 'connection-failed', 1],
    ['answer-and-lose', 'receipt-not-kept', 2],
    ['hang', 'timeout', 2],
    ['answer-429', '429', 2],
    ['answer-503', '503', 2],
    ['answer-html', 'receipt-unreadable', 2],
    ['redirect', '307', 2],
    ['wrong-digest', 'receipt-not-kept', 2],
    ['answer-409', 'idempotency-in-flight', 2],
  ])('survives %s', async (fault, outcome, deliveries) => {
    const service = await begun(fault);
    await service.runOnce();
    expect(await desk.filing()).toMatchObject({
      state: 'waiting',
      attemptCount: 1,
      attempts: [{ outcome }],
    });
    expect((await desk.contract()).state).toBe('filing');
    // Not before its time.
    expect(await service.runOnce()).toBe(0);
    await workUntilSettled(desk, service);
    await expectFiledOnce();
    expect(desk.budget.deliveryCount()).toBe(deliveries);
  });

  it('survives one fault after another, with a pause that grows', async () => {
    const service = await begun('answer-503', 'hang', 'answer-and-lose', 'store-and-drop');
    await workUntilSettled(desk, service);
    await expectFiledOnce();
    expect((await desk.filing()).attempts.map((attempt) => attempt.outcome)).toEqual([
      '503',
      'timeout',
      'receipt-not-kept',
      'connection-failed',
      'receipt',
    ]);
  });

  it('keeps trying while nobody listens, and files when the peer is back', async () => {
    const service = await begun();
    await desk.budget.stop();
    await service.runOnce();
    expect(await desk.filing()).toMatchObject({ attempts: [{ outcome: 'connection-failed' }] });
    await desk.restartBudget();
    await workUntilSettled(desk, desk.service());
    await expectFiledOnce();
  });

  it('waits as long as the peer asks', async () => {
    const service = await begun('answer-429');
    const noPause = desk.service({ backoff: { firstMs: 0, capMs: 0 } });
    await noPause.runOnce();
    expect((await desk.filing()).dueAt).toBe('2026-11-23T08:00:01Z');
    expect(await service.runOnce()).toBe(0);
  });

  it('stops at a refusal, names it, and files again by command', async () => {
    const service = await begun('refuse');
    await service.runOnce();
    expect(await desk.filing()).toMatchObject({
      state: 'failed',
      failure: { code: 'unit-unknown', detail: '采购单位未在预算系统登记' },
    });
    desk.clock.advance(1e9);
    expect(await service.runOnce()).toBe(0);
    const buyer = {
      accountId: 'acc_buyer',
      roles: ['unit-handler'],
      unitId: 'unit_buyer',
      regionCode: undefined,
      certificateSha256: undefined,
      requestId: undefined,
    } as const;
    await service.refile(buyer, desk.filingId);
    await workUntilSettled(desk, service);
    await expectFiledOnce();
  });

  it('sends the package that is kept, not a new one', async () => {
    const service = await begun('answer-503');
    await service.runOnce();
    const { packageBlobId = '' } = await desk.filing();
    expect(sha256Hex(await desk.blobs.read(packageBlobId))).toBe(packageBlobId);
    await desk.contracts.replace({
      ...(await desk.contract()),
      version: (await desk.contract()).version + 1,
      title: 'another title',
    });
    await workUntilSettled(desk, service);
    expect(desk.budget.filings()[0]?.packageSha256).toBe(packageBlobId);
  });

  it('does not deliver a contract that was voided before', async () => {
    const service = await begun();
    const contract = await desk.contract();
    await desk.contracts.replace({ ...contract, version: contract.version + 1, state: 'voided' });
    await service.runOnce();
    expect(await desk.filing()).toMatchObject({
      state: 'failed',
      failure: { code: 'contract-not-filing' },
    });
    expect(desk.budget.deliveryCount()).toBe(0);
  });

  it('tries again when the signed bytes cannot be read, and says so', async () => {
    const service = await begun();
    const { documentSha256 } = await desk.filing();
    const bytes = await desk.blobs.read(documentSha256);
    await desk.blobs.remove(documentSha256);
    await service.runOnce();
    expect(await desk.filing()).toMatchObject({ attempts: [{ outcome: 'blob-not-found' }] });
    await desk.blobs.put([bytes]);
    await workUntilSettled(desk, service);
    await expectFiledOnce();
  });

  it('stops when the peer cannot read the package', async () => {
    const service = await begun('answer-503');
    await service.runOnce();
    const filing = await desk.filing();
    const packageBlobId = await desk.blobs.put([new Uint8Array([1, 2, 3])]);
    await desk.filings.replace({ ...filing, version: filing.version + 1, packageBlobId });
    await workUntilSettled(desk, service);
    expect(await desk.filing()).toMatchObject({
      state: 'failed',
      failure: { code: 'package-malformed' },
    });
    expect(desk.budget.filings()).toHaveLength(0);
  });
});

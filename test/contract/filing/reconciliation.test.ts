/** Both registers are compared, whatever they hold; what differs is told and never written over. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Principal, Role } from '../../../src/access/index.js';
import type { FilingService, Receipt, ReconciliationRecord } from '../../../src/filing/index.js';
import { newFiling } from '../../../src/filing/transitions.js';
import { SCOPE_ALL } from '../../../src/store/index.js';
import { signedContract } from '../../unit/filing/signed-contract.js';
import { SIGNED_EVENT, STORES, openDesk, workUntilSettled, type Desk } from './desk.js';

function principal(role: Role, changes: Partial<Principal> = {}): Principal {
  return {
    accountId: `acc_${role}`,
    roles: [role],
    unitId: undefined,
    regionCode: undefined,
    certificateSha256: undefined,
    requestId: undefined,
    ...changes,
  };
}
const SUPERVISOR = principal('supervisor', { regionCode: '370100' });
const ELSEWHERE = principal('supervisor', { regionCode: '110000' });
const BUYER = principal('unit-handler', { unitId: 'unit_buyer' });
const BUDGET_SYSTEM = principal('budget-system', { regionCode: '370000' });
const code = (text: string): Error => expect.objectContaining({ code: text }) as unknown as Error;

describe.each(STORES)('on %s', (_, openStore) => {
  let desk: Desk;
  let service: FilingService;
  beforeEach(async () => {
    desk = await openDesk(openStore);
    service = desk.service({ reconcilePageSize: 2 });
    await service.subscriber(SIGNED_EVENT);
  });
  afterEach(async () => desk[Symbol.asyncDispose]());

  /** Compares until nothing is due; the newest run. */
  async function reconcile(by: FilingService = service): Promise<ReconciliationRecord> {
    const asked = await by.reconcile(SUPERVISOR);
    while (await by.reconcileOnce());
    return by.reconciliation(asked.id);
  }
  const items = async () => (await desk.workItems.find({ limit: 100 }, SCOPE_ALL)).items;
  const countsOf = ({ counts }: ReconciliationRecord): object =>
    Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));

  it('finds both registers the same', async () => {
    await workUntilSettled(desk, service);
    const before = await desk.filing();
    const run = await reconcile();
    expect([run.state, countsOf(run)]).toEqual(['done', { matched: 1 }]);
    expect(await desk.filing()).toEqual(before);
    expect(await items()).toEqual([]);
  });

  it('takes the receipt of what is filed there and not known here', async () => {
    desk.budget.addFaults('store-and-answer-500');
    await service.runOnce();
    expect((await desk.filing()).state).toBe('waiting');
    expect(countsOf(await reconcile())).toEqual({ receiptsTaken: 1 });
    expect((await desk.contract()).state).toBe('filed');
    expect((await desk.filing()).receipt?.signature?.keyId).toBe('budget-1');
  });

  it('files again what was lost there, with the same key, and keeps both receipts', async () => {
    await workUntilSettled(desk, service);
    const first = await desk.filing();
    await desk.budget.lose(desk.filingId);
    expect(countsOf(await reconcile())).toEqual({ refiled: 1 });
    // Known to be lost, the contract stays what it was until there is another receipt.
    expect((await desk.contract()).state).toBe('filed');
    await workUntilSettled(desk, service);
    const [held, ...more] = desk.budget.filings();
    expect(more).toEqual([]);
    expect(held?.packageSha256).toBe(first.packageBlobId);
    const second = await desk.filing();
    expect(second.earlierReceipts).toEqual([first.receipt]);
    expect(second.receipt?.filingNumber).toBe(held?.filingNumber);
    expect(second.receipt?.filingNumber).not.toBe(first.receipt?.filingNumber);
    expect((await desk.contract()).filing?.filingNumber).toBe(held?.filingNumber);
    expect((await items()).map(({ kind }) => kind)).toEqual(['number-changed']);
    expect(countsOf(await reconcile())).toEqual({ matched: 1 });
  });

  it('tries at once what waits for its next attempt, and leaves a refusal to people', async () => {
    desk.budget.addFaults('answer-503');
    await service.runOnce();
    expect(countsOf(await reconcile())).toEqual({ hastened: 1 });
    desk.budget.addFaults('refuse');
    await service.runOnce();
    expect(countsOf(await reconcile())).toEqual({ refused: 1 });
    expect((await desk.filing()).state).toBe('failed');
  });

  it('puts other bytes on the work list, once, and overwrites neither side', async () => {
    await workUntilSettled(desk, service);
    const before = await desk.filing();
    await desk.budget.alter(desk.filingId, { packageSha256: 'ee'.repeat(32) });
    expect(countsOf(await reconcile())).toEqual({ differing: 1 });
    expect(countsOf(await reconcile())).toEqual({ differing: 1 });
    expect(await desk.filing()).toEqual(before);
    const [item, ...more] = await items();
    expect(more).toEqual([]);
    expect(item).toMatchObject({
      kind: 'package-differs',
      // The night's run saw it as well.
      seenCount: 3,
      facts: {
        'theirs.packageSha256': 'ee'.repeat(32),
        'ours.packageSha256': before.packageBlobId,
      },
    });
    expect(desk.budget.filings()[0]?.packageSha256).toBe('ee'.repeat(32));
  });

  it('puts another number on the work list', async () => {
    await workUntilSettled(desk, service);
    await desk.budget.alter(desk.filingId, { filingNumber: '2026-370102-000999' });
    expect(countsOf(await reconcile())).toEqual({ differing: 1 });
    expect((await items()).map(({ kind }) => kind)).toEqual(['receipt-contradicts']);
    expect((await desk.filing()).receipt?.filingNumber).not.toBe('2026-370102-000999');
  });

  it('tells of filings that are unknown here, across pages of both sides', async () => {
    await workUntilSettled(desk, service);
    const known = await desk.filing();
    for (let n = 0; n < 5; n++) {
      const contract = signedContract({ id: `ctr_more_${n}`, number: `N-${n}` });
      const filing = newFiling(contract, desk.clock.now());
      // Refused ones: ours alone, and nothing to be tried.
      await desk.filings.insert({ ...filing, state: 'failed' });
    }
    // The same filing under keys that we have never sent, before and behind ours.
    const held = desk.budget.filings()[0]!;
    for (const key of ['aaa', 'fil_zzz', 'zzz']) {
      await desk.budget.alter(desk.filingId, { idempotencyKey: key });
      await desk.budget.alter(key, { filingNumber: `2026-370102-1${key}` });
      expect(countsOf(await reconcile())).toEqual({ unknownHere: 1, refused: 5, refiled: 1 });
      await workUntilSettled(desk, service);
      await desk.budget.lose(key);
      expect((await desk.filing()).packageBlobId).toBe(known.packageBlobId);
    }
    const kinds = (await items()).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'unknown-here')).toHaveLength(3);
    expect(held.idempotencyKey).toBe(desk.filingId);
  });

  it('goes on from where it was when the budget system goes silent in between', async () => {
    await workUntilSettled(desk, service);
    const asked = await service.reconcile(SUPERVISOR);
    desk.budget.setCondition('down');
    while (await service.reconcileOnce());
    const waiting = await service.reconciliation(asked.id);
    expect(waiting).toMatchObject({ state: 'running', lastFailure: 'connection-failed' });
    desk.budget.setCondition('well');
    desk.clock.advance(10_000);
    while (await service.reconcileOnce());
    expect(await service.reconciliation(asked.id)).toMatchObject({ state: 'done', failures: 0 });
  });

  it('runs once a night, whichever of two processes comes first, and again the next', async () => {
    const other = desk.service();
    const nightly = async (): Promise<number> =>
      (await service.reconciliations({ limit: 100 })).items.filter(
        ({ trigger }) => trigger === 'nightly',
      ).length;
    await Promise.all([service.reconcileOnce(), other.reconcileOnce()]);
    while ((await service.reconcileOnce()) || (await other.reconcileOnce()));
    expect(await nightly()).toBe(1);
    // 16:00 to 01:59 in Shanghai is the same night; 02:00 begins the next.
    desk.clock.advance(10 * 3_600_000 - 1000);
    await Promise.all([service.reconcileOnce(), other.reconcileOnce()]);
    expect(await nightly()).toBe(1);
    desk.clock.advance(1000);
    await Promise.all([service.reconcileOnce(), other.reconcileOnce()]);
    expect(await nightly()).toBe(2);
  });

  it('refuses receipts of the wrong key, and files when the right one signs', async () => {
    desk.budget.setCondition('signs-with-wrong-key');
    await service.runOnce();
    expect(await desk.filing()).toMatchObject({ state: 'waiting' });
    expect(countsOf(await reconcile())).toEqual({ receiptsRefused: 1 });
    const [item, ...more] = await items();
    expect([item?.kind, item?.facts['reason'], more]).toEqual(['receipt-refused', 'signature', []]);
    desk.budget.setCondition('well');
    await workUntilSettled(desk, service);
    expect(desk.budget.filings()).toHaveLength(1);
    expect((await desk.contract()).state).toBe('filed');
  });

  it('puts a contradicting receipt on the work list, where the right role resolves it', async () => {
    await workUntilSettled(desk, service);
    const { documentSha256 } = await desk.filing();
    const receipt: Receipt = {
      filingNumber: 'another',
      documentSha256,
      receivedAt: '2026-11-23T08:00:00Z',
    };
    const accept = (): Promise<unknown> =>
      service.acceptReceipt(BUDGET_SYSTEM, desk.filingId, receipt);
    await expect(accept()).rejects.toThrow(code('filing-receipt-invalid'));
    await expect(accept()).rejects.toThrow(code('filing-receipt-invalid'));
    const list = service.workList;
    const [item, ...more] = (await list.list(SUPERVISOR, { limit: 10, state: 'open' })).items;
    expect(more).toEqual([]);
    expect(item).toMatchObject({ kind: 'receipt-contradicts', seenCount: 2 });
    const id = item!.id;
    expect((await list.list(ELSEWHERE, { limit: 10 })).items).toEqual([]);
    await expect(list.get(ELSEWHERE, id)).rejects.toThrow(code('filing-work-item-not-found'));
    expect((await list.get(BUYER, id)).id).toBe(id);
    const reason = '已与预算处核对';
    await expect(list.resolve(BUYER, id, { outcome: 'corrected', reason })).rejects.toThrow(
      code('forbidden'),
    );
    await expect(
      list.resolve(SUPERVISOR, id, { outcome: 'corrected', reason, expectedRevision: 9 }),
    ).rejects.toThrow(code('record-version-conflict'));
    const resolved = await list.resolve(SUPERVISOR, id, { outcome: 'corrected', reason });
    expect(resolved).toMatchObject({ state: 'resolved', resolution: { reason } });
    await expect(list.resolve(SUPERVISOR, id, { outcome: 'accepted', reason })).rejects.toThrow(
      code('conflict'),
    );
    // It was not corrected after all.
    await expect(accept()).rejects.toThrow(code('filing-receipt-invalid'));
    expect((await list.get(SUPERVISOR, id)).state).toBe('open');
    await list.resolve(SUPERVISOR, id, { outcome: 'accepted', reason });
    await expect(accept()).rejects.toThrow(code('filing-receipt-invalid'));
    expect(await list.get(SUPERVISOR, id)).toMatchObject({ state: 'resolved', seenCount: 4 });
  });
});

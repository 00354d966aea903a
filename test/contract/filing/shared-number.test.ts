/** Two contracts under one number of the budget system: both receipts kept, both told, both corrected. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Principal } from '../../../src/access/index.js';
import type { FilingRecord, FilingService, Receipt } from '../../../src/filing/index.js';
import { filingIdOf } from '../../../src/filing/transitions.js';
import { SCOPE_ALL } from '../../../src/store/index.js';
import { signedContract } from '../../unit/filing/signed-contract.js';
import { LEASE_MS, SIGNED_EVENT, ALL_STORES, openDesk, type Desk } from './desk.js';

const SECOND = 'ctr_second0000000000000000000';
/** What the sample gives where it gives its last number once more and has given none. */
const SHARED = '2026-370102-000000';
const BUDGET_SYSTEM: Principal = {
  accountId: 'acc_budget',
  roles: ['budget-system'],
  unitId: undefined,
  regionCode: '370000',
  certificateSha256: undefined,
  requestId: undefined,
};

class Killed extends Error {}

describe.each(ALL_STORES)('on %s', (_, openStore) => {
  let desk: Desk;
  let service: FilingService;
  let secondId: string;

  beforeEach(async () => {
    desk = await openDesk(openStore);
    service = desk.service();
    await service.subscriber(SIGNED_EVENT);
    await service.subscriber(await desk.addSigned(SECOND));
    secondId = filingIdOf(SECOND, signedContract().signatures.at(-1)!.blobId);
  });
  afterEach(async () => desk[Symbol.asyncDispose]());

  const second = async (): Promise<FilingRecord> => (await desk.filings.get(secondId, SCOPE_ALL))!;
  const filedUnder = async (filingNumber: string): Promise<readonly string[]> =>
    (await service.list(BUDGET_SYSTEM, { limit: 10, filingNumber })).items
      .map(({ id }) => id)
      .sort();
  const told = async (): Promise<readonly (readonly [kind: string, of: string | undefined])[]> =>
    (await desk.workItems.find({ limit: 100 }, SCOPE_ALL)).items
      .map(({ kind, filingId }) => [kind, filingId] as const)
      .sort();
  const bothShared = (): unknown =>
    [desk.filingId, secondId].sort().map((id) => ['number-shared', id]);
  const receiptFor = (filing: FilingRecord, filingNumber: string): Receipt => ({
    filingNumber,
    documentSha256: filing.documentSha256,
    receivedAt: '2026-11-23T08:00:00Z',
  });

  async function expectBothFiledAs(first: string, other: string): Promise<void> {
    for (const [filing, number] of [
      [await desk.filing(), first],
      [await second(), other],
    ] as const) {
      expect([filing.state, filing.receipt?.filingNumber]).toEqual(['filed', number]);
      // Nothing is stuck.
      expect([filing.dueAt, filing.lease]).toEqual([undefined, undefined]);
      const contract = await desk.contracts.get(filing.contractId, SCOPE_ALL);
      expect([contract?.state, contract?.filing?.filingNumber]).toEqual(['filed', number]);
    }
  }

  it('files both, tells of both, and takes the corrected number by comparing', async () => {
    desk.budget.addFaults('store-under-last-number', 'store-under-last-number');
    await service.runOnce();
    await expectBothFiledAs(SHARED, SHARED);
    expect(await filedUnder(SHARED)).toEqual([desk.filingId, secondId].sort());
    expect(await told()).toEqual(bothShared());

    await desk.budget.alter(secondId, { filingNumber: '2026-370102-000777' });
    await service.reconcile(BUDGET_SYSTEM);
    while (await service.reconcileOnce());
    await expectBothFiledAs(SHARED, '2026-370102-000777');
    expect((await second()).earlierReceipts).toMatchObject([{ filingNumber: SHARED }]);
    expect(await told()).toEqual([['number-changed', secondId], ...(bothShared() as [])]);
    // From now on another number is a contradiction again.
    await expect(
      service.acceptReceipt(BUDGET_SYSTEM, desk.filingId, receiptFor(await desk.filing(), 'other')),
    ).rejects.toMatchObject({ code: 'filing-receipt-invalid' });
  });

  it('tells of both when two processes take the receipts at the same time', async () => {
    const other = desk.service();
    await service.packageOf(BUDGET_SYSTEM, desk.filingId);
    await Promise.all([
      service.acceptReceipt(BUDGET_SYSTEM, desk.filingId, receiptFor(await desk.filing(), SHARED)),
      other.acceptReceipt(BUDGET_SYSTEM, secondId, receiptFor(await second(), SHARED)),
    ]);
    await expectBothFiledAs(SHARED, SHARED);
    expect(await told()).toEqual(bothShared());
  });

  it('tells of both when whoever took the second receipt dies before looking', async () => {
    await service.acceptReceipt(
      BUDGET_SYSTEM,
      desk.filingId,
      receiptFor(await desk.filing(), SHARED),
    );
    desk.budget.addFaults('store-under-last-number');
    const dying = desk.service({
      faults: (at) => {
        if (at === 'filing:receipt') throw new Killed(at);
      },
    });
    await expect(dying.runOnce()).rejects.toThrow(Killed);
    expect((await second()).receipt?.filingNumber).toBe(SHARED);
    expect(await told()).toEqual([]);
    desk.clock.advance(LEASE_MS);
    await service.runOnce();
    expect(await told()).toEqual(bothShared());
    expect((await second()).dueAt).toBeUndefined();
  });

  it('finds by comparing what nobody noticed when it was recorded', async () => {
    await service.runOnce();
    for (const filing of [await desk.filing(), await second()]) {
      const receipt = { ...filing.receipt!, filingNumber: SHARED };
      await desk.filings.replace({ ...filing, version: filing.version + 1, receipt });
      await desk.budget.alter(filing.id, { filingNumber: SHARED });
    }
    const { id } = await service.reconcile(BUDGET_SYSTEM);
    while (await service.reconcileOnce());
    const run = await service.reconciliation(id);
    expect(run.counts).toMatchObject({ matched: 0, numbersShared: 2, differing: 0 });
    expect(await told()).toEqual(bothShared());
  });
});

/** Who may see, confirm and repeat a filing; and the whole way from the event by the relay. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Principal, Role } from '../../../src/access/index.js';
import {
  AUDIT_CHECKPOINTS,
  AUDIT_ENTRIES,
  createAuditLog,
  createRelay,
  relaySource,
} from '../../../src/audit/index.js';
import type { FilingService, Receipt } from '../../../src/filing/index.js';
import { noFaults, sha256Hex, silentLogger } from '../../../src/kernel/index.js';
import { SCOPE_ALL } from '../../../src/store/index.js';
import { openMemoryStore } from '../../../src/store/memory/index.js';
import { AUDIT_KEY, verifierOf } from '../../unit/filing/package-contents.js';
import { SIGNED_DOCUMENT, signedContract } from '../../unit/filing/signed-contract.js';
import { SIGNED_EVENT, openDesk, workUntilSettled, type Desk } from './desk.js';

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
const BUYER = principal('unit-handler', { unitId: 'unit_buyer' });
const OTHER_UNIT = principal('unit-handler', { unitId: 'unit_other' });
const SUPERVISOR = principal('supervisor', { regionCode: '370100' });
const BUDGET_SYSTEM = principal('budget-system', { regionCode: '370000' });
const OTHER_BUDGET_SYSTEM = principal('budget-system', { regionCode: '110000' });
const code = (text: string): Error => expect.objectContaining({ code: text }) as unknown as Error;

let desk: Desk;
let service: FilingService;
beforeEach(async () => {
  desk = await openDesk(() => Promise.resolve(openMemoryStore()));
  service = desk.service();
  await service.subscriber(SIGNED_EVENT);
});
afterEach(async () => desk[Symbol.asyncDispose]());

describe('the subscriber', () => {
  it('begins one filing however often it is told', async () => {
    await service.subscriber(SIGNED_EVENT);
    await workUntilSettled(desk, service);
    await service.subscriber(SIGNED_EVENT);
    expect(await desk.filings.count({}, SCOPE_ALL)).toBe(1);
    expect((await desk.filing()).state).toBe('filed');
  });

  it('passes over other events and contracts that are not signed', async () => {
    await service.subscriber({ ...SIGNED_EVENT, type: 'contract.party-signed' });
    await desk.contracts.insert({
      ...signedContract({ id: 'ctr_draft', number: 'x', state: 'draft' }),
      version: 1,
    });
    await service.subscriber({ ...SIGNED_EVENT, subject: { kind: 'contract', id: 'ctr_draft' } });
    await service.subscriber({ ...SIGNED_EVENT, subject: { kind: 'contract', id: 'ctr_none' } });
    expect(await desk.filings.count({}, SCOPE_ALL)).toBe(1);
  });
});

describe('reading', () => {
  it('shows a filing to its unit and to the regions above, to nobody else', async () => {
    for (const reader of [BUYER, SUPERVISOR, BUDGET_SYSTEM, principal('auditor')]) {
      expect((await service.get(reader, desk.filingId)).contractNumber).toBe(
        'SDGP370100-2026-0001',
      );
      expect((await service.list(reader, { limit: 10 })).items).toHaveLength(1);
    }
    for (const stranger of [OTHER_UNIT, OTHER_BUDGET_SYSTEM, principal('supplier-signer')]) {
      await expect(service.get(stranger, desk.filingId)).rejects.toThrow(code('filing-not-found'));
      await expect(service.packageOf(stranger, desk.filingId)).rejects.toThrow(
        code('filing-not-found'),
      );
      expect((await service.list(stranger, { limit: 10 })).items).toEqual([]);
    }
  });

  it('filters by state and contract', async () => {
    const list = async (query: object): Promise<number> =>
      (await service.list(BUYER, { limit: 10, ...query })).items.length;
    expect(await list({ state: 'waiting' })).toBe(1);
    expect(await list({ state: 'filed' })).toBe(0);
    expect(await list({ contractId: signedContract().id })).toBe(1);
    expect(await list({ contractId: 'ctr_other' })).toBe(0);
  });

  it('builds the package for who pulls it, and delivers the same', async () => {
    const before = [await desk.filing(), await desk.contract()];
    const pulled = await service.packageOf(BUYER, desk.filingId);
    // A safe method: neither the filing nor the contract moves on.
    expect([await desk.filing(), await desk.contract()]).toEqual(before);
    await workUntilSettled(desk, service);
    const archive = await service.packageOf(BUYER, desk.filingId);
    expect(archive.sha256).toBe(pulled.sha256);
    expect(archive.fileName).toBe(`${desk.filingId}.zip`);
    expect(sha256Hex(archive.bytes)).toBe(archive.sha256);
    expect(desk.budget.filings()[0]?.packageSha256).toBe(archive.sha256);
  });
});

describe('receipts from the budget system', () => {
  const receipt: Receipt = {
    filingNumber: '2026-370102-000077',
    documentSha256: sha256Hex(SIGNED_DOCUMENT),
    receivedAt: '2026-11-23T08:00:00Z',
  };

  it('file the contract, once, however often they come', async () => {
    desk.budget.addFaults('hang');
    await desk.service({ timeoutMs: 500 }).runOnce();
    const filed = await service.acceptReceipt(BUDGET_SYSTEM, desk.filingId, receipt);
    expect(filed).toMatchObject({ state: 'filed', receipt });
    const again = await service.acceptReceipt(BUDGET_SYSTEM, desk.filingId, receipt);
    expect(again.version).toBe(filed.version);
    expect(await desk.contract()).toMatchObject({
      state: 'filed',
      filing: { filingNumber: receipt.filingNumber },
    });
    desk.clock.advance(1e9);
    expect(await service.runOnce()).toBe(0);
  });

  it('are taken late, after a refusal', async () => {
    desk.budget.addFaults('refuse');
    await service.runOnce();
    expect((await desk.filing()).state).toBe('failed');
    await service.acceptReceipt(BUDGET_SYSTEM, desk.filingId, receipt);
    expect(await desk.filing()).toMatchObject({ state: 'filed', receipt });
    expect((await desk.contract()).state).toBe('filed');
  });

  it('file what was pulled, and hand the contract over by that', async () => {
    const pulled = await service.packageOf(BUDGET_SYSTEM, desk.filingId);
    await service.acceptReceipt(BUDGET_SYSTEM, desk.filingId, receipt);
    expect(await desk.filing()).toMatchObject({ state: 'filed', packageBlobId: pulled.sha256 });
    expect((await desk.contract()).state).toBe('filed');
    expect(desk.budget.deliveryCount()).toBe(0);
  });

  it('do not file a contract that was voided after it was pulled', async () => {
    const contract = await desk.contract();
    await desk.contracts.replace({ ...contract, version: contract.version + 1, state: 'voided' });
    await expect(service.packageOf(BUDGET_SYSTEM, desk.filingId)).rejects.toThrow(code('conflict'));
    await expect(service.acceptReceipt(BUDGET_SYSTEM, desk.filingId, receipt)).rejects.toThrow(
      code('conflict'),
    );
    expect(await desk.filing()).toMatchObject({ state: 'waiting' });
  });

  it('are refused when they contradict or are of another document', async () => {
    const other = { ...receipt, documentSha256: '0'.repeat(64) };
    await expect(service.acceptReceipt(BUDGET_SYSTEM, desk.filingId, other)).rejects.toThrow(
      code('filing-receipt-invalid'),
    );
    expect((await desk.contract()).state).toBe('signed');
    await workUntilSettled(desk, service);
    const before = await desk.filing();
    for (const wrong of [receipt, { ...receipt, documentSha256: '0'.repeat(64) }]) {
      await expect(service.acceptReceipt(BUDGET_SYSTEM, desk.filingId, wrong)).rejects.toThrow(
        code('filing-receipt-invalid'),
      );
    }
    expect(await desk.filing()).toEqual(before);
  });

  it('come from the budget system of the region only', async () => {
    await expect(service.acceptReceipt(BUYER, desk.filingId, receipt)).rejects.toThrow(
      code('forbidden'),
    );
    await expect(
      service.acceptReceipt(OTHER_BUDGET_SYSTEM, desk.filingId, receipt),
    ).rejects.toThrow(code('filing-not-found'));
  });
});

describe('filing again', () => {
  it('is for the buyer and the budget system', async () => {
    await expect(service.refile(SUPERVISOR, desk.filingId)).rejects.toThrow(code('forbidden'));
    await expect(service.refile(OTHER_UNIT, desk.filingId)).rejects.toThrow(
      code('filing-not-found'),
    );
    await workUntilSettled(desk, service);
    await expect(service.refile(BUYER, desk.filingId)).rejects.toThrow(code('conflict'));
  });
});

describe('configuration', () => {
  it('refuses a lease that an attempt can outlast', () => {
    expect(() => desk.service({ timeoutMs: 60_000, leaseMs: 60_000 })).toThrow(
      code('config-invalid'),
    );
  });

  it('lets filings wait while there is no budget system', async () => {
    const waiting = desk.service({ budgetSystem: undefined });
    waiting.start();
    expect(await waiting.runOnce()).toBe(0);
    await waiting.stop();
    expect((await desk.filing()).state).toBe('waiting');
    // Nothing was handed over, so the parties may still void the contract.
    expect((await desk.contract()).state).toBe('signed');
  });
});

describe('the whole way', () => {
  it('leads from the signature by the relay to a filed contract and a log that verifies', async () => {
    const contract = await desk.contract();
    await desk.contracts.replace({
      ...contract,
      version: contract.version + 1,
      pendingEvents: [SIGNED_EVENT],
    });
    const log = createAuditLog({
      entries: await desk.store.open(AUDIT_ENTRIES),
      checkpoints: await desk.store.open(AUDIT_CHECKPOINTS),
      key: { ...AUDIT_KEY, ...verifierOf(AUDIT_KEY.publicKey) },
      clock: desk.clock,
    });
    const relay = createRelay({
      sources: [relaySource('contracts', desk.contracts), relaySource('filings', desk.filings)],
      log,
      subscribers: [service.subscriber],
      logger: silentLogger,
      faults: noFaults,
      intervalMs: 1000,
    });
    await relay.runOnce();
    await service.runOnce();
    await relay.runOnce();
    expect((await desk.contract()).state).toBe('filed');
    expect((await desk.contract()).pendingEvents).toEqual([]);
    expect((await desk.filing()).pendingEvents).toEqual([]);
    const { items } = await log.find({ limit: 100 }, SCOPE_ALL);
    // The log of the desk knows the contract's earlier events already.
    const seeded = items.filter(({ event }) => event.id.includes('_ctr_'));
    const added = items.filter((entry) => !seeded.includes(entry));
    expect(added.map((entry) => entry.event.type).sort()).toEqual([
      'contract.filed',
      'contract.filing-started',
      'contract.signed',
      'filing.created',
      'filing.filed',
    ]);
    const [began] = added.filter(({ event }) => event.type === 'filing.created');
    const feed = await service.feed(BUYER, 0, 10);
    expect(feed).toMatchObject({ items: [{ id: desk.filingId }], position: began?.seq });
    expect(await service.feed(BUYER, feed.position, 10)).toEqual({
      items: [],
      position: feed.position,
    });
    await log.verify();
  });
});

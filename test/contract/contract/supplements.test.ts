/** Supplementary agreements that are sent at once stay within a tenth together, on every store. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UNITS, type Principal, type Role } from '../../../src/access/index.js';
import {
  CONTRACTS,
  SupplementLedger,
  createContractService,
  formatYuan,
  parseYuan,
  type ContractData,
  type ContractIndex,
  type ContractRecord,
  type ContractService,
} from '../../../src/contract/index.js';
import { carrierCollection, type AuditEvent } from '../../../src/audit/index.js';
import { SCOPE_ALL, type Collection } from '../../../src/store/index.js';
import { openMemoryBlobStore } from '../../../src/store/memory/index.js';
import { goodsTemplate, packagedCalendar, sampleContract } from '../../unit/contract/sample.js';
import { STORES, type OpenStore } from '../stores.js';

const clock = { now: () => new Date('2026-05-12T02:00:00Z'), monotonicMs: () => 0 };
const original = sampleContract(1);
const unitPrice = parseYuan(original.items[0]!.unitPrice);

function person(unitId: string, ...roles: Role[]): Principal {
  const more = { regionCode: undefined, certificateSha256: undefined, requestId: undefined };
  return { accountId: `acc_${unitId}`, roles, unitId, ...more };
}
const handler = person('unt_buyer', 'unit-handler');
const supplier = person('unt_supplier', 'supplier-signer');

/** The same goods again, `quantity` of them. */
function agreement(number: string, quantity: number, changes: object = {}): ContractData {
  const amount = formatYuan(quantity * unitPrice);
  return {
    ...original,
    id: number,
    award: { ...original.award, amount: formatYuan(1000 * unitPrice) },
    items: [{ ...original.items[0]!, quantity, amount, ...changes }],
    value: { amount, currency: 'CNY' },
    payments: [{ condition: '验收合格', percent: 100, amount }],
  };
}

describe.each(STORES)('supplements on %s', (_name, open) => {
  let opened: OpenStore;
  let contracts: Collection<ContractRecord, ContractIndex>;
  let service: ContractService;
  let parentId: string;

  beforeEach(async () => {
    opened = await open();
    contracts = carrierCollection(await opened.store.open(CONTRACTS));
    const units = await opened.store.open(UNITS);
    for (const role of ['buyer', 'supplier'] as const) {
      await units.insert({
        id: `unt_${role}`,
        version: 1,
        revision: 1,
        kind: role === 'buyer' ? 'budget-unit' : 'supplier',
        name: original[role].name,
        creditCode: original[role].creditCode,
        regionCode: '370100',
        certificates: [],
        createdAt: '2026-01-01T00:00:00Z',
        pendingEvents: [],
      });
    }
    service = createContractService({
      contracts,
      units,
      blobs: openMemoryBlobStore(),
      clock,
      calendar: packagedCalendar,
      renderer: ({ data }) =>
        Promise.resolve({ pdf: new TextEncoder().encode(data.id), pageCount: 1, sealPlaces: [] }),
      templates: new Map([
        ['goods', goodsTemplate],
        ['goods@1', goodsTemplate],
      ]),
      readPages: () => Promise.resolve([]),
      inspectPdf: () => Promise.resolve({ pageCount: 1, findings: [] }),
      setWord: () => Promise.reject(new Error('no Word documents here')),
    });
    // A contract of 100 pieces, so that a tenth is ten.
    const parent = await service.create(handler, {
      data: agreement(original.id, 100),
      template: 'goods',
    });
    parentId = parent.id;
    await contracts.replace({
      ...parent,
      version: 2,
      revision: 2,
      state: 'filed',
      times: { ...parent.times, signedAt: '2026-05-11T00:00:00Z' },
    });
  });
  afterEach(() => opened.close());

  const draft = (number: string, quantity: number, changes?: object) =>
    service.create(handler, {
      data: agreement(number, quantity, changes),
      template: 'goods',
      supplementTo: parentId,
    });
  const submit = async (id: string) => {
    const { revision } = await service.get(handler, id);
    return service.submit(handler, { id, expectedRevision: revision });
  };
  const entries = async () => (await contracts.get(parentId, SCOPE_ALL))?.supplements ?? [];
  const refusal = expect.objectContaining({ code: 'supplement-refused' });

  it('lets no more through together than a tenth', async () => {
    const drafts = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((n) => draft(`S-${n}`, 2)));
    const outcomes = await Promise.allSettled(drafts.map(({ id }) => submit(id)));
    const sent = outcomes.filter((each) => each.status === 'fulfilled');
    expect(sent).toHaveLength(5);
    for (const each of outcomes)
      if (each.status === 'rejected') expect(each.reason).toEqual(refusal);
    const total = (await entries()).reduce((sum, each) => sum + each.amountFen, 0);
    expect(total).toBe(10 * unitPrice);
  });

  it('takes a tenth to the fen, and not one more', async () => {
    await expect(submit((await draft('S-11', 11)).id)).rejects.toEqual(refusal);
    await submit((await draft('S-10', 10)).id);
    await expect(submit((await draft('S-1', 1)).id)).rejects.toEqual(refusal);
  });

  it('gives the part of a returned agreement to another', async () => {
    const first = await submit((await draft('S-A', 10)).id);
    const change = { id: first.id, expectedRevision: first.revision, reason: '不再需要' };
    await service.reject(supplier, change);
    const second = await submit((await draft('S-B', 10)).id);
    expect(await entries()).toMatchObject([{ contractId: second.id }]);
    // And it does not come back with its old part.
    const again = await service.get(handler, first.id);
    const updated = await service.updateData(handler, {
      id: first.id,
      expectedRevision: again.revision,
      data: agreement('S-A', 1),
    });
    await expect(submit(updated.id)).rejects.toEqual(refusal);
  });

  it('fences a draft off whose part it gives away', async () => {
    // A submission that died between its two writes: the entry is there, the draft was not sent.
    const slow = await draft('S-SLOW', 10);
    await new SupplementLedger(contracts, clock).reserve(slow);
    await submit((await draft('S-QUICK', 10)).id);
    // Were it not dead but slow, it would now go on from the revision that it has read.
    await expect(
      contracts.replace({
        ...slow,
        version: slow.version + 1,
        revision: slow.revision + 1,
        state: 'sent',
      }),
    ).rejects.toMatchObject({ code: 'record-version-conflict' });
  });

  it.each<[string, object]>([
    ['other goods', { description: '激光打印机' }],
    ['another price', { unitPrice: '1.00', amount: '1.00' }],
    ['another specification', { specification: '内存 64 GB' }],
  ])('refuses %s', async (_what, changes) => {
    await expect(draft('S-X', 1, changes)).rejects.toEqual(refusal);
  });

  it('refuses what is not signed yet, and a supplement of a supplement', async () => {
    const other = await service.create(handler, {
      data: agreement('N-2', 100),
      template: 'goods',
    });
    const input = { data: agreement('S-1', 1), template: 'goods' };
    await expect(service.create(handler, { ...input, supplementTo: other.id })).rejects.toEqual(
      refusal,
    );
    const first = await draft('S-2', 1);
    await expect(service.create(handler, { ...input, supplementTo: first.id })).rejects.toEqual(
      refusal,
    );
  });

  it('changes the contract when it is signed, once, and only after that is filed', async () => {
    const sent = await submit((await draft('S-1', 1)).id);
    await contracts.replace({
      ...sent,
      version: sent.version + 1,
      revision: sent.revision + 1,
      state: 'signed',
      times: { ...sent.times, signedAt: '2026-05-12T00:00:00Z' },
    });
    const parent = (await contracts.get(parentId, SCOPE_ALL))!;
    await contracts.replace({
      ...parent,
      version: parent.version + 1,
      revision: parent.revision + 1,
      state: 'filing',
    });
    const { subscriber } = new SupplementLedger(contracts, clock);
    const event = (type: string, id: string): AuditEvent => ({
      id: `evt_${type}`,
      at: '2026-05-12T00:00:00Z',
      type,
      actor: { accountId: 'system', role: 'system' },
      subject: { kind: 'contract', id },
      scopeKeys: [],
      details: {},
    });
    await subscriber(event('contract.signed', sent.id));
    await subscriber(event('contract.signed', sent.id));
    const waiting = (await contracts.get(parentId, SCOPE_ALL))!;
    expect(waiting).toMatchObject({
      state: 'filing',
      supplements: [{ contractId: sent.id, concludedAt: '2026-05-12T00:00:00Z' }],
    });
    await contracts.replace({
      ...waiting,
      version: waiting.version + 1,
      revision: waiting.revision + 1,
      state: 'filed',
    });
    await subscriber(event('contract.filed', parentId));
    const changed = (await contracts.get(parentId, SCOPE_ALL))!;
    expect(changed.state).toBe('changed');
    await subscriber(event('contract.filed', parentId));
    expect((await contracts.get(parentId, SCOPE_ALL))?.revision).toBe(changed.revision);
  });
});

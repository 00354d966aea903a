import { beforeEach, describe, expect, it } from '@jest/globals';
import { UNITS, type Principal, type Role } from '../../../src/access/index.js';
import {
  CONTRACTS,
  createContractService,
  type ContractRecord,
  type ContractService,
} from '../../../src/contract/index.js';
import type { Collection } from '../../../src/store/index.js';
import type { ContractIndex } from '../../../src/contract/index.js';
import { openMemoryBlobStore, openMemoryStore } from '../../../src/store/memory/index.js';
import { goodsTemplate, packagedCalendar, sampleContract } from './sample.js';

const at = new Date('2026-05-12T02:00:00Z');
const sample = sampleContract();

function person(unitId: string | undefined, ...roles: Role[]): Principal {
  return {
    accountId: `acc_${unitId ?? 'x'}`,
    roles,
    unitId,
    regionCode: '370100',
    certificateSha256: undefined,
    requestId: 'req_1',
  };
}
const handler = person('unt_buyer', 'unit-handler');
const buyerSigner = person('unt_buyer', 'unit-signer');
const supplier = person('unt_supplier', 'supplier-signer');
const stranger = person('unt_other', 'unit-handler', 'supplier-signer', 'unit-signer');
const budgetSystem = person(undefined, 'budget-system');
const refused = (code: string) => ({ code });

describe('the contract service', () => {
  let service: ContractService;
  let contracts: Collection<ContractRecord, ContractIndex>;
  let rendered: number;

  beforeEach(async () => {
    const store = openMemoryStore();
    contracts = await store.open(CONTRACTS);
    const units = await store.open(UNITS);
    for (const [id, kind, party] of [
      ['unt_buyer', 'budget-unit', sample.buyer],
      ['unt_supplier', 'supplier', sample.supplier],
    ] as const) {
      await units.insert({
        id,
        version: 1,
        revision: 1,
        kind,
        name: party.name,
        creditCode: party.creditCode,
        regionCode: '370100',
        certificates: [],
        createdAt: '2026-01-01T00:00:00Z',
        pendingEvents: [],
      });
    }
    rendered = 0;
    service = createContractService({
      contracts,
      units,
      blobs: openMemoryBlobStore(),
      clock: { now: () => at, monotonicMs: () => 0 },
      calendar: packagedCalendar,
      // The layout has tests of its own; here only that what was made is what is kept.
      renderer: ({ data }) => {
        rendered += 1;
        const pdf = new TextEncoder().encode(`${data.id} ${data.deliveryPlace}`);
        return Promise.resolve({ pdf, pageCount: 1, sealPlaces: [] });
      },
      templates: new Map([
        ['goods', goodsTemplate],
        ['goods@1', goodsTemplate],
      ]),
      readPages: () => Promise.resolve([]),
      inspectPdf: () => Promise.resolve({ pageCount: 2, findings: [] }),
      setWord: (_, { title }) =>
        Promise.resolve({
          pdf: new TextEncoder().encode(`%PDF-1.7 ${title}`),
          pageCount: 1,
          notices: [{ kind: 'link', text: '超链接', textEn: 'links' }],
        }),
    });
  });

  const draft = (externalRef?: string) =>
    service.create(handler, {
      data: sample,
      template: 'goods',
      ...(externalRef === undefined ? {} : { externalRef }),
    });
  const change = (contract: ContractRecord) => ({
    id: contract.id,
    expectedRevision: contract.revision,
  });

  it('makes a draft with both parties, supplier first, and tells the audit log', async () => {
    const contract = await draft();
    expect(contract).toMatchObject({
      state: 'draft',
      number: sample.id,
      amountFen: 15_840_000,
      templateId: 'goods@1',
      parties: [
        { role: 'supplier', unitId: 'unt_supplier', order: 1 },
        { role: 'buyer', unitId: 'unt_buyer', order: 2 },
      ],
      pendingEvents: [{ type: 'contract.created', requestId: 'req_1' }],
    });
    expect(await service.get(supplier, contract.id)).toEqual(contract);
    await expect(service.get(stranger, contract.id)).rejects.toMatchObject(
      refused('contract-not-found'),
    );
  });

  it('gives the same contract for the same reference, also at the same time', async () => {
    const [first, second] = await Promise.all([draft('ref-1'), draft('ref-1')]);
    expect(second.id).toBe(first.id);
    await expect(
      service.create(handler, {
        data: { ...sample, id: 'N-2' },
        template: 'goods',
        externalRef: 'ref-1',
      }),
    ).rejects.toMatchObject(refused('record-exists'));
    await expect(draft('ref-2')).rejects.toMatchObject(refused('record-exists'));
  });

  it('answers a request again that had its effect and lost its answer', async () => {
    const asking = { ...handler, requestKey: 'idem_1' };
    const create = (data = sample) => service.create(asking, { data, template: 'goods' });
    const [first, second] = await Promise.all([create(), create()]);
    expect(second).toEqual(first);
    await expect(create({ ...sample, id: 'N-2' })).rejects.toMatchObject(
      refused('idempotency-key-reused'),
    );
    const sending = { ...handler, requestKey: 'idem_2' };
    const sent = await service.submit(sending, change(first));
    expect(await service.submit(sending, change(first))).toEqual(sent);
    await expect(service.submit(handler, change(first))).rejects.toMatchObject(
      refused('record-version-conflict'),
    );
    // The contract has gone on meanwhile.
    const confirmed = await service.confirm(supplier, change(sent));
    expect(await service.submit(sending, change(first))).toEqual(confirmed);
  });

  it.each<[string, Principal, string]>([
    ['another unit', stranger, 'contract-party-mismatch'],
    ['a supplier', supplier, 'forbidden'],
    ['a budget system elsewhere', { ...budgetSystem, regionCode: '420000' }, 'forbidden'],
  ])('refuses a draft of %s', async (_name, who, code) => {
    await expect(service.create(who, { data: sample, template: 'goods' })).rejects.toMatchObject(
      refused(code),
    );
    expect(rendered).toBe(0);
  });

  it('lets the budget system of the region draft and send for the buyer', async () => {
    const contract = await service.create(budgetSystem, { data: sample, template: 'goods' });
    expect((await service.submit(budgetSystem, change(contract))).state).toBe('sent');
  });

  it('renders anew while a draft, and only then', async () => {
    const contract = await draft();
    const data = { ...sample, deliveryPlace: '示例市新校区' };
    const altered = await service.updateData(handler, { ...change(contract), data });
    expect(altered.document?.blobId).not.toBe(contract.document?.blobId);
    const sent = await service.submit(handler, change(altered));
    await expect(service.updateData(handler, { ...change(sent), data })).rejects.toMatchObject(
      refused('contract-transition-refused'),
    );
  });

  it('refuses a change made from an older revision', async () => {
    const contract = await draft();
    await service.submit(handler, change(contract));
    await expect(service.submit(handler, change(contract))).rejects.toMatchObject(
      refused('record-version-conflict'),
    );
  });

  it('blocks errors and asks for warnings to be acknowledged by name', async () => {
    const wrong = { ...sample, value: { amount: '1.00', currency: 'CNY' } };
    const bad = await service.create(handler, { data: wrong, template: 'goods' });
    await expect(
      service.submit(handler, { ...change(bad), acknowledged: ['items-sum-wrong'] }),
    ).rejects.toMatchObject(refused('contract-checks-failed'));
    const data = { ...sample, deliveryPlace: '示例市____路' };
    const doubtful = await service.updateData(handler, { ...change(bad), data });
    await expect(service.submit(handler, change(doubtful))).rejects.toMatchObject(
      refused('contract-checks-failed'),
    );
    const sent = await service.submit(handler, {
      ...change(doubtful),
      acknowledged: ['placeholder-left'],
    });
    expect(sent.pendingEvents.at(-1)?.details).toEqual({
      acknowledged: 'placeholder-left',
      signBy: '2026-06-11',
    });
  });

  it('is confirmed by the supplier alone', async () => {
    const sent = await service.submit(handler, change(await draft()));
    await expect(service.confirm(handler, change(sent))).rejects.toMatchObject(
      refused('forbidden'),
    );
    const confirmed = await service.confirm(supplier, change(sent));
    expect(confirmed).toMatchObject({
      state: 'confirmed',
      times: { sentAt: '2026-05-12T02:00:00Z', confirmedAt: '2026-05-12T02:00:00Z' },
    });
  });

  it('comes back with a reason, and can be drafted again', async () => {
    const sent = await service.submit(handler, change(await draft()));
    await expect(service.reject(supplier, { ...change(sent), reason: '  ' })).rejects.toMatchObject(
      refused('input-invalid'),
    );
    const returned = await service.reject(supplier, { ...change(sent), reason: '交货地点有误' });
    expect(returned).toMatchObject({ state: 'rejected', returns: [{ reason: '交货地点有误' }] });
    const again = await service.updateData(handler, { ...change(returned), data: sample });
    expect(again.state).toBe('draft');
    expect(again.times.sentAt).toBeUndefined();
  });

  it('lets nothing happen while somebody signs', async () => {
    const sent = await service.submit(handler, change(await draft()));
    const confirmed = await service.confirm(supplier, change(sent));
    const busy: ContractRecord = {
      ...confirmed,
      version: confirmed.version + 1,
      attempt: {
        id: 'att_1',
        role: 'supplier',
        unitId: 'unt_supplier',
        accountId: 'a',
        certificateSha256: '00',
        baseBlobId: '00',
        startedAt: '2026-05-12T01:59:00Z',
        until: '2026-05-12T02:04:00Z',
      },
    };
    await contracts.replace(busy);
    await expect(
      service.withdraw(handler, { ...change(busy), reason: '撤回' }),
    ).rejects.toMatchObject(refused('contract-signing-in-progress'));
  });

  it('is void once both parties agree', async () => {
    const contract = await draft();
    await contracts.replace({ ...contract, version: 2, state: 'signed' });
    const reason = '双方协商一致';
    const asked = await service.void(supplier, { ...change(contract), reason });
    expect(asked.state).toBe('signed');
    await expect(service.void(supplier, { ...change(asked), reason })).rejects.toMatchObject(
      refused('contract-transition-refused'),
    );
    expect((await service.void(buyerSigner, { ...change(asked), reason })).state).toBe('voided');
  });

  it('lists what the caller may see', async () => {
    await draft();
    const states = { state: ['draft'] as const, limit: 10 };
    expect((await service.list(supplier, states)).items).toHaveLength(1);
    expect((await service.list(stranger, states)).items).toHaveLength(0);
    expect((await service.list(handler, { state: ['sent'], limit: 10 })).items).toHaveLength(0);
  });

  it('sets a Word document, keeps it, and has the setting acknowledged', async () => {
    const bytes = new TextEncoder().encode('PK\u0003\u0004');
    const contract = await service.create(handler, {
      data: sample,
      upload: { bytes, fileName: '设备采购.docx' },
    });
    expect(contract.document).toMatchObject({
      source: 'word',
      fileName: '设备采购.pdf',
      original: { fileName: '设备采购.docx', sizeBytes: 4 },
      findings: [{ kind: 'link' }],
    });
    const findings = await service.check(handler, contract.id);
    expect(findings.find(({ code }) => code === 'set-from-word')?.severity).toBe('warning');
    const change = { id: contract.id, expectedRevision: contract.revision };
    await expect(service.submit(handler, change)).rejects.toMatchObject(
      refused('contract-checks-failed'),
    );
  });

  it('takes an uploaded document as it is', async () => {
    const pdf = new TextEncoder().encode('%PDF-1.7');
    const place = { role: 'buyer', pageIndex: 2, xPt: 1, yPt: 1 } as const;
    const upload = { bytes: pdf, fileName: '合同.pdf', sealPlaces: [place] };
    await expect(service.create(handler, { data: sample, upload })).rejects.toMatchObject(
      refused('pdf-page-out-of-range'),
    );
    const contract = await service.create(handler, {
      data: sample,
      upload: { bytes: pdf, fileName: '合同.pdf' },
    });
    expect(contract.document).toMatchObject({
      source: 'upload',
      pageCount: 2,
      fileName: '合同.pdf',
    });
  });
});

/** What supervision sees, followed from the audit log, on every store. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Principal } from '../../../src/access/index.js';
import {
  AUDIT_ENTRIES,
  createAuditLog,
  AUDIT_CHECKPOINTS,
  type AuditLog,
} from '../../../src/audit/index.js';
import {
  CONTRACTS,
  WorkingDayCalendar,
  contractEvent,
  parseYuan,
  type ContractData,
  type ContractIndex,
  type ContractRecord,
} from '../../../src/contract/index.js';
import { silentLogger, type Clock } from '../../../src/kernel/index.js';
import type { Collection } from '../../../src/store/index.js';
import {
  DUES,
  OVERVIEWS,
  PROJECTIONS,
  SupervisionProjector,
  TOTALS,
  createSupervision,
  type Supervision,
  type SupervisionCollections,
} from '../../../src/supervision/index.js';
import { ocdsFaults } from '../../support/ocds-schema.js';
import { sampleContract } from '../../unit/contract/sample.js';
import { STORES, type OpenStore } from '../stores.js';

const plan2026 = {
  year: 2026,
  source: { title: '示例', issuedOn: '2025-11-04' },
  holidays: [{ name: '劳动节', from: '2026-05-01', to: '2026-05-05' }],
  makeUpDays: ['2026-05-09'],
};
const calendar = new WorkingDayCalendar([plan2026]);

function reader(changes: Partial<Principal>): Principal {
  return {
    accountId: 'acc',
    roles: ['supervisor'],
    unitId: undefined,
    regionCode: '370000',
    certificateSha256: undefined,
    requestId: undefined,
    ...changes,
  };
}
const province = reader({});
const city = reader({ regionCode: '370200' });
const unit = reader({ roles: ['unit-handler'], regionCode: undefined, unitId: 'unt_1' });

describe.each(STORES)('supervision on %s', (_name, open) => {
  let opened: OpenStore;
  let contracts: Collection<ContractRecord, ContractIndex>;
  let log: AuditLog;
  let collections: SupervisionCollections;
  let auditEntries: Awaited<ReturnType<typeof openEntries>>;
  let supervision: Supervision;
  let now: Date;
  const clock: Clock = { now: () => now, monotonicMs: () => 0 };
  const openEntries = () => opened.store.open(AUDIT_ENTRIES);

  beforeEach(async () => {
    now = new Date('2026-05-20T02:00:00Z');
    opened = await open();
    const { store } = opened;
    contracts = await store.open(CONTRACTS);
    auditEntries = await openEntries();
    log = createAuditLog({
      entries: auditEntries,
      checkpoints: await store.open(AUDIT_CHECKPOINTS),
      key: { keyId: 'k', sign: () => new Uint8Array(64), verify: () => true },
      clock,
    });
    collections = {
      overviews: await store.open(OVERVIEWS),
      dues: await store.open(DUES),
      totals: await store.open(TOTALS),
      projections: await store.open(PROJECTIONS),
    };
    supervision = createSupervision({
      ...collections,
      contracts,
      clock,
      ocidPrefix: 'ocds-abc123',
      publicUrl: 'https://qianyin.example',
      publisherName: '示例省财政厅',
    });
  });
  afterEach(() => opened.close());

  const projector = (plans = calendar): SupervisionProjector =>
    new SupervisionProjector({
      ...collections,
      contracts,
      auditEntries,
      calendar: plans,
      clock,
      logger: silentLogger,
      intervalMs: 1000,
    });
  const follow = (plans?: WorkingDayCalendar) => projector(plans).runOnce();

  const data = sampleContract(2);
  const made = (id: string, changes: Partial<ContractRecord> = {}): ContractRecord => ({
    id,
    version: 1,
    revision: 1,
    number: `N-${id}`,
    title: data.title,
    regionCode: '370102',
    buyerUnitId: 'unt_1',
    state: 'draft',
    templateId: 'goods@1',
    data: { ...data, award: { ...data.award, date: '2026-04-10' } },
    amountFen: parseYuan(data.value.amount),
    parties: [
      { role: 'supplier', unitId: 'unt_s', name: data.supplier.name, creditCode: '', order: 1 },
      {
        role: 'buyer',
        unitId: changes.buyerUnitId ?? 'unt_1',
        name: data.buyer.name,
        creditCode: '',
        order: 2,
      },
    ],
    signatures: [],
    returns: [],
    times: { createdAt: '2026-04-20T00:00:00Z' },
    pendingEvents: [],
    ...changes,
  });
  const signed = (id: string, signedAt: string, changes: Partial<ContractRecord> = {}) => {
    const signature = {
      blobId: 'ab'.repeat(32),
      sizeBytes: 1,
      unitId: 'unt_1',
      fieldName: 'f',
      certificateSha256: '00',
      signerSubject: 'CN=x',
      level: 'B-B',
      signedAt,
      attemptId: `sgn_${id}`,
    } as const;
    return made(id, {
      state: 'signed',
      signatures: [
        { ...signature, number: 1, role: 'supplier', attemptId: `sgn_${id}1`, sealId: 'seal_1' },
        { ...signature, number: 2, role: 'buyer', attemptId: `sgn_${id}2` },
      ],
      times: { createdAt: '2026-04-20T00:00:00Z', signedAt },
      ...changes,
    });
  };
  const happen = async (contract: ContractRecord, what: string): Promise<void> => {
    const actor = { accountId: 'a', role: 'x' };
    await log.append([contractEvent(contract, { what, actor, at: now })]);
  };
  const put = async (contract: ContractRecord, what: string): Promise<ContractRecord> => {
    if (contract.version === 1) await contracts.insert(contract);
    else await contracts.replace(contract);
    await happen(contract, what);
    return contract;
  };
  const next = (contract: ContractRecord, changes: Partial<ContractRecord>): ContractRecord => ({
    ...contract,
    ...changes,
    version: contract.version + 1,
    revision: contract.revision + 1,
  });
  const due = async (principal: Principal, query: object = {}) =>
    (await supervision.deadlines(principal, { limit: 50, ...query })).items.map(
      (each) => `${each.contractId} ${each.kind} ${each.lastDay}`,
    );

  it('lists what is due, soonest first, and takes off what is done', async () => {
    const draft = await put(made('ctr_draft'), 'created');
    const contract = await put(signed('ctr_signed', '2026-05-08T03:00:00Z'), 'signed');
    await follow();
    // Awarded on 10 April: 10 May is a Sunday. Signed on Friday, Saturday 9 May is worked.
    expect(await due(province)).toEqual([
      'ctr_draft sign 2026-05-11',
      'ctr_signed announce 2026-05-11',
      'ctr_signed file 2026-05-18',
    ]);
    await put(
      next(contract, { times: { ...contract.times, announcedAt: '2026-05-11T15:00:00Z' } }),
      'announced',
    );
    await put(next(draft, { state: 'withdrawn' }), 'withdrawn');
    await follow();
    expect(await due(province)).toEqual(['ctr_signed file 2026-05-18']);
    const record = await collections.dues.get('ctr_signed.announce', { kind: 'all' });
    expect(record?.state).toBe('met');
  });

  it("filters by kind, unit, region and lateness, page by page, within the reader's scope", async () => {
    for (let n = 1; n <= 5; n++) {
      const place =
        n <= 3
          ? { buyerUnitId: 'unt_1', regionCode: '370102' }
          : { buyerUnitId: 'unt_2', regionCode: '370203' };
      await put(signed(`ctr_${n}`, `2026-05-1${n}T03:00:00Z`, place), 'signed');
    }
    await follow();
    expect(await due(province)).toHaveLength(10);
    expect(await due(city)).toHaveLength(4);
    expect(await due(province, { regionCode: '370100' })).toHaveLength(6);
    expect(await due(city, { regionCode: '370100' })).toEqual([]);
    expect(await due(city, { regionCode: '370000' })).toEqual(await due(city, {}));
    expect(await due(unit, { regionCode: '370100' })).toEqual(await due(unit, {}));
    expect(await due(unit, { regionCode: '370200' })).toEqual([]);
    expect(await due(unit)).toHaveLength(6);
    expect(await due(province, { unitId: 'unt_2', kind: 'file' })).toHaveLength(2);
    expect(
      await due(reader({ roles: ['unit-handler'], regionCode: undefined, unitId: 'unt_x' })),
    ).toEqual([]);
    const late = await due(province, { isOverdue: true });
    const early = await due(province, { isOverdue: false });
    expect([...late, ...early]).toEqual(await due(province));
    // At ten in the morning of the 20th what ended with the 19th is late.
    expect(late.every((each) => each.slice(-10) <= '2026-05-19')).toBe(true);
    expect(early.every((each) => each.slice(-10) >= '2026-05-20')).toBe(true);
    expect(late.length).toBeGreaterThan(0);

    const paged: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await supervision.deadlines(province, { limit: 3, kind: 'announce', cursor });
      paged.push(...page.items.map((each) => `${each.contractId} ${each.kind} ${each.lastDay}`));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(paged).toEqual(await due(province, { kind: 'announce' }));

    expect(await supervision.overdue(province, { groupBy: 'region' })).toEqual([
      {
        key: '370102',
        sign: 0,
        announce: late.filter((each) => /ctr_[123] a/.test(each)).length,
        file: 0,
      },
      ...(late.some((each) => /ctr_[45]/.test(each))
        ? [
            {
              key: '370203',
              sign: 0,
              announce: late.filter((each) => /ctr_[45] a/.test(each)).length,
              file: 0,
            },
          ]
        : []),
    ]);
  });

  it('counts terms anew when a plan is published', async () => {
    await put(signed('ctr_late', '2026-12-30T03:00:00Z'), 'signed');
    await follow();
    expect(await due(province)).toEqual([
      'ctr_late announce 2027-01-01',
      'ctr_late file 2027-01-08',
    ]);
    const plan2027 = {
      year: 2027,
      source: { title: '示例', issuedOn: '2026-11-30' },
      holidays: [{ name: '元旦', from: '2027-01-01', to: '2027-01-03' }],
      makeUpDays: [],
    };
    await follow(new WorkingDayCalendar([plan2026, plan2027]));
    expect(await due(province)).toEqual([
      'ctr_late announce 2027-01-04',
      'ctr_late file 2027-01-11',
    ]);
    const [first] = (await supervision.deadlines(province, { limit: 1 })).items;
    expect(first?.isProvisional).toBe(false);
  });

  it('counts contracts by month, region, unit and kind, the same however often it is done', async () => {
    const first = await put(signed('ctr_1', '2026-04-30T15:00:00Z'), 'signed');
    // Already May in Shanghai.
    await put(
      signed('ctr_2', '2026-04-30T17:00:00Z', { regionCode: '370203', buyerUnitId: 'unt_2' }),
      'signed',
    );
    await put(signed('ctr_3', '2026-05-20T01:00:00Z', { templateId: 'services@1' }), 'signed');
    await follow();
    const filed = next(first, {
      state: 'filed',
      times: {
        ...first.times,
        announcedAt: '2026-05-12T00:00:00Z',
        filedAt: '2026-05-13T10:00:00Z',
      },
    });
    await put(filed, 'filed');
    await Promise.all([follow(), follow()]);
    const place = (await collections.projections.get('supervision', { kind: 'all' }))!;
    // Following everything again changes nothing.
    await collections.projections.replace({ id: place.id, version: place.version + 1, seq: 0 });
    await follow();

    const year = { from: '2026-01', to: '2026-12' };
    const byMonth = await supervision.statistics(province, { groupBy: 'month', ...year });
    expect(byMonth.rows).toMatchObject([
      // Five days of holiday between, Saturday 9 May is worked: announced late, filed in time.
      {
        key: '2026-04',
        contracts: 1,
        announced: 1,
        announcedLate: 1,
        filed: 1,
        filedLate: 0,
        signedLate: 0,
      },
      { key: '2026-05', contracts: 2, signedLate: 1, averageDaysToSign: 30.5, mostDaysToSign: 40 },
    ]);
    expect(byMonth.total).toMatchObject({ contracts: 3, sealCoverage: 0.5 });
    const amount = BigInt(parseYuan(data.value.amount)) * 3n;
    expect(byMonth.total.amount.replace('.', '')).toBe(String(amount));
    const keys = async (principal: Principal, groupBy: 'region' | 'unit' | 'kind', more = {}) =>
      (await supervision.statistics(principal, { groupBy, ...year, ...more })).rows.map(
        ({ key, contracts: count }) => `${key} ${count}`,
      );
    expect(await keys(province, 'region')).toEqual(['370102 2', '370203 1']);
    expect(await keys(city, 'region')).toEqual(['370203 1']);
    expect(await keys(province, 'unit')).toEqual(['unt_1 2', 'unt_2 1']);
    expect(await keys(unit, 'kind')).toEqual(['goods 1', 'services 1']);
    expect(await keys(province, 'kind', { regionCode: '370100' })).toEqual([
      'goods 1',
      'services 1',
    ]);
    expect(await keys(province, 'region', { kind: 'services' })).toEqual(['370102 1']);
  });

  it('feeds announcements in the order of change, masked, without secrets', async () => {
    const persons = {
      representative: '张明',
      contactPerson: '欧阳小明',
      contactPhone: '13812345678',
    };
    const open: ContractData = {
      ...data,
      supplier: { ...data.supplier, ...persons },
      deliveryPlace: '示例市学府路1号，收货人欧阳小明，电话 13812345678',
    };
    const first = await put(signed('ctr_1', '2026-05-11T03:00:00Z', { data: open }), 'signed');
    const secret = { ...data, secrecy: { isSecret: true } };
    await put(signed('ctr_secret', '2026-05-11T04:00:00Z', { data: secret }), 'signed');
    await put(signed('ctr_2', '2026-05-11T05:00:00Z'), 'signed');
    await put(made('ctr_draft'), 'created');
    const auditor = reader({ roles: ['auditor'], regionCode: undefined });
    expect(await supervision.announcements(auditor, { limit: 10 })).toMatchObject({ items: [] });
    await follow();
    const page = await supervision.announcements(province, { limit: 1 });
    expect(page).toMatchObject({ items: [{ id: 'ctr_1', status: 'in-force' }], hasMore: true });
    const text = JSON.stringify(page);
    expect(text).not.toMatch(/张明|欧阳小明|13812345678|6222/);
    expect(page.items[0]).toMatchObject({
      performancePlace: '示例市学府路1号，收货人欧阳**，电话 138****5678',
      supplier: { contact: '138****5678' },
    });
    const rest = await supervision.announcements(province, { limit: 10, after: page.last });
    expect(rest.items.map(({ id }) => id)).toEqual(['ctr_2']);
    const voided = { ...first.times, endedAt: '2026-05-12T00:00:00Z' };
    await put(next(first, { state: 'voided', times: voided }), 'voided');
    await follow();
    const later = await supervision.announcements(province, { limit: 10, after: rest.last });
    expect(later.items).toMatchObject([{ id: 'ctr_1', status: 'voided' }]);
    expect(await supervision.announcements(city, { limit: 10 })).toMatchObject({ items: [] });
  });

  it('exports OCDS packages that the published schema accepts', async () => {
    await put(signed('ctr_1', '2026-05-11T03:00:00Z'), 'signed');
    await put(
      signed('ctr_2', '2026-05-11T05:00:00Z', {
        state: 'terminated',
        times: {
          createdAt: '2026-05-01T00:00:00Z',
          signedAt: '2026-05-11T05:00:00Z',
          endedAt: '2026-05-13T00:00:00Z',
        },
      }),
      'terminated',
    );
    await follow();
    const whole = await supervision.ocds(province, { limit: 10 });
    expect(ocdsFaults(whole)).toBeUndefined();
    expect(whole.releases.map(({ tag }) => tag)).toEqual([['contract'], ['contractTermination']]);
    expect(whole.releases[1]?.contracts[0]).toMatchObject({
      status: 'terminated',
      dateSigned: '2026-05-11T05:00:00Z',
    });
    const first = await supervision.ocds(province, { limit: 1 });
    expect(ocdsFaults(first)).toBeUndefined();
    expect(new URL(first.links!.next).searchParams.get('cursor')).toMatch(/^\d+$/);
    // The schema does look.
    const broken = { ...whole, releases: [{ ...whole.releases[0], tag: [] }] };
    expect(ocdsFaults(broken)).toBeDefined();
  });
});

/** Ways of contracts through the API, each to its end; what is left in the store is checked last. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkCharacter } from '../../src/access/index.js';
import { formatCapitals, formatYuan, parseYuan, withFiling } from '../../src/contract/index.js';
import type { Signer } from '../../src/pades/index.js';
import { SAMPLE_REGION, sampleContractData } from '../../src/sandbox/sample/index.js';
import { SCOPE_ALL } from '../../src/store/index.js';
import { samplePdf } from '../support/contract-pdf.js';
import { brokenInvariants } from '../support/invariants.js';
import { ocdsFaults } from '../support/ocds-schema.js';
import { PIN, ServiceFixture, principal, type Reply } from './service-fixture.js';

const DAY_MS = 86_400_000;
const AGENT = {
  name: '示例采购代理有限公司',
  creditCode: `91990100MA00AGNT0${checkCharacter('91990100MA00AGNT0')}`,
};

let fixture: ServiceFixture;
let count = 0;
const personalSeal = new Map<string, string>();

/** What these tests look at in a contract. */
interface Contract {
  readonly id: string;
  readonly number: string;
  readonly state: string;
  readonly code?: string;
  readonly signBy: string;
  readonly nextSigners: readonly string[];
  readonly parties: readonly { readonly role: string; readonly openDuties: readonly string[] }[];
  readonly signatures: readonly { readonly duty: string; readonly unitId: string }[];
  readonly reminders: readonly { readonly cause: string }[];
}
const contractOf = (reply: Reply): Contract => reply.body as unknown as Contract;

beforeAll(async () => {
  fixture = await ServiceFixture.start();
  const root = principal(['system-administrator']);
  const { units, accounts } = fixture.service.services;
  const signer = await fixture.pki.issue(
    `CN=${AGENT.name},O=${AGENT.name},2.5.4.97=${AGENT.creditCode},C=CN`,
    { key: 'P-256' },
  );
  (fixture.signers as Map<string, Signer>).set('agent', signer);
  const agency = await units.create(root, { ...AGENT, kind: 'agency', regionCode: SAMPLE_REGION });
  const enrolled = await units.enrolCertificate(root, agency.id, {
    certificateDer: signer.certificateDer,
    tokenKind: 'other',
  });
  fixture.units.set('agent', enrolled);
  const made = await accounts.create(root, {
    name: 'agent-signer',
    kind: 'person',
    roles: ['unit-signer'],
    unitId: agency.id,
  });
  fixture.accounts.set('agent-signer', made.account.id);
  for (const unit of ['buyer', 'supplier'] as const) {
    await fixture.issueSeal(unit);
    personalSeal.set(unit, (await fixture.issueSeal(unit, { kind: 'legal-person' })).id);
  }
});

afterAll(async () => {
  await fixture.service.settle();
  const { blobs } = fixture.service.services;
  const faults = await brokenInvariants(
    { ...fixture.service.collections, blobs },
    { isSettled: true },
  );
  await fixture.stop();
  expect(faults).toEqual([]);
});

const roles = { handler: 'unit-handler', buyer: 'unit-signer', supplier: 'supplier-signer' };
const newData = () => sampleContractData({ today: new Date(), number: `HT-SC-${String(++count)}` });

async function post(id: string, path: string, as: string, json?: object): Promise<Contract> {
  const reply = await fixture.call('POST', `/contracts/${id}${path}`, {
    as,
    ...(json === undefined ? {} : { json }),
  });
  return contractOf(reply);
}
const draft = async (more: object = {}): Promise<Contract> =>
  contractOf(
    await fixture.call('POST', '/contracts', {
      as: roles.handler,
      json: { template: 'goods', data: newData(), ...more },
    }),
  );
async function send(id: string): Promise<Contract> {
  const checks = await fixture.call('POST', `/contracts/${id}/checks`, { as: roles.handler });
  const acknowledged = checks.body.findings.map((each) => each.code);
  await post(id, '/submit', roles.handler, { acknowledged });
  return post(id, '/confirm', roles.supplier);
}
const confirmed = async (more: object = {}): Promise<Contract> => send((await draft(more)).id);
const sign = (id: string, who: 'buyer' | 'supplier', more: object = {}): Promise<Contract> =>
  post(id, '/signatures', roles[who], { token: { label: who }, pin: PIN, ...more });
const get = async (id: string): Promise<Contract> =>
  contractOf(await fixture.call('GET', `/contracts/${id}`, { as: roles.handler }));

/** What the filing worker does where there is a budget system: here there is none, only its receipt. */
async function handOver(contractId: string, filingId: string): Promise<void> {
  const { contracts, filings } = fixture.service.collections;
  const contract = (await contracts.get(contractId, SCOPE_ALL))!;
  await contracts.replace(withFiling(contract, filingId));
  const filing = (await filings.get(filingId, SCOPE_ALL))!;
  const { version, revision, documentSha256 } = filing;
  await filings.replace({
    ...filing,
    version: version + 1,
    revision: revision + 1,
    packageBlobId: documentSha256,
  });
}

/** Through both signatures and the budget system's receipt. */
async function filed(id: string): Promise<Contract> {
  await sign(id, 'supplier');
  expect(await sign(id, 'buyer')).toMatchObject({ state: 'signed' });
  await fixture.service.settle();
  const { items } = (await fixture.call('GET', `/filings?contractId=${id}`, { as: roles.handler }))
    .body;
  const [filing] = items as unknown as readonly { id: string; documentSha256: string }[];
  await handOver(id, filing!.id);
  const receipt = await fixture.call('POST', `/filings/${filing!.id}/receipts`, {
    as: 'budget-system',
    json: {
      filingNumber: `BA-${id.slice(-8)}`,
      documentSha256: filing!.documentSha256,
      receivedAt: new Date().toISOString(),
    },
  });
  expect(receipt.status).toBe(200);
  await fixture.service.settle();
  const contract = await get(id);
  expect(contract.state).toBe('filed');
  return contract;
}

describe('several seals of one party', () => {
  it('are signatures of their own, each with the seal that is due', async () => {
    const { id } = await confirmed({
      duties: { supplier: ['unit-seal', 'legal-representative'] },
    });
    const sealId = personalSeal.get('supplier');
    expect(await sign(id, 'supplier', { duty: 'unit-seal', sealId })).toMatchObject({
      code: 'seal-kind-mismatch',
    });
    const first = await sign(id, 'supplier');
    expect(first).toMatchObject({ state: 'confirmed', nextSigners: ['supplier'] });
    expect(first.parties[0]?.openDuties).toEqual(['legal-representative']);
    expect(await sign(id, 'supplier', { duty: 'unit-seal' })).toMatchObject({
      code: 'contract-transition-refused',
    });
    expect(await sign(id, 'buyer')).toMatchObject({ code: 'contract-not-your-turn' });
    expect(await sign(id, 'supplier')).toMatchObject({ state: 'supplier-signed' });
    const whole = await sign(id, 'buyer');
    expect(whole.state).toBe('signed');
    expect(whole.signatures.map(({ duty }) => duty)).toEqual([
      'unit-seal',
      'legal-representative',
      'unit-seal',
    ]);
    const pdf = await fixture.call('GET', `/contracts/${id}/document`, { as: roles.handler });
    const report = await fixture.call('POST', '/verifications', {
      headers: { 'content-type': 'application/pdf' },
      body: pdf.bytes,
    });
    expect(report.body).toMatchObject({ indication: 'TOTAL-PASSED' });
    expect(report.body.signatures).toHaveLength(3);
  });
});

describe('a procurement agent', () => {
  it('signs for the buyer only with an authorisation', async () => {
    const { id } = await draft();
    expect((await fixture.call('GET', `/contracts/${id}`, { as: 'agent-signer' })).status).toBe(
      404,
    );
    const authorise = async (agentCreditCode: string): Promise<Reply> => {
      const parts = new FormData();
      const pdf = new Blob([new Uint8Array(await samplePdf())], { type: 'application/pdf' });
      parts.set('document', pdf, '授权委托书.pdf');
      parts.set('data', JSON.stringify({ agentCreditCode }));
      return fixture.call('POST', `/contracts/${id}/authorisation`, {
        as: roles.handler,
        body: parts,
      });
    };
    const supplierCode = fixture.units.get('supplier')!.creditCode;
    expect((await authorise(supplierCode)).body.code).toBe('contract-data-invalid');
    expect((await authorise(AGENT.creditCode)).status).toBe(200);
    await send(id);
    await sign(id, 'supplier');
    const token = { token: { label: 'agent' }, pin: PIN };
    const whole = await post(id, '/signatures', 'agent-signer', token);
    expect(whole.state).toBe('signed');
    expect(whole.signatures[1]?.unitId).toBe(fixture.unitId('agent'));
    // It signs; it does not dispose of the contract.
    expect(await post(id, '/void', 'agent-signer', { reason: 'x' })).toMatchObject({
      code: 'contract-party-mismatch',
    });
    const annex = await fixture.call('GET', `/contracts/${id}/authorisation`, {
      as: roles.supplier,
    });
    expect(Buffer.from(annex.bytes).toString('latin1', 0, 5)).toBe('%PDF-');
  });
});

describe('a change of a partly signed contract', () => {
  it('starts signing again, keeps what was signed and shows what differs', async () => {
    const data = newData();
    const made = await fixture.call('POST', '/contracts', {
      as: roles.handler,
      json: { template: 'goods', data },
    });
    const { id } = made.body;
    await send(id);
    await sign(id, 'supplier');
    const signedPdf = await fixture.call('GET', `/contracts/${id}/document`, { as: roles.handler });
    const patch = async (more: object): Promise<Reply> => {
      const { headers } = await fixture.call('GET', `/contracts/${id}`, { as: roles.handler });
      return fixture.call('PATCH', `/contracts/${id}`, {
        as: roles.handler,
        json: { data: { ...data, deliveryPlace: '示例市新校区实验楼 301 室' }, ...more },
        headers: { 'if-match': headers.get('etag')! },
      });
    };
    expect((await patch({})).body.code).toBe('contract-signatures-at-stake');
    const changed = await patch({ restartsSigning: true });
    expect(changed.body).toMatchObject({
      state: 'draft',
      signatures: [],
      versionNumber: 2,
      earlierVersions: [{ number: 1, voidSignatures: [{ role: 'supplier' }] }],
    });
    const kept = await fixture.call('GET', `/contracts/${id}/document?version=1`, {
      as: roles.supplier,
    });
    expect(Buffer.from(kept.bytes)).toEqual(Buffer.from(signedPdf.bytes));
    await send(id);
    const differences = await fixture.call('GET', `/contracts/${id}/differences`, {
      as: roles.supplier,
    });
    expect(differences.body).toMatchObject({
      from: 1,
      to: 2,
      fields: [
        {
          pointer: '#/deliveryPlace',
          before: data.deliveryPlace,
          after: '示例市新校区实验楼 301 室',
        },
      ],
    });
    const { pages } = differences.body as unknown as {
      pages: readonly { removed: readonly string[]; added: readonly string[] }[];
    };
    expect(pages.flatMap(({ added }) => added).join()).toContain('301');
    expect(pages.flatMap(({ removed }) => removed).join()).not.toContain('301');
    await sign(id, 'supplier');
    expect(await sign(id, 'buyer')).toMatchObject({ state: 'signed' });
    await fixture.service.settle();
    const entries = await fixture.call('GET', `/audit/entries?subject=contract/${id}`, {
      as: 'auditor',
    });
    const types = entries.body.items.map(({ event }) => event.type);
    expect(types).toContain('contract.signing-restarted');
  });
});

describe('parties that sign in any order', () => {
  it('may try at once: both are in the file in the end, once each', async () => {
    for (let round = 0; round < 3; round++) {
      const { id } = await confirmed({ firstSigner: 'any' });
      const first = await Promise.all([sign(id, 'supplier'), sign(id, 'buyer')]);
      for (const each of first) {
        if (each.code === undefined) continue;
        expect(['contract-signing-in-progress', 'record-version-conflict']).toContain(each.code);
      }
      for (const who of ['supplier', 'buyer'] as const) {
        const { parties } = await get(id);
        const owes = parties.find(({ role }) => role === who)?.openDuties.length;
        if (owes === 1) await sign(id, who);
      }
      expect(await get(id)).toMatchObject({ state: 'signed', signatures: { length: 2 } });
    }
  });
});

describe('a contract ends', () => {
  it('by return, correction and a second sending', async () => {
    const { id } = await confirmed();
    const back = await post(id, '/reject', roles.supplier, { reason: '交货地点有误' });
    expect(back).toMatchObject({ state: 'rejected' });
    const { headers } = await fixture.call('GET', `/contracts/${id}`, { as: roles.handler });
    const data = { ...newData(), deliveryPlace: '示例市示范区样例路 3 号' };
    const again = await fixture.call('PATCH', `/contracts/${id}`, {
      as: roles.handler,
      json: { data },
      headers: { 'if-match': headers.get('etag')! },
    });
    expect(again.body).toMatchObject({ state: 'draft', earlierVersions: [{ number: 1 }] });
    expect(await send(id)).toMatchObject({ state: 'confirmed' });
    expect(await post(id, '/withdraw', roles.handler, { reason: '预算调整' })).toMatchObject({
      state: 'withdrawn',
    });
  });

  it('void, by the consent of a signer of each party', async () => {
    const { id } = await confirmed();
    await sign(id, 'supplier');
    const reason = { reason: '双方协商一致' };
    expect(await post(id, '/void', roles.supplier, reason)).toMatchObject({
      state: 'supplier-signed',
      voidConsents: [{ unitId: fixture.unitId('supplier') }],
    });
    expect(await post(id, '/void', roles.supplier, reason)).toMatchObject({
      code: 'contract-transition-refused',
    });
    expect(await post(id, '/void', roles.handler, reason)).toMatchObject({ code: 'forbidden' });
    expect(await post(id, '/void', roles.buyer, reason)).toMatchObject({ state: 'voided' });
  });

  it('not while it is held by an order', async () => {
    const { id, signBy } = await confirmed();
    await sign(id, 'supplier');
    await post(id, '/freeze', 'budget-system', { reason: '投诉处理期间暂停' });
    expect(await sign(id, 'buyer')).toMatchObject({ code: 'contract-transition-refused' });
    fixture.clock.passedMs += 2 * DAY_MS;
    const free = await post(id, '/unfreeze', 'budget-system', { reason: '投诉处理完毕' });
    fixture.clock.passedMs -= 2 * DAY_MS;
    expect(free.state).toBe('supplier-signed');
    expect(Date.parse(free.signBy) - Date.parse(signBy)).toBeGreaterThanOrEqual(2 * DAY_MS);
    expect(await sign(id, 'buyer')).toMatchObject({ state: 'signed' });
  });

  it('expired, after reminders, when nobody signs in time', async () => {
    const { id } = await confirmed();
    expect(await post(id, '/reminders', roles.handler)).toMatchObject({
      reminders: [{ cause: 'asked' }],
    });
    expect(await post(id, '/reminders', roles.handler)).toMatchObject({ code: 'rate-limited' });
    fixture.clock.passedMs += 2 * DAY_MS;
    await fixture.service.settle();
    const reminded = await get(id);
    expect(reminded.reminders.map(({ cause }) => cause)).toEqual(['asked', 'due']);
    await fixture.service.settle();
    expect((await get(id)).reminders).toHaveLength(2);
    fixture.clock.passedMs += 29 * DAY_MS;
    expect(await sign(id, 'supplier')).toMatchObject({ code: 'contract-signing-closed' });
    await fixture.service.settle();
    expect(await get(id)).toMatchObject({ state: 'expired' });
    fixture.clock.passedMs = 0;
  });
});

describe('a filed contract', () => {
  it('is announced, archived, supplemented, and terminated by both', async () => {
    const data = newData();
    const made = await fixture.call('POST', '/contracts', {
      as: roles.handler,
      json: { template: 'goods', data },
    });
    const { id } = made.body;
    await send(id);
    await filed(id);
    await post(id, '/announcement', roles.handler, { url: 'https://www.ccgp.gov.cn/x' });
    const archive = {
      fondsNumber: 'J001',
      fileNumber: 'J001-2026-0001',
      year: 2026,
      retentionYears: 30,
      custodian: '档案室',
    };
    expect(await post(id, '/archive', roles.handler, archive)).toMatchObject({ state: 'archived' });

    // The cheapest good again, once: far below a tenth.
    const [cheapest] = [...data.items].sort(
      (a, b) => parseYuan(a.unitPrice) - parseYuan(b.unitPrice),
    );
    const amount = formatYuan(parseYuan(cheapest!.unitPrice));
    const supplement = {
      ...newData(),
      valueInCapitals: formatCapitals(parseYuan(amount)),
      items: [{ ...cheapest!, quantity: 1, amount }],
      value: { amount, currency: 'CNY' },
      payments: [{ condition: '验收合格后', percent: 100, amount }],
    };
    const agreement = await draft({ data: supplement, supplementTo: id });
    expect(agreement.code).toBeUndefined();
    await send(agreement.id);
    await sign(agreement.id, 'supplier');
    expect(await sign(agreement.id, 'buyer')).toMatchObject({ state: 'signed' });
    await fixture.service.settle();
    expect(await get(id)).toMatchObject({
      state: 'changed',
      supplements: [{ contractId: agreement.id, amount }],
    });

    const reason = { reason: '继续履行将损害公共利益' };
    expect(await post(id, '/terminate', roles.buyer, reason)).toMatchObject({ state: 'changed' });
    expect(await post(id, '/terminate', roles.supplier, reason)).toMatchObject({
      state: 'terminated',
    });
  });

  it('is in the statistics, the feed and the OCDS package', async () => {
    const { id, number } = await filed((await confirmed()).id);
    const deadlines = await fixture.call('GET', '/deadlines?kind=announce', { as: 'supervisor' });
    const due = deadlines.body.items as unknown as readonly { contractId: string; kind: string }[];
    expect(due.some(({ contractId }) => contractId === id)).toBe(true);
    expect(due.every(({ kind }) => kind === 'announce')).toBe(true);

    const address = '/statistics/contracts?groupBy=kind';
    const statistics = await fixture.call('GET', address, { as: 'supervisor' });
    const { total } = statistics.body as unknown as {
      total: { contracts: number; sealCoverage: number };
    };
    expect(total.contracts).toBeGreaterThanOrEqual(5);
    const table = await fixture.call('GET', `${address}&format=csv`, { as: 'supervisor' });
    expect(table.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const text = Buffer.from(table.bytes).toString('utf8');
    expect(text.startsWith('\u{feff}分组,')).toBe(true);
    expect(text).toContain(`合计,${total.contracts},`);

    const feed = await fixture.call('GET', '/exports/announcements?limit=200', {
      as: 'trading-system',
    });
    const notices = feed.body.items as unknown as readonly { contractNumber: string }[];
    expect(notices.map((each) => each.contractNumber)).toContain(number);
    const more = await fixture.call(
      'GET',
      `/exports/announcements?cursor=${feed.body.nextCursor}`,
      {
        as: 'trading-system',
      },
    );
    expect(more.body.items).toEqual([]);
    const ocds = await fixture.call('GET', '/exports/ocds?limit=200', { as: 'supervisor' });
    expect(ocdsFaults(ocds.body)).toBeUndefined();

    const news = await fixture.call('GET', '/announcements', { as: roles.handler });
    expect(news.body.items.some(({ text: item }) => item.startsWith('合同流程'))).toBe(true);
  });
});

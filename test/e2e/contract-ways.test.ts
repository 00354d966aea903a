/**
 * Ways of contracts with real processes: two servers on one store, UKeys over PKCS#11, a budget system
 * that checks who sends and signs its receipts. Each kind from data to filed; returns, endings, and
 * parties that sign at once. The tests leave their contracts in the store, which is judged last.
 */
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { openBlobs, openCollections, openRecords } from '../../src/app/data-folder/stores.js';
import {
  formatCapitals,
  formatYuan,
  parseYuan,
  type ContractData,
  type ContractItem,
} from '../../src/contract/index.js';
import { readArchive } from '../../src/filing/index.js';
import { silentLogger } from '../../src/kernel/index.js';
import { SCOPE_ALL } from '../../src/store/index.js';
import {
  AGENCY,
  ContractDesk,
  WAIT_MS,
  because,
  newData,
  type Contract,
  type Reply,
  type Side,
} from '../support/contract-desk.js';
import { allOf, brokenInvariants, unfinishedWork } from '../support/invariants.js';
import { qianyin } from '../support/processes.js';
import { samplePdf } from '../support/contract-pdf.js';
import { OF_KIND } from '../unit/contract/sample.js';

// Two files run at once on machines of two cores, and each step here is a signature or a process.
jest.setTimeout(300_000);

let desk: ContractDesk;

beforeAll(async () => {
  desk = await ContractDesk.open();
});

afterAll(async () => {
  await desk.close();
});

const DAY_MS = 86_400_000;
const day = (offset: number): string =>
  new Date(Date.now() + offset * DAY_MS).toISOString().slice(0, 10);

/**
 * An agreement on more of the items of `original`.
 * @param contractAmount - What it says that the contract's amount is.
 */
function supplementOf(
  original: Contract,
  items: readonly ContractItem[],
  contractAmount = original.data.value.amount,
): object {
  const { data } = original;
  const amount = formatYuan(items.reduce((sum, item) => sum + parseYuan(item.amount), 0));
  return {
    template: 'supplementary',
    supplementTo: original.id,
    data: {
      ...newData(),
      valueInCapitals: formatCapitals(parseYuan(amount)),
      items,
      value: { amount, currency: 'CNY' },
      payments: [{ condition: '验收合格后', percent: 100, amount }],
      supplement: {
        contractId: original.number,
        contractTitle: data.title,
        contractDate: day(0),
        contractAmount,
        reason: '新增一个教学班',
      },
    },
  };
}

describe('from data to filed', () => {
  let goods: Contract | undefined;

  const theGoods = (): Contract => {
    if (goods === undefined) throw new Error('the contract of goods was not filed');
    return goods;
  };

  it.each<[template: string, more: () => Partial<ContractData>, duties: readonly string[]]>([
    ['goods', () => ({}), ['unit-seal', 'legal-representative']],
    ['works', () => OF_KIND.works, ['unit-seal']],
    ['services', () => OF_KIND.services, ['unit-seal']],
    [
      'framework-order',
      () => {
        const { framework } = OF_KIND['framework-order'];
        if (framework === undefined) throw new Error('no framework');
        return { framework: { ...framework, signedDate: day(-30), endDate: day(30) } };
      },
      ['unit-seal'],
    ],
  ])('%s', async (template, more, duties) => {
    const { id } = await desk.confirmed({
      template,
      data: { ...newData(), ...more() },
      duties: { supplier: duties, buyer: duties },
    });
    expect((await desk.sign(id, 'buyer')).body.code).toBe('contract-not-your-turn');
    for (const side of ['supplier', 'buyer'] as const) {
      for (let open = duties.length; open > 0; open--) await desk.signed(id, side);
    }
    const filed = await desk.filed(id);
    // Each signature went into the field that the document keeps for it.
    const fieldsOf = (name: string): readonly string[] =>
      duties.map((duty) => (duty === 'unit-seal' ? name : `${name}Representative`));
    expect(filed.signatures.map(({ field }) => field)).toEqual([
      ...fieldsOf('Supplier'),
      ...fieldsOf('Buyer'),
    ]);
    if (template === 'goods') goods = filed;
  });

  it('supplementary, which changes its contract and is at most a tenth of it', async () => {
    const original = theGoods();
    const [cheapest] = [...original.data.items].sort(
      (a, b) => parseYuan(a.unitPrice) - parseYuan(b.unitPrice),
    );
    if (cheapest === undefined) throw new Error('no items');
    const once = { ...cheapest, quantity: 1, amount: cheapest.unitPrice };
    const { id } = await desk.confirmed(supplementOf(original, [once]));
    await desk.signed(id, 'supplier');
    await desk.signed(id, 'buyer');
    await desk.filed(id);
    await desk.until(original.id, 'changed');

    const { items } = original.data;
    const tooMuch = await desk.draft(supplementOf(original, items));
    const { findings } = (await desk.post('handler', tooMuch.id, 'checks')).body;
    expect(findings.map(({ code }) => code)).toContain('supplement-above-tenth');
    expect((await desk.submit(tooMuch.id)).body.code).toBe('contract-checks-failed');
    // One that makes its contract larger than it is deceives the checks of its text alone.
    const untrue = await desk.draft(supplementOf(original, items, '99000000.00'));
    expect((await desk.submit(untrue.id)).body.code).toBe('supplement-refused');
  });

  it('signed for the buyer by its agent, by an authorisation that goes with the contract', async () => {
    const { id } = await desk.draft();
    const annex = new Uint8Array(await samplePdf());
    const form = new FormData();
    form.set('document', new Blob([annex], { type: 'application/pdf' }), '授权委托书.pdf');
    form.set('data', JSON.stringify({ agentCreditCode: AGENCY.creditCode }));
    await desk.send(id);
    // What is sent is what the supplier agrees to; an agent is named before.
    const late = await desk.post('handler', id, 'authorisation', { form });
    expect(late.body.code).toBe('contract-transition-refused');
    await desk.post('supplier', id, 'reject', because('须注明代理机构'));
    const unknown = await desk.call<Contract>('agent', ['GET', `/contracts/${id}`]);
    expect([unknown.status, unknown.body.code]).toEqual([404, 'contract-not-found']);
    const authorised = await desk.post('handler', id, 'authorisation', { form });
    expect(authorised.body).toMatchObject({
      state: 'draft',
      versionNumber: 2,
      parties: expect.arrayContaining([
        expect.objectContaining({ agent: expect.objectContaining(AGENCY) as object }),
      ]) as object,
    });
    await desk.send(id);
    await desk.confirm(id);
    await desk.signed(id, 'supplier');
    const signed = await desk.signed(id, 'agent');
    const units = new Set(signed.signatures.map(({ unitId }) => unitId));
    expect([signed.state, units.size]).toEqual(['signed', 2]);
    const { filingId } = await desk.filed(id);
    const { parts } = readArchive(await desk.bytes('handler', `/filings/${filingId!}/package`));
    expect(parts.get('authorisation.pdf')).toEqual(annex);
  });

  it('announced once, and archived; again after it was changed', async () => {
    const { id } = theGoods();
    const url = 'https://www.ccgp.gov.cn/notice/1';
    const early = await desk.draft();
    const tooEarly = await desk.post('handler', early.id, 'announcement', { json: { url } });
    expect(tooEarly.body.code).toBe('contract-transition-refused');
    const announced = await desk.post('handler', id, 'announcement', { json: { url } });
    expect(announced.body.state).toBe('changed');
    expect(announced.body.times.announcedAt).not.toBeNull();
    const again = await desk.post('handler', id, 'announcement', { json: { url } });
    expect(again.body.code).toBe('contract-transition-refused');
    const json = {
      fondsNumber: 'J001',
      fileNumber: 'J001-2026-0001',
      year: 2026,
      retentionYears: 30,
      custodian: '档案室',
    };
    const tooShort = { json: { ...json, retentionYears: 10 } };
    expect((await desk.post('handler', id, 'archive', tooShort)).body.code).toBe('request-invalid');
    expect((await desk.post('handler', id, 'archive', { json })).body.state).toBe('archived');
    const twice = await desk.post('handler', id, 'archive', { json });
    expect(twice.body.code).toBe('contract-transition-refused');
  });

  it('terminated by both parties, and by no one alone; archived so', async () => {
    const { id } = theGoods();
    const agreed = because('协商一致');
    expect((await desk.post('buyer', id, 'terminate', agreed)).body.state).toBe('archived');
    const again = await desk.post('buyer', id, 'terminate', agreed);
    expect(again.body.code).toBe('contract-transition-refused');
    expect((await desk.post('supplier', id, 'terminate', agreed)).body.state).toBe('terminated');
    const json = {
      fondsNumber: 'J001',
      fileNumber: 'J001-2026-0002',
      year: 2026,
      retentionYears: 30,
      custodian: '档案室',
    };
    expect((await desk.post('handler', id, 'archive', { json })).body.state).toBe('terminated');
  });
});

describe('returned', () => {
  it.each<[when: string, who: Side, isSigned: boolean, isConfirmed: boolean]>([
    ['at confirming by the supplier', 'supplier', false, false],
    ['at signing by the supplier', 'supplier', false, true],
    ['at signing by the buyer', 'buyer', true, true],
  ])('%s, with the reason', async (_when, who, isSigned, isConfirmed) => {
    const { id } = await desk.draft();
    await desk.send(id);
    if (isConfirmed) await desk.confirm(id);
    if (isSigned) await desk.signed(id, 'supplier');
    const withoutReason = await desk.post(who, id, 'reject', { json: {} });
    expect(withoutReason.body.code).toBe('request-invalid');
    const reply = await desk.post(who, id, 'reject', because('交货地点有误'));
    expect(reply.body).toMatchObject({ state: 'rejected', returns: [{ reason: '交货地点有误' }] });
    expect((await desk.sign(id, 'buyer')).body.code).toBe('contract-transition-refused');
  });

  it('withdrawn before anybody has signed, and not after', async () => {
    const reason = because('预算调整');
    const first = await desk.confirmed();
    expect((await desk.post('handler', first.id, 'withdraw', reason)).body.state).toBe('withdrawn');
    const second = await desk.confirmed();
    await desk.signed(second.id, 'supplier');
    const late = await desk.post('handler', second.id, 'withdraw', reason);
    expect(late.body.code).toBe('contract-transition-refused');
  });

  it('void by the consent of both, of which one alone does nothing', async () => {
    const { id } = await desk.confirmed();
    await desk.signed(id, 'supplier');
    const one = await desk.post('supplier', id, 'void', because('协商一致'));
    expect(one.body).toMatchObject({ state: 'supplier-signed', voidConsents: [{}] });
    const again = await desk.post('supplier', id, 'void', because('协商一致'));
    expect(again.body.code).toBe('contract-transition-refused');
    const both = await desk.post('buyer', id, 'void', because('同意'));
    expect(both.body.state).toBe('voided');
    expect((await desk.sign(id, 'buyer')).body.code).toBe('contract-transition-refused');
  });

  it('held by an order, and let go on', async () => {
    const { id } = await desk.confirmed();
    await desk.signed(id, 'supplier');
    const held = await desk.post('machine', id, 'freeze', because('投诉处理'));
    expect(held.body.state).toBe('frozen');
    expect((await desk.sign(id, 'buyer')).body.code).toBe('contract-transition-refused');
    const free = await desk.post('machine', id, 'unfreeze', because('处理完毕'));
    expect(free.body.state).toBe('supplier-signed');
    await desk.signed(id, 'buyer');
    await desk.filed(id);
  });

  it('changed after one party has signed: signing starts again, and says so', async () => {
    const data = newData();
    const { id } = await desk.confirmed({ data });
    await desk.signed(id, 'supplier');
    const patch = async (more: object): Promise<Reply> => {
      const { etag } = await desk.call('handler', ['GET', `/contracts/${id}`]);
      const json = { data: { ...data, deliveryPlace: '示例市新校区实验楼' }, ...more };
      return desk.call('handler', ['PATCH', `/contracts/${id}`], { json, etag });
    };
    expect((await patch({})).body.code).toBe('contract-signatures-at-stake');
    expect((await patch({ restartsSigning: true })).body).toMatchObject({
      state: 'draft',
      versionNumber: 2,
      signatures: [],
      earlierVersions: [{ voidSignatures: [{ role: 'supplier' }] }],
    });
    await desk.send(id);
    await desk.confirm(id);
    await desk.signed(id, 'supplier');
    await desk.signed(id, 'buyer');
    await desk.filed(id);
  });
});

describe('at once, at two servers', () => {
  /** The same request to both servers in the same instant. */
  const atBoth = (ask: (server: string, index: number) => Promise<Reply>): Promise<Reply[]> =>
    Promise.all(desk.urls.map(ask));
  /** Refusals of the slower of two. */
  const SLOWER = [
    'contract-signing-in-progress',
    'record-version-conflict',
    'contract-transition-refused',
  ];

  it('both parties: each is in the file once', async () => {
    const { id } = await desk.confirmed({ firstSigner: 'any' });
    const replies = await atBoth((server, index) =>
      desk.sign(id, index === 0 ? 'supplier' : 'buyer', { server }),
    );
    expect(replies.some(({ status }) => status === 201)).toBe(true);
    for (const { status, body } of replies) if (status !== 201) expect(SLOWER).toContain(body.code);
    for (const { role, openDuties } of (await desk.get(id)).parties) {
      if (openDuties.length > 0) await desk.signed(id, role === 'buyer' ? 'buyer' : 'supplier');
    }
    const { signatures } = await desk.filed(id);
    expect(signatures.map(({ role }) => role).sort()).toEqual(['buyer', 'supplier']);
  });

  it('one party with one key: one signature, one answer', async () => {
    const { id } = await desk.confirmed();
    const key = `once-${id}`;
    const replies = await atBoth((server) => desk.sign(id, 'supplier', { key, server }));
    for (const { status, body } of replies) {
      if (status !== 201) expect(body.code).toBe('idempotency-in-flight');
    }
    const again = await desk.sign(id, 'supplier', { key });
    expect([again.status, again.body.signatures.length]).toEqual([201, 1]);
    expect(again.body).toEqual(replies.find(({ status }) => status === 201)?.body);
    expect((await desk.get(id)).signatures).toHaveLength(1);
  });

  it('one party with two keys: one wins', async () => {
    const { id } = await desk.confirmed();
    const replies = await atBoth((server) => desk.sign(id, 'supplier', { server }));
    const refused = replies.filter(({ status }) => status !== 201);
    expect(refused).toHaveLength(1);
    expect(SLOWER).toContain(refused[0]?.body.code);
    expect(await desk.get(id)).toMatchObject({
      state: 'supplier-signed',
      signatures: { length: 1 },
    });
  });
});

describe('in the end', () => {
  it('what nobody signed in time expires', async () => {
    const { id } = await desk.confirmed();
    await desk.stopServers();
    {
      // A month later, as far as this contract is concerned.
      await using records = await openRecords(desk.config, silentLogger);
      const { contracts } = await openCollections(records);
      const contract = await contracts.get(id, SCOPE_ALL);
      if (contract === undefined) throw new Error(`${id} is gone`);
      const { version, revision } = contract;
      await contracts.replace({
        ...contract,
        version: version + 1,
        revision: revision + 1,
        signBy: `${day(-1)}T16:00:00Z`,
      });
    }
    // Both find it due as they start; it expires once.
    await desk.serve();
    await desk.until(id, 'expired');
    expect((await desk.sign(id, 'supplier')).body.code).toBe('contract-transition-refused');
  });

  it('every document and every package is sound, by our verifier and by poppler', () => {
    const { kept, trust } = desk;
    const paths = kept.map(({ path }) => path);
    expect(kept).toHaveLength(18);
    const run = qianyin(['verify', ...paths, '--trust', trust, '--json']);
    const { reports } = JSON.parse(run.stdout) as {
      readonly reports: readonly { readonly file: string; readonly indication: string }[];
    };
    expect(reports.map(({ indication }) => indication)).toEqual(paths.map(() => 'TOTAL-PASSED'));
    expect(run.status).toBe(0);
    for (const { path, fields } of kept) {
      if (fields === undefined) continue;
      const { stdout } = spawnSync('pdfsig', ['-nocert', path], { encoding: 'utf8' });
      const found = [...stdout.matchAll(/Signature Field Name: (\S+)/g)].map(([, name]) => name);
      expect([path, found.sort()]).toEqual([path, [...fields].sort()]);
      const valid = stdout.match(/Signature is Valid/g);
      expect([path, valid?.length]).toEqual([path, fields.length]);
    }
  });

  it('the store holds nothing that should not be, and every filing is registered once', async () => {
    await using records = await openRecords(desk.config, silentLogger);
    const collections = await openCollections(records);
    for (const deadline = Date.now() + WAIT_MS; Date.now() < deadline;) {
      if ((await unfinishedWork(collections)).length === 0) break;
      await sleep(500);
    }
    expect(await unfinishedWork(collections)).toEqual([]);
    await desk.stopServers();
    const blobs = await openBlobs(desk.config);
    expect(await brokenInvariants({ ...collections, blobs }, { isSettled: true })).toEqual([]);
    const contracts = await allOf(collections.contracts);
    const known = contracts.flatMap(({ number, filing }) =>
      filing?.filingNumber === undefined ? [] : [`${number} ${filing.filingNumber}`],
    );
    const registered = desk.budget
      .filings()
      .map(({ contractNumber, filingNumber }) => `${contractNumber} ${filingNumber}`);
    expect(registered.sort()).toEqual(known.sort());
    const audit = qianyin(['audit', 'verify', '--data', desk.directory, '--json']);
    expect([audit.status, audit.stderr]).toEqual([0, '']);
  });
});

/** 用印内控 over HTTP: rules under dual control, approvals for one document and one use, and the record of all of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { canonicalJson, sha256Hex, utf8ToBytes } from '../../src/kernel/index.js';
import { verifyProofFile } from '../../src/app/data-folder/verify-audit.js';
import type { SealStatement, SealUseRules } from '../../src/seal/index.js';
import { SCOPE_ALL } from '../../src/store/index.js';
import { confirmedContract, signAt } from './confirmed-contract.js';
import { PIN, ServiceFixture, principal, type Reply } from './service-fixture.js';

let fixture: ServiceFixture;
let sealId: string;
const DAY_MS = 86_400_000;
const handler = { as: 'unit-handler' };
const approver = { as: 'unit-seal-approver' };

interface Usage {
  readonly id: string;
  readonly number: number;
  readonly result: string;
  readonly code: string | null;
  readonly reason: string | null;
  readonly contractId: string;
}

beforeAll(async () => {
  fixture = await ServiceFixture.start();
  const { accounts } = fixture.service.services;
  await fixture.issueSeal('supplier');
  sealId = (await fixture.issueSeal('buyer')).id;
  const second = await accounts.create(principal(['system-administrator']), {
    name: 'second-approver',
    kind: 'person',
    roles: ['unit-seal-approver'],
    unitId: fixture.unitId('buyer'),
  });
  fixture.accounts.set('second-approver', second.account.id);
});
afterAll(() => fixture.stop());
afterEach(() => {
  fixture.clock.offsetMs = 0;
});

/** A contract that the supplier has signed. */
async function waitingForBuyer(): Promise<string> {
  const id = await confirmedContract(fixture);
  expect((await signAt(fixture, id, 'supplier')).status).toBe(201);
  return id;
}

/** Puts rules in force, by two people. */
async function rule(rules: object): Promise<void> {
  const proposed = await fixture.call('PUT', `/seals/${sealId}/use-policy`, {
    ...handler,
    json: { approval: 'none', ...rules },
  });
  expect(proposed.status).toBe(200);
  const { digest } = (proposed.body as unknown as { proposed: { digest: string } }).proposed;
  const path = `/seals/${sealId}/use-policy/approve`;
  const agreed = await fixture.call('POST', path, { ...approver, json: { digest } });
  expect(agreed.status).toBe(200);
}

async function usages(as = 'auditor', query = ''): Promise<readonly Usage[]> {
  const reply = await fixture.call('GET', `/seals/${sealId}/usages${query}`, { as });
  expect(reply.status).toBe(200);
  return reply.body.items as unknown as readonly Usage[];
}

async function usageOf(contractId: string): Promise<Usage> {
  return (await usages()).find((each) => each.contractId === contractId)!;
}

const refusedFor = (reply: Reply, reason: string): void =>
  expect(reply).toMatchObject({
    status: 403,
    body: { code: 'seal-use-refused', params: { reason } },
  });

describe('the record of uses', () => {
  it('has each use with who, UKey, contract, document and result', async () => {
    const id = await waitingForBuyer();
    const contract = (await fixture.service.collections.contracts.get(id, SCOPE_ALL))!;
    expect((await signAt(fixture, id, 'buyer')).status).toBe(201);
    expect(await usageOf(id)).toMatchObject({ result: 'under-way' });
    await fixture.service.settle();
    const signed = (await fixture.service.collections.contracts.get(id, SCOPE_ALL))!;
    expect(await usageOf(id)).toMatchObject({
      id: signed.signatures[1]!.attemptId,
      result: 'completed',
      accountId: fixture.accounts.get('unit-signer'),
      certificateSha256: fixture.certificateSha256('buyer'),
      contractNumber: contract.number,
      documentSha256: contract.document!.blobId,
      baseSha256: contract.signatures[0]!.blobId,
      signedSha256: signed.signatures[1]!.blobId,
      amount: (contract.amountFen! / 100).toFixed(2),
      code: null,
    });
    const entries = await fixture.call('GET', `/audit/entries?subject=seal/${sealId}`, {
      as: 'auditor',
    });
    const types = entries.body.items.map((each) => each.event.type);
    expect(types.filter((type) => type === 'seal.use-intended')).toHaveLength(1);
    expect(types.filter((type) => type === 'seal.use-completed')).toHaveLength(1);
  });

  it('has refusals, with the code, also before a seal was reached', async () => {
    const id = await waitingForBuyer();
    const wrong = await signAt(fixture, id, 'buyer', { pin: '00000000' });
    expect(wrong.body.code).toBe('token-pin-incorrect');
    expect(await usageOf(id)).toMatchObject({
      result: 'refused',
      code: 'token-pin-incorrect',
      certificateSha256: null,
    });
    // The right PIN, so that the token forgets the wrong one.
    expect((await signAt(fixture, id, 'buyer')).status).toBe(201);
  });

  it('has the try of another unit in the book of the seal it belongs to', async () => {
    const id = await confirmedContract(fixture);
    const stolen = await signAt(fixture, id, 'supplier', { sealId });
    expect(stolen.body.code).toBe('seal-not-found');
    expect(await usageOf(id)).toMatchObject({
      result: 'refused',
      code: 'seal-not-found',
      accountId: fixture.accounts.get('supplier-signer'),
    });
  });

  it('is read by the unit and those who watch, by nobody else', async () => {
    expect((await usages('unit-handler')).length).toBeGreaterThan(0);
    expect((await usages('supervisor')).length).toBeGreaterThan(0);
    for (const as of ['supplier-signer', 'stranger-unit-handler']) {
      const reply = await fixture.call('GET', `/seals/${sealId}/usages`, { as });
      expect(reply.status).toBe(404);
    }
    const none = await usages('auditor', '?to=2020-01-01T00:00:00Z');
    expect(none).toEqual([]);
    const first = await fixture.call('GET', `/seals/${sealId}/usages?limit=1`, { as: 'auditor' });
    const next = `?limit=1&cursor=${first.body.nextCursor ?? ''}`;
    expect((await usages('auditor', next))[0]?.number).toBeLessThan(
      (first.body.items[0] as unknown as Usage).number,
    );
  });

  it('shows a use that nobody came back to as interrupted, and settles so', async () => {
    const id = await waitingForBuyer();
    const { certificateDer } = fixture.signers.get('buyer')!;
    const session = await fixture.call('POST', `/contracts/${id}/signing-sessions`, {
      as: 'unit-signer',
      json: { certificateB64: Buffer.from(certificateDer).toString('base64') },
    });
    expect(session.status).toBe(201);
    expect(await usageOf(id)).toMatchObject({ id: session.body.id, result: 'under-way' });
    fixture.clock.offsetMs = DAY_MS / 24;
    expect(await usageOf(id)).toMatchObject({ result: 'interrupted', endedAt: null });
    await fixture.service.settle();
    const settled = await usageOf(id);
    expect(settled).toMatchObject({ result: 'interrupted', endedAt: expect.any(String) });
    await fixture.service.settle();
    expect((await usages()).filter((each) => each.contractId === id)).toEqual([settled]);
    const line = (await fixture.service.collections.sealUseBook.getBy(
      'useLine',
      `${session.body.id} interrupted`,
      SCOPE_ALL,
    ))!;
    expect(line.event.actor.accountId).toBe('system');
  });

  it('takes what the contract says where the process ended after the signature', async () => {
    const id = await waitingForBuyer();
    expect((await signAt(fixture, id, 'buyer')).status).toBe(201);
    // No relay has run since; the intent's time is over.
    fixture.clock.offsetMs = DAY_MS / 24;
    await fixture.service.settle();
    expect(await usageOf(id)).toMatchObject({
      result: 'completed',
      signedSha256: expect.any(String),
    });
  });
});

describe('rules', () => {
  it('are put in force by two people, for exactly what was proposed', async () => {
    const path = `/seals/${sealId}/use-policy`;
    const propose = (as: string, rules: Partial<SealUseRules> | object): Promise<Reply> =>
      fixture.call('PUT', path, { as, json: { approval: 'none', ...rules } });
    const first = await propose('unit-seal-approver', { perDay: 5 });
    const digest = (reply: Reply): string =>
      (reply.body as unknown as { proposed: { digest: string } }).proposed.digest;
    const decide = (as: string, given: string): Promise<Reply> =>
      fixture.call('POST', `${path}/approve`, { as, json: { digest: given } });

    expect((await decide('unit-seal-approver', digest(first))).body.code).toBe(
      'seal-use-self-approval',
    );
    const second = await propose('unit-handler', { perDay: 6 });
    expect(await decide('unit-seal-approver', digest(first))).toMatchObject({
      status: 409,
      body: { params: { reason: 'changed-meanwhile' } },
    });
    expect((await decide('unit-signer', digest(second))).status).toBe(403);
    expect((await decide('seal-administrator', digest(second))).status).toBe(403);
    const agreed = await decide('second-approver', digest(second));
    expect(agreed.body).toMatchObject({
      inForce: { rules: { perDay: 6 }, approvedBy: fixture.accounts.get('second-approver') },
      proposed: null,
    });
    const etag = agreed.headers.get('etag')!;
    const stale = await fixture.call('PUT', path, {
      ...handler,
      json: { approval: 'none' },
      headers: { 'if-match': '"r1"' },
    });
    expect(stale.status).toBe(412);
    const fresh = await fixture.call('PUT', path, {
      ...handler,
      json: { approval: 'none' },
      headers: { 'if-match': etag },
    });
    expect(fresh.status).toBe(200);
    const returned = await fixture.call('POST', `${path}/return`, {
      ...approver,
      json: { digest: digest(fresh), reason: '限额照旧' },
    });
    expect(returned.body).toMatchObject({ inForce: { rules: { perDay: 6 } }, proposed: null });
  });

  it('that do not fit are refused with the field', async () => {
    const put = (json: object): Promise<Reply> =>
      fixture.call('PUT', `/seals/${sealId}/use-policy`, { ...handler, json });
    const hours = { from: '18:00', to: '08:00', weekdays: [1] };
    expect((await put({ approval: 'none', hours })).body.code).toBe('input-invalid');
    expect((await put({ approval: 'above-amount' })).body.code).toBe('input-invalid');
    expect((await put({ approval: 'none', maxAmount: '1e9' })).body.code).toBe('request-invalid');
  });

  describe('stop a use, with the reason, before the key is touched', () => {
    let id: string;
    let amountFen: number;
    beforeAll(async () => {
      id = await waitingForBuyer();
      const contract = await fixture.service.collections.contracts.get(id, SCOPE_ALL);
      amountFen = contract!.amountFen!;
    });
    const yuan = (fen: number): string => (fen / 100).toFixed(2);
    const later = (): string => new Date(Date.now() + DAY_MS).toISOString();
    const cases: readonly (readonly [string, string, () => object])[] = [
      ['by account', 'account', () => ({ accountIds: [fixture.accounts.get('unit-handler')] })],
      ['by role', 'account', () => ({ roles: ['unit-handler'] })],
      ['by kind of contract', 'contract-kind', () => ({ contractKinds: ['upload'] })],
      ['one fen above the amount', 'amount', () => ({ maxAmount: yuan(amountFen - 1) })],
      ['before the period', 'not-yet', () => ({ validFrom: later() })],
      ['after the period', 'over', () => ({ validUntil: '2026-01-01T00:00:00Z' })],
      ['on a weekday that is none', 'hours', () => ({ hours: neverNow() })],
      ['with no use left today', 'quota-day', () => ({ perDay: 0 })],
      ['with no use left this month', 'quota-month', () => ({ perMonth: 0 })],
    ];
    /** All day on the one weekday that is farthest from now. */
    const neverNow = (): object => ({
      from: '00:00',
      to: '24:00',
      weekdays: [((new Date(Date.now() + 8 * 3_600_000).getUTCDay() + 3) % 7) + 1],
    });

    it.each(cases)('%s', async (_name, reason, rules) => {
      await rule(rules());
      refusedFor(await signAt(fixture, id, 'buyer'), reason);
      expect(await usageOf(id)).toMatchObject({
        result: 'refused',
        code: 'seal-use-refused',
        reason,
      });
      const contract = await fixture.service.collections.contracts.get(id, SCOPE_ALL);
      expect(contract?.attempt).toBeUndefined();
    });

    it('for sessions as for tokens at the server, when begun and when completed', async () => {
      const other = await waitingForBuyer();
      await rule({ perDay: 0 });
      const { certificateDer } = fixture.signers.get('buyer')!;
      const start = (): Promise<Reply> =>
        fixture.call('POST', `/contracts/${other}/signing-sessions`, {
          as: 'unit-signer',
          json: { certificateB64: Buffer.from(certificateDer).toString('base64') },
        });
      refusedFor(await start(), 'quota-day');
      await rule({});
      const session = await start();
      expect(session.status).toBe(201);
      await rule({ validUntil: '2026-01-01T00:00:00Z' });
      const put = await fixture.call('PUT', `/signing-sessions/${session.body.id}/signature`, {
        as: 'unit-signer',
        json: { signatureB64: 'AAAA' },
      });
      refusedFor(put, 'over');
      fixture.clock.offsetMs = DAY_MS / 24;
      await fixture.service.settle();
    });

    it('for batches too', async () => {
      await rule({ contractKinds: ['upload'] });
      const batch = await fixture.call('POST', '/signing-batches', {
        as: 'unit-signer',
        json: { contractIds: [id], token: { label: 'buyer' }, pin: PIN },
      });
      const done = await fixture.call('GET', `/signing-batches/${batch.body.id}?wait=10`, {
        as: 'unit-signer',
      });
      expect(done.body.items).toMatchObject([{ state: 'failed', code: 'seal-use-refused' }]);
    });

    it('and let it pass at exactly the amount', async () => {
      await rule({ maxAmount: yuan(amountFen), roles: ['unit-signer'], contractKinds: ['goods'] });
      expect(await signAt(fixture, id, 'buyer')).toMatchObject({ status: 201 });
    });
  });

  it('let one of two through where one use is left, whoever asks at once', async () => {
    await fixture.service.settle();
    const ids = [await waitingForBuyer(), await waitingForBuyer(), await waitingForBuyer()];
    const used = await fixture.service.collections.sealUseBook.count(
      { where: { sealDay: { gte: `${sealId} `, lt: `${sealId}!` } } },
      SCOPE_ALL,
    );
    await rule({ perMonth: used + 1 });
    const replies = await Promise.all(ids.map((id) => signAt(fixture, id, 'buyer')));
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 403, 403]);
    for (const reply of replies.filter(({ status }) => status === 403)) {
      refusedFor(reply, 'quota-month');
    }
    await fixture.service.settle();
    await rule({});
  });
});

describe('用印审批', () => {
  let id: string;
  beforeEach(async () => {
    id = await waitingForBuyer();
    await rule({ approval: 'each' });
  });

  const request = (as = 'unit-handler', more: object = {}): Promise<Reply> =>
    fixture.call('POST', '/seal-use-requests', {
      as,
      json: { sealId, contractId: id, purpose: '签订采购合同', ...more },
    });
  const approve = (made: Reply, as = 'unit-seal-approver', digest?: string): Promise<Reply> =>
    fixture.call('POST', `/seal-use-requests/${made.body.id}/approve`, {
      as,
      json: {
        documentSha256:
          digest ?? (made.body as unknown as { documentSha256: string }).documentSha256,
      },
    });
  const refusedAs = async (why: string): Promise<void> => {
    const reply = await signAt(fixture, id, 'buyer');
    expect(reply).toMatchObject({
      status: 403,
      body: { code: 'seal-use-approval-required', params: { why } },
    });
    expect(reply.body.detail).toContain('/seal-use-requests');
  };

  it('lets a use pass once it is requested, read and approved by another', async () => {
    await refusedAs('not-requested');
    const made = await request();
    expect(made).toMatchObject({ status: 201, body: { state: 'requested' } });
    await refusedAs('pending');
    expect((await approve(made, 'unit-signer')).status).toBe(403);
    expect((await approve(made, 'stranger-unit-signer')).status).toBe(403);
    const blind = await approve(made, 'unit-seal-approver', '0'.repeat(64));
    expect(blind).toMatchObject({ status: 409, body: { params: { reason: 'other-document' } } });
    expect((await approve(made)).body).toMatchObject({
      state: 'approved',
      decidedBy: fixture.accounts.get('unit-seal-approver'),
    });
    expect((await signAt(fixture, id, 'buyer')).status).toBe(201);
    await fixture.service.settle();
    const used = await fixture.call('GET', `/seal-use-requests/${made.body.id}`, handler);
    const use = await usageOf(id);
    expect(used.body).toMatchObject({ state: 'used', usedBy: use.id });
    expect(use).toMatchObject({
      useRequestId: made.body.id,
      requestedBy: fixture.accounts.get('unit-handler'),
      approvedBy: fixture.accounts.get('unit-seal-approver'),
    });
  });

  it('ends: returned with reason, withdrawn by whoever asked, expired', async () => {
    const returned = await request();
    const path = `/seal-use-requests/${returned.body.id}/return`;
    await fixture.call('POST', path, { ...approver, json: { reason: '缺会议纪要' } });
    await refusedAs('returned');
    expect((await approve(returned)).body.params).toMatchObject({ reason: 'state' });

    const withdrawn = await request();
    const withdraw = (as: string): Promise<Reply> =>
      fixture.call('POST', `/seal-use-requests/${withdrawn.body.id}/withdraw`, { as });
    expect((await withdraw('unit-signer')).status).toBe(403);
    expect((await withdraw('unit-handler')).body.state).toBe('withdrawn');

    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    const short = await request('unit-handler', { expiresAt });
    expect((await approve(short)).status).toBe(200);
    fixture.clock.offsetMs = 120_000;
    await refusedAs('expired');
    const tooLong = new Date(Date.now() + 90 * DAY_MS).toISOString();
    expect((await request('unit-handler', { expiresAt: tooLong })).body.code).toBe('input-invalid');
  });

  it('is bound to the document: another text is another request', async () => {
    const made = await request();
    await approve(made);
    const { sealUseRequests } = fixture.service.collections;
    const stored = (await sealUseRequests.get(made.body.id, SCOPE_ALL))!;
    await sealUseRequests.replace({
      ...stored,
      version: stored.version + 1,
      revision: stored.revision + 1,
      documentSha256: 'a'.repeat(64),
    });
    await refusedAs('other-document');
  });

  it('is not given by whoever asked, nor used by whoever gave it', async () => {
    const both = await fixture.service.services.accounts.create(
      principal(['system-administrator']),
      {
        name: `both-${String(Date.now())}`,
        kind: 'person',
        roles: ['unit-signer', 'unit-seal-approver'],
        unitId: fixture.unitId('buyer'),
      },
    );
    fixture.accounts.set('both', both.account.id);
    const own = await request('both');
    expect((await approve(own, 'both')).body.code).toBe('seal-use-self-approval');
    const made = await request();
    expect((await approve(made, 'both')).status).toBe(200);
    const reply = await fixture.call('POST', `/contracts/${id}/signatures`, {
      as: 'both',
      json: { token: { label: 'buyer' }, pin: PIN },
    });
    expect(reply.body).toMatchObject({ params: { why: 'approver-would-sign' } });
  });

  it('is wanted above an amount only, where the rules say so', async () => {
    const contract = await fixture.service.collections.contracts.get(id, SCOPE_ALL);
    const amount = (fen: number): string => (fen / 100).toFixed(2);
    await rule({ approval: 'above-amount', approvalAbove: amount(contract!.amountFen! - 1) });
    await refusedAs('not-requested');
    await rule({ approval: 'above-amount', approvalAbove: amount(contract!.amountFen!) });
    expect((await signAt(fixture, id, 'buyer')).status).toBe(201);
  });

  it('survives a use that failed, and counts it once', async () => {
    const made = await request();
    await approve(made);
    const buyer = fixture.signers.get('buyer')!;
    const sign = buyer.sign.bind(buyer);
    Object.assign(buyer, { sign: () => Promise.reject(new Error('the token was pulled out')) });
    expect((await signAt(fixture, id, 'buyer')).status).toBe(500);
    Object.assign(buyer, { sign });
    expect(await usageOf(id)).toMatchObject({ result: 'failed', code: 'internal' });
    expect((await signAt(fixture, id, 'buyer')).status).toBe(201);
    await fixture.service.settle();
    const of = (await usages()).filter((each) => each.contractId === id);
    expect(of.map(({ result }) => result)).toEqual(['completed', 'failed']);
  });
});

describe('用印月报', () => {
  const month = (): string => new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 7);

  it('holds with the published key alone, and not with a line less', async () => {
    const path = `/units/${fixture.unitId('buyer')}/seal-statements/${month()}`;
    const reply = await fixture.call('GET', path, approver);
    expect(reply.status).toBe(200);
    const statement = reply.body as unknown as SealStatement;
    const uses = await usages('auditor', '?limit=200');
    expect(statement.totals.intended + statement.totals.refused).toBe(uses.length);
    expect(statement.totals).toMatchObject({ failed: 1, interrupted: expect.any(Number) });

    const directory = mkdtempSync(join(tmpdir(), 'qianyin-statement-'));
    const keep = (name: string, content: string | Uint8Array): string => {
      writeFileSync(join(directory, name), content);
      return join(directory, name);
    };
    const key = keep('jwks.json', (await fixture.call('GET', '//.well-known/jwks.json')).bytes);
    await expect(verifyProofFile(keep('s.json', reply.bytes), key)).resolves.toMatchObject({
      isWhole: true,
    });
    const less = { ...statement, lines: statement.lines.toSpliced(3, 1) };
    await expect(
      verifyProofFile(keep('less.json', JSON.stringify(less)), key),
    ).resolves.toMatchObject({ isWhole: false, fault: { what: 'statement-broken', seq: 4 } });
    rmSync(directory, { recursive: true });
  });

  it('is issued by itself at the month’s turn, once, and stays as it was issued', async () => {
    const ended = month();
    const [year, number] = ended.split('-').map(Number);
    const turn = Date.UTC(year ?? 0, number ?? 0, 1) - 8 * 3_600_000;
    fixture.clock.offsetMs = turn + 60_000 - Date.now();
    await fixture.service.settle();
    await fixture.service.settle();
    const list = await fixture.call('GET', `/seal-statements?month=${ended}`, { as: 'auditor' });
    const items = list.body.items as unknown as readonly Record<string, unknown>[];
    // Of the two units that have seals; the third has none, and no book.
    expect(items.map(({ unitId }) => unitId).sort()).toEqual(
      [fixture.unitId('buyer'), fixture.unitId('supplier')].sort(),
    );
    const own = await fixture.call('GET', '/seal-statements', approver);
    expect(own.body.items).toHaveLength(1);
    const [issued] = own.body.items as unknown as readonly { sha256: string; lines: number }[];
    expect(issued).toMatchObject({ unitId: fixture.unitId('buyer'), month: ended });
    const strange = await fixture.call('GET', '/seal-statements', { as: 'stranger-unit-handler' });
    expect(strange.body.items).toEqual([]);
    expect((await fixture.call('GET', '/seal-statements', { as: 'trading-system' })).status).toBe(
      403,
    );

    const path = `/units/${fixture.unitId('buyer')}/seal-statements/${ended}`;
    const first = await fixture.call('GET', path, approver);
    const statement = first.body as unknown as SealStatement;
    expect(statement.lines).toHaveLength(issued!.lines);
    expect(statement.to).toBe(new Date(turn).toISOString().replace('.000Z', 'Z'));
    expect(sha256Hex(utf8ToBytes(canonicalJson(statement)))).toBe(issued!.sha256);
    const events = await fixture.call('GET', '/audit/entries?type=seal-statement.issued', {
      as: 'auditor',
    });
    expect(JSON.stringify(events.body)).toContain(issued!.sha256);
    fixture.clock.offsetMs += 3_600_000;
    expect((await fixture.call('GET', path, approver)).bytes).toEqual(first.bytes);
  });

  it('is a PDF for people, and nothing for strangers', async () => {
    const path = `/units/${fixture.unitId('buyer')}/seal-statements/${month()}`;
    const pdf = await fixture.call('GET', `${path}?format=pdf`, { as: 'auditor' });
    expect(pdf.headers.get('content-type')).toBe('application/pdf');
    expect(Buffer.from(pdf.bytes.subarray(0, 5)).toString()).toBe('%PDF-');
    const reply = await fixture.call('GET', path, { as: 'stranger-unit-handler' });
    expect(reply.status).toBe(404);
  });
});

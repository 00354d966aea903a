import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sampleContractData } from '../../src/sandbox/sample/index.js';
import { samplePdf } from '../support/contract-pdf.js';
import { brokenInvariants } from '../support/invariants.js';
import { PIN, ServiceFixture, type Reply } from './service-fixture.js';

let fixture: ServiceFixture;
let count = 0;

beforeAll(async () => {
  fixture = await ServiceFixture.start();
  await fixture.issueSeal('buyer');
  await fixture.issueSeal('supplier');
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

const handler = { as: 'unit-handler' };
const supplier = { as: 'supplier-signer' };
const buyer = { as: 'unit-signer' };

function newData(): ReturnType<typeof sampleContractData> {
  return sampleContractData({ today: new Date(), number: `HT-2026-${String(++count)}` });
}

async function draft(): Promise<Reply> {
  const reply = await fixture.call('POST', '/contracts', {
    ...handler,
    json: { template: 'goods', data: newData() },
  });
  expect(reply.status).toBe(201);
  return reply;
}

async function confirmed(): Promise<string> {
  const { body } = await draft();
  const checks = await fixture.call('POST', `/contracts/${body.id}/checks`, handler);
  const acknowledged = checks.body.findings.map((each) => each.code);
  const sent = await fixture.call('POST', `/contracts/${body.id}/submit`, {
    ...handler,
    json: { acknowledged },
  });
  expect(sent.body).toMatchObject({ state: 'sent' });
  const agreed = await fixture.call('POST', `/contracts/${body.id}/confirm`, supplier);
  expect(agreed.body).toMatchObject({ state: 'confirmed' });
  return body.id;
}

describe('a contract from draft to both signatures', () => {
  it('is signed at the server by one side and with a key elsewhere by the other', async () => {
    const id = await confirmed();

    const first = await fixture.call('POST', `/contracts/${id}/signatures`, {
      ...supplier,
      json: { token: { label: 'supplier' }, pin: PIN },
    });
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({ state: 'supplier-signed', nextSigners: ['buyer'] });

    const signer = fixture.signers.get('buyer')!;
    const session = await fixture.call('POST', `/contracts/${id}/signing-sessions`, {
      ...buyer,
      json: { certificateB64: Buffer.from(signer.certificateDer).toString('base64') },
    });
    expect(session.status).toBe(201);
    const { padding, digestAlgorithm, signedAttributesB64 } = session.body;
    const prepared = await fixture.call(
      'GET',
      `/signing-sessions/${session.body.id}/document`,
      buyer,
    );
    expect(prepared.headers.get('content-type')).toBe('application/pdf');
    const signature = await signer.sign(Buffer.from(signedAttributesB64, 'base64'), {
      padding,
      digest: digestAlgorithm,
    });
    const json = { signatureB64: Buffer.from(signature).toString('base64') };
    const target = `/signing-sessions/${session.body.id}/signature`;
    const second = await fixture.call('PUT', target, { ...buyer, json });
    expect(second.status).toBe(200);
    expect(second.body.state).toBe('signed');
    const again = await fixture.call('PUT', target, { ...buyer, json });
    expect(again.body.code).toBe('signing-session-used');

    const newest = await fixture.call('GET', `/contracts/${id}/document`, handler);
    const afterFirst = await fixture.call('GET', `/contracts/${id}/document?revision=1`, handler);
    expect(Buffer.from(newest.bytes).subarray(0, afterFirst.bytes.length)).toEqual(
      Buffer.from(afterFirst.bytes),
    );
    const report = await fixture.call('POST', '/verifications', {
      headers: { 'content-type': 'application/pdf' },
      body: newest.bytes,
    });
    expect(report.body).toMatchObject({ indication: 'TOTAL-PASSED', revisions: 3 });
    expect(report.body.signatures).toHaveLength(2);

    await fixture.service.settle();
    const filings = await fixture.call('GET', `/filings?contractId=${id}`, handler);
    expect(filings.body.items).toMatchObject([{ contractId: id }]);
    const entries = await fixture.call('GET', `/audit/entries?subject=contract/${id}`, {
      as: 'auditor',
    });
    const types = entries.body.items.map((each) => each.event.type);
    expect(types).toContain('contract.signed');
  });

  it('keeps a PIN that is wrong out of the answer and says what to do', async () => {
    const id = await confirmed();
    const reply = await fixture.call('POST', `/contracts/${id}/signatures`, {
      ...supplier,
      json: { token: { label: 'supplier' }, pin: '99887766' },
    });
    expect(reply).toMatchObject({ status: 403, body: { code: 'token-pin-incorrect' } });
    expect(JSON.stringify(reply.body)).not.toContain('99887766');
  });

  it('signs once for two requests with one key', async () => {
    const id = await confirmed();
    const request = {
      ...supplier,
      headers: { 'idempotency-key': 'sign-once' },
      json: { token: { label: 'supplier' }, pin: PIN },
    };
    const target = `/contracts/${id}/signatures`;
    const replies = await Promise.all([
      fixture.call('POST', target, request),
      fixture.call('POST', target, request),
    ]);
    const codes = replies.map((reply) => (reply.status === 201 ? '201' : reply.body.code)).sort();
    expect(['201,201', '201,idempotency-in-flight']).toContain(codes.join());
    const later = await fixture.call('POST', target, request);
    expect(later.headers.get('idempotent-replayed')).toBe('true');
    expect(later.body.signatures).toHaveLength(1);
    const contract = await fixture.call('GET', `/contracts/${id}`, handler);
    expect(contract.body.signatures).toHaveLength(1);
  });
});

describe('changes', () => {
  it('need the version they are made from', async () => {
    const { body, headers } = await draft();
    const etag = headers.get('etag')!;
    const json = { data: { ...newData(), id: body.number } };
    const target = `/contracts/${body.id}`;
    const without = await fixture.call('PATCH', target, { ...handler, json });
    expect(without).toMatchObject({ status: 428, body: { code: 'precondition-required' } });
    const changed = await fixture.call('PATCH', target, {
      ...handler,
      json,
      headers: { 'if-match': etag },
    });
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).not.toBe(etag);
    const stale = await fixture.call('PATCH', target, {
      ...handler,
      json,
      headers: { 'if-match': etag },
    });
    expect(stale).toMatchObject({ status: 412, body: { code: 'record-version-conflict' } });
    const foreign = await fixture.call('PATCH', target, {
      ...handler,
      json,
      headers: { 'if-match': 'W/"1"' },
    });
    expect(foreign).toMatchObject({ status: 400, body: { code: 'request-invalid' } });
  });

  it('are seen by If-None-Match', async () => {
    const { body, headers } = await draft();
    const reply = await fixture.call('GET', `/contracts/${body.id}`, {
      ...handler,
      headers: { 'if-none-match': headers.get('etag')! },
    });
    expect(reply.status).toBe(304);
    expect(reply.bytes).toHaveLength(0);
  });

  it('name every fault of the data with a pointer', async () => {
    const data = { ...newData(), title: '', deliveryPlace: undefined };
    const reply = await fixture.call('POST', '/contracts', {
      ...handler,
      json: { template: 'goods', data },
    });
    expect(reply).toMatchObject({ status: 422, body: { code: 'contract-data-invalid' } });
    const pointers = reply.body.errors.map((each) => each.pointer);
    expect(pointers).toEqual(expect.arrayContaining(['#/title', '#/deliveryPlace']));
  });
});

describe('an uploaded PDF', () => {
  const form = (data: unknown, pdf: Uint8Array, fileName = '合同 第1号.pdf'): FormData => {
    const parts = new FormData();
    const content = new Uint8Array(pdf);
    parts.set('document', new Blob([content], { type: 'application/pdf' }), fileName);
    if (data !== undefined) parts.set('data', JSON.stringify(data));
    return parts;
  };

  it('becomes a contract with its data', async () => {
    const pdf = await samplePdf();
    const reply = await fixture.call('POST', '/contracts', {
      ...handler,
      body: form({ data: newData() }, pdf),
    });
    expect(reply.status).toBe(201);
    expect(reply.body.document).toMatchObject({ source: 'upload', fileName: '合同 第1号.pdf' });
    const document = await fixture.call('GET', `/contracts/${reply.body.id}/document`, handler);
    expect(Buffer.from(document.bytes)).toEqual(Buffer.from(pdf));
    const disposition = document.headers.get('content-disposition');
    expect(disposition).toContain(encodeURIComponent('合同 第1号.pdf'));
  });

  it.each<[string, () => FormData, string]>([
    ['no data', () => form(undefined, new Uint8Array([1])), 'request-invalid'],
    [
      'a file that is no PDF',
      () => form({ data: newData() }, new Uint8Array(Buffer.from('<html>'))),
      'pdf-not-a-pdf',
    ],
    [
      'a template as well',
      () => form({ data: newData(), template: 'goods' }, new Uint8Array([1])),
      'request-invalid',
    ],
    [
      'a part nobody asked for',
      () => {
        const parts = form({ data: newData() }, new Uint8Array([1]));
        parts.set('extra', 'x');
        return parts;
      },
      'request-invalid',
    ],
  ])('with %s is refused', async (_name, make, code) => {
    const reply = await fixture.call('POST', '/contracts', { ...handler, body: make() });
    expect(reply.body.code).toBe(code);
  });
});

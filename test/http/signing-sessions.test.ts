/** Signing in two steps over HTTP: what a session is bound to, and what it refuses. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { sampleContractData } from '../../src/sandbox/sample/index.js';
import { MemorySource } from '../../src/kernel/index.js';
import { PdfDict, openPdf, widgetPageIndex } from '../../src/pdf/index.js';
import type { VerificationReport } from '../../src/verification/index.js';
import { appendRevision } from '../support/append-revision.js';
import { PIN, ServiceFixture, type Reply } from './service-fixture.js';

let fixture: ServiceFixture;
let count = 0;

beforeAll(async () => {
  fixture = await ServiceFixture.start();
  await fixture.issueSeal('supplier');
});
afterAll(() => fixture.stop());
afterEach(() => {
  fixture.clock.offsetMs = 0;
});

const handler = { as: 'unit-handler' };
const supplier = { as: 'supplier-signer' };

async function confirmed(): Promise<string> {
  const data = sampleContractData({ today: new Date(), number: `HT-S-${String(++count)}` });
  const { body } = await fixture.call('POST', '/contracts', {
    ...handler,
    json: { template: 'goods', data },
  });
  const checks = await fixture.call('POST', `/contracts/${body.id}/checks`, handler);
  const acknowledged = checks.body.findings.map((each) => each.code);
  await fixture.call('POST', `/contracts/${body.id}/submit`, {
    ...handler,
    json: { acknowledged },
  });
  const agreed = await fixture.call('POST', `/contracts/${body.id}/confirm`, supplier);
  expect(agreed.body).toMatchObject({ state: 'confirmed' });
  return body.id;
}

interface Session {
  readonly id: string;
  readonly contractId: string;
  readonly value: Uint8Array;
}

function open(contractId: string, placing: object = {}): Promise<Reply> {
  const { certificateDer } = fixture.signers.get('supplier')!;
  return fixture.call('POST', `/contracts/${contractId}/signing-sessions`, {
    ...supplier,
    json: { certificateB64: Buffer.from(certificateDer).toString('base64'), ...placing },
  });
}

async function opened(placing: object = {}): Promise<Session> {
  const contractId = await confirmed();
  const signer = fixture.signers.get('supplier')!;
  const { status, body } = await open(contractId, placing);
  expect(status).toBe(201);
  const value = await signer.sign(Buffer.from(body.signedAttributesB64, 'base64'), {
    padding: body.padding,
    digest: body.digestAlgorithm,
  });
  return { id: body.id, contractId, value };
}

function handIn(
  id: string,
  value: Uint8Array,
  who: { readonly as: string } = supplier,
): Promise<Reply> {
  return fixture.call('PUT', `/signing-sessions/${id}/signature`, {
    ...who,
    json: { signatureB64: Buffer.from(value).toString('base64') },
  });
}

describe('a signing session', () => {
  it('takes no value but one over its own document, and is not used up by another', async () => {
    const [one, other] = [await opened(), await opened()];
    expect(await handIn(one.id, other.value)).toMatchObject({
      status: 422,
      body: { code: 'signature-not-verified' },
    });
    expect((await handIn(one.id, one.value)).body).toMatchObject({ state: 'supplier-signed' });
    expect((await handIn(other.id, other.value)).body).toMatchObject({ state: 'supplier-signed' });
  });

  it('belongs to the account that opened it', async () => {
    const session = await opened();
    expect(await handIn(session.id, session.value, { as: 'unit-signer' })).toMatchObject({
      status: 404,
    });
    expect((await handIn(session.id, session.value)).status).toBe(200);
  });

  it('is used once by two that come at the same time', async () => {
    const session = await opened();
    const replies = await Promise.all([
      handIn(session.id, session.value),
      handIn(session.id, session.value),
    ]);
    const codes = replies.map(({ status, body }) => (status === 200 ? 'published' : body.code));
    expect(codes.sort()).toEqual(['published', 'signing-session-used']);
    const contract = await fixture.call('GET', `/contracts/${session.contractId}`, supplier);
    expect(contract.body).toMatchObject({ state: 'supplier-signed' });
  });

  it('lasts five minutes, also by a clock that is set back meanwhile', async () => {
    const session = await opened();
    fixture.clock.offsetMs = 301_000;
    expect((await handIn(session.id, session.value)).body.code).toBe('signing-session-expired');
    fixture.clock.offsetMs = -3_600_000;
    expect((await handIn(session.id, session.value)).body.code).toBe('signing-session-expired');
    // Six minutes pass, of which somebody takes four back.
    fixture.clock.passedMs += 360_000;
    fixture.clock.offsetMs = -240_000;
    expect((await handIn(session.id, session.value)).body.code).toBe('signing-session-expired');
  });

  it('gives way to a new one when it has run out', async () => {
    const session = await opened();
    fixture.clock.passedMs += 301_000;
    const signer = fixture.signers.get('supplier')!;
    const next = await fixture.call('POST', `/contracts/${session.contractId}/signing-sessions`, {
      ...supplier,
      json: { certificateB64: Buffer.from(signer.certificateDer).toString('base64') },
    });
    expect(next.status).toBe(201);
    expect((await handIn(session.id, session.value)).status).not.toBe(200);
  });
});

describe('places of the seal that a party asks for', () => {
  const places = [
    { pageIndex: 0, xPt: 150, yPt: 150 },
    { pageIndex: 1, xPt: 300, yPt: 500 },
  ];

  const documentOf = async (contractId: string): Promise<Uint8Array> =>
    (await fixture.call('GET', `/contracts/${contractId}/document`, supplier)).bytes;

  /** What the service itself finds, which knows the seals of its register. */
  const verdictOn = async (pdf: Uint8Array): Promise<readonly unknown[]> => {
    const answer = await fixture.call('POST', '/verifications', {
      ...supplier,
      body: pdf,
      headers: { 'content-type': 'application/pdf' },
    });
    const report = answer.body as unknown as VerificationReport;
    expect(report.signatures).toHaveLength(1);
    const [own] = report.signatures;
    return [own?.indication, own?.seal?.pictureMatches];
  };

  /** Page indexes of the one signed field's widgets, in order. */
  const shownOn = (pdf: Uint8Array): readonly (number | undefined)[] => {
    const document = openPdf(new MemorySource(pdf));
    const signed = document.fields.filter(({ value }) => value !== undefined);
    expect(signed).toHaveLength(1);
    return signed[0]!.widgets.map((widget) => widgetPageIndex(document, widget));
  };

  it('are one signature with the place of the contract, and a slice on every page', async () => {
    const session = await opened({ places, crossPage: true });
    expect((await handIn(session.id, session.value)).status).toBe(200);
    const pdf = await documentOf(session.contractId);
    const pages = [...openPdf(new MemorySource(pdf)).pages].map(({ index }) => index);
    const [agreed, ...rest] = shownOn(pdf);
    expect(pages).toContain(agreed);
    expect(rest).toEqual([0, 1, ...pages]);
    expect(await verdictOn(pdf)).toEqual(['TOTAL-PASSED', true]);

    const forged = appendRevision(pdf, (writer, document) => {
      const signed = document.fields.find(({ value }) => value !== undefined)!;
      const slices = signed.widgets.slice(-2);
      const appearance = slices[1]!.dict.get('AP') ?? PdfDict.of({});
      writer.set(slices[0]!.ref!, slices[0]!.dict.with({ AP: appearance }));
    });
    expect(await verdictOn(forged)).toEqual(['TOTAL-FAILED', false]);
  });

  it('go with a UKey at the server too, and leave room for the other party', async () => {
    const contractId = await confirmed();
    const signed = await fixture.call('POST', `/contracts/${contractId}/signatures`, {
      ...supplier,
      json: { token: { label: 'supplier' }, pin: PIN, crossPage: { edge: 'left' } },
    });
    expect(signed.status).toBe(201);
    expect(await verdictOn(await documentOf(contractId))).toEqual(['TOTAL-PASSED', true]);
    const both = await fixture.call('POST', `/contracts/${contractId}/signatures`, {
      as: 'unit-signer',
      json: { token: { label: 'buyer' }, pin: PIN },
    });
    expect(both.body).toMatchObject({ state: 'signed' });
  });

  it('go with a batch, contract by contract', async () => {
    const contractIds = [await confirmed(), await confirmed()];
    const started = await fixture.call('POST', '/signing-batches', {
      ...supplier,
      json: { contractIds, token: { label: 'supplier' }, pin: PIN, crossPage: true },
    });
    const batch = await fixture.call(
      'GET',
      `/signing-batches/${started.body.id}?wait=20`,
      supplier,
    );
    expect(batch.body).toMatchObject({ state: 'finished', signed: 2 });
    for (const id of contractIds) expect(shownOn(await documentOf(id)).length).toBeGreaterThan(2);
  });

  it.each([
    [{ places: [{ pageIndex: 0, xPt: 10, yPt: 150 }] }, 'appearance-outside-page'],
    [{ places: [{ pageIndex: 400, xPt: 150, yPt: 150 }] }, 'pdf-page-out-of-range'],
    [{ places: [{ pageIndex: -1, xPt: 150, yPt: 150 }] }, 'request-invalid'],
    [{ crossPage: false }, 'request-invalid'],
    [{ crossPage: { edge: 'top' } }, 'request-invalid'],
  ])('%j are refused: %s', async (asked, code) => {
    const contractId = await confirmed();
    expect((await open(contractId, asked)).body).toMatchObject({ code });
    // Nothing of it stays: the contract can be signed.
    expect((await open(contractId)).status).toBe(201);
  });

  it('are refused where the party has no seal', async () => {
    const contractId = await confirmed();
    await fixture.call('POST', `/contracts/${contractId}/signatures`, {
      ...supplier,
      json: { token: { label: 'supplier' }, pin: PIN },
    });
    const refused = await fixture.call('POST', `/contracts/${contractId}/signatures`, {
      as: 'unit-signer',
      json: { token: { label: 'buyer' }, pin: PIN, places },
    });
    expect(refused.body).toMatchObject({ code: 'input-invalid', params: { field: 'sealId' } });
  });
});

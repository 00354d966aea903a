/** Signing in two steps over HTTP: what a session is bound to, and what it refuses. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { sampleContractData } from '../../src/sandbox/sample/index.js';
import { ServiceFixture, principal, type Reply } from './service-fixture.js';

let fixture: ServiceFixture;
let count = 0;

beforeAll(async () => {
  fixture = await ServiceFixture.start();
  const day = 86_400_000;
  await fixture.service.services.seals.issue(principal(['seal-administrator']), {
    unitId: fixture.unitId('supplier'),
    kind: 'contract',
    validFrom: new Date(Date.now() - day),
    validUntil: new Date(Date.now() + 365 * day),
    certificateSha256: [fixture.certificateSha256('supplier')],
  });
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

async function opened(): Promise<Session> {
  const contractId = await confirmed();
  const signer = fixture.signers.get('supplier')!;
  const { status, body } = await fixture.call('POST', `/contracts/${contractId}/signing-sessions`, {
    ...supplier,
    json: { certificateB64: Buffer.from(signer.certificateDer).toString('base64') },
  });
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

/** The completion report of a signed contract: what it says, and that the service signed it. */
import { createPublicKey, verify, type JsonWebKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pageLines } from '../../src/app/isolation/page-lines.js';
import { MemorySource, canonicalJson, sha256Hex, utf8ToBytes } from '../../src/kernel/index.js';
import { SCOPE_ALL } from '../../src/store/index.js';
import { openPdf } from '../../src/pdf/index.js';
import { confirmedContract, signAt } from './confirmed-contract.js';
import { ServiceFixture } from './service-fixture.js';

let fixture: ServiceFixture;
let id: string;
beforeAll(async () => {
  fixture = await ServiceFixture.start();
  await fixture.issueSeal('supplier');
  id = await confirmedContract(fixture);
  await signAt(fixture, id, 'supplier');
  await signAt(fixture, id, 'buyer');
  await fixture.service.settle();
  await receiveReceipts();
}, 90_000);
afterAll(() => fixture.stop());

const SIGNATURE = { keyId: 'budget-1', jws: `eyJhbGciOiJFZERTQSJ9.${'e'.repeat(300)}.c2ln` };

/** The budget system's receipt, and one that took its place later, signed. */
async function receiveReceipts(): Promise<void> {
  const { filings } = fixture.service.collections;
  const [filing] = (await filings.find({ limit: 1 }, SCOPE_ALL)).items;
  const json = {
    filingNumber: '2026-370102-000001',
    documentSha256: filing!.documentSha256,
    receivedAt: '2026-11-23T08:00:00Z',
  };
  const path = `/filings/${filing!.id}/receipts`;
  const taken = await fixture.call('POST', path, { as: 'budget-system', json });
  expect(taken.status).toBe(200);
  await fixture.service.settle();
  const filed = (await filings.get(filing!.id, SCOPE_ALL))!;
  await filings.replace({
    ...filed,
    version: filed.version + 1,
    earlierReceipts: [filed.receipt!],
    receipt: { ...filed.receipt!, filingNumber: '2026-370102-000002', signature: SIGNATURE },
  });
}

interface Evidence {
  readonly statement: {
    readonly document: { readonly sha256: string; readonly indication: string };
    readonly signatures: readonly object[];
    readonly events: readonly { readonly seq: number; readonly hash: string }[];
    readonly receipts: readonly object[];
    readonly checkpoint: { readonly size: number };
  };
  readonly keyId: string;
  readonly signature: string;
}

describe('evidence', () => {
  it('says who signed what and what is in the log, signed by a published key', async () => {
    const reply = await fixture.call('GET', `/contracts/${id}/evidence?format=json`, {
      as: 'unit-handler',
    });
    expect(reply.status).toBe(200);
    const { statement, keyId, signature } = reply.body as unknown as Evidence;
    const document = await fixture.call('GET', `/contracts/${id}/document`, { as: 'unit-handler' });
    expect(statement.document).toMatchObject({
      sha256: sha256Hex(document.bytes),
      indication: 'TOTAL-PASSED',
    });
    expect(statement.signatures).toMatchObject([
      { number: 1, role: 'supplier', indication: 'TOTAL-PASSED', provedAt: null },
      { number: 2, role: 'buyer', indication: 'TOTAL-PASSED' },
    ]);
    expect(statement.receipts).toMatchObject([
      { filingNumber: '2026-370102-000001', signature: null, isSuperseded: true },
      {
        filingNumber: '2026-370102-000002',
        receivedAt: '2026-11-23T08:00:00Z',
        documentSha256: sha256Hex(document.bytes),
        signature: SIGNATURE,
        isSuperseded: false,
      },
    ]);
    for (const { seq, hash } of statement.events) {
      const entry = await fixture.service.services.audit.entry(seq, { kind: 'all' });
      expect(entry?.hash).toBe(hash);
    }
    expect(statement.events.map(({ seq }) => seq)).toContain(1 + statement.events[0]!.seq);
    expect(statement.checkpoint.size).toBeGreaterThanOrEqual(statement.events.at(-1)!.seq);
    const jwks = await fixture.call('GET', '//.well-known/jwks.json');
    const keys = jwks.body.keys as readonly { readonly kid: string }[];
    const key = createPublicKey({
      key: keys.find(({ kid }) => kid === keyId) as JsonWebKey,
      format: 'jwk',
    });
    const signed = utf8ToBytes(canonicalJson(statement));
    expect(verify(null, signed, key, Buffer.from(signature, 'base64'))).toBe(true);
  });

  it('comes as a PDF for people', async () => {
    const reply = await fixture.call('GET', `/contracts/${id}/evidence`, {
      as: 'unit-handler',
      headers: { accept: 'application/pdf' },
    });
    expect(reply.status).toBe(200);
    if (process.env['KEEP_EVIDENCE'] !== undefined) {
      writeFileSync(process.env['KEEP_EVIDENCE'], reply.bytes);
    }
    const text = pageLines(reply.bytes).flat().join('');
    expect(text).toContain('各方签署完毕');
    for (const shown of ['2026-370102-000001', '2026-370102-000002', 'budget-1', '已被取代']) {
      expect(text).toContain(shown);
    }
    // What stands for a character that the font lacks.
    expect(text).not.toContain('〓');
    expect(text).toContain('采购人签章人 (unit-signer)');
    const document = openPdf(new MemorySource(reply.bytes), { mode: 'strict' });
    const figures = [...document.pages].flatMap(({ resources }) => [
      ...(document.resolveDict(document.resolveDict(resources)?.get('XObject'))?.keys() ?? []),
    ]);
    expect(figures).toEqual(['Im1']);
  });

  it('is for who may see the contract', async () => {
    const reply = await fixture.call('GET', `/contracts/${id}/evidence`, {
      as: 'stranger-unit-handler',
    });
    expect([reply.status, reply.body.code]).toEqual([404, 'contract-not-found']);
  });
});

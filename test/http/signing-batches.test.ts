import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { AppError } from '../../src/kernel/index.js';
import type { Signer } from '../../src/pades/index.js';
import { sampleContractData } from '../../src/sandbox/sample/index.js';
import { SCOPE_ALL } from '../../src/store/index.js';
import { PIN, ServiceFixture, type Reply } from './service-fixture.js';

interface BatchBody {
  readonly id: string;
  readonly state: string;
  readonly stopCode: string | null;
  readonly signed: number;
  readonly failed: number;
  readonly items: readonly { readonly contractId: string; readonly state: string }[];
}

let fixture: ServiceFixture;
let count = 0;

const handler = { as: 'unit-handler' };
const supplier = { as: 'supplier-signer' };

async function confirmed(): Promise<string> {
  const data = sampleContractData({ today: new Date(), number: `HT-BATCH-${String(++count)}` });
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
  expect(agreed.body.state).toBe('confirmed');
  return body.id;
}

const confirmedContracts = (howMany: number): Promise<string[]> =>
  Promise.all(Array.from({ length: howMany }, confirmed));

const batchOf = (reply: Reply): BatchBody => reply.body as unknown as BatchBody;

const start = (contractIds: readonly string[], more: object = {}): Promise<Reply> =>
  fixture.call('POST', '/signing-batches', {
    ...supplier,
    json: { contractIds, token: { label: 'supplier' }, pin: PIN, ...more },
  });

const ended = async (id: string): Promise<BatchBody> =>
  batchOf(await fixture.call('GET', `/signing-batches/${id}?wait=30`, supplier));

const resume = (id: string, json: object = { pin: PIN }): Promise<Reply> =>
  fixture.call('POST', `/signing-batches/${id}/resume`, { ...supplier, json });

async function signaturesOf(contractId: string): Promise<number> {
  const { body } = await fixture.call('GET', `/contracts/${contractId}`, handler);
  return body.signatures.length;
}

/** Lets the supplier's token behave otherwise until the test ends. */
function replaceSigner(change: (signer: Signer) => object): void {
  const signers = fixture.signers as Map<string, Signer>;
  const signer = signers.get('supplier')!;
  restore = () => signers.set('supplier', signer);
  signers.set('supplier', { ...signer, ...change(signer) });
}
let restore: (() => void) | undefined;

beforeAll(async () => {
  fixture = await ServiceFixture.start();
});
afterAll(() => fixture.stop());
afterEach(() => {
  restore?.();
  restore = undefined;
});

describe('a batch of contracts', () => {
  it('is signed with one entry of the PIN, and says of each what became of it', async () => {
    const ids = await confirmedContracts(3);
    const unknown = 'ctr_00000000000000000000000000';
    const begun = await start([ids[0]!, unknown, ids[1]!, ids[2]!, ids[0]!]);
    expect(begun.status).toBe(202);
    const { id } = batchOf(begun);
    expect(begun.headers.get('location')).toBe(`/api/v1/signing-batches/${id}`);
    expect(await ended(id)).toMatchObject({
      state: 'finished',
      signed: 3,
      failed: 1,
      items: [
        { contractId: ids[0], state: 'signed' },
        { contractId: unknown, state: 'failed', code: 'contract-not-found' },
        { contractId: ids[1], state: 'signed' },
        { contractId: ids[2], state: 'signed' },
      ],
    });
    for (const contractId of ids) expect(await signaturesOf(contractId)).toBe(1);
    const kept = await fixture.service.collections.signingBatches.get(id, SCOPE_ALL);
    expect(JSON.stringify(kept)).not.toContain(PIN);
  });

  it('is not begun with a wrong PIN', async () => {
    const [id] = await confirmedContracts(1);
    const reply = await start([id!], { pin: '99887766' });
    expect(reply).toMatchObject({ status: 403, body: { code: 'token-pin-incorrect' } });
    expect(await signaturesOf(id!)).toBe(0);
  });

  it('is begun once for two requests with one key', async () => {
    const [id] = await confirmedContracts(1);
    const request = {
      ...supplier,
      headers: { 'idempotency-key': 'batch-once' },
      json: { contractIds: [id], token: { label: 'supplier' }, pin: PIN },
    };
    const first = await fixture.call('POST', '/signing-batches', request);
    await ended(batchOf(first).id);
    const second = await fixture.call('POST', '/signing-batches', request);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(batchOf(second).id).toBe(batchOf(first).id);
    expect(await signaturesOf(id!)).toBe(1);
  });

  it('stops when the token goes, and goes on with the PIN entered again', async () => {
    const ids = await confirmedContracts(3);
    let left = 1;
    replaceSigner((signer) => ({
      sign: (...args: Parameters<Signer['sign']>) => {
        if (left-- > 0) return signer.sign(...args);
        throw new AppError('token-absent', 'pulled out');
      },
    }));
    const { id } = batchOf(await start(ids));
    const stopped = await ended(id);
    expect(stopped).toMatchObject({ state: 'stopped', stopCode: 'token-absent', signed: 1 });
    expect(stopped.items.map((item) => item.state)).toEqual(['signed', 'waiting', 'waiting']);
    restore?.();
    expect(await resume(id, { pin: '11111111' })).toMatchObject({ status: 403 });
    expect((await resume(id)).status).toBe(202);
    expect(await ended(id)).toMatchObject({ state: 'finished', stopCode: null, signed: 3 });
    for (const contractId of ids) expect(await signaturesOf(contractId)).toBe(1);
  });

  it('is taken up after its process died, and signs nothing twice', async () => {
    const ids = await confirmedContracts(2);
    const { id } = batchOf(await start(ids));
    await ended(id);
    // As a kill between the first signature and the batch's own record leaves it.
    const { signingBatches } = fixture.service.collections;
    const kept = (await signingBatches.get(id, SCOPE_ALL))!;
    await signingBatches.replace({
      ...kept,
      version: kept.version + 1,
      state: 'running',
      items: ids.map((contractId) => ({ contractId, state: 'waiting' })),
      until: '2026-01-01T00:00:00Z',
    });
    expect(await ended(id)).toMatchObject({ state: 'interrupted', signed: 0 });
    expect((await resume(id)).status).toBe(202);
    expect(await ended(id)).toMatchObject({ state: 'finished', signed: 2 });
    for (const contractId of ids) expect(await signaturesOf(contractId)).toBe(1);
  });

  it('runs once at a time', async () => {
    const [id] = await confirmedContracts(1);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    replaceSigner((signer) => ({
      sign: async (...args: Parameters<Signer['sign']>) => {
        await held;
        return signer.sign(...args);
      },
    }));
    const batch = batchOf(await start([id!]));
    expect(await resume(batch.id)).toMatchObject({ status: 409, body: { code: 'conflict' } });
    release();
    expect(await ended(batch.id)).toMatchObject({ state: 'finished', signed: 1 });
  });

  it('needs consent where the token wants its PIN for each signature', async () => {
    const [id] = await confirmedContracts(1);
    replaceSigner(() => ({ authentication: 'each-signature' }));
    const refused = await start([id!]);
    expect(refused).toMatchObject({ status: 409, body: { code: 'token-pin-each-signature' } });
    const { id: batchId } = batchOf(await start([id!], { allowPinForEachSignature: true }));
    expect(await ended(batchId)).toMatchObject({ state: 'finished', signed: 1 });
  });

  it('is nobody else’s', async () => {
    const [id] = await confirmedContracts(1);
    const batch = batchOf(await start([id!]));
    await ended(batch.id);
    for (const stranger of ['stranger-supplier-signer', 'unit-signer']) {
      const seen = await fixture.call('GET', `/signing-batches/${batch.id}`, { as: stranger });
      expect(seen).toMatchObject({ status: 404, body: { code: 'not-found' } });
    }
  });
});

/** The stand-in is a peer to be trusted in tests: it checks what it says it checks, and keeps what it answers. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  DELIVERY_COMPONENTS,
  FILING_SIGNATURE_TAG,
  buildPackage,
  contentDigestField,
  createHttpBudgetSystem,
  signMessage,
} from '../../../src/filing/index.js';
import { sha256Hex, systemClock, utf8ToBytes } from '../../../src/kernel/index.js';
import {
  startSampleBudgetSystem,
  type SampleBudgetSystem,
} from '../../../src/sandbox/budget-system/index.js';
import { packageContents } from '../../unit/filing/package-contents.js';
import { signedContract } from '../../unit/filing/signed-contract.js';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const KEYS = new Map([['k1', publicKey]]);
const packageOf = async (title: string): Promise<Uint8Array> =>
  buildPackage(await packageContents(signedContract({ title })));
const PACKAGE = await packageOf('one');
const delivery = (idempotencyKey: string, packageBytes = PACKAGE) => ({
  idempotencyKey,
  packageBytes,
  packageSha256: sha256Hex(packageBytes),
});

let directory: string;
let server: SampleBudgetSystem;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'budget-'));
  server = await startSampleBudgetSystem({ directory, port: 0, verificationKeys: KEYS });
});
afterEach(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});
const client = (key = privateKey, keyId = 'k1') =>
  createHttpBudgetSystem({
    url: `${server.url}/`,
    fetchFn: fetch,
    signer: { keyId, privateKey: key },
    clock: systemClock,
  });
const patience = (): AbortSignal => AbortSignal.timeout(5000);

async function post(fields: Record<string, string>, content: Uint8Array): Promise<Response> {
  return fetch(`${server.url}/filings`, {
    method: 'POST',
    headers: fields,
    body: new Uint8Array(content),
  });
}

function signedFields(packageBytes: Uint8Array): Record<string, string> {
  const fields: Record<string, string> = {
    'content-digest': contentDigestField(sha256Hex(packageBytes)),
    'idempotency-key': 'fil_12345678',
  };
  const now = systemClock.now();
  const { signatureInput, signature } = signMessage(
    { method: 'POST', url: `${server.url}/filings`, field: (name) => fields[name] },
    {
      components: DELIVERY_COMPONENTS,
      createdAt: now,
      expiresAt: new Date(now.getTime() + 60_000),
      nonce: 'n1',
      tag: FILING_SIGNATURE_TAG,
    },
    { keyId: 'k1', privateKey },
  );
  return { ...fields, 'signature-input': signatureInput, signature };
}

describe('the sample budget system', () => {
  it('gives one number a key, also to parallel and later callers, and after a restart', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => client().deliver(delivery('fil_12345678'), patience())),
    );
    expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
    expect(server.filings()).toHaveLength(1);
    await server.stop();
    server = await startSampleBudgetSystem({ directory, port: 0, verificationKeys: KEYS });
    expect(await client().lookup('fil_12345678', patience())).toEqual(outcomes[0]);
    expect(await client().deliver(delivery('fil_12345678'), patience())).toEqual(outcomes[0]);
    await client().deliver(delivery('fil_87654321'), patience());
    expect(server.filings().map((filing) => filing.filingNumber.slice(-7))).toEqual([
      '-000001',
      '-000002',
    ]);
  });

  it('shows what it keeps', async () => {
    await client().deliver(delivery('fil_12345678'), patience());
    const { items } = (await (await fetch(`${server.url}/filings`)).json()) as {
      items: { filingNumber: string }[];
    };
    const number = items[0]?.filingNumber ?? '';
    expect((await fetch(`${server.url}/filings/${number}`)).status).toBe(200);
    const kept = await fetch(`${server.url}/filings/${number}/package`);
    expect(new Uint8Array(await kept.arrayBuffer())).toEqual(PACKAGE);
    for (const path of ['/filings/none', '/filings/%zz', '/', `/filings/${number}/other`]) {
      expect((await fetch(`${server.url}${path}`)).status).toBeGreaterThanOrEqual(400);
    }
    expect((await fetch(`${server.url}/filings`, { method: 'DELETE' })).status).toBe(405);
  });

  it('refuses another package under a key that was used', async () => {
    await client().deliver(delivery('fil_12345678'), patience());
    expect(
      await client().deliver(delivery('fil_12345678', await packageOf('two')), patience()),
    ).toEqual(expect.objectContaining({ kind: 'refused', code: 'idempotency-key-reused' }));
    expect(server.filings()).toHaveLength(1);
  });

  it('refuses other bytes than the digest names, and a package that is not one', async () => {
    const wrong = { ...delivery('fil_12345678'), packageSha256: '0'.repeat(64) };
    expect(await client().deliver(wrong, patience())).toMatchObject({ code: 'digest-mismatch' });
    const broken = PACKAGE.slice();
    broken[broken.length >> 1] = (broken[broken.length >> 1] ?? 0) ^ 1;
    for (const [bytes, code] of [
      [utf8ToBytes('no zip'), 'package-malformed'],
      [broken, 'input-invalid'],
    ] as const) {
      expect(await client().deliver(delivery('fil_12345678', bytes), patience())).toMatchObject({
        kind: 'refused',
        code,
      });
    }
    expect(server.filings()).toHaveLength(0);
  });

  it('answers only who signs with a key it knows', async () => {
    const stranger = generateKeyPairSync('ed25519').privateKey;
    const refused = expect.objectContaining({
      kind: 'refused',
      code: 'unauthenticated',
    }) as unknown;
    expect(await client(stranger).deliver(delivery('fil_12345678'), patience())).toEqual(refused);
    expect(await client(privateKey, 'k2').deliver(delivery('fil_12345678'), patience())).toEqual(
      refused,
    );
    expect((await fetch(`${server.url}/deliveries/fil_12345678`)).status).toBe(401);
    expect(server.filings()).toHaveLength(0);
  });

  it('refuses a signature that was used', async () => {
    const fields = signedFields(PACKAGE);
    expect((await post(fields, PACKAGE)).status).toBe(201);
    expect((await post(fields, PACKAGE)).status).toBe(401);
  });

  it('takes unsigned deliveries where no key was given', async () => {
    await server.stop();
    server = await startSampleBudgetSystem({ directory, port: 0 });
    const unsigned = createHttpBudgetSystem({
      url: server.url,
      fetchFn: fetch,
      clock: systemClock,
    });
    expect(await unsigned.deliver(delivery('fil_12345678'), patience())).toMatchObject({
      kind: 'receipt',
    });
  });

  it('says that it cannot start on a port in use', async () => {
    const port = Number(new URL(server.url).port);
    await expect(startSampleBudgetSystem({ directory, port })).rejects.toThrow(
      expect.objectContaining({ code: 'unavailable' }),
    );
  });
});

/** What outsiders learn of seals: signed by a published key, as it was at a time, and nothing personal. */
import { createPublicKey, verify, type JsonWebKey } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { SealRecord } from '../../src/seal/index.js';
import { confirmedContract, signAt } from './confirmed-contract.js';
import { ServiceFixture, principal, type Reply } from './service-fixture.js';

let fixture: ServiceFixture;
let seal: SealRecord;
let personal: SealRecord;
let doomed: SealRecord;
const DAY_MS = 86_400_000;
const administrator = principal(['seal-administrator']);

beforeAll(async () => {
  fixture = await ServiceFixture.start();
  await fixture.issueSeal('buyer');
  seal = await fixture.issueSeal('supplier');
  personal = await fixture.issueSeal('supplier', { kind: 'legal-person' });
  doomed = await fixture.issueSeal('supplier', { kind: 'finance' });
});
afterAll(() => fixture.stop());
afterEach(() => {
  fixture.clock.offsetMs = 0;
});

type Claims = Readonly<Record<string, unknown>> & {
  readonly iat: number;
  readonly exp: number;
  readonly lst: string;
  readonly number: number;
};

/** The claims, where a published key signed them; by OpenSSL, not by what signed. */
async function claimsOf(jws: string, type: string): Promise<Claims> {
  const [header, payload, signature] = jws.split('.') as [string, string, string];
  const parse = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
  const { alg, typ, kid } = parse(header) as Record<string, string>;
  expect([alg, typ]).toEqual(['EdDSA', type]);
  const { keys } = (await fixture.call('GET', '//.well-known/jwks.json')).body;
  const jwk = (keys as (JsonWebKey & { kid: string })[]).find((each) => each.kid === kid)!;
  expect(Object.keys(jwk)).not.toContain('d');
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const input = Buffer.from(`${header}.${payload}`);
  expect(verify(null, input, key, Buffer.from(signature, 'base64url'))).toBe(true);
  const other = Buffer.from(`${header}.${payload}x`);
  expect(verify(null, other, key, Buffer.from(signature, 'base64url'))).toBe(false);
  return parse(payload) as Claims;
}

const status = (code: string, query = '', headers = {}): Promise<Reply> =>
  fixture.call('GET', `/public/seals/${code}/status${query}`, { headers });
const jwsOf = (reply: Reply): string => (reply.body as unknown as { jws: string }).jws;

describe('the status of a seal', () => {
  it('is signed, says what the answer says, and for how long', async () => {
    const reply = await status(seal.code);
    expect(reply.body).toMatchObject({ code: seal.code, status: 'active', revocation: null });
    const claims = await claimsOf(jwsOf(reply), 'seal-status+jwt');
    for (const name of [
      'code',
      'name',
      'kind',
      'status',
      'validFrom',
      'validUntil',
      'revocation',
    ]) {
      expect([name, claims[name]]).toEqual([name, (reply.body as unknown as Claims)[name]]);
    }
    expect(claims).toMatchObject({ sub: seal.code, iss: fixture.config.jwt.issuer });
    expect(claims.exp - claims.iat).toBe(300);
    expect(Math.abs(claims.iat * 1000 - Date.now())).toBeLessThan(60_000);
  });

  it('may be kept for a minute, and is named by what it says', async () => {
    // The middle of a minute: both answers are of the same one.
    fixture.clock.offsetMs = 30_000 - (Date.now() % 60_000);
    const first = await status(seal.code);
    expect(first.headers.get('cache-control')).toBe('public, max-age=60');
    const etag = first.headers.get('etag')!;
    const again = await status(seal.code, '', { 'if-none-match': etag });
    expect([again.status, again.bytes.length]).toEqual([304, 0]);
    fixture.clock.offsetMs += 61_000;
    expect((await status(seal.code, '', { 'if-none-match': etag })).status).toBe(200);
  });

  it('of the past is the same for ever, whatever has become of the seal since', async () => {
    const then = new Date(Date.now() + 2 * DAY_MS).toISOString();
    fixture.clock.offsetMs = 3 * DAY_MS;
    const before = await status(seal.code, `?at=${then}`);
    expect(before.headers.get('cache-control')).toBe('public, max-age=3600');
    const { seals } = fixture.service.services;
    fixture.clock.offsetMs = 4 * DAY_MS;
    await seals.revoke(administrator, doomed.id, { reason: 'key-compromise', note: '内部说明' });
    fixture.clock.offsetMs = 6 * DAY_MS;
    const at = (days: number): string =>
      `?at=${new Date(Date.now() + days * DAY_MS).toISOString()}`;
    expect((await status(doomed.code, at(3.5))).body).toMatchObject({
      status: 'active',
      revocation: null,
    });
    const after = await status(doomed.code, at(5));
    expect(after.body).toMatchObject({
      status: 'revoked',
      revocation: { reason: 'key-compromise' },
    });
    const claims = await claimsOf(jwsOf(after), 'seal-status+jwt');
    expect(claims).toMatchObject({ status: 'revoked', revocation: { reason: 'key-compromise' } });
    expect(Buffer.from(after.bytes).toString()).not.toContain('内部说明');
    expect((await status(doomed.code, at(-900))).body).toMatchObject({ status: 'not-yet-valid' });
  });

  it("holds no person's name", async () => {
    const reply = await status(personal.code);
    expect(reply.body).toMatchObject({ kind: 'legal-person', name: '法定代表人名章' });
    expect(Buffer.from(reply.bytes).toString()).not.toContain(personal.name);
    expect(JSON.stringify(await claimsOf(jwsOf(reply), 'seal-status+jwt'))).not.toContain(
      personal.name,
    );
  });

  it('of an unknown code is not found, and not kept', async () => {
    const reply = await status('1234567890123');
    expect(reply).toMatchObject({ status: 404, body: { code: 'seal-not-found' } });
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect((await status('12')).status).toBe(400);
  });
});

describe('the list of all seals', () => {
  const list = (headers = {}): Promise<Reply> =>
    fixture.call('GET', '/public/seals/status-list', { headers });
  const open = async (reply: Reply): Promise<{ claims: Claims; lines: string[] }> => {
    const claims = await claimsOf(Buffer.from(reply.bytes).toString(), 'seal-status-list+jwt');
    const lines = inflateSync(Buffer.from(claims.lst, 'base64url')).toString().split('\n');
    return { claims, lines };
  };

  it('is signed, numbered, says when the next comes, and has every seal', async () => {
    const first = await list();
    expect(first.headers.get('content-type')).toBe('application/jose');
    const { claims, lines } = await open(first);
    expect(claims).toMatchObject({ ttl: 300, count: lines.length });
    expect(claims.exp - claims.iat).toBe(600);
    expect(lines).toContain(`${seal.code} active`);
    expect(lines).toEqual([...lines].sort());

    await fixture.service.services.seals.suspend(administrator, personal.id, { reason: '挂失' });
    expect((await open(await list())).claims.number).toBe(claims.number);
    const etag = first.headers.get('etag')!;
    expect((await list({ 'if-none-match': etag })).status).toBe(304);
    fixture.clock.offsetMs = 301_000;
    const next = await open(await list({ 'if-none-match': etag }));
    expect(next.claims.number).toBe(claims.number + 1);
    expect(next.lines).toContain(`${personal.code} suspended`);
  });

  it('is one list for many who ask at once', async () => {
    fixture.clock.offsetMs = 1000_000;
    const replies = await Promise.all(Array.from({ length: 5 }, () => list()));
    expect(new Set(replies.map(({ bytes }) => Buffer.from(bytes).toString())).size).toBe(1);
  });
});

describe('the impact of a revocation', () => {
  interface Impact {
    readonly total: number;
    readonly isSupposed: boolean;
    readonly items: readonly { contractId: string; verdict: string; basis: string }[];
  }
  const impact = async (query = ''): Promise<Impact> => {
    const path = `/seals/${seal.id}/revocation-impact${query}`;
    const reply = await fixture.call('GET', path, { as: 'seal-administrator' });
    expect(reply.status).toBe(200);
    return reply.body as unknown as Impact;
  };

  it('names each contract, and why it stays valid or not', async () => {
    const id = await confirmedContract(fixture);
    expect((await signAt(fixture, id, 'supplier')).status).toBe(201);
    expect(await impact()).toMatchObject({ total: 1, isSupposed: true });
    const later = encodeURIComponent(new Date(Date.now() + DAY_MS).toISOString());
    const supposed = async (query: string): Promise<object | undefined> =>
      (await impact(query)).items[0];
    expect(await supposed(`?at=${later}`)).toMatchObject({
      contractId: id,
      verdict: 'stays-valid',
      basis: 'recorded-before',
      stampedBy: null,
    });
    expect(await supposed(`?at=${later}&reason=key-compromise`)).toMatchObject({
      verdict: 'doubtful',
      basis: 'key-compromised',
    });
    expect(await supposed('?at=2026-01-01T00:00:00Z')).toMatchObject({
      verdict: 'invalid',
      basis: 'after-revocation',
    });

    // A time-stamp that came with a later revision proves the signature from then on.
    const { contracts } = fixture.service.collections;
    const contract = (await contracts.get(id, { kind: 'all' }))!;
    const extendedAt = new Date(Date.now() + DAY_MS / 2).toISOString();
    await contracts.replace({
      ...contract,
      version: contract.version + 1,
      revision: contract.revision + 1,
      extensions: [
        {
          blobId: 'b'.repeat(64),
          sizeBytes: 1,
          afterSignature: 1,
          level: 'B-T',
          extendedAt,
        },
      ],
    });
    expect(await supposed(`?at=${later}&reason=key-compromise`)).toMatchObject({
      verdict: 'stays-valid',
      basis: 'time-stamped-before',
      stampedBy: extendedAt,
    });
    const between = encodeURIComponent(new Date(Date.now() + DAY_MS / 4).toISOString());
    expect(await supposed(`?at=${between}`)).toMatchObject({ basis: 'time-stamped-after' });
  });

  it('is of the real revocation where there is one, for those who may see the seal', async () => {
    fixture.clock.offsetMs = DAY_MS / 8;
    await fixture.service.services.seals.revoke(administrator, seal.id, { reason: 'unit-merged' });
    expect(await impact('?reason=key-compromise&at=2026-01-01T00:00:00Z')).toMatchObject({
      isSupposed: false,
      reason: 'unit-merged',
      items: [{ verdict: 'stays-valid' }],
    });
    const path = `/seals/${seal.id}/revocation-impact`;
    expect((await fixture.call('GET', path, { as: 'unit-handler' })).status).toBe(404);
    expect((await fixture.call('GET', path, { as: 'supplier-signer' })).status).toBe(403);
    expect((await fixture.call('GET', path, { as: 'supervisor' })).status).toBe(200);
  });
});

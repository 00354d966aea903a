import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createAccessTokens, generateAccessKeyPem, loadAccessKey } from '../../src/access/index.js';
import type { AccessKey } from '../../src/access/index.js';
import { Secret, sha256Hex } from '../../src/kernel/index.js';
import type { Signer } from '../../src/pades/index.js';
import { TestPki } from '../support/test-pki.js';
import { ServiceFixture, principal, type Reply } from './service-fixture.js';

const PASSWORD = 'a-long-enough-password';

let fixture: ServiceFixture;
let key: AccessKey;

beforeAll(async () => {
  fixture = await ServiceFixture.start();
  key = loadAccessKey(readFileSync(fixture.config.jwt.keyFile, 'utf8'));
});
afterAll(() => fixture.stop());

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function claims(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  const { issuer, audience } = fixture.config.jwt;
  return {
    iss: issuer,
    aud: audience,
    sub: fixture.accounts.get('unit-handler'),
    iat: now,
    exp: now + 600,
    epoch: 1,
    ...more,
  };
}

/** A token signed with the service's own key, whatever its header and claims say. */
function forged(
  header: Readonly<Record<string, unknown>>,
  payload: Readonly<Record<string, unknown>>,
): string {
  const input = `${encode({ alg: 'ES256', typ: 'at+jwt', kid: key.kid, ...header })}.${encode(payload)}`;
  const signature = createSign('sha256')
    .update(input)
    .sign({ key: key.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

const me = (token: string): Promise<Reply> => fixture.call('GET', '/me', { as: token });

describe('access tokens', () => {
  it('are accepted as issued', async () => {
    expect((await me(forged({}, claims()))).status).toBe(200);
  });

  it.each<[string, () => string]>([
    ['of another issuer', () => forged({}, claims({ iss: 'https://elsewhere.example' }))],
    ['for another audience', () => forged({}, claims({ aud: 'another' }))],
    ['that expired', () => forged({}, claims({ exp: Math.floor(Date.now() / 1000) - 1 }))],
    ['that never expire', () => forged({}, { ...claims(), exp: undefined })],
    ['not valid yet', () => forged({}, claims({ nbf: Math.floor(Date.now() / 1000) + 600 }))],
    ['of another type', () => forged({ typ: 'JWT' }, claims())],
    ['with a key of their own', () => forged({ jwk: key.jwk }, claims())],
    ['that point to a key', () => forged({ jku: 'https://evil.example/jwks' }, claims())],
    ['that bring a certificate', () => forged({ x5c: ['AAAA'] }, claims())],
    ['that point to a certificate', () => forged({ x5u: 'https://evil.example/c' }, claims())],
    ['with critical extensions', () => forged({ crit: ['exp'] }, claims())],
    ['naming an unknown key', () => forged({ kid: 'other' }, claims())],
    ['naming no key', () => forged({ kid: undefined }, claims())],
    ['of an unknown account', () => forged({}, claims({ sub: 'acc_0' }))],
    ['of an ended session', () => forged({}, claims({ epoch: 0 }))],
    ['without an epoch', () => forged({}, { ...claims(), epoch: undefined })],
    ['claiming a certificate', () => forged({}, claims({ cert: 'a'.repeat(64) }))],
    [
      'without a signature (alg none)',
      () => `${encode({ alg: 'none', typ: 'at+jwt', kid: key.kid })}.${encode(claims())}.`,
    ],
    [
      'signed by HMAC with the public key',
      () => {
        const input = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: key.kid })}.${encode(claims())}`;
        const secret = key.publicKey.export({ type: 'spki', format: 'pem' });
        return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
      },
    ],
    [
      'signed with another key under our name',
      () => {
        const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
        const input = `${encode({ alg: 'ES256', typ: 'at+jwt', kid: key.kid })}.${encode(claims())}`;
        const signature = createSign('sha256')
          .update(input)
          .sign({ key: privateKey, dsaEncoding: 'ieee-p1363' });
        return `${input}.${signature.toString('base64url')}`;
      },
    ],
    ['that are no JWT', () => 'abc'],
    ['that are far too long', () => 'a'.repeat(5000)],
  ])('%s are refused', async (_name, make) => {
    const reply = await me(make());
    expect(reply).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    expect(reply.body.detail).not.toMatch(/jwt|key|issuer/i);
  });

  it('verify with every key of the set and sign with the first', () => {
    const [older, newer] = [generateAccessKeyPem(), generateAccessKeyPem()].map(loadAccessKey) as [
      AccessKey,
      AccessKey,
    ];
    const options = { issuer: 'i', audience: 'a', ttlSeconds: 60, clock: fixture.clock };
    const before = createAccessTokens({ ...options, keys: [older] });
    const after = createAccessTokens({ ...options, keys: [newer, older] });
    const subject = { accountId: 'acc_1', sessionEpoch: 1, certificateSha256: undefined };
    expect(after.verify(before.issue(subject).accessToken)).toEqual(subject);
    expect(() => before.verify(after.issue(subject).accessToken)).toThrow();
    expect(after.jwks().keys.map((each) => each.kid)).toEqual([newer.kid, older.kid]);
  });

  it('can be checked by others with the published keys', async () => {
    const reply = await fixture.call('GET', '//.well-known/jwks.json');
    // Beside those that sign statements and checkpoints.
    expect(reply.body.keys).toContainEqual(key.jwk);
    const kids = reply.body.keys.map((each) => (each as { readonly kid: string }).kid);
    expect(new Set(kids).size).toBe(kids.length);
    expect(JSON.stringify(reply.body)).not.toContain('"d"');
  });
});

describe('an account that changes', () => {
  it('counts from the next call on', async () => {
    const made = await fixture.service.services.accounts.create(
      principal(['system-administrator']),
      { name: 'changing', kind: 'person', roles: ['auditor'], regionCode: '990100' },
    );
    fixture.accounts.set('changing', made.account.id);
    const token = fixture.tokenOf('changing');
    expect((await fixture.call('GET', '/audit/entries', { as: token })).status).toBe(200);
    const target = `/accounts/${made.account.id}`;
    const change = async (json: unknown, etag: string): Promise<Reply> =>
      fixture.call('PATCH', target, {
        as: 'system-administrator',
        json,
        headers: { 'if-match': etag },
      });
    const moved = await change({ roles: ['seal-reviewer'] }, '"r1"');
    expect(moved.status).toBe(200);
    expect((await fixture.call('GET', '/audit/entries', { as: token })).body.code).toBe(
      'forbidden',
    );
    const disabled = await change({ isDisabled: true }, moved.headers.get('etag')!);
    expect(disabled.status).toBe(200);
    expect((await me(token)).body.code).toBe('account-disabled');
  });

  it('cannot be given roles that are kept apart', async () => {
    const reply = await fixture.call('POST', '/accounts', {
      as: 'system-administrator',
      json: {
        name: 'too-mighty',
        kind: 'person',
        roles: ['seal-administrator', 'auditor'],
        regionCode: '990100',
      },
    });
    expect(reply).toMatchObject({ status: 422, body: { code: 'input-invalid' } });
  });

  it.each<[string, object, string]>([
    ['an auditor of no region', { roles: ['auditor'] }, 'regionCode'],
    ['a signer of no unit', { roles: ['unit-signer'], regionCode: '990100' }, 'unitId'],
  ])('cannot be %s', async (_name, place, field) => {
    const reply = await fixture.call('POST', '/accounts', {
      as: 'system-administrator',
      json: { name: 'misplaced', kind: 'person', ...place },
    });
    expect(reply).toMatchObject({ status: 422, body: { params: { field } } });
  });

  it('of a unit is managed by the administrator of its region', async () => {
    const target = `/accounts/${fixture.accounts.get('unit-handler')!}`;
    const own = await fixture.call('GET', target, { as: 'system-administrator' });
    expect(own.body).toMatchObject({ name: 'unit-handler', regionCode: '990100' });
    const made = await fixture.service.services.accounts.create(
      principal(['system-administrator'], { regionCode: '330000' }),
      { name: 'elsewhere', kind: 'person', roles: ['system-administrator'], regionCode: '330100' },
    );
    fixture.accounts.set('elsewhere', made.account.id);
    const foreign = await fixture.call('GET', target, { as: 'elsewhere' });
    expect(foreign.status).toBe(404);
  });

  it('cannot reach beyond the administrator that makes it', async () => {
    const reply = await fixture.call('POST', '/accounts', {
      as: 'system-administrator',
      json: { name: 'far-away', kind: 'person', roles: ['supervisor'], regionCode: '330100' },
    });
    expect(reply).toMatchObject({ status: 422, body: { params: { field: 'regionCode' } } });
  });
});

describe('log-in by password', () => {
  const login = (account: string, password: string): Promise<Reply> =>
    fixture.call('POST', '/auth/sessions', { json: { account, password } });

  beforeAll(async () => {
    using password = Secret.fromText(PASSWORD);
    await fixture.service.services.accounts.create(principal(['system-administrator']), {
      name: 'person',
      kind: 'person',
      roles: ['unit-handler'],
      unitId: fixture.unitId('buyer'),
      password,
    });
  });

  it('gives a token that works, whatever the case of the name', async () => {
    const reply = await login('PERSON', PASSWORD);
    expect(reply.status).toBe(201);
    expect((await me(reply.body.accessToken)).body.name).toBe('person');
  });

  it('answers an unknown account like a wrong password', async () => {
    const unknown = await login('nobody', PASSWORD);
    const wrong = await login('person', 'not-the-password');
    expect(unknown.status).toBe(401);
    expect({ ...unknown.body, instance: '' }).toEqual({ ...wrong.body, instance: '' });
  });

  it('slows guesses down, in parallel too, for names that do not exist too', async () => {
    for (const name of ['guessed', 'person']) {
      const replies = await Promise.all(
        Array.from({ length: 12 }, (_, index) => login(name, `guess-${String(index)}`)),
      );
      const looked = replies.filter((reply) => reply.body.code === 'credentials-incorrect');
      expect(looked.length).toBeLessThanOrEqual(5);
      const refused = replies.find((reply) => reply.status === 429)!;
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    for (let tries = 0; tries < 6; tries++) await login('person', 'one-guess-after-another');
    const locked = await login('person', PASSWORD);
    expect(locked.status).toBe(429);
    fixture.clock.offsetMs += 20 * 60_000;
    expect((await login('person', PASSWORD)).status).toBe(201);
  }, 60_000);

  it('ends every session at once on log-out', async () => {
    const first = (await login('person', PASSWORD)).body.accessToken;
    const second = (await login('person', PASSWORD)).body.accessToken;
    expect((await fixture.call('DELETE', '/auth/sessions', { as: first })).status).toBe(204);
    for (const token of [first, second]) expect((await me(token)).status).toBe(401);
  });

  it('lets a machine in with the secret that is shown once', async () => {
    const made = await fixture.call('POST', '/accounts', {
      as: 'system-administrator',
      json: { name: 'machine', kind: 'machine', roles: ['budget-system'], regionCode: '990100' },
    });
    expect(made.body.secret).toMatch(/^[\w-]{43}$/);
    expect((await login('machine', made.body.secret)).status).toBe(201);
    const later = await fixture.call('GET', `/accounts/${made.body.account.id}`, {
      as: 'system-administrator',
    });
    expect(JSON.stringify(later.body)).not.toContain(made.body.secret);
  });
});

describe('log-in by UKey', () => {
  let signer: Signer;

  beforeAll(async () => {
    signer = fixture.signers.get('buyer')!;
    await fixture.service.services.accounts.create(principal(['system-administrator']), {
      name: 'ukey',
      kind: 'person',
      roles: ['unit-signer'],
      unitId: fixture.unitId('buyer'),
      certificateSha256: [fixture.certificateSha256('buyer')],
    });
  });

  const challenge = async (): Promise<{ id: string; text: string }> =>
    (await fixture.call('POST', '/auth/challenges')).body;

  async function answer(
    { id, text }: { id: string; text: string },
    by: Signer = signer,
    certificateDer: Uint8Array = by.certificateDer,
  ): Promise<Reply> {
    const scheme = { padding: 'ecdsa', digest: 'sha256' } as const;
    const signature = await by.sign(new TextEncoder().encode(text), scheme);
    return fixture.call('POST', '/auth/sessions', {
      json: {
        challengeId: id,
        certificateB64: Buffer.from(certificateDer).toString('base64'),
        signatureB64: Buffer.from(signature).toString('base64'),
      },
    });
  }

  it('gives a token bound to the certificate', async () => {
    const reply = await answer(await challenge());
    expect(reply.status).toBe(201);
    const who = await me(reply.body.accessToken);
    expect(who.body).toMatchObject({
      name: 'ukey',
      certificateSha256: fixture.certificateSha256('buyer'),
    });
  });

  it('names purpose, origin and a nonce in what is signed', async () => {
    const { text } = await challenge();
    expect(text).toMatch(/^qianyin-login-v1\norigin: http:\/\/127\.0\.0\.1:8080\n/);
    expect(text).toMatch(/\nnonce: [\w-]{43}\n/);
  });

  it('takes a challenge once, whether it succeeded or not', async () => {
    const good = await challenge();
    expect((await answer(good)).status).toBe(201);
    expect((await answer(good)).body.code).toBe('challenge-invalid');
    const spoilt = await challenge();
    expect((await answer({ ...spoilt, text: 'other' })).body.code).toBe('credentials-incorrect');
    expect((await answer(spoilt)).body.code).toBe('challenge-invalid');
  });

  it('gives one session for one challenge answered many times at once', async () => {
    const one = await challenge();
    const replies = await Promise.all([1, 2, 3, 4, 5].map(() => answer(one)));
    expect(replies.filter((reply) => reply.status === 201)).toHaveLength(1);
  });

  it('refuses a challenge that is too old', async () => {
    const old = await challenge();
    fixture.clock.offsetMs += 121_000;
    expect((await answer(old)).body.code).toBe('challenge-invalid');
  });

  it('refuses certificates that are not enrolled, not trusted, or not the signer', async () => {
    const other = await fixture.pki.issue('CN=别人,C=CN', { key: 'P-256' });
    expect((await answer(await challenge(), other)).body.code).toBe('credentials-incorrect');
    const foreign = await (await TestPki.create()).issue('CN=外人,C=CN', { key: 'P-256' });
    expect((await answer(await challenge(), foreign)).body.code).toBe('credentials-incorrect');
    const stolen = await answer(await challenge(), other, signer.certificateDer);
    expect(stolen.body.code).toBe('credentials-incorrect');
    const garbage = await answer(await challenge(), signer, new Uint8Array([0x30, 3, 1, 2]));
    expect(garbage.body.code).toBe('certificate-malformed');
  });

  it('ends with the enrolment of the certificate', async () => {
    const reply = await answer(await challenge());
    const token = reply.body.accessToken;
    const sha256 = sha256Hex(signer.certificateDer);
    const withdrawn = await fixture.call(
      'DELETE',
      `/units/${fixture.unitId('buyer')}/certificates/${sha256}`,
      { as: 'system-administrator' },
    );
    expect(withdrawn.status).toBe(200);
    expect((await me(token)).status).toBe(401);
    expect((await answer(await challenge())).body.code).toBe('credentials-incorrect');
  });
});

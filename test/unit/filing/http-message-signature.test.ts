/** RFC 9421 Appendix B (keys B.1.3, B.1.4; messages B.2; vectors B.2.4, B.2.6) and our own terms. */
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  contentDigestField,
  matchesContentDigest,
  messageSigner,
  signMessage,
  signatureBase,
  verifyMessage,
  type HttpMessage,
} from '../../../src/filing/index.js';
import { verifyBase } from '../../../src/filing/http-message-signature.js';
import { parseDictionary, type InnerList } from '../../../src/filing/structured-fields.js';
import { fromBase64, sha256Hex, utf8ToBytes } from '../../../src/kernel/index.js';

const ED25519 = {
  kty: 'OKP',
  crv: 'Ed25519',
  d: 'n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU',
  x: 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs',
};
const P256 = {
  kty: 'EC',
  crv: 'P-256',
  x: 'qIVYZVLCrPZHGHjP17CTW0_-D9Lfw0EkjqF7xB4FivA',
  y: 'Mc4nN9LTDOBhfoUeg8Ye9WedFRhnZXZJA12Qp0zZ6F0',
};
const CREATED = new Date(1_618_884_473_000);

function message(fields: Record<string, string>, changes: Partial<HttpMessage> = {}): HttpMessage {
  return {
    method: 'POST',
    url: 'https://example.com/foo?param=Value&Pet=dog',
    field: (name) => fields[name],
    ...changes,
  };
}

const REQUEST = message({
  date: 'Tue, 20 Apr 2021 02:07:55 GMT',
  'content-type': 'application/json',
  'content-length': '18',
});

function inputOf(text: string): InnerList {
  return [...parseDictionary(text).values()][0] as InnerList;
}

describe('RFC 9421 Appendix B', () => {
  it('signs B.2.6 with ed25519 to the very bytes', () => {
    const privateKey = createPrivateKey({ key: ED25519, format: 'jwk' });
    const fields = signMessage(
      REQUEST,
      {
        components: ['date', '@method', '@path', '@authority', 'content-type', 'content-length'],
        createdAt: CREATED,
      },
      { keyId: 'test-key-ed25519', privateKey },
      'sig-b26',
    );
    expect(fields).toEqual({
      signatureInput:
        'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length")' +
        ';created=1618884473;keyid="test-key-ed25519"',
      signature:
        'sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu' +
        '4A0w6vuQv5lIp5WPpBKRCw==:',
    });
  });

  it('verifies B.2.4, a response signed with ecdsa-p256-sha256', () => {
    const response = message(
      {
        'content-type': 'application/json',
        'content-digest':
          'sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuah' +
          'q4l5aGgfLQ==:',
        'content-length': '23',
      },
      { status: 200 },
    );
    const base = signatureBase(
      response,
      inputOf(
        'sig-b24=("@status" "content-type" "content-digest" "content-length")' +
          ';created=1618884473;keyid="test-key-ecc-p256"',
      ),
    );
    const signature =
      'wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==';
    const key = createPublicKey({ key: P256, format: 'jwk' });
    expect(verifyBase(base, fromBase64(signature)!, key)).toBe(true);
    expect(verifyBase(`${base} `, fromBase64(signature)!, key)).toBe(false);
  });

  it('derives components as 2.2 says', () => {
    const derived = signatureBase(
      message({}, { method: 'get', url: 'HTTPS://www.Example.com:443/a%20b/' }),
      inputOf('s=("@method" "@authority" "@scheme" "@path" "@query")'),
    );
    expect(derived.split('\n').slice(0, 5)).toEqual([
      '"@method": GET',
      '"@authority": www.example.com',
      '"@scheme": https',
      '"@path": /a%20b/',
      '"@query": ?',
    ]);
  });
});

describe('Content-Digest', () => {
  const body = utf8ToBytes('{"hello": "world"}');
  it('is written and read as in RFC 9421 B.2 and RFC 9530', () => {
    const field = contentDigestField(sha256Hex(body));
    expect(field).toBe('sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:');
    expect(matchesContentDigest(field, body)).toBe(true);
    expect(matchesContentDigest(field, utf8ToBytes('{"hello": "World"}'))).toBe(false);
  });

  it.each(['', 'md5=:AQI=:', 'sha-256=abc', 'sha-256=("a")'])('refuses %p', (field) => {
    expect(() => matchesContentDigest(field, body)).toThrow(
      expect.objectContaining({ code: 'input-invalid' }),
    );
  });
});

describe.each(['ed25519', 'P-256'])('verifyMessage with %s', (kind) => {
  const { privateKey, publicKey } =
    kind === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const signer = messageSigner({ keyId: 'k1', privateKeyPem });
  const components = ['@method', '@authority', '@path', '@query', 'idempotency-key'];
  const at = new Date('2026-11-23T00:00:00Z');
  const later = (ms: number): Date => new Date(at.getTime() + ms);

  function signed(
    terms: { expiresAt?: Date; nonce?: string; tag?: string; components?: string[] } = {},
  ): Record<string, string> {
    const fields: Record<string, string> = { 'idempotency-key': 'fil_1' };
    const written = signMessage(
      message(fields),
      { components, createdAt: at, expiresAt: later(300_000), nonce: 'n', tag: 't', ...terms },
      signer,
    );
    fields['signature-input'] = written.signatureInput;
    fields['signature'] = written.signature;
    return fields;
  }
  const verified = (fields: Record<string, string>, changes: Partial<HttpMessage> = {}, now = at) =>
    verifyMessage(message(fields, changes), {
      keyOf: (id) => (id === 'k1' ? publicKey : undefined),
      components,
      tag: 't',
      at: now,
      maxLifetimeS: 300,
    });
  const refused = expect.objectContaining({ code: 'unauthenticated' }) as unknown as Error;

  it('accepts what was signed', () => {
    expect(verified(signed())).toEqual({ keyId: 'k1', nonce: 'n', expiresAt: later(300_000) });
  });

  it('finds its signature by tag among others', () => {
    const fields = signed();
    fields['signature-input'] = `other=("@method");tag="x", ${fields['signature-input'] ?? ''}`;
    expect(verified(fields).keyId).toBe('k1');
  });

  it('refuses another method, host, path, query or field', () => {
    const fields = signed();
    for (const changes of [
      { method: 'GET' },
      { url: 'https://example.org/foo?param=Value&Pet=dog' },
      { url: 'https://example.com/fo?param=Value&Pet=dog' },
      { url: 'https://example.com/foo?param=Value&Pet=cat' },
    ]) {
      expect(() => verified(fields, changes)).toThrow(refused);
    }
    expect(() => verified({ ...fields, 'idempotency-key': 'fil_2' })).toThrow(refused);
  });

  it('refuses a signature out of its time, too long, without nonce or expiry', () => {
    expect(() => verified(signed(), {}, later(300_000))).toThrow(refused);
    expect(() => verified(signed(), {}, later(-61_000))).toThrow(refused);
    expect(verified(signed(), {}, later(-59_000)).keyId).toBe('k1');
    expect(() => verified(signed({ expiresAt: later(301_000) }))).toThrow(refused);
    expect(() => verified(signed({ nonce: '' }))).toThrow(refused);
    const fields = signed();
    fields['signature-input'] = (fields['signature-input'] ?? '').replace(/;expires=\d+/, '');
    expect(() => verified(fields)).toThrow(refused);
  });

  it('refuses a missing component, an unknown key, another algorithm, another tag', () => {
    expect(() => verified(signed({ components: ['@method'] }))).toThrow(refused);
    expect(() => verified(signed({ tag: 'other' }))).toThrow(refused);
    const swap = (from: string, to: string): Record<string, string> => {
      const fields = signed();
      return { ...fields, 'signature-input': (fields['signature-input'] ?? '').replace(from, to) };
    };
    expect(() => verified(swap('keyid="k1"', 'keyid="k2"'))).toThrow(refused);
    expect(() => verified(swap(';tag=', ';alg="rsa-pss-sha512";tag='))).toThrow(refused);
    expect(() => verified(swap('"@method"', '"@method";req'))).toThrow(refused);
    expect(() => verified(swap('"@method"', '"@method" "@method"'))).toThrow(refused);
    expect(() => verified(swap('(', '(('))).toThrow(refused);
    expect(() => verified({})).toThrow(refused);
  });

  it('refuses a damaged signature of any length', () => {
    const fields = signed();
    for (const signature of ['qianyin=:AQI=:', 'qianyin=::', 'qianyin=1', 'other=:AQI=:', '']) {
      expect(() => verified({ ...fields, signature })).toThrow(refused);
    }
  });
});

describe('messageSigner', () => {
  it('takes Ed25519 and P-256 only', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(() => messageSigner({ keyId: 'k', privateKeyPem })).toThrow(
      expect.objectContaining({ code: 'algorithm-unsupported' }),
    );
    expect(() => messageSigner({ keyId: 'k', privateKeyPem: 'no key' })).toThrow(
      expect.objectContaining({ code: 'config-invalid' }),
    );
  });
});

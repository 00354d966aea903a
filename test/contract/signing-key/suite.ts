/** What every SigningKey does, whoever holds the key. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { constants, verify, X509Certificate } from 'node:crypto';
import type { SignatureScheme, SigningKey } from '../../../src/token/index.js';

const MESSAGE = new TextEncoder().encode('政府采购合同 GPC-2026-0001');

function verifies(
  key: SigningKey,
  scheme: SignatureScheme,
  signature: Uint8Array,
  message = MESSAGE,
): boolean {
  const { publicKey } = new X509Certificate(key.certificateDer);
  const input =
    scheme.padding === 'pss'
      ? {
          key: publicKey,
          padding: constants.RSA_PKCS1_PSS_PADDING,
          saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
        }
      : publicKey;
  return verify(scheme.padding === 'eddsa' ? null : scheme.digest, message, input, signature);
}

/** @param open - A key not opened before; the suite closes it. */
export function signingKeySuite(open: () => Promise<SigningKey>): void {
  let key: SigningKey;
  beforeAll(async () => {
    key = await open();
  });
  afterAll(async () => {
    await key[Symbol.asyncDispose]();
  });

  const schemes = (): SignatureScheme[] => {
    if (key.algorithm.kind === 'ed25519') return [{ padding: 'eddsa', digest: 'sha512' }];
    return (['sha256', 'sha384', 'sha512'] as const).flatMap((digest): SignatureScheme[] =>
      key.algorithm.kind === 'rsa'
        ? [
            { padding: 'pkcs1-v1_5', digest },
            { padding: 'pss', digest },
          ]
        : [{ padding: 'ecdsa', digest }],
    );
  };

  it('says what its certificate says', () => {
    const { publicKey } = new X509Certificate(key.certificateDer);
    const details = publicKey.asymmetricKeyDetails;
    expect(publicKey.asymmetricKeyType).toBe(key.algorithm.kind);
    if (key.algorithm.kind === 'rsa') expect(details?.modulusLength).toBe(key.algorithm.bits);
  });

  it('makes signatures OpenSSL verifies, by every scheme of its kind', async () => {
    for (const scheme of schemes()) {
      const signature = await key.sign(MESSAGE, scheme);
      expect({ scheme, isValid: verifies(key, scheme, signature) }).toEqual({
        scheme,
        isValid: true,
      });
    }
  });

  it('signs a message longer than any hash block', async () => {
    const [scheme] = schemes();
    const message = new Uint8Array(300_000).fill(7);
    const signature = await key.sign(message, scheme!);
    expect(verifies(key, scheme!, signature, message)).toBe(true);
  });

  it('serves many callers at once, each with its own signature', async () => {
    const scheme = schemes()[0]!;
    const messages = Array.from({ length: 24 }, (_, i) => new TextEncoder().encode(`第${i}份`));
    const signatures = await Promise.all(messages.map((message) => key.sign(message, scheme)));
    for (const [i, signature] of signatures.entries()) {
      expect(verifies(key, scheme, signature, messages[i])).toBe(true);
    }
  });

  it('refuses schemes of another kind', async () => {
    const wrong: SignatureScheme[] = [
      key.algorithm.kind === 'rsa'
        ? { padding: 'ecdsa', digest: 'sha256' }
        : { padding: 'pkcs1-v1_5', digest: 'sha256' },
      { padding: 'sm2', digest: 'sm3' },
    ];
    for (const scheme of wrong) {
      await expect(key.sign(MESSAGE, scheme)).rejects.toMatchObject({
        code: 'algorithm-unsupported',
      });
    }
  });

  it('refuses to sign once closed', async () => {
    const other = await open();
    await other[Symbol.asyncDispose]();
    await expect(other.sign(MESSAGE, schemes()[0]!)).rejects.toMatchObject({
      code: 'token-absent',
    });
  });
}

/** PKCS#12 files as OpenSSL writes them, old and new, and files that are not. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { verify, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { isAppError, Secret } from '../../../src/kernel/index.js';
import { derInteger, derSequence, readElement } from '../../../src/pki/index.js';
import { openPkcs12Key } from '../../../src/token/pkcs12/index.js';

const directory = mkdtempSync(join(tmpdir(), 'qianyin-p12-'));
const at = (name: string): string => join(directory, name);
const openssl = (...args: string[]): Buffer =>
  execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] });

beforeAll(() => {
  // The certificate of the RSA key is signed by an EC key: forge's encoder would change its bytes.
  // prettier-ignore
  {
    openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', at('ec.key'), '-out', at('ec.pem'), '-subj', '/CN=EC', '-days', '30', '-addext', 'basicConstraints=critical,CA:FALSE');
    openssl('req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', at('rsa.key'), '-out', at('rsa.csr'), '-subj', '/CN=RSA');
    openssl('x509', '-req', '-in', at('rsa.csr'), '-CA', at('ec.pem'), '-CAkey', at('ec.key'), '-CAcreateserial', '-out', at('rsa.pem'), '-days', '30');
  }
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function p12(name: 'rsa' | 'ec', password: string, ...options: string[]): Uint8Array {
  // prettier-ignore
  return new Uint8Array(openssl('pkcs12', '-export', '-inkey', at(`${name}.key`), '-in', at(`${name}.pem`), '-passout', `pass:${password}`, ...options));
}

const open = (der: Uint8Array, password: string) =>
  openPkcs12Key({ der, password: Secret.fromText(password) });

describe('openPkcs12Key', () => {
  it.each([
    ['AES of OpenSSL 3', []],
    ['3DES of OpenSSL 1', ['-legacy', '-descert']],
    ['no MAC', ['-nomac']],
    ['MAC of SHA-512', ['-macalg', 'sha512']],
  ])('opens RSA and EC files: %s', async (_name, options) => {
    for (const kind of ['rsa', 'ec'] as const) {
      await using key = await open(p12(kind, 'abc123', ...options), 'abc123');
      const certificate = new X509Certificate(readFileSync(at(`${kind}.pem`)));
      expect(Buffer.from(key.certificateDer).equals(certificate.raw)).toBe(true);
      const message = new TextEncoder().encode('合同');
      const padding = kind === 'rsa' ? 'pkcs1-v1_5' : 'ecdsa';
      const signature = await key.sign(message, { padding, digest: 'sha256' });
      expect(verify('sha256', message, certificate.publicKey, signature)).toBe(true);
    }
  });

  it('opens a file with a Chinese password', async () => {
    await using key = await open(p12('ec', '口令甲乙'), '口令甲乙');
    expect(key.algorithm).toEqual({ kind: 'ec', curve: 'P-256' });
  });

  it.each([['abc123'], ['']])('refuses another password than %p', async (password) => {
    await expect(open(p12('rsa', password), 'wrong')).rejects.toMatchObject({
      code: 'p12-password-incorrect',
    });
    await expect(open(p12('rsa', 'abc123', '-nomac'), 'wrong')).rejects.toMatchObject({
      code: 'p12-password-incorrect',
    });
  });

  it('refuses a certificate without its key', async () => {
    const der = openssl(
      // prettier-ignore
      ...['pkcs12', '-export', '-nokeys', '-in', at('rsa.pem'), '-passout', 'pass:abc123'],
    );
    await expect(open(new Uint8Array(der), 'abc123')).rejects.toMatchObject({
      code: 'token-no-signing-certificate',
    });
  });

  it('does not compute a MAC of absurdly many rounds', async () => {
    const withRounds = (rounds: number): Uint8Array => {
      const [version, safes, mac] = readElement(p12('ec', 'abc123')).children();
      const [digest, salt] = mac!.children();
      return derSequence(
        version!.raw,
        safes!.raw,
        derSequence(digest!.raw, salt!.raw, derInteger(rounds)),
      );
    };
    await using key = await open(withRounds(2048), 'abc123');
    expect(key.algorithm.kind).toBe('ec');
    await expect(open(withRounds(2 ** 30), 'abc123')).rejects.toMatchObject({
      code: 'p12-malformed',
    });
  });

  it('takes the self-signed certificate that openssl req makes, although it calls itself a CA', async () => {
    // prettier-ignore
    openssl('req', '-x509', '-key', at('rsa.key'), '-out', at('ca.pem'), '-subj', '/CN=Self', '-days', '30');
    // prettier-ignore
    const der = openssl('pkcs12', '-export', '-inkey', at('rsa.key'), '-in', at('ca.pem'), '-passout', 'pass:abc123');
    await using key = await open(new Uint8Array(der), 'abc123');
    expect(key.algorithm).toEqual({ kind: 'rsa', bits: 2048 });
  });

  it('ends in a coded error for any damage', async () => {
    const good = p12('ec', 'abc123');
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: good.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (position, change, isCut) => {
          const bad = isCut ? good.slice(0, position) : Uint8Array.from(good);
          if (!isCut) bad[position]! ^= change;
          await open(bad, 'abc123').then(
            () => undefined,
            (error: unknown) => {
              if (!isAppError(error)) throw error;
            },
          );
        },
      ),
      { numRuns: 150 },
    );
  });
});

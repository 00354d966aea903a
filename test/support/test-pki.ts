/** A small PKI in memory for tests: a root, and end-entity keys in software. Real certificates, made by @peculiar/x509. */
import 'reflect-metadata';
import {
  createPrivateKey,
  randomBytes,
  sign as signMessage,
  webcrypto,
  type KeyObject,
} from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { Signer } from '../../src/pades/index.js';
import type { PublicKeyAlgorithm, SignatureScheme } from '../../src/pki/index.js';

x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);

export const { KeyUsageFlags } = x509;

const SIGNING_USAGE: x509.KeyUsageFlags =
  x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.nonRepudiation;

export type TestKey = 'rsa-2048' | 'rsa-3072' | 'P-256' | 'P-384' | 'P-521' | 'ed25519';

const RSA = (bits: number): webcrypto.RsaHashedKeyGenParams => ({
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: bits,
});

const ALGORITHMS = {
  'rsa-2048': RSA(2048),
  'rsa-3072': RSA(3072),
  'P-256': { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  'P-384': { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  'P-521': { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' },
  ed25519: { name: 'Ed25519' },
} as const;

const KEY_ALGORITHM: Readonly<Record<TestKey, PublicKeyAlgorithm>> = {
  'rsa-2048': { kind: 'rsa', bits: 2048 },
  'rsa-3072': { kind: 'rsa', bits: 3072 },
  'P-256': { kind: 'ec', curve: 'P-256' },
  'P-384': { kind: 'ec', curve: 'P-384' },
  'P-521': { kind: 'ec', curve: 'P-521' },
  ed25519: { kind: 'ed25519' },
};

const serial = (): string => `01${randomBytes(8).toString('hex')}`;

export interface IssueOptions {
  readonly key?: TestKey;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly usage?: x509.KeyUsageFlags;
}

export class TestPki {
  readonly rootDer: Uint8Array;
  /** For whoever issues in the root's name what it would not. */
  readonly rootKey: KeyObject;
  readonly #root: x509.X509Certificate;
  readonly #rootKeys: webcrypto.CryptoKeyPair;

  private constructor(
    root: x509.X509Certificate,
    keys: webcrypto.CryptoKeyPair,
    rootKey: KeyObject,
  ) {
    this.rootKey = rootKey;
    this.#root = root;
    this.#rootKeys = keys;
    this.rootDer = new Uint8Array(root.rawData);
  }

  static async create(name = 'CN=测试根证书,O=示例测试机构,C=CN'): Promise<TestPki> {
    const keys = await webcrypto.subtle.generateKey(ALGORITHMS['P-256'], true, ['sign', 'verify']);
    const root = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: serial(),
      name,
      notBefore: new Date('2020-01-01T00:00:00Z'),
      notAfter: new Date('2045-01-01T00:00:00Z'),
      keys,
      signingAlgorithm: ALGORITHMS['P-256'],
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
          true,
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return new TestPki(root, keys, await keyObjectOf(keys.privateKey));
  }

  /** A key in software with a certificate of this root. */
  async issue(subject: string, options: IssueOptions = {}): Promise<Signer> {
    const kind = options.key ?? 'rsa-2048';
    const generated = await webcrypto.subtle.generateKey(ALGORITHMS[kind], true, [
      'sign',
      'verify',
    ]);
    const keys = generated as webcrypto.CryptoKeyPair;
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serial(),
      subject,
      issuer: this.#root.subject,
      notBefore: options.notBefore ?? new Date('2024-01-01T00:00:00Z'),
      notAfter: options.notAfter ?? new Date('2040-01-01T00:00:00Z'),
      publicKey: keys.publicKey,
      signingKey: this.#rootKeys.privateKey,
      signingAlgorithm: ALGORITHMS['P-256'],
      extensions: [
        new x509.BasicConstraintsExtension(false),
        new x509.KeyUsagesExtension(options.usage ?? SIGNING_USAGE, true),
        await x509.AuthorityKeyIdentifierExtension.create(this.#root.publicKey),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    const privateKey = await keyObjectOf(keys.privateKey);
    return {
      certificateDer: new Uint8Array(certificate.rawData),
      chainDer: [],
      algorithm: KEY_ALGORITHM[kind],
      sign: (message: Uint8Array, scheme: SignatureScheme) => {
        const key =
          scheme.padding === 'pss'
            ? { key: privateKey, padding: 6, saltLength: -1 }
            : { key: privateKey };
        const digest = scheme.padding === 'eddsa' ? null : scheme.digest;
        return Promise.resolve(new Uint8Array(signMessage(digest, message, key)));
      },
    };
  }
}

async function keyObjectOf(key: webcrypto.CryptoKey): Promise<KeyObject> {
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', key);
  return createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
}

/** Certificates made for one test: keys by node:crypto, structures by the code under test. */
import {
  constants,
  createPublicKey,
  generateKeyPairSync,
  sign as cryptoSign,
  type KeyObject,
} from 'node:crypto';
import {
  authorityKeyIdExtension,
  basicConstraintsExtension,
  buildCertificate,
  buildNameFromText,
  defaultScheme,
  keyUsageExtension,
  parseCertificate,
  readElement,
  readSubjectPublicKey,
  signSm2WithKey,
  subjectKeyIdExtension,
  type Certificate,
  type CertificateInput,
  type SignatureScheme,
  type SignFunction,
} from '../../../src/pki/index.js';

export interface TestKey {
  readonly privateKey: KeyObject;
  readonly spkiDer: Uint8Array;
  readonly scheme: SignatureScheme;
  readonly sign: SignFunction;
}

export function testKey(
  kind: 'rsa' | 'rsa-1024' | 'P-256' | 'P-384' | 'ed25519' | 'SM2' = 'P-256',
): TestKey {
  const { privateKey } =
    kind === 'rsa' || kind === 'rsa-1024'
      ? generateKeyPairSync('rsa', { modulusLength: kind === 'rsa' ? 2048 : 1024 })
      : kind === 'ed25519'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('ec', { namedCurve: kind });
  const spkiDer = new Uint8Array(
    createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
  );
  const key = readSubjectPublicKey(readElement(spkiDer)).key!;
  return {
    privateKey,
    spkiDer,
    scheme: defaultScheme(key),
    sign: (message, scheme) =>
      kind === 'SM2'
        ? signSm2WithKey(privateKey, spkiDer.slice(-65), message)
        : signWith(privateKey, message, scheme),
  };
}

export function signWith(key: KeyObject, message: Uint8Array, scheme: SignatureScheme): Uint8Array {
  if (scheme.padding === 'eddsa') return new Uint8Array(cryptoSign(null, message, key));
  const pss = {
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  };
  const options = { key, ...(scheme.padding === 'pss' ? pss : {}) };
  return new Uint8Array(cryptoSign(scheme.digest, message, options));
}

export interface TestAuthority {
  readonly certificate: Certificate;
  readonly key: TestKey;
}

export const NOW = new Date('2026-11-23T10:00:00Z');
export const DAY = 86_400_000;

let serial = 0x1000;

export interface IssueOptions extends Partial<Omit<CertificateInput, 'sign' | 'scheme'>> {
  readonly key?: TestKey;
  /** Replaces the extensions that a certificate of this kind has by default. */
  readonly extensions?: readonly Uint8Array[];
}

async function issue(
  subject: string,
  issuer: TestAuthority | undefined,
  defaults: readonly Uint8Array[],
  options: IssueOptions,
): Promise<TestAuthority> {
  const key = options.key ?? testKey();
  const signer = issuer?.key ?? key;
  const der = await buildCertificate({
    serialHex: (serial++).toString(16),
    issuerNameDer: issuer?.certificate.subject.der ?? buildNameFromText(subject),
    subjectNameDer: buildNameFromText(subject),
    notBefore: new Date(NOW.getTime() - 365 * DAY),
    notAfter: new Date(NOW.getTime() + 365 * DAY),
    subjectPublicKeyDer: key.spkiDer,
    extensions: [
      ...defaults,
      subjectKeyIdExtension(key.spkiDer),
      ...(issuer === undefined
        ? []
        : [authorityKeyIdExtension(issuer.certificate.extensions.subjectKeyIdHex ?? '00')]),
    ],
    ...options,
    scheme: signer.scheme,
    sign: signer.sign,
  });
  return { certificate: parseCertificate(der), key };
}

export function testAuthority(
  subject: string,
  issuer?: TestAuthority,
  options: IssueOptions & {
    readonly further?: readonly Uint8Array[];
    readonly pathLength?: number;
  } = {},
): Promise<TestAuthority> {
  const { further = [], pathLength, ...rest } = options;
  const defaults = [
    basicConstraintsExtension(true, pathLength),
    keyUsageExtension('keyCertSign', 'cRLSign'),
    ...further,
  ];
  return issue(subject, issuer, defaults, rest);
}

export function testLeaf(
  subject: string,
  issuer: TestAuthority,
  options: IssueOptions & { readonly further?: readonly Uint8Array[] } = {},
): Promise<TestAuthority> {
  const { further = [], ...rest } = options;
  const defaults = [keyUsageExtension('digitalSignature', 'nonRepudiation'), ...further];
  return issue(subject, issuer, defaults, rest);
}

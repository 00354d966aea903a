/**
 * A certification authority that issues whatever it is asked for, also what no authority should, and
 * the holders of its certificates with their keys at hand.
 */
import { generateKeyPairSync, sign as signMessage, type KeyObject } from 'node:crypto';
import {
  authorityKeyIdExtension,
  basicConstraintsExtension,
  buildCertificate,
  buildNameFromText,
  cachedCertificate,
  keyUsageExtension,
  subjectKeyIdExtension,
  type Certificate,
  type KeyUsage,
  type SignatureScheme,
} from '../../src/pki/index.js';

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** Somebody with a certificate and its key. */
export interface Holder {
  readonly certificate: Certificate;
  readonly keys: KeyPair;
  /** How this key signs certificates, lists and attributes unless an attack wants it otherwise. */
  readonly scheme: SignatureScheme;
  readonly sign: (message: Uint8Array) => Uint8Array;
}

export interface IssueRequest {
  /** Absent: the certificate is its own issuer's. */
  readonly issuer?: Holder;
  /** Absent: a new key of P-256. */
  readonly keys?: KeyPair;
  readonly serialHex?: string;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly isCa?: boolean;
  readonly pathLength?: number;
  /** Absent: signing for end entities, issuing for authorities. */
  readonly usages?: readonly KeyUsage[];
  readonly extensions?: readonly Uint8Array[];
  /** Whose name the certificate gives as its issuer, where that is not who signed it. */
  readonly claimsIssuer?: Certificate;
}

export const ecKeys = (namedCurve = 'P-256'): KeyPair => generateKeyPairSync('ec', { namedCurve });
export const rsaKeys = (modulusLength = 2048, publicExponent = 65537): KeyPair =>
  generateKeyPairSync('rsa', { modulusLength, publicExponent });

const SIGNING: readonly KeyUsage[] = ['digitalSignature', 'nonRepudiation'];
const ISSUING: readonly KeyUsage[] = ['keyCertSign', 'cRLSign'];

let serials = 0x1000;
const nextSerial = (): string => (serials++).toString(16).padStart(4, '0');

export function holderOf(certificate: Certificate, keys: KeyPair): Holder {
  const scheme: SignatureScheme = {
    padding: keys.publicKey.asymmetricKeyType === 'rsa' ? 'pkcs1-v1_5' : 'ecdsa',
    digest: 'sha256',
  };
  const sign = (message: Uint8Array): Uint8Array =>
    new Uint8Array(signMessage(scheme.digest, message, keys.privateKey));
  return { certificate, keys, scheme, sign };
}

/** Issues a certificate; @param subject - RFC 4514. */
export async function issue(subject: string, request: IssueRequest = {}): Promise<Holder> {
  const keys = request.keys ?? ecKeys();
  const publicKeyDer = new Uint8Array(keys.publicKey.export({ type: 'spki', format: 'der' }));
  const subjectNameDer = buildNameFromText(subject);
  const isCa = request.isCa ?? request.issuer === undefined;
  const signer = request.issuer ?? holderOf({} as Certificate, keys);
  const issuer = request.claimsIssuer ?? request.issuer?.certificate;
  const keyId = issuer?.extensions.subjectKeyIdHex;
  const der = await buildCertificate({
    serialHex: request.serialHex ?? nextSerial(),
    issuerNameDer: issuer?.subject.der ?? subjectNameDer,
    subjectNameDer,
    notBefore: request.notBefore ?? new Date('2024-01-01T00:00:00Z'),
    notAfter: request.notAfter ?? new Date('2040-01-01T00:00:00Z'),
    subjectPublicKeyDer: publicKeyDer,
    extensions: [
      basicConstraintsExtension(isCa, request.pathLength),
      keyUsageExtension(...(request.usages ?? (isCa ? ISSUING : SIGNING))),
      subjectKeyIdExtension(publicKeyDer),
      ...(keyId === undefined ? [] : [authorityKeyIdExtension(keyId)]),
      ...(request.extensions ?? []),
    ],
    scheme: signer.scheme,
    sign: (message) => signer.sign(message),
  });
  return holderOf(cachedCertificate(der), keys);
}

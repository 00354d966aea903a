/** X.509 certificates, parsed once into spans and values. Trust and time are decided in `path/`. */
import { digestBytes, toHex, type DigestAlgorithm } from '../../kernel/index.js';
import {
  Asn1Reader,
  OID,
  parsedAs,
  readBitStringOctets,
  readInteger,
  readIntegerHex,
  readString,
  readElement,
  readTime,
  TAG,
} from '../asn1/index.js';
import {
  readAlgorithmIdentifier,
  readSubjectPublicKey,
  type AlgorithmIdentifier,
  type PublicKeyAlgorithm,
  type SubjectPublicKey,
} from './algorithms.js';
import { readExtensions, type CertificateExtensions } from './extensions.js';
import { equalNames, readName, type DistinguishedName } from './name.js';
import { equalBytes } from '../../kernel/index.js';

/** A certificate. Byte fields alias the array that was parsed: do not write to it. */
export interface Certificate {
  readonly der: Uint8Array;
  /** The signed part. */
  readonly tbsDer: Uint8Array;
  /** 1, 2 or 3. */
  readonly version: number;
  /** Lower-case hex without a leading zero octet. */
  readonly serialHex: string;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly publicKey: SubjectPublicKey;
  readonly extensions: CertificateExtensions;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  /** The signature algorithm inside the signed part is the one outside it. */
  readonly hasConsistentAlgorithm: boolean;
  readonly signature: Uint8Array;
  /** Issuer and subject are the same name; the signature is not looked at. */
  readonly isSelfIssued: boolean;
}

/**
 * Parses one certificate that fills `der`.
 * @throws AppError `certificate-malformed`, params `offset`
 * @see RFC 5280 4.1
 */
export function parseCertificate(der: Uint8Array): Certificate {
  return parsedAs('certificate-malformed', () => readCertificate(der));
}

function readCertificate(der: Uint8Array): Certificate {
  // Some CAs in use write times, booleans or integers loosely; the signature covers the bytes as they are.
  const outer = readElement(der, TAG.sequence, 'ber').enter();
  const tbs = outer.read(TAG.sequence);
  const signatureAlgorithm = readAlgorithmIdentifier(outer.read(TAG.sequence));
  const signature = readBitStringOctets(outer.read(TAG.bitString));
  outer.expectEnd();

  const reader = tbs.enter();
  const versionField = reader.readOptional(0xa0);
  const version =
    versionField === undefined ? 1 : readInteger(versionField.enter().read(TAG.integer)) + 1;
  const serialHex = readIntegerHex(reader.read(TAG.integer));
  const innerAlgorithm = reader.read(TAG.sequence).raw;
  const issuer = readName(reader.read(TAG.sequence));
  const validity = reader.enter();
  const notBefore = readTime(validity.read());
  const notAfter = readTime(validity.read());
  validity.expectEnd();
  const subject = readName(reader.read(TAG.sequence));
  const publicKey = readSubjectPublicKey(reader.read(TAG.sequence));
  reader.readOptional(0x81);
  reader.readOptional(0x82);
  const extensionField = reader.readOptional(0xa3);
  reader.expectEnd();
  const extensions = readExtensions(extensionField?.enter().read(TAG.sequence));

  return {
    der,
    tbsDer: tbs.raw,
    version,
    serialHex,
    issuer,
    subject,
    notBefore,
    notAfter,
    publicKey,
    extensions,
    signatureAlgorithm,
    hasConsistentAlgorithm: equalBytes(innerAlgorithm, signatureAlgorithm.der),
    signature,
    isSelfIssued: equalNames(issuer, subject),
  };
}

/** Issuer and serial as CMS writes them, cut out without parsing the rest: the hot path of building. */
export interface IssuerAndSerial {
  readonly issuerDer: Uint8Array;
  /** The INTEGER element. */
  readonly serialDer: Uint8Array;
}

/** @throws AppError `certificate-malformed` */
export function readIssuerAndSerial(certificateDer: Uint8Array): IssuerAndSerial {
  return parsedAs('certificate-malformed', () => {
    const tbs = new Asn1Reader(certificateDer, 0, certificateDer.length, 'ber').enter().enter();
    tbs.readOptional(0xa0);
    const serialDer = tbs.read(TAG.integer).raw;
    tbs.read(TAG.sequence);
    return { issuerDer: tbs.read(TAG.sequence).raw, serialDer };
  });
}

/** @returns `undefined` for a key we cannot verify with */
export function publicKeyAlgorithm(certificate: Certificate): PublicKeyAlgorithm | undefined {
  return certificate.publicKey.key;
}

export function certificateDigest(certificate: Certificate, digest: DigestAlgorithm): Uint8Array {
  return digestBytes(digest, certificate.der);
}

const sha256Names = new WeakMap<Certificate, string>();

/** SHA-256 of the certificate, lower-case hex: how certificates are named across the product. */
export function certificateSha256Hex(certificate: Certificate): string {
  const known = sha256Names.get(certificate);
  if (known !== undefined) return known;
  const name = toHex(digestBytes('sha256', certificate.der));
  sha256Names.set(certificate, name);
  return name;
}

const ENCIPHERMENT = ['keyEncipherment', 'dataEncipherment', 'keyAgreement'] as const;

/**
 * Whether the certificate is for signing: `digitalSignature` or `nonRepudiation`, and not a CA.
 * A certificate without key usage is taken to allow everything.
 */
export function isSigningCertificate(certificate: Certificate): boolean {
  const { keyUsage, basicConstraints } = certificate.extensions;
  if (basicConstraints?.isCa === true) return false;
  if (keyUsage === undefined) return true;
  return keyUsage.has('digitalSignature') || keyUsage.has('nonRepudiation');
}

/** Whether the key is also for encryption; of two signing certificates in a container, the other one is meant. */
export function isEnciphermentCertificate(certificate: Certificate): boolean {
  const { keyUsage } = certificate.extensions;
  return keyUsage !== undefined && ENCIPHERMENT.some((usage) => keyUsage.has(usage));
}

/**
 * The certificate of a container that signing uses: for signing, preferably without encipherment,
 * preferably valid longest.
 */
export function chooseSigningCertificate(
  certificates: readonly Certificate[],
): Certificate | undefined {
  return certificates.filter(isSigningCertificate).sort(bySuitability)[0];
}

function bySuitability(a: Certificate, b: Certificate): number {
  const encipherment = Number(isEnciphermentCertificate(a)) - Number(isEnciphermentCertificate(b));
  return encipherment !== 0 ? encipherment : b.notAfter.getTime() - a.notAfter.getTime();
}

/** `USCC` after the country and a dash in organizationIdentifier, or bare. */
const USCC = /^(?:[A-Z]{5}-)?([0-9A-HJ-NPQRTUWXY]{18})$/;

/**
 * The unified social credit code of the unit a certificate was issued to, where it names one:
 * organizationIdentifier, the domestic extension, serialNumber, or an OU of that form.
 */
export function unifiedSocialCreditCode(certificate: Certificate): string | undefined {
  const candidates = [
    certificate.subject.get(OID.organizationIdentifier),
    creditCodeExtension(certificate),
  ];
  for (const rdn of certificate.subject.rdns) {
    for (const { oid, value } of rdn) {
      if (oid === OID.serialNumber || oid === OID.organizationalUnit) candidates.push(value);
    }
  }
  for (const candidate of candidates) {
    const code = candidate === undefined ? undefined : USCC.exec(candidate)?.[1];
    if (code !== undefined) return code;
  }
  return undefined;
}

function creditCodeExtension(certificate: Certificate): string | undefined {
  const found = certificate.extensions.all.find(({ oid }) => oid === OID.gmUnifiedSocialCreditCode);
  if (found === undefined) return undefined;
  try {
    return readString(readElement(found.value, undefined, 'ber'));
  } catch {
    return undefined;
  }
}

/** Weaknesses of a key or of the digest under a certificate's own signature. */
export type Weakness =
  'rsa-key-too-short' | 'rsa-key-too-long' | 'rsa-exponent-unsound' | 'weak-digest';

/** Shortest RSA modulus accepted today (GB/T and BSI lists agree on 2048); larger than 8192 only costs time. */
export const MIN_RSA_BITS = 2048;
export const MAX_RSA_BITS = 8192;

/** What an acceptance policy may object to; nothing here decides. */
export function keyWeaknesses(key: PublicKeyAlgorithm | undefined): Weakness[] {
  if (key?.kind !== 'rsa') return [];
  // By such an exponent anybody can make the value, without the key.
  if (key.isExponentSound === false) return ['rsa-exponent-unsound'];
  if (key.bits < MIN_RSA_BITS) return ['rsa-key-too-short'];
  return key.bits > MAX_RSA_BITS ? ['rsa-key-too-long'] : [];
}

/** CMS attributes: SET OF SEQUENCE { type, values }, and the ESS certificate references among them. */
import { type DigestAlgorithm } from '../../kernel/index.js';
import {
  asn1Error,
  OID,
  readIntegerHex,
  readOctets,
  readOid,
  readTime,
  TAG,
  type Asn1Element,
  type Asn1Reader,
} from '../asn1/index.js';
import {
  digestOfOid,
  readAlgorithmIdentifier,
  readAnyAlgorithm,
  readGeneralNames,
  type AlgorithmIdentifier,
  type GeneralName,
} from '../x509/index.js';

export interface CmsAttribute {
  readonly oid: string;
  /** Encodings of the values. */
  readonly values: readonly Uint8Array[];
  readonly der: Uint8Array;
}

/** One certificate named by digest in a signing-certificate attribute. */
export interface EssCertificateId {
  /** `undefined` for a digest we do not compute. */
  readonly digestAlgorithm: DigestAlgorithm | undefined;
  readonly digest: Uint8Array;
  readonly issuer: readonly GeneralName[];
  readonly serialHex: string | undefined;
}

/** What the known signed attributes say; the first value of each. */
export interface DecodedAttributes {
  readonly contentType: string | undefined;
  readonly messageDigest: Uint8Array | undefined;
  readonly signingTime: Date | undefined;
  /** One for each version of the attribute that is there, 2 before 1. */
  readonly signingCertificates: readonly SigningCertificate[];
  readonly algorithmProtection: AlgorithmProtection | undefined;
}

/** A signing-certificate attribute. */
export interface SigningCertificate {
  readonly version: 1 | 2;
  /** The first is the signer's. */
  readonly ids: readonly EssCertificateId[];
}

/** What the signer says of the algorithms, which nothing else signs. @see RFC 6211, 2 */
export interface AlgorithmProtection {
  readonly digestAlgorithm: AlgorithmIdentifier;
  /** `undefined` where the attribute is for message authentication. */
  readonly signatureAlgorithm: AlgorithmIdentifier | undefined;
}

/** A reader into `element`, which must be a SEQUENCE. */
export function enterSequence(element: Asn1Element): Asn1Reader {
  if (element.tag !== TAG.sequence) throw asn1Error('SEQUENCE expected', element.start);
  return element.enter();
}

/** Reads the members of a SET OF Attribute, whatever its own tag. @throws AppError `asn1-malformed` */
export function readAttributes(set: Asn1Element): CmsAttribute[] {
  return set.children().map((element) => {
    const reader = enterSequence(element);
    const oid = readOid(reader.read(TAG.oid));
    const values = reader.read(TAG.set).children();
    reader.expectEnd();
    return { oid, values: values.map((value) => value.raw), der: element.raw };
  });
}

/** Decodes what is known. @throws AppError `asn1-malformed` where a known attribute is broken */
export function decodeAttributes(set: Asn1Element | undefined): DecodedAttributes {
  const first = new Map<string, Asn1Element>();
  for (const element of set?.children() ?? []) {
    const reader = element.enter();
    const oid = readOid(reader.read(TAG.oid));
    const [value] = reader.read(TAG.set).children();
    if (value !== undefined && !first.has(oid)) first.set(oid, value);
  }
  const decode = <T>(oid: string, read: (value: Asn1Element) => T): T | undefined => {
    const value = first.get(oid);
    return value === undefined ? undefined : read(value);
  };
  const v2 = decode(OID.signingCertificateV2, (value) => readEssIds(value, 'sha256'));
  const v1 = decode(OID.signingCertificate, (value) => readEssIds(value, 'sha1'));
  const versions = [
    { version: 2, ids: v2 },
    { version: 1, ids: v1 },
  ] as const;
  return {
    contentType: decode(OID.contentType, readOid),
    messageDigest: decode(OID.messageDigest, readOctets),
    signingTime: decode(OID.signingTime, readTime),
    signingCertificates: versions.flatMap(({ version, ids }) =>
      ids === undefined ? [] : [{ version, ids }],
    ),
    algorithmProtection: decode(OID.cmsAlgorithmProtection, readAlgorithmProtection),
  };
}

function readAlgorithmProtection(value: Asn1Element): AlgorithmProtection {
  const reader = enterSequence(value);
  const digestAlgorithm = readAnyAlgorithm(reader.read(TAG.sequence));
  const signed = reader.readOptional(0xa1);
  return {
    digestAlgorithm,
    signatureAlgorithm: signed === undefined ? undefined : readAnyAlgorithm(signed, 0xa1),
  };
}

/** @see RFC 5035 3 (ESSCertIDv2, default SHA-256), RFC 2634 5.4 (ESSCertID, SHA-1) */
function readEssIds(value: Asn1Element, defaultDigest: DigestAlgorithm): EssCertificateId[] {
  return value
    .enter()
    .read(TAG.sequence)
    .children()
    .map((element) => {
      const reader = enterSequence(element);
      const named = reader.readOptional(TAG.sequence);
      const digest = readOctets(reader.read(TAG.octetString));
      const issuerSerial = reader.readOptional(TAG.sequence)?.enter();
      return {
        digestAlgorithm:
          named === undefined ? defaultDigest : digestOfOid(readAlgorithmIdentifier(named).oid),
        digest,
        issuer: issuerSerial === undefined ? [] : readGeneralNames(issuerSerial.read(TAG.sequence)),
        serialHex:
          issuerSerial === undefined ? undefined : readIntegerHex(issuerSerial.read(TAG.integer)),
      };
    });
}

/** Reads CMS SignedData (RFC 5652 5; also under the GB/T 35275 identifiers), from DER or BER. */
import { equalBytes, toHex, type DigestAlgorithm } from '../../kernel/index.js';
import {
  asn1Error,
  Asn1Reader,
  berToDer,
  derSetOf,
  OID,
  parsedAs,
  readInteger,
  readIntegerHex,
  readOctets,
  readOid,
  retag,
  TAG,
  type Asn1Element,
} from '../asn1/index.js';
import {
  digestOfOid,
  equalNames,
  hasUsualParameters,
  readAnyAlgorithm,
  readName,
  type AlgorithmIdentifier,
  type Certificate,
  type DistinguishedName,
} from '../x509/index.js';
import {
  decodeAttributes,
  enterSequence,
  readAttributes,
  type CmsAttribute,
  type DecodedAttributes,
} from './attributes.js';

/** Oddities of the encoding that do not stop reading; policy decides what they mean. */
export type CmsFinding =
  | 'ber-encoding'
  | 'several-signer-infos'
  | 'no-signer-info'
  | 'content-present'
  | 'signed-attributes-not-sorted'
  | 'signed-attribute-duplicate'
  | 'signed-attribute-several-values'
  | 'unsigned-attribute-duplicate'
  | 'unexpected-content-type'
  /** A version that neither RFC 5652 5.1 or 5.3 nor PKCS#7 (always 1) gives to this content. */
  | 'version-unexpected'
  /** A member of `certificates` that is not a certificate of X.509. */
  | 'certificate-unexpected-form'
  /** A member of `crls` that is neither a CRL nor of another format that has a name. */
  | 'revocation-unexpected-form';

export type SignerIdentifier =
  | {
      readonly kind: 'issuer-and-serial';
      readonly issuer: DistinguishedName;
      readonly serialHex: string;
    }
  | { readonly kind: 'subject-key-id'; readonly keyIdHex: string };

export interface SignerInfo {
  readonly version: number;
  readonly sid: SignerIdentifier;
  readonly digestAlgorithm: AlgorithmIdentifier;
  /** `undefined` for a digest we do not compute. */
  readonly digest: DigestAlgorithm | undefined;
  readonly signedAttributes: readonly CmsAttribute[];
  /** The bytes that are signed: DER SET OF, sorted. `undefined` where there are no signed attributes. */
  readonly signedAttributesDer: Uint8Array | undefined;
  /** The same in the order received, with the SET tag; equal to the above unless the signer did not sort. */
  readonly signedAttributesAsReceived: Uint8Array | undefined;
  readonly attributes: DecodedAttributes;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
  readonly unsignedAttributes: readonly CmsAttribute[];
  /** ContentInfo DER of each signature time-stamp, in order. */
  readonly signatureTimeStamps: readonly Uint8Array[];
  readonly der: Uint8Array;
}

export interface SignedData {
  /** The ContentInfo in definite-length encoding; aliases the input unless that was BER. */
  readonly der: Uint8Array;
  /** Octets of the input that the ContentInfo took. What follows (zero padding in PDF) is the caller's to judge. */
  readonly consumedBytes: number;
  readonly version: number;
  readonly digestAlgorithms: readonly AlgorithmIdentifier[];
  /** Identifier of the encapsulated content's type. */
  readonly contentType: string;
  /** The encapsulated content; `undefined` where the signature is detached. */
  readonly content: Uint8Array | undefined;
  readonly certificatesDer: readonly Uint8Array[];
  readonly crlsDer: readonly Uint8Array[];
  /** OCSPResponse values under `other` revocation information. */
  readonly ocspResponsesDer: readonly Uint8Array[];
  readonly signerInfos: readonly SignerInfo[];
  readonly findings: readonly CmsFinding[];
}

/**
 * Reads the SignedData at the start of `bytes`; anything may follow it.
 * @throws AppError `cms-malformed`, params `offset`
 */
export function parseSignedData(bytes: Uint8Array): SignedData {
  return parsedAs('cms-malformed', () => readSignedData(bytes));
}

function readSignedData(bytes: Uint8Array): SignedData {
  const { der, consumedBytes, isBer } = berToDer(bytes);
  const findings = new Set<CmsFinding>();
  if (isBer) findings.add('ber-encoding');

  const info = new Asn1Reader(der, 0, der.length, 'ber').enter();
  const type = info.read(TAG.oid);
  const typeOid = readOid(type);
  if (typeOid !== OID.signedData && typeOid !== OID.gmSignedData) {
    throw asn1Error(`not SignedData but ${typeOid}`, type.start);
  }
  const reader = info.read(0xa0).enter().enter();
  info.expectEnd();
  const version = readVersion(reader.read(TAG.integer));
  const digestAlgorithms = reader
    .read(TAG.set)
    .children()
    .map((each) => readAnyAlgorithm(each));
  const encapsulated = reader.enter();
  const contentType = readOid(encapsulated.read(TAG.oid));
  const contentField = encapsulated.readOptional(0xa0);
  encapsulated.expectEnd();
  const content = contentField === undefined ? undefined : readContent(contentField.enter().read());
  const certificates = reader.readOptional(0xa0);
  const revocation = reader.readOptional(0xa1);
  const signers = reader.read(TAG.set).children();
  reader.expectEnd();

  if (content !== undefined) findings.add('content-present');
  if (signers.length === 0) findings.add('no-signer-info');
  if (signers.length > 1) findings.add('several-signer-infos');
  const signerInfos = signers.map((element) => readSignerInfo(element, contentType, findings));
  const { crlsDer, ocspResponsesDer, hasOtherFormat, hasNoForm } = readRevocationInfo(revocation);
  if (hasNoForm) findings.add('revocation-unexpected-form');
  const certificateForms = certificates?.children() ?? [];
  const hasForm = (...tags: readonly number[]): boolean =>
    certificateForms.some(({ tag }) => tags.includes(tag));
  if (certificateForms.some(({ tag }) => tag !== TAG.sequence && !ATTRIBUTE_FORMS.includes(tag))) {
    findings.add('certificate-unexpected-form');
  }
  const expected =
    typeOid === OID.gmSignedData
      ? 1
      : hasOtherFormat || hasForm(0xa3)
        ? 5
        : hasForm(0xa2)
          ? 4
          : hasForm(0xa1) ||
              contentType !== OID.data ||
              signerInfos.some((each) => each.version === 3)
            ? 3
            : 1;
  // Many products write 1, as PKCS#7 had it, whatever else is in there.
  if (version !== expected && version !== 1) findings.add('version-unexpected');
  return {
    der,
    consumedBytes,
    version,
    digestAlgorithms,
    contentType,
    content,
    // [0] to [3] are the attribute and extended certificates nobody uses.
    certificatesDer: certificateForms
      .filter((element) => element.tag === TAG.sequence)
      .map((element) => element.raw),
    crlsDer,
    ocspResponsesDer,
    signerInfos,
    findings: [...findings],
  };
}

/** A version beyond all that there are is one that is not expected, not damage. */
function readVersion(element: Asn1Element): number {
  return element.contentLength > 4 ? Infinity : readInteger(element);
}

/** Attribute certificates, versions 1 and 2. @see RFC 5652 10.2.2 */
const ATTRIBUTE_FORMS: readonly number[] = [0xa1, 0xa2];

/** PKCS#7 (and GB/T 35275 after it) allow any type here; then its content octets are what is hashed. */
function readContent(element: Asn1Element): Uint8Array {
  return element.tag === TAG.octetString ? readOctets(element) : element.content;
}

function readRevocationInfo(set: Asn1Element | undefined): {
  crlsDer: Uint8Array[];
  ocspResponsesDer: Uint8Array[];
  hasOtherFormat: boolean;
  hasNoForm: boolean;
} {
  const crlsDer: Uint8Array[] = [];
  const ocspResponsesDer: Uint8Array[] = [];
  let hasOtherFormat = false;
  let hasNoForm = false;
  for (const element of set?.children() ?? []) {
    if (element.tag === TAG.sequence) {
      crlsDer.push(element.raw);
    } else if (element.tag === 0xa1) {
      hasOtherFormat = true;
      const other = element.enter();
      const format = readOid(other.read(TAG.oid));
      if (format === OID.ocspResponseRevocationInfo) ocspResponsesDer.push(other.read().raw);
    } else {
      hasNoForm = true;
    }
  }
  return { crlsDer, ocspResponsesDer, hasOtherFormat, hasNoForm };
}

/**
 * Signed attributes that are there once and have one value: of two, which was meant could not be
 * told. Any other may be there several times, as time-stamps of the content are, and may have several
 * values, as claimed roles and producers' own attributes do.
 *
 * @see RFC 5652, 11.1 to 11.3; RFC 5035, 3; RFC 5126, 5.8.1; RFC 6211, 2
 */
const SINGLE: readonly string[] = [
  OID.contentType,
  OID.messageDigest,
  OID.signingTime,
  OID.signingCertificate,
  OID.signingCertificateV2,
  OID.signaturePolicyId,
  OID.cmsAlgorithmProtection,
];

function readSignerInfo(
  element: Asn1Element,
  contentType: string,
  findings: Set<CmsFinding>,
): SignerInfo {
  const reader = enterSequence(element);
  const version = readVersion(reader.read(TAG.integer));
  const sid = readSignerIdentifier(reader.read());
  if (version !== 1 && !(version === 3 && sid.kind === 'subject-key-id')) {
    findings.add('version-unexpected');
  }
  const digestAlgorithm = readAnyAlgorithm(reader.read(TAG.sequence));
  const signedSet = reader.readOptional(0xa0);
  const signatureAlgorithm = readAnyAlgorithm(reader.read(TAG.sequence));
  const signature = readOctets(reader.read(TAG.octetString));
  const unsignedSet = reader.readOptional(0xa1);
  reader.expectEnd();

  const signedAttributes = signedSet === undefined ? [] : readAttributes(signedSet);
  const attributes = decodeAttributes(signedSet);
  const unsignedAttributes = unsignedSet === undefined ? [] : readAttributes(unsignedSet);
  if (hasDuplicates(signedAttributes.filter(({ oid }) => SINGLE.includes(oid)))) {
    findings.add('signed-attribute-duplicate');
  }
  const hasWrongCount = ({ oid, values }: CmsAttribute): boolean =>
    values.length === 0 || (values.length > 1 && SINGLE.includes(oid));
  if (signedAttributes.some(hasWrongCount)) {
    findings.add('signed-attribute-several-values');
  }
  if (hasDuplicates(unsignedAttributes)) findings.add('unsigned-attribute-duplicate');
  if (attributes.contentType !== undefined && attributes.contentType !== contentType) {
    findings.add('unexpected-content-type');
  }
  const asReceived = signedSet === undefined ? undefined : retag(signedSet.raw, TAG.set);
  const sorted =
    signedSet === undefined ? undefined : derSetOf(signedAttributes.map(({ der }) => der));
  if (sorted !== undefined && asReceived !== undefined && !equalBytes(sorted, asReceived)) {
    findings.add('signed-attributes-not-sorted');
  }
  return {
    version,
    sid,
    digestAlgorithm,
    digest: hasUsualParameters(digestAlgorithm) ? digestOfOid(digestAlgorithm.oid) : undefined,
    signedAttributes,
    signedAttributesDer: sorted,
    signedAttributesAsReceived: asReceived,
    attributes,
    signatureAlgorithm,
    signature,
    unsignedAttributes,
    signatureTimeStamps: unsignedAttributes
      .filter(({ oid }) => oid === OID.signatureTimeStamp)
      .flatMap(({ values }) => values),
    der: element.raw,
  };
}

function readSignerIdentifier(element: Asn1Element): SignerIdentifier {
  if (element.tag === 0x80) {
    return { kind: 'subject-key-id', keyIdHex: toHex(element.content) };
  }
  const reader = enterSequence(element);
  const issuer = readName(reader.read(TAG.sequence));
  const serialHex = readIntegerHex(reader.read(TAG.integer));
  reader.expectEnd();
  return { kind: 'issuer-and-serial', issuer, serialHex };
}

function hasDuplicates(attributes: readonly CmsAttribute[]): boolean {
  return new Set(attributes.map(({ oid }) => oid)).size !== attributes.length;
}

/** Whether the signer identifier names this certificate. */
export function matchesSigner(sid: SignerIdentifier, certificate: Certificate): boolean {
  return sid.kind === 'subject-key-id'
    ? sid.keyIdHex === certificate.extensions.subjectKeyIdHex
    : sid.serialHex === certificate.serialHex && equalNames(sid.issuer, certificate.issuer);
}

/** Builds detached CMS SignedData for PAdES baseline signatures, in two steps around the key. */
import { AppError, digestBytes, type DigestAlgorithm } from '../../kernel/index.js';
import {
  Asn1Reader,
  compareOctets,
  derContext,
  derElement,
  derInteger,
  derOctets,
  derOid,
  derSequence,
  derSequenceOf,
  derSetOf,
  OID,
  parsedAs,
  retag,
  TAG,
} from '../asn1/index.js';
import {
  DIGEST_LENGTH,
  digestAlgorithmDer,
  readIssuerAndSerial,
  signatureAlgorithmDer,
  type PublicKeyAlgorithm,
  type SignatureScheme,
} from '../x509/index.js';

export interface SignedAttributesInput {
  /** Digest of the content (for PDF: of the ByteRange) by `digestAlgorithm`. */
  readonly messageDigest: Uint8Array;
  readonly digestAlgorithm: SignatureScheme['digest'];
  readonly signingCertificateDer: Uint8Array;
  /** Identifier of the content's type; id-data unless given. */
  readonly contentType?: string;
  /** Encoded Attributes beside the three, such as commitment-type or signature-policy-identifier. */
  readonly furtherAttributes?: readonly Uint8Array[];
}

/**
 * The signed attributes as DER SET OF: exactly what the key signs.
 *
 * Content type, message digest and signing-certificate-v2 with issuer and serial; no signing time,
 * since in PDF the dictionary's /M has it.
 *
 * @throws AppError `certificate-malformed`; `input-invalid` where the digest's length is not the algorithm's
 * @see RFC 5652 5.3, RFC 5035 3, ETSI EN 319 142-1 6.3
 */
export function buildSignedAttributes(input: SignedAttributesInput): Uint8Array {
  const { messageDigest, digestAlgorithm, signingCertificateDer } = input;
  if (messageDigest.length !== DIGEST_LENGTH[digestAlgorithm]) {
    throw new AppError('input-invalid', `message digest is not of ${digestAlgorithm}`);
  }
  const { issuerDer, serialDer } = readIssuerAndSerial(signingCertificateDer);
  const certificateDigest = digestBytes(digestAlgorithm, signingCertificateDer);
  const essCertificateId = derSequence(
    // SHA-256 is the DEFAULT and so must be left out.
    digestAlgorithm === 'sha256' ? undefined : digestAlgorithmDer(digestAlgorithm),
    derOctets(certificateDigest),
    derSequence(derSequence(derElement(0xa4, issuerDer)), serialDer),
  );
  return derSetOf([
    buildAttribute(OID.contentType, derOid(input.contentType ?? OID.data)),
    buildAttribute(OID.messageDigest, derOctets(messageDigest)),
    buildAttribute(OID.signingCertificateV2, derSequence(derSequence(essCertificateId))),
    ...(input.furtherAttributes ?? []),
  ]);
}

/** One Attribute with the values given. */
export function buildAttribute(oid: string, ...values: readonly Uint8Array[]): Uint8Array {
  return derSequence(derOid(oid), derSetOf(values));
}

export interface SignedDataInput {
  /** From `buildSignedAttributes`. */
  readonly signedAttributes: Uint8Array;
  /** RSA octets, DER ECDSA-Sig-Value or SM2 signature, or 64 octets of Ed25519. */
  readonly signature: Uint8Array;
  readonly scheme: SignatureScheme;
  /** The digest in `messageDigest`; by RFC 8419 SHA-512 for Ed25519. */
  readonly digestAlgorithm: SignatureScheme['digest'];
  readonly signingCertificateDer: Uint8Array;
  /** Further certificates of the path; the signing certificate and duplicates among them are dropped. */
  readonly chainDer: readonly Uint8Array[];
  /** `false` leaves all certificates out, as a time-stamp request may ask; `true` unless given. */
  readonly sendsCertificates?: boolean;
  /** Encoded Attributes, such as `buildAttribute(OID.signatureTimeStamp, tokenDer)`. */
  readonly unsignedAttributes?: readonly Uint8Array[];
  /** Encapsulates content of a type other than id-data; absent for a detached signature. */
  readonly encapsulated?: { readonly contentType: string; readonly content: Uint8Array };
}

/**
 * A ContentInfo with SignedData of one SignerInfo.
 *
 * @throws AppError `certificate-malformed`; `algorithm-unsupported` for a scheme without identifier
 * @see RFC 5652 5.1
 */
export function buildSignedData(input: SignedDataInput): Uint8Array {
  const { issuerDer, serialDer } = readIssuerAndSerial(input.signingCertificateDer);
  const digestAlgorithm = digestAlgorithmDer(input.digestAlgorithm);
  const signerInfo = derSequence(
    derInteger(1),
    derSequence(issuerDer, serialDer),
    digestAlgorithm,
    retag(input.signedAttributes, 0xa0),
    signatureAlgorithmDer(input.scheme),
    derOctets(input.signature),
    input.unsignedAttributes === undefined || input.unsignedAttributes.length === 0
      ? undefined
      : derSetOf(input.unsignedAttributes, 0xa1),
  );
  const { encapsulated } = input;
  const signedData = derSequence(
    // RFC 5652 5.1: 3 where the content is of a type other than id-data.
    derInteger(encapsulated === undefined ? 1 : 3),
    derElement(TAG.set, digestAlgorithm),
    encapsulated === undefined
      ? derSequence(derOid(OID.data))
      : derSequence(
          derOid(encapsulated.contentType),
          derContext(0, derOctets(encapsulated.content)),
        ),
    input.sendsCertificates === false
      ? undefined
      : derSetOf(distinct([input.signingCertificateDer, ...input.chainDer]), 0xa0),
    derElement(TAG.set, signerInfo),
  );
  return derSequence(derOid(OID.signedData), derContext(0, signedData));
}

function distinct(certificates: readonly Uint8Array[]): Uint8Array[] {
  const kept: Uint8Array[] = [];
  for (const certificate of certificates) {
    if (!kept.some((other) => compareOctets(other, certificate) === 0)) kept.push(certificate);
  }
  return kept;
}

/**
 * The same SignedData with one more unsigned attribute in its first SignerInfo; nothing else changes.
 * @param contentInfoDer - DER, as `parseSignedData(…).der` gives it.
 * @throws AppError `cms-malformed`
 */
export function addUnsignedAttribute(
  contentInfoDer: Uint8Array,
  attributeDer: Uint8Array,
): Uint8Array {
  return parsedAs('cms-malformed', () => {
    const info = new Asn1Reader(contentInfoDer, 0, contentInfoDer.length, 'ber').enter();
    const type = info.read(TAG.oid);
    const members = info.read(0xa0).enter().read(TAG.sequence).children();
    const [first, ...others] = members.at(-1)?.children() ?? [];
    if (first === undefined) throw new AppError('cms-malformed', 'no SignerInfo');
    const fields = first.children();
    const last = fields.at(-1);
    const present = last?.tag === 0xa1 ? last.children().map((child) => child.raw) : [];
    const kept = last?.tag === 0xa1 ? fields.slice(0, -1) : fields;
    const signerInfo = derSequenceOf([
      ...kept.map((field) => field.raw),
      derSetOf([...present, attributeDer], 0xa1),
    ]);
    const signers = derSetOf([signerInfo, ...others.map((other) => other.raw)]);
    return derSequence(
      type.raw,
      derContext(0, derSequenceOf([...members.slice(0, -1).map((member) => member.raw), signers])),
    );
  });
}

export interface SizeEstimateInput {
  readonly signingCertificateDer: Uint8Array;
  readonly chainDer: readonly Uint8Array[];
  readonly key: PublicKeyAlgorithm;
  readonly digestAlgorithm: DigestAlgorithm;
  /** Room for a time-stamp token; 0 unless one will be added. */
  readonly timestampBytes?: number;
  /** Total length of further signed and unsigned attributes. */
  readonly furtherAttributesBytes?: number;
}

/** Upper bound for the length of what `buildSignedData` returns; a few hundred octets above the true length. */
export function estimateSignedDataSize(input: SizeEstimateInput): number {
  const { issuerDer, serialDer } = readIssuerAndSerial(input.signingCertificateDer);
  const certificates = [input.signingCertificateDer, ...input.chainDer].reduce(
    (sum, certificate) => sum + certificate.length,
    0,
  );
  const issuerAndSerial = issuerDer.length + serialDer.length;
  const framing = 400;
  return (
    certificates +
    2 * issuerAndSerial +
    2 * DIGEST_LENGTH[input.digestAlgorithm] +
    maxSignatureBytes(input.key) +
    (input.timestampBytes ?? 0) +
    (input.furtherAttributesBytes ?? 0) +
    framing
  );
}

/** Longest signature value of a key, encoded. */
export function maxSignatureBytes(key: PublicKeyAlgorithm): number {
  switch (key.kind) {
    case 'rsa':
      return Math.ceil(key.bits / 8);
    case 'ec':
      return { 'P-256': 72, 'P-384': 104, 'P-521': 139 }[key.curve];
    case 'ed25519':
      return 64;
    case 'sm2':
      return 72;
  }
}

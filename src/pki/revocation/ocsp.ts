/** OCSP (RFC 6960): requests, and responses read into fields. Whether to believe one: `evaluate-revocation.ts`. */
import { digestBytes, equalBytes, toHex, type DigestAlgorithm } from '../../kernel/index.js';
import {
  asn1Error,
  derContext,
  derIntegerHex,
  derOctets,
  derSequence,
  OID,
  parsedAs,
  readBitStringOctets,
  readElement,
  readInteger,
  readIntegerHex,
  readOctets,
  readOid,
  readTime,
  TAG,
  type Asn1Element,
} from '../asn1/index.js';
import { buildExtension } from '../x509/build-certificate.js';
import {
  digestAlgorithmDer,
  digestOfOid,
  readAlgorithmIdentifier,
  readExtensionList,
  readName,
  type AlgorithmIdentifier,
  type Certificate,
  type DistinguishedName,
} from '../x509/index.js';
import { revocationReason, type RevocationReason } from './reasons.js';

/** Names one certificate to a responder: digests of its issuer's name and key, and its serial number. */
export interface OcspCertificateId {
  readonly digestAlgorithm: DigestAlgorithm | undefined;
  readonly issuerNameDigest: Uint8Array;
  readonly issuerKeyDigest: Uint8Array;
  readonly serialHex: string;
  readonly der: Uint8Array;
}

export interface OcspRequestInput {
  readonly certificate: Certificate;
  readonly issuer: Certificate;
  /** SHA-1 unless given: the one every responder knows (RFC 5019 2.1.1); it protects nothing here. */
  readonly digestAlgorithm?: DigestAlgorithm;
  /** 16 to 32 random octets; none where cached answers are welcome. */
  readonly nonce?: Uint8Array;
}

/** DER of an unsigned OCSPRequest for one certificate. */
export function buildOcspRequest(input: OcspRequestInput): Uint8Array {
  const certificateId = buildOcspCertificateId(
    input.certificate.serialHex,
    input.issuer,
    input.digestAlgorithm ?? 'sha1',
  );
  const extensions =
    input.nonce === undefined
      ? undefined
      : derContext(2, derSequence(buildExtension(OID.ocspNonce, derOctets(input.nonce))));
  return derSequence(derSequence(derSequence(derSequence(certificateId)), extensions));
}

/** DER of a CertID. */
export function buildOcspCertificateId(
  serialHex: string,
  issuer: Certificate,
  digestAlgorithm: DigestAlgorithm = 'sha1',
): Uint8Array {
  return derSequence(
    digestAlgorithmDer(digestAlgorithm),
    derOctets(digestBytes(digestAlgorithm, issuer.subject.der)),
    derOctets(digestBytes(digestAlgorithm, issuer.publicKey.keyOctets)),
    derIntegerHex(serialHex),
  );
}

export interface OcspRequest {
  readonly certificateIds: readonly OcspCertificateId[];
  /** Value of the nonce extension, to be repeated in the response. */
  readonly nonce: Uint8Array | undefined;
}

/** @throws AppError `revocation-malformed`, params `offset` */
export function parseOcspRequest(der: Uint8Array): OcspRequest {
  return parsedAs('revocation-malformed', () => {
    const tbs = readElement(der, TAG.sequence, 'ber').enter().enter();
    tbs.readOptional(0xa0);
    tbs.readOptional(0xa1);
    const list = tbs.read(TAG.sequence).children();
    const certificateIds = list.map((request) =>
      readCertificateId(request.enter().read(TAG.sequence)),
    );
    const extensions = tbs.readOptional(0xa2)?.enter().read(TAG.sequence);
    return { certificateIds, nonce: readNonce(extensions) };
  });
}

function readCertificateId(element: Asn1Element): OcspCertificateId {
  const reader = element.enter();
  const digestAlgorithm = digestOfOid(readAlgorithmIdentifier(reader.read(TAG.sequence)).oid);
  const issuerNameDigest = readOctets(reader.read(TAG.octetString));
  const issuerKeyDigest = readOctets(reader.read(TAG.octetString));
  const serialHex = readIntegerHex(reader.read(TAG.integer));
  reader.expectEnd();
  return { digestAlgorithm, issuerNameDigest, issuerKeyDigest, serialHex, der: element.raw };
}

function readNonce(list: Asn1Element | undefined): Uint8Array | undefined {
  const found = (list === undefined ? [] : readExtensionList(list)).find(
    ({ oid }) => oid === OID.ocspNonce,
  );
  if (found === undefined) return undefined;
  // Older clients put the nonce in without the OCTET STRING around it.
  return found.value[0] === TAG.octetString && found.value[1] === found.value.length - 2
    ? found.value.subarray(2)
    : found.value;
}

/** Whether `id` names the certificate with this serial number under `issuer`. */
export function matchesCertificateId(
  id: OcspCertificateId,
  serialHex: string,
  issuer: Certificate,
): boolean {
  return (
    id.serialHex === serialHex &&
    id.digestAlgorithm !== undefined &&
    equalBytes(id.issuerNameDigest, digestBytes(id.digestAlgorithm, issuer.subject.der)) &&
    equalBytes(id.issuerKeyDigest, digestBytes(id.digestAlgorithm, issuer.publicKey.keyOctets))
  );
}

/** OCSPResponseStatus by number; 4 is not used. */
export const OCSP_RESPONSE_STATUSES = [
  'successful',
  'malformed-request',
  'internal-error',
  'try-later',
  undefined,
  'sig-required',
  'unauthorized',
] as const;

export type OcspResponseStatus = Exclude<(typeof OCSP_RESPONSE_STATUSES)[number], undefined>;

export type OcspCertificateStatus =
  | { readonly kind: 'good' | 'unknown' }
  | { readonly kind: 'revoked'; readonly revokedAt: Date; readonly reason: RevocationReason };

export interface OcspSingleResponse {
  readonly certificateId: OcspCertificateId;
  readonly status: OcspCertificateStatus;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | undefined;
  /** Certificates that expired since this time are still answered for. */
  readonly archiveCutoff: Date | undefined;
  readonly unknownCritical: readonly string[];
}

export type OcspResponderId =
  | { readonly kind: 'name'; readonly name: DistinguishedName }
  /** SHA-1 of the responder's key octets, hex. */
  | { readonly kind: 'key'; readonly keyDigestHex: string };

export interface OcspBasicResponse {
  readonly tbsDer: Uint8Array;
  readonly responderId: OcspResponderId;
  readonly producedAt: Date;
  readonly responses: readonly OcspSingleResponse[];
  readonly nonce: Uint8Array | undefined;
  readonly unknownCritical: readonly string[];
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
  readonly certificatesDer: readonly Uint8Array[];
}

export interface OcspResponse {
  readonly der: Uint8Array;
  readonly status: OcspResponseStatus;
  /** Present where the status is `successful`. */
  readonly basic: OcspBasicResponse | undefined;
}

/**
 * Parses an OCSPResponse, or a bare BasicOCSPResponse as some archives keep it.
 * @throws AppError `revocation-malformed`, params `offset`; also for a response type other than basic
 */
export function parseOcspResponse(der: Uint8Array): OcspResponse {
  return parsedAs('revocation-malformed', () => {
    const outer = readElement(der, TAG.sequence, 'ber');
    const reader = outer.enter();
    if (reader.peek() === TAG.sequence) {
      return { der, status: 'successful', basic: readBasicResponse(outer) };
    }
    const code = reader.read(TAG.enumerated);
    const status = OCSP_RESPONSE_STATUSES[readInteger(code)];
    if (status === undefined) throw asn1Error('no such response status', code.start);
    if (status !== 'successful') return { der, status, basic: undefined };
    const bytes = reader.read(0xa0).enter().enter();
    const type = bytes.read(TAG.oid);
    if (readOid(type) !== OID.ocspBasic) throw asn1Error('not a basic response', type.start);
    const basic = readElement(readOctets(bytes.read(TAG.octetString)), TAG.sequence, 'ber');
    return { der, status, basic: readBasicResponse(basic) };
  });
}

function readBasicResponse(element: Asn1Element): OcspBasicResponse {
  const outer = element.enter();
  const tbs = outer.read(TAG.sequence);
  const signatureAlgorithm = readAlgorithmIdentifier(outer.read(TAG.sequence));
  const signature = readBitStringOctets(outer.read(TAG.bitString));
  const certificates = outer.readOptional(0xa0)?.enter().read(TAG.sequence).children() ?? [];
  outer.expectEnd();

  const reader = tbs.enter();
  reader.readOptional(0xa0);
  const responderId = readResponderId(reader.read());
  const producedAt = readTime(reader.read(TAG.generalizedTime));
  const responses = reader.read(TAG.sequence).children().map(readSingleResponse);
  const extensions = reader.readOptional(0xa1)?.enter().read(TAG.sequence);
  reader.expectEnd();
  return {
    tbsDer: tbs.raw,
    responderId,
    producedAt,
    responses,
    nonce: readNonce(extensions),
    unknownCritical: criticalExcept(extensions, OID.ocspNonce),
    signatureAlgorithm,
    signature,
    certificatesDer: certificates.map((certificate) => certificate.raw),
  };
}

function readResponderId(element: Asn1Element): OcspResponderId {
  if (element.tag === 0xa1) {
    return { kind: 'name', name: readName(element.enter().read(TAG.sequence)) };
  }
  if (element.tag !== 0xa2) throw asn1Error('malformed responder id', element.start);
  const digest = readOctets(element.enter().read(TAG.octetString));
  return { kind: 'key', keyDigestHex: toHex(digest) };
}

function readSingleResponse(element: Asn1Element): OcspSingleResponse {
  const reader = element.enter();
  const certificateId = readCertificateId(reader.read(TAG.sequence));
  const status = readStatus(reader.read());
  const thisUpdate = readTime(reader.read(TAG.generalizedTime));
  const next = reader.readOptional(0xa0);
  const nextUpdate = next === undefined ? undefined : readTime(next.enter().read());
  const extensions = reader.readOptional(0xa1)?.enter().read(TAG.sequence);
  reader.expectEnd();
  const cutoff = (extensions === undefined ? [] : readExtensionList(extensions)).find(
    ({ oid }) => oid === OID.ocspArchiveCutoff,
  );
  return {
    certificateId,
    status,
    thisUpdate,
    nextUpdate,
    archiveCutoff:
      cutoff === undefined ? undefined : readTime(readElement(cutoff.value, undefined, 'ber')),
    unknownCritical: criticalExcept(extensions, OID.ocspArchiveCutoff),
  };
}

function readStatus(element: Asn1Element): OcspCertificateStatus {
  switch (element.tag) {
    case 0x80:
      return { kind: 'good' };
    case 0x82:
      return { kind: 'unknown' };
    case 0xa1: {
      const reader = element.enter();
      const revokedAt = readTime(reader.read(TAG.generalizedTime));
      const field = reader.readOptional(0xa0);
      const code = field === undefined ? 0 : readInteger(field.enter().read(TAG.enumerated));
      return { kind: 'revoked', revokedAt, reason: revocationReason(code) };
    }
    default:
      throw asn1Error('malformed certificate status', element.start);
  }
}

function criticalExcept(list: Asn1Element | undefined, known: string): string[] {
  return (list === undefined ? [] : readExtensionList(list))
    .filter(({ oid, isCritical }) => isCritical && oid !== known)
    .map(({ oid }) => oid);
}

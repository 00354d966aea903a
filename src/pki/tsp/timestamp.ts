/** Time-stamp protocol (RFC 3161, RFC 5816): requests, responses and tokens as structures. */
import { AppError, type DigestAlgorithm } from '../../kernel/index.js';
import {
  asn1Error,
  derBoolean,
  derInteger,
  derOctets,
  derOid,
  derSequence,
  derUnsigned,
  OID,
  parsedAs,
  readBoolean,
  readElement,
  readInteger,
  readIntegerHex,
  readNamedBits,
  readOctets,
  readOid,
  readString,
  readTime,
  TAG,
  type Asn1Element,
} from '../asn1/index.js';
import { parseSignedData, type SignedData } from '../cms/signed-data.js';
import {
  digestAlgorithmDer,
  digestOfOid,
  readAlgorithmIdentifier,
  readExtensionList,
  readGeneralName,
  type GeneralName,
} from '../x509/index.js';

export interface MessageImprint {
  /** `undefined` for a digest we do not compute. */
  readonly digestAlgorithm: DigestAlgorithm | undefined;
  readonly digest: Uint8Array;
}

export interface TimestampRequestInput {
  readonly digest: Uint8Array;
  readonly digestAlgorithm: DigestAlgorithm;
  /** Random octets; the response must repeat the same INTEGER. */
  readonly nonce?: Uint8Array;
  readonly policyOid?: string;
  /** Asks for the TSA's certificate in the token; `true` unless given. */
  readonly wantsCertificate?: boolean;
}

/** DER of a TimeStampReq. */
export function buildTimestampRequest(input: TimestampRequestInput): Uint8Array {
  return derSequence(
    derInteger(1),
    derSequence(digestAlgorithmDer(input.digestAlgorithm), derOctets(input.digest)),
    input.policyOid === undefined ? undefined : derOid(input.policyOid),
    input.nonce === undefined ? undefined : derUnsigned(input.nonce),
    input.wantsCertificate === false ? undefined : derBoolean(true),
  );
}

export interface TimestampRequest {
  readonly imprint: MessageImprint;
  readonly policyOid: string | undefined;
  readonly nonceHex: string | undefined;
  readonly wantsCertificate: boolean;
  readonly unknownCritical: readonly string[];
}

/** @throws AppError `timestamp-malformed`, params `offset` */
export function parseTimestampRequest(der: Uint8Array): TimestampRequest {
  return parsedAs('timestamp-malformed', () => {
    const reader = readElement(der, TAG.sequence, 'ber').enter();
    reader.read(TAG.integer);
    const imprint = readImprint(reader.read(TAG.sequence));
    const policy = reader.readOptional(TAG.oid);
    const nonce = reader.readOptional(TAG.integer);
    const wants = reader.readOptional(TAG.boolean);
    const extensions = reader.readOptional(0xa0);
    reader.expectEnd();
    return {
      imprint,
      policyOid: policy === undefined ? undefined : readOid(policy),
      nonceHex: nonce === undefined ? undefined : readIntegerHex(nonce),
      wantsCertificate: wants !== undefined && readBoolean(wants),
      unknownCritical: criticalExtensions(extensions),
    };
  });
}

function readImprint(element: Asn1Element): MessageImprint {
  const reader = element.enter();
  const digestAlgorithm = digestOfOid(readAlgorithmIdentifier(reader.read(TAG.sequence)).oid);
  const digest = readOctets(reader.read(TAG.octetString));
  reader.expectEnd();
  return { digestAlgorithm, digest };
}

/** Extensions under an IMPLICIT tag have the members of a SEQUENCE directly inside. */
function criticalExtensions(list: Asn1Element | undefined): string[] {
  return (list === undefined ? [] : readExtensionList(list))
    .filter(({ isCritical }) => isCritical)
    .map(({ oid }) => oid);
}

/** PKIStatus by number. */
export const TIMESTAMP_STATUSES = [
  'granted',
  'granted-with-mods',
  'rejection',
  'waiting',
  'revocation-warning',
  'revocation-notification',
] as const;

export type TimestampStatus = (typeof TIMESTAMP_STATUSES)[number];

/** PKIFailureInfo by bit, as far as RFC 3161 2.4.2 names them. */
export const TIMESTAMP_FAILURES: Readonly<Record<number, string>> = {
  0: 'bad-alg',
  2: 'bad-request',
  5: 'bad-data-format',
  14: 'time-not-available',
  15: 'unaccepted-policy',
  16: 'unaccepted-extension',
  17: 'additional-info-not-available',
  25: 'system-failure',
};

export interface TimestampResponse {
  readonly status: TimestampStatus;
  /** What the authority says about it; foreign text. */
  readonly statusText: string;
  readonly failures: readonly string[];
  /** ContentInfo of the token, as received; `undefined` where none was granted. */
  readonly tokenDer: Uint8Array | undefined;
}

/** @throws AppError `timestamp-malformed`, params `offset` */
export function parseTimestampResponse(bytes: Uint8Array): TimestampResponse {
  return parsedAs('timestamp-malformed', () => {
    const reader = readElement(bytes, TAG.sequence, 'ber').enter();
    const statusField = reader.enter();
    const code = statusField.read(TAG.integer);
    const status = TIMESTAMP_STATUSES[readInteger(code)];
    if (status === undefined) throw asn1Error('no such status', code.start);
    const text = statusField.readOptional(TAG.sequence);
    const failure = statusField.readOptional(TAG.bitString);
    statusField.expectEnd();
    const token = reader.isAtEnd ? undefined : reader.read(TAG.sequence).raw;
    reader.expectEnd();
    return {
      status,
      statusText: (text?.children() ?? []).map(readString).join('; '),
      failures: (failure === undefined ? [] : readNamedBits(failure)).map(
        (bit) => TIMESTAMP_FAILURES[bit] ?? `bit-${bit}`,
      ),
      tokenDer: token,
    };
  });
}

export interface TstInfo {
  readonly policyOid: string;
  readonly imprint: MessageImprint;
  readonly serialHex: string;
  readonly generatedAt: Date;
  /** Stated accuracy in microseconds; `undefined` where the authority states none. */
  readonly accuracyMicros: number | undefined;
  readonly isOrdered: boolean;
  readonly nonceHex: string | undefined;
  readonly tsa: GeneralName | undefined;
  readonly unknownCritical: readonly string[];
}

export interface TimestampToken {
  readonly signedData: SignedData;
  /** The encapsulated TSTInfo: what the token's message digest is over. */
  readonly tstInfoDer: Uint8Array;
  readonly tstInfo: TstInfo;
}

/**
 * Parses a time-stamp token at the start of `bytes`.
 * @throws AppError `timestamp-malformed`, params `offset`
 */
export function parseTimestampToken(bytes: Uint8Array): TimestampToken {
  const signedData = readTokenSignedData(bytes);
  const { content, contentType } = signedData;
  if (contentType !== OID.tstInfo || content === undefined) {
    throw new AppError('timestamp-malformed', 'SignedData without TSTInfo', {
      params: { offset: 0 },
    });
  }
  const tstInfo = parsedAs('timestamp-malformed', () => readTstInfo(content));
  return { signedData, tstInfoDer: content, tstInfo };
}

function readTokenSignedData(bytes: Uint8Array): SignedData {
  try {
    return parseSignedData(bytes);
  } catch (cause) {
    const offset = cause instanceof AppError ? (cause.params['offset'] ?? 0) : 0;
    throw new AppError('timestamp-malformed', 'token is not SignedData', {
      params: { offset },
      cause,
    });
  }
}

function readTstInfo(der: Uint8Array): TstInfo {
  const reader = readElement(der, TAG.sequence, 'ber').enter();
  reader.read(TAG.integer);
  const policyOid = readOid(reader.read(TAG.oid));
  const imprint = readImprint(reader.read(TAG.sequence));
  const serialHex = readIntegerHex(reader.read(TAG.integer));
  const generatedAt = readTime(reader.read(TAG.generalizedTime));
  const accuracy = reader.readOptional(TAG.sequence);
  const ordering = reader.readOptional(TAG.boolean);
  const nonce = reader.readOptional(TAG.integer);
  const tsa = reader.readOptional(0xa0);
  const extensions = reader.readOptional(0xa1);
  reader.expectEnd();
  return {
    policyOid,
    imprint,
    serialHex,
    generatedAt,
    accuracyMicros: accuracy === undefined ? undefined : readAccuracy(accuracy),
    isOrdered: ordering !== undefined && readBoolean(ordering),
    nonceHex: nonce === undefined ? undefined : readIntegerHex(nonce),
    tsa: tsa === undefined ? undefined : readGeneralName(tsa.enter().read()),
    unknownCritical: criticalExtensions(extensions),
  };
}

function readAccuracy(element: Asn1Element): number {
  const reader = element.enter();
  const seconds = reader.readOptional(TAG.integer);
  const millis = reader.readOptional(0x80);
  const micros = reader.readOptional(0x81);
  reader.expectEnd();
  const value = (field: Asn1Element | undefined): number =>
    field === undefined ? 0 : readInteger(field);
  return value(seconds) * 1e6 + value(millis) * 1e3 + value(micros);
}

/** A nonce as `nonceHex` fields show it. */
export function nonceHexOf(nonce: Uint8Array): string {
  return readIntegerHex(readElement(derUnsigned(nonce), TAG.integer));
}

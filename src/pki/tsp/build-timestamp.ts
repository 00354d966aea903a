/** Builds time-stamp tokens and responses, for development TSAs and tests. */
import { digestBytes, type DigestAlgorithm } from '../../kernel/index.js';
import {
  derBoolean,
  derElement,
  derGeneralizedTime,
  derInteger,
  derIntegerHex,
  derNamedBits,
  derOctets,
  derOid,
  derSequence,
  derUtf8,
  OID,
} from '../asn1/index.js';
import { buildSignedAttributes, buildSignedData } from '../cms/build-signed-data.js';
import { digestAlgorithmDer, type SignatureScheme, type SignFunction } from '../x509/index.js';
import { TIMESTAMP_FAILURES, TIMESTAMP_STATUSES, type TimestampStatus } from './timestamp.js';

export interface TimestampTokenInput {
  readonly digest: Uint8Array;
  readonly digestAlgorithm: DigestAlgorithm;
  readonly policyOid: string;
  readonly serialHex: string;
  readonly generatedAt: Date;
  readonly accuracyMillis?: number;
  readonly isOrdered?: boolean;
  /** As the request's `nonceHex`. */
  readonly nonceHex?: string | undefined;
  readonly certificateDer: Uint8Array;
  /** Whether to put the certificates into the token, as the request's `wantsCertificate` says. */
  readonly sendsCertificates?: boolean;
  readonly chainDer?: readonly Uint8Array[];
  readonly scheme: SignatureScheme;
  readonly sign: SignFunction;
}

/** DER of a time-stamp token. @throws AppError `algorithm-unsupported`, and whatever `sign` throws */
export async function buildTimestampToken(input: TimestampTokenInput): Promise<Uint8Array> {
  const tstInfo = buildTstInfo(input);
  const digestAlgorithm = input.scheme.digest;
  const signedAttributes = buildSignedAttributes({
    messageDigest: digestBytes(digestAlgorithm, tstInfo),
    digestAlgorithm,
    signingCertificateDer: input.certificateDer,
    contentType: OID.tstInfo,
  });
  return buildSignedData({
    signedAttributes,
    signature: await input.sign(signedAttributes, input.scheme),
    scheme: input.scheme,
    digestAlgorithm,
    signingCertificateDer: input.certificateDer,
    sendsCertificates: input.sendsCertificates ?? true,
    chainDer: input.chainDer ?? [],
    encapsulated: { contentType: OID.tstInfo, content: tstInfo },
  });
}

function buildTstInfo(input: TimestampTokenInput): Uint8Array {
  const { accuracyMillis } = input;
  return derSequence(
    derInteger(1),
    derOid(input.policyOid),
    derSequence(digestAlgorithmDer(input.digestAlgorithm), derOctets(input.digest)),
    derIntegerHex(input.serialHex),
    derGeneralizedTime(input.generatedAt, true),
    accuracyMillis === undefined ? undefined : derAccuracy(accuracyMillis),
    input.isOrdered === true ? derBoolean(true) : undefined,
    input.nonceHex === undefined ? undefined : derIntegerHex(input.nonceHex),
  );
}

/** Milliseconds run from 1 to 999 in the field, so whole seconds go into the other one. */
function derAccuracy(millis: number): Uint8Array {
  const seconds = Math.floor(millis / 1000);
  const rest = millis % 1000;
  return derSequence(
    seconds > 0 ? derInteger(seconds) : undefined,
    rest > 0 ? derElement(0x80, derInteger(rest).subarray(2)) : undefined,
  );
}

/** DER of a TimeStampResp that grants `tokenDer`. */
export function buildTimestampResponse(tokenDer: Uint8Array): Uint8Array {
  return derSequence(derSequence(derInteger(0)), tokenDer);
}

/**
 * DER of a TimeStampResp that refuses.
 * @param failure - A name from `TIMESTAMP_FAILURES`; one that is not there is left out.
 */
export function buildTimestampRefusal(
  status: Exclude<TimestampStatus, 'granted' | 'granted-with-mods'>,
  failure: string,
  text?: string,
): Uint8Array {
  const bit = Object.entries(TIMESTAMP_FAILURES).find(([, name]) => name === failure)?.[0];
  return derSequence(
    derSequence(
      derInteger(TIMESTAMP_STATUSES.indexOf(status)),
      text === undefined ? undefined : derSequence(derUtf8(text)),
      bit === undefined ? undefined : derNamedBits([Number(bit)]),
    ),
  );
}

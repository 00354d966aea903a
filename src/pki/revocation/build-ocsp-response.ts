/** Builds OCSP responses, for development PKIs and tests. */
import {
  derBitString,
  derContext,
  derContextPrimitive,
  derEnumerated,
  derGeneralizedTime,
  derOctets,
  derOid,
  derSequence,
  OID,
} from '../asn1/index.js';
import { buildExtension, keyIdentifier } from '../x509/build-certificate.js';
import {
  signatureAlgorithmDer,
  type Certificate,
  type SignatureScheme,
  type SignFunction,
} from '../x509/index.js';
import {
  OCSP_RESPONSE_STATUSES,
  type OcspCertificateStatus,
  type OcspResponseStatus,
} from './ocsp.js';
import { revocationReasonCode } from './reasons.js';

export interface OcspAnswer {
  /** CertID as the request had it (`certificateIds[…].der`). */
  readonly certificateIdDer: Uint8Array;
  readonly status: OcspCertificateStatus;
  readonly thisUpdate: Date;
  readonly nextUpdate?: Date;
}

export interface OcspResponseInput {
  /** Whose key signs; named by key digest, and sent along unless `sendsCertificate` is false. */
  readonly responder: Certificate;
  readonly sendsCertificate?: boolean;
  readonly producedAt: Date;
  readonly answers: readonly OcspAnswer[];
  /** The request's nonce. */
  readonly nonce?: Uint8Array | undefined;
  readonly scheme: SignatureScheme;
  readonly sign: SignFunction;
}

/** DER of a successful OCSPResponse. @throws AppError `algorithm-unsupported`, and whatever `sign` throws */
export async function buildOcspResponse(input: OcspResponseInput): Promise<Uint8Array> {
  const tbs = derSequence(
    derContext(2, derOctets(keyIdentifier(input.responder.publicKey.der))),
    derGeneralizedTime(input.producedAt),
    derSequence(...input.answers.map(derAnswer)),
    input.nonce === undefined
      ? undefined
      : derContext(1, derSequence(buildExtension(OID.ocspNonce, derOctets(input.nonce)))),
  );
  const signature = await input.sign(tbs, input.scheme);
  const basic = derSequence(
    tbs,
    signatureAlgorithmDer(input.scheme),
    derBitString(signature),
    input.sendsCertificate === false ? undefined : derContext(0, derSequence(input.responder.der)),
  );
  return derSequence(
    derEnumerated(0),
    derContext(0, derSequence(derOid(OID.ocspBasic), derOctets(basic))),
  );
}

/** DER of an OCSPResponse that says why there is no answer. */
export function buildOcspErrorResponse(
  status: Exclude<OcspResponseStatus, 'successful'>,
): Uint8Array {
  return derSequence(derEnumerated(OCSP_RESPONSE_STATUSES.indexOf(status)));
}

function derAnswer(answer: OcspAnswer): Uint8Array {
  return derSequence(
    answer.certificateIdDer,
    derStatus(answer.status),
    derGeneralizedTime(answer.thisUpdate),
    answer.nextUpdate === undefined
      ? undefined
      : derContext(0, derGeneralizedTime(answer.nextUpdate)),
  );
}

function derStatus(status: OcspCertificateStatus): Uint8Array {
  if (status.kind !== 'revoked') {
    return derContextPrimitive(status.kind === 'good' ? 0 : 2, new Uint8Array(0));
  }
  const at = derGeneralizedTime(status.revokedAt);
  return status.reason === 'unspecified'
    ? derContext(1, at)
    : derContext(1, at, derContext(0, derEnumerated(revocationReasonCode(status.reason))));
}

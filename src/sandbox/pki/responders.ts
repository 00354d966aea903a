/** What the services of the development PKI answer: time-stamps and certificate status, as bytes. */
import { randomBytes } from 'node:crypto';
import { isAppError, toHex, type Clock } from '../../kernel/index.js';
import {
  buildOcspErrorResponse,
  buildOcspResponse,
  buildTimestampRefusal,
  buildTimestampResponse,
  buildTimestampToken,
  DIGEST_LENGTH,
  matchesCertificateId,
  parseOcspRequest,
  parseTimestampRequest,
  type OcspCertificateId,
  type OcspCertificateStatus,
  type TimestampRequest,
} from '../../pki/index.js';
import { pkiDeclaration } from './declaration.js';
import { signerOf } from './holder-keys.js';
import { responderId } from './init-pki.js';
import type { KeyHolder, PkiDirectory, PkiRegister } from './pki-directory.js';

/** TimeStampResp to a TimeStampReq; a request that is not one gets a refusal. @see RFC 3161 2.4 */
export async function answerTimestamp(
  pki: PkiDirectory,
  requestDer: Uint8Array,
  clock: Clock,
): Promise<Uint8Array> {
  let request: TimestampRequest;
  try {
    request = parseTimestampRequest(requestDer);
  } catch (error) {
    if (!isAppError(error)) throw error;
    return buildTimestampRefusal('rejection', 'bad-data-format');
  }
  const { digestAlgorithm, digest } = request.imprint;
  if (digestAlgorithm === undefined || digestAlgorithm === 'sha1' || digestAlgorithm === 'md5') {
    return buildTimestampRefusal('rejection', 'bad-alg');
  }
  if (digest.length !== DIGEST_LENGTH[digestAlgorithm]) {
    return buildTimestampRefusal('rejection', 'bad-data-format');
  }
  const { timestampPolicy, tsa, root } = pkiDeclaration();
  if (request.policyOid !== undefined && request.policyOid !== timestampPolicy) {
    return buildTimestampRefusal('rejection', 'unaccepted-policy');
  }
  if (request.unknownCritical.length > 0) {
    return buildTimestampRefusal('rejection', 'unaccepted-extension');
  }
  const authority = await pki.readHolder(tsa.id);
  const token = await buildTimestampToken({
    digest,
    digestAlgorithm,
    policyOid: timestampPolicy,
    serialHex: `01${toHex(randomBytes(15))}`,
    generatedAt: clock.now(),
    accuracyMillis: 1000,
    nonceHex: request.nonceHex,
    certificateDer: authority.certificate.der,
    sendsCertificates: request.wantsCertificate,
    chainDer: [(await pki.readHolder(root.id)).certificate.der],
    ...signerOf(authority),
  });
  return buildTimestampResponse(token);
}

/** OCSPResponse to an OCSPRequest, signed by the responder of the authority asked about. @see RFC 6960 */
export async function answerOcsp(
  pki: PkiDirectory,
  requestDer: Uint8Array,
  clock: Clock,
): Promise<Uint8Array> {
  let request: ReturnType<typeof parseOcspRequest>;
  try {
    request = parseOcspRequest(requestDer);
  } catch (error) {
    if (!isAppError(error)) throw error;
    return buildOcspErrorResponse('malformed-request');
  }
  const issuer = await findIssuer(pki, request.certificateIds);
  // One response has one signer: certificates of two authorities need two requests.
  if (issuer === undefined) return buildOcspErrorResponse('unauthorized');
  const register = await pki.readRegister();
  const responder = await pki.readHolder(responderId(issuer.id));
  const now = clock.now();
  return buildOcspResponse({
    responder: responder.certificate,
    producedAt: now,
    answers: request.certificateIds.map((id) => ({
      certificateIdDer: id.der,
      status: statusOf(id, issuer, register),
      thisUpdate: now,
      nextUpdate: new Date(now.getTime() + pkiDeclaration().ocspMinutes * 60_000),
    })),
    nonce: request.nonce,
    ...signerOf(responder),
  });
}

async function findIssuer(
  pki: PkiDirectory,
  ids: readonly OcspCertificateId[],
): Promise<KeyHolder | undefined> {
  for (const { id } of pkiDeclaration().issuing) {
    const authority = await pki.readHolder(id);
    const isAll = ids.every((one) =>
      matchesCertificateId(one, one.serialHex, authority.certificate),
    );
    if (ids.length > 0 && isAll) return authority;
  }
  return undefined;
}

function statusOf(
  { serialHex }: OcspCertificateId,
  issuer: KeyHolder,
  register: PkiRegister,
): OcspCertificateStatus {
  const known = register.issued.find(
    (one) => one.serialHex === serialHex && one.issuerId === issuer.id,
  );
  if (known === undefined) return { kind: 'unknown' };
  if (known.revokedAt === undefined) return { kind: 'good' };
  return {
    kind: 'revoked',
    revokedAt: new Date(known.revokedAt),
    reason: known.reason ?? 'unspecified',
  };
}

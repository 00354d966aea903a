/**
 * Decides from CRLs and OCSP responses at hand whether a certificate was revoked. Each piece of
 * evidence is checked for signature, authority, scope and time; one that fails is named with the
 * reason and not used.
 */
import { equalBytes, isAppError, toHex } from '../../kernel/index.js';
import { OID } from '../asn1/index.js';
import { keyIdentifier } from '../x509/build-certificate.js';
import { cachedCertificate, equalNames, type Certificate } from '../x509/index.js';
import type { Crl } from './crl.js';
import { joinPartialCrls, judgeCrl } from './judge-crl.js';
import { matchesCertificateId, type OcspBasicResponse, type OcspResponse } from './ocsp.js';
import type { RevocationReason } from './reasons.js';
import {
  checkTime,
  isTooWeak,
  outcomeOf,
  reject,
  wasIssuedBy,
  type Finding,
  type PartialFinding,
  type Revocation,
  type RevocationEvidence,
  type RevocationInput,
  type RevocationProblem,
} from './revocation-evidence.js';

export interface RejectedEvidence {
  readonly evidence: Crl | OcspResponse;
  readonly problem: RevocationProblem;
}

export type RevocationStatus =
  | {
      readonly kind: 'good';
      readonly evidence: RevocationEvidence;
      readonly rejected: readonly RejectedEvidence[];
    }
  | {
      readonly kind: 'revoked';
      readonly revokedAt: Date;
      readonly reason: RevocationReason;
      readonly invalidityDate: Date | undefined;
      /** Revoked at or before the time asked about; otherwise later, and good then. */
      readonly wasRevokedThen: boolean;
      readonly evidence: RevocationEvidence;
      readonly rejected: readonly RejectedEvidence[];
    }
  | {
      readonly kind: 'unknown';
      /** The most telling of the reasons. */
      readonly problem: RevocationProblem;
      readonly rejected: readonly RejectedEvidence[];
    };

/**
 * The status of `certificate`, which `issuer` issued.
 *
 * Evidence is fresh when thisUpdate ≤ `at` ≤ nextUpdate. Evidence from after `at` (and not after
 * `now`) tells as much about `at`, provided the certificate had not expired by then, since expired
 * ones may be dropped from lists. Any evidence of revocation outweighs evidence of none; among
 * revocations, the earliest counts.
 *
 * @returns never throws on bad evidence
 * @see RFC 5280 6.3, RFC 6960 3.2 and 4.2.2.2
 */
export function evaluateRevocation(
  certificate: Certificate,
  issuer: Certificate,
  input: RevocationInput,
): RevocationStatus {
  const rejected: RejectedEvidence[] = [];
  const good: RevocationEvidence[] = [];
  const partial: PartialFinding[] = [];
  const found: (Revocation & { evidence: RevocationEvidence })[] = [];
  const judge = (evidence: Crl | OcspResponse, run: () => Finding): void => {
    const finding = guarded(run);
    if (finding.kind === 'rejected') rejected.push({ evidence, problem: finding.problem });
    else if (finding.kind === 'partial') partial.push(finding);
    else if (finding.kind === 'good') good.push(finding.evidence);
    else found.push(finding);
  };
  for (const ocsp of input.ocsps) judge(ocsp, () => judgeOcsp(ocsp, certificate, issuer, input));
  for (const crl of input.crls) judge(crl, () => judgeCrl(crl, certificate, issuer, input));

  const joined = joinPartialCrls(partial);
  if (joined.kind === 'good') good.push(joined.evidence);
  for (const { evidence } of joined.kind === 'good' ? [] : partial) {
    rejected.push({ evidence: evidence.crl, problem: 'partial-reasons' });
  }
  const revoked = found.filter((each) => !isLifted(each, good, input.at));
  const [earliest] = revoked.sort((a, b) => a.revokedAt.getTime() - b.revokedAt.getTime());
  if (earliest !== undefined) {
    const { revokedAt, reason, invalidityDate, evidence } = earliest;
    const wasRevokedThen = revokedAt <= input.at;
    return {
      kind: 'revoked',
      revokedAt,
      reason,
      invalidityDate,
      wasRevokedThen,
      evidence,
      rejected,
    };
  }
  const [latest] = good.sort((a, b) => thisUpdateOf(b) - thisUpdateOf(a));
  if (latest !== undefined) return { kind: 'good', evidence: latest, rejected };
  return { kind: 'unknown', problem: mostTelling(rejected), rejected };
}

/** A hold of which later evidence, not after the time in question, knows nothing any more. */
function isLifted(
  { reason, evidence }: Revocation & { readonly evidence: RevocationEvidence },
  good: readonly RevocationEvidence[],
  at: Date,
): boolean {
  return (
    reason === 'certificateHold' &&
    good.some((other) => {
      const from = thisUpdateOf(other);
      return from > thisUpdateOf(evidence) && from <= at.getTime();
    })
  );
}

function guarded(run: () => Finding): Finding {
  try {
    return run();
  } catch (error) {
    if (isAppError(error)) return reject('malformed');
    throw error;
  }
}

function thisUpdateOf(evidence: RevocationEvidence): number {
  return (evidence.kind === 'crl' ? evidence.crl : evidence.response).thisUpdate.getTime();
}

/** Evidence about the certificate says more than evidence about others. */
function mostTelling(rejected: readonly RejectedEvidence[]): RevocationProblem {
  const about = rejected.find(({ problem }) => problem !== 'other-certificate');
  return about?.problem ?? 'no-evidence';
}

function judgeOcsp(
  ocsp: OcspResponse,
  certificate: Certificate,
  issuer: Certificate,
  input: RevocationInput,
): Finding {
  const { basic } = ocsp;
  if (basic === undefined) return reject('not-successful');
  const matching = basic.responses.filter(({ certificateId }) =>
    matchesCertificateId(certificateId, certificate.serialHex, issuer),
  );
  const [response] = matching.sort((a, b) => b.thisUpdate.getTime() - a.thisUpdate.getTime());
  if (response === undefined) return reject('other-certificate');
  if (basic.unknownCritical.length > 0 || response.unknownCritical.length > 0) {
    return reject('unknown-critical-extension');
  }
  const signer = findOcspSigner(basic, issuer, input);
  if (!('certificate' in signer)) return reject(signer.problem);
  const evidence: RevocationEvidence = {
    kind: 'ocsp',
    ocsp,
    response,
    signer: signer.certificate,
    signerNeedsCheck: signer.needsCheck,
  };
  const { status } = response;
  const isRevocation = status.kind === 'revoked';
  const timeProblem = checkTime(response, certificate, input, isRevocation, response.archiveCutoff);
  if (timeProblem !== undefined) return reject(timeProblem);
  if (status.kind === 'revoked') return { ...status, invalidityDate: undefined, evidence };
  if (isTooWeak(basic.signatureAlgorithm, response.thisUpdate)) return reject('algorithm-weak');
  return status.kind === 'good' ? { kind: 'good', evidence } : reject('status-unknown');
}

type OcspSigner =
  | { readonly certificate: Certificate; readonly needsCheck: boolean }
  | { readonly problem: RevocationProblem };

/**
 * The issuer itself, or a certificate the issuer issued for the purpose.
 * @see RFC 6960 4.2.2.2
 */
function findOcspSigner(
  basic: OcspBasicResponse,
  issuer: Certificate,
  input: RevocationInput,
): OcspSigner {
  const enclosed = basic.certificatesDer.flatMap((der) => {
    try {
      return [cachedCertificate(der)];
    } catch {
      return [];
    }
  });
  const candidates = [issuer, ...enclosed, ...(input.signers ?? [])].filter((candidate) =>
    isNamedResponder(basic, candidate),
  );
  let problem: RevocationProblem = 'signer-not-authorised';
  for (const candidate of candidates) {
    const outcome = outcomeOf(candidate, basic.signatureAlgorithm, basic.tbsDer, basic.signature);
    if (outcome === 'valid') {
      if (equalBytes(candidate.publicKey.der, issuer.publicKey.der)) {
        return { certificate: candidate, needsCheck: false };
      }
      if (isDelegatedResponder(candidate, issuer, basic.producedAt)) {
        return { certificate: candidate, needsCheck: !candidate.extensions.hasOcspNoCheck };
      }
    } else {
      problem = outcome === 'invalid' ? 'signature-invalid' : 'algorithm-unsupported';
    }
  }
  return { problem };
}

function isNamedResponder(basic: OcspBasicResponse, candidate: Certificate): boolean {
  const { responderId } = basic;
  return responderId.kind === 'name'
    ? equalNames(responderId.name, candidate.subject)
    : responderId.keyDigestHex === toHex(keyIdentifier(candidate.publicKey.der));
}

function isDelegatedResponder(candidate: Certificate, issuer: Certificate, at: Date): boolean {
  const { extendedKeyUsage, keyUsage, unknownCritical } = candidate.extensions;
  return (
    extendedKeyUsage?.includes(OID.ocspSigning) === true &&
    (keyUsage === undefined ||
      keyUsage.has('digitalSignature') ||
      keyUsage.has('nonRepudiation')) &&
    unknownCritical.length === 0 &&
    at >= candidate.notBefore &&
    at <= candidate.notAfter &&
    wasIssuedBy(candidate, issuer)
  );
}

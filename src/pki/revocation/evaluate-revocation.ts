/**
 * Decides from CRLs and OCSP responses at hand whether a certificate was revoked. Each piece of
 * evidence is checked for signature, authority, scope and time; one that fails is named with the
 * reason and not used.
 */
import { equalBytes, isAppError, toHex } from '../../kernel/index.js';
import { OID } from '../asn1/index.js';
import { keyIdentifier } from '../x509/build-certificate.js';
import {
  cachedCertificate,
  checkSignature,
  equalNames,
  signatureMethod,
  type AlgorithmIdentifier,
  type Certificate,
  type GeneralName,
} from '../x509/index.js';
import type { Crl, CrlEntry } from './crl.js';
import {
  matchesCertificateId,
  type OcspBasicResponse,
  type OcspResponse,
  type OcspSingleResponse,
} from './ocsp.js';
import type { RevocationReason } from './reasons.js';

/** Why a piece of evidence does not count, or why nothing is known. */
export type RevocationProblem =
  | 'no-evidence'
  | 'other-certificate'
  | 'not-successful'
  | 'signature-invalid'
  | 'algorithm-unsupported'
  | 'signer-not-authorised'
  | 'not-yet-issued'
  | 'stale'
  | 'issued-after-expiry'
  | 'out-of-scope'
  | 'partial-reasons'
  | 'unknown-critical-extension'
  | 'status-unknown'
  | 'malformed';

export type RevocationEvidence =
  | { readonly kind: 'crl'; readonly crl: Crl; readonly signer: Certificate }
  | {
      readonly kind: 'ocsp';
      readonly ocsp: OcspResponse;
      readonly response: OcspSingleResponse;
      readonly signer: Certificate;
      /** The signer is not the issuer and not marked no-check: its own status has to be asked for. */
      readonly signerNeedsCheck: boolean;
    };

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

export interface RevocationInput {
  readonly crls: readonly Crl[];
  readonly ocsps: readonly OcspResponse[];
  /** The time the status is asked about. */
  readonly at: Date;
  /** The verifier's own time: evidence from after it does not count. `at` unless given. */
  readonly now?: Date;
  /** How long after `nextUpdate` evidence still counts, and how far clocks may differ; 0 unless given. */
  readonly graceMs?: number;
  /** Age from which evidence without `nextUpdate` is stale; one day unless given. */
  readonly maxAgeMs?: number;
  /** Certificates that may have signed the evidence, beside the issuer and those in OCSP responses. */
  readonly signers?: readonly Certificate[];
}

const ONE_DAY_MS = 86_400_000;

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
  const revoked: (Revocation & { evidence: RevocationEvidence })[] = [];
  const judge = (evidence: Crl | OcspResponse, run: () => Finding): void => {
    const finding = guarded(run);
    if (finding.kind === 'rejected') rejected.push({ evidence, problem: finding.problem });
    else if (finding.kind === 'good') good.push(finding.evidence);
    else revoked.push(finding);
  };
  for (const ocsp of input.ocsps) judge(ocsp, () => judgeOcsp(ocsp, certificate, issuer, input));
  for (const crl of input.crls) judge(crl, () => judgeCrl(crl, certificate, issuer, input));

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

interface Revocation {
  readonly kind: 'revoked';
  readonly revokedAt: Date;
  readonly reason: RevocationReason;
  readonly invalidityDate: Date | undefined;
}

type Finding =
  | { readonly kind: 'good'; readonly evidence: RevocationEvidence }
  | (Revocation & { readonly evidence: RevocationEvidence })
  | { readonly kind: 'rejected'; readonly problem: RevocationProblem };

function reject(problem: RevocationProblem): Finding {
  return { kind: 'rejected', problem };
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
    isIssuedBy(candidate, issuer)
  );
}

function isIssuedBy(candidate: Certificate, issuer: Certificate): boolean {
  return (
    equalNames(candidate.issuer, issuer.subject) &&
    outcomeOf(issuer, candidate.signatureAlgorithm, candidate.tbsDer, candidate.signature) ===
      'valid'
  );
}

function outcomeOf(
  signer: Certificate,
  algorithm: AlgorithmIdentifier,
  message: Uint8Array,
  signature: Uint8Array,
): Outcome {
  return checkSignature(signer.publicKey, signatureMethod(algorithm), message, signature);
}

function judgeCrl(
  crl: Crl,
  certificate: Certificate,
  issuer: Certificate,
  input: RevocationInput,
): Finding {
  const points = certificate.extensions.crlDistributionPoints;
  const namedIssuers = points.flatMap(({ crlIssuer }) => crlIssuer);
  const isDirect = equalNames(crl.issuer, certificate.issuer);
  const isIndirect = crl.issuingDistributionPoint?.isIndirect === true;
  if (!isDirect && !(isIndirect && hasDirectoryName(namedIssuers, crl))) {
    return reject('other-certificate');
  }
  if (crl.unknownCritical.length > 0) return reject('unknown-critical-extension');
  const signer = findCrlSigner(crl, issuer, input);
  if (!('certificate' in signer)) return reject(signer.problem);
  const scope = crlScope(crl, certificate);
  if (scope === 'outside') return reject('out-of-scope');

  const evidence: RevocationEvidence = { kind: 'crl', crl, signer: signer.certificate };
  const entry = crl.find(certificate.serialHex, isIndirect ? certificate.issuer : crl.issuer);
  const isRevocation = entry !== undefined && entry.reason !== 'removeFromCRL';
  const timeProblem = checkTime(
    crl,
    certificate,
    input,
    isRevocation,
    crl.expiredCertificatesSince,
  );
  if (timeProblem !== undefined) return reject(timeProblem);
  if (entry !== undefined && isRevocation) return { ...revocationOf(entry), evidence };
  // A delta or a list of some reasons cannot say that there is no revocation.
  if (scope === 'partial') return reject('partial-reasons');
  return { kind: 'good', evidence };
}

/** An entry with a critical extension we do not know still revokes (RFC 5280 5.3). */
function revocationOf(entry: CrlEntry): Revocation {
  const { revokedAt, reason, invalidityDate } = entry;
  return { kind: 'revoked', revokedAt, reason, invalidityDate };
}

function hasDirectoryName(names: readonly GeneralName[], crl: Crl): boolean {
  return names.some((name) => name.kind === 'directory' && equalNames(name.name, crl.issuer));
}

/**
 * The issuer, or a certificate of the CRL issuer's name that the same authority issued: its
 * re-keyed self, or the signer of its indirect CRLs.
 */
function findCrlSigner(
  crl: Crl,
  issuer: Certificate,
  input: RevocationInput,
): { readonly certificate: Certificate } | { readonly problem: RevocationProblem } {
  if (!crl.hasConsistentAlgorithm) return { problem: 'signature-invalid' };
  let problem: RevocationProblem = 'signer-not-authorised';
  for (const candidate of [issuer, ...(input.signers ?? [])]) {
    if (!equalNames(candidate.subject, crl.issuer)) continue;
    const outcome = crlOutcome(candidate, crl);
    if (outcome !== 'valid') {
      problem = outcome === 'invalid' ? 'signature-invalid' : 'algorithm-unsupported';
      continue;
    }
    const { keyUsage } = candidate.extensions;
    const maySign = keyUsage === undefined || keyUsage.has('cRLSign');
    if (maySign && (candidate === issuer || isIssuedBy(candidate, issuer))) {
      return { certificate: candidate };
    }
    problem = 'signer-not-authorised';
  }
  return { problem };
}

type Outcome = ReturnType<typeof checkSignature>;

/** By signer, then by list: one list is asked about every certificate of its authority. */
const knownOutcomes = new WeakMap<Certificate, WeakMap<Crl, Outcome>>();

/** Whether the key of `signer` signed `crl`, remembered: neither object ever changes. */
function crlOutcome(signer: Certificate, crl: Crl): Outcome {
  const ofSigner = knownOutcomes.get(signer) ?? new WeakMap<Crl, Outcome>();
  knownOutcomes.set(signer, ofSigner);
  const known = ofSigner.get(crl);
  if (known !== undefined) return known;
  const outcome = outcomeOf(signer, crl.signatureAlgorithm, crl.tbsDer, crl.signature);
  ofSigner.set(crl, outcome);
  return outcome;
}

/** @see RFC 5280 6.3.3 (b) to (e) */
function crlScope(crl: Crl, certificate: Certificate): 'whole' | 'partial' | 'outside' {
  const point = crl.issuingDistributionPoint;
  if (point !== undefined) {
    const isCa = certificate.extensions.basicConstraints?.isCa === true;
    if (point.onlyAttributeCertificates) return 'outside';
    if ((point.onlyUserCertificates && isCa) || (point.onlyCaCertificates && !isCa)) {
      return 'outside';
    }
    if (point.names !== undefined && !sharesName(point.names, certificate)) return 'outside';
    if (point.onlySomeReasons) return 'partial';
  }
  return crl.baseNumberHex === undefined ? 'whole' : 'partial';
}

function sharesName(names: readonly GeneralName[], certificate: Certificate): boolean {
  const own = certificate.extensions.crlDistributionPoints.flatMap(({ fullName, crlIssuer }) =>
    fullName.length > 0 ? fullName : crlIssuer,
  );
  return names.some((name) => own.some((other) => equalGeneralNames(name, other)));
}

function equalGeneralNames(a: GeneralName, b: GeneralName): boolean {
  if (a.kind === 'directory') return b.kind === 'directory' && equalNames(a.name, b.name);
  return 'value' in a && 'value' in b && a.kind === b.kind && a.value === b.value;
}

interface UpdateTimes {
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | undefined;
}

/** A revocation once published stays true, so evidence of one does not go stale. */
function checkTime(
  { thisUpdate, nextUpdate }: UpdateTimes,
  certificate: Certificate,
  input: RevocationInput,
  isRevocation: boolean,
  keepsExpiredSince: Date | undefined,
): RevocationProblem | undefined {
  const graceMs = input.graceMs ?? 0;
  const at = input.at.getTime();
  const now = Math.max(at, (input.now ?? input.at).getTime());
  const from = thisUpdate.getTime();
  if (from > now + graceMs) return 'not-yet-issued';
  if (isRevocation) return undefined;
  if (from > at) {
    const keepsExpired =
      keepsExpiredSince !== undefined && keepsExpiredSince <= certificate.notAfter;
    return thisUpdate <= certificate.notAfter || keepsExpired ? undefined : 'issued-after-expiry';
  }
  const until = nextUpdate?.getTime() ?? from + (input.maxAgeMs ?? ONE_DAY_MS);
  return at <= until + graceMs ? undefined : 'stale';
}

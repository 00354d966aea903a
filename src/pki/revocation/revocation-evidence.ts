/** What revocation evidence is, what is asked of it, and the checks that CRLs and OCSP responses share. */
import {
  equalNames,
  checkSignature,
  signatureMethod,
  type AlgorithmIdentifier,
  type Certificate,
  type SignatureOutcome,
} from '../x509/index.js';
import { isIssuedBy } from '../path/issuance.js';
import type { Crl } from './crl.js';
import type { OcspResponse, OcspSingleResponse } from './ocsp.js';
import type { RevocationReason } from './reasons.js';

/** Why a piece of evidence does not count, or why nothing is known. */
export type RevocationProblem =
  | 'no-evidence'
  | 'other-certificate'
  | 'not-successful'
  | 'signature-invalid'
  | 'algorithm-unsupported'
  | 'algorithm-weak'
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
  /**
   * Whether a certificate that the issuer did not issue may sign CRLs: it leads to the anchor of the
   * path in question and is not revoked (RFC 5280 6.3.3 (f)). None may unless given.
   */
  readonly isTrustedSigner?: (candidate: Certificate) => boolean;
  /** Certificates that may have signed the evidence, beside the issuer and those in OCSP responses. */
  readonly signers?: readonly Certificate[];
}

export interface Revocation {
  readonly kind: 'revoked';
  readonly revokedAt: Date;
  readonly reason: RevocationReason;
  readonly invalidityDate: Date | undefined;
}

export type Finding =
  | { readonly kind: 'good'; readonly evidence: RevocationEvidence }
  | (Revocation & { readonly evidence: RevocationEvidence })
  | { readonly kind: 'rejected'; readonly problem: RevocationProblem }
  | PartialFinding;

/** A CRL that names no revocation but speaks of some reasons only; together, several may speak of all. */
export interface PartialFinding {
  readonly kind: 'partial';
  readonly evidence: Extract<RevocationEvidence, { readonly kind: 'crl' }>;
  /** Bits of ReasonFlags. */
  readonly reasons: ReadonlySet<number>;
}

export function reject(problem: RevocationProblem): Finding {
  return { kind: 'rejected', problem };
}

export function wasIssuedBy(candidate: Certificate, issuer: Certificate): boolean {
  return equalNames(candidate.issuer, issuer.subject) && isIssuedBy(candidate, issuer);
}

export function outcomeOf(
  signer: Certificate,
  algorithm: AlgorithmIdentifier,
  message: Uint8Array,
  signature: Uint8Array,
): SignatureOutcome {
  const method = signatureMethod(algorithm);
  // Its collisions are made in seconds, and nothing says when this was signed.
  if (method?.digest === 'md5') return 'unsupported';
  return checkSignature(signer.publicKey, method, message, signature);
}

/** From then on, what is signed with SHA-1 proves nothing. @see NIST SP 800-131A; EN 319 102-1, 5.2.8 */
const SHA1_END = new Date('2014-01-01T00:00:00Z');

/** Whether evidence of no revocation rests on SHA-1, and was issued when that was good enough no more. */
export function isTooWeak(algorithm: AlgorithmIdentifier, thisUpdate: Date): boolean {
  return signatureMethod(algorithm)?.digest === 'sha1' && thisUpdate >= SHA1_END;
}

const ONE_DAY_MS = 86_400_000;

interface UpdateTimes {
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | undefined;
}

/** A revocation once published stays true, so evidence of one does not go stale. */
export function checkTime(
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

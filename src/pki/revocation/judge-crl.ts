/**
 * What one CRL says of a certificate: does it speak of it at all, for which reasons, who signed it,
 * what does it say, and do its delta CRLs change that.
 *
 * @see RFC 5280 6.3.3
 */
import { derSequence, readElement, retag, TAG } from '../asn1/index.js';
import {
  equalNames,
  parseName,
  type Certificate,
  type DistinguishedName,
  type DistributionPoint,
  type GeneralName,
  type SignatureOutcome,
} from '../x509/index.js';
import type { Crl, CrlEntry } from './crl.js';
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

/** ReasonFlags 1 to 8; bit 0 is not used. */
const ALL_REASONS: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 8]);

/** @throws AppError `revocation-malformed` */
export function judgeCrl(
  crl: Crl,
  certificate: Certificate,
  issuer: Certificate,
  input: RevocationInput,
): Finding {
  const points = pointsServedBy(crl, certificate);
  if (points.length === 0) return reject('other-certificate');
  if (crl.unknownCritical.length > 0) return reject('unknown-critical-extension');
  const signer = findCrlSigner(crl, issuer, input);
  if (!('certificate' in signer)) return reject(signer.problem);
  const reasons = reasonsInScope(crl, certificate, points);
  if (reasons === undefined) return reject('out-of-scope');

  const evidence = { kind: 'crl', crl, signer: signer.certificate } as const;
  const entry = entryOf(crl, certificate);
  const isRevocation =
    entry !== undefined &&
    entry.reason !== 'removeFromCRL' &&
    !(entry.reason === 'certificateHold' && isRemovedByDelta(crl, certificate, issuer, input));
  const timeProblem = checkTime(
    crl,
    certificate,
    input,
    isRevocation,
    crl.expiredCertificatesSince,
  );
  if (timeProblem !== undefined) return reject(timeProblem);
  if (isRevocation) return { ...revocationOf(entry), evidence };
  if (isTooWeak(crl.signatureAlgorithm, crl.thisUpdate)) return reject('algorithm-weak');
  // A delta cannot say that there is no revocation.
  if (crl.baseNumberHex !== undefined) return reject('partial-reasons');
  return coversAll(reasons) ? { kind: 'good', evidence } : { kind: 'partial', evidence, reasons };
}

/** Whether CRLs for some reasons each are together a CRL for all. */
export function joinPartialCrls(
  partial: readonly PartialFinding[],
): { readonly kind: 'good'; readonly evidence: RevocationEvidence } | { readonly kind: 'partial' } {
  const reasons = new Set(partial.flatMap((each) => [...each.reasons]));
  const [first] = partial;
  return first !== undefined && coversAll(reasons)
    ? { kind: 'good', evidence: first.evidence }
    : { kind: 'partial' };
}

function coversAll(reasons: ReadonlySet<number>): boolean {
  return [...ALL_REASONS].every((reason) => reasons.has(reason));
}

function entryOf(crl: Crl, certificate: Certificate): CrlEntry | undefined {
  const isIndirect = crl.issuingDistributionPoint?.isIndirect === true;
  return crl.find(certificate.serialHex, isIndirect ? certificate.issuer : crl.issuer);
}

/** An entry with a critical extension we do not know still revokes (RFC 5280 5.3). */
function revocationOf(entry: CrlEntry): Revocation {
  const { revokedAt, reason, invalidityDate } = entry;
  return { kind: 'revoked', revokedAt, reason, invalidityDate };
}

/** A delta that adds to this very list and takes the certificate off it. @see RFC 5280 5.2.4 */
function isRemovedByDelta(
  base: Crl,
  certificate: Certificate,
  issuer: Certificate,
  input: RevocationInput,
): boolean {
  return input.crls.some((delta) => {
    const { baseNumberHex, numberHex } = delta;
    if (baseNumberHex === undefined || numberHex === undefined || base.numberHex === undefined) {
      return false;
    }
    const fits =
      equalNames(delta.issuer, base.issuer) &&
      BigInt(`0x${baseNumberHex}`) <= BigInt(`0x${base.numberHex}`) &&
      BigInt(`0x${numberHex}`) >= BigInt(`0x${base.numberHex}`);
    return (
      fits &&
      delta.unknownCritical.length === 0 &&
      'certificate' in findCrlSigner(delta, issuer, input) &&
      checkTime(delta, certificate, input, false, undefined) === undefined &&
      entryOf(delta, certificate)?.reason === 'removeFromCRL'
    );
  });
}

/** A distribution point that a CRL may be of; one without names and reasons stands for the issuer itself. */
type ServedPoint = Pick<DistributionPoint, 'reasons'> & { readonly names: readonly GeneralName[] };

/** The certificate's points whose CRL issuer this is, and the one every issuer has by itself. */
function pointsServedBy(crl: Crl, certificate: Certificate): readonly ServedPoint[] {
  const isDirect = equalNames(crl.issuer, certificate.issuer);
  const isIndirect = crl.issuingDistributionPoint?.isIndirect === true;
  const served: ServedPoint[] = [];
  for (const point of certificate.extensions.crlDistributionPoints) {
    const named = point.crlIssuer.flatMap((name) => (name.kind === 'directory' ? [name.name] : []));
    const isServed =
      point.crlIssuer.length === 0
        ? isDirect
        : isIndirect && named.some((name) => equalNames(name, crl.issuer));
    if (!isServed) continue;
    const full = point.fullName.length > 0 ? point.fullName : point.crlIssuer;
    const relative = relativeName(point.relativeName, named[0] ?? certificate.issuer);
    served.push({ names: relative === undefined ? full : [relative], reasons: point.reasons });
  }
  if (isDirect) {
    served.push({ names: [{ kind: 'directory', name: certificate.issuer }], reasons: undefined });
  }
  return served;
}

/** @see RFC 5280 4.2.1.13 (nameRelativeToCRLIssuer) */
function relativeName(
  rdnDer: Uint8Array | undefined,
  base: DistinguishedName,
): GeneralName | undefined {
  if (rdnDer === undefined) return undefined;
  const { content } = readElement(base.der, TAG.sequence, 'ber');
  const der = derSequence(content, retag(rdnDer, TAG.set));
  return { kind: 'directory', name: parseName(der) };
}

/** Bits of the reasons for which the CRL speaks of the certificate; `undefined`: it does not. */
function reasonsInScope(
  crl: Crl,
  certificate: Certificate,
  points: readonly ServedPoint[],
): ReadonlySet<number> | undefined {
  const own = crl.issuingDistributionPoint;
  let matching = points;
  if (own !== undefined) {
    const isCa = certificate.extensions.basicConstraints?.isCa === true;
    if (own.onlyAttributeCertificates) return undefined;
    if ((own.onlyUserCertificates && isCa) || (own.onlyCaCertificates && !isCa)) return undefined;
    const relative = relativeName(own.relativeName, crl.issuer);
    const names = relative === undefined ? own.names : [relative];
    if (names !== undefined) {
      matching = points.filter((point) => sharesName(names, point.names));
      if (matching.length === 0) return undefined;
    }
  }
  const reasons = new Set<number>();
  for (const point of matching) {
    for (const reason of point.reasons ?? ALL_REASONS) {
      if (own?.reasons?.includes(reason) !== false) reasons.add(reason);
    }
  }
  return reasons;
}

function sharesName(names: readonly GeneralName[], others: readonly GeneralName[]): boolean {
  return names.some((name) => others.some((other) => equalGeneralNames(name, other)));
}

function equalGeneralNames(a: GeneralName, b: GeneralName): boolean {
  if (a.kind === 'directory') return b.kind === 'directory' && equalNames(a.name, b.name);
  return 'value' in a && 'value' in b && a.kind === b.kind && a.value === b.value;
}

/**
 * The issuer; a certificate of the CRL issuer's name that the same authority issued (its re-keyed
 * self, or the signer of its indirect CRLs); or one that leads to the same anchor.
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
    const isTrusted = (): boolean =>
      candidate === issuer ||
      wasIssuedBy(candidate, issuer) ||
      input.isTrustedSigner?.(candidate) === true;
    if (maySign && isTrusted()) return { certificate: candidate };
    problem = 'signer-not-authorised';
  }
  return { problem };
}

/** By signer, then by list: one list is asked about every certificate of its authority. */
const knownOutcomes = new WeakMap<Certificate, WeakMap<Crl, SignatureOutcome>>();

/** Whether the key of `signer` signed `crl`, remembered: neither object ever changes. */
function crlOutcome(signer: Certificate, crl: Crl): SignatureOutcome {
  const ofSigner = knownOutcomes.get(signer) ?? new WeakMap<Crl, SignatureOutcome>();
  knownOutcomes.set(signer, ofSigner);
  const known = ofSigner.get(crl);
  if (known !== undefined) return known;
  const outcome = outcomeOf(signer, crl.signatureAlgorithm, crl.tbsDer, crl.signature);
  ofSigner.set(crl, outcome);
  return outcome;
}

/**
 * Is a certificate to be believed for what it did: does a chain lead to an anchor that is trusted for
 * it, was it valid, was it revoked — at the time at which the signature is proved to have existed,
 * else now.
 *
 * @see ETSI EN 319 102-1, 5.2.6 (X.509 certificate validation), 5.6.2.1 (past certificate validation)
 */
import { buildPaths, validatePath, type Certificate, type CertificatePath } from '../pki/index.js';
import type { RevocationSource, TrustStore, TrustUsage } from '../trust/index.js';
import { message } from './messages.js';
import { PathJudge, type PathCandidate, type PathJudgement } from './path-judge.js';
import type { CertificateVerdict, ReportMessage } from './report.js';
import type { EmbeddedEvidence } from './revocation-check.js';
import { parseProfile, type ParsedProfile } from './trust-material.js';

export interface CertificateCheckInput {
  readonly certificate: Certificate;
  /** What it was used for; the trust profile has to allow it. */
  readonly usage?: TrustUsage;
  /** Certificates that came with the signature. */
  readonly embedded: readonly Certificate[];
  /** What else the file holds. */
  readonly evidence?: EmbeddedEvidence;
  /** When the signature says it was made. */
  readonly claimedAt?: Date | undefined;
  /** When the signature is proved to have existed. */
  readonly provedAt?: Date | undefined;
  /** The time of validation. */
  readonly at: Date;
  /** The verifier's own time where it is later: evidence issued until then counts. `at` unless given. */
  readonly now?: Date | undefined;
  readonly trust: TrustStore;
  readonly revocation: RevocationSource | undefined;
  /**
   * The revocation status at the claimed time has to do where that of now is not to be had: of the
   * newest time-stamp, since nothing after it could record its authority's status.
   */
  readonly mayFallBack?: boolean;
}

export interface CertificateCheck {
  readonly verdict: CertificateVerdict;
  readonly messages: readonly ReportMessage[];
  /** The path in use, target first, anchor last; undefined where none was found. */
  readonly path: CertificatePath | undefined;
  /** What the file itself holds for the path; `undefined` where it holds not all that is needed. */
  readonly evidence: PathJudgement['evidence'];
}

/** Faultless paths whose revocation is looked at: others stand in for one whose authority was revoked. */
const MOST_JUDGED = 8;

const NOTHING: EmbeddedEvidence = {
  certificates: [],
  crls: [],
  ocsps: [],
  provedAt: () => undefined,
  isStored: () => false,
};

export async function checkCertificate(input: CertificateCheckInput): Promise<CertificateCheck> {
  const usage = input.usage ?? 'contract-signing';
  const evidence = input.evidence ?? NOTHING;
  const profiles = (await input.trust.profiles()).map(parseProfile);
  const allowed = profiles.filter((profile) => profile.allows(usage));
  const candidates = findCandidates(input, evidence, allowed);
  const sound = candidates.filter(({ faults }) => faults.length === 0).slice(0, MOST_JUDGED);
  const [least] = candidates.toSorted((a, b) => a.faults.length - b.faults.length);
  if (least === undefined) {
    const others = profiles.filter((profile) => !profile.allows(usage));
    return withoutPath(input, findCandidates(input, evidence, others)[0]);
  }
  const judge = new PathJudge(input, evidence);
  let best: PathJudgement | undefined;
  for (const candidate of sound.length === 0 ? [least] : sound) {
    const judgement = await judge.judge(candidate);
    best ??= judgement;
    if (judgement.verdict.indication === 'TOTAL-PASSED') {
      best = judgement;
      break;
    }
  }
  return best ?? withoutPath(input, undefined);
}

function findCandidates(
  input: CertificateCheckInput,
  evidence: EmbeddedEvidence,
  profiles: readonly ParsedProfile[],
): readonly PathCandidate[] {
  // A proved time is the time that counts; a mere claim does not move validation into the past.
  const at = input.provedAt ?? input.at;
  return profiles.flatMap((profile) =>
    buildPaths({
      target: input.certificate,
      intermediates: distinct([
        ...input.embedded,
        ...profile.intermediates,
        ...evidence.certificates,
      ]),
      anchors: profile.anchors,
    }).map((path) => {
      const { faults, weaknesses } = validatePath(path, { at, allowsWeakAlgorithms: true });
      return { path, faults, weaknesses, profile };
    }),
  );
}

function distinct(certificates: readonly Certificate[]): readonly Certificate[] {
  return [...new Set(certificates)];
}

/** @param unsuitable - A path by a profile that is trusted for other usages. */
function withoutPath(
  input: CertificateCheckInput,
  unsuitable: PathCandidate | undefined,
): CertificateCheck {
  return {
    verdict: {
      indication: 'INDETERMINATE',
      subIndication:
        unsuitable === undefined ? 'NO_CERTIFICATE_CHAIN_FOUND' : 'CHAIN_CONSTRAINTS_FAILURE',
      chain: unsuitable?.path.map(({ subject }) => subject.text) ?? [],
      revocation: 'unknown',
      source: null,
      profile: unsuitable?.profile.name ?? null,
    },
    messages: [
      unsuitable === undefined
        ? message('chain-not-found', input.certificate.issuer.text)
        : message('usage-not-trusted', unsuitable.profile.name),
    ],
    path: undefined,
    evidence: undefined,
  };
}

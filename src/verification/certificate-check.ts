/**
 * Is the signer's certificate to be believed: does a chain lead to an anchor, was it valid, was it
 * revoked — at the time of signing where that is proved, else now.
 *
 * @see ETSI EN 319 102-1, 5.2.6 (X.509 certificate validation), 5.6.2.4 (past certificate validation)
 */
import { toRfc3339 } from '../kernel/index.js';
import {
  buildPaths,
  isSigningCertificate,
  validatePath,
  type Certificate,
  type CertificatePath,
  type PathFault,
  type PathProblem,
} from '../pki/index.js';
import type { RevocationSource, TrustStore } from '../trust/index.js';
import { alteredCertificates } from './embedded-certificates.js';
import { message, type MessageCode } from './messages.js';
import {
  worseIndication,
  type CertificateVerdict,
  type Indication,
  type ReportMessage,
  type SubIndication,
} from './report.js';
import { RevocationCheck, type RevocationAnswer } from './revocation-check.js';
import { parseProfile, type ParsedProfile } from './trust-material.js';

export interface CertificateCheckInput {
  readonly certificate: Certificate;
  /** Certificates that came with the signature. */
  readonly embedded: readonly Certificate[];
  readonly embeddedCrlsDer: readonly Uint8Array[];
  readonly embeddedOcspDer: readonly Uint8Array[];
  /** When the signature was made, as proved or as claimed. */
  readonly signedAt: Date | undefined;
  readonly isTimeProved: boolean;
  /** The time of validation. */
  readonly at: Date;
  readonly trust: TrustStore;
  readonly revocation: RevocationSource | undefined;
}

export interface CertificateCheck {
  readonly verdict: CertificateVerdict;
  readonly messages: readonly ReportMessage[];
  /** The path in use, target first, anchor last; undefined where none was found. */
  readonly path: CertificatePath | undefined;
}

interface Finding {
  readonly indication: Indication;
  readonly subIndication: SubIndication | null;
  readonly message?: ReportMessage;
}

const finding = (
  indication: Indication,
  subIndication: SubIndication | null,
  code: MessageCode,
  detail?: string,
): Finding => ({ indication, subIndication, message: message(code, detail) });

export async function checkCertificate(input: CertificateCheckInput): Promise<CertificateCheck> {
  const profiles = (await input.trust.profiles()).map(parseProfile);
  const candidate = bestPath(input, profiles);
  if (candidate === undefined) {
    return conclude(undefined, undefined, [
      finding(
        'INDETERMINATE',
        'NO_CERTIFICATE_CHAIN_FOUND',
        'chain-not-found',
        input.certificate.issuer.text,
      ),
    ]);
  }
  const findings: Finding[] = candidate.faults.map((fault) =>
    judgeFault(input, candidate.path, fault),
  );
  findings.push(...judgeClaim(input));
  findings.push(...judgeEmbedded(input, candidate));
  if (!isSigningCertificate(input.certificate)) {
    findings.push(finding('INDETERMINATE', 'CHAIN_CONSTRAINTS_FAILURE', 'key-usage-unsuitable'));
  }
  const check = new RevocationCheck(input, candidate.profile);
  let answer: RevocationAnswer | undefined;
  for (let index = 0; index < candidate.path.length - 1; index++) {
    const [subject, issuer] = [candidate.path[index], candidate.path[index + 1]];
    if (subject === undefined || issuer === undefined) continue;
    const each = await check.status(subject, issuer);
    answer ??= each;
    findings.push(...judgeRevocation(input, index, each));
  }
  return conclude(candidate.path, answer, findings);
}

interface Candidate {
  readonly path: CertificatePath;
  readonly faults: readonly PathFault[];
  readonly profile: ParsedProfile;
}

/** The first path without fault by any profile; else the one with the fewest. */
function bestPath(
  input: CertificateCheckInput,
  profiles: readonly ParsedProfile[],
): Candidate | undefined {
  const at = validationTime(input);
  let best: Candidate | undefined;
  for (const profile of profiles) {
    const paths = buildPaths({
      target: input.certificate,
      intermediates: [...input.embedded, ...profile.intermediates],
      anchors: profile.anchors,
    });
    for (const path of paths) {
      const { faults } = validatePath(path, { at });
      if (faults.length === 0) return { path, faults, profile };
      if (best === undefined || faults.length < best.faults.length)
        best = { path, faults, profile };
    }
  }
  return best;
}

/** A proved time is the time that counts; a mere claim does not move validation into the past. */
function validationTime(input: CertificateCheckInput): Date {
  return input.isTimeProved && input.signedAt !== undefined ? input.signedAt : input.at;
}

const CRYPTO_PROBLEMS: readonly PathProblem[] = [
  'weak-key',
  'weak-digest',
  'algorithm-unsupported',
];

function judgeFault(
  input: CertificateCheckInput,
  path: CertificatePath,
  { problem, index, detail }: PathFault,
): Finding {
  const name = path[index]?.subject.text;
  if (problem === 'expired' || problem === 'not-yet-valid')
    return judgeValidity(input, index, problem);
  if (CRYPTO_PROBLEMS.includes(problem)) {
    return finding('INDETERMINATE', 'CRYPTO_CONSTRAINTS_FAILURE', 'algorithm-weak', name);
  }
  const what = [problem, detail, name].filter((part) => part !== undefined).join(' ');
  if (problem === 'signature-invalid') {
    return finding('INDETERMINATE', 'CERTIFICATE_CHAIN_GENERAL_FAILURE', 'chain-invalid', what);
  }
  return finding('INDETERMINATE', 'CHAIN_CONSTRAINTS_FAILURE', 'chain-invalid', what);
}

function judgeValidity(
  input: CertificateCheckInput,
  index: number,
  problem: 'expired' | 'not-yet-valid',
): Finding {
  // A signature that exists before its certificate begins was not made under it, whatever it claims.
  if (index === 0 && problem === 'not-yet-valid') {
    return finding('TOTAL-FAILED', 'NOT_YET_VALID', 'certificate-not-yet-valid-at-signing');
  }
  if (index === 0 && input.isTimeProved) {
    return finding('TOTAL-FAILED', 'EXPIRED', 'certificate-expired-at-signing');
  }
  return finding('INDETERMINATE', 'OUT_OF_BOUNDS_NO_POE', 'certificate-expired-no-proof');
}

/** The signature says nothing about the other certificates beside it; their issuers do. */
function judgeEmbedded(input: CertificateCheckInput, candidate: Candidate): readonly Finding[] {
  const { anchors, intermediates } = candidate.profile;
  const known = [...candidate.path, ...anchors, ...intermediates];
  return alteredCertificates(input.embedded, known).map(({ subject }) =>
    finding('INDETERMINATE', 'FORMAT_FAILURE', 'embedded-certificate-altered', subject.text),
  );
}

/** The signer's own word against the certificate: a claim outside its validity convicts itself. */
function judgeClaim(input: CertificateCheckInput): readonly Finding[] {
  const { signedAt, certificate } = input;
  if (signedAt === undefined || input.isTimeProved) return [];
  if (signedAt > certificate.notAfter) {
    return [
      finding(
        'TOTAL-FAILED',
        'EXPIRED',
        'certificate-expired-at-signing',
        toRfc3339(certificate.notAfter),
      ),
    ];
  }
  if (signedAt < certificate.notBefore) {
    return [
      finding(
        'TOTAL-FAILED',
        'NOT_YET_VALID',
        'certificate-not-yet-valid-at-signing',
        toRfc3339(certificate.notBefore),
      ),
    ];
  }
  return [];
}

function judgeRevocation(
  input: CertificateCheckInput,
  index: number,
  answer: RevocationAnswer,
): readonly Finding[] {
  if (answer.status === 'good') return [];
  if (answer.status === 'unknown') {
    return answer.isDeclared
      ? [finding('INDETERMINATE', 'TRY_LATER', 'revocation-unknown', answer.problem)]
      : index === 0
        ? [finding('TOTAL-PASSED', null, 'revocation-not-declared')]
        : [];
  }
  const when = toRfc3339(answer.revokedAt);
  const { signedAt } = input;
  const isBefore = signedAt !== undefined && signedAt >= answer.revokedAt;
  if (index === 0 && isBefore) {
    return [finding('TOTAL-FAILED', 'REVOKED', 'certificate-revoked', when)];
  }
  if (input.isTimeProved) return [];
  return [finding('INDETERMINATE', 'REVOKED_NO_POE', 'certificate-revoked-no-proof', when)];
}

function conclude(
  path: CertificatePath | undefined,
  answer: RevocationAnswer | undefined,
  findings: readonly Finding[],
): CertificateCheck {
  let indication: Indication = 'TOTAL-PASSED';
  let subIndication: SubIndication | null = null;
  for (const each of findings) {
    const worse = worseIndication(indication, each.indication);
    if (worse !== indication) {
      indication = worse;
      subIndication = each.subIndication;
    }
  }
  return {
    verdict: {
      indication,
      subIndication,
      chain: path?.map((certificate) => certificate.subject.text) ?? [],
      revocation: answer?.status ?? 'unknown',
      source: answer?.source ?? null,
    },
    messages: findings.flatMap((each) => (each.message === undefined ? [] : [each.message])),
    path,
  };
}

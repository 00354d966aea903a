/** One path judged: its faults, its algorithms, the revocation of each certificate, the limits of its anchor. */
import { toRfc3339 } from '../kernel/index.js';
import {
  OID,
  isSigningCertificate,
  signatureMethod,
  type Certificate,
  type CertificatePath,
  type PathFault,
} from '../pki/index.js';
import { digestEnd, judgeAlgorithm, keyEnd } from './algorithm-policy.js';
import type { CertificateCheckInput } from './certificate-check.js';
import { alteredCertificates } from './embedded-certificates.js';
import type { EvidenceItem } from './file-evidence.js';
import { message, type MessageCode } from './messages.js';
import type { CertificateVerdict, Indication, ReportMessage, SubIndication } from './report.js';
import {
  checkRevocation,
  type EmbeddedEvidence,
  type RevocationAnswer,
} from './revocation-check.js';
import type { ParsedProfile } from './trust-material.js';
import { Verdict } from './verdict.js';

export interface PathCandidate {
  readonly path: CertificatePath;
  readonly faults: readonly PathFault[];
  readonly weaknesses: readonly PathFault[];
  readonly profile: ParsedProfile;
}

export interface PathJudgement {
  readonly verdict: CertificateVerdict;
  readonly messages: readonly ReportMessage[];
  readonly path: CertificatePath;
  readonly evidence: PathEvidence | undefined;
}

/** What a path needs, where the file itself holds all of it. */
export interface PathEvidence {
  /** Below the anchor. */
  readonly certificates: readonly Certificate[];
  readonly revocation: readonly EvidenceItem[];
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

export class PathJudge {
  readonly #input: CertificateCheckInput;
  readonly #embedded: EmbeddedEvidence;
  /** The time that validation is about: proved, or that of validation itself. */
  readonly #time: Date;
  readonly #now: Date;

  constructor(input: CertificateCheckInput, embedded: EmbeddedEvidence) {
    this.#input = input;
    this.#embedded = embedded;
    this.#time = input.provedAt ?? input.at;
    this.#now = input.now !== undefined && input.now > input.at ? input.now : input.at;
  }

  async judge(candidate: PathCandidate): Promise<PathJudgement> {
    const { path, profile } = candidate;
    const findings: Finding[] = [
      ...candidate.faults.map((fault) => this.#fault(path, fault)),
      ...candidate.weaknesses.flatMap((weakness) => this.#weakness(path, weakness)),
      ...this.#claim(),
      ...this.#altered(candidate),
      ...this.#anchor(candidate),
    ];
    const { certificate, usage = 'contract-signing' } = this.#input;
    const isForeign = usage === 'contract-signing' && isForOtherPurposes(certificate);
    if (isForeign || !isSigningCertificate(certificate)) {
      findings.push(finding('INDETERMINATE', 'CHAIN_CONSTRAINTS_FAILURE', 'key-usage-unsuitable'));
    }
    const { answers, evidence, found } = await this.#revocations(candidate);
    findings.push(...found);
    const verdict = new Verdict();
    for (const { indication, subIndication, message: text } of findings) {
      verdict.add(indication, subIndication, ...(text === undefined ? [] : [text]));
    }
    const [own] = answers;
    return {
      verdict: {
        indication: verdict.indication,
        subIndication: verdict.subIndication,
        chain: path.map((certificate) => certificate.subject.text),
        revocation: own?.status ?? 'unknown',
        source: own?.source ?? null,
        profile: profile.name,
      },
      messages: verdict.messages,
      path,
      evidence,
    };
  }

  /**
   * From the anchor down, since an authority's end bounds what its signatures are worth: a
   * certificate or a list that it signed counts only where it is proved to be older.
   */
  async #revocations({ path, profile }: PathCandidate): Promise<{
    readonly answers: readonly RevocationAnswer[];
    readonly evidence: PathEvidence | undefined;
    readonly found: readonly Finding[];
  }> {
    const answers: RevocationAnswer[] = [];
    const found: Finding[][] = [];
    const revocation: EvidenceItem[] = [];
    let isComplete = true;
    const anchor = path.at(-1);
    let issuerEndedAt = anchor === undefined ? undefined : profile.periodOf(anchor)?.until;
    const signers = [
      ...new Set([
        ...this.#input.embedded,
        ...this.#embedded.certificates,
        ...profile.intermediates,
      ]),
    ];
    for (let index = path.length - 2; index >= 0; index--) {
      const [certificate, issuer] = [path[index], path[index + 1]];
      if (certificate === undefined || issuer === undefined) continue;
      const at: Finding[] = [];
      if (!this.#isOlder(certificate, index, issuerEndedAt, profile)) {
        at.push(
          finding('INDETERMINATE', 'NO_POE', 'evidence-not-proved', certificate.subject.text),
        );
      }
      const answer = await checkRevocation(
        {
          certificate,
          issuer,
          path,
          at: this.#time,
          issuerEndedAt,
          usedAt: this.#input.claimedAt,
          mayFallBack: this.#input.mayFallBack ?? false,
        },
        {
          embedded: this.#embedded,
          profile,
          signers,
          now: this.#now,
          source: this.#input.revocation,
        },
      );
      at.push(...this.#revocation(certificate, index, answer));
      answers.unshift(answer);
      found.push(at);
      if (answer.status === 'revoked') issuerEndedAt = earlier(issuerEndedAt, answer.revokedAt);
      const isDeclared = answer.status !== 'unknown' || answer.isDeclared;
      if (answer.embedded !== undefined) revocation.push(answer.embedded);
      if (!this.#embedded.certificates.includes(certificate)) isComplete = false;
      if (isDeclared && answer.embedded === undefined) isComplete = false;
    }
    const evidence = { certificates: path.slice(0, -1), revocation };
    return { answers, evidence: isComplete ? evidence : undefined, found: found.flat() };
  }

  /** The signature's own certificate existed when the signature did, which names it. */
  #isOlder(
    certificate: Certificate,
    index: number,
    issuerEndedAt: Date | undefined,
    profile: ParsedProfile,
  ): boolean {
    if (issuerEndedAt === undefined || profile.intermediates.includes(certificate)) return true;
    const proved = this.#embedded.provedAt(certificate) ?? this.#now;
    return (index === 0 ? earlier(proved, this.#time) : proved) < issuerEndedAt;
  }

  #fault(path: CertificatePath, { problem, index, detail }: PathFault): Finding {
    const name = path[index]?.subject.text;
    if (problem === 'expired' || problem === 'not-yet-valid') {
      return this.#validity(index, problem);
    }
    if (problem === 'algorithm-unsupported') {
      return finding('INDETERMINATE', 'CRYPTO_CONSTRAINTS_FAILURE', 'algorithm-unsupported', name);
    }
    const what = [problem, detail, name].filter((part) => part !== undefined).join(' ');
    if (problem === 'signature-invalid') {
      return finding('INDETERMINATE', 'CERTIFICATE_CHAIN_GENERAL_FAILURE', 'chain-invalid', what);
    }
    return finding('INDETERMINATE', 'CHAIN_CONSTRAINTS_FAILURE', 'chain-invalid', what);
  }

  #validity(index: number, problem: 'expired' | 'not-yet-valid'): Finding {
    // A signature that exists before its certificate begins was not made under it, whatever it claims.
    if (index === 0 && problem === 'not-yet-valid') {
      return finding('TOTAL-FAILED', 'NOT_YET_VALID', 'certificate-not-yet-valid-at-signing');
    }
    // A proof says no later than; the signature may be older, but nothing shows it.
    return finding('INDETERMINATE', 'OUT_OF_BOUNDS_NO_POE', 'certificate-expired-no-proof');
  }

  /** A weak key endangers what it signed, a weak digest the certificate it stands in. */
  #weakness(path: CertificatePath, { problem, index, detail }: PathFault): readonly Finding[] {
    const certificate = path[index];
    if (certificate === undefined) return [];
    const name = `${detail ?? problem} ${certificate.subject.text}`;
    const isKey = problem === 'weak-key';
    const digest = signatureMethod(certificate.signatureAlgorithm)?.digest ?? 'sha1';
    const end = isKey ? keyEnd(certificate.publicKey.key) : digestEnd(digest);
    if (end === undefined) {
      return [finding('INDETERMINATE', 'CRYPTO_CONSTRAINTS_FAILURE', 'algorithm-weak', name)];
    }
    const product = isKey ? path[index - 1] : certificate;
    const isSignature = product === undefined || product === path[0];
    const proved = product === undefined ? undefined : this.#embedded.provedAt(product);
    const provedAt = isSignature ? (this.#input.provedAt ?? proved) : proved;
    const claimedAt = product === undefined ? this.#input.claimedAt : product.notBefore;
    const judged = judgeAlgorithm(name, end, provedAt, claimedAt);
    return judged === undefined ? [] : [judged];
  }

  /** The signature says nothing about the other certificates beside it; their issuers do. */
  #altered({ path, profile }: PathCandidate): readonly Finding[] {
    const known = [...path, ...profile.anchors, ...profile.intermediates];
    return alteredCertificates(this.#input.embedded, known).map(({ subject }) =>
      finding('INDETERMINATE', 'FORMAT_FAILURE', 'embedded-certificate-altered', subject.text),
    );
  }

  #anchor({ path, profile }: PathCandidate): readonly Finding[] {
    const anchor = path.at(-1);
    const period = anchor === undefined ? undefined : profile.periodOf(anchor);
    const isTooEarly = period?.from !== undefined && this.#time < period.from;
    const isTooLate = period?.until !== undefined && this.#time > period.until;
    if (!isTooEarly && !isTooLate) return [];
    return [
      finding(
        'INDETERMINATE',
        'NO_CERTIFICATE_CHAIN_FOUND',
        'anchor-not-trusted-then',
        anchor?.subject.text,
      ),
    ];
  }

  /** The signer's own word against the certificate: a claim outside its validity convicts itself. */
  #claim(): readonly Finding[] {
    const { claimedAt, provedAt, certificate } = this.#input;
    if (claimedAt === undefined) return [];
    const { notBefore, notAfter } = certificate;
    if (claimedAt > notAfter && (provedAt === undefined || provedAt > notAfter)) {
      const when = toRfc3339(notAfter);
      return [finding('TOTAL-FAILED', 'EXPIRED', 'certificate-expired-at-signing', when)];
    }
    if (claimedAt < notBefore && provedAt === undefined) {
      const when = toRfc3339(notBefore);
      return [
        finding('TOTAL-FAILED', 'NOT_YET_VALID', 'certificate-not-yet-valid-at-signing', when),
      ];
    }
    return [];
  }

  #revocation(
    certificate: Certificate,
    index: number,
    answer: RevocationAnswer,
  ): readonly Finding[] {
    switch (answer.status) {
      case 'good':
        return answer.asOf === undefined
          ? []
          : [finding('TOTAL-PASSED', null, 'timestamp-status-as-of', toRfc3339(answer.asOf))];
      case 'unknown':
        return this.#unknown(certificate, index, answer.isDeclared, answer.problem);
      case 'revoked':
        return this.#revoked(index, answer);
    }
  }

  #unknown(
    certificate: Certificate,
    index: number,
    isDeclared: boolean,
    problem: string,
  ): readonly Finding[] {
    if (!isDeclared) {
      return index === 0 ? [finding('TOTAL-PASSED', null, 'revocation-not-declared')] : [];
    }
    // Nobody answers for an expired certificate any more: trying later does not help.
    return certificate.notAfter < this.#now
      ? [finding('INDETERMINATE', 'NO_POE', 'evidence-missing', problem)]
      : [finding('INDETERMINATE', 'TRY_LATER', 'revocation-unknown', problem)];
  }

  #revoked(
    index: number,
    { revokedAt, isOnHold }: Extract<RevocationAnswer, { readonly status: 'revoked' }>,
  ): readonly Finding[] {
    const { claimedAt, provedAt } = this.#input;
    const when = toRfc3339(revokedAt);
    if (provedAt !== undefined && provedAt < revokedAt) return [];
    if (index > 0) {
      return [finding('INDETERMINATE', 'REVOKED_CA_NO_POE', 'authority-revoked', when)];
    }
    if (isOnHold) return [finding('INDETERMINATE', 'TRY_LATER', 'certificate-on-hold', when)];
    // A claim of a time after the revocation convicts itself, and so does a signature without one.
    if (claimedAt !== undefined && claimedAt >= revokedAt) {
      return [finding('TOTAL-FAILED', 'REVOKED', 'certificate-revoked', when)];
    }
    return [finding('INDETERMINATE', 'REVOKED_NO_POE', 'certificate-revoked-no-proof', when)];
  }
}

/** Purposes that leave no room for signing documents: of servers, of time-stamps, of answers about revocation. */
const OTHER_PURPOSES: readonly string[] = [OID.serverAuth, OID.timeStamping, OID.ocspSigning];

/** @see RFC 5280, 4.2.1.12: a certificate that names purposes is for these alone */
function isForOtherPurposes({ extensions }: Certificate): boolean {
  const purposes = extensions.extendedKeyUsage ?? [];
  return purposes.length > 0 && purposes.every((purpose) => OTHER_PURPOSES.includes(purpose));
}

function earlier(a: Date | undefined, b: Date): Date {
  return a === undefined || b < a ? b : a;
}

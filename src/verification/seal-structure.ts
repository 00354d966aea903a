/**
 * A seal's structure judged: did its maker make it, is the maker to be believed, was the seal in
 * force when it was used. The register's word on suspension and revocation is asked elsewhere.
 *
 * @see GB/T 38540-2020 (verification of a seal); GM/T 0031-2025 (the maker valid when the seal was made)
 */
import { digestBytes, toRfc3339 } from '../kernel/index.js';
import { verifySealSignature, type SESeal } from '../eseal/index.js';
import type { RevocationSource, TrustStore } from '../trust/index.js';
import { checkCertificate } from './certificate-check.js';
import { message, type MessageCode } from './messages.js';
import type { CertificateVerdict, Indication, ReportMessage, SubIndication } from './report.js';
import { verifyTimestamp } from './timestamp-token.js';
import { Verdict } from './verdict.js';

export interface SealStructureInput {
  readonly seal: SESeal;
  /** When the seal was used, as claimed or proved; absent: it is judged as of `at`. */
  readonly usedAt?: Date | undefined;
  /** When the use is proved to have existed, and so the seal. */
  readonly provedAt?: Date | undefined;
  readonly at: Date;
  readonly trust: TrustStore;
  readonly revocation: RevocationSource | undefined;
}

export interface SealStructureCheck {
  readonly indication: Indication;
  readonly subIndication: SubIndication | null;
  readonly status: 'valid' | 'expired' | 'not-yet-valid' | 'unknown';
  /** `null` where the maker's certificate cannot be read. */
  readonly maker: CertificateVerdict | null;
  /** Subject of the maker's certificate, RFC 4514. */
  readonly makerSubject: string | null;
  readonly messages: readonly ReportMessage[];
}

/** Never throws on a bad seal: every defect is a finding. */
export async function checkSealStructure(input: SealStructureInput): Promise<SealStructureCheck> {
  const { seal, at } = input;
  const verdict = new Verdict();
  const { outcome, certificate } = verifySealSignature(seal);
  if (outcome !== 'valid') {
    const [indication, subIndication, code] = OUTCOMES[outcome];
    verdict.add(indication, subIndication, message(code));
  }
  if (seal.notes.length > 0) {
    verdict.add('TOTAL-PASSED', null, message('seal-structure-note', seal.notes.join(', ')));
  }
  const stampedAt = await timestampOf(input, verdict);
  let maker: CertificateVerdict | null = null;
  if (certificate !== undefined && outcome !== 'unsupported') {
    const { createDate } = seal.info.property;
    // Version 5 asks that the maker was valid when the seal was made; before, when it is used.
    const provedAt = earliest(
      stampedAt,
      input.provedAt,
      seal.version === 5 ? createDate : undefined,
    );
    const check = await checkCertificate({
      certificate,
      usage: 'seal-making',
      embedded: [],
      claimedAt: createDate,
      provedAt,
      at,
      trust: input.trust,
      revocation: input.revocation,
    });
    maker = check.verdict;
    verdict.add(maker.indication, maker.subIndication, ...check.messages.map(ofMaker));
    if (maker.indication === 'TOTAL-PASSED' && certificate.notAfter < at) {
      const when = toRfc3339(certificate.notAfter);
      verdict.add('TOTAL-PASSED', null, message('seal-maker-expired-since', when));
    }
  }
  const status = judgePeriod(input, verdict);
  return {
    indication: verdict.indication,
    subIndication: verdict.subIndication,
    status: verdict.indication === 'TOTAL-PASSED' || status !== 'valid' ? status : 'unknown',
    maker,
    makerSubject: certificate?.subject.text ?? null,
    messages: verdict.messages,
  };
}

const OUTCOMES = {
  invalid: ['TOTAL-FAILED', 'SIG_CRYPTO_FAILURE', 'seal-maker-signature-invalid'],
  'certificate-unreadable': ['TOTAL-FAILED', 'FORMAT_FAILURE', 'seal-maker-certificate-unreadable'],
  unsupported: ['INDETERMINATE', 'CRYPTO_CONSTRAINTS_FAILURE', 'seal-algorithm-unsupported'],
} as const satisfies Record<string, readonly [Indication, SubIndication, MessageCode]>;

/** The reader must not take what is said of the maker for the signer's. */
function ofMaker({ code, text, textEn }: ReportMessage): ReportMessage {
  return {
    code: `seal-maker-${code}`,
    text: `制章者证书：${text}`,
    textEn: `Seal maker's certificate: ${textEn}`,
  };
}

function earliest(...times: readonly (Date | undefined)[]): Date | undefined {
  const known = times.filter((time) => time !== undefined).map((time) => time.getTime());
  return known.length === 0 ? undefined : new Date(Math.min(...known));
}

function judgePeriod(
  { seal, usedAt, provedAt, at }: SealStructureInput,
  verdict: Verdict,
): SealStructureCheck['status'] {
  const { validStart, validEnd } = seal.info.property;
  const used = provedAt ?? usedAt;
  const time = used ?? at;
  if (time < validStart) {
    const code = used === undefined ? 'seal-not-yet-valid-now' : 'seal-not-yet-valid';
    const said = message(code, toRfc3339(validStart));
    verdict.add('TOTAL-FAILED', 'SIG_CONSTRAINTS_FAILURE', said);
    return 'not-yet-valid';
  }
  if (time > validEnd) {
    const code = used === undefined ? 'seal-expired-now' : 'seal-expired';
    const said = message(code, toRfc3339(validEnd));
    verdict.add('TOTAL-FAILED', 'SIG_CONSTRAINTS_FAILURE', said);
    return 'expired';
  }
  return 'valid';
}

/** Time of the seal's own time-stamp, if it holds; a bad one fails the seal. */
async function timestampOf(
  { seal, at, trust, revocation }: SealStructureInput,
  verdict: Verdict,
): Promise<Date | undefined> {
  if (seal.timeStamp === undefined) return undefined;
  const stamp = verifyTimestamp(
    seal.timeStamp,
    (algorithm) => digestBytes(algorithm, seal.signedValue),
    [],
  );
  if (stamp.indication !== 'TOTAL-PASSED' || stamp.certificate === undefined) {
    verdict.add(stamp.indication, stamp.subIndication, message('seal-timestamp-invalid'));
    return undefined;
  }
  const { createDate } = seal.info.property;
  if (stamp.generatedAt !== undefined && stamp.generatedAt < createDate) {
    const said = message('seal-timestamp-invalid', toRfc3339(stamp.generatedAt));
    verdict.add('TOTAL-FAILED', 'SIG_CONSTRAINTS_FAILURE', said);
    return undefined;
  }
  const authority = await checkCertificate({
    certificate: stamp.certificate,
    usage: 'time-stamping',
    embedded: stamp.certificates,
    at,
    trust,
    revocation,
  });
  if (authority.verdict.indication === 'TOTAL-PASSED') return stamp.generatedAt;
  verdict.add('TOTAL-PASSED', null, message('seal-timestamp-untrusted'));
  return undefined;
}

/**
 * One signature of a file judged: bytes, what came after, value, certificate, time, seal.
 *
 * @see ETSI EN 319 102-1, 5.3 (basic signatures), 5.5 (with time), 5.6 (with archival data)
 */
import { digestSpans, isAppError, toHex, toRfc3339, type ByteSource } from '../kernel/index.js';
import { certificationSignature, changeLimitOf, lockedFields } from '../pades/index.js';
import {
  PdfString,
  type FormField,
  type PdfDocument,
  type StructuralFinding,
} from '../pdf/index.js';
import { unifiedSocialCreditCode, type Certificate } from '../pki/index.js';
import type { RevocationSource, TrustStore } from '../trust/index.js';
import { digestEnd, judgeAlgorithm } from './algorithm-policy.js';
import { checkCertificate, type CertificateCheck } from './certificate-check.js';
import { judgeChanges } from './changes/policy.js';
import { verifyCryptography, type CryptographicResult } from './cryptography.js';
import { FileEvidence } from './file-evidence.js';
import { reachedLevel } from './level.js';
import { locateSignature, type LocatedSignature } from './locate.js';
import { message } from './messages.js';
import { parsePdfDate } from './pdf-date.js';
import type { ChangesAfter, ReportMessage, SignatureReport } from './report.js';
import type { RevisionHistory } from './revision-history.js';
import { checkSeal, type SealCheck } from './seal-check.js';
import type { SealRegister } from './seal-register.js';
import { SignatureTimes } from './signature-times.js';
import { revisionOf } from './signed-fields.js';
import { checkSignedSeal } from './signed-seal.js';
import { judgeStructure } from './structure-policy.js';
import type { TimestampResult } from './timestamp-token.js';
import { Verdict } from './verdict.js';

/** What is believed, asked and known beside the file. */
export interface JudgementOptions {
  readonly trust: TrustStore;
  /** Validate as of this instant. */
  readonly at: Date;
  /**
   * The clock, where `at` is in its past: evidence issued since then counts, for it tells as much
   * about the status at `at`.
   */
  readonly now?: Date;
  /** Revocation evidence from elsewhere; absent: only what the file and the trust store hold. */
  readonly revocation?: RevocationSource;
  /** The register of seals; absent: their status is not known. */
  readonly seals?: SealRegister;
  /**
   * Since when a file that ends after these bytes is known to exist, by something better than the
   * signer's word: the register of the service that took it in.
   */
  readonly provedAt?: (signedSha256: string) => Promise<Date | undefined>;
}

export class SignatureJudge {
  readonly #source: ByteSource;
  readonly #document: PdfDocument;
  readonly #history: RevisionHistory;
  readonly #options: JudgementOptions;
  readonly #evidence: FileEvidence;
  readonly #times: SignatureTimes;
  readonly #examined = new Map<FormField, Examined>();

  constructor(
    source: ByteSource,
    document: PdfDocument,
    history: RevisionHistory,
    options: JudgementOptions,
  ) {
    this.#source = source;
    this.#document = document;
    this.#history = history;
    this.#options = options;
    this.#evidence = FileEvidence.read(document, history);
    this.#times = new SignatureTimes(source, this.#evidence, options);
  }

  /**
   * Looks at all signatures of the file, and at what its time-stamps prove; to be called once, before
   * the first is judged.
   */
  async examine(fields: readonly FormField[]): Promise<void> {
    const timestamps: { readonly located: LocatedSignature; readonly result: TimestampResult }[] =
      [];
    for (const field of fields) {
      const examined = this.#examineField(field);
      this.#examined.set(field, examined);
      if ('fault' in examined) continue;
      const { located, crypto } = examined;
      if ('generatedAt' in crypto) timestamps.push({ located, result: crypto });
      else if (crypto.signedData !== undefined) {
        this.#evidence.addFromCms(crypto.signedData, located.signedEnd);
      }
    }
    await this.#times.readDocumentTimestamps(timestamps);
  }

  #examineField(field: FormField): Examined {
    try {
      const located = locateSignature(this.#document, field);
      if ('fault' in located) return { fault: message(located.fault, located.detail) };
      const crypto = isDocumentTimestamp(located)
        ? this.#times.readToken(located)
        : verifyCryptography(this.#source, located);
      return { located, crypto };
    } catch (error) {
      if (!isAppError(error) || error.code === 'pdf-encrypted') throw error;
      // What cannot be read cannot be relied on; the other signatures still are judged.
      return { fault: message('changes-not-analysed', error.code) };
    }
  }

  async judge(field: FormField, structure: readonly StructuralFinding[]): Promise<SignatureReport> {
    const document = this.#document;
    const examined = this.#examined.get(field) ?? this.#examineField(field);
    if ('fault' in examined) return faultyReport(document, field, examined.fault);
    const { located, crypto } = examined;
    const changes = this.#changesAfter(located);
    const verdict = new Verdict();
    if (document.mode === 'lenient') verdict.add('INDETERMINATE', 'FORMAT_FAILURE');
    const structural = judgeStructure(structure, located.signedEnd, located.revisionIndex);
    verdict.add(structural.indication, 'FORMAT_FAILURE', ...structural.messages);
    verdict.add(crypto.indication, crypto.subIndication, ...crypto.messages);
    if (changes.verdict === 'forbidden') {
      verdict.add('TOTAL-FAILED', 'FORMAT_FAILURE', message('modified-after-signing'));
    }
    const judged =
      'generatedAt' in crypto
        ? this.#timestamp(located, crypto, verdict)
        : await this.#signature(located, crypto, verdict);
    return {
      ...this.#facts(field, located, crypto),
      ...judged,
      indication: verdict.indication,
      subIndication: verdict.subIndication,
      changesAfter: changes,
      messages: verdict.messages,
    };
  }

  #timestamp(
    located: LocatedSignature,
    { generatedAt }: TimestampResult,
    verdict: Verdict,
  ): JudgedPart {
    const judged = this.#times.documentTimestamp(located);
    if (judged !== undefined) {
      verdict.addAll(judged.verdict);
    }
    return {
      level: null,
      claimedTime: textOf(generatedAt),
      bestSignatureTime: textOf(judged?.provesAt),
      certificate: judged?.certificate?.verdict ?? null,
      seal: null,
    };
  }

  async #signature(
    located: LocatedSignature,
    crypto: CryptographicResult,
    verdict: Verdict,
  ): Promise<JudgedPart> {
    const claimedAt = this.#claimedTime(located, crypto);
    const inside = await this.#times.ofSignature(located, crypto);
    const over = this.#times.coveringTimestamp(located);
    const registered = await this.#registeredTime(located);
    const provedAt = earliest(inside.provedAt, over?.provesAt, registered);
    verdict.addAll(inside.verdict);
    if (crypto.indication === 'TOTAL-PASSED') {
      for (const digest of new Set(crypto.digests)) {
        const weak = judgeAlgorithm(digest, digestEnd(digest), provedAt, claimedAt);
        if (weak !== undefined) verdict.add(weak.indication, weak.subIndication, weak.message);
      }
    }
    const certificate = await this.#certificate(crypto, claimedAt, provedAt);
    if (certificate !== undefined) {
      const { indication, subIndication } = certificate.verdict;
      verdict.add(indication, subIndication, ...certificate.messages);
    }
    const seal = await this.#seal(located, crypto, claimedAt, provedAt);
    if (seal !== undefined) verdict.add(seal.indication, seal.subIndication, ...seal.messages);
    const latest = this.#options.at.getTime() + CLOCK_SKEW_MS;
    if (claimedAt !== undefined && claimedAt.getTime() > latest) {
      verdict.add('INDETERMINATE', 'SIG_CONSTRAINTS_FAILURE', message('claimed-time-future'));
    }
    const { signingCertificates } = crypto.signer?.attributes ?? {};
    return {
      level: reachedLevel({
        isBaseline:
          located.subFilter === 'ETSI.CAdES.detached' && (signingCertificates?.length ?? 0) > 0,
        certificate,
        timestamp: inside.certificate ?? over?.certificate,
        evidence: this.#evidence,
      }),
      claimedTime: textOf(claimedAt),
      bestSignatureTime: textOf(provedAt),
      certificate: certificate?.verdict ?? null,
      seal: seal?.verdict ?? null,
    };
  }

  #facts(
    field: FormField,
    located: LocatedSignature,
    crypto: CryptographicResult,
  ): Pick<
    SignatureReport,
    'field' | 'kind' | 'subFilter' | 'digest' | 'algorithm' | 'signer' | 'coverage' | 'revision'
  > {
    // A DocMDP reference alone does not make one: a field's lock puts it into an approval signature too.
    const certification = certificationSignature(this.#history.stateOf(located.revisionIndex));
    const isCertification =
      certification?.origin !== undefined &&
      certification.origin.span.start === located.dict.origin?.span.start;
    const isTimestamp = isDocumentTimestamp(located);
    return {
      field: field.name,
      kind: isTimestamp ? 'document-timestamp' : isCertification ? 'certification' : 'signature',
      subFilter: located.subFilter,
      digest: crypto.digest,
      algorithm: crypto.algorithm,
      signer: crypto.certificate === undefined ? null : describeSigner(crypto.certificate),
      coverage: located.coverage,
      revision: located.revisionIndex + 1,
    };
  }

  #changesAfter(located: LocatedSignature): ChangesAfter {
    const signed = this.#history.stateOf(located.revisionIndex);
    return judgeChanges(this.#history.stepsAfter(located.revisionIndex), {
      docMdp: changeLimitOf(signed),
      isFieldLocked: lockedFields(signed),
    });
  }

  /** The seal's own time where it signs; `/M`, else what older formats put among the signed attributes. */
  #claimedTime(located: LocatedSignature, crypto: CryptographicResult): Date | undefined {
    const value = this.#document.resolve(located.dict.get('M'));
    const written = value instanceof PdfString ? parsePdfDate(value.bytes) : undefined;
    const { sealSignature, signer } = crypto;
    return sealSignature?.toSign.timeInfo ?? written ?? signer?.attributes.signingTime;
  }

  async #registeredTime(located: LocatedSignature): Promise<Date | undefined> {
    const { provedAt } = this.#options;
    if (provedAt === undefined) return undefined;
    const digest = digestSpans('sha256', this.#source, [[0, located.signedEnd]]);
    return provedAt(toHex(digest));
  }

  async #certificate(
    crypto: CryptographicResult,
    claimedAt: Date | undefined,
    provedAt: Date | undefined,
  ): Promise<CertificateCheck | undefined> {
    if (crypto.certificate === undefined) return undefined;
    const { at, now, trust, revocation } = this.#options;
    return checkCertificate({
      certificate: crypto.certificate,
      embedded: crypto.certificates,
      evidence: this.#evidence,
      claimedAt,
      provedAt,
      at,
      now,
      trust,
      revocation,
    });
  }

  async #seal(
    located: LocatedSignature,
    crypto: CryptographicResult,
    claimedAt: Date | undefined,
    provedAt: Date | undefined,
  ): Promise<SealCheck | undefined> {
    const { certificate, sealSignature } = crypto;
    if (certificate === undefined) return undefined;
    const { at, trust, revocation, seals: register } = this.#options;
    const known = { claimedAt, provedAt, at, trust, revocation, register };
    if (sealSignature !== undefined) return checkSignedSeal(sealSignature, certificate, known);
    return checkSeal({ document: this.#document, located, certificate, ...known });
  }
}

type JudgedPart = Pick<
  SignatureReport,
  'level' | 'claimedTime' | 'bestSignatureTime' | 'certificate' | 'seal'
>;

type Examined =
  | { readonly located: LocatedSignature; readonly crypto: CryptographicResult | TimestampResult }
  | { readonly fault: ReportMessage };

function isDocumentTimestamp(located: LocatedSignature): boolean {
  return located.subFilter === 'ETSI.RFC3161';
}

function textOf(at: Date | undefined): string | null {
  return at === undefined ? null : toRfc3339(at);
}

function earliest(...times: readonly (Date | undefined)[]): Date | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.sort((a, b) => a.getTime() - b.getTime())[0];
}

/** Claimed times may run ahead of ours by this much before they are called future. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** The report on a signature whose bytes cannot be what they claim. */
export function faultyReport(
  document: PdfDocument,
  field: FormField,
  fault: ReportMessage,
): SignatureReport {
  const isReadable = document.mode === 'strict';
  return {
    field: field.name,
    kind: 'signature',
    indication: isReadable ? 'TOTAL-FAILED' : 'INDETERMINATE',
    subIndication: 'FORMAT_FAILURE',
    level: null,
    subFilter: null,
    digest: null,
    algorithm: null,
    signer: null,
    claimedTime: null,
    bestSignatureTime: null,
    coverage: 'partial',
    revision: revisionOf(document, field),
    changesAfter: { verdict: 'none', details: [], changes: [] },
    certificate: null,
    seal: null,
    messages: [fault],
  };
}

function describeSigner(certificate: Certificate): SignatureReport['signer'] {
  const { subject } = certificate;
  return {
    subject: subject.text,
    issuer: certificate.issuer.text,
    serial: certificate.serialHex,
    unit: subject.get('2.5.4.10') ?? subject.get('2.5.4.3') ?? subject.text,
    creditCode: unifiedSocialCreditCode(certificate) ?? null,
  };
}

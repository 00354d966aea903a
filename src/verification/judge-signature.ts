/**
 * One signature of a file judged: bytes, what came after, value, certificate, time, seal.
 *
 * @see ETSI EN 319 102-1, 5.3 (validation process for basic signatures)
 */
import { digestSpans, toHex, toRfc3339, type ByteSource } from '../kernel/index.js';
import { certificationOf, docMdpOf } from '../pades/index.js';
import {
  PdfString,
  type FormField,
  type PdfDocument,
  type StructuralFinding,
} from '../pdf/index.js';
import { certificateSha256Hex, type Certificate } from '../pki/index.js';
import type { RevocationSource, TrustStore } from '../trust/index.js';
import { checkCertificate, type CertificateCheck } from './certificate-check.js';
import { lockedFields } from './changes/field-lock.js';
import { judgeChanges } from './changes/policy.js';
import { verifyCryptography, type CryptographicResult } from './cryptography.js';
import { locateSignature, type LocatedSignature } from './locate.js';
import { message } from './messages.js';
import { parsePdfDate } from './pdf-date.js';
import type { ChangesAfter, ReportMessage, SignatureReport } from './report.js';
import type { RevisionHistory } from './revision-history.js';
import { checkSeal, type SealRegister } from './seal-check.js';
import { revisionOf } from './signed-fields.js';
import { judgeStructure } from './structure-policy.js';
import { Verdict } from './verdict.js';

/** What is believed, asked and known beside the file. */
export interface JudgementOptions {
  readonly trust: TrustStore;
  /** Validate as of this instant. */
  readonly at: Date;
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
  }

  async judge(field: FormField, structure: readonly StructuralFinding[]): Promise<SignatureReport> {
    const document = this.#document;
    const located = locateSignature(document, field);
    if ('fault' in located) {
      return faultyReport(document, field, message(located.fault, located.detail));
    }
    const crypto = verifyCryptography(this.#source, located);
    const changes = this.#changesAfter(located);
    const claimed = this.#claimedTime(located);
    const verdict = new Verdict();
    if (document.mode === 'lenient') verdict.add('INDETERMINATE', 'FORMAT_FAILURE');
    const structural = judgeStructure(structure, located.signedEnd, located.revisionIndex);
    verdict.add(structural.indication, 'FORMAT_FAILURE', ...structural.messages);
    verdict.add(crypto.indication, crypto.subIndication, ...crypto.messages);
    if (changes.verdict === 'forbidden') {
      verdict.add('TOTAL-FAILED', 'FORMAT_FAILURE', message('modified-after-signing'));
    }
    const proved = await this.#provedTime(located);
    const signedAt = proved ?? claimed;
    const certificate = await this.#certificate(crypto, signedAt, proved !== undefined);
    if (certificate !== undefined) {
      const { indication, subIndication } = certificate.verdict;
      verdict.add(indication, subIndication, ...certificate.messages);
    }
    const seal =
      crypto.certificate === undefined
        ? undefined
        : await checkSeal({
            document,
            located,
            certificateSha256: certificateSha256Hex(crypto.certificate),
            signedAt,
            isTimeProved: proved !== undefined,
            at: this.#options.at,
            register: this.#options.seals,
          });
    if (seal !== undefined) verdict.add(seal.indication, seal.subIndication, ...seal.messages);
    if (claimed !== undefined && claimed.getTime() > this.#options.at.getTime() + CLOCK_SKEW_MS) {
      verdict.add('INDETERMINATE', 'SIG_CONSTRAINTS_FAILURE', message('claimed-time-future'));
    }
    return {
      ...this.#facts(field, located, crypto),
      indication: verdict.indication,
      subIndication: verdict.subIndication,
      claimedTime: claimed === undefined ? null : toRfc3339(claimed),
      bestSignatureTime: proved === undefined ? null : toRfc3339(proved),
      changesAfter: changes,
      certificate: certificate?.verdict ?? null,
      seal: seal?.verdict ?? null,
      messages: verdict.messages,
    };
  }

  #facts(
    field: FormField,
    located: LocatedSignature,
    crypto: CryptographicResult,
  ): Pick<
    SignatureReport,
    | 'field'
    | 'kind'
    | 'level'
    | 'subFilter'
    | 'digest'
    | 'algorithm'
    | 'signer'
    | 'coverage'
    | 'revision'
  > {
    const isCertification = docMdpOf(this.#document, located.dict) !== undefined;
    const isTimestamp = located.subFilter === 'ETSI.RFC3161';
    const isPades = located.subFilter === 'ETSI.CAdES.detached';
    return {
      field: field.name,
      kind: isTimestamp ? 'document-timestamp' : isCertification ? 'certification' : 'signature',
      level: isPades && crypto.signer?.attributes.signingCertificate !== undefined ? 'B-B' : null,
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
      docMdp: certificationOf(signed) ?? docMdpOf(this.#document, located.dict),
      isFieldLocked: lockedFields(signed),
    });
  }

  #claimedTime(located: LocatedSignature): Date | undefined {
    const value = this.#document.resolve(located.dict.get('M'));
    return value instanceof PdfString ? parsePdfDate(value.bytes) : undefined;
  }

  async #provedTime(located: LocatedSignature): Promise<Date | undefined> {
    const { provedAt } = this.#options;
    if (provedAt === undefined) return undefined;
    const digest = digestSpans('sha256', this.#source, [[0, located.signedEnd]]);
    return provedAt(toHex(digest));
  }

  async #certificate(
    crypto: CryptographicResult,
    signedAt: Date | undefined,
    isTimeProved: boolean,
  ): Promise<CertificateCheck | undefined> {
    if (crypto.certificate === undefined) return undefined;
    return checkCertificate({
      certificate: crypto.certificate,
      embedded: crypto.certificates,
      embeddedCrlsDer: crypto.signedData?.crlsDer ?? [],
      embeddedOcspDer: crypto.signedData?.ocspResponsesDer ?? [],
      signedAt,
      isTimeProved,
      at: this.#options.at,
      trust: this.#options.trust,
      revocation: this.#options.revocation,
    });
  }
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
    changesAfter: { verdict: 'none', details: [] },
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
  };
}

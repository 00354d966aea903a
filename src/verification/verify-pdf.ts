/**
 * From bytes to a report. Each signature is judged on its own — bytes, what came after, value,
 * certificate, time, seal — and the file is as good as the worst of them.
 *
 * @see ETSI EN 319 102-1, 5.3 (validation process for basic signatures)
 */
import {
  AppError,
  digestSpans,
  isAppError,
  toHex,
  toRfc3339,
  type ByteSource,
} from '../kernel/index.js';
import { certificationOf, docMdpOf } from '../pades/index.js';
import {
  PdfString,
  openPdf,
  type FormField,
  type PdfDocument,
  type StructuralFinding,
} from '../pdf/index.js';
import { certificateSha256Hex, type Certificate } from '../pki/index.js';
import type { RevocationSource, TrustStore } from '../trust/index.js';
import { checkCertificate, type CertificateCheck } from './certificate-check.js';
import { compareStep } from './changes/compare-step.js';
import { lockedFields } from './changes/field-lock.js';
import { judgeChanges } from './changes/policy.js';
import type { StepChanges } from './changes/step.js';
import { toSource, verifyCryptography, type CryptographicResult } from './cryptography.js';
import { locateSignature, signatureDict, type LocatedSignature } from './locate.js';
import { message } from './messages.js';
import { parsePdfDate } from './pdf-date.js';
import {
  worseIndication,
  type ChangesAfter,
  type Indication,
  type ReportMessage,
  type SignatureReport,
  type SubIndication,
  type VerificationReport,
} from './report.js';
import { checkSeal, type SealRegister } from './seal-check.js';
import { judgeStructure, readStructure } from './structure-policy.js';

export interface VerifyOptions {
  readonly fileName: string;
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

/**
 * @throws AppError `pdf-not-a-pdf`, `pdf-encrypted`, `pdf-limit-exceeded`, `pdf-malformed` where
 *   the file cannot be read even after repair
 */
export async function verifyPdf(
  input: Uint8Array | ByteSource,
  options: VerifyOptions,
): Promise<VerificationReport> {
  const source = toSource(input);
  const document = openForVerification(source);
  const verification = new FileVerification(source, document, options);
  return verification.run();
}

/** Strict where the file allows it; else repaired, which is never better than INDETERMINATE. */
function openForVerification(source: ByteSource): PdfDocument {
  try {
    const document = openPdf(source);
    touchWhatReportNeeds(document);
    return document;
  } catch (error) {
    if (!isAppError(error, 'pdf-malformed', 'pdf-unsupported')) throw error;
    return openPdf(source, { mode: 'lenient' });
  }
}

/** A signature field with a value, or with one that cannot be read. */
function isSigned(document: PdfDocument, field: FormField): boolean {
  if (field.type !== 'Sig') return false;
  return isUnreadable(document, field) || signatureDict(document, field) !== undefined;
}

function isUnreadable(document: PdfDocument, field: FormField): boolean {
  try {
    signatureDict(document, field);
    return false;
  } catch (error) {
    if (isAppError(error)) return true;
    throw error;
  }
}

/** The fields of a state, none where it cannot be read alone. */
function fieldsOf(state: () => PdfDocument): readonly FormField[] {
  try {
    return state().fields;
  } catch (error) {
    if (isAppError(error)) return [];
    throw error;
  }
}

/** Lazy reading would show damage half-way through the report. */
function touchWhatReportNeeds(document: PdfDocument): void {
  document.revisions.at(-1)?.entries();
  for (const field of document.fields) signatureDict(document, field);
}

class FileVerification {
  readonly #source: ByteSource;
  readonly #document: PdfDocument;
  readonly #options: VerifyOptions;
  readonly #steps = new Map<number, StepChanges>();
  readonly #states = new Map<number, PdfDocument>();

  constructor(source: ByteSource, document: PdfDocument, options: VerifyOptions) {
    this.#source = source;
    this.#document = document;
    this.#options = options;
  }

  async run(): Promise<VerificationReport> {
    const document = this.#document;
    const fields = document.fields.filter((field) => isSigned(document, field));
    if (fields.length > MOST_SIGNATURES) {
      throw new AppError('pdf-limit-exceeded', 'more signatures than anybody collects', {
        params: { limit: 'signatures', allowed: MOST_SIGNATURES },
      });
    }
    const isRepaired = document.mode === 'lenient';
    const structure = isRepaired || fields.length === 0 ? [] : readStructure(document);
    const signatures: SignatureReport[] = [];
    for (const field of fields) signatures.push(await this.#signature(field, structure));
    signatures.push(...this.#removedSignatures(fields));
    signatures.sort((a, b) => a.revision - b.revision);
    return {
      file: this.#options.fileName,
      sha256: toHex(digestSpans('sha256', this.#source, [[0, this.#source.size]])),
      indication:
        signatures.length === 0
          ? 'NO-SIGNATURE'
          : signatures.map((each) => each.indication).reduce(worseIndication),
      revisions: document.revisions.length,
      repaired: isRepaired,
      signatures,
      messages: isRepaired ? [message('file-repaired')] : [],
    };
  }

  async #signature(
    field: FormField,
    structure: readonly StructuralFinding[],
  ): Promise<SignatureReport> {
    try {
      return await this.#judgeSignature(field, structure);
    } catch (error) {
      if (!isAppError(error) || error.code === 'pdf-encrypted') throw error;
      // What cannot be read cannot be relied on; the other signatures still are judged.
      return this.#faultyReport(field, message('changes-not-analysed', error.code));
    }
  }

  /** Signatures that an earlier revision had and the file as it is now does not show. */
  #removedSignatures(fields: readonly FormField[]): readonly SignatureReport[] {
    const { revisions, mode } = this.#document;
    const names = new Set(fields.map(({ name }) => name));
    const removed: SignatureReport[] = [];
    for (let index = 0; mode === 'strict' && index < revisions.length - 1; index++) {
      for (const field of fieldsOf(() => this.#stateOf(index))) {
        if (names.has(field.name) || !isSigned(this.#stateOf(index), field)) continue;
        names.add(field.name);
        removed.push({
          ...this.#faultyReport(field, message('signature-removed')),
          revision: index + 1,
          changesAfter: { verdict: 'forbidden', details: [] },
        });
      }
    }
    return removed;
  }

  async #judgeSignature(
    field: FormField,
    structure: readonly StructuralFinding[],
  ): Promise<SignatureReport> {
    const document = this.#document;
    const located = locateSignature(document, field);
    if ('fault' in located) {
      return this.#faultyReport(field, message(located.fault, located.detail));
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

  #faultyReport(field: FormField, fault: ReportMessage): SignatureReport {
    const isReadable = this.#document.mode === 'strict';
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
      revision: this.#revisionOf(field),
      changesAfter: { verdict: 'none', details: [] },
      certificate: null,
      seal: null,
      messages: [fault],
    };
  }

  /** Revision, counted from 1, that wrote the signature in `field`; 0 where that cannot be told. */
  #revisionOf(field: FormField): number {
    const { origin } = isUnreadable(this.#document, field)
      ? {}
      : (signatureDict(this.#document, field) ?? {});
    if (origin === undefined) return 0;
    const offset = origin.span.start;
    const found = this.#document.revisions.find(({ endOffset }) => offset < endOffset);
    return (found?.index ?? 0) + 1;
  }

  #changesAfter(located: LocatedSignature): ChangesAfter {
    const { revisions } = this.#document;
    const steps: StepChanges[] = [];
    for (let index = located.revisionIndex + 1; index < revisions.length; index++) {
      steps.push(this.#step(index));
    }
    const signed = this.#stateOf(located.revisionIndex);
    return judgeChanges(steps, {
      docMdp: certificationOf(signed) ?? docMdpOf(this.#document, located.dict),
      isFieldLocked: lockedFields(signed),
    });
  }

  #step(index: number): StepChanges {
    const known = this.#steps.get(index);
    if (known !== undefined) return known;
    let step: StepChanges;
    try {
      step = compareStep(this.#stateOf(index - 1), this.#stateOf(index), index);
    } catch (error) {
      if (!isAppError(error)) throw error;
      // What cannot be read cannot be shown to be harmless.
      step = {
        revisionIndex: index,
        permissible: [],
        forbidden: [{ what: 'unreadable', detail: error.code }],
      };
    }
    this.#steps.set(index, step);
    return step;
  }

  /** The file as revision `index` shows it, read alone. */
  #stateOf(index: number): PdfDocument {
    const known = this.#states.get(index);
    if (known !== undefined) return known;
    const { revisions } = this.#document;
    const end = revisions[index]?.endOffset ?? 0;
    const state = index === revisions.length - 1 ? this.#document : this.#document.atRevision(end);
    this.#states.set(index, state);
    return state;
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

/** Each one means hashing the file as far as it reaches; a contract has two to some dozen. */
const MOST_SIGNATURES = 256;

/** Claimed times may run ahead of ours by this much before they are called future. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** Gathers findings; the worst indication wins, and the first sub-indication of that rank stands. */
class Verdict {
  indication: Indication = 'TOTAL-PASSED';
  subIndication: SubIndication | null = null;
  readonly messages: ReportMessage[] = [];

  add(
    indication: Indication,
    subIndication: SubIndication | null,
    ...messages: ReportMessage[]
  ): void {
    const worse = worseIndication(this.indication, indication);
    if (worse !== this.indication) {
      this.indication = worse;
      this.subIndication = subIndication;
    }
    for (const each of messages) {
      if (!this.messages.some((known) => known.code === each.code)) this.messages.push(each);
    }
  }
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

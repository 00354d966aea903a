/**
 * From bytes to a report. Each signature is judged on its own, and the file is as good as the worst
 * of them.
 */
import {
  AppError,
  HashedSource,
  digestSpans,
  isAppError,
  toHex,
  type ByteSource,
  type Secret,
} from '../kernel/index.js';
import { openPdf, type FormField, type PdfDocument, type StructuralFinding } from '../pdf/index.js';
import { toSource } from './cryptography.js';
import { faultyReport, SignatureJudge, type JudgementOptions } from './judge-signature.js';
import { signatureDict } from './locate.js';
import { answerOf } from './answer.js';
import { message } from './messages.js';
import { worseIndication, type SignatureReport, type VerificationReport } from './report.js';
import { RevisionHistory } from './revision-history.js';
import { fieldsOf, isSigned, revisionOf } from './signed-fields.js';
import { readStructure } from './structure-policy.js';

export interface VerifyOptions extends JudgementOptions {
  readonly fileName: string;
  /** Of an encrypted file. */
  readonly password?: Secret;
  /** Open over the first bytes of the same file, which nobody can have changed since: spares parsing them again. */
  readonly base?: PdfDocument;
}

/**
 * @throws AppError `pdf-not-a-pdf`, `pdf-encrypted`, `pdf-password-incorrect`, `pdf-unsupported` (a
 *   security handler we do not have), `pdf-limit-exceeded`, `pdf-malformed` where the file cannot be
 *   read even after repair
 */
export async function verifyPdf(
  input: Uint8Array | ByteSource,
  options: VerifyOptions,
): Promise<VerificationReport> {
  const source = new HashedSource(toSource(input));
  const document = openForVerification(source, options);
  document.assertReadable();
  const verification = new FileVerification(source, document, options);
  return verification.run();
}

/** Strict where the file allows it; else repaired, which is never better than INDETERMINATE. */
function openForVerification(
  source: ByteSource,
  { password, base }: Pick<VerifyOptions, 'password' | 'base'>,
): PdfDocument {
  const opening = {
    ...(password === undefined ? {} : { password }),
    ...(base === undefined ? {} : { alike: base }),
  };
  try {
    const document = openPdf(source, opening);
    touchWhatReportNeeds(document);
    return document;
  } catch (error) {
    if (!isAppError(error, 'pdf-malformed', 'pdf-unsupported')) throw error;
    return openPdf(source, { mode: 'lenient', ...opening });
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
  readonly #history: RevisionHistory;
  readonly #judge: SignatureJudge;

  constructor(source: ByteSource, document: PdfDocument, options: VerifyOptions) {
    this.#source = source;
    this.#document = document;
    this.#options = options;
    this.#history = new RevisionHistory(document);
    this.#judge = new SignatureJudge(source, document, this.#history, options);
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
    // In the order they stand in the file, each digest goes on where the one before it ended.
    const inFileOrder = fields.toSorted(
      (a, b) => revisionOf(document, a) - revisionOf(document, b),
    );
    await this.#judge.examine(inFileOrder);
    for (const field of inFileOrder) signatures.push(await this.#signature(field, structure));
    signatures.push(...this.#removedSignatures(fields));
    signatures.sort((a, b) => a.revision - b.revision);
    const report = {
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
    } as const;
    return { ...report, answer: answerOf(report) };
  }

  async #signature(
    field: FormField,
    structure: readonly StructuralFinding[],
  ): Promise<SignatureReport> {
    try {
      return await this.#judge.judge(field, structure);
    } catch (error) {
      if (!isAppError(error) || error.code === 'pdf-encrypted') throw error;
      // What cannot be read cannot be relied on; the other signatures still are judged.
      return faultyReport(this.#document, field, message('changes-not-analysed', error.code));
    }
  }

  /** Signatures that an earlier revision had and the file as it is now does not show. */
  #removedSignatures(fields: readonly FormField[]): readonly SignatureReport[] {
    const { revisions, mode } = this.#document;
    const names = new Set(fields.map(({ name }) => name));
    const removed: SignatureReport[] = [];
    for (let index = 0; mode === 'strict' && index < revisions.length - 1; index++) {
      for (const field of fieldsOf(() => this.#history.stateOf(index))) {
        if (names.has(field.name) || !isSigned(this.#history.stateOf(index), field)) continue;
        names.add(field.name);
        removed.push({
          ...faultyReport(this.#document, field, message('signature-removed')),
          revision: index + 1,
          changesAfter: { verdict: 'forbidden', details: [], changes: [] },
        });
      }
    }
    return removed;
  }
}

/** Each one means hashing the file as far as it reaches; a contract has two to some dozen. */
const MOST_SIGNATURES = 256;

/**
 * Raises signatures that are in a file: a document time-stamp where nothing proves when they were
 * made (B-T), the evidence to validate them and their time-stamps (B-LT), and a document time-stamp
 * over that (B-LTA). On a file that has all of it, the last step renews: evidence for the authority
 * of the newest time-stamp, then another time-stamp. Each step is a revision; nothing is rewritten.
 *
 * @see ETSI EN 319 142-1, 5.4 and 6.3
 */
import {
  AppError,
  ConcatSource,
  MemorySource,
  concatBytes,
  isAppError,
  type ByteSource,
  type Clock,
  type Secret,
} from '../../kernel/index.js';
import {
  appendValidationStore,
  digestPrepared,
  embedCms,
  prepareDocumentTimestamp,
  readValidationStore,
  type SignatureMaterial,
  type ValidationMaterial,
} from '../../pades/index.js';
import { openPdf, type PdfDocument } from '../../pdf/index.js';
import {
  joinMaterial,
  readableCertificates,
  type EvidenceCollector,
} from './evidence-collector.js';
import {
  covers,
  fileSignatures,
  provedTime,
  type FileSignature,
  type FileSignatures,
  type FileTimestamp,
  type ProvedTime,
} from './file-signatures.js';
import { isAtLeast, type Level } from './level.js';
import type { Stamp, TimestampClient } from './timestamp-client.js';

export interface RaiseOptions {
  readonly target: Exclude<Level, 'B-B'>;
  /** Names of the fields whose signatures are raised; all where absent. */
  readonly fields?: readonly string[];
  readonly timestamps: TimestampClient;
  readonly evidence: EvidenceCollector;
  readonly clock: Clock;
  /** Of an encrypted file. */
  readonly password?: Secret;
  /** Revocation evidence of a signer must be from after its time-stamp. */
  readonly demandsFreshEvidence?: boolean;
}

export interface RaisedFile {
  /** What to append to the file; empty where it needs nothing. */
  readonly appended: Uint8Array;
  /** The level that every signature asked for has now at least. */
  readonly level: Level;
  readonly fields: readonly string[];
  /** Why it is not the target, where it is not. */
  readonly failure: AppError | undefined;
  /** The authority's certificate of the document time-stamp that was added ends then. */
  readonly renewBefore: Date | undefined;
}

/**
 * Goes as far as it can: what was reached before a failure is kept, and the failure told.
 *
 * @throws AppError `input-invalid` where the file has no such signature; and what reading a PDF throws
 */
export async function raiseLevel(file: ByteSource, options: RaiseOptions): Promise<RaisedFile> {
  const raise = new Raise(file, options);
  const failure = await raise.run();
  return raise.result(failure);
}

class Raise {
  readonly #options: RaiseOptions;
  readonly #parts: Uint8Array[] = [];
  #file: ByteSource;
  #document: PdfDocument;
  #found: FileSignatures;
  #level: Level = 'B-B';
  #renewBefore: Date | undefined;

  constructor(file: ByteSource, options: RaiseOptions) {
    this.#options = options;
    this.#file = file;
    this.#document = this.#open(file);
    this.#found = fileSignatures(file, this.#document);
    if (this.#signatures().length === 0) {
      throw new AppError('input-invalid', 'no signature to be raised', {
        params: { fields: options.fields ?? [] },
      });
    }
  }

  /** @returns The failure that ended it, if one did. */
  async run(): Promise<AppError | undefined> {
    const { target } = this.#options;
    try {
      if (this.#signatures().some((each) => this.#provedTime(each) === undefined)) {
        await this.#addTimestamp();
      }
      this.#level = 'B-T';
      if (!isAtLeast(target, 'B-LT')) return undefined;
      await this.#addEvidence();
      this.#level = 'B-LT';
      if (!isAtLeast(target, 'B-LTA')) return undefined;
      await this.#addTimestamp();
      this.#level = 'B-LTA';
      return undefined;
    } catch (error) {
      if (isAppError(error)) return error;
      throw error;
    }
  }

  result(failure: AppError | undefined): RaisedFile {
    return {
      appended: concatBytes(this.#parts),
      level: this.#level,
      fields: this.#signatures().map(({ fieldName }) => fieldName),
      failure,
      renewBefore: this.#level === 'B-LTA' ? this.#renewBefore : undefined,
    };
  }

  #signatures(): readonly FileSignature[] {
    const { fields } = this.#options;
    const { signatures } = this.#found;
    return fields === undefined
      ? signatures
      : signatures.filter(({ fieldName }) => fields.includes(fieldName));
  }

  #provedTime(signature: FileSignature): Date | undefined {
    return provedTime(signature, this.#found.timestamps);
  }

  #open(file: ByteSource): PdfDocument {
    const { password } = this.#options;
    return openPdf(file, { mode: 'lenient', ...(password === undefined ? {} : { password }) });
  }

  #append(part: Uint8Array): void {
    this.#parts.push(part);
    this.#file = new ConcatSource(this.#file, new MemorySource(part));
    this.#document = this.#open(this.#file);
    this.#found = fileSignatures(this.#file, this.#document);
  }

  async #addTimestamp(): Promise<void> {
    const { timestamps } = this.#options;
    const first = await this.#timestamped(await timestamps.expectedBytes());
    // Longer than any before: once more, with the room that it turned out to need.
    const done = 'needBytes' in first ? await this.#timestamped(first.needBytes) : first;
    if ('needBytes' in done) {
      throw new AppError('signature-too-large', 'tokens grow from one to the next', {
        params: { needBytes: done.needBytes },
      });
    }
    this.#append(done.appended);
    this.#renewBefore = done.stamp.authorityNotAfter;
  }

  async #timestamped(
    tokenBytes: number,
  ): Promise<
    { readonly appended: Uint8Array; readonly stamp: Stamp } | { readonly needBytes: number }
  > {
    const prepared = prepareDocumentTimestamp(this.#document, tokenBytes);
    const digest = digestPrepared(this.#file, prepared, 'sha256');
    const stamp = await this.#options.timestamps.stamp(digest, 'sha256');
    if (stamp.tokenDer.length > tokenBytes) return { needBytes: stamp.tokenDer.length };
    return { appended: embedCms(prepared, stamp.tokenDer), stamp };
  }

  async #addEvidence(): Promise<void> {
    const known = readValidationStore(this.#document);
    const materials: SignatureMaterial[] = [];
    for (const signature of this.#signatures()) {
      materials.push(await this.#signatureMaterial(signature, known));
    }
    for (const timestamp of this.#found.timestamps) {
      const material = await this.#timestampMaterial(timestamp, known, timestamp);
      materials.push({ ...material, contents: timestamp.contents });
    }
    const part = appendValidationStore(this.#document, materials, this.#options.clock.now());
    if (part !== undefined) this.#append(part);
  }

  async #signatureMaterial(
    signature: FileSignature,
    known: ValidationMaterial,
  ): Promise<SignatureMaterial> {
    const { evidence, demandsFreshEvidence } = this.#options;
    const { signedData, certificate } = signature;
    const provedAt = this.#provedTime(signature) ?? this.#options.clock.now();
    const own = await evidence.collect(certificate, {
      usage: 'contract-signing',
      embedded: [...signature.certificates, ...readableCertificates(known.certificatesDer)],
      at: provedAt,
      issuedAfter: demandsFreshEvidence === true ? provedAt : undefined,
      known: joinMaterial(known, {
        certificatesDer: [],
        ocspsDer: signedData.ocspResponsesDer,
        crlsDer: signedData.crlsDer,
      }),
    });
    const stamped: ValidationMaterial[] = [];
    for (const timestamp of signature.timestamps) {
      stamped.push(await this.#timestampMaterial(timestamp, known, signature));
    }
    return { ...joinMaterial(own.material, ...stamped), contents: signature.contents };
  }

  /**
   * Evidence for a time-stamp's authority, as of the next time-stamp that covers it; of now for the
   * newest, since nothing later vouches for it yet.
   */
  async #timestampMaterial(
    timestamp: ProvedTime,
    known: ValidationMaterial,
    holder: FileSignature | FileTimestamp,
  ): Promise<ValidationMaterial> {
    const next = this.#found.timestamps.find((each) => covers(each, holder));
    const { material } = await this.#options.evidence.collect(timestamp.certificate, {
      usage: 'time-stamping',
      embedded: [...timestamp.certificates, ...readableCertificates(known.certificatesDer)],
      at: next?.generatedAt ?? this.#options.clock.now(),
      known,
    });
    return material;
  }
}

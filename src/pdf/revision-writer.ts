/**
 * Appends one revision to a document. Never touches the bytes that are there: it returns what comes
 * after them. Deterministic: the same changes give the same bytes.
 *
 * @see ISO 32000-1:2008, 7.5.6
 */
import { AppError, digestBytes } from '../kernel/index.js';
import type { PdfDocument } from './document.js';
import {
  PdfArray,
  PdfDict,
  PdfRef,
  PdfStream,
  PdfString,
  type ByteSpan,
  type Placeholder,
  type PdfValue,
} from './objects.js';
import { ByteWriter, writeValue } from './serialize.js';
import { decodeText } from './text-string.js';
import { sectionEntries, type XrefEntry } from './xref-section.js';
import { writeXrefStream, writeXrefTable } from './xref-writer.js';

/** A revision ready to be appended. */
export interface FinishedRevision {
  /** What comes after the base file. */
  readonly appended: Uint8Array;
  /** Length of the base file. */
  readonly baseSize: number;
  /** Position of the new cross-reference section in the whole file. */
  readonly startxref: number;
  /** Where each placeholder begins in the whole file. */
  readonly placeholders: ReadonlyMap<Placeholder, number>;
  /** Where each written object stands in the whole file, by number. */
  readonly objects: ReadonlyMap<number, ByteSpan>;
}

export interface FinishOptions {
  /**
   * Second part of the new `/ID`. Left out: the first 16 bytes of the SHA-256 of the objects written.
   */
  readonly changingId?: Uint8Array;
}

/** Trailer entries that belong to one section and are not carried over. */
const SECTION_KEYS = [
  'Prev',
  'XRefStm',
  'Size',
  'ID',
  'Type',
  'W',
  'Index',
  'Filter',
  'DecodeParms',
  'Length',
  'DL',
];

/** Largest offset that the ten digits of a cross-reference table hold. */
const TABLE_LIMIT = 9_999_999_999;

/** Starts a revision on top of `document`. @throws AppError as {@link PdfDocument.assertReadable} */
export function beginRevision(document: PdfDocument): RevisionWriter {
  return new RevisionWriter(document);
}

export class RevisionWriter {
  readonly document: PdfDocument;
  /** Objects of pages, by index, where this revision gives pages objects of their own; empty where it does not. */
  readonly separatedPages = new Map<number, PdfRef>();
  readonly #values = new Map<number, { readonly ref: PdfRef; readonly value: PdfValue }>();
  #next: number;

  constructor(document: PdfDocument) {
    document.assertReadable();
    this.document = document;
    this.#next = document.nextObjectNumber;
  }

  /** A new object number; {@link set} gives it a value. */
  reserve(): PdfRef {
    return new PdfRef(this.#next++);
  }

  /** Defines or redefines object `ref`. */
  set(ref: PdfRef, value: PdfValue): void {
    this.#values.set(ref.num, { ref, value });
  }

  /** A new object with `value`. */
  add(value: PdfValue): PdfRef {
    const ref = this.reserve();
    this.set(ref, value);
    return ref;
  }

  /** A new stream; `bytes` are stored as they are and not copied, so `dict` names their filter. */
  addStream(dict: PdfDict, bytes: Uint8Array): PdfRef {
    return this.add(PdfStream.of(dict, bytes));
  }

  /** `value` with references followed, through this revision's own objects first. @throws AppError `pdf-malformed` */
  resolve(value: PdfValue | undefined): PdfValue {
    let found = value ?? null;
    for (let i = 0; found instanceof PdfRef && i < 32; i++) {
      const own: { readonly value: PdfValue } | undefined = this.#values.get(found.num);
      if (own === undefined) return this.document.resolve(found);
      found = own.value;
    }
    return found;
  }

  /** Names of the top-level fields this revision adds so far. */
  get newFieldNames(): readonly string[] {
    const names: string[] = [];
    for (const { value } of this.#values.values()) {
      const name = value instanceof PdfDict && value.has('FT') ? value.get('T') : undefined;
      if (name instanceof PdfString) names.push(decodeText(name));
    }
    return names;
  }

  /** {@link resolve}, where only a dictionary is of use. */
  resolveDict(value: PdfValue | undefined): PdfDict | undefined {
    const found = this.resolve(value);
    return found instanceof PdfDict ? found : undefined;
  }

  /**
   * Writes the revision in the style of the one before: a table after a table, a stream after a stream. After
   * a hybrid section comes a table, since all that is written here is readable by old and new readers alike.
   *
   * @throws AppError `pdf-unsupported` where a table cannot hold the offset, `input-invalid`, `pdf-malformed`
   */
  finish(options: FinishOptions = {}): FinishedRevision {
    const { document } = this;
    const baseSize = document.source.size;
    const out = new ByteWriter(8192 + this.#expectedBytes());
    const placeholders = new Map<Placeholder, number>();
    const objects = new Map<number, ByteSpan>();
    const entries = new Map<number, XrefEntry>();
    if (document.isRebuilt) this.#carryOver(entries);
    if (!endsWithLineEnd(document)) out.text('\n');
    const numbers = [...this.#values.keys()].sort((a, b) => a - b);
    for (const num of numbers) {
      const object = this.#values.get(num);
      if (object === undefined) continue;
      const start = baseSize + out.length;
      const stored = document.encryptFor(object.ref, object.value);
      writeObject(out, object.ref, stored, (placeholder, at) =>
        placeholders.set(placeholder, baseSize + at),
      );
      objects.set(num, { start, end: baseSize + out.length });
      entries.set(num, { kind: 'in-file', offset: start - document.base, gen: object.ref.gen });
      out.text('\n');
    }
    const startxref = baseSize + out.length;
    const asStream = document.levels[0]?.main.kind === 'stream';
    const trailer = this.#trailer(out, options.changingId);
    if (asStream) {
      const ref = this.reserve();
      entries.set(ref.num, { kind: 'in-file', offset: startxref - document.base, gen: 0 });
      writeXrefStream(out, ref, entries, trailer.with({ Size: this.#size() }));
    } else {
      if (startxref - document.base > TABLE_LIMIT) {
        throw new AppError('pdf-unsupported', 'offset does not fit a cross-reference table', {
          params: { feature: 'cross-reference table beyond 10^10 bytes' },
        });
      }
      writeXrefTable(out, entries, trailer.with({ Size: this.#size() }));
    }
    out.text(`startxref\n${startxref - document.base}\n%%EOF\n`);
    return { appended: out.result(), baseSize, startxref, placeholders, objects };
  }

  #expectedBytes(): number {
    let expected = 0;
    for (const { value } of this.#values.values()) {
      expected += value instanceof PdfStream ? value.rawBytes().length + 256 : 1024;
    }
    return expected;
  }

  #size(): number {
    return Math.max(this.#next, this.document.nextObjectNumber);
  }

  #trailer(written: ByteWriter, changingId: Uint8Array | undefined): PdfDict {
    const { document } = this;
    const carried = document.trailer.with(
      Object.fromEntries(SECTION_KEYS.map((key) => [key, undefined])),
    );
    const newestStart = document.levels[0]?.main.span.start ?? 0;
    const changing = changingId ?? digestBytes('sha256', written.result()).subarray(0, 16);
    const id = document.resolve(document.trailer.get('ID'));
    const permanent = id instanceof PdfArray ? document.resolve(id.items[0]) : undefined;
    // The key of an encrypted file depends on the identifier: one that lacks it must go on without.
    const isFixed = document.encrypted && !(permanent instanceof PdfString);
    const parts = [
      permanent instanceof PdfString ? permanent : new PdfString(changing, true),
      new PdfString(changing, true),
    ];
    return carried.with({
      ID: isFixed ? undefined : new PdfArray(parts),
      // A rebuilt file has no section worth pointing to; the new one speaks of every object.
      Prev: document.isRebuilt ? undefined : newestStart - document.base,
    });
  }

  /** After repair there is no chain to lean on, so the new section lists the old objects as well. */
  #carryOver(entries: Map<number, XrefEntry>): void {
    const rebuilt = this.document.levels[0]?.main;
    if (rebuilt === undefined) return;
    const { base } = this.document;
    for (const [num, entry] of sectionEntries(rebuilt)) {
      const isMoved = entry.kind === 'in-file' && base > 0;
      entries.set(num, isMoved ? { ...entry, offset: entry.offset - base } : entry);
    }
    entries.set(0, { kind: 'free', gen: 65535 });
  }
}

function writeObject(
  out: ByteWriter,
  ref: PdfRef,
  value: PdfValue,
  onPlaceholder: (placeholder: Placeholder, at: number) => void,
): void {
  out.text(`${ref.num} ${ref.gen} obj\n`);
  if (value instanceof PdfStream) {
    const bytes = value.rawBytes();
    writeValue(out, value.dict.with({ Length: bytes.length }), onPlaceholder);
    out.text('\nstream\n');
    out.append(bytes);
    out.text('\nendstream');
  } else {
    writeValue(out, value, onPlaceholder);
  }
  out.text('\nendobj');
}

function endsWithLineEnd(document: PdfDocument): boolean {
  const last = document.source.read(document.source.size - 1, 1)[0];
  return last === 0x0a || last === 0x0d;
}

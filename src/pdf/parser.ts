/**
 * Reads PDF values from bytes. Bounded in depth and length; knows nothing of cross-references, so
 * a stream comes out as its dictionary and the caller reads on.
 *
 * @see ISO 32000-1:2008, 7.2 and 7.3
 */
import { bytesToLatin1, type ByteSource } from '../kernel/index.js';
import { AtomReader, type OnRepair } from './atom-reader.js';
import { ByteReader } from './byte-reader.js';
import { EXACT_DIGITS, isDigit, isRegular, isWhitespace } from './characters.js';
import type { PdfLimits } from './limits.js';
import {
  PdfArray,
  PdfDict,
  PdfName,
  PdfRef,
  type ByteSpan,
  type DictOrigin,
  type PdfValue,
} from './objects.js';
import { limitExceeded, malformed } from './pdf-errors.js';

const LONGEST_KEYWORD = 32;
const LONGEST_TEXT = 1 << 16;

/** One key of a dictionary with the exact bytes of its two tokens. */
export interface EntrySpan {
  readonly key: string;
  /** From `/` to the end of the name. */
  readonly keySpan: ByteSpan;
  /** From the first to past the last byte of the value; of a reference, past its `R`. */
  readonly valueSpan: ByteSpan;
}

export class Parser {
  readonly reader: ByteReader;
  readonly #limits: PdfLimits;
  readonly #container: number | undefined;
  readonly #onRepair: OnRepair | undefined;
  readonly #atoms: AtomReader;

  /**
   * @param container - Number of the object stream that `source` holds the decoded bytes of.
   * @param onRepair - Given: reads on past malformed tokens as viewers do, and tells of each. Left out: strict.
   */
  constructor(source: ByteSource, limits: PdfLimits, container?: number, onRepair?: OnRepair) {
    this.reader = new ByteReader(source);
    this.#limits = limits;
    this.#container = container;
    this.#onRepair = onRepair;
    this.#atoms = new AtomReader(this.reader, limits, (what, at) => this.#repair(what, at));
  }

  get pos(): number {
    return this.reader.pos;
  }

  set pos(at: number) {
    this.reader.pos = at;
  }

  /** Moves past white space and comments. */
  skipBlank(): void {
    const reader = this.reader;
    for (;;) {
      const byte = reader.peek();
      if (isWhitespace(byte)) {
        reader.pos++;
      } else if (byte === 0x25) {
        this.skipComment();
      } else {
        return;
      }
    }
  }

  /** Moves past the comment at the cursor, to the end of its line. */
  skipComment(): void {
    do {
      this.reader.pos++;
    } while (!isLineEnd(this.reader.peek()));
  }

  /** The bytes from `start` to `end`, one character each; at most {@link LONGEST_TEXT}. */
  textBetween(start: number, end: number): string {
    return bytesToLatin1(this.reader.source.read(start, Math.min(end - start, LONGEST_TEXT)));
  }

  /** Moves past white space alone, as between `startxref` and its number. */
  skipWhitespace(): void {
    while (isWhitespace(this.reader.peek())) this.reader.pos++;
  }

  /** Moves past `word` if it is the next token; leaves the cursor where it was if not. */
  tryKeyword(word: string): boolean {
    const before = this.pos;
    this.skipBlank();
    if (this.reader.startsWith(word) && !isRegular(this.reader.peekAt(word.length))) {
      this.pos += word.length;
      return true;
    }
    this.pos = before;
    return false;
  }

  /** @throws AppError `pdf-malformed` */
  expectKeyword(word: string): void {
    if (!this.tryKeyword(word)) throw malformed(`expected ${word}`, this.pos);
  }

  /** A non-negative integer, or undefined with the cursor where it was. */
  tryUnsigned(): number | undefined {
    const before = this.pos;
    this.skipBlank();
    const reader = this.reader;
    let value = 0;
    let digits = 0;
    while (isDigit(reader.peek()) && digits < 16) {
      value = value * 10 + (reader.next() - 0x30);
      digits++;
    }
    if (digits === 0 || isRegular(reader.peek()) || !Number.isSafeInteger(value)) {
      this.pos = before;
      return undefined;
    }
    return value;
  }

  /** @throws AppError `pdf-malformed` */
  expectUnsigned(): number {
    const value = this.tryUnsigned();
    if (value === undefined) throw malformed('expected an integer', this.pos);
    return value;
  }

  /**
   * The next value; references are not followed.
   *
   * @throws AppError `pdf-malformed`, `pdf-limit-exceeded`
   */
  parseValue(depth = 0): PdfValue {
    this.skipBlank();
    const reader = this.reader;
    const byte = reader.peek();
    if (isDigit(byte)) return this.#parseNumberOrRef();
    switch (byte) {
      case 0x2f: // /
        return new PdfName(this.#atoms.readName());
      case 0x28: // (
        return this.#atoms.readLiteralString();
      case 0x5b: // [
        return this.#parseArray(depth + 1);
      case 0x3c: // <
        return reader.peekAt(1) === 0x3c ? this.parseDict(depth + 1) : this.#atoms.readHexString();
      case 0x2b: // +
      case 0x2d: // -
      case 0x2e: // .
        return this.#atoms.readNumber();
      default:
        return this.#parseKeyword();
    }
  }

  /**
   * The dictionary at the cursor.
   *
   * @param onEntry - Told of each key as it is read; used to prove tokens on raw bytes.
   * @throws AppError `pdf-malformed`, `pdf-limit-exceeded`
   */
  parseDict(depth = 1, onEntry?: (entry: EntrySpan) => void): PdfDict {
    if (depth > this.#limits.maxDepth) throw limitExceeded('maxDepth', this.#limits.maxDepth);
    this.skipBlank();
    const start = this.pos;
    if (this.reader.peek() !== 0x3c || this.reader.peekAt(1) !== 0x3c) {
      throw malformed('expected a dictionary', start);
    }
    this.pos += 2;
    const entries = new Map<string, PdfValue>();
    let duplicateKeys: string[] | undefined;
    for (;;) {
      this.skipBlank();
      const keyStart = this.pos;
      const byte = this.reader.peek();
      if (byte === 0x3e && this.reader.peekAt(1) === 0x3e) {
        this.pos += 2;
        break;
      }
      if (byte !== 0x2f) {
        this.#repair('expected a key', keyStart);
        if (this.#atContainerEnd()) break;
        this.#passOver(byte, depth);
        continue;
      }
      const key = this.#atoms.readName();
      const keyEnd = this.pos;
      this.skipBlank();
      const valueStart = this.pos;
      const value = this.#parseEntryValue(depth);
      onEntry?.({
        key,
        keySpan: { start: keyStart, end: keyEnd },
        valueSpan: { start: valueStart, end: this.pos },
      });
      const earlier = entries.get(key);
      if (earlier !== undefined && !isSameAtom(earlier, value)) (duplicateKeys ??= []).push(key);
      entries.set(key, value);
      if (entries.size > this.#limits.maxItems) {
        throw limitExceeded('maxItems', this.#limits.maxItems);
      }
    }
    const origin: DictOrigin = {
      span: { start, end: this.pos },
      container: this.#container,
      duplicateKeys: duplicateKeys ?? NO_DUPLICATES,
    };
    return new PdfDict(entries, origin);
  }

  #parseEntryValue(depth: number): PdfValue {
    if (this.#onRepair !== undefined && (this.#atDictEnd() || this.#atContainerEnd())) {
      this.#repair('key without a value', this.pos);
      return null;
    }
    return this.parseValue(depth);
  }

  /** Tells of something that can be read past; where reading is strict, throws. @throws AppError `pdf-malformed` */
  #repair(what: string, offset: number): void {
    if (this.#onRepair === undefined) throw malformed(what, offset);
    this.#onRepair(what, offset);
  }

  /** Whether the object ends here although a dictionary or array is still open. */
  #atContainerEnd(): boolean {
    const { reader } = this;
    switch (reader.peek()) {
      case -1:
        return true;
      case 0x65: // e
        return reader.startsWith('endobj') || reader.startsWith('endstream');
      case 0x73: // s
        return reader.startsWith('stream') || reader.startsWith('startxref');
      case 0x74: // t
        return reader.startsWith('trailer');
      case 0x78: // x
        return reader.startsWith('xref');
      default:
        return false;
    }
  }

  #atDictEnd(): boolean {
    return this.reader.peek() === 0x3e && this.reader.peekAt(1) === 0x3e;
  }

  /** Moves past one token that has no place in a dictionary. */
  #passOver(byte: number, depth: number): void {
    if (byte === 0x3e || byte === 0x5d) this.pos++;
    else this.parseValue(depth);
  }

  #parseArray(depth: number): PdfArray {
    if (depth > this.#limits.maxDepth) throw limitExceeded('maxDepth', this.#limits.maxDepth);
    const start = this.pos;
    this.pos++;
    const items: PdfValue[] = [];
    for (;;) {
      this.skipBlank();
      if (this.reader.peek() === 0x5d) {
        this.pos++;
        return new PdfArray(items, { start, end: this.pos });
      }
      if (this.#onRepair !== undefined && (this.#atContainerEnd() || this.#atDictEnd())) {
        this.#repair('array without end', start);
        return new PdfArray(items, { start, end: this.pos });
      }
      items.push(this.parseValue(depth));
      if (items.length > this.#limits.maxItems) {
        throw limitExceeded('maxItems', this.#limits.maxItems);
      }
    }
  }

  #parseKeyword(): null | boolean {
    const start = this.pos;
    const reader = this.reader;
    let word = '';
    while (word.length < LONGEST_KEYWORD && isRegular(reader.peek())) {
      word += String.fromCharCode(reader.next());
    }
    switch (word) {
      case 'true':
        return true;
      case 'false':
        return false;
      case 'null':
        return null;
      default:
        if (start >= reader.size) throw malformed('unexpected end', start);
        this.#repair('unexpected token', start);
        if (word === '') this.pos++;
        return null;
    }
  }

  #parseNumberOrRef(): number | PdfRef {
    const num = this.#atoms.readNumber();
    if (this.#atoms.hadPoint || num > this.#limits.maxObjectNumber) return num;
    const gen = this.#tryReferenceTail();
    return gen === undefined ? num : new PdfRef(num, gen);
  }

  /** After the object number: the generation of a reference, past its `R`; or undefined, the cursor unmoved. */
  #tryReferenceTail(): number | undefined {
    const reader = this.reader;
    const bytes = reader.window;
    const start = reader.windowPos;
    // Most numbers are followed by another or by a bracket: seen without moving the cursor.
    let at = start;
    while (isWhitespace(bytes[at] ?? -1)) at++;
    const first = bytes[at];
    if (first !== undefined && first !== 0x25 && (at === start || !isDigit(first)))
      return undefined;
    let gen = 0;
    const digits = at;
    for (; isDigit(bytes[at] ?? -1) && at - digits < EXACT_DIGITS; at++) {
      gen = gen * 10 + (bytes[at] ?? 0) - 0x30;
    }
    const last = at;
    while (isWhitespace(bytes[at] ?? -1)) at++;
    const byte = bytes[at];
    const after = bytes[at + 1];
    if (byte === undefined || after === undefined || byte === 0x25)
      return this.#readReferenceTail();
    if (byte !== 0x52 || at === last || gen > 65535 || isRegular(after)) return undefined;
    reader.pos += at - start + 1;
    return gen;
  }

  #readReferenceTail(): number | undefined {
    const reader = this.reader;
    const afterNum = this.pos;
    if (isWhitespace(reader.peek()) || reader.peek() === 0x25) {
      this.skipBlank();
      const gen = this.tryUnsigned();
      if (gen !== undefined && gen <= 65535) {
        this.skipBlank();
        if (reader.peek() === 0x52 && !isRegular(reader.peekAt(1))) {
          this.pos++;
          return gen;
        }
      }
    }
    this.pos = afterNum;
    return undefined;
  }
}

const NO_DUPLICATES: readonly string[] = [];

/** Whether two values of one key are the same atom: the same to readers that take the first and the last. */
function isSameAtom(a: PdfValue, b: PdfValue): boolean {
  if (a instanceof PdfName) return b instanceof PdfName && a.value === b.value;
  if (a instanceof PdfRef) return a.equals(b);
  return typeof a !== 'object' && a === b;
}

function isLineEnd(byte: number): boolean {
  return byte === 0x0a || byte === 0x0d || byte < 0;
}

/** The values a PDF is made of, as read from a file or as about to be written. All of them are immutable. */
import { AppError } from '../kernel/index.js';

/** Bytes `[start, end)`, counted from the start of the file, or of the decoded object stream. */
export interface ByteSpan {
  readonly start: number;
  readonly end: number;
}

/**
 * Any PDF object. Numbers are plain numbers: an integer is one where `Number.isSafeInteger` holds.
 * `Placeholder` occurs in values to be written only, never in parsed ones.
 */
export type PdfValue =
  | null
  | boolean
  | number
  | PdfName
  | PdfString
  | PdfRef
  | PdfArray
  | PdfDict
  | PdfStream
  | Placeholder;

/** A name; `value` has the `#xx` escapes resolved and one character a byte (Latin-1). */
export class PdfName {
  readonly value: string;

  constructor(value: string) {
    this.value = value;
  }
}

/** A string: its bytes after escapes, and whether it is written as hex. */
export class PdfString {
  readonly bytes: Uint8Array;
  readonly isHex: boolean;

  constructor(bytes: Uint8Array, isHex = false) {
    this.bytes = bytes;
    this.isHex = isHex;
  }
}

/** A reference to an indirect object. */
export class PdfRef {
  readonly num: number;
  readonly gen: number;

  constructor(num: number, gen = 0) {
    this.num = num;
    this.gen = gen;
  }

  equals(other: PdfValue | undefined): boolean {
    return other instanceof PdfRef && other.num === this.num && other.gen === this.gen;
  }
}

export class PdfArray {
  readonly items: readonly PdfValue[];
  /** From `[` to past `]`, where parsed. */
  readonly span: ByteSpan | undefined;

  constructor(items: readonly PdfValue[], span?: ByteSpan) {
    this.items = items;
    this.span = span;
  }
}

/** What the parser notes about a dictionary that it read. */
export interface DictOrigin {
  /** From `<<` to past `>>`. */
  readonly span: ByteSpan;
  /** Number of the object stream whose decoded bytes `span` counts in; undefined for the file itself. */
  readonly container: number | undefined;
  /**
   * Keys that occur more than once and could be read otherwise by another reader; the last value is
   * the one kept. The same name, number or reference twice is one value to every reader.
   */
  readonly duplicateKeys: readonly string[];
}

const NO_KEYS: readonly string[] = [];

/** A dictionary, in the order of its keys. */
export class PdfDict {
  readonly #entries: ReadonlyMap<string, PdfValue>;
  /** Where it was read; undefined for one that was built. */
  readonly origin: DictOrigin | undefined;

  constructor(entries: ReadonlyMap<string, PdfValue>, origin?: DictOrigin) {
    this.#entries = entries;
    this.origin = origin;
  }

  /** A dictionary of the given keys; those that are `undefined` are left out. */
  static of(entries: Readonly<Record<string, PdfValue | undefined>>): PdfDict {
    const map = new Map<string, PdfValue>();
    for (const [key, value] of Object.entries(entries)) {
      if (value !== undefined) map.set(key, value);
    }
    return new PdfDict(map);
  }

  get size(): number {
    return this.#entries.size;
  }

  get duplicateKeys(): readonly string[] {
    return this.origin?.duplicateKeys ?? NO_KEYS;
  }

  /** The value as it stands, references unresolved; undefined where it is absent or null. */
  get(key: string): PdfValue | undefined {
    return this.#entries.get(key) ?? undefined;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }

  entries(): IterableIterator<[string, PdfValue]> {
    return this.#entries.entries();
  }

  /** A copy with `changes` made: a value sets its key (in place, or at the end), `undefined` removes it. */
  with(changes: Readonly<Record<string, PdfValue | undefined>>): PdfDict {
    const map = new Map(this.#entries);
    for (const [key, value] of Object.entries(changes)) {
      if (value === undefined) map.delete(key);
      else map.set(key, value);
    }
    return new PdfDict(map);
  }
}

/** The stored bytes of a stream, and how to decode them. */
export interface StreamContent {
  /** Where the stored bytes are in the file; undefined for a stream that was built. */
  readonly span: ByteSpan | undefined;
  /** The bytes as stored, filters not undone. May alias the source. */
  raw(): Uint8Array;
  /** The bytes with every filter undone. */
  decode(dict: PdfDict): Uint8Array;
}

/** A dictionary with bytes. Always an indirect object. */
export class PdfStream {
  readonly dict: PdfDict;
  readonly #content: StreamContent;

  constructor(dict: PdfDict, content: StreamContent) {
    this.dict = dict;
    this.#content = content;
  }

  /** A stream to be written; `bytes` are stored as they are, `/Length` is set when it is written. */
  static of(dict: PdfDict, bytes: Uint8Array): PdfStream {
    return new PdfStream(dict, {
      span: undefined,
      raw: () => bytes,
      decode: () => {
        throw new AppError('internal', 'a stream that was built is not decoded');
      },
    });
  }

  get rawSpan(): ByteSpan | undefined {
    return this.#content.span;
  }

  /**
   * @throws AppError `pdf-limit-exceeded` where it is longer than `maxStreamBytes`.
   */
  rawBytes(): Uint8Array {
    return this.#content.raw();
  }

  /**
   * The decoded bytes; decoded anew on every call.
   *
   * @throws AppError `pdf-malformed`, `pdf-limit-exceeded`, `pdf-unsupported` (an unknown or image filter),
   * `pdf-encrypted`
   */
  data(): Uint8Array {
    return this.#content.decode(this.dict);
  }
}

/**
 * Bytes to be written as they are, whose place in the finished file the writer reports: the numbers of a
 * `/ByteRange`, the hex gap of `/Contents` with its angle brackets.
 */
export class Placeholder {
  readonly bytes: Uint8Array;

  /** @param bytes - The token's initial bytes; they must be one valid PDF token. Not copied. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get length(): number {
    return this.bytes.length;
  }

  /** `<000…0>` with room for `contentBytes` bytes: `2 * contentBytes + 2` bytes of file. */
  static hexGap(contentBytes: number): Placeholder {
    const bytes = new Uint8Array(2 * contentBytes + 2).fill(0x30);
    bytes[0] = 0x3c;
    bytes[bytes.length - 1] = 0x3e;
    return new Placeholder(bytes);
  }

  /** A decimal number to be filled in later: `0` padded with spaces on the right to `width` bytes. */
  static number(width: number): Placeholder {
    const bytes = new Uint8Array(width).fill(0x20);
    bytes[0] = 0x30;
    return new Placeholder(bytes);
  }
}

export function pdfName(value: string): PdfName {
  return new PdfName(value);
}

export function pdfArray(...items: readonly PdfValue[]): PdfArray {
  return new PdfArray(items);
}

/** Whether `value` is the name `name`. */
export function isName(value: PdfValue | undefined, name: string): boolean {
  return value instanceof PdfName && value.value === name;
}

/** Whether `value` is an integer that a double holds exactly. */
export function isInteger(value: PdfValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}

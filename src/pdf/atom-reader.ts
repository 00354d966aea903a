/**
 * Numbers, names and strings, from their first byte on.
 *
 * @see ISO 32000-1:2008, 7.3.3 to 7.3.5
 */
import type { ByteReader } from './byte-reader.js';
import { EXACT_DIGITS, hexDigit, isDigit, isRegular, isWhitespace } from './characters.js';
import type { PdfLimits } from './limits.js';
import { latin1Name } from './name-table.js';
import { PdfString } from './objects.js';
import { limitExceeded, malformed } from './pdf-errors.js';

const LONGEST_NUMBER = 512;
const FIRST_SCRATCH = 256;
const NO_BYTES = new Uint8Array(0);

/** Told what was put right, and where. */
export type OnRepair = (what: string, offset: number) => void;

/** Every method throws AppError `pdf-limit-exceeded`, and `pdf-malformed` for what has no end or where `onRepair` does. */
export class AtomReader {
  readonly #reader: ByteReader;
  readonly #limits: PdfLimits;
  readonly #repair: OnRepair;
  #scratch: Uint8Array = NO_BYTES;
  /** Whether the number read last was written with a decimal point. */
  hadPoint = false;

  constructor(reader: ByteReader, limits: PdfLimits, onRepair: OnRepair) {
    this.#reader = reader;
    this.#limits = limits;
    this.#repair = onRepair;
  }

  /** At a digit, a sign or a point. */
  readNumber(): number {
    return this.#tryShortInteger() ?? this.#readAnyNumber();
  }

  /** Nearly every number is one: digits alone, few enough, all at hand. */
  #tryShortInteger(): number | undefined {
    const ahead = this.#reader.window;
    const start = this.#reader.windowPos;
    let value = 0;
    let at = start;
    for (; at - start <= EXACT_DIGITS; at++) {
      const byte = ahead[at] ?? 0x2e;
      if (!isDigit(byte)) {
        if (at === start || byte === 0x2e || isRegular(byte)) return undefined;
        this.#reader.pos += at - start;
        this.hadPoint = false;
        return value;
      }
      value = value * 10 + byte - 0x30;
    }
    return undefined;
  }

  #readAnyNumber(): number {
    const reader = this.#reader;
    const start = this.#reader.pos;
    let negative = false;
    const first = reader.peek();
    if (first === 0x2b || first === 0x2d) {
      negative = first === 0x2d;
      reader.pos++;
    }
    let text = '';
    let digits = 0;
    let hasPoint = false;
    for (;;) {
      const byte = reader.peek();
      if (isDigit(byte)) digits++;
      else if (byte === 0x2e && !hasPoint) hasPoint = true;
      else break;
      text += String.fromCharCode(byte);
      if (text.length > LONGEST_NUMBER) throw malformed('number too long', start);
      reader.pos++;
    }
    if (digits === 0 || isRegular(reader.peek())) {
      this.#repair('malformed number', start);
      return this.#readMalformedNumber(start);
    }
    this.hadPoint = hasPoint;
    const value = Math.min(Number(text), Number.MAX_VALUE);
    return negative && value !== 0 ? -value : value;
  }

  /** As viewers read `--5`, `1.2.3`, `7-3` and `.`: signs before the first digit count once, the rest is cut off. */
  #readMalformedNumber(start: number): number {
    const reader = this.#reader;
    reader.pos = start;
    let text = '';
    while (isRegular(reader.peek())) {
      if (text.length < LONGEST_NUMBER) text += String.fromCharCode(reader.peek());
      reader.pos++;
    }
    this.hadPoint = true;
    const value = Number.parseFloat(text.replace(/^[+-]*/, ''));
    if (!Number.isFinite(value)) return 0;
    return text.startsWith('-') && value !== 0 ? -value : value;
  }

  /** At the slash. */
  readName(): string {
    return this.#tryPlainName() ?? this.#readAnyName();
  }

  /** Nearly every name is one: no escapes, and all at hand. */
  #tryPlainName(): string | undefined {
    const ahead = this.#reader.window;
    const start = this.#reader.windowPos + 1;
    const limit = Math.min(ahead.length, start + this.#limits.maxNameBytes);
    for (let at = start; at < limit; at++) {
      const byte = ahead[at] ?? 0x23;
      if (byte === 0x23) return undefined;
      if (isRegular(byte)) continue;
      this.#reader.pos += at - start + 1;
      return latin1Name(ahead, start, at);
    }
    return undefined;
  }

  #readAnyName(): string {
    const reader = this.#reader;
    const start = this.#reader.pos;
    reader.pos++;
    let name = '';
    for (;;) {
      const byte = reader.peek();
      if (!isRegular(byte)) return name;
      reader.pos++;
      if (byte === 0x23) {
        const high = hexDigit(reader.peek());
        const low = hexDigit(reader.peekAt(1));
        if (high >= 0 && low >= 0) {
          reader.pos += 2;
          name += String.fromCharCode(high * 16 + low);
          continue;
        }
      }
      name += String.fromCharCode(byte);
      if (this.#reader.pos - start > this.#limits.maxNameBytes) {
        throw limitExceeded('maxNameBytes', this.#limits.maxNameBytes);
      }
    }
  }

  /** At the `<`. */
  readHexString(): PdfString {
    const reader = this.#reader;
    const start = this.#reader.pos;
    reader.pos++;
    let length = 0;
    let high = -1;
    for (;;) {
      if (high < 0) length = this.#storeHexPairs(length);
      const byte = reader.next();
      if (byte === 0x3e) break;
      const digit = hexDigit(byte);
      if (digit >= 0) {
        if (high < 0) {
          high = digit;
        } else {
          length = this.#store(length, high * 16 + digit);
          high = -1;
        }
      } else if (byte < 0) {
        throw malformed('string without end', start);
      } else if (!isWhitespace(byte)) {
        this.#repair('malformed hex string', start);
      }
    }
    if (high >= 0) length = this.#store(length, high * 16);
    return new PdfString(this.#scratch.slice(0, length), true);
  }

  /** The pairs of hex digits at the cursor, as far as they are at hand: nearly all of a signature's Contents. */
  #storeHexPairs(length: number): number {
    const ahead = this.#reader.window;
    const start = this.#reader.windowPos;
    if (start < 0) return length;
    let at = start;
    let stored = length;
    for (; at + 1 < ahead.length; at += 2) {
      const high = hexDigit(ahead[at] ?? -1);
      const low = hexDigit(ahead[at + 1] ?? -1);
      if (high < 0 || low < 0) break;
      stored = this.#store(stored, high * 16 + low);
    }
    this.#reader.pos += at - start;
    return stored;
  }

  /** At the `(`. */
  readLiteralString(): PdfString {
    const reader = this.#reader;
    const start = this.#reader.pos;
    reader.pos++;
    let length = 0;
    let open = 1;
    for (;;) {
      let byte = reader.next();
      if (byte < 0) throw malformed('string without end', start);
      if (byte === 0x28) {
        open++;
      } else if (byte === 0x29) {
        if (--open === 0) break;
      } else if (byte === 0x5c) {
        byte = this.#readEscape();
        if (byte < 0) continue;
      } else if (byte === 0x0d) {
        if (reader.peek() === 0x0a) reader.pos++;
        byte = 0x0a;
      }
      length = this.#store(length, byte);
    }
    return new PdfString(this.#scratch.slice(0, length), false);
  }

  /** The byte that the escape after a backslash stands for, or -1 for none. */
  #readEscape(): number {
    const reader = this.#reader;
    const byte = reader.next();
    switch (byte) {
      case 0x6e:
        return 0x0a;
      case 0x72:
        return 0x0d;
      case 0x74:
        return 0x09;
      case 0x62:
        return 0x08;
      case 0x66:
        return 0x0c;
      case 0x0d:
        if (reader.peek() === 0x0a) reader.pos++;
        return -1;
      case 0x0a:
        return -1;
      default:
    }
    if (byte < 0x30 || byte > 0x37) return byte;
    let value = byte - 0x30;
    for (let i = 0; i < 2; i++) {
      const digit = reader.peek();
      if (digit < 0x30 || digit > 0x37) break;
      value = value * 8 + digit - 0x30;
      reader.pos++;
    }
    return value & 0xff;
  }

  /** Puts a byte of a string where strings are gathered; returns the new length. */
  #store(length: number, byte: number): number {
    if (length === this.#scratch.length) {
      if (length >= this.#limits.maxStringBytes) {
        throw limitExceeded('maxStringBytes', this.#limits.maxStringBytes);
      }
      const larger = new Uint8Array(Math.max(length * 2, FIRST_SCRATCH));
      larger.set(this.#scratch);
      this.#scratch = larger;
    }
    this.#scratch[length] = byte;
    return length + 1;
  }
}

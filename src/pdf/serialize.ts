/** Writes PDF values as bytes. */
import { AppError } from '../kernel/index.js';
import { isRegular } from './characters.js';
import {
  PdfArray,
  PdfDict,
  PdfName,
  PdfRef,
  PdfStream,
  PdfString,
  type Placeholder,
  type PdfValue,
} from './objects.js';

const HEX = '0123456789ABCDEF';
const DEEPEST = 128;

/** Bytes that grow at their end. */
export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(expected = 4096) {
    this.#bytes = new Uint8Array(expected);
  }

  get length(): number {
    return this.#length;
  }

  /** @param text - One byte a character. */
  text(text: string): void {
    this.#reserve(text.length);
    for (let i = 0; i < text.length; i++) this.#bytes[this.#length + i] = text.charCodeAt(i);
    this.#length += text.length;
  }

  byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = byte;
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** What was written; aliases the writer's memory, which is not written to again. */
  result(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

/** Told where each placeholder was written, in bytes from the start of the output. */
export type OnPlaceholder = (placeholder: Placeholder, at: number) => void;

/**
 * Writes one value. Reading it back gives an equal value.
 *
 * @throws AppError `input-invalid` for a number that is not finite, or a stream inside another value
 */
export function writeValue(
  out: ByteWriter,
  value: PdfValue,
  onPlaceholder?: OnPlaceholder,
  depth = 0,
): void {
  if (depth > DEEPEST) throw new AppError('input-invalid', 'PDF value is nested too deeply');
  if (value === null) out.text('null');
  else if (typeof value === 'boolean') out.text(value ? 'true' : 'false');
  else if (typeof value === 'number') out.text(formatNumber(value));
  else if (value instanceof PdfName) writeName(out, value.value);
  else if (value instanceof PdfRef) out.text(`${value.num} ${value.gen} R`);
  else if (value instanceof PdfString) writeString(out, value);
  else if (value instanceof PdfArray) writeArray(out, value, onPlaceholder, depth);
  else if (value instanceof PdfDict) writeDict(out, value, onPlaceholder, depth);
  else if (value instanceof PdfStream) {
    throw new AppError('input-invalid', 'a stream is always an indirect object');
  } else {
    onPlaceholder?.(value, out.length);
    out.append(value.bytes);
  }
}

/** The bytes of one value. @throws AppError `input-invalid` */
export function serialize(value: PdfValue): Uint8Array {
  const out = new ByteWriter(256);
  writeValue(out, value);
  return out.result();
}

/** A number in PDF's own notation, without loss. @throws AppError `input-invalid` where it is not finite */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) throw new AppError('input-invalid', 'number is not finite');
  const text = String(value);
  const exponentAt = text.indexOf('e');
  if (exponentAt < 0) return text;
  const exponent = Number(text.slice(exponentAt + 1));
  const negative = value < 0 ? '-' : '';
  const [whole = '', fraction = ''] = text.slice(negative.length, exponentAt).split('.');
  const digits = whole + fraction;
  if (exponent < 0) return `${negative}0.${'0'.repeat(-exponent - 1)}${digits}`;
  return negative + digits.padEnd(exponent + 1, '0');
}

function writeArray(
  out: ByteWriter,
  array: PdfArray,
  onPlaceholder: OnPlaceholder | undefined,
  depth: number,
): void {
  out.text('[');
  array.items.forEach((item, i) => {
    if (i > 0) out.text(' ');
    writeValue(out, item, onPlaceholder, depth + 1);
  });
  out.text(']');
}

function writeDict(
  out: ByteWriter,
  dict: PdfDict,
  onPlaceholder: OnPlaceholder | undefined,
  depth: number,
): void {
  out.text('<<');
  for (const [key, value] of dict.entries()) {
    writeName(out, key);
    out.text(' ');
    writeValue(out, value, onPlaceholder, depth + 1);
    out.text('\n');
  }
  out.text('>>');
}

function writeName(out: ByteWriter, name: string): void {
  out.text('/');
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code > 0x20 && code < 0x7f && code !== 0x23 && isRegular(code)) {
      out.byte(code);
    } else if (code <= 0xff) {
      out.text(`#${hexByte(code)}`);
    } else {
      throw new AppError('input-invalid', 'name holds a character above U+00FF');
    }
  }
}

function writeString(out: ByteWriter, { bytes, isHex }: PdfString): void {
  if (isHex) {
    out.text('<');
    for (const byte of bytes) out.text(hexByte(byte));
    out.text('>');
    return;
  }
  out.text('(');
  for (const byte of bytes) {
    if (byte === 0x28 || byte === 0x29 || byte === 0x5c) {
      out.byte(0x5c);
      out.byte(byte);
    } else if (byte === 0x0d) {
      // A bare carriage return would be read back as a line feed.
      out.text('\\r');
    } else {
      out.byte(byte);
    }
  }
  out.text(')');
}

function hexByte(byte: number): string {
  return (HEX[byte >> 4] ?? '0') + (HEX[byte & 15] ?? '0');
}

/** Undoes stream filters, each bounded in what it may produce. @see ISO 32000-1:2008, 7.4 */
import { deflateSync, inflateSync, constants } from 'node:zlib';
import { isWhitespace, hexDigit } from './characters.js';
import { DEFAULT_LIMITS, type PdfLimits } from './limits.js';
import {
  PdfArray,
  PdfDict,
  PdfName,
  isInteger,
  isName,
  type PdfStream,
  type PdfValue,
} from './objects.js';
import { limitExceeded, malformed, unsupported } from './pdf-errors.js';
import { undoPredictor } from './predictors.js';

type Resolve = (value: PdfValue | undefined) => PdfValue;

/** Longest chain of filters on one stream; longer ones only multiply work. */
const MAX_FILTERS = 8;

const SHORT_NAMES: Readonly<Record<string, string>> = {
  Fl: 'FlateDecode',
  LZW: 'LZWDecode',
  AHx: 'ASCIIHexDecode',
  A85: 'ASCII85Decode',
  RL: 'RunLengthDecode',
};

/**
 * The decoded bytes of a stream that was read, or of one that was built, whose filters stand in it directly.
 *
 * @throws AppError `pdf-malformed`, `pdf-limit-exceeded`, `pdf-unsupported` (image and unknown filters)
 */
export function decodedData(stream: PdfStream): Uint8Array {
  if (stream.rawSpan !== undefined) return stream.data();
  return decodeFilters(stream.dict, stream.rawBytes(), (value) => value ?? null, DEFAULT_LIMITS);
}

interface FilterStep {
  readonly name: string;
  readonly parameters: PdfDict | undefined;
}

/**
 * The bytes of a stream with all filters of `dict` undone.
 *
 * @param how - `lenient`: take what can be decoded of a truncated or damaged Flate stream. `account`: told
 *   how many bytes each filter gave; throws where it is too many in all.
 * @throws AppError `pdf-malformed`, `pdf-limit-exceeded`, `pdf-unsupported` (image and unknown filters)
 */
export function decodeFilters(
  dict: PdfDict,
  raw: Uint8Array,
  resolve: Resolve,
  limits: PdfLimits,
  how: { readonly lenient?: boolean; readonly account?: (bytes: number) => void } = {},
): Uint8Array {
  let bytes = raw;
  // Whoever went on without a stream that was too much may not spend as much on the next.
  how.account?.(0);
  for (const { name, parameters } of filterSteps(dict, resolve)) {
    bytes = undoFilter(name, bytes, limits, parameters, resolve, how.lenient ?? false);
    how.account?.(bytes.length);
  }
  return bytes;
}

/** Zlib-compresses `bytes` as `/FlateDecode` wants it. Deterministic for one version of zlib. */
export function flate(bytes: Uint8Array): Uint8Array {
  return plainView(deflateSync(bytes));
}

function filterSteps(dict: PdfDict, resolve: Resolve): FilterStep[] {
  const filter = resolve(dict.get('Filter') ?? dict.get('F'));
  const parms = resolve(dict.get('DecodeParms') ?? dict.get('DP'));
  const names = filter instanceof PdfArray ? filter.items : filter === null ? [] : [filter];
  if (names.length > MAX_FILTERS) throw limitExceeded('filters', MAX_FILTERS);
  return names.map((item, i) => {
    const name = resolve(item);
    if (!(name instanceof PdfName))
      throw malformed('filter is not a name', dict.origin?.span.start);
    const parameters = resolve(parms instanceof PdfArray ? parms.items[i] : i === 0 ? parms : null);
    return {
      name: SHORT_NAMES[name.value] ?? name.value,
      parameters: parameters instanceof PdfDict ? parameters : undefined,
    };
  });
}

function undoFilter(
  name: string,
  bytes: Uint8Array,
  limits: PdfLimits,
  parameters: PdfDict | undefined,
  resolve: Resolve,
  lenient: boolean,
): Uint8Array {
  const integer = (key: string, otherwise: number): number => {
    const value = resolve(parameters?.get(key));
    return isInteger(value) ? value : otherwise;
  };
  const unpredicted = (decoded: Uint8Array): Uint8Array =>
    undoPredictor(decoded, {
      predictor: integer('Predictor', 1),
      colors: integer('Colors', 1),
      bitsPerComponent: integer('BitsPerComponent', 8),
      columns: integer('Columns', 1),
    });
  switch (name) {
    case 'FlateDecode':
      return unpredicted(inflate(bytes, limits.maxDecodedBytes, lenient));
    case 'LZWDecode':
      return unpredicted(undoLzw(bytes, integer('EarlyChange', 1), limits.maxDecodedBytes));
    case 'ASCIIHexDecode':
      return undoAsciiHex(bytes);
    case 'ASCII85Decode':
      return undoAscii85(bytes);
    case 'RunLengthDecode':
      return undoRunLength(bytes, limits.maxDecodedBytes);
    case 'Crypt':
      if (isPlainCrypt(resolve(parameters?.get('Name')))) return bytes;
      throw unsupported('Crypt filter');
    default:
      throw unsupported(`filter ${name}`);
  }
}

/** `Identity`, also where no filter is named. @see ISO 32000-2:2020, table 14 */
function isPlainCrypt(name: PdfValue): boolean {
  return name === null || isName(name, 'Identity');
}

function inflate(bytes: Uint8Array, maxOutputLength: number, lenient: boolean): Uint8Array {
  try {
    return plainView(
      inflateSync(
        bytes,
        lenient ? { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH } : { maxOutputLength },
      ),
    );
  } catch (cause) {
    if (hasCode(cause, 'ERR_BUFFER_TOO_LARGE')) {
      throw limitExceeded('maxDecodedBytes', maxOutputLength);
    }
    throw malformed('damaged Flate stream', undefined, cause);
  }
}

/** By property, not by class: zlib's errors may come from another realm. */
function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

function plainView(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}

/** Gathers output bytes up to a limit. */
class Output {
  #bytes: Uint8Array;
  #length = 0;
  readonly #limit: number;

  constructor(expected: number, limit: number) {
    this.#bytes = new Uint8Array(Math.max(64, Math.min(expected, limit)));
    this.#limit = limit;
  }

  push(byte: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = byte;
  }

  append(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#bytes.length) this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  result(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(by: number): void {
    const needed = this.#length + by;
    if (needed > this.#limit) throw limitExceeded('maxDecodedBytes', this.#limit);
    const larger = new Uint8Array(Math.min(this.#limit, Math.max(needed, this.#bytes.length * 2)));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

function undoAsciiHex(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array((bytes.length >> 1) + 1);
  let length = 0;
  let high = -1;
  for (const byte of bytes) {
    if (byte === 0x3e) break;
    const digit = hexDigit(byte);
    if (digit < 0) {
      if (isWhitespace(byte)) continue;
      throw malformed('damaged ASCIIHex stream');
    }
    if (high < 0) {
      high = digit;
    } else {
      out[length++] = high * 16 + digit;
      high = -1;
    }
  }
  if (high >= 0) out[length++] = high * 16;
  return out.subarray(0, length);
}

function undoAscii85(bytes: Uint8Array): Uint8Array {
  // `z` is the only digit that expands, to four bytes.
  const out = new Output(bytes.length, bytes.length * 4 + 4);
  let group = 0;
  let count = 0;
  for (const byte of bytes) {
    if (byte === 0x7e) break;
    if (isWhitespace(byte)) continue;
    if (byte === 0x7a && count === 0) {
      for (let i = 0; i < 4; i++) out.push(0);
      continue;
    }
    if (byte < 0x21 || byte > 0x75) throw malformed('damaged ASCII85 stream');
    group = group * 85 + (byte - 0x21);
    if (++count === 5) {
      pushGroup(out, group, 4);
      group = 0;
      count = 0;
    }
  }
  if (count === 1) throw malformed('damaged ASCII85 stream');
  if (count > 1) {
    for (let i = count; i < 5; i++) group = group * 85 + 84;
    pushGroup(out, group, count - 1);
  }
  return out.result();
}

function pushGroup(out: Output, group: number, bytes: number): void {
  if (group > 0xffffffff) throw malformed('damaged ASCII85 stream');
  for (let i = 0; i < bytes; i++) out.push((group / 2 ** (24 - 8 * i)) & 0xff);
}

function undoRunLength(bytes: Uint8Array, limit: number): Uint8Array {
  const out = new Output(bytes.length * 2, limit);
  for (let at = 0; at < bytes.length;) {
    const length = bytes[at++] ?? 128;
    if (length === 128) break;
    if (length < 128) {
      out.append(bytes.subarray(at, at + length + 1));
      at += length + 1;
    } else {
      out.append(new Uint8Array(257 - length).fill(bytes[at++] ?? 0));
    }
  }
  return out.result();
}

const LZW_CLEAR = 256;
const LZW_END = 257;

function undoLzw(bytes: Uint8Array, earlyChange: number, limit: number): Uint8Array {
  const out = new Output(bytes.length * 3, limit);
  // Entry n is entry `prefix[n]` followed by byte `suffix[n]`; lengths save walking the chain twice.
  const prefix = new Uint16Array(4096);
  const suffix = new Uint8Array(4096);
  const lengths = new Uint16Array(4096);
  for (let i = 0; i < 256; i++) {
    suffix[i] = i;
    lengths[i] = 1;
  }
  let nextCode = 258;
  let width = 9;
  let previous = -1;
  let bits = 0;
  let held = 0;
  const expand = (code: number): Uint8Array => {
    const length = lengths[code] ?? 0;
    const run = new Uint8Array(length);
    for (let i = length - 1, at = code; i >= 0; i--) {
      run[i] = suffix[at] ?? 0;
      at = prefix[at] ?? 0;
    }
    return run;
  };
  for (const byte of bytes) {
    bits = (bits << 8) | byte;
    held += 8;
    if (held < width) continue;
    held -= width;
    const code = (bits >> held) & ((1 << width) - 1);
    bits &= (1 << held) - 1;
    if (code === LZW_END) break;
    if (code === LZW_CLEAR) {
      nextCode = 258;
      width = 9;
      previous = -1;
      continue;
    }
    if (code > nextCode || (code === nextCode && previous < 0)) {
      throw malformed('damaged LZW stream');
    }
    if (previous >= 0 && nextCode < 4096) {
      const first = expand(code === nextCode ? previous : code)[0] ?? 0;
      prefix[nextCode] = previous;
      suffix[nextCode] = first;
      lengths[nextCode] = (lengths[previous] ?? 0) + 1;
      nextCode++;
    }
    out.append(expand(code));
    previous = code;
    const boundary = nextCode + earlyChange;
    width = boundary >= 2048 ? 12 : boundary >= 1024 ? 11 : boundary >= 512 ? 10 : 9;
  }
  return out.result();
}

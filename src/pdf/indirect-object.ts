/** Reads one `n g obj … endobj` at a known place of the file. */
import type { ByteSource } from '../kernel/index.js';
import { decodeFilters } from './filters.js';
import type { PdfLimits } from './limits.js';
import {
  PdfDict,
  PdfStream,
  isInteger,
  type ByteSpan,
  type PdfValue,
  type StreamContent,
} from './objects.js';
import type { OnRepair } from './atom-reader.js';
import { Parser } from './parser.js';
import { limitExceeded, malformed } from './pdf-errors.js';

/** An indirect object as one revision defines it. */
export interface IndirectObject {
  readonly num: number;
  readonly gen: number;
  readonly value: PdfValue;
  /** From the object number to past `endobj`; for a compressed object, its bytes in the decoded object stream. */
  readonly span: ByteSpan;
  /** Number of the object stream it lies in; undefined for one that stands in the file itself. */
  readonly container: number | undefined;
}

/** What reading an object needs to know of the file around it. */
export interface ObjectContext {
  readonly source: ByteSource;
  readonly limits: PdfLimits;
  readonly lenient: boolean;
  /** Follows references, for an indirect `/Length` or `/Filter`. */
  resolve(value: PdfValue | undefined): PdfValue;
  /** Throws where stream bytes are encrypted and so cannot be decoded. */
  assertReadable(): void;
  /** The object without its encryption, once the file's key is known. */
  decrypt(object: IndirectObject): IndirectObject;
  /** Told how many bytes were parsed; throws `pdf-limit-exceeded` where it is too many in all. */
  account(bytes: number): void;
  /** Told how many bytes a filter gave; throws as `account` does. */
  accountDecoded(bytes: number): void;
  /** Told of what lenient reading had to put right. */
  readonly onRepair: OnRepair;
}

/** An object as it was read, and how. */
export interface ReadObject {
  readonly object: IndirectObject;
  /** Read without tolerance: strict reading gives the same. */
  readonly isRegular: boolean;
  /** Bytes parsed, those of a stream left out. */
  readonly parsedBytes: number;
}

/** What one reading goes by, and what it met. */
interface Reading {
  readonly context: ObjectContext;
  readonly onRepair: OnRepair;
  isRegular: boolean;
}

/**
 * The indirect object whose number stands at `offset`, white space before it skipped.
 *
 * @throws AppError `pdf-malformed`, `pdf-limit-exceeded`
 */
export function readIndirectObject(context: ObjectContext, offset: number): IndirectObject {
  return readObjectAt(context, offset).object;
}

/** {@link readIndirectObject}, and how it went. */
export function readObjectAt(context: ObjectContext, offset: number): ReadObject {
  const reading: Reading = {
    context,
    onRepair: (what, at) => {
      reading.isRegular = false;
      context.onRepair(what, at);
    },
    isRegular: true,
  };
  const onRepair = context.lenient ? reading.onRepair : undefined;
  const parser = new Parser(context.source, context.limits, undefined, onRepair);
  parser.pos = offset;
  parser.skipWhitespace();
  const start = parser.pos;
  let streamBytes = 0;
  try {
    const num = parser.tryUnsigned();
    const gen = parser.tryUnsigned();
    if (num === undefined || gen === undefined || !parser.tryKeyword('obj')) {
      throw malformed('expected an indirect object', offset);
    }
    const value = readBody(reading, parser);
    if (value instanceof PdfStream && value.rawSpan !== undefined) {
      streamBytes = value.rawSpan.end - value.rawSpan.start;
    }
    return {
      object: { num, gen, value, span: { start, end: parser.pos }, container: undefined },
      isRegular: reading.isRegular,
      parsedBytes: parser.pos - start - streamBytes,
    };
  } finally {
    context.account(parser.pos - start - streamBytes);
  }
}

/** What stands between `obj` and `endobj`; leaves the cursor past `endobj`. */
function readBody(reading: Reading, parser: Parser): PdfValue {
  const start = parser.pos;
  // Seen in the wild, and harmless: an object with nothing in it reads as null.
  if (parser.tryKeyword('endobj')) return null;
  let value = parser.parseValue();
  if (value instanceof PdfDict && parser.tryKeyword('stream')) {
    value = readStream(reading, parser, value);
  }
  if (!parser.tryKeyword('endobj')) {
    if (!reading.context.lenient) throw malformed('expected endobj', parser.pos);
    reading.onRepair('object without endobj', start);
  }
  return value;
}

function readStream(reading: Reading, parser: Parser, dict: PdfDict): PdfStream {
  const keywordEnd = parser.pos;
  const first = parser.reader.peek();
  if (first === 0x0d) {
    parser.pos++;
    if (parser.reader.peek() === 0x0a) parser.pos++;
    else tolerate(reading, 'carriage return alone after stream', keywordEnd);
  } else if (first === 0x0a) {
    parser.pos++;
  } else {
    tolerate(reading, 'expected a line end after stream', keywordEnd);
  }
  const start = parser.pos;
  const span = streamSpan(reading, parser, dict, start);
  return new PdfStream(dict, streamContent(reading.context, span));
}

/** What viewers read without a thought, and is no repair. @throws AppError `pdf-malformed` where reading is strict */
function tolerate(reading: Reading, what: string, offset: number): void {
  if (!reading.context.lenient) throw malformed(what, offset);
  reading.isRegular = false;
}

/** Span of the stored bytes; leaves the cursor past `endstream`. */
function streamSpan(
  { context, onRepair }: Reading,
  parser: Parser,
  dict: PdfDict,
  start: number,
): ByteSpan {
  const length = context.resolve(dict.get('Length'));
  if (isInteger(length) && length >= 0 && start + length <= context.source.size) {
    parser.pos = start + length;
    parser.skipWhitespace();
    if (parser.reader.startsWith('endstream')) {
      parser.pos += 9;
      return { start, end: start + length };
    }
    if (context.lenient && parser.reader.startsWith('endobj')) {
      onRepair('stream without endstream', start);
      return { start, end: start + length };
    }
  }
  if (!context.lenient) throw malformed('stream length does not lead to endstream', start);
  onRepair('wrong stream length', start);
  return findStreamEnd(context, parser, start);
}

/** The stream ends at the first `endstream`, or where there is none before it, at `endobj`. */
function findStreamEnd(context: ObjectContext, parser: Parser, start: number): ByteSpan {
  const { source } = context;
  const endstream = findForward(source, 'endstream', start);
  const endobj = findForward(source, 'endobj', start, endstream);
  const found = endobj ?? endstream;
  context.account((endstream ?? source.size) - start);
  if (found === undefined) throw malformed('stream without end', start);
  parser.pos = found + (endobj === undefined ? 'endstream'.length : 0);
  return { start, end: withoutLineEnd(source, start, found) };
}

function withoutLineEnd(source: ByteSource, start: number, end: number): number {
  const tail = source.read(Math.max(start, end - 2), Math.min(2, end - start));
  const last = tail[tail.length - 1];
  if (last === 0x0a) return tail[tail.length - 2] === 0x0d ? end - 2 : end - 1;
  return last === 0x0d ? end - 1 : end;
}

/** The stored bytes at `span`, decoded by what `context` resolves. */
export function streamContent(context: ObjectContext, span: ByteSpan): StreamContent {
  const raw = (): Uint8Array => {
    const length = span.end - span.start;
    if (length > context.limits.maxStreamBytes) {
      throw limitExceeded('maxStreamBytes', context.limits.maxStreamBytes);
    }
    return context.source.read(span.start, length);
  };
  return {
    span,
    raw,
    decode: (dict) => {
      context.assertReadable();
      return decodeFilters(dict, raw(), (value) => context.resolve(value), context.limits, {
        lenient: context.lenient,
        account: (bytes) => {
          context.accountDecoded(bytes);
        },
      });
    },
  };
}

/** Where the ASCII `text` occurs first at or after `from`, reading in chunks. */
export function findForward(
  source: ByteSource,
  text: string,
  from: number,
  to = source.size,
): number | undefined {
  const chunkBytes = 1 << 16;
  for (let at = from; at < to; at += chunkBytes) {
    const chunk = source.read(at, Math.min(chunkBytes + text.length - 1, to - at));
    const found = indexOfText(chunk, text, 0);
    if (found >= 0) return at + found;
  }
  return undefined;
}

/** Index of the ASCII `text` in `bytes`, at or after `from`, or -1. */
export function indexOfText(bytes: Uint8Array, text: string, from: number): number {
  const first = text.charCodeAt(0);
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (matchesText(bytes, text, at)) return at;
  }
  return -1;
}

/** Index of the last occurrence of the ASCII `text` in `bytes`, or -1. */
export function lastIndexOfText(bytes: Uint8Array, text: string): number {
  const first = text.charCodeAt(0);
  for (let at = bytes.lastIndexOf(first); at >= 0; at = bytes.lastIndexOf(first, at - 1)) {
    if (matchesText(bytes, text, at)) return at;
    if (at === 0) break;
  }
  return -1;
}

function matchesText(bytes: Uint8Array, text: string, at: number): boolean {
  for (let i = 0; i < text.length; i++) {
    if (bytes[at + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}

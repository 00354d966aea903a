/** Rebuilds a lost or wrong cross-reference by looking for every object in the file. Lenient reading only. */
import { isAppError } from '../kernel/index.js';
import { isDigit, isRegular, isWhitespace } from './characters.js';
import { indexOfText, readIndirectObject, type ObjectContext } from './indirect-object.js';
import { ObjectStream } from './object-stream.js';
import { PdfDict, PdfRef, PdfStream, isName, type PdfValue } from './objects.js';
import { Parser } from './parser.js';
import { limitExceeded, malformed } from './pdf-errors.js';
import type { XrefEntry, XrefSection } from './xref-section.js';

/** A place in the file that reads like the start of something. */
interface Landmark {
  readonly kind: 'object' | 'trailer';
  readonly offset: number;
  readonly num: number;
  readonly gen: number;
}

/**
 * A section that stands for the whole file: the last definition of each object wins, as it would in a file
 * that is only ever appended to.
 *
 * @throws AppError `pdf-malformed` where not even a catalog is found, `pdf-limit-exceeded`
 */
export function rebuildXref(context: ObjectContext): XrefSection {
  const entries = new Map<number, XrefEntry>();
  const trailers: PdfDict[] = [];
  for (const mark of scanLandmarks(context)) {
    if (mark.kind === 'trailer') {
      const trailer = readTrailer(context, mark.offset);
      if (trailer !== undefined) trailers.push(trailer);
    } else if (mark.num <= context.limits.maxObjectNumber) {
      entries.set(mark.num, { kind: 'in-file', offset: mark.offset, gen: mark.gen });
    }
    if (entries.size > context.limits.maxItems) {
      throw limitExceeded('maxItems', context.limits.maxItems);
    }
  }
  const trailer = readContainers(context, entries, trailers);
  if (trailer === undefined) throw malformed('no cross-reference and no catalog');
  let highest = 0;
  let hasCompressed = false;
  for (const [num, entry] of entries) {
    highest = Math.max(highest, num);
    hasCompressed ||= entry.kind === 'in-stream';
  }
  return {
    kind: hasCompressed ? 'stream' : 'table',
    span: { start: context.source.size, end: context.source.size },
    trailer,
    streamObject: undefined,
    subsections: [{ first: 0, count: highest + 1 }],
    heldBytes: entries.size * 64,
    lookup: (num) => entries.get(num),
  };
}

/** Adds what object streams hold to `entries`, and finds the trailer: the last one with a `/Root`. */
function readContainers(
  context: ObjectContext,
  entries: Map<number, XrefEntry>,
  trailers: readonly PdfDict[],
): PdfDict | undefined {
  let trailer = trailers.findLast((each) => each.has('Root'));
  let catalog: PdfRef | undefined;
  const inFile = [...entries].sort((a, b) => offsetOf(a[1]) - offsetOf(b[1]));
  for (const [num, entry] of inFile) {
    if (entry.kind !== 'in-file') continue;
    const value = tryRead(context, entry.offset);
    if (value instanceof PdfDict && isName(value.get('Type'), 'Catalog')) {
      catalog = new PdfRef(num, entry.gen);
    } else if (value instanceof PdfStream && isName(value.dict.get('Type'), 'XRef')) {
      if (value.dict.has('Root')) trailer = value.dict;
    } else if (value instanceof PdfStream && isName(value.dict.get('Type'), 'ObjStm')) {
      catalog = addCompressed(context, entries, num, value, entry.offset) ?? catalog;
    }
  }
  return trailer ?? (catalog === undefined ? undefined : PdfDict.of({ Root: catalog }));
}

function offsetOf(entry: XrefEntry): number {
  return entry.kind === 'in-file' ? entry.offset : 0;
}

/** @returns the catalog, if it is among the compressed objects. */
function addCompressed(
  context: ObjectContext,
  entries: Map<number, XrefEntry>,
  container: number,
  value: PdfStream,
  offset: number,
): PdfRef | undefined {
  let catalog: PdfRef | undefined;
  try {
    const stream = new ObjectStream(container, value, context.limits);
    stream.numbers().forEach((num, index) => {
      if (num > context.limits.maxObjectNumber || num === container) return;
      const known = entries.get(num);
      // A definition that stands in the file after this object stream is the newer one.
      if (known?.kind === 'in-file' && known.offset > offset) return;
      entries.set(num, { kind: 'in-stream', container, index });
      const inner = stream.read(index)?.value;
      if (inner instanceof PdfDict && isName(inner.get('Type'), 'Catalog')) {
        catalog = new PdfRef(num);
      }
    });
  } catch (error) {
    rethrowSpent(error);
    context.onRepair('object stream that cannot be read', offset);
  }
  return catalog;
}

function tryRead(context: ObjectContext, offset: number): PdfValue | undefined {
  try {
    return context.decrypt(readIndirectObject(context, offset)).value;
  } catch (error) {
    rethrowSpent(error);
    return undefined;
  }
}

function readTrailer(context: ObjectContext, offset: number): PdfDict | undefined {
  const parser = new Parser(context.source, context.limits);
  parser.pos = offset + 'trailer'.length;
  try {
    return parser.parseDict();
  } catch {
    return undefined;
  } finally {
    context.account(parser.pos - offset);
  }
}

/** One object that cannot be read is passed over; a document that costs too much is not. */
function rethrowSpent(error: unknown): void {
  if (isAppError(error, 'pdf-limit-exceeded') && error.params['limit'] === 'maxParsedBytes') {
    throw error;
  }
}

const CHUNK_BYTES = 1 << 16;
/** Room for the longest `n g obj` in front of its keyword. */
const BEFORE = 40;

function* scanLandmarks(context: ObjectContext): Generator<Landmark> {
  const { source } = context;
  for (let at = 0; at < source.size; at += CHUNK_BYTES) {
    const from = Math.max(0, at - BEFORE);
    const bytes = source.read(from, at - from + CHUNK_BYTES + 8);
    const end = at - from + CHUNK_BYTES;
    const marks = [...objectMarks(bytes, at - from, end), ...trailerMarks(bytes, at - from, end)];
    marks.sort((a, b) => a.offset - b.offset);
    for (const mark of marks) yield { ...mark, offset: mark.offset + from };
  }
}

function* objectMarks(bytes: Uint8Array, start: number, end: number): Generator<Landmark> {
  for (let at = indexOfText(bytes, 'obj', start); at >= 0; at = indexOfText(bytes, 'obj', at + 1)) {
    if (at >= end) return;
    if (isRegular(bytes[at + 3] ?? -1)) continue;
    const genEnd = backWhile(bytes, at, isWhitespace);
    const genStart = backWhile(bytes, genEnd, isDigit);
    const numEnd = backWhile(bytes, genStart, isWhitespace);
    const numStart = backWhile(bytes, numEnd, isDigit);
    if (genStart === genEnd || numEnd === genStart || numStart === numEnd) continue;
    const num = decimal(bytes, numStart, numEnd);
    const gen = decimal(bytes, genStart, genEnd);
    if (gen <= 65535) yield { kind: 'object', offset: numStart, num, gen };
  }
}

function* trailerMarks(bytes: Uint8Array, start: number, end: number): Generator<Landmark> {
  for (let at = indexOfText(bytes, 'trailer', start); at >= 0 && at < end;) {
    yield { kind: 'trailer', offset: at, num: 0, gen: 0 };
    at = indexOfText(bytes, 'trailer', at + 1);
  }
}

function backWhile(bytes: Uint8Array, from: number, holds: (byte: number) => boolean): number {
  let at = from;
  while (at > 0 && holds(bytes[at - 1] ?? -1)) at--;
  return at;
}

function decimal(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) value = value * 10 + (bytes[i] ?? 0) - 0x30;
  return value;
}

/** Rebuilds a lost or wrong cross-reference by looking for every object in the file. Lenient reading only. */
import { isAppError } from '../kernel/index.js';
import { isDigit, isRegular, isWhitespace } from './characters.js';
import { indexOfText, readIndirectObject, type ObjectContext } from './indirect-object.js';
import { ObjectStream } from './object-stream.js';
import { PdfDict, PdfRef, PdfStream, isName, type PdfValue } from './objects.js';
import { Parser } from './parser.js';
import { limitExceeded, malformed } from './pdf-errors.js';
import { lookupInLevel, type XrefLevel } from './xref-chain.js';
import { sectionEntries, type XrefEntry, type XrefSection } from './xref-section.js';

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
  const found = new FoundObjects(context);
  // What lies in the body of a stream is its content: a file attached to this one is not part of it.
  let bodyEnd = 0;
  for (const mark of scanLandmarks(context)) {
    if (mark.offset < bodyEnd) continue;
    if (mark.kind === 'trailer') found.addTrailer(readTrailer(context, mark.offset));
    else if (mark.num <= context.limits.maxObjectNumber) bodyEnd = found.addObject(mark);
  }
  const trailer = found.trailer();
  if (trailer === undefined) throw malformed('no cross-reference and no catalog');
  return sectionOf(context.source.size, found.entries, trailer, false);
}

/**
 * One section in place of a chain that leads astray in places.
 *
 * @param found - What looking through the file finds.
 * @param isRight - Whether the chain's entry of a number leads to that object.
 */
export function mendXref(
  levels: readonly XrefLevel[],
  found: XrefSection,
  isRight: (num: number) => boolean,
): XrefSection {
  const entries = new Map<number, XrefEntry>(sectionEntries(found));
  const seen = new Set<number>();
  for (const level of levels) {
    for (const section of level.hybrid === undefined ? [level.main] : [level.main, level.hybrid]) {
      for (const { first, count } of section.subsections) {
        for (let num = first; num < first + count; num++) {
          if (seen.has(num)) continue;
          seen.add(num);
          keepRightEntry(entries, num, lookupInLevel(level, num), levels.length > 1, isRight);
        }
      }
    }
  }
  const newest = levels[0]?.main;
  const trailer = newest?.trailer.has('Root') === true ? newest.trailer : found.trailer;
  return sectionOf(found.span.end, entries, trailer, newest?.kind === 'stream');
}

/** @param canBeFreed - Nothing was freed in a file of one revision: its free entries are mistakes. */
function keepRightEntry(
  entries: Map<number, XrefEntry>,
  num: number,
  entry: XrefEntry | undefined,
  canBeFreed: boolean,
  isRight: (num: number) => boolean,
): void {
  if (entry === undefined) return;
  if (entry.kind === 'free' ? canBeFreed : isRight(num)) entries.set(num, entry);
}

function sectionOf(
  size: number,
  entries: ReadonlyMap<number, XrefEntry>,
  trailer: PdfDict,
  prefersStream: boolean,
): XrefSection {
  let highest = 0;
  let hasCompressed = false;
  for (const [num, entry] of entries) {
    highest = Math.max(highest, num);
    hasCompressed ||= entry.kind === 'in-stream';
  }
  return {
    kind: hasCompressed || prefersStream ? 'stream' : 'table',
    span: { start: size, end: size },
    trailer,
    streamObject: undefined,
    subsections: [{ first: 0, count: highest + 1 }],
    isIrregular: false,
    heldBytes: entries.size * 64,
    lookup: (num) => entries.get(num),
  };
}

/** The objects and trailers met so far, in the order of the file: the later one wins. */
class FoundObjects {
  readonly entries = new Map<number, XrefEntry>();
  readonly #context: ObjectContext;
  #trailer: PdfDict | undefined;
  #catalog: PdfRef | undefined;

  constructor(context: ObjectContext) {
    this.#context = context;
  }

  /** The last trailer with a `/Root`; where there is none, one that leads to the last catalog. */
  trailer(): PdfDict | undefined {
    if (this.#trailer !== undefined) return this.#trailer;
    return this.#catalog === undefined ? undefined : PdfDict.of({ Root: this.#catalog });
  }

  addTrailer(dict: PdfDict | undefined): void {
    if (dict?.has('Root') === true) this.#trailer = dict;
  }

  /** @returns where the bytes end that belong to it and are not to be searched for further objects */
  addObject({ num, gen, offset }: Landmark): number {
    this.#add(num, { kind: 'in-file', offset, gen });
    const value = tryRead(this.#context, offset);
    if (value instanceof PdfDict) this.#noteCatalog(value, new PdfRef(num, gen));
    if (!(value instanceof PdfStream)) return offset;
    if (isName(value.dict.get('Type'), 'XRef')) this.addTrailer(value.dict);
    else if (isName(value.dict.get('Type'), 'ObjStm')) this.#addCompressed(num, value, offset);
    return value.rawSpan?.end ?? offset;
  }

  #add(num: number, entry: XrefEntry): void {
    this.entries.set(num, entry);
    const { maxItems } = this.#context.limits;
    if (this.entries.size > maxItems) throw limitExceeded('maxItems', maxItems);
  }

  #noteCatalog(value: PdfDict, ref: PdfRef): void {
    if (isName(value.get('Type'), 'Catalog')) this.#catalog = ref;
  }

  #addCompressed(container: number, value: PdfStream, offset: number): void {
    const { limits, onRepair } = this.#context;
    try {
      const stream = new ObjectStream(container, value, limits, onRepair);
      stream.numbers().forEach((num, index) => {
        if (num > limits.maxObjectNumber || num === container) return;
        this.#add(num, { kind: 'in-stream', container, index });
        const inner = stream.read(index)?.value;
        if (inner instanceof PdfDict) this.#noteCatalog(inner, new PdfRef(num));
      });
    } catch (error) {
      rethrowSpent(error);
      onRepair('object stream that cannot be read', offset);
    }
  }
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

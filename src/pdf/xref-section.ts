/**
 * One cross-reference section, table or stream. Entries are looked up in place rather than loaded,
 * so opening a file costs the same whether it has ten objects or a million.
 *
 * @see ISO 32000-1:2008, 7.5.4 and 7.5.8
 */
import type { ByteSource } from '../kernel/index.js';
import { isDigit } from './characters.js';
import { readIndirectObject, type ObjectContext } from './indirect-object.js';
import type { PdfLimits } from './limits.js';
import { PdfArray, PdfStream, isInteger, isName, type ByteSpan, type PdfDict } from './objects.js';
import { Parser } from './parser.js';
import { limitExceeded, malformed } from './pdf-errors.js';

export type XrefEntry =
  | { readonly kind: 'free'; readonly gen: number }
  | { readonly kind: 'in-file'; readonly offset: number; readonly gen: number }
  | { readonly kind: 'in-stream'; readonly container: number; readonly index: number };

/** A run of consecutive object numbers. */
export interface Subsection {
  readonly first: number;
  readonly count: number;
}

export interface XrefSection {
  readonly kind: 'table' | 'stream';
  /** From `xref` to past the trailer dictionary, or the whole stream object. */
  readonly span: ByteSpan;
  readonly trailer: PdfDict;
  /** Object number of a cross-reference stream. */
  readonly streamObject: number | undefined;
  readonly subsections: readonly Subsection[];
  /** A table with entries that are not 20 bytes each: some readers cannot make sense of it. */
  readonly isIrregular: boolean;
  /** Memory it holds for its entries. */
  readonly heldBytes: number;
  /** @throws AppError `pdf-malformed` where the entry is not well formed. */
  lookup(num: number): XrefEntry | undefined;
}

/** All entries of a section, in its own order. @throws AppError `pdf-malformed` */
export function* sectionEntries(section: XrefSection): Generator<[num: number, entry: XrefEntry]> {
  for (const { first, count } of section.subsections) {
    for (let num = first; num < first + count; num++) {
      const entry = section.lookup(num);
      if (entry !== undefined) yield [num, entry];
    }
  }
}

/**
 * The section at `offset`, white space before it skipped.
 *
 * @param base - What offsets in the section are counted from (bytes before `%PDF-`).
 * @throws AppError `pdf-malformed`, `pdf-limit-exceeded`
 */
export function readXrefSection(context: ObjectContext, offset: number, base: number): XrefSection {
  const parser = new Parser(context.source, context.limits);
  parser.pos = offset;
  parser.skipWhitespace();
  return parser.reader.startsWith('xref')
    ? readTable(context, parser, base)
    : readXrefStream(context, parser.pos, base);
}

const ENTRY_BYTES = 20;

interface TableRun extends Subsection {
  /** Where the first of its 20-byte entries stands. */
  readonly offset: number;
}

function readTable(context: ObjectContext, parser: Parser, base: number): XrefSection {
  const { source, limits } = context;
  const start = parser.pos;
  parser.pos += 4;
  const runs: TableRun[] = [];
  // Entries of runs that are not 20 bytes each, as some producers write them.
  const odd = new Map<number, XrefEntry>();
  while (!parser.tryKeyword('trailer')) {
    const first = parser.expectUnsigned();
    const count = parser.expectUnsigned();
    checkRun(first, count, limits, parser.pos);
    parser.skipWhitespace();
    const offset = parser.pos;
    if (isRegularRun(source, offset, count)) {
      runs.push({ first, count, offset });
      parser.pos = offset + count * ENTRY_BYTES;
    } else {
      readOddRun(parser, first, count, base, odd);
      runs.push({ first, count, offset: -1 });
    }
  }
  const trailer = parser.parseDict();
  const isOrdered = runs.every((run, i) => i === 0 || run.first >= endOf(runs[i - 1]));
  return {
    kind: 'table',
    span: { start, end: parser.pos },
    trailer,
    streamObject: undefined,
    subsections: runs,
    isIrregular: odd.size > 0,
    heldBytes: odd.size * 64 + runs.length * 64,
    lookup: (num) => {
      const run = isOrdered ? findRun(runs, num) : runs.find((each) => covers(each, num));
      if (run === undefined) return undefined;
      if (run.offset < 0) return odd.get(num);
      return readEntry(source, run.offset + (num - run.first) * ENTRY_BYTES, base);
    },
  };
}

function endOf(run: Subsection | undefined): number {
  return run === undefined ? 0 : run.first + run.count;
}

function covers(run: Subsection, num: number): boolean {
  return num >= run.first && num < run.first + run.count;
}

function findRun<Run extends Subsection>(runs: readonly Run[], num: number): Run | undefined {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (endOf(runs[middle]) <= num) low = middle + 1;
    else high = middle;
  }
  const run = runs[low];
  return run !== undefined && covers(run, num) ? run : undefined;
}

function checkRun(first: number, count: number, limits: PdfLimits, offset: number): void {
  if (first + count > limits.maxObjectNumber + 1) {
    throw limitExceeded('maxObjectNumber', limits.maxObjectNumber);
  }
  if (first < 0 || count < 0) throw malformed('malformed xref subsection', offset);
}

/** Whether the run's first and last entries are 20 bytes each, and what follows it can follow. */
function isRegularRun(source: ByteSource, offset: number, count: number): boolean {
  if (count === 0) return true;
  const end = offset + count * ENTRY_BYTES;
  if (end > source.size) return false;
  const after = source.read(end, 1)[0] ?? 0;
  const goesOn = (after >= 0x30 && after <= 0x39) || after === 0x74 || after <= 0x20;
  return goesOn && isEntry(source, offset) && isEntry(source, end - ENTRY_BYTES);
}

function isEntry(source: ByteSource, offset: number): boolean {
  return decodeEntry(source.read(offset, ENTRY_BYTES), 0) !== undefined;
}

function readEntry(source: ByteSource, offset: number, base: number): XrefEntry {
  const entry = decodeEntry(source.read(offset, ENTRY_BYTES), base);
  if (entry === undefined) throw malformed('malformed xref entry', offset);
  return entry;
}

/** `nnnnnnnnnn ggggg n` and two bytes of line end. */
function decodeEntry(bytes: Uint8Array, base: number): XrefEntry | undefined {
  const position = decimal(bytes, 0, 10);
  const gen = decimal(bytes, 11, 16);
  const kind = bytes[17];
  const isEntry =
    position >= 0 &&
    bytes[10] === 0x20 &&
    gen >= 0 &&
    bytes[16] === 0x20 &&
    (kind === 0x6e || kind === 0x66) &&
    isEntryEnd(bytes[18], bytes[19]);
  return isEntry ? tableEntry(position, gen, kind === 0x6e, base) : undefined;
}

/** As the standard has it, and as producers write it: other orders, spaces alone. */
function isEntryEnd(first: number | undefined, second: number | undefined): boolean {
  if (first === 0x20) return second === 0x0d || second === 0x0a || second === 0x20;
  return (
    (first === 0x0d && (second === 0x0a || second === 0x20)) || (first === 0x0a && second === 0x20)
  );
}

/** Value of the digits `bytes[start, end)`, or -1 where there is something else. */
function decimal(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? -1;
    if (!isDigit(byte)) return -1;
    value = value * 10 + byte - 0x30;
  }
  return value;
}

function tableEntry(offset: number, gen: number, inUse: boolean, base: number): XrefEntry {
  // An in-use entry at offset 0 is how some producers write a free one; nothing can stand there.
  return inUse && offset > 0
    ? { kind: 'in-file', offset: offset + base, gen }
    : { kind: 'free', gen };
}

function readOddRun(
  parser: Parser,
  first: number,
  count: number,
  base: number,
  into: Map<number, XrefEntry>,
): void {
  for (let num = first; num < first + count; num++) {
    const offset = parser.expectUnsigned();
    const gen = parser.expectUnsigned();
    const inUse = parser.tryKeyword('n');
    if (!inUse) parser.expectKeyword('f');
    into.set(num, tableEntry(offset, gen, inUse, base));
  }
}

interface StreamRun extends Subsection {
  /** Index of its first entry in the decoded stream. */
  readonly at: number;
}

function readXrefStream(context: ObjectContext, offset: number, base: number): XrefSection {
  const object = readIndirectObject(context, offset);
  const stream = object.value;
  if (!(stream instanceof PdfStream) || !isName(stream.dict.get('Type'), 'XRef')) {
    throw malformed('expected a cross-reference section', offset);
  }
  const { dict } = stream;
  const widths = readWidths(dict, offset);
  const entryBytes = widths[0] + widths[1] + widths[2];
  const size = dict.get('Size');
  if (!isInteger(size) || size < 0) throw malformed('cross-reference stream without Size', offset);
  const runs = readIndex(dict, size, context.limits, offset);
  const table = stream.data();
  const total = runs.reduce((sum, run) => sum + run.count, 0);
  if (total * entryBytes > table.length) {
    throw malformed('cross-reference stream is too short', offset);
  }
  const isOrdered = runs.every((run, i) => i === 0 || run.first >= endOf(runs[i - 1]));
  return {
    kind: 'stream',
    span: object.span,
    trailer: dict,
    streamObject: object.num,
    subsections: runs,
    isIrregular: false,
    heldBytes: table.length + runs.length * 64,
    lookup: (num) => {
      const run = isOrdered ? findRun(runs, num) : runs.find((each) => covers(each, num));
      if (run === undefined) return undefined;
      return streamEntry(table, (run.at + num - run.first) * entryBytes, widths, base, offset);
    },
  };
}

function readWidths(dict: PdfDict, offset: number): [number, number, number] {
  const w = dict.get('W');
  const widths = w instanceof PdfArray ? w.items : [];
  const [type, second, third] = widths;
  const valid = (value: unknown): value is number =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 8;
  if (!valid(type) || !valid(second) || !valid(third) || type + second + third === 0) {
    throw malformed('malformed W of a cross-reference stream', offset);
  }
  return [type, second, third];
}

function readIndex(dict: PdfDict, size: number, limits: PdfLimits, offset: number): StreamRun[] {
  const index = dict.get('Index');
  const numbers = index === undefined ? [0, size] : index instanceof PdfArray ? index.items : [];
  if (numbers.length === 0 || numbers.length % 2 !== 0) throw malformed('malformed Index', offset);
  const runs: StreamRun[] = [];
  let at = 0;
  for (let i = 0; i < numbers.length; i += 2) {
    const first = numbers[i];
    const count = numbers[i + 1];
    if (!isInteger(first) || !isInteger(count)) throw malformed('malformed Index', offset);
    checkRun(first, count, limits, offset);
    runs.push({ first, count, at });
    at += count;
  }
  return runs;
}

function streamEntry(
  table: Uint8Array,
  at: number,
  widths: readonly [number, number, number],
  base: number,
  sectionOffset: number,
): XrefEntry {
  const type = widths[0] === 0 ? 1 : bigEndian(table, at, widths[0]);
  const second = bigEndian(table, at + widths[0], widths[1]);
  const third = bigEndian(table, at + widths[0] + widths[1], widths[2]);
  if (!Number.isSafeInteger(second) || !Number.isSafeInteger(third)) {
    throw malformed('number too large in a cross-reference stream', sectionOffset);
  }
  switch (type) {
    case 0:
      return { kind: 'free', gen: third };
    case 1:
      return { kind: 'in-file', offset: second + base, gen: third };
    case 2:
      return { kind: 'in-stream', container: second, index: third };
    default:
      // Types to come are to be read as references to the null object (7.5.8.3), whatever was there before.
      return { kind: 'free', gen: 0 };
  }
}

function bigEndian(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = 0; i < width; i++) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}

/**
 * Looks over every byte of a file for what a lazy reader never meets: bytes that belong to no object,
 * objects no cross-reference names, keys given twice. Facts only; what they mean is the verifier's.
 */
import { bytesToLatin1, isAppError } from '../kernel/index.js';
import type { PdfDocument } from './document.js';
import { findForward, lastIndexOfText, type IndirectObject } from './indirect-object.js';
import { PdfArray, PdfDict, PdfStream, isInteger, isName, type PdfValue } from './objects.js';
import { Parser } from './parser.js';
import { limitExceeded } from './pdf-errors.js';
import { isStructural, type Revision } from './revisions.js';
import { sectionEntries, type XrefEntry, type XrefSection } from './xref-section.js';

export type FindingKind =
  /** Bytes before `%PDF-`. */
  | 'junk-before-header'
  /** Bytes in the body of a revision that are neither object, comment nor white space. */
  | 'unexpected-bytes'
  /** A revision that does not end with `startxref`, a number and `%%EOF`. */
  | 'revision-end-malformed'
  /** The number after `startxref` is not where the revision's section stands. */
  | 'startxref-mismatch'
  /** Bytes after the last `%%EOF`; `isBlank` tells white space and NULs from the rest. */
  | 'bytes-after-end'
  /** A `/Prev` that does not lead back to the section before. */
  | 'prev-not-backwards'
  /** A section with an object number at or beyond its `/Size`. */
  | 'size-too-small'
  /** A revision whose `/Size` is below that of the one before. */
  | 'size-shrinks'
  /** An entry that leads to a place outside its own revision, and is not carried over from before. */
  | 'entry-outside-revision'
  /** An entry that leads to a place where no such object begins. */
  | 'entry-leads-nowhere'
  /** An object in the body that its revision's cross-reference does not lead to. */
  | 'hidden-object'
  /** An object defined more than once in the body of one revision. */
  | 'object-defined-twice'
  /** A comment that a reader which looks through the file could take for structure. */
  | 'structure-in-comment'
  /** A dictionary with a key given twice; trailers among them. */
  | 'duplicate-key'
  /** An object of before that the table of a hybrid file frees, and its stream does not. */
  | 'freed-in-table-alone'
  /** So far behind the last `startxref` that some readers look for objects instead, and find others. */
  | 'end-out-of-reach'
  /** The cross-reference was rebuilt, so nothing can be said of revisions. */
  | 'xref-rebuilt';

export interface StructuralFinding {
  readonly kind: FindingKind;
  /** Index of the revision it lies in. */
  readonly revision: number;
  /** Bytes from the start of the file; for a compressed object, of its object stream. */
  readonly start: number;
  readonly end: number;
  /** Number of the object concerned. */
  readonly num?: number;
  /** The key given twice. */
  readonly key?: string;
  /** Of `bytes-after-end` and `unexpected-bytes`: nothing but white space. */
  readonly isBlank?: boolean;
}

/**
 * Every structural finding of the file, by revision. Reads the whole file once, streams skipped.
 *
 * @throws AppError `pdf-limit-exceeded`
 */
export function structuralFindings(document: PdfDocument): readonly StructuralFinding[] {
  if (document.isRebuilt) {
    return [{ kind: 'xref-rebuilt', revision: 0, start: 0, end: document.source.size }];
  }
  const findings: StructuralFinding[] = [];
  if (document.headerOffset > 0) {
    const end = document.headerOffset;
    findings.push({ kind: 'junk-before-header', revision: 0, start: 0, end });
  }
  const { revisions } = document;
  const starts = new Set<number>();
  for (const revision of revisions) {
    const inForce = document.atLevelOf(revision);
    const scan = new RevisionScan(inForce, revision, revisions[revision.index - 1], findings);
    for (const start of scan.run()) starts.add(start);
  }
  const last = revisions[revisions.length - 1];
  if (last !== undefined && last.endOffset < document.source.size) {
    const start = last.endOffset;
    const end = document.source.size;
    const isBlank = isBlankSpan(document, start, end);
    findings.push({ kind: 'bytes-after-end', revision: last.index, start, end, isBlank });
  }
  const end = document.source.size;
  if (
    last !== undefined &&
    isOutOfReach(document) &&
    holdsOtherObjects(document, starts, findings)
  ) {
    const start = last.endOffset < end ? last.endOffset : last.eofOffset - 1;
    findings.push({ kind: 'end-out-of-reach', revision: last.index, start, end });
  }
  return findings;
}

/** Where readers look for the last `startxref`. @see ISO 32000-1:2008, annex H, note 18 */
const REACH_BYTES = 1024;

function isOutOfReach({ source }: PdfDocument): boolean {
  const from = Math.max(0, source.size - REACH_BYTES);
  return lastIndexOfText(source.read(from, source.size - from), 'startxref') < 0;
}

/** Whether looking for objects byte by byte finds others than the cross-reference leads to. */
function holdsOtherObjects(
  { source }: PdfDocument,
  starts: ReadonlySet<number>,
  findings: readonly StructuralFinding[],
): boolean {
  if (findings.some(({ kind }) => kind === 'hidden-object' || kind === 'object-defined-twice')) {
    return true;
  }
  for (let at = findForward(source, 'obj', 0); at !== undefined;) {
    const before = bytesToLatin1(
      source.read(Math.max(0, at - HEAD_BYTES), Math.min(HEAD_BYTES, at)),
    );
    const head = /(\d+)\s+\d+\s*$/.exec(before);
    if (head !== null && !starts.has(at - before.length + head.index)) return true;
    at = findForward(source, 'obj', at + 3);
  }
  return false;
}

/** More than the numbers before `obj` take. */
const HEAD_BYTES = 40;

function isBlankSpan(document: PdfDocument, start: number, end: number): boolean {
  const parser = new Parser(document.source, document.limits);
  parser.pos = start;
  parser.skipWhitespace();
  return parser.pos >= end;
}

/** More than this says nothing more about a file. */
const MAX_FINDINGS = 10_000;

class RevisionScan {
  readonly #document: PdfDocument;
  readonly #revision: Revision;
  readonly #before: Revision | undefined;
  /** The state before this revision. */
  readonly #stateBefore: PdfDocument | undefined;
  readonly #findings: StructuralFinding[];
  readonly #entries: ReadonlyMap<number, XrefEntry>;
  /** Every place the revision's cross-reference names, ascending. */
  readonly #landmarks: readonly number[];
  #nextMark = 0;
  /** Where objects begin, by offset. */
  readonly #seen = new Map<number, IndirectObject>();
  readonly #numbers = new Set<number>();

  constructor(
    document: PdfDocument,
    revision: Revision,
    before: Revision | undefined,
    findings: StructuralFinding[],
  ) {
    this.#document = document;
    this.#revision = revision;
    this.#before = before;
    this.#stateBefore = before === undefined ? undefined : document.atLevelOf(before);
    this.#findings = findings;
    this.#entries = revision.entries();
    const marks = revision.sections.map((section) => section.span.start);
    for (const entry of this.#entries.values()) {
      if (entry.kind === 'in-file') marks.push(entry.offset);
    }
    this.#landmarks = marks.sort((a, b) => a - b);
  }

  /** Gives the places where objects of the revision begin. */
  run(): Iterable<number> {
    this.#checkSections();
    this.#scanBody();
    this.#checkEntries();
    return [...this.#seen.keys(), ...this.#revision.sections.map(({ span }) => span.start)];
  }

  #add(
    kind: FindingKind,
    start: number,
    end: number,
    more: Partial<Pick<StructuralFinding, 'num' | 'key' | 'isBlank'>> = {},
  ): void {
    if (this.#findings.length >= MAX_FINDINGS) {
      throw limitExceeded('findings', MAX_FINDINGS);
    }
    this.#findings.push({ kind, revision: this.#revision.index, start, end, ...more });
  }

  #checkSections(): void {
    const revision = this.#revision;
    const { start, end } = revision.xrefSpan;
    if (!revision.hasProperEnd) this.#add('revision-end-malformed', end, revision.endOffset);
    else if (!this.#isStartxrefSound()) {
      this.#add('startxref-mismatch', end, revision.endOffset);
    }
    if (start < revision.startOffset) this.#add('prev-not-backwards', start, end);
    const size = revision.trailer.get('Size');
    const sizeBefore = this.#before?.trailer.get('Size');
    if (isInteger(size) && isInteger(sizeBefore) && size < sizeBefore) {
      this.#add('size-shrinks', start, end);
    }
    for (const [at, section] of revision.sections.entries()) {
      this.#checkKeys(section.streamObject ?? 0, section.trailer);
      const stream = revision.sections[at + 1];
      if (section.kind === 'table' && stream?.kind === 'stream') this.#checkHybrid(section, stream);
    }
    const isBeyond = (num: number): boolean => !isInteger(size) || num >= size;
    if ([...this.#entries.keys()].some(isBeyond)) this.#add('size-too-small', start, end);
  }

  /** Readers without cross-reference streams go by the table alone. @see ISO 32000-1:2008, 7.5.8.4 */
  #checkHybrid(table: XrefSection, stream: XrefSection): void {
    for (const [num] of sectionEntries(stream)) {
      if (table.lookup(num)?.kind !== 'free') continue;
      const older = this.#stateBefore?.levels.find(({ main, hybrid }) =>
        [main, hybrid].some((section) => section?.lookup(num) !== undefined),
      );
      const entry = older?.main.lookup(num);
      if (entry !== undefined && entry.kind !== 'free') {
        this.#add('freed-in-table-alone', table.span.start, table.span.end, { num });
      }
    }
  }

  /** A number that leads to white space before the section leads to the section, in every reader. */
  #isStartxrefSound(): boolean {
    const { declaredStartxref, startxref } = this.#revision;
    return declaredStartxref !== undefined && this.#skipSpace(declaredStartxref) === startxref;
  }

  #scanBody(): void {
    const { source, limits } = this.#document;
    const parser = new Parser(source, limits);
    parser.pos = Math.max(this.#revision.startOffset, this.#document.headerOffset);
    const end = this.#revision.eofOffset;
    for (;;) {
      this.#skipComments(parser, end);
      const at = parser.pos;
      if (at >= end) return;
      const section = this.#revision.sections.find((each) => each.span.start === at);
      if (section?.kind === 'table') {
        parser.pos = section.span.end;
        this.#skipStartxref(parser);
        continue;
      }
      const object = this.#tryRead(at);
      if (object === undefined) {
        parser.pos = this.#nextLandmark(at, end);
        if (parser.pos > at) this.#add('unexpected-bytes', at, parser.pos, { isBlank: false });
        continue;
      }
      parser.pos = object.span.end;
      if (section === undefined) this.#note(object);
      else this.#skipStartxref(parser);
    }
  }

  /** The header and the ends of revisions are comments to a parser; any other should hold no structure. */
  #skipComments(parser: Parser, end: number): void {
    for (;;) {
      parser.skipWhitespace();
      const at = parser.pos;
      if (at >= end || parser.reader.peek() !== 0x25) return;
      parser.skipComment();
      const text = parser.textBetween(at, Math.min(parser.pos, end));
      const isHeader = at === this.#document.headerOffset;
      if (isHeader || parser.pos >= end || this.#isRevisionEnd(text)) continue;
      if (isStructural(text)) this.#add('structure-in-comment', at, parser.pos);
    }
  }

  #isRevisionEnd(comment: string): boolean {
    // The parts of a linearised or hybrid file end like a revision of its own.
    return this.#revision.sections.length > 1 && comment.trim() === '%%EOF';
  }

  /** `startxref` and its number; the `%%EOF` after them reads as a comment. */
  #skipStartxref(parser: Parser): void {
    const before = parser.pos;
    if (!parser.tryKeyword('startxref') || parser.tryUnsigned() === undefined) parser.pos = before;
  }

  #tryRead(at: number): IndirectObject | undefined {
    try {
      return this.#document.readAt(at);
    } catch (error) {
      if (isAppError(error, 'pdf-malformed', 'pdf-encrypted')) return undefined;
      throw error;
    }
  }

  /** The next place after `at` that the cross-reference names, or the end of the body. */
  #nextLandmark(at: number, end: number): number {
    while ((this.#landmarks[this.#nextMark] ?? Infinity) <= at) this.#nextMark++;
    return Math.min(this.#landmarks[this.#nextMark] ?? end, end);
  }

  #note(object: IndirectObject): void {
    const { num, span } = object;
    this.#seen.set(span.start, object);
    if (this.#numbers.has(num)) {
      this.#add('object-defined-twice', span.start, span.end, { num });
    }
    this.#numbers.add(num);
    const entry = this.#entries.get(num);
    const leadsHere = entry?.kind === 'in-file' && this.#skipSpace(entry.offset) === span.start;
    if (!leadsHere) this.#add('hidden-object', span.start, span.end, { num });
    this.#checkKeys(num, object.value);
    if (leadsHere) this.#checkContainer(num, object.value);
  }

  #checkContainer(container: number, value: PdfValue): void {
    if (!(value instanceof PdfStream) || !isName(value.dict.get('Type'), 'ObjStm')) return;
    let numbers: readonly number[];
    try {
      numbers = this.#document.objectStream(container).numbers();
    } catch (error) {
      if (!isAppError(error, 'pdf-malformed', 'pdf-unsupported', 'pdf-encrypted')) throw error;
      const span = value.dict.origin?.span;
      this.#add('unexpected-bytes', span?.start ?? 0, span?.end ?? 0, { num: container });
      return;
    }
    numbers.forEach((num, index) => {
      const entry = this.#entries.get(num);
      const isNamed =
        entry?.kind === 'in-stream' && entry.container === container && entry.index === index;
      const inner = this.#document.objectStream(container).read(index);
      if (inner === undefined) return;
      if (!isNamed) this.#add('hidden-object', inner.span.start, inner.span.end, { num });
      this.#checkKeys(num, inner.value);
    });
  }

  /** In `value` and all it holds directly; the parser bounds how deep that is. */
  #checkKeys(num: number, value: PdfValue): void {
    if (value instanceof PdfStream) {
      this.#checkKeys(num, value.dict);
    } else if (value instanceof PdfArray) {
      for (const inner of value.items) this.#checkKeys(num, inner);
    } else if (value instanceof PdfDict) {
      for (const key of value.duplicateKeys) {
        const span = value.origin?.span ?? { start: 0, end: 0 };
        this.#add('duplicate-key', span.start, span.end, { num, key });
      }
      for (const [, inner] of value.entries()) this.#checkKeys(num, inner);
    }
  }

  #checkEntries(): void {
    const { startOffset, eofOffset } = this.#revision;
    for (const [num, entry] of this.#entries) {
      if (entry.kind !== 'in-file') continue;
      const at = this.#skipSpace(entry.offset);
      if (at >= startOffset && at < eofOffset) {
        const isSection = this.#revision.sections.some((each) => each.span.start === at);
        if (!isSection && this.#seen.get(at)?.num !== num) {
          this.#add('entry-leads-nowhere', at, at, { num });
        }
      } else if (!this.#isCarriedOver(num, entry)) {
        this.#add('entry-outside-revision', at, at, { num });
      }
    }
  }

  #isCarriedOver(num: number, entry: XrefEntry & { kind: 'in-file' }): boolean {
    const old = this.#stateBefore?.lookup(num);
    return old?.kind === 'in-file' && old.offset === entry.offset;
  }

  #skipSpace(offset: number): number {
    // Nearly every entry leads to the object itself; no parser is needed to see that.
    if (this.#seen.has(offset)) return offset;
    const parser = new Parser(this.#document.source, this.#document.limits);
    parser.pos = offset;
    parser.skipWhitespace();
    return parser.pos;
  }
}

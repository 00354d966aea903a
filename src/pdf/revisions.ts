/** Which bytes of the file each revision added. @see ISO 32000-1:2008, 7.5.6 and Annex F */
import type { PdfDocument } from './document.js';
import { isInteger, type ByteSpan, type PdfDict } from './objects.js';
import { Parser } from './parser.js';
import { malformed } from './pdf-errors.js';
import type { XrefLevel } from './xref-chain.js';
import { sectionEntries, type XrefEntry, type XrefSection } from './xref-section.js';

export interface Revision {
  /** 0 is the original file. */
  readonly index: number;
  /** Position of its newest cross-reference section in the file. */
  readonly startxref: number;
  /** That section: `xref` to past the trailer dictionary, or the stream object. */
  readonly xrefSpan: ByteSpan;
  /** Where its bytes begin: 0, or the end of the revision before. */
  readonly startOffset: number;
  /** Just past `%%EOF`. A revision appended to a file without a last line end puts one after it. */
  readonly eofOffset: number;
  /** Just past `%%EOF` and its line end. */
  readonly endOffset: number;
  /** The number that stands after its `startxref`; undefined where its end is not well formed. */
  readonly declaredStartxref: number | undefined;
  /** Whether `startxref`, its number and `%%EOF` follow the section as they should. */
  readonly hasProperEnd: boolean;
  readonly trailer: PdfDict;
  readonly kind: 'table' | 'stream' | 'hybrid';
  readonly isLinearized: boolean;
  /** Its sections, newest first: two for a linearised file, and the stream of a hybrid one. */
  readonly sections: readonly XrefSection[];
  /** What its cross-reference says of each object it changes. @throws AppError `pdf-malformed` */
  entries(): ReadonlyMap<number, XrefEntry>;
}

/** The revisions of `document`, oldest first. */
export function groupRevisions(document: PdfDocument): readonly Revision[] {
  const groups = groupLevels(document);
  const revisions: Revision[] = [];
  let startOffset = 0;
  for (const [index, group] of groups.entries()) {
    const revision = toRevision(document, group, index, startOffset);
    revisions.push(revision);
    startOffset = revision.endOffset;
  }
  return revisions;
}

/**
 * Levels by revision, oldest first; within one, newest first. Two levels are one revision where the first-page
 * section of a linearised file points forward to its main one, and where an empty table does nothing but add
 * the hybrid stream right after the original file, as word processors write it.
 */
function groupLevels(document: PdfDocument): XrefLevel[][] {
  const groups = document.levels.map((level) => [level]);
  const [second, first] = document.levels.slice(-2);
  if (second !== undefined && first !== undefined) {
    const isLinearized = second.main.span.start < first.main.span.start;
    if (isLinearized || onlyAddsHybrid(document, first, second)) {
      groups.splice(-2, 2, [second, first]);
    }
  }
  return groups.reverse();
}

function onlyAddsHybrid(document: PdfDocument, first: XrefLevel, second: XrefLevel): boolean {
  if (second.hybrid === undefined || second.main.subsections.some((each) => each.count > 0)) {
    return false;
  }
  return readRevisionEnd(document, first.main.span.end).endOffset === second.main.span.start;
}

function toRevision(
  document: PdfDocument,
  group: readonly XrefLevel[],
  index: number,
  startOffset: number,
): Revision {
  const newest = group[0];
  if (newest === undefined) throw malformed('no cross-reference section');
  const lastSection = group.reduce((end, level) => Math.max(end, level.main.span.end), 0);
  const end = document.isRebuilt
    ? noProperEnd(document.source.size)
    : readRevisionEnd(document, lastSection);
  const sections = group.flatMap(({ main, hybrid }) =>
    hybrid === undefined ? [main] : [main, hybrid],
  );
  let entries: ReadonlyMap<number, XrefEntry> | undefined;
  return {
    index,
    startxref: newest.main.span.start,
    xrefSpan: newest.main.span,
    startOffset,
    eofOffset: end.eofOffset,
    endOffset: end.endOffset,
    declaredStartxref: end.declaredStartxref,
    hasProperEnd: end.declaredStartxref !== undefined,
    trailer: newest.main.trailer,
    kind: newest.hybrid === undefined ? newest.main.kind : 'hybrid',
    isLinearized: group.length > 1 && newest.main.span.end < lastSection,
    sections,
    entries: () => (entries ??= mergeEntries(group)),
  };
}

function mergeEntries(group: readonly XrefLevel[]): ReadonlyMap<number, XrefEntry> {
  const merged = new Map<number, XrefEntry>();
  for (const { main, hybrid } of group) {
    for (const [num, entry] of sectionEntries(main)) {
      if (!merged.has(num)) merged.set(num, entry);
    }
    if (hybrid === undefined) continue;
    for (const [num, entry] of sectionEntries(hybrid)) {
      const known = merged.get(num);
      const hidden = known?.kind === 'free' && main.lookup(num)?.kind === 'free';
      if (known === undefined || hidden) merged.set(num, entry);
    }
  }
  return merged;
}

interface RevisionEnd {
  readonly eofOffset: number;
  readonly endOffset: number;
  readonly declaredStartxref: number | undefined;
}

/** Reads `startxref n %%EOF` after a section that ends at `from`. */
function readRevisionEnd(document: PdfDocument, from: number): RevisionEnd {
  const parser = new Parser(document.source, document.limits);
  parser.pos = from;
  skipProducerComments(parser);
  if (!parser.reader.startsWith('startxref')) {
    return noProperEnd(from);
  }
  parser.pos += 'startxref'.length;
  parser.skipWhitespace();
  const declared = parser.tryUnsigned();
  parser.skipWhitespace();
  if (!isInteger(declared) || !parser.reader.startsWith('%%EOF')) {
    return noProperEnd(parser.pos);
  }
  parser.pos += '%%EOF'.length;
  const eofOffset = parser.pos;
  skipLineEnd(parser);
  return { eofOffset, endOffset: parser.pos, declaredStartxref: declared + document.base };
}

/** A product's name stands between trailer and `startxref` as a comment, in files of a well-known one. */
function skipProducerComments(parser: Parser): void {
  for (;;) {
    parser.skipWhitespace();
    if (parser.reader.peek() !== 0x25) return;
    const start = parser.pos;
    parser.skipBlank();
    if (isStructural(parser.textBetween(start, parser.pos))) {
      parser.pos = start;
      return;
    }
  }
}

/** Whether a comment holds what a reader that looks through the file could take for structure. */
export function isStructural(comment: string): boolean {
  return /%%EOF|%PDF-|\b(?:startxref|xref|trailer|endobj|endstream)\b|\d\s+obj\b/.test(comment);
}

function noProperEnd(at: number): RevisionEnd {
  return { eofOffset: at, endOffset: at, declaredStartxref: undefined };
}

function skipLineEnd(parser: Parser): void {
  if (parser.reader.peek() === 0x0d) parser.pos++;
  if (parser.reader.peek() === 0x0a) parser.pos++;
}

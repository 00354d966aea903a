/** Follows `/Prev` and `/XRefStm` from the last section of a file to the first. */
import { lastIndexOfText, type ObjectContext } from './indirect-object.js';
import { isInteger } from './objects.js';
import { Parser } from './parser.js';
import { limitExceeded, malformed } from './pdf-errors.js';
import { readXrefSection, type XrefEntry, type XrefSection } from './xref-section.js';

/** A section as `startxref` or `/Prev` names it, with the cross-reference stream a hybrid file adds to it. */
export interface XrefLevel {
  readonly main: XrefSection;
  readonly hybrid: XrefSection | undefined;
}

/**
 * The levels of a file, newest first.
 *
 * @param startxref - Position of the newest section in the file, `base` already added.
 * @throws AppError `pdf-malformed` (also where the chain loops), `pdf-limit-exceeded`
 */
export function readXrefChain(
  context: ObjectContext,
  startxref: number,
  base: number,
): readonly XrefLevel[] {
  const levels: XrefLevel[] = [];
  const visited = new Set<number>();
  let heldBytes = 0;
  const read = (offset: number): XrefSection => {
    if (offset < 0 || offset >= context.source.size) {
      throw malformed('cross-reference section lies outside the file', offset);
    }
    const section = readXrefSection(context, offset, base);
    if (visited.has(section.span.start)) throw malformed('cross-reference sections loop', offset);
    visited.add(section.span.start);
    heldBytes += section.heldBytes;
    if (heldBytes > context.limits.maxDecodedBytes) {
      throw limitExceeded('maxDecodedBytes', context.limits.maxDecodedBytes);
    }
    return section;
  };
  for (let next: number | undefined = startxref; next !== undefined;) {
    if (levels.length >= context.limits.maxSections) {
      throw limitExceeded('maxSections', context.limits.maxSections);
    }
    const main = read(next);
    const xrefStm = main.trailer.get('XRefStm');
    // Only a table has a stream beside it; some readers would follow it nevertheless.
    if (xrefStm !== undefined && main.kind === 'stream')
      throw malformed('XRefStm of a stream', next);
    let hybrid: XrefSection | undefined;
    if (xrefStm !== undefined) {
      if (!isInteger(xrefStm)) throw malformed('XRefStm is not an integer', next);
      hybrid = read(xrefStm + base);
      if (hybrid.kind !== 'stream') throw malformed('XRefStm is not a stream', xrefStm + base);
    }
    levels.push({ main, hybrid });
    const prev = main.trailer.get('Prev');
    if (prev !== undefined && !isInteger(prev)) throw malformed('Prev is not an integer', next);
    next = prev === undefined ? undefined : prev + base;
  }
  return levels;
}

/**
 * The entry in force at one level. In a hybrid file an object hidden from old readers is free in the table
 * and found in the stream.
 *
 * @see ISO 32000-1:2008, 7.5.8.4
 */
export function lookupInLevel(level: XrefLevel, num: number): XrefEntry | undefined {
  const entry = level.main.lookup(num);
  if (level.hybrid === undefined || (entry !== undefined && entry.kind !== 'free')) return entry;
  return level.hybrid.lookup(num) ?? entry;
}

const MOST_MERGED_ENTRIES = 1 << 18;

/** The entry in force of every number the levels speak of; undefined where they are too many to hold. */
export function mergeLevels(levels: readonly XrefLevel[]): Map<number, XrefEntry> | undefined {
  let count = 0;
  for (const { main, hybrid } of levels) {
    for (const run of [...main.subsections, ...(hybrid?.subsections ?? [])]) count += run.count;
  }
  if (count > MOST_MERGED_ENTRIES) return undefined;
  const merged = new Map<number, XrefEntry>();
  for (const level of levels) {
    for (const section of level.hybrid === undefined ? [level.main] : [level.main, level.hybrid]) {
      for (const { first, count: length } of section.subsections) {
        for (let num = first; num < first + length; num++) {
          if (merged.has(num)) continue;
          const entry = lookupInLevel(level, num);
          if (entry !== undefined) merged.set(num, entry);
        }
      }
    }
  }
  return merged;
}

const TAIL_BYTES = 1024;
const LONG_TAIL_BYTES = 1 << 16;

/**
 * The number after the last `startxref`.
 *
 * @throws AppError `pdf-malformed`
 */
export function findStartxref(context: ObjectContext): number {
  const { source } = context;
  for (const length of [TAIL_BYTES, LONG_TAIL_BYTES]) {
    const from = Math.max(0, source.size - length);
    const found = lastIndexOfText(source.read(from, source.size - from), 'startxref');
    if (found < 0) continue;
    const parser = new Parser(source, context.limits);
    parser.pos = from + found + 'startxref'.length;
    return parser.expectUnsigned();
  }
  throw malformed('no startxref', source.size);
}

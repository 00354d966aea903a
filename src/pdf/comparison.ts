/** What a verifier asks about two states of one file: which objects differ, and who refers to them. */
import { equalBytes } from '../kernel/index.js';
import type { PdfDocument } from './document.js';
import type { IndirectObject } from './indirect-object.js';
import {
  PdfArray,
  PdfDict,
  PdfName,
  PdfRef,
  PdfStream,
  PdfString,
  isName,
  type PdfValue,
} from './objects.js';
import { limitExceeded } from './pdf-errors.js';
import { sectionEntries, type XrefEntry } from './xref-section.js';

export interface ObjectChange {
  readonly num: number;
  /** Undefined where the object did not exist, or was free. */
  readonly before: IndirectObject | undefined;
  /** Undefined where the object was freed. */
  readonly after: IndirectObject | undefined;
}

/**
 * Every object whose definition stands elsewhere in `newer` than in `older`, by number; an object written
 * anew with the same value is among them. Object streams and cross-reference streams themselves are, too.
 *
 * @param older - An earlier revision of the file that `newer` shows.
 * @throws AppError `pdf-malformed`, `pdf-limit-exceeded`, `pdf-encrypted`
 */
export function* changedObjects(older: PdfDocument, newer: PdfDocument): Generator<ObjectChange> {
  const known = new Set(older.levels.map((level) => level.main.span.start));
  const candidates = new Set<number>();
  for (const { main, hybrid } of newer.levels) {
    if (known.has(main.span.start)) continue;
    for (const section of hybrid === undefined ? [main] : [main, hybrid]) {
      for (const [num] of sectionEntries(section)) candidates.add(num);
    }
  }
  const moved = [...candidates].filter((num) => !sameEntry(older.lookup(num), newer.lookup(num)));
  const all = new Set(moved);
  // An object stream defined anew changes everything in it, though the entries of those objects stay the same.
  for (const num of moved) {
    const stream = older.getObject(num)?.value;
    if (stream instanceof PdfStream && isName(stream.dict.get('Type'), 'ObjStm')) {
      for (const inner of older.objectStream(num).numbers()) all.add(inner);
    }
  }
  for (const num of [...all].sort((a, b) => a - b)) {
    const before = older.getObject(num);
    const after = newer.getObject(num);
    if (before !== undefined || after !== undefined) yield { num, before, after };
  }
}

function sameEntry(a: XrefEntry | undefined, b: XrefEntry | undefined): boolean {
  if (a?.kind === 'in-file' && b?.kind === 'in-file') {
    return a.offset === b.offset && a.gen === b.gen;
  }
  if (a?.kind === 'in-stream' && b?.kind === 'in-stream') {
    return a.container === b.container && a.index === b.index;
  }
  const isAbsent = (entry: XrefEntry | undefined): boolean =>
    entry === undefined || entry.kind === 'free';
  return isAbsent(a) && isAbsent(b);
}

/**
 * Whether two values are equal as PDF sees them: references by number, dictionaries in any order, strings by
 * their bytes however written, streams by dictionary and stored bytes.
 */
export function equalValues(a: PdfValue | undefined, b: PdfValue | undefined): boolean {
  const left = a ?? null;
  const right = b ?? null;
  if (left === right) return true;
  if (left instanceof PdfName) return right instanceof PdfName && left.value === right.value;
  if (left instanceof PdfRef) return left.equals(right);
  if (left instanceof PdfString) {
    return right instanceof PdfString && equalBytes(left.bytes, right.bytes);
  }
  if (left instanceof PdfArray) {
    if (!(right instanceof PdfArray) || left.items.length !== right.items.length) return false;
    return left.items.every((item, i) => equalValues(item, right.items[i]));
  }
  if (left instanceof PdfDict) return right instanceof PdfDict && equalDicts(left, right);
  if (left instanceof PdfStream) {
    return (
      right instanceof PdfStream &&
      equalDicts(left.dict, right.dict) &&
      equalBytes(left.rawBytes(), right.rawBytes())
    );
  }
  return false;
}

function equalDicts(a: PdfDict, b: PdfDict): boolean {
  for (const [key, value] of a.entries()) {
    if (!equalValues(value, b.get(key))) return false;
  }
  for (const key of b.keys()) {
    if (a.get(key) === undefined && b.get(key) !== undefined) return false;
  }
  return true;
}

/** One place that refers to an object. */
export interface Referrer {
  /** Number of the object that holds the reference; 0 is the trailer. */
  readonly from: number;
  /** Keys, and indices as `[n]`, from that object to the reference. */
  readonly path: readonly string[];
}

/**
 * Every reference in what can be reached from the trailer, by the number it leads to.
 *
 * @throws AppError `pdf-malformed`, `pdf-limit-exceeded`, `pdf-encrypted`
 */
export function referrers(document: PdfDocument): ReadonlyMap<number, readonly Referrer[]> {
  const found = new Map<number, Referrer[]>();
  const queue: number[] = [];
  const note = (from: number, value: PdfValue): void => {
    for (const { ref, path } of referencesIn(value)) {
      const known = found.get(ref.num);
      if (known !== undefined) {
        known.push({ from, path });
        continue;
      }
      found.set(ref.num, [{ from, path }]);
      queue.push(ref.num);
      if (queue.length > document.limits.maxTreeNodes) {
        throw limitExceeded('maxTreeNodes', document.limits.maxTreeNodes);
      }
    }
  };
  note(0, document.trailer);
  for (let i = 0; i < queue.length; i++) {
    const num = queue[i] ?? 0;
    note(num, document.getObject(num)?.value ?? null);
  }
  return found;
}

/** Every reference inside `value`, with the way to it. */
export function* referencesIn(
  value: PdfValue,
  path: readonly string[] = [],
): Generator<{ readonly ref: PdfRef; readonly path: readonly string[] }> {
  if (value instanceof PdfRef) {
    yield { ref: value, path };
  } else if (value instanceof PdfArray) {
    for (const [i, item] of value.items.entries()) yield* referencesIn(item, [...path, `[${i}]`]);
  } else if (value instanceof PdfStream) {
    yield* referencesIn(value.dict, path);
  } else if (value instanceof PdfDict) {
    for (const [key, item] of value.entries()) yield* referencesIn(item, [...path, key]);
  }
}

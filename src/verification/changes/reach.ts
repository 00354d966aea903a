/** What leads to what in one state of a file: the paths on which a change would be seen. */
import {
  PdfArray,
  PdfDict,
  PdfRef,
  PdfStream,
  type PdfDocument,
  type PdfValue,
} from '../../pdf/index.js';
import { referencesIn } from './values.js';

/** Every reference reached from `value`; `follow` says whether to go on into an object. Each object once. */
export function* reach(
  document: PdfDocument,
  value: PdfValue | undefined,
  follow: (num: number) => boolean = () => true,
): Generator<PdfRef> {
  const visited = new Set<number>();
  const stack: (PdfValue | undefined)[] = [value];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    for (const ref of referencesIn(next)) {
      if (visited.has(ref.num)) continue;
      visited.add(ref.num);
      yield ref;
      if (follow(ref.num)) stack.push(document.resolve(ref));
    }
  }
}

/** One place that refers to an object. */
export interface Referrer {
  /** Number of the object that holds the reference; 0 is the trailer. */
  readonly from: number;
  /** First key on the way from that object to the reference; empty in an array that is an object of its own. */
  readonly topKey: string;
  /** Last key on that way. */
  readonly key: string;
}

/** Who refers to each object that can be reached from the trailer. @throws AppError as reading does */
export function referrersIn(document: PdfDocument): ReadonlyMap<number, readonly Referrer[]> {
  const found = new Map<number, Referrer[]>();
  const queue: number[] = [];
  const note = (from: number, value: PdfValue, topKey: string, key: string): void => {
    if (value instanceof PdfRef) {
      const known = found.get(value.num);
      if (known === undefined) {
        found.set(value.num, [{ from, topKey, key }]);
        queue.push(value.num);
      } else {
        known.push({ from, topKey, key });
      }
    } else if (value instanceof PdfArray) {
      for (const item of value.items) note(from, item, topKey, key);
    } else if (value instanceof PdfDict) {
      for (const [name, item] of value.entries()) {
        note(from, item, topKey === '' ? name : topKey, name);
      }
    } else if (value instanceof PdfStream) {
      note(from, value.dict, topKey, key);
    }
  };
  note(0, document.trailer, '', '');
  for (let num = queue.pop(); num !== undefined; num = queue.pop()) {
    note(num, document.getObject(num)?.value ?? null, '', '');
  }
  return found;
}

/** Comparing PDF values as written: references by number, streams by their stored bytes. */
import { equalBytes } from '../../kernel/index.js';
import {
  PdfArray,
  PdfDict,
  PdfName,
  PdfRef,
  PdfStream,
  PdfString,
  isName,
  type PdfValue,
} from '../../pdf/index.js';

/** Whether two values say the same. References are equal by number: what they lead to is compared on its own. */
export function sameValue(a: PdfValue | undefined, b: PdfValue | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a === null || b === null) return false;
  if (a instanceof PdfName) return b instanceof PdfName && a.value === b.value;
  if (a instanceof PdfRef) return a.equals(b);
  if (a instanceof PdfString) return b instanceof PdfString && equalBytes(a.bytes, b.bytes);
  if (a instanceof PdfArray) {
    return (
      b instanceof PdfArray &&
      a.items.length === b.items.length &&
      a.items.every((item, index) => sameValue(item, b.items[index]))
    );
  }
  if (a instanceof PdfDict) return b instanceof PdfDict && sameDict(a, b);
  if (a instanceof PdfStream) {
    return (
      b instanceof PdfStream &&
      sameDict(a.dict, b.dict, ['Length']) &&
      equalBytes(a.rawBytes(), b.rawBytes())
    );
  }
  return false;
}

function sameDict(a: PdfDict, b: PdfDict, ignored: readonly string[] = []): boolean {
  return changedKeys(a, b).every((key) => ignored.includes(key));
}

/** Keys whose values differ, either way; a duplicated key always differs, since readers disagree on it. */
export function changedKeys(a: PdfDict, b: PdfDict): readonly string[] {
  const keys = new Set([...a.keys(), ...b.keys()]);
  const duplicated = new Set([...a.duplicateKeys, ...b.duplicateKeys]);
  return [...keys].filter((key) => duplicated.has(key) || !sameValue(a.get(key), b.get(key)));
}

/** Whether `/Type` is what it was, or was added as it has to be. */
export function isTypeKept(old: PdfDict, now: PdfDict, type: string): boolean {
  return old.has('Type')
    ? sameValue(old.get('Type'), now.get('Type'))
    : isName(now.get('Type'), type);
}

const isLook = (value: PdfValue): boolean => value instanceof PdfStream || value instanceof PdfDict;

/** Whether both can be an appearance: a stream, or a dictionary of them. */
export const areLooks = (old: PdfValue, now: PdfValue): boolean => isLook(old) && isLook(now);

/** Every reference inside `value`, not followed. */
export function* referencesIn(value: PdfValue | undefined): Generator<PdfRef> {
  const stack: (PdfValue | undefined)[] = [value];
  for (let next = stack.pop(); next !== undefined || stack.length > 0; next = stack.pop()) {
    if (next instanceof PdfRef) yield next;
    // One by one: a hostile array has more items than a call takes arguments.
    else if (next instanceof PdfArray) for (const item of next.items) stack.push(item);
    else if (next instanceof PdfDict) for (const [, item] of next.entries()) stack.push(item);
    else if (next instanceof PdfStream) stack.push(next.dict);
  }
}

/**
 * What a later revision may change in the structure tree of a tagged file: it gains an element for
 * the widget of each new signature, as PDF/UA asks, and nothing that is read aloud or extracted.
 *
 * @see ISO 32000-2:2020, 14.7 (logical structure), 14.7.5 (structural parent tree)
 */
import {
  PdfArray,
  PdfDict,
  PdfRef,
  isInteger,
  isName,
  type PdfDocument,
  type PdfValue,
} from '../../pdf/index.js';
import { ownedBy } from './catalog-rules.js';
import type { StepComparison } from './step-comparison.js';
import { changedKeys, isTypeKept, sameValue } from './values.js';

/** Compares the trees where something of them may have changed; needs the new widgets to be known. */
export function compareStructure(step: StepComparison): void {
  const old = step.before.catalog.get('StructTreeRoot');
  const now = step.after.catalog.get('StructTreeRoot');
  const isSameRoot = old === undefined ? now === undefined : sameValue(old, now);
  // Whatever stays open is refused in the end: where nothing does, no tree has changed.
  if ((!isSameRoot || step.open.size > 0) && new TreeComparison(step).grewBySignatures(old, now)) {
    step.permit({ kind: 'structure' });
    return;
  }
  if (!isSameRoot) step.forbid({ what: 'catalog-entry', detail: 'StructTreeRoot' });
  for (const change of step.taggingOfPages) step.forbid(change);
}

const ELEMENT_KEYS: readonly string[] = ['Type', 'S', 'P', 'Pg', 'K'];
const REFERENCE_KEYS: readonly string[] = ['Type', 'Obj', 'Pg'];

class TreeComparison {
  readonly #step: StepComparison;
  /** Objects of the tree that was there, by number. */
  readonly #old = new Set<number>();
  /** Objects of either tree that a change of the tree may touch. */
  readonly #touched: PdfRef[] = [];
  readonly #newElements = new Set<number>();

  constructor(step: StepComparison) {
    this.#step = step;
  }

  /** Whether the tree is what it was but for elements of new signatures; their objects are explained then. */
  grewBySignatures(oldValue: PdfValue | undefined, value: PdfValue | undefined): boolean {
    const { before, after } = this.#step;
    const old = before.resolveDict(oldValue);
    const now = after.resolveDict(value);
    if (old === undefined || now === undefined) return false;
    this.#touch(oldValue, value);
    if (!isRootKept(old, now) || !this.#compareElements(old, now)) return false;
    if (!this.#isParentTreeKept(old.get('ParentTree'), now.get('ParentTree'))) return false;
    if (this.#newElements.size === 0) return false;
    this.#explain();
    return true;
  }

  #touch(old: PdfValue | undefined, now: PdfValue | undefined): void {
    if (old instanceof PdfRef) this.#old.add(old.num);
    if (now instanceof PdfRef) this.#touched.push(now);
  }

  /** Walks both trees side by side: each element that was there, with its kids in their order. */
  #compareElements(oldRoot: PdfDict, root: PdfDict): boolean {
    const { before, after } = this.#step;
    const queue: (readonly [PdfDict, PdfDict])[] = [[oldRoot, root]];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const [old, now] = next;
      if (before.resolve(old.get('K')) instanceof PdfArray) this.#touch(old.get('K'), now.get('K'));
      const oldKids = kidsOf(before, old);
      if (!this.#areKidsKept(oldKids, kidsOf(after, now))) return false;
      for (const kid of oldKids) {
        if (!(kid instanceof PdfRef) || this.#old.has(kid.num)) continue;
        this.#touch(kid, kid);
        const oldKid = before.resolveDict(kid);
        const nowKid = after.resolveDict(kid);
        if (oldKid === undefined || nowKid === undefined) return false;
        if (changedKeys(oldKid, nowKid).some((key) => key !== 'K')) return false;
        queue.push([oldKid, nowKid]);
      }
    }
    return true;
  }

  #areKidsKept(old: readonly PdfValue[], now: readonly PdfValue[]): boolean {
    let kept = 0;
    for (const kid of now) {
      const expected = old[kept];
      if (expected !== undefined && sameValue(expected, kid)) kept++;
      else if (!this.#isElementOfSignature(kid)) return false;
    }
    return kept === old.length;
  }

  /**
   * Whether a kid is a new element that stands for a new signature and says nothing of its own, or
   * the `Document` that holds such where the tree was empty.
   */
  #isElementOfSignature(kid: PdfValue, mayHold = true): boolean {
    const { after } = this.#step;
    const element = kid instanceof PdfRef ? after.resolveDict(kid) : undefined;
    if (!(kid instanceof PdfRef) || element === undefined || this.#step.existedBefore(kid.num)) {
      return false;
    }
    const kind = after.resolve(element.get('S'));
    const isHolder = mayHold && isName(kind, 'Document');
    const kids = kidsOf(after, element);
    const isSignature =
      [...element.keys()].every((key) => ELEMENT_KEYS.includes(key)) &&
      (isHolder || isName(kind, 'Form')) &&
      kids.length > 0 &&
      kids.every((each) =>
        isHolder ? this.#isElementOfSignature(each, false) : this.#leadsToSignature(each),
      );
    if (!isSignature) return false;
    this.#newElements.add(kid.num);
    this.#touch(undefined, kid);
    return true;
  }

  /** Whether an object reference (OBJR) is one to the widget of a new signature. */
  #leadsToSignature(value: PdfValue): boolean {
    const reference = this.#step.after.resolveDict(value);
    const widget = reference?.get('Obj');
    this.#touch(undefined, value);
    return (
      [...(reference?.keys() ?? [])].every((key) => REFERENCE_KEYS.includes(key)) &&
      widget instanceof PdfRef &&
      this.#step.newWidgets.has(widget.num)
    );
  }

  /** Whether what content leads to which element is what it was, but for the new widgets. */
  #isParentTreeKept(oldTree: PdfValue | undefined, tree: PdfValue | undefined): boolean {
    const { before, after } = this.#step;
    const old = readNumberTree(before, oldTree);
    const now = readNumberTree(after, tree);
    if (old === undefined || now === undefined) return false;
    for (const num of old.nodes) this.#old.add(num);
    for (const num of now.nodes) this.#touched.push(new PdfRef(num));
    for (const [key, value] of old.entries) {
      const present = now.entries.get(key);
      if (present === undefined) return false;
      const isList = before.resolve(value) instanceof PdfArray;
      if (isList) this.#touch(value, present);
      const isKept = isList
        ? sameValue(before.resolve(value), after.resolve(present))
        : sameValue(value, present);
      if (!isKept) return false;
    }
    return [...now.entries].every(
      ([key, value]) =>
        old.entries.has(key) || (value instanceof PdfRef && this.#newElements.has(value.num)),
    );
  }

  #explain(): void {
    const isStructure = ownedBy(this.#step, 'StructTreeRoot');
    for (const ref of this.#touched) {
      this.#step.explain(ref, (each) => isStructure(each) || this.#old.has(each.from));
    }
  }
}

function isRootKept(old: PdfDict, now: PdfDict): boolean {
  return changedKeys(old, now).every((key) => {
    const value = now.get(key);
    switch (key) {
      case 'K':
      case 'ParentTree':
        return value !== undefined;
      case 'ParentTreeNextKey':
        return isInteger(value) && !(Number(old.get(key) ?? 0) > value);
      case 'RoleMap':
        return !old.has(key) && value instanceof PdfDict && value.size === 0;
      default:
        return key === 'Type' && isTypeKept(old, now, 'StructTreeRoot');
    }
  });
}

function kidsOf(document: PdfDocument, element: PdfDict): readonly PdfValue[] {
  const value = element.get('K');
  if (value === undefined) return [];
  const found = document.resolve(value);
  return found instanceof PdfArray ? found.items : [value];
}

interface NumberTree {
  readonly entries: ReadonlyMap<number, PdfValue>;
  /** Numbers of the objects that make up the tree. */
  readonly nodes: ReadonlySet<number>;
}

/** Reads a number tree; undefined where it is none, or says something twice. @see ISO 32000-2:2020, 7.9.7 */
function readNumberTree(document: PdfDocument, root: PdfValue | undefined): NumberTree | undefined {
  const entries = new Map<number, PdfValue>();
  const nodes = new Set<number>();
  const queue = root === undefined ? [] : [root];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (next instanceof PdfRef) {
      if (nodes.has(next.num)) return undefined;
      nodes.add(next.num);
    }
    const node = document.resolveDict(next);
    if (node === undefined) return undefined;
    for (const key of ['Kids', 'Nums']) {
      const list = node.get(key);
      if (list instanceof PdfRef) nodes.add(list.num);
    }
    queue.push(...(document.resolveArray(node.get('Kids'))?.items ?? []));
    const numbers = document.resolveArray(node.get('Nums'))?.items ?? [];
    for (let i = 0; i + 1 < numbers.length; i += 2) {
      const [key, value] = [numbers[i], numbers[i + 1]];
      if (!isInteger(key) || value === undefined || entries.has(key)) return undefined;
      entries.set(key, value);
    }
  }
  return { entries, nodes };
}

/** The pages of a document, in order, found by walking the tree; `/Count` is not trusted. */
import { AppError } from '../kernel/index.js';
import type { PdfDocument } from './document.js';
import type { PdfDict } from './objects.js';
import { PdfArray, PdfRef, isInteger, isName, type PdfValue } from './objects.js';
import { limitExceeded, malformed } from './pdf-errors.js';

/** Corners in points, `x1 <= x2` and `y1 <= y2`. */
export interface Rectangle {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

export interface Page {
  /** 0 is the first. */
  readonly index: number;
  /** Undefined where the page dictionary stands directly in its parent's `/Kids`. */
  readonly ref: PdfRef | undefined;
  readonly dict: PdfDict;
  /** The node whose `/Kids` lists the page, where that is an object, and the place in it. */
  readonly listedIn: { readonly node: PdfRef | undefined; readonly at: number };
  /** US Letter where the file names none. */
  readonly mediaBox: Rectangle;
  readonly cropBox: Rectangle;
  /** Clockwise turn when shown. */
  readonly rotate: 0 | 90 | 180 | 270;
  /** Own or inherited, unresolved. */
  readonly resources: PdfValue | undefined;
}

const LETTER: Rectangle = { x1: 0, y1: 0, x2: 612, y2: 792 };
const INHERITABLE = ['MediaBox', 'CropBox', 'Rotate', 'Resources'] as const;
type Inherited = Partial<Record<(typeof INHERITABLE)[number], PdfValue>>;

/** The pages, read as far as they are asked for. */
export class PageTree {
  readonly #document: PdfDocument;
  readonly #found: Page[] = [];
  readonly #walk: Generator<Page>;
  #annotations: ReadonlyMap<number, number> | undefined;
  #repeated: ReadonlySet<number> | undefined;

  constructor(document: PdfDocument) {
    this.#document = document;
    this.#walk = walkPages(document);
  }

  /** Number of pages in the tree. Walks all of it. @throws AppError `pdf-malformed`, `pdf-limit-exceeded` */
  get count(): number {
    while (this.#readNext());
    return this.#found.length;
  }

  /** @param index - 0 is the first page. @throws AppError `pdf-page-out-of-range`, `pdf-malformed` */
  get(index: number): Page {
    while (this.#found.length <= index && this.#readNext());
    const page = this.#found[index];
    if (page === undefined) {
      if (this.#found.length === 0) throw malformed('the file has no pages');
      throw new AppError('pdf-page-out-of-range', `no page ${index + 1}`, {
        params: { page: index + 1, pages: this.#found.length },
      });
    }
    return page;
  }

  *[Symbol.iterator](): Generator<Page> {
    for (let i = 0; ; i++) {
      if (this.#found.length <= i && !this.#readNext()) return;
      const page = this.#found[i];
      if (page !== undefined) yield page;
    }
  }

  /** Index of the page that is object `ref`; of the first, where the tree lists it several times. */
  indexOf(ref: PdfRef): number | undefined {
    for (const page of this) if (ref.equals(page.ref)) return page.index;
    return undefined;
  }

  /** Index of the first page whose `/Annots` lists annotation `ref`: where it is shown, whatever its `/P` says. */
  indexOfAnnotation(ref: PdfRef): number | undefined {
    this.#annotations ??= this.#mapAnnotations();
    return this.#annotations.get(ref.num);
  }

  /**
   * Whether the tree lists object `ref` more than once: what is put on it is then seen on several pages.
   *
   * @throws AppError `pdf-malformed`, `pdf-limit-exceeded`
   */
  isRepeated(ref: PdfRef): boolean {
    if (this.#repeated === undefined) {
      const seen = new Set<number>();
      const repeated = new Set<number>();
      for (const page of this) {
        if (page.ref !== undefined) (seen.has(page.ref.num) ? repeated : seen).add(page.ref.num);
      }
      this.#repeated = repeated;
    }
    return this.#repeated.has(ref.num);
  }

  #mapAnnotations(): ReadonlyMap<number, number> {
    const pages = new Map<number, number>();
    for (const page of this) {
      for (const item of this.#document.resolveArray(page.dict.get('Annots'))?.items ?? []) {
        if (item instanceof PdfRef && !pages.has(item.num)) pages.set(item.num, page.index);
      }
    }
    return pages;
  }

  #readNext(): boolean {
    const next = this.#walk.next();
    if (next.done === true) return false;
    this.#found.push(next.value);
    return true;
  }
}

interface Node {
  readonly value: PdfValue;
  readonly inherited: Inherited;
  readonly listedIn: Page['listedIn'];
}

/** Marks on the stack where the walk leaves a node. */
class Leaving {
  readonly num: number;
  constructor(num: number) {
    this.num = num;
  }
}

/**
 * An object that several nodes list is several pages, as viewers count them; only a node below itself is
 * passed over.
 */
function* walkPages(document: PdfDocument): Generator<Page> {
  const open = new Set<number>();
  // A stack of siblings still to visit, so that depth costs no recursion.
  const stack: (Node | Leaving)[] = [
    {
      value: document.catalog.get('Pages') ?? null,
      inherited: {},
      listedIn: { node: undefined, at: 0 },
    },
  ];
  let index = 0;
  let nodes = 0;
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node instanceof Leaving) {
      open.delete(node.num);
      continue;
    }
    if (++nodes > document.limits.maxTreeNodes) {
      throw limitExceeded('maxTreeNodes', document.limits.maxTreeNodes);
    }
    const ref = node.value instanceof PdfRef ? node.value : undefined;
    if (ref !== undefined && open.has(ref.num)) continue;
    const dict = document.resolveDict(node.value);
    if (dict === undefined) continue;
    const inherited = inherit(dict, node.inherited);
    const kids = document.resolveArray(dict.get('Kids'))?.items;
    const type = document.resolve(dict.get('Type'));
    if (kids !== undefined && !isName(type, 'Page')) {
      if (ref !== undefined) {
        open.add(ref.num);
        stack.push(new Leaving(ref.num));
      }
      for (let at = kids.length - 1; at >= 0; at--) {
        stack.push({ value: kids[at] ?? null, inherited, listedIn: { node: ref, at } });
      }
    } else if (!isName(type, 'Pages')) {
      yield toPage(document, index++, ref, dict, inherited, node.listedIn);
    }
  }
}

function inherit(dict: PdfDict, from: Inherited): Inherited {
  const inherited: Inherited = { ...from };
  for (const key of INHERITABLE) {
    const own = dict.get(key);
    if (own !== undefined) inherited[key] = own;
  }
  return inherited;
}

function toPage(
  document: PdfDocument,
  index: number,
  ref: PdfRef | undefined,
  dict: PdfDict,
  inherited: Inherited,
  listedIn: Page['listedIn'],
): Page {
  const mediaBox = readRectangle(document, inherited.MediaBox) ?? LETTER;
  const turn = document.resolve(inherited.Rotate);
  const quarter = isInteger(turn) && turn % 90 === 0 ? (((turn / 90) % 4) + 4) % 4 : 0;
  return {
    index,
    ref,
    dict,
    listedIn,
    mediaBox,
    cropBox: readRectangle(document, inherited.CropBox) ?? mediaBox,
    rotate: ([0, 90, 180, 270] as const)[quarter] ?? 0,
    resources: inherited.Resources,
  };
}

/** A rectangle array with its corners put in order; undefined where it is not one. */
export function readRectangle(
  document: PdfDocument,
  value: PdfValue | undefined,
): Rectangle | undefined {
  const array = document.resolve(value);
  if (!(array instanceof PdfArray) || array.items.length !== 4) return undefined;
  const numbers: number[] = [];
  for (const item of array.items) {
    const number = document.resolve(item);
    if (typeof number !== 'number') return undefined;
    numbers.push(number);
  }
  const [a = 0, b = 0, c = 0, d = 0] = numbers;
  return { x1: Math.min(a, c), y1: Math.min(b, d), x2: Math.max(a, c), y2: Math.max(b, d) };
}

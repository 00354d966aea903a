/**
 * One walk through what a page paints and the forms inside it; who extends it looks at text, or at
 * areas.
 *
 * @see ISO 32000-2:2020, 8.4 (graphics state), 8.10 (form XObjects)
 */
import { concatBytes, isAppError } from '../kernel/index.js';
import type { PdfDocument } from './document.js';
import { multiply, type Matrix } from './matrix.js';
import { PdfArray, PdfName, PdfStream, isName, type PdfDict, type PdfValue } from './objects.js';
import type { Page } from './page-tree.js';
import { limitExceeded } from './pdf-errors.js';
import { contentOperations, type Operation } from './text/content-operators.js';

export const IDENTITY: Matrix = [1, 0, 0, 1, 0, 0];

const DEEPEST_FORM = 12;
const DEEPEST_STATE = 1024;
const MOST_OPERATIONS = 2_000_000;
/** Forms painted over and over are decoded over and over; this bounds all of it for one page. */
const MOST_CONTENT_BYTES = 128 * 1024 * 1024;

/** The operand at a place as a number; 0 where it is none. */
export type NumberAt = (index: number) => number;

/** Keeps graphics state `S`, of which the walk itself knows only the matrix. */
export abstract class ContentWalk<S extends { ctm: Matrix }> {
  protected readonly document: PdfDocument;
  protected state: S;
  #stack: S[] = [];
  /** Innermost first: some readers look a name up in what is around a form, where the form has none. */
  #resources: readonly PdfDict[];
  #depth = 0;
  #operations = 0;
  #contentBytes = 0;
  #isIncomplete = false;

  /** @param around - Resources of what an appearance is shown on. */
  constructor(document: PdfDocument, initial: S, around: readonly PdfDict[] = []) {
    this.document = document;
    this.state = initial;
    this.#resources = around;
  }

  /** Whether something was met that other readers may paint, and that could not be followed here. */
  get isIncomplete(): boolean {
    return this.#isIncomplete;
  }

  /** An operator other than those of state, matrix and XObjects. */
  protected abstract operate(operation: Operation, number: NumberAt): void;

  /** An image XObject, painted in the unit square of the present matrix. */
  protected abstract paintImage(image: PdfStream): void;

  /** The graphics state in which a form begins. */
  protected enterForm(_form: PdfStream, state: S): S {
    return state;
  }

  protected markIncomplete(): void {
    this.#isIncomplete = true;
  }

  /** The content of `page` itself, annotations apart. @throws AppError `pdf-limit-exceeded` */
  runPage(page: Page): void {
    const contents = this.document.resolve(page.dict.get('Contents'));
    const parts = contents instanceof PdfArray ? contents.items : [contents];
    const bytes = parts.flatMap((part) => {
      const stream = this.document.resolve(part);
      return stream instanceof PdfStream ? [this.#decode(stream), Uint8Array.of(0x0a)] : [];
    });
    this.#run(concatBytes(bytes), page.resources);
  }

  /** A form XObject by its own matrix, then by `placement`. @throws AppError `pdf-limit-exceeded` */
  runForm(form: PdfStream, placement: Matrix): void {
    const outer = this.state;
    const ctm = multiply(matrixOfForm(this.document, form), placement);
    this.state = this.enterForm(form, { ...outer, ctm });
    this.#run(this.#decode(form), form.dict.get('Resources'));
    this.state = outer;
  }

  /** Readers show what they can of a damaged stream, each as much as it can. */
  #decode(stream: PdfStream): Uint8Array {
    try {
      return stream.data();
    } catch (error) {
      if (!isAppError(error, 'pdf-malformed', 'pdf-unsupported')) throw error;
      this.#isIncomplete = true;
      return new Uint8Array(0);
    }
  }

  protected resource(category: string, name: PdfValue | undefined): PdfValue | undefined {
    if (!(name instanceof PdfName)) return undefined;
    for (const resources of this.#resources) {
      const found = this.document.resolveDict(resources.get(category))?.get(name.value);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #run(content: Uint8Array, resources: PdfValue | undefined): void {
    this.#contentBytes += content.length;
    if (this.#contentBytes > MOST_CONTENT_BYTES) {
      throw limitExceeded('content bytes', MOST_CONTENT_BYTES);
    }
    const outer = [this.#resources, this.#stack] as const;
    const own = this.document.resolveDict(resources);
    if (own !== undefined) this.#resources = [own, ...this.#resources];
    this.#stack = [];
    const onDamage = (): void => {
      this.#isIncomplete = true;
    };
    for (const operation of contentOperations(content, this.document.limits, { onDamage })) {
      if (++this.#operations > MOST_OPERATIONS) {
        throw limitExceeded('content operations', MOST_OPERATIONS);
      }
      this.#perform(operation);
    }
    [this.#resources, this.#stack] = outer;
  }

  #perform(operation: Operation): void {
    const { operator, operands } = operation;
    const number: NumberAt = (index) => {
      const value = operands[index];
      return typeof value === 'number' ? value : 0;
    };
    switch (operator) {
      case 'q':
        if (this.#stack.length < DEEPEST_STATE) this.#stack.push({ ...this.state });
        break;
      case 'Q':
        this.state = this.#stack.pop() ?? this.state;
        break;
      case 'cm':
        this.state.ctm = multiply(matrixOf(number), this.state.ctm);
        break;
      case 'Do':
        this.#paint(operands[0]);
        break;
      default:
        this.operate(operation, number);
    }
  }

  #paint(name: PdfValue | undefined): void {
    const object = this.document.resolve(this.resource('XObject', name));
    if (!(object instanceof PdfStream)) return;
    if (isName(this.document.resolve(object.dict.get('Subtype')), 'Image')) {
      this.paintImage(object);
    } else if (this.#depth < DEEPEST_FORM) {
      this.#depth++;
      this.runForm(object, this.state.ctm);
      this.#depth--;
    } else {
      this.#isIncomplete = true;
    }
  }
}

export function matrixOf(number: NumberAt): Matrix {
  return [number(0), number(1), number(2), number(3), number(4), number(5)];
}

/** `/Matrix` of a form; the identity where there is none. */
export function matrixOfForm(document: PdfDocument, form: PdfStream): Matrix {
  const items = document.resolveArray(form.dict.get('Matrix'))?.items ?? [];
  if (items.length !== 6) return IDENTITY;
  return matrixOf((index) => Number(document.resolve(items[index])));
}

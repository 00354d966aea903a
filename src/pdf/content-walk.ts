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
  #resources: PdfDict | undefined;
  #depth = 0;
  #operations = 0;
  #contentBytes = 0;

  constructor(document: PdfDocument, initial: S) {
    this.document = document;
    this.state = initial;
  }

  /** An operator other than those of state, matrix and XObjects. */
  protected abstract operate(operation: Operation, number: NumberAt): void;

  /** An image XObject, painted in the unit square of the present matrix. */
  protected abstract paintImage(image: PdfStream): void;

  /** The content of `page` itself, annotations apart. @throws AppError `pdf-limit-exceeded` */
  runPage(page: Page): void {
    const contents = this.document.resolve(page.dict.get('Contents'));
    const parts = contents instanceof PdfArray ? contents.items : [contents];
    const bytes = parts.flatMap((part) => {
      const stream = this.document.resolve(part);
      return stream instanceof PdfStream ? [decodeOrNothing(stream), Uint8Array.of(0x0a)] : [];
    });
    this.#run(concatBytes(bytes), this.document.resolveDict(page.resources));
  }

  /** A form XObject by its own matrix, then by `placement`. @throws AppError `pdf-limit-exceeded` */
  runForm(form: PdfStream, placement: Matrix): void {
    const outer = this.state;
    this.state = { ...outer, ctm: multiply(matrixOfForm(this.document, form), placement) };
    const own = this.document.resolveDict(form.dict.get('Resources'));
    this.#run(decodeOrNothing(form), own ?? this.#resources);
    this.state = outer;
  }

  protected resource(category: string, name: PdfValue | undefined): PdfValue | undefined {
    if (!(name instanceof PdfName)) return undefined;
    return this.document.resolveDict(this.#resources?.get(category))?.get(name.value);
  }

  #run(content: Uint8Array, resources: PdfDict | undefined): void {
    this.#contentBytes += content.length;
    if (this.#contentBytes > MOST_CONTENT_BYTES) {
      throw limitExceeded('content bytes', MOST_CONTENT_BYTES);
    }
    const outer = [this.#resources, this.#stack] as const;
    this.#resources = resources;
    this.#stack = [];
    for (const operation of contentOperations(content, this.document.limits)) {
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

/** Readers show the rest of a page where one of its streams is damaged. */
export function decodeOrNothing(stream: PdfStream): Uint8Array {
  try {
    return stream.data();
  } catch (error) {
    if (isAppError(error, 'pdf-malformed', 'pdf-unsupported')) return new Uint8Array(0);
    throw error;
  }
}

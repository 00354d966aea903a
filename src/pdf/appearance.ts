/** Builds the content of a vector appearance and the form XObject around it. */
import { latin1ToBytes } from '../kernel/index.js';
import { flate } from './filters.js';
import type { Matrix } from './matrix.js';
import { PdfArray, PdfDict, PdfStream, pdfName, type PdfValue } from './objects.js';
import { formatNumber } from './serialize.js';

/** Operators of a content stream, one method each; numbers are in points and rounded to four decimals. */
export class ContentBuilder {
  readonly #lines: string[] = [];

  /** `q`: saves the graphics state. */
  save(): this {
    return this.#add('q');
  }

  /** `Q`: restores it. */
  restore(): this {
    return this.#add('Q');
  }

  /** `cm`: transforms what follows. */
  transform(matrix: Matrix): this {
    return this.#add('cm', ...matrix);
  }

  moveTo(x: number, y: number): this {
    return this.#add('m', x, y);
  }

  lineTo(x: number, y: number): this {
    return this.#add('l', x, y);
  }

  /** `c`: a Bézier curve by two control points. */
  curveTo(x1: number, y1: number, x2: number, y2: number, x: number, y: number): this {
    return this.#add('c', x1, y1, x2, y2, x, y);
  }

  closePath(): this {
    return this.#add('h');
  }

  rectangle(x: number, y: number, widthPt: number, heightPt: number): this {
    return this.#add('re', x, y, widthPt, heightPt);
  }

  /** A whole circle, as four curves. */
  circle(x: number, y: number, radiusPt: number): this {
    const k = radiusPt * 0.5522847498;
    const r = radiusPt;
    return this.moveTo(x + r, y)
      .curveTo(x + r, y + k, x + k, y + r, x, y + r)
      .curveTo(x - k, y + r, x - r, y + k, x - r, y)
      .curveTo(x - r, y - k, x - k, y - r, x, y - r)
      .curveTo(x + k, y - r, x + r, y - k, x + r, y)
      .closePath();
  }

  /** `f` or `f*`. */
  fill(rule: 'nonzero' | 'evenodd' = 'nonzero'): this {
    return this.#add(rule === 'evenodd' ? 'f*' : 'f');
  }

  stroke(): this {
    return this.#add('S');
  }

  fillAndStroke(): this {
    return this.#add('B');
  }

  /** `W n`: clips to the path and paints nothing. */
  clip(rule: 'nonzero' | 'evenodd' = 'nonzero'): this {
    return this.#add(rule === 'evenodd' ? 'W* n' : 'W n');
  }

  /** Components from 0 to 1. */
  fillColor(red: number, green: number, blue: number): this {
    return this.#add('rg', red, green, blue);
  }

  /** Components from 0 to 1. */
  strokeColor(red: number, green: number, blue: number): this {
    return this.#add('RG', red, green, blue);
  }

  lineWidth(widthPt: number): this {
    return this.#add('w', widthPt);
  }

  /** `gs`: a graphics state of the resources, such as one of {@link alphaState}. */
  graphicsState(name: string): this {
    return this.#add(`/${name} gs`);
  }

  /** `Do`: paints an XObject of the resources. */
  paint(name: string): this {
    return this.#add(`/${name} Do`);
  }

  /** The content stream so far. */
  toBytes(): Uint8Array {
    return latin1ToBytes(`${this.#lines.join('\n')}\n`);
  }

  #add(operator: string, ...operands: readonly number[]): this {
    const numbers = operands.map((operand) => formatNumber(Math.round(operand * 1e4) / 1e4));
    this.#lines.push([...numbers, operator].join(' '));
    return this;
  }
}

export interface FormXObject {
  /** `[x1, y1, x2, y2]` in the form's own space. */
  readonly bbox: readonly [number, number, number, number];
  readonly content: Uint8Array;
  readonly resources?: PdfDict;
  readonly matrix?: Matrix;
}

/** A form XObject with its content compressed. */
export function formXObject(form: FormXObject): PdfStream {
  return flateStream(
    PdfDict.of({
      Type: pdfName('XObject'),
      Subtype: pdfName('Form'),
      BBox: new PdfArray(form.bbox),
      Matrix: form.matrix === undefined ? undefined : new PdfArray(form.matrix),
      Resources: form.resources ?? PdfDict.of({}),
    }),
    form.content,
  );
}

/** A stream of `dict` whose bytes are compressed. */
export function flateStream(dict: PdfDict, bytes: Uint8Array): PdfStream {
  return PdfStream.of(dict.with({ Filter: pdfName('FlateDecode') }), flate(bytes));
}

/** An `/ExtGState` dictionary of the given opacity, 0 to 1. */
export function alphaState(opacity: number, blendMode?: 'Normal' | 'Multiply'): PdfDict {
  return PdfDict.of({
    Type: pdfName('ExtGState'),
    ca: opacity,
    CA: opacity,
    BM: blendMode === undefined ? undefined : pdfName(blendMode),
  });
}

/**
 * The matrix a form needs to stand upright on a page that is shown turned.
 *
 * The widget's rectangle is in the page's own space; on a page turned by 90 or 270 its width is what the reader
 * sees as height.
 *
 * @param widthPt - Width of the form as the reader sees it.
 * @see ISO 32000-1:2008, 12.5.5, algorithm 8.1 (the rectangle is fitted after the matrix)
 */
export function uprightMatrix(
  rotate: 0 | 90 | 180 | 270,
  widthPt: number,
  heightPt: number,
): Matrix {
  switch (rotate) {
    case 0:
      return [1, 0, 0, 1, 0, 0];
    case 90:
      return [0, 1, -1, 0, heightPt, 0];
    case 180:
      return [-1, 0, 0, -1, widthPt, heightPt];
    case 270:
      return [0, -1, 1, 0, 0, widthPt];
  }
}

/** Resources of a form: names to values, by category; empty categories are left out. */
export function resourceDict(
  categories: Readonly<Record<string, Readonly<Record<string, PdfValue>>>>,
): PdfDict {
  return PdfDict.of(
    Object.fromEntries(
      Object.entries(categories)
        .filter(([, names]) => Object.keys(names).length > 0)
        .map(([category, names]) => [category, PdfDict.of(names)]),
    ),
  );
}

/**
 * Where content paints images, fills and lines: upright boxes, enough to see whether something is
 * hidden. Text is in `text/page-text.ts`.
 *
 * @see ISO 32000-2:2020, 8.5 (paths), 8.9 (images), 11.3 (transparency)
 */
import { ContentWalk, IDENTITY, decodeOrNothing, type NumberAt } from './content-walk.js';
import { appearanceFit } from './appearance-fit.js';
import type { PdfDocument } from './document.js';
import { transformedBox, type Matrix } from './matrix.js';
import { PdfArray, PdfDict, PdfName, PdfStream, type PdfValue } from './objects.js';
import type { Page, Rectangle } from './page-tree.js';
import { limitExceeded } from './pdf-errors.js';
import type { Operation } from './text/content-operators.js';

export interface PaintedArea {
  readonly kind: 'image' | 'fill' | 'line';
  /** In default user space of the page. */
  readonly rect: Rectangle;
  /** Whether what was there before can no longer be seen. */
  readonly isOpaque: boolean;
}

const UNIT: Rectangle = { x1: 0, y1: 0, x2: 1, y2: 1 };
const MOST_AREAS = 20_000;

/** What the content of `page` itself paints, annotations apart. @throws AppError `pdf-limit-exceeded` */
export function pagePaints(document: PdfDocument, page: Page): readonly PaintedArea[] {
  const reader = new PaintReader(document);
  reader.runPage(page);
  return reader.found;
}

/**
 * What the appearance of an annotation paints on its page, every state of it.
 *
 * @param appearance - `/AP /N`: a stream, or a dictionary of them.
 * @throws AppError `pdf-limit-exceeded`
 * @see ISO 32000-2:2020, 12.5.5, algorithm 8
 */
export function appearancePaints(
  document: PdfDocument,
  appearance: PdfValue | undefined,
  rect: Rectangle,
): readonly PaintedArea[] {
  const found = document.resolve(appearance);
  if (found instanceof PdfDict) {
    return [...found.entries()].flatMap(([, state]) =>
      document.resolve(state) instanceof PdfStream ? appearancePaints(document, state, rect) : [],
    );
  }
  if (!(found instanceof PdfStream)) return [];
  const reader = new PaintReader(document);
  reader.runForm(found, appearanceFit(document, found, rect));
  // The bounding box clips.
  return reader.found.flatMap((area) => {
    const clipped = intersection(area.rect, rect);
    return clipped === undefined ? [] : [{ ...area, rect: clipped }];
  });
}

/** What two boxes share; undefined where they share no area. */
export function intersection(a: Rectangle, b: Rectangle): Rectangle | undefined {
  const shared = {
    x1: Math.max(a.x1, b.x1),
    y1: Math.max(a.y1, b.y1),
    x2: Math.min(a.x2, b.x2),
    y2: Math.min(a.y2, b.y2),
  };
  return shared.x1 < shared.x2 && shared.y1 < shared.y2 ? shared : undefined;
}

interface PaintState {
  ctm: Matrix;
  alpha: number;
  strokeAlpha: number;
  lineWidth: number;
  /** Blend modes that can only darken: what was there stays to be seen, unless the colour is dark. */
  onlyDarkens: boolean;
  isDark: boolean;
}

const INITIAL: PaintState = {
  ctm: IDENTITY,
  alpha: 1,
  strokeAlpha: 1,
  lineWidth: 1,
  onlyDarkens: false,
  isDark: true,
};
/** Black text on anything darker is not to be read; the red of seals is 0.3. */
const DARK = 0.2;

const DARKENING: readonly string[] = ['Multiply', 'Darken', 'ColorBurn'];

class PaintReader extends ContentWalk<PaintState> {
  readonly found: PaintedArea[] = [];
  #path: Rectangle | undefined;

  constructor(document: PdfDocument) {
    super(document, { ...INITIAL });
  }

  protected override operate({ operator, operands }: Operation, number: NumberAt): void {
    const extend = (...indices: readonly number[]): void => {
      for (const i of indices) this.#extend(number(i), number(i + 1));
    };
    switch (operator) {
      case 'gs':
        this.#setTransparency(operands[0]);
        break;
      case 'w':
        this.state.lineWidth = Math.abs(number(0));
        break;
      case 'g':
      case 'rg':
      case 'k':
      case 'sc':
      case 'scn':
        this.state.isDark = isDark(operands);
        break;
      case 'cs':
        this.state.isDark = true;
        break;
      case 'm':
      case 'l':
        extend(0);
        break;
      case 'c':
        extend(0, 2, 4);
        break;
      case 'v':
      case 'y':
        extend(0, 2);
        break;
      case 're':
        this.#extend(number(0), number(1));
        this.#extend(number(0) + number(2), number(1) + number(3));
        break;
      case 'f':
      case 'F':
      case 'f*':
      case 'B':
      case 'B*':
      case 'b':
      case 'b*':
        this.#paintPath('fill');
        break;
      case 'S':
      case 's':
        this.#paintPath('line');
        break;
      case 'n':
        this.#path = undefined;
        break;
      case 'sh':
        // Fills the clipping path, which is not followed here: as large as can be.
        this.#add('fill', { x1: -1e6, y1: -1e6, x2: 1e6, y2: 1e6 }, true);
        break;
      case 'BI':
        this.#add('image', transformedBox(UNIT, this.state.ctm), true);
        break;
      default:
    }
  }

  protected override paintImage(image: PdfStream): void {
    const box = transformedBox(UNIT, this.state.ctm);
    this.#add('image', box, hidesWhatIsBelow(this.document, image));
  }

  #extend(x: number, y: number): void {
    const point = transformedBox({ x1: x, y1: y, x2: x, y2: y }, this.state.ctm);
    const path = this.#path;
    this.#path =
      path === undefined
        ? point
        : {
            x1: Math.min(path.x1, point.x1),
            y1: Math.min(path.y1, point.y1),
            x2: Math.max(path.x2, point.x2),
            y2: Math.max(path.y2, point.y2),
          };
  }

  #paintPath(kind: 'fill' | 'line'): void {
    const path = this.#path;
    this.#path = undefined;
    if (path === undefined) return;
    if (kind === 'fill') {
      this.#add(kind, path, true);
      return;
    }
    const { ctm, lineWidth, strokeAlpha } = this.state;
    const half = (lineWidth * Math.sqrt(Math.abs(ctm[0] * ctm[3] - ctm[1] * ctm[2]))) / 2;
    const inked = {
      x1: path.x1 - half,
      y1: path.y1 - half,
      x2: path.x2 + half,
      y2: path.y2 + half,
    };
    // A straight line as thick as it is wide covers what it runs over, as a bar does.
    const isBar = Math.min(path.x2 - path.x1, path.y2 - path.y1) <= half;
    this.#add('line', inked, isBar && strokeAlpha >= 0.5);
  }

  #add(kind: PaintedArea['kind'], rect: Rectangle, isOpaque: boolean): void {
    if (this.found.length >= MOST_AREAS) throw limitExceeded('painted areas', MOST_AREAS);
    const { alpha, onlyDarkens, isDark } = this.state;
    const letsThrough = onlyDarkens && (kind !== 'fill' || !isDark);
    const isSolid = kind === 'line' || alpha >= 0.5;
    this.found.push({ kind, rect, isOpaque: isOpaque && isSolid && !letsThrough });
  }

  #setTransparency(name: PdfValue | undefined): void {
    const dict = this.document.resolveDict(this.resource('ExtGState', name));
    const alpha = this.document.resolve(dict?.get('ca'));
    if (typeof alpha === 'number') this.state.alpha = alpha;
    const strokeAlpha = this.document.resolve(dict?.get('CA'));
    if (typeof strokeAlpha === 'number') this.state.strokeAlpha = strokeAlpha;
    const mode = this.document.resolve(dict?.get('BM'));
    if (mode instanceof PdfName) {
      this.state.onlyDarkens = DARKENING.includes(mode.value);
    }
  }
}

/** Of gray, RGB or CMYK components; a pattern may be anything. */
function isDark(operands: readonly PdfValue[]): boolean {
  if (!operands.every((each) => typeof each === 'number')) return true;
  const [a = 0, b = 0, c = 0, d = 0] = operands;
  if (operands.length === 1) return a < DARK;
  const weighed = 0.3 * a + 0.59 * b + 0.11 * c;
  return (operands.length === 4 ? (1 - d) * (1 - weighed) : weighed) < DARK;
}

/** The part of an image's samples that must cover what is below before it counts as hidden. */
const HIDING_SHARE = 0.6;

/** A seal's mask lets most of the paper through; one that lets nothing through is no seal's. */
function hidesWhatIsBelow(document: PdfDocument, image: PdfStream): boolean {
  const { dict } = image;
  const soft = document.resolve(dict.get('SMask'));
  const hard = document.resolve(dict.get('Mask'));
  if (hard instanceof PdfArray && !(soft instanceof PdfStream)) return false;
  const mask = soft instanceof PdfStream ? soft : hard instanceof PdfStream ? hard : undefined;
  const isStencil = document.resolve(dict.get('ImageMask')) === true;
  if (mask === undefined) return isStencil ? coveringShare(document, image, true) : true;
  return coveringShare(document, mask, mask !== soft);
}

/** Whether more than {@link HIDING_SHARE} of a mask paints; one that cannot be decoded is taken to. */
function coveringShare(document: PdfDocument, mask: PdfStream, isStencil: boolean): boolean {
  const samples = decodeOrNothing(mask);
  if (samples.length === 0) return true;
  const decode = document.resolveArray(mask.dict.get('Decode'))?.items ?? [];
  // A stencil paints where its samples are 0, a soft mask where they are high; Decode turns either.
  const paintsHigh = (decode[0] === 1) === isStencil;
  let high = 0;
  const bits = isStencil ? 1 : document.resolve(mask.dict.get('BitsPerComponent'));
  for (const byte of samples) {
    if (bits === 1) for (let bit = 0; bit < 8; bit++) high += ((byte >> bit) & 1) / 8;
    else if (byte >= 0x80) high++;
  }
  const share = high / samples.length;
  return (paintsHigh ? share : 1 - share) > HIDING_SHARE;
}

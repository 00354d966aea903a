/**
 * Where content paints images, fills and lines, and what that hides. Text is in `text/page-text.ts`.
 *
 * @see ISO 32000-2:2020, 8.5 (paths), 8.9 (images), 11.3 (transparency)
 */
import { ContentWalk, IDENTITY, type NumberAt } from './content-walk.js';
import { appearanceFit } from './appearance-fit.js';
import type { PdfDocument } from './document.js';
import { imageCover, isColoured, toRgb } from './image-cover.js';
import { transformedBox, type Matrix } from './matrix.js';
import { PdfArray, PdfDict, PdfStream, isName, type PdfValue } from './objects.js';
import { PathBudget, PathBuilder, type PaintedPath, type Polyline } from './painted-shape.js';
import type { Page, Rectangle } from './page-tree.js';
import { limitExceeded } from './pdf-errors.js';
import type { Operation } from './text/content-operators.js';

export interface PaintedArea {
  readonly kind: 'image' | 'fill' | 'line';
  /** In default user space of the page. */
  readonly rect: Rectangle;
  /** Whether most of what was there before can no longer be seen. */
  readonly isOpaque: boolean;
  /** How much of what was at a point inside `rect` it hides, 0 to 1. */
  readonly hidesAt: (x: number, y: number) => number;
  /** Whether it is of colour and open, as the pictures of seals are, which lie on text by custom. */
  readonly isInk: () => boolean;
  /** Corners `x y x y …` of each part of its path; empty where it has none, or too many. */
  readonly outline: readonly Polyline[];
}

/** What an appearance paints. */
export interface AppearancePaint {
  readonly areas: readonly PaintedArea[];
  /** Whether there is more to it that could not be followed here, and that some reader may paint. */
  readonly isIncomplete: boolean;
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
 * @param around - Resources of the page and the form, by which some readers draw what names none.
 * @throws AppError `pdf-limit-exceeded`
 * @see ISO 32000-2:2020, 12.5.5, algorithm 8
 */
export function appearancePaints(
  document: PdfDocument,
  appearance: PdfValue | undefined,
  rect: Rectangle,
  around: readonly PdfDict[] = [],
): AppearancePaint {
  const found = document.resolve(appearance);
  if (found instanceof PdfDict) {
    const states = [...found.entries()].flatMap(([, state]) =>
      document.resolve(state) instanceof PdfStream
        ? [appearancePaints(document, state, rect, around)]
        : [],
    );
    return {
      areas: states.flatMap(({ areas }) => areas),
      isIncomplete: states.some(({ isIncomplete }) => isIncomplete),
    };
  }
  if (!(found instanceof PdfStream)) return { areas: [], isIncomplete: false };
  const reader = new PaintReader(document, around);
  reader.runForm(found, appearanceFit(document, found, rect));
  // The bounding box clips.
  const areas = reader.found.flatMap((area) => {
    const clipped = intersection(area.rect, rect);
    return clipped === undefined ? [] : [{ ...area, rect: clipped }];
  });
  return { areas, isIncomplete: reader.isIncomplete };
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
  /** The box around what is painted at all. */
  clip: Rectangle;
  /** Blend modes that can only darken: what was there stays to be seen, unless the colour is dark. */
  onlyDarkens: boolean;
  /** In an isolated group the page is not blended with: how the group as a whole is. */
  groupDarkens: boolean | undefined;
  fill: Colour;
  stroke: Colour;
}

interface Colour {
  readonly isDark: boolean;
  readonly isInk: boolean;
}

const BLACK: Colour = { isDark: true, isInk: false };
const EVERYWHERE: Rectangle = { x1: -1e6, y1: -1e6, x2: 1e6, y2: 1e6 };
const INITIAL: PaintState = {
  ctm: IDENTITY,
  alpha: 1,
  strokeAlpha: 1,
  lineWidth: 1,
  clip: EVERYWHERE,
  onlyDarkens: false,
  groupDarkens: undefined,
  fill: BLACK,
  stroke: BLACK,
};
/** Black text on anything darker is not to be read; the red of seals is 0.3. */
const DARK = 0.2;
/** From this opacity on, what is below counts as hidden. */
const SOLID = 0.5;
/** What covers less than this part of its box is open. */
const OPEN_SHARE = 0.6;
const RASTER = 16;

const DARKENING: readonly string[] = ['Multiply', 'Darken', 'ColorBurn'];

class PaintReader extends ContentWalk<PaintState> {
  readonly found: PaintedArea[] = [];
  readonly #budget = new PathBudget();
  #path = new PathBuilder(this.#budget);
  #clips = false;

  constructor(document: PdfDocument, around: readonly PdfDict[] = []) {
    super(document, { ...INITIAL }, around);
  }

  /** @see ISO 32000-2:2020, 11.6.6 (isolated groups) */
  protected override enterForm(form: PdfStream, state: PaintState): PaintState {
    const group = this.document.resolveDict(form.dict.get('Group'));
    const isIsolated = this.document.resolve(group?.get('I')) === true;
    if (!isIsolated) return state;
    return { ...state, groupDarkens: darkens(state), onlyDarkens: false };
  }

  protected override operate({ operator, operands }: Operation, number: NumberAt): void {
    const { ctm } = this.state;
    switch (operator) {
      case 'gs':
        this.#setState(operands[0]);
        break;
      case 'w':
        this.state.lineWidth = Math.abs(number(0));
        break;
      case 'g':
      case 'rg':
      case 'k':
      case 'sc':
      case 'scn':
        this.state.fill = colourOf(operands);
        break;
      case 'G':
      case 'RG':
      case 'K':
      case 'SC':
      case 'SCN':
        this.state.stroke = colourOf(operands);
        break;
      case 'cs':
        this.state.fill = BLACK;
        break;
      case 'CS':
        this.state.stroke = BLACK;
        break;
      case 'm':
        this.#path.moveTo(number(0), number(1), ctm);
        break;
      case 'l':
        this.#path.lineTo(number(0), number(1), ctm);
        break;
      case 'c':
        this.#path.curveTo([number(0), number(1)], [2, 3, 4, 5].map(number), ctm);
        break;
      case 'v':
        this.#path.curveTo(undefined, [0, 1, 2, 3].map(number), ctm);
        break;
      case 'y':
        this.#path.curveTo([number(0), number(1)], [2, 3, 2, 3].map(number), ctm);
        break;
      case 're':
        this.#path.rectangle(number(0), number(1), number(2), number(3), ctm);
        break;
      case 'h':
        this.#path.close(ctm);
        break;
      case 'W':
      case 'W*':
        this.#clips = true;
        break;
      case 'f':
      case 'F':
      case 'f*':
      case 'S':
      case 's':
      case 'B':
      case 'B*':
      case 'b':
      case 'b*':
      case 'n':
        this.#paintPath(operator);
        break;
      case 'sh':
        // Fills the clipping path.
        this.#add('fill', this.state.clip, { opacity: this.state.alpha, colour: BLACK });
        break;
      case 'BI':
        this.#add('image', transformedBox(UNIT, ctm), { opacity: 1, colour: BLACK });
        break;
      default:
    }
  }

  protected override paintImage(image: PdfStream): void {
    const { ctm, alpha, fill } = this.state;
    const box = transformedBox(UNIT, ctm);
    const cover = imageCover(this.document, image, fill.isInk, darkens(this.state));
    const at = (x: number, y: number): readonly [number, number] => inUnitSquare(ctm, x, y);
    const hides = (by: typeof cover.patchAt) => (x: number, y: number) => alpha * by(...at(x, y));
    this.#push('image', box, cover.isOpaque && alpha >= SOLID, hides(cover.patchAt), false);
    if (!cover.isOpaque) this.#push('image', box, false, hides(cover.inkAt), true);
  }

  #paintPath(operator: string): void {
    const { alpha, strokeAlpha, fill, stroke, lineWidth, ctm } = this.state;
    if (operator === 's' || operator === 'b' || operator === 'b*') this.#path.close(ctm);
    const path = this.#path.take();
    if (path !== undefined && /[fFbB]/.test(operator)) {
      const isEvenOdd = operator.endsWith('*');
      this.#add('fill', path.box, { opacity: alpha, colour: fill, path, isEvenOdd });
    }
    if (path !== undefined && /[sSbB]/.test(operator)) {
      const scale = Math.max(Math.hypot(ctm[0], ctm[1]), Math.hypot(ctm[2], ctm[3]));
      const half = (lineWidth * scale) / 2;
      this.#add('line', grown(path.box, half), {
        opacity: strokeAlpha,
        colour: stroke,
        path,
        half,
      });
    }
    if (this.#clips && path !== undefined) {
      this.state.clip = intersection(this.state.clip, path.box) ?? NOWHERE;
    }
    this.#clips = false;
  }

  #add(
    kind: 'image' | 'fill' | 'line',
    rect: Rectangle,
    { opacity, colour, path, half, isEvenOdd = false }: Painting,
  ): void {
    const letsThrough = darkens(this.state) && !(colour.isDark && kind !== 'image');
    const hiding = letsThrough ? 0 : opacity;
    const isIn = (x: number, y: number): boolean =>
      path === undefined ||
      (half === undefined
        ? path.isFilledAt(x, y, isEvenOdd, this.#budget)
        : path.isStrokedAt(x, y, half, this.#budget));
    // A straight line as thick as it is wide covers what it runs over, as a bar does.
    const isBar =
      half === undefined ||
      (path !== undefined &&
        Math.min(path.box.x2 - path.box.x1, path.box.y2 - path.box.y1) <= half);
    this.#push(
      kind,
      rect,
      isBar && hiding >= SOLID,
      (x, y) => (hiding > 0 && isIn(x, y) ? hiding : 0),
      colour.isInk && (() => isOpen(rect, isIn)),
      path?.isWhole === true ? path.lines : [],
    );
  }

  #push(
    kind: 'image' | 'fill' | 'line',
    box: Rectangle,
    isOpaque: boolean,
    hidesAt: PaintedArea['hidesAt'],
    isInk: boolean | (() => boolean),
    outline: readonly Polyline[] = [],
  ): void {
    const rect = intersection(box, this.state.clip);
    // A line has a place also where it has no area.
    if (rect === undefined && this.state.clip !== EVERYWHERE) return;
    if (this.found.length >= MOST_AREAS) throw limitExceeded('painted areas', MOST_AREAS);
    this.found.push({
      kind,
      rect: rect ?? box,
      isOpaque,
      hidesAt,
      isInk: typeof isInk === 'boolean' ? () => isInk : isInk,
      outline,
    });
  }

  /** @see ISO 32000-2:2020, table 57 */
  #setState(name: PdfValue | undefined): void {
    const { document, state } = this;
    const dict = document.resolveDict(this.resource('ExtGState', name));
    if (dict === undefined) return;
    const number = (key: string, otherwise: number): number => {
      const value = document.resolve(dict.get(key));
      return typeof value === 'number' ? value : otherwise;
    };
    state.alpha = number('ca', state.alpha);
    state.strokeAlpha = number('CA', state.strokeAlpha);
    state.lineWidth = Math.abs(number('LW', state.lineWidth));
    const mode = document.resolve(dict.get('BM'));
    // Of several modes, readers take the first that they know.
    const modes = mode instanceof PdfArray ? mode.items : mode === null ? [] : [mode];
    if (modes.length > 0) {
      state.onlyDarkens = modes.every((each) =>
        DARKENING.some((known) => isName(document.resolve(each), known)),
      );
    }
  }
}

interface Painting {
  readonly opacity: number;
  readonly colour: Colour;
  readonly path?: PaintedPath;
  /** Of a stroke, half its width; of a fill, left out. */
  readonly half?: number;
  readonly isEvenOdd?: boolean;
}

const NOWHERE: Rectangle = { x1: 0, y1: 0, x2: 0, y2: 0 };

const darkens = ({ groupDarkens, onlyDarkens }: PaintState): boolean => groupDarkens ?? onlyDarkens;

const grown = ({ x1, y1, x2, y2 }: Rectangle, by: number): Rectangle => ({
  x1: x1 - by,
  y1: y1 - by,
  x2: x2 + by,
  y2: y2 + by,
});

/** Where a point of the page lies in the unit square that an image fills. */
function inUnitSquare([a, b, c, d, e, f]: Matrix, x: number, y: number): readonly [number, number] {
  const determinant = a * d - b * c || 1;
  const [dx, dy] = [x - e, y - f];
  return [(d * dx - c * dy) / determinant, (a * dy - b * dx) / determinant];
}

function isOpen(rect: Rectangle, isIn: (x: number, y: number) => boolean): boolean {
  let inside = 0;
  for (let i = 0; i < RASTER; i++) {
    for (let j = 0; j < RASTER; j++) {
      const x = rect.x1 + ((i + 0.5) / RASTER) * (rect.x2 - rect.x1);
      const y = rect.y1 + ((j + 0.5) / RASTER) * (rect.y2 - rect.y1);
      if (isIn(x, y)) inside++;
    }
  }
  return inside < OPEN_SHARE * RASTER * RASTER;
}

/** Of gray, RGB or CMYK components; a pattern may be anything. */
function colourOf(operands: readonly PdfValue[]): Colour {
  if (!operands.every((each) => typeof each === 'number')) return BLACK;
  const rgb = toRgb(operands.length, (index) => operands[index] ?? 0);
  const [r, g, b] = rgb;
  return { isDark: 0.3 * r + 0.59 * g + 0.11 * b < DARK, isInk: isColoured(rgb) };
}

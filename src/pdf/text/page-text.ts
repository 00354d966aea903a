/** Where each character of a page stands. @see ISO 32000-1:2008, 9.4 */
import { appearanceFit } from '../appearance-fit.js';
import { ContentWalk, IDENTITY, matrixOf, type NumberAt } from '../content-walk.js';
import type { PdfDocument } from '../document.js';
import { multiply, transformedBox, type Matrix } from '../matrix.js';
import { PdfArray, PdfDict, PdfName, PdfStream, PdfString, type PdfValue } from '../objects.js';
import type { Page, Rectangle } from '../page-tree.js';
import { limitExceeded } from '../pdf-errors.js';
import type { Operation } from './content-operators.js';
import { readFont, type TextFont } from './text-font.js';

/** A character, or what one code of a font reads as, and its box in default user space. */
export interface PlacedText {
  readonly text: string;
  readonly rect: Rectangle;
  /** Painted in a mode that leaves no ink, as the text under scanned pages is. */
  readonly isHidden: boolean;
  /** Outlined by so thick a line that it is a patch of ink. */
  readonly isPatch: boolean;
  /** Which way it is written: quarters of a turn against the clock. */
  readonly turn: 0 | 1 | 2 | 3;
  /** What it is painted with, as its operands say; the same for the same colour. */
  readonly colour: string;
}

export interface PageText {
  /** In the order it is painted. */
  readonly placed: readonly PlacedText[];
  /** Character codes whose font does not say what they read as, or is not there. */
  readonly unreadable: number;
  /** Where those stand whose font is there. */
  readonly unreadablePlaces: readonly Rectangle[];
  /** Whether there is more to it that could not be followed. */
  readonly isIncomplete: boolean;
}

const MOST_CHARACTERS = 500_000;
/** Part of the em above and below the base line that a character's box spans; ideographs fill it. */
const ASCENT = 0.88;
const DESCENT = -0.12;

interface TextState {
  ctm: Matrix;
  font: TextFont | undefined;
  sizePt: number;
  charSpacing: number;
  wordSpacing: number;
  scale: number;
  leading: number;
  rise: number;
  isHidden: boolean;
  isOutlined: boolean;
  lineWidth: number;
  colour: string;
}

/** Text rendering modes that paint nothing: invisible, and clipping only. @see ISO 32000-1:2008, table 106 */
const INKLESS_MODES: readonly number[] = [3, 7];
const OUTLINING_MODES: readonly number[] = [1, 2, 5, 6];
/** Of the size of the text; what is written bold by its outline has a fifth of this. */
const THICKEST_OUTLINE = 0.15;

/**
 * The text of `page` in the order it is painted, hidden and clipped text included.
 *
 * @throws AppError `pdf-limit-exceeded`, `pdf-malformed`, `pdf-encrypted`
 */
export function pageText(document: PdfDocument, page: Page): readonly PlacedText[] {
  return readPageText(document, page).placed;
}

/** {@link pageText}, with what could not be read. @throws AppError as {@link pageText} */
export function readPageText(document: PdfDocument, page: Page): PageText {
  const reader = new PageTextReader(document);
  reader.runPage(page);
  return reader.result();
}

/**
 * The text that the appearance of an annotation shows on its page, every state of it.
 *
 * @param appearance - `/AP /N`: a stream, or a dictionary of them.
 * @param around - Resources of the page and the form, by which some readers draw what names none.
 * @throws AppError as {@link pageText}
 */
export function appearanceText(
  document: PdfDocument,
  appearance: PdfValue | undefined,
  rect: Rectangle,
  around: readonly PdfDict[] = [],
): PageText {
  const found = document.resolve(appearance);
  const states =
    found instanceof PdfDict ? [...found.entries()].map(([, state]) => state) : [found];
  const reader = new PageTextReader(document, around);
  for (const state of states) {
    const form = document.resolve(state);
    if (form instanceof PdfStream) reader.runForm(form, appearanceFit(document, form, rect));
  }
  return reader.result();
}

/** Black, in which content begins, is the empty name. */
function colourName(operator: string, operands: readonly PdfValue[]): string {
  if (operator !== 'k' && operands.every((each) => each === 0)) return '';
  const parts = operands.map((each) => (each instanceof PdfName ? `/${each.value}` : Number(each)));
  return [operator, ...parts].join(' ');
}

/** By the direction in which a line of text goes on. */
function turnOf([a, b]: Matrix): PlacedText['turn'] {
  if (Math.abs(a) >= Math.abs(b)) return a >= 0 ? 0 : 2;
  return b > 0 ? 1 : 3;
}

const INITIAL: TextState = {
  ctm: IDENTITY,
  font: undefined,
  sizePt: 0,
  charSpacing: 0,
  wordSpacing: 0,
  scale: 1,
  leading: 0,
  rise: 0,
  isHidden: false,
  isOutlined: false,
  lineWidth: 1,
  colour: '',
};

class PageTextReader extends ContentWalk<TextState> {
  readonly found: PlacedText[] = [];
  #unreadable = 0;
  readonly #unreadablePlaces: Rectangle[] = [];
  readonly #fonts = new Map<PdfDict, TextFont>();
  #textMatrix: Matrix = IDENTITY;
  #lineMatrix: Matrix = IDENTITY;

  constructor(document: PdfDocument, around: readonly PdfDict[] = []) {
    super(document, { ...INITIAL }, around);
  }

  result(): PageText {
    return {
      placed: this.found,
      unreadable: this.#unreadable,
      unreadablePlaces: this.#unreadablePlaces,
      isIncomplete: this.isIncomplete,
    };
  }

  protected override operate({ operator, operands }: Operation, number: NumberAt): void {
    const { state } = this;
    switch (operator) {
      case 'BT':
        this.#textMatrix = this.#lineMatrix = IDENTITY;
        break;
      case 'Tf':
        state.font = this.#font(operands[0]);
        state.sizePt = number(1);
        break;
      case 'gs':
        this.#setState(operands[0]);
        break;
      case 'g':
      case 'rg':
      case 'k':
      case 'cs':
      case 'sc':
      case 'scn':
        state.colour = colourName(operator, operands);
        break;
      case 'w':
        state.lineWidth = Math.abs(number(0));
        break;
      case 'Tc':
        state.charSpacing = number(0);
        break;
      case 'Tw':
        state.wordSpacing = number(0);
        break;
      case 'Tz':
        state.scale = number(0) / 100;
        break;
      case 'TL':
        state.leading = number(0);
        break;
      case 'Tr':
        state.isHidden = INKLESS_MODES.includes(number(0));
        state.isOutlined = OUTLINING_MODES.includes(number(0));
        break;
      case 'Ts':
        state.rise = number(0);
        break;
      case 'Tm':
        this.#textMatrix = this.#lineMatrix = matrixOf(number);
        break;
      case 'TD':
        state.leading = -number(1);
        this.#nextLine(number(0), number(1));
        break;
      case 'Td':
        this.#nextLine(number(0), number(1));
        break;
      case 'T*':
        this.#nextLine(0, -state.leading);
        break;
      case 'Tj':
        this.#show(operands[0]);
        break;
      case "'":
        this.#nextLine(0, -state.leading);
        this.#show(operands[0]);
        break;
      case '"':
        state.wordSpacing = number(0);
        state.charSpacing = number(1);
        this.#nextLine(0, -state.leading);
        this.#show(operands[2]);
        break;
      case 'TJ':
        this.#showAll(operands[0]);
        break;
      default:
    }
  }

  protected override paintImage(): void {
    // An image has no text.
  }

  /** @see ISO 32000-2:2020, table 57 (Font, LW) */
  #setState(name: PdfValue | undefined): void {
    const dict = this.document.resolveDict(this.resource('ExtGState', name));
    const width = this.document.resolve(dict?.get('LW'));
    if (typeof width === 'number') this.state.lineWidth = Math.abs(width);
    const [font, size] = this.document.resolveArray(dict?.get('Font'))?.items ?? [];
    if (font === undefined) return;
    this.state.font = this.#readFont(font);
    const sizePt = this.document.resolve(size);
    this.state.sizePt = typeof sizePt === 'number' ? sizePt : 0;
  }

  #nextLine(x: number, y: number): void {
    this.#lineMatrix = multiply([1, 0, 0, 1, x, y], this.#lineMatrix);
    this.#textMatrix = this.#lineMatrix;
  }

  #showAll(value: PdfValue | undefined): void {
    if (!(value instanceof PdfArray)) return;
    for (const item of value.items) {
      if (typeof item === 'number') {
        const byPt = (-item / 1000) * this.state.sizePt;
        if (this.state.font?.isVertical === true) this.#advance(0, byPt);
        else this.#advance(byPt * this.state.scale, 0);
      } else {
        this.#show(item);
      }
    }
  }

  #show(value: PdfValue | undefined): void {
    const { font, sizePt, scale, charSpacing, wordSpacing, rise, ctm, isHidden } = this.state;
    if (!(value instanceof PdfString)) return;
    if (font === undefined) {
      this.#unreadable += value.bytes.length;
      return;
    }
    const { isOutlined, lineWidth, colour } = this.state;
    const isPatch = isOutlined && lineWidth > THICKEST_OUTLINE * Math.abs(sizePt);
    // What the program of a glyph paints is wherever it likes.
    if (font.isDrawn) this.markIncomplete();
    for (const { text, width, isSpace } of font.decode(value.bytes)) {
      const glyph: Matrix = [sizePt * scale, 0, 0, sizePt, 0, rise];
      const toPage = multiply(glyph, multiply(this.#textMatrix, ctm));
      const box = font.isVertical
        ? { x1: -width / 2, y1: -1, x2: width / 2, y2: 0 }
        : { x1: 0, y1: DESCENT, x2: width, y2: ASCENT };
      const rect = transformedBox(box, toPage);
      if (this.found.length + this.#unreadable >= MOST_CHARACTERS) {
        throw limitExceeded('characters', MOST_CHARACTERS);
      }
      if (text !== '') {
        this.found.push({ text, rect, isHidden, isPatch, turn: turnOf(toPage), colour });
      } else {
        this.#unreadable++;
        this.#unreadablePlaces.push(rect);
      }
      const spacing = charSpacing + (isSpace ? wordSpacing : 0);
      if (font.isVertical) this.#advance(0, spacing - sizePt);
      else this.#advance((width * sizePt + spacing) * scale, 0);
    }
  }

  #advance(xPt: number, yPt: number): void {
    this.#textMatrix = multiply([1, 0, 0, 1, xPt, yPt], this.#textMatrix);
  }

  #font(name: PdfValue | undefined): TextFont | undefined {
    return this.#readFont(this.resource('Font', name));
  }

  #readFont(value: PdfValue | undefined): TextFont | undefined {
    const dict = this.document.resolveDict(value);
    if (dict === undefined) return undefined;
    const known = this.#fonts.get(dict);
    if (known !== undefined) return known;
    const font = readFont(this.document, dict);
    this.#fonts.set(dict, font);
    return font;
  }
}

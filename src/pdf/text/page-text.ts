/** Where each character of a page stands. @see ISO 32000-1:2008, 9.4 */
import { appearanceFit } from '../appearance-fit.js';
import { ContentWalk, IDENTITY, matrixOf, type NumberAt } from '../content-walk.js';
import type { PdfDocument } from '../document.js';
import { multiply, transformedBox, type Matrix } from '../matrix.js';
import { PdfArray, PdfDict, PdfStream, PdfString, type PdfValue } from '../objects.js';
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
}

export interface PageText {
  /** In the order it is painted. */
  readonly placed: readonly PlacedText[];
  /** Character codes whose font does not say what they read as. */
  readonly unreadable: number;
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
}

/** Text rendering modes that paint nothing: invisible, and clipping only. @see ISO 32000-1:2008, table 106 */
const INKLESS_MODES: readonly number[] = [3, 7];

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
  return { placed: reader.found, unreadable: reader.unreadable };
}

/**
 * The text that the appearance of an annotation shows on its page, every state of it.
 *
 * @param appearance - `/AP /N`: a stream, or a dictionary of them.
 * @throws AppError as {@link pageText}
 */
export function appearanceText(
  document: PdfDocument,
  appearance: PdfValue | undefined,
  rect: Rectangle,
): PageText {
  const found = document.resolve(appearance);
  const states =
    found instanceof PdfDict ? [...found.entries()].map(([, state]) => state) : [found];
  const reader = new PageTextReader(document);
  for (const state of states) {
    const form = document.resolve(state);
    if (form instanceof PdfStream) reader.runForm(form, appearanceFit(document, form, rect));
  }
  return { placed: reader.found, unreadable: reader.unreadable };
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
};

class PageTextReader extends ContentWalk<TextState> {
  readonly found: PlacedText[] = [];
  unreadable = 0;
  readonly #fonts = new Map<PdfDict, TextFont>();
  #textMatrix: Matrix = IDENTITY;
  #lineMatrix: Matrix = IDENTITY;

  constructor(document: PdfDocument) {
    super(document, { ...INITIAL });
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
    if (!(value instanceof PdfString) || font === undefined) return;
    for (const { text, width, isSpace } of font.decode(value.bytes)) {
      if (text === '') this.unreadable++;
      else {
        const glyph: Matrix = [sizePt * scale, 0, 0, sizePt, 0, rise];
        const toPage = multiply(glyph, multiply(this.#textMatrix, ctm));
        const box = font.isVertical
          ? { x1: -width / 2, y1: -1, x2: width / 2, y2: 0 }
          : { x1: 0, y1: DESCENT, x2: width, y2: ASCENT };
        if (this.found.length >= MOST_CHARACTERS) {
          throw limitExceeded('characters', MOST_CHARACTERS);
        }
        this.found.push({ text, rect: transformedBox(box, toPage), isHidden });
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
    const dict = this.document.resolveDict(this.resource('Font', name));
    if (dict === undefined) return undefined;
    const known = this.#fonts.get(dict);
    if (known !== undefined) return known;
    const font = readFont(this.document, dict);
    this.#fonts.set(dict, font);
    return font;
  }
}

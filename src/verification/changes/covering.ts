/**
 * What a later revision shows on top of a signed page. Adding it may be permitted by the letter and
 * still pass something off as signed: a picture over a price, a form field that shows another text
 * than its value.
 *
 * @see Mainka, Mladenov, Rohlmann, "Shadow Attacks", NDSS 2021; "Breaking the Specification: PDF
 *   Certification", IEEE S&P 2021 (evil annotation, sneaky signature)
 */
import {
  appearancePaints,
  appearanceText,
  intersection,
  isName,
  pageText,
  readRectangle,
  type PaintedArea,
  type Page,
  type PdfDict,
  type PdfDocument,
  type PlacedText,
  type Rectangle,
} from '../../pdf/index.js';

/** The part of a page that a new signature may take: a seal takes some 3 %, a large one 8 %. */
const LARGEST_SHARE_OF_PAGE = 0.25;
/** The part of an earlier signature that a new one may cover; seals across pages do overlap. */
const LARGEST_OVERLAP = 0.5;

export const area = ({ x1, y1, x2, y2 }: Rectangle): number => (x2 - x1) * (y2 - y1);

export function overlap(a: Rectangle, b: Rectangle): number {
  const shared = intersection(a, b);
  return shared === undefined ? 0 : area(shared);
}

/** Whether a new widget hides most of the page, or most of a signature that was there. */
export function coversSigned(before: PdfDocument, page: Page, widget: PdfDict): boolean {
  const rect = readRectangle(before, widget.get('Rect'));
  if (rect === undefined || area(rect) === 0) return false;
  if (overlap(rect, page.cropBox) > LARGEST_SHARE_OF_PAGE * area(page.cropBox)) return true;
  for (const item of before.resolveArray(page.dict.get('Annots'))?.items ?? []) {
    const dict = before.resolveDict(item);
    // A field seen in several places has its type on the parent of its widgets.
    const parent = before.resolveDict(dict?.get('Parent'));
    const type = before.resolve(dict?.get('FT') ?? parent?.get('FT'));
    if (dict === undefined || !isName(type, 'Sig')) continue;
    const other = readRectangle(before, dict.get('Rect'));
    if (other !== undefined && overlap(rect, other) > LARGEST_OVERLAP * area(other)) {
      return area(other) > 0;
    }
  }
  return false;
}

/** Of a character, the part that has to disappear before it counts as hidden. */
const HIDDEN_SHARE = 0.7;
/** A stroke of a pen across one character hides nothing that matters. */
const HIDDEN_CHARACTERS = 2;

/**
 * Whether what an annotation paints makes signed text unreadable. Seals and handwriting over a text
 * let it through; a white box with another amount does not.
 */
export function hidesSigned(
  before: PdfDocument,
  after: PdfDocument,
  page: Page,
  annotation: PdfDict,
): boolean {
  const rect = readRectangle(after, annotation.get('Rect'));
  if (rect === undefined || area(rect) === 0) return false;
  // Rollover and down looks are shown too, to whoever points there.
  const looks = [...(after.resolveDict(annotation.get('AP'))?.entries() ?? [])];
  return looks.some(([, look]) => {
    const painted = appearancePaints(after, look, rect).filter(({ isOpaque }) => isOpaque);
    const written = appearanceText(after, look, rect).placed.filter(({ isHidden }) => !isHidden);
    if (painted.length === 0 && written.length === 0) return false;
    return hidesText(pageText(before, page), painted, written);
  });
}

/** Characters that are a patch of ink: blocks, filled squares and circles. */
const PATCH = /[\u2580-\u259f\u25a0\u25ac\u25ae\u25cf\u2b1b\u2b1c]/u;
/** A character so much higher than the text is a bar over it. */
const BAR_HEIGHT = 3;

function hidesText(
  signed: readonly PlacedText[],
  painted: readonly PaintedArea[],
  written: readonly PlacedText[],
): boolean {
  let hidden = 0;
  for (const { text, rect: place } of signed) {
    if (!/[\p{L}\p{N}]/u.test(text)) continue;
    const hides = (rect: Rectangle): boolean => overlap(rect, place) > HIDDEN_SHARE * area(place);
    const height = place.y2 - place.y1;
    const isHidden =
      painted.some(({ rect }) => hides(rect)) ||
      written.some(
        ({ text: over, rect }) =>
          (PATCH.test(over) || rect.y2 - rect.y1 > BAR_HEIGHT * height) && hides(rect),
      );
    if (isHidden && ++hidden >= HIDDEN_CHARACTERS) return true;
  }
  return false;
}

/** `/F` bits that decide whether an annotation is seen: Invisible, Hidden, NoView. */
const VISIBILITY = 0b10_0011;

/** Whether a change of flags hides what was seen, or shows what was hidden. */
export function changesVisibility(old: PdfDict, now: PdfDict): boolean {
  const flags = (dict: PdfDict): number => {
    const value = dict.get('F');
    return typeof value === 'number' ? value & VISIBILITY : 0;
  };
  return flags(old) !== flags(now);
}

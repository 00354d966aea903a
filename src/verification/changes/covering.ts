/**
 * Where a later revision shows something on a signed page, by rectangles and flags. What of the page it
 * hides is in `hiding.ts`.
 *
 * @see Mainka, Mladenov, Rohlmann, "Shadow Attacks", NDSS 2021; "Breaking the Specification: PDF
 *   Certification", IEEE S&P 2021 (evil annotation, sneaky signature)
 */
import {
  intersection,
  isName,
  readRectangle,
  type Page,
  type PdfDict,
  type PdfDocument,
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

/** A field seen in several places has its type on the parent of its widgets. */
export function isSignatureWidget(document: PdfDocument, annotation: PdfDict): boolean {
  const parent = document.resolveDict(annotation.get('Parent'));
  return isName(document.resolve(annotation.get('FT') ?? parent?.get('FT')), 'Sig');
}

/** Whether a new widget hides most of the page, or most of a signature that was there. */
export function coversSigned(before: PdfDocument, page: Page, widget: PdfDict): boolean {
  const rect = readRectangle(before, widget.get('Rect'));
  if (rect === undefined || area(rect) === 0) return false;
  if (overlap(rect, page.cropBox) > LARGEST_SHARE_OF_PAGE * area(page.cropBox)) return true;
  for (const item of before.resolveArray(page.dict.get('Annots'))?.items ?? []) {
    const dict = before.resolveDict(item);
    if (dict === undefined || !isSignatureWidget(before, dict)) continue;
    const other = readRectangle(before, dict.get('Rect'));
    if (other !== undefined && overlap(rect, other) > LARGEST_OVERLAP * area(other)) {
      return area(other) > 0;
    }
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

/**
 * What a later revision shows on top of a signed page. Adding it may be permitted by the letter and
 * still pass something off as signed: a picture over a price, a form field that shows another text
 * than its value.
 *
 * @see Mainka, Mladenov, Rohlmann, "Shadow Attacks", NDSS 2021; "Breaking the Specification: PDF
 *   Certification", IEEE S&P 2021 (evil annotation, sneaky signature)
 */
import { bytesToLatin1 } from '../../kernel/index.js';
import {
  PdfDict,
  PdfName,
  PdfStream,
  appearancePaints,
  intersection,
  isName,
  pagePaints,
  pageText,
  readRectangle,
  type Page,
  type PdfDocument,
  type PdfValue,
  type Rectangle,
} from '../../pdf/index.js';

/** The part of a page that a new signature may take: a seal takes some 3 %, a large one 8 %. */
const LARGEST_SHARE_OF_PAGE = 0.25;
/** The part of an earlier signature that a new one may cover; seals across pages do overlap. */
const LARGEST_OVERLAP = 0.5;

/** Annotations that mark what is there. Any other paints, plays or leads somewhere. */
const MARKS: readonly string[] = [
  'Text',
  'Popup',
  'Highlight',
  'Underline',
  'Squiggly',
  'StrikeOut',
  'Caret',
];
/** Annotations that paint by themselves: harmless beside the text, not on it. */
const DRAWINGS: readonly string[] = [
  'FreeText',
  'Stamp',
  'Line',
  'Square',
  'Circle',
  'Polygon',
  'PolyLine',
  'Ink',
  'FileAttachment',
];

const area = ({ x1, y1, x2, y2 }: Rectangle): number => (x2 - x1) * (y2 - y1);

function overlap(a: Rectangle, b: Rectangle): number {
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
  const look = after.resolveDict(annotation.get('AP'))?.get('N');
  const opaque = appearancePaints(after, look, rect).filter(({ isOpaque }) => isOpaque);
  if (opaque.length === 0) return false;
  let hidden = 0;
  for (const { text, rect: place } of pageText(before, page)) {
    if (!/[\p{L}\p{N}]/u.test(text) || overlap(rect, place) === 0) continue;
    const isHidden = opaque.some((each) => overlap(each.rect, place) > HIDDEN_SHARE * area(place));
    if (isHidden && ++hidden >= HIDDEN_CHARACTERS) return true;
  }
  return false;
}

/** Why an annotation is more than a note on the page; undefined where it is not. */
export function annotationFault(
  before: PdfDocument,
  after: PdfDocument,
  page: Page,
  annotation: PdfDict,
): 'annotation-action' | 'annotation-kind' | 'annotation-covers' | undefined {
  if (annotation.has('A') || annotation.has('AA')) return 'annotation-action';
  const subtype = after.resolve(annotation.get('Subtype'));
  const kind = subtype instanceof PdfName ? subtype.value : '';
  if (MARKS.includes(kind)) {
    const isMore =
      paintsTextOrImages(after, annotation.get('AP')) ||
      hidesSigned(before, after, page, annotation);
    return isMore ? 'annotation-covers' : undefined;
  }
  if (!DRAWINGS.includes(kind)) return 'annotation-kind';
  const rect = readRectangle(after, annotation.get('Rect'));
  if (rect === undefined) return 'annotation-kind';
  return isOnContent(before, page, rect) ? 'annotation-covers' : undefined;
}

/** A digit more behind an amount changes it without covering it. */
const DISTANCE_FROM_TEXT_PT = 4;
/** A fill larger than this part of the page is its background. */
const BACKGROUND_SHARE = 0.8;

function isOnContent(before: PdfDocument, page: Page, rect: Rectangle): boolean {
  const near: Rectangle = {
    ...rect,
    x1: rect.x1 - DISTANCE_FROM_TEXT_PT,
    x2: rect.x2 + DISTANCE_FROM_TEXT_PT,
  };
  const isOnText = pageText(before, page).some(
    ({ text, rect: place }) => text.trim() !== '' && overlap(near, place) > 0,
  );
  if (isOnText) return true;
  return pagePaints(before, page).some(({ kind, rect: place }) => {
    if (kind === 'line' || overlap(rect, place) === 0) return false;
    return kind === 'image' || area(place) < BACKGROUND_SHARE * area(page.cropBox);
  });
}

const SHOWS_TEXT = /(?:^|[\s)\]>])(?:Tj|TJ|'|"|BI)(?=\s|$)/;
const DEEPEST_APPEARANCE = 8;

/** Whether an appearance, or a form inside it, shows text or an image. */
function paintsTextOrImages(
  document: PdfDocument,
  value: PdfValue | undefined,
  depth = 0,
): boolean {
  if (depth > DEEPEST_APPEARANCE) return true;
  const found = document.resolve(value);
  if (found instanceof PdfStream) {
    if (isName(document.resolve(found.dict.get('Subtype')), 'Image')) return true;
    if (SHOWS_TEXT.test(bytesToLatin1(found.data()))) return true;
    const resources = document.resolveDict(found.dict.get('Resources'));
    const forms = document.resolveDict(resources?.get('XObject'));
    return entriesOf(forms).some((form) => paintsTextOrImages(document, form, depth + 1));
  }
  if (!(found instanceof PdfDict)) return false;
  return entriesOf(found).some((item) => paintsTextOrImages(document, item, depth + 1));
}

function entriesOf(dict: PdfDict | undefined): readonly PdfValue[] {
  return [...(dict?.entries() ?? [])].map(([, value]) => value);
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

/**
 * What a later revision shows on top of a signed page. Adding it may be permitted by the letter and
 * still pass something off as signed: a picture over a price, a form field that shows another text
 * than its value.
 *
 * @see Mainka, Mladenov, Rohlmann, "Shadow Attacks", NDSS 2021; "Breaking the Specification: PDF
 *   Certification", IEEE S&P 2021 (evil annotation, sneaky signature)
 */
import { bytesToLatin1, isAppError } from '../../kernel/index.js';
import {
  PdfDict,
  PdfName,
  PdfStream,
  PdfString,
  decodeText,
  isName,
  pageText,
  readRectangle,
  type FormField,
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
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1);
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1);
  return width > 0 && height > 0 ? width * height : 0;
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
    return paintsTextOrImages(after, annotation.get('AP')) ? 'annotation-covers' : undefined;
  }
  if (!DRAWINGS.includes(kind)) return 'annotation-kind';
  const rect = readRectangle(after, annotation.get('Rect'));
  if (rect === undefined) return 'annotation-kind';
  const isOnText = pageText(before, page).some(
    ({ text, rect: place }) => text.trim() !== '' && overlap(rect, place) > 0,
  );
  return isOnText ? 'annotation-covers' : undefined;
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

const PASSWORD_FLAG = 1 << 13;

/**
 * Whether a filled text field shows something else than its value. Spaces and line breaks do not
 * count, and fonts whose text cannot be read decide nothing.
 */
export function showsAnotherText(document: PdfDocument, field: FormField): boolean {
  const value = document.resolve(field.value);
  if (field.type !== 'Tx' || !(value instanceof PdfString)) return false;
  if ((field.flags & PASSWORD_FLAG) !== 0) return false;
  const wanted = bare(decodeText(value));
  return field.widgets.some(({ dict }) => {
    const appearance = document.resolveDict(dict.get('AP'))?.get('N');
    const shown = bare(appearanceText(document, appearance));
    return shown !== '' && !shown.includes('\ufffd') && shown !== wanted;
  });
}

const bare = (text: string): string => text.normalize('NFKC').replace(/\s+/g, '');

/** The text an appearance paints; empty where it cannot be read. */
function appearanceText(document: PdfDocument, appearance: PdfValue | undefined): string {
  const stream = document.resolve(appearance);
  if (!(stream instanceof PdfStream)) return '';
  const box = { x1: 0, y1: 0, x2: 0, y2: 0 };
  const page: Page = {
    index: 0,
    ref: undefined,
    dict: PdfDict.of({ Contents: stream }),
    mediaBox: box,
    cropBox: box,
    rotate: 0,
    resources: stream.dict.get('Resources') ?? null,
  };
  try {
    return pageText(document, page)
      .map(({ text }) => text)
      .join('');
  } catch (error) {
    if (isAppError(error)) return '';
    throw error;
  }
}

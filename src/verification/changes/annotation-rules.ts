/**
 * Annotations that a certification with P 3 permits: they mark the text or lie beside it. One that
 * draws where words are, or that readers draw there by its entries, passes off as certified what is
 * not.
 *
 * @see ISO 32000-2:2020, 12.5.5 (appearance streams), 12.5.6 (annotation types)
 */
import { bytesToLatin1 } from '../../kernel/index.js';
import {
  PdfArray,
  PdfDict,
  PdfName,
  PdfStream,
  appearancePaints,
  isName,
  pagePaints,
  readRectangle,
  type Page,
  type PdfDocument,
  type PdfValue,
  type PlacedText,
  type Rectangle,
} from '../../pdf/index.js';
import { area, overlap } from './covering.js';
import { hidesSigned } from './hiding.js';
import { textOfPage } from './text-of-page.js';

/** Annotations that mark text where it stands. */
const MARKUP: readonly string[] = ['Highlight', 'Underline', 'Squiggly', 'StrikeOut'];
/** Annotations that readers show as an icon. */
const ICONS: readonly string[] = ['Text', 'Popup', 'Caret'];
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

type AnnotationFault = 'annotation-action' | 'annotation-kind' | 'annotation-covers';

/** Why an annotation is more than a note on the page; undefined where it is not. */
export function annotationFault(
  before: PdfDocument,
  after: PdfDocument,
  page: Page,
  annotation: PdfDict,
): AnnotationFault | undefined {
  if (annotation.has('A') || annotation.has('AA')) return 'annotation-action';
  const subtype = after.resolve(annotation.get('Subtype'));
  const kind = subtype instanceof PdfName ? subtype.value : '';
  const rect = readRectangle(after, annotation.get('Rect'));
  const look = { before, after, page, annotation, kind, rect };
  if (MARKUP.includes(kind)) return marksText(look) ? undefined : 'annotation-covers';
  if (ICONS.includes(kind)) return isIcon(look) ? undefined : 'annotation-covers';
  if (!DRAWINGS.includes(kind) || rect === undefined) return 'annotation-kind';
  return isOnContent(before, page, drawnOver(after, annotation, rect))
    ? 'annotation-covers'
    : undefined;
}

interface Look {
  readonly before: PdfDocument;
  readonly after: PdfDocument;
  readonly page: Page;
  readonly annotation: PdfDict;
  readonly kind: string;
  readonly rect: Rectangle | undefined;
}

/** Whether it has a look that is painted, whatever it paints. */
const looksOf = ({ after, annotation }: Look): readonly PdfValue[] =>
  entriesOf(after.resolveDict(annotation.get('AP')));

function isIcon(look: Look): boolean {
  const { before, after, page, annotation, rect } = look;
  if (looksOf(look).length === 0) return true;
  if (paintsTextOrImages(after, annotation.get('AP')) || rect === undefined) return false;
  return !isOnContent(before, page, rect);
}

/** A border thicker than this covers what it runs over. */
const THICKEST_BORDER_PT = 4;
/** Darker than this, a highlight hides what it lies on. */
const LIGHTEST_DARK = 0.4;

function marksText(look: Look): boolean {
  const { before, after, page, annotation, kind, rect } = look;
  const text = textOfPage(before, page).placed;
  const hasLook = after.resolve(annotation.get('AP')) !== null;
  if (!hasLook) {
    const isPlain =
      kind === 'Highlight'
        ? luminanceOf(after, annotation) >= LIGHTEST_DARK
        : borderOf(after, annotation) <= THICKEST_BORDER_PT;
    const quads = quadsOf(after, annotation);
    // Without any, some readers mark the whole place.
    const marked = quads.length > 0 || rect === undefined ? quads : [rect];
    return isPlain && marked.every((quad) => spansText(text, quad));
  }
  if (paintsTextOrImages(after, annotation.get('AP')) || rect === undefined) return false;
  if (hidesSigned(before, after, page, annotation)) return false;
  return looksOf(look).every((each) => {
    const { areas, isIncomplete } = appearancePaints(after, each, rect);
    return (
      !isIncomplete &&
      areas.every((painted) =>
        kind === 'Highlight'
          ? spansText(text, painted.rect)
          : isLineOn(text, painted.rect, kind === 'StrikeOut'),
      )
    );
  });
}

/** How far a mark may reach beyond the characters that it is on. */
const MARGIN_PT = 3;
/** The part of a character's height that a highlight spans, and that a line takes at most. */
const LEAST_SPAN = 0.5;
const MOST_LINE = 0.35;

/** The box of the characters that a mark lies on; undefined where there are none. */
function markedBox(text: readonly PlacedText[], mark: Rectangle): Rectangle | undefined {
  const reach = { ...mark, y1: mark.y1 - MARGIN_PT, y2: mark.y2 + MARGIN_PT };
  let box: Rectangle | undefined;
  for (const { rect, text: what } of text) {
    if (what.trim() === '' || !touches(rect, reach)) continue;
    box =
      box === undefined
        ? rect
        : {
            x1: Math.min(box.x1, rect.x1),
            y1: Math.min(box.y1, rect.y1),
            x2: Math.max(box.x2, rect.x2),
            y2: Math.max(box.y2, rect.y2),
          };
  }
  return box;
}

/** Also for a line, which has no area. */
const touches = (a: Rectangle, b: Rectangle): boolean =>
  a.x1 < b.x2 && b.x1 < a.x2 && a.y1 < b.y2 && b.y1 < a.y2;

/** Whether a mark begins and ends with the characters that it is on: beside them it would be one itself. */
function isWithin(mark: Rectangle, box: Rectangle): boolean {
  return mark.x1 >= box.x1 - MARGIN_PT && mark.x2 <= box.x2 + MARGIN_PT;
}

/** Whether a mark spans whole characters, as a highlight does and a stroke of a pen does not. */
function spansText(text: readonly PlacedText[], mark: Rectangle): boolean {
  const box = markedBox(text, mark);
  if (box === undefined || !isWithin(mark, box)) return false;
  const isHigh = mark.y2 - mark.y1 >= LEAST_SPAN * (box.y2 - box.y1);
  return isHigh && mark.x2 - mark.x1 >= 0.8 * narrowest(text, mark);
}

/** Whether a mark is a level line under the characters, or through them. */
function isLineOn(text: readonly PlacedText[], mark: Rectangle, isThrough: boolean): boolean {
  const box = markedBox(text, mark);
  if (box === undefined || !isWithin(mark, box)) return false;
  const height = box.y2 - box.y1;
  const middle = ((mark.y1 + mark.y2) / 2 - box.y1) / height;
  const isThin = mark.y2 - mark.y1 <= MOST_LINE * height;
  const isInPlace = isThrough ? middle > 0.2 && middle < 0.8 : middle < MOST_LINE;
  return isThin && isInPlace && mark.x2 - mark.x1 >= 0.8 * narrowest(text, mark);
}

function narrowest(text: readonly PlacedText[], mark: Rectangle): number {
  const reach = { ...mark, y1: mark.y1 - MARGIN_PT, y2: mark.y2 + MARGIN_PT };
  const widths = text
    .filter(({ rect, text: what }) => what.trim() !== '' && touches(rect, reach))
    .map(({ rect }) => rect.x2 - rect.x1);
  return Math.min(Infinity, ...widths);
}

function numbersOf(document: PdfDocument, value: PdfValue | undefined): readonly number[] {
  const items = document.resolveArray(value)?.items ?? [];
  return items.flatMap((item) => {
    const found = document.resolve(item);
    if (found instanceof PdfArray) return numbersOf(document, found);
    return typeof found === 'number' ? [found] : [];
  });
}

function quadsOf(document: PdfDocument, annotation: PdfDict): readonly Rectangle[] {
  const numbers = numbersOf(document, annotation.get('QuadPoints'));
  const quads: Rectangle[] = [];
  for (let at = 0; at + 8 <= numbers.length; at += 8) {
    const box = boxOf(numbers.slice(at, at + 8));
    if (box !== undefined) quads.push(box);
  }
  return quads;
}

function boxOf(numbers: readonly number[]): Rectangle | undefined {
  const xs = numbers.filter((_each, index) => index % 2 === 0);
  const ys = numbers.filter((_each, index) => index % 2 === 1);
  if (ys.length === 0) return undefined;
  return {
    x1: Math.min(...xs),
    y1: Math.min(...ys),
    x2: Math.max(...xs),
    y2: Math.max(...ys),
  };
}

/** Of the colour that readers draw with: 0 is black, as without any. */
function luminanceOf(document: PdfDocument, annotation: PdfDict): number {
  const colour = numbersOf(document, annotation.get('C'));
  const [a = 0, b = 0, c = 0, d = 0] = colour;
  if (colour.length === 1) return a;
  if (colour.length === 4) return (1 - d) * (1 - (0.3 * a + 0.59 * b + 0.11 * c));
  return 0.3 * a + 0.59 * b + 0.11 * c;
}

function borderOf(document: PdfDocument, annotation: PdfDict): number {
  const style = document.resolve(document.resolveDict(annotation.get('BS'))?.get('W'));
  const [, , width = 1] = numbersOf(document, annotation.get('Border'));
  return Math.max(typeof style === 'number' ? style : 1, width);
}

/** Entries by which readers draw an annotation, wherever its rectangle is. */
const COORDINATES: readonly string[] = ['L', 'Vertices', 'InkList', 'CL', 'QuadPoints'];
const MOST_COORDINATES = 20_000;

/** Everything that a drawing may paint on: its rectangle, and without a look what its entries name. */
function drawnOver(document: PdfDocument, annotation: PdfDict, rect: Rectangle): Rectangle {
  if (document.resolveDict(annotation.get('AP'))?.has('N') === true) return rect;
  const border = borderOf(document, annotation);
  const grown = (border > THICKEST_BORDER_PT ? border : 0) + reachOf(document, annotation, border);
  const numbers = COORDINATES.flatMap((key) => numbersOf(document, annotation.get(key)));
  const corners = [rect.x1, rect.y1, rect.x2, rect.y2, ...numbers.slice(0, MOST_COORDINATES)];
  const box = boxOf(corners) ?? rect;
  return {
    x1: box.x1 - grown,
    y1: box.y1 - grown,
    x2: box.x2 + grown,
    y2: box.y2 + grown,
  };
}

/** Lengths of leader lines, and how far a caption is moved. @see ISO 32000-2:2020, table 178 */
const LENGTHS: readonly string[] = ['LL', 'LLE', 'LLO', 'CO'];
/** Of line endings and clouds, in widths of the border. */
const ORNAMENT = 10;

/** How far beyond its coordinates a drawing without a look reaches. */
function reachOf(document: PdfDocument, annotation: PdfDict, border: number): number {
  const lengths = LENGTHS.flatMap((key) => {
    const value = document.resolve(annotation.get(key));
    return typeof value === 'number' ? [value] : numbersOf(document, value);
  });
  const isOrnate = annotation.has('LE') || annotation.has('BE');
  return (
    lengths.reduce((sum, length) => sum + Math.abs(length), 0) +
    (isOrnate ? ORNAMENT * Math.max(1, border) : 0)
  );
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
  const isOnText = textOfPage(before, page).placed.some(
    ({ text, rect: place }) => text.trim() !== '' && touches(near, place),
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

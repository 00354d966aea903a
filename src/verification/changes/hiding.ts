/**
 * What a look hides of a signed page. Adding it may be permitted by the letter and still pass something
 * off as signed: a picture over a price. Looked at point by point, for a box in strips, in layers or
 * drawn by a pen hides what a box does.
 *
 * @see Mainka, Mladenov, Rohlmann, "Shadow Attacks", NDSS 2021; "Breaking the Specification: PDF
 *   Certification", IEEE S&P 2021 (evil annotation, sneaky signature)
 */
import {
  PdfDict,
  PdfName,
  appearancePaints,
  appearanceText,
  isInteger,
  readRectangle,
  type PaintedArea,
  type Page,
  type PageText,
  type PdfDocument,
  type PdfRef,
  type PdfValue,
  type PlacedText,
  type Rectangle,
} from '../../pdf/index.js';
import { area, isSignatureWidget, overlap } from './covering.js';
import { textOfPage } from './text-of-page.js';

/** Of a character, the part that has to disappear before it counts as hidden. */
const HIDDEN_SHARE = 0.6;
/** What may be left to be seen of a point that counts as hidden. */
const MOST_LEFT = 0.5;
/** A stroke of a pen across one character hides nothing that matters. */
const HIDDEN_CHARACTERS = 2;
/** The star of a seal lies on as many. */
const CHARACTERS_UNDER_INK = 12;

/**
 * Whether what an annotation paints makes signed text unreadable. Seals and handwriting over a text
 * let it through; a white box with another amount does not.
 *
 * @param ref - The annotation where it was there before: its own text is not what it hides.
 */
export function hidesSigned(
  before: PdfDocument,
  after: PdfDocument,
  page: Page,
  annotation: PdfDict,
  ref?: PdfRef,
): boolean {
  return hidesText(
    signedText(before, page, ref),
    coversOf(after, page, annotation, allLooks(after, annotation)),
  );
}

/** {@link hidesSigned}, of text that the annotation did not hide as it was before. */
export function hidesMore(
  before: PdfDocument,
  after: PdfDocument,
  page: Page,
  [old, now]: readonly [PdfDict, PdfDict],
  ref: PdfRef,
): boolean {
  const covered = coversOf(before, page, old, currentLook(before, old));
  const seen = signedText(before, page, ref).filter((place) => !isHidden(place, covered));
  return hidesText(seen, coversOf(after, page, now, currentLook(after, now)));
}

/** Where some readers look for resources that a look does not name: on its page, and in the form. */
export function resourcesAround(document: PdfDocument, page: Page | undefined): readonly PdfDict[] {
  const form = document.resolveDict(document.catalog.get('AcroForm'));
  return [page?.resources, form?.get('DR')].flatMap((each) => document.resolveDict(each) ?? []);
}

/** Places of the letters and digits that a page shows, those of its annotations and fields among them. */
function signedText(
  document: PdfDocument,
  page: Page,
  ref: PdfRef | undefined,
): readonly SignedCharacter[] {
  return shownOn(document, page).flatMap(({ annotation, characters }) =>
    annotation !== undefined && ref?.equals(annotation) === true ? [] : characters(),
  );
}

/** What a page or one of its annotations shows. */
interface Shown {
  /** Its entry in the page's list; undefined for the page itself. */
  readonly annotation?: PdfValue;
  readonly characters: () => readonly SignedCharacter[];
}

/** Of the page asked for last: all that a revision lays on one page asks for the same. */
const LAST_SHOWN = new WeakMap<PdfDocument, { page: Page; shown: readonly Shown[] }>();

function shownOn(document: PdfDocument, page: Page): readonly Shown[] {
  const last = LAST_SHOWN.get(document);
  if (last?.page === page) return last.shown;
  const shown: Shown[] = [{ characters: readOnce(() => textOfPage(document, page)) }];
  for (const annotation of document.resolveArray(page.dict.get('Annots'))?.items ?? []) {
    const dict = document.resolveDict(annotation);
    // How far signatures may lie on one another is asked elsewhere.
    if (dict === undefined || isSignatureWidget(document, dict)) continue;
    const rect = readRectangle(document, dict.get('Rect'));
    const look = document.resolveDict(dict.get('AP'))?.get('N');
    if (rect === undefined || look === undefined || isUnseen(document, dict)) continue;
    const read = (): PageText =>
      appearanceText(document, look, rect, resourcesAround(document, page));
    shown.push({ annotation, characters: readOnce(read) });
  }
  LAST_SHOWN.set(document, { page, shown });
  return shown;
}

/** Read where it is asked for: an annotation's own text is not, and may be unreadable. */
function readOnce(read: () => PageText): Shown['characters'] {
  let characters: readonly SignedCharacter[] | undefined;
  return () => (characters ??= charactersOf(read()));
}

function charactersOf({ placed, unreadablePlaces }: PageText): readonly SignedCharacter[] {
  return [
    ...placed
      .filter(({ text }) => /[\p{L}\p{N}]/u.test(text))
      .map(({ rect, text }) => ({ ...rect, isNumber: OF_NUMBERS.test(text.trim()) })),
    ...unreadablePlaces.map((rect) => ({ ...rect, isNumber: false })),
  ];
}

/** `/F`: Invisible, Hidden, NoView; NoZoom; NoRotate. @see ISO 32000-2:2020, table 167 */
const UNSEEN = 0b10_0010;
const NO_ZOOM = 0b1000;
const NO_ROTATE = 0b1_0000;

function flagsOf(document: PdfDocument, annotation: PdfDict): number {
  const flags = document.resolve(annotation.get('F'));
  return isInteger(flags) ? flags : 0;
}

const isUnseen = (document: PdfDocument, annotation: PdfDict): boolean =>
  (flagsOf(document, annotation) & UNSEEN) !== 0;

/** How much larger than on paper what keeps its size is when a page is seen small. */
const SMALLEST_VIEW = 4;

/** Where an annotation is seen: by its flags it may keep upright or keep its size, held at its top left. */
function seenRect(document: PdfDocument, page: Page, annotation: PdfDict): Rectangle | undefined {
  const rect = readRectangle(document, annotation.get('Rect'));
  if (rect === undefined) return undefined;
  const flags = flagsOf(document, annotation);
  const { x1, y2 } = rect;
  let [width, height] = [rect.x2 - x1, y2 - rect.y1];
  if ((flags & NO_ZOOM) !== 0) [width, height] = [width * SMALLEST_VIEW, height * SMALLEST_VIEW];
  const isUpright = (flags & NO_ROTATE) !== 0;
  switch (isUpright ? page.rotate : 0) {
    case 0:
      return { x1, y1: y2 - height, x2: x1 + width, y2 };
    case 90:
      return { x1, y1: y2, x2: x1 + height, y2: y2 + width };
    case 180:
      return { x1: x1 - width, y1: y2, x2: x1, y2: y2 + height };
    case 270:
      return { x1: x1 - height, y1: y2 - width, x2: x1, y2 };
  }
}

/** Something laid on a page, as far as it may hide what is below. */
interface Cover extends Pick<PaintedArea, 'rect' | 'hidesAt' | 'isInk'> {
  /** Of a character, which hides what is so much lower. */
  readonly height?: number;
  /** Of a character: that it is part of a number. */
  readonly isNumber?: boolean;
}

/** A character that a signed page shows. */
interface SignedCharacter extends Rectangle {
  readonly isNumber: boolean;
}

/** What amounts are written with. */
const OF_NUMBERS = /^[\p{Nd}.,〇零一二三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟]+$/u;

function patch(rect: Rectangle, opacity = 1): Cover {
  return { rect, hidesAt: () => opacity, isInk: () => false };
}

/** All looks: those for pointing at it and pressing it are shown too, to whoever does. */
function allLooks(document: PdfDocument, annotation: PdfDict): readonly PdfValue[] {
  return [...(document.resolveDict(annotation.get('AP'))?.entries() ?? [])].map(([, look]) => look);
}

/** The look in its present state. */
function currentLook(document: PdfDocument, annotation: PdfDict): readonly PdfValue[] {
  const look = document.resolve(document.resolveDict(annotation.get('AP'))?.get('N'));
  if (!(look instanceof PdfDict)) return [look];
  const state = document.resolve(annotation.get('AS'));
  return [(state instanceof PdfName ? look.get(state.value) : undefined) ?? null];
}

/** All that an annotation lays on its page; its whole place, where not all of that can be followed. */
function coversOf(
  document: PdfDocument,
  page: Page,
  annotation: PdfDict,
  looks: readonly PdfValue[],
): readonly Cover[] {
  const rect = seenRect(document, page, annotation);
  if (rect === undefined || area(rect) === 0) return [];
  const around = resourcesAround(document, page);
  // Without a look, readers paint the background by its characteristics.
  const characteristics = document.resolveDict(annotation.get('MK'));
  const isFilled = characteristics?.has('BG') === true || characteristics?.has('BC') === true;
  if (looks.length === 0 && isFilled) return [patch(rect)];
  return looks.flatMap((look) => {
    const paint = appearancePaints(document, look, rect, around);
    const text = appearanceText(document, look, rect, around);
    if (paint.isIncomplete || text.isIncomplete) return [patch(rect)];
    const written = text.placed.filter((each) => !each.isHidden).map(coverOfCharacter);
    const unread = text.unreadablePlaces.map((place) => patch(place, PART_OF_CHARACTER));
    return [...paint.areas, ...written, ...unread];
  });
}

/** The part of its box that a character inks. */
const PART_OF_CHARACTER = 0.25;
/** Characters that are a patch of ink: blocks, filled squares and circles. */
const PATCH = /[\u2580-\u259f\u25a0\u25ac\u25ae\u25cf\u2b1b\u2b1c]/u;
/** A character so much higher than the text is a bar over it. */
const BAR_HEIGHT = 3;

function coverOfCharacter({ text, rect, isPatch }: PlacedText): Cover {
  const opacity = isPatch || PATCH.test(text) ? 1 : PART_OF_CHARACTER;
  return {
    ...patch(rect, opacity),
    height: rect.y2 - rect.y1,
    isNumber: OF_NUMBERS.test(text.trim()),
  };
}

function hidesText(signed: readonly SignedCharacter[], covers: readonly Cover[]): boolean {
  if (covers.length === 0) return false;
  let hidden = 0;
  let underInk = 0;
  for (const place of signed) {
    if (
      place.isNumber &&
      covers.some((cover) => cover.isNumber === true && goesOn(place, cover.rect))
    ) {
      return true;
    }
    const above = covers.filter(({ rect }) => overlap(rect, place) > 0);
    if (above.length === 0 || !isHidden(place, above)) continue;
    const patches = above.filter(({ isInk }) => !isInk());
    if (isHidden(place, patches)) {
      // Another character in its place is a changed text, be it a single digit.
      const isReplaced = above.some(
        ({ rect, height }) => height !== undefined && isIn(rect, place),
      );
      hidden += isReplaced ? HIDDEN_CHARACTERS : 1;
      if (hidden >= HIDDEN_CHARACTERS) return true;
    }
    if (++underInk >= CHARACTERS_UNDER_INK) return true;
  }
  return false;
}

/** Whether a character stands where the other one does. */
const isIn = (rect: Rectangle, place: Rectangle): boolean =>
  overlap(rect, place) > 0.5 * Math.min(area(rect), area(place));

/** Of the height of a digit: how far the next one of the same number may be. */
const NEXT_DIGIT = 0.5;

/** Whether a digit stands on the line of another right beside it: it makes it another number. */
function goesOn(place: Rectangle, other: Rectangle): boolean {
  const height = place.y2 - place.y1;
  const gap = Math.max(other.x1 - place.x2, place.x1 - other.x2);
  const isBeside = gap > -0.2 * height && gap < NEXT_DIGIT * height;
  const isAsHigh = Math.abs(other.y2 - other.y1 - height) < 0.5 * height;
  return isBeside && isAsHigh && Math.abs(other.y1 - place.y1) < 0.3 * height;
}

/** Points looked at along each side of a character. */
const GRID = 5;

function isHidden(place: Rectangle, covers: readonly Cover[]): boolean {
  const height = place.y2 - place.y1;
  let seen = (1 - HIDDEN_SHARE) * GRID * GRID;
  for (let i = 0; i < GRID; i++) {
    for (let j = 0; j < GRID; j++) {
      const x = place.x1 + ((i + 0.5) / GRID) * (place.x2 - place.x1);
      const y = place.y1 + ((j + 0.5) / GRID) * height;
      if (leftAt(x, y, height, covers) > MOST_LEFT && --seen < 0) return false;
    }
  }
  return true;
}

/** What can still be seen of a point under all covers, 0 to 1. */
function leftAt(x: number, y: number, height: number, covers: readonly Cover[]): number {
  let left = 1;
  for (const { rect, hidesAt, height: own = 0 } of covers) {
    if (x < rect.x1 || x > rect.x2 || y < rect.y1 || y > rect.y2) continue;
    left *= 1 - (own > BAR_HEIGHT * height ? 1 : hidesAt(x, y));
    if (left <= MOST_LEFT) return left;
  }
  return left;
}

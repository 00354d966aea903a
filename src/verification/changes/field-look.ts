/** What the look of a text field shows: characters in the order they are seen, and whether anything else is drawn. */
import { isAppError } from '../../kernel/index.js';
import {
  appearancePaints,
  appearanceText,
  readRectangle,
  type FormField,
  type PageText,
  type PaintedArea,
  type PdfDict,
  type PdfDocument,
  type PdfValue,
  type PlacedText,
  type Rectangle,
} from '../../pdf/index.js';
import { choicesOf } from './field-values.js';
import { resourcesAround } from './hiding.js';

/** Without spaces and line breaks, and without the differences that are of form alone. */
export const bare = (text: string): string => text.normalize('NFKC').replace(/\s+/g, '');

export interface ShownText {
  /** As {@link bare} has it; empty where nothing is seen, or not in one colour and direction. */
  readonly text: string;
  /** Codes that do not say what they read as. */
  readonly codes: number;
  /** All of it is such codes. */
  readonly isUnread: boolean;
  /** Some of it is, beside text that can be read. */
  readonly hasAnyUnread: boolean;
  readonly isIncomplete: boolean;
}

/** What a look of `widget` reads as; undefined where that cannot be told. */
export function readLook(
  document: PdfDocument,
  widget: PdfDict,
  look: PdfValue,
): ShownText | undefined {
  const rect = readRectangle(document, widget.get('Rect'));
  if (rect === undefined) return undefined;
  const read = readText(document, look, rect);
  if (read === undefined) return undefined;
  const { placed, unreadable: codes, isIncomplete } = read;
  const isAllSeen = placed.every((each, at) => each.text.trim() === '' || isSeen(placed, at, rect));
  const text = isAllSeen ? bare(inOrder(placed)) : UNSEEN;
  const isGarbled = text.includes('\ufffd');
  return {
    text: isGarbled ? '' : text,
    codes: isGarbled ? placed.length : codes,
    isUnread: isGarbled || (codes > 0 && placed.length === 0),
    hasAnyUnread: codes > 0 && placed.length > 0,
    isIncomplete,
  };
}

/** Stands for a text of which a part is not seen: equal to no value. */
const UNSEEN = '\u0000';

function readText(document: PdfDocument, look: PdfValue, rect: Rectangle): PageText | undefined {
  try {
    return appearanceText(document, look, rect, resourcesAround(document, undefined));
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}

/** Text so much smaller than the rest is not read. */
const SMALLEST = 0.25;
/** A value that is too long runs on beyond its field: by this many heights from one character to the next. */
const FARTHEST = 2.5;

function isSeen(placed: readonly PlacedText[], at: number, rect: Rectangle): boolean {
  const each = placed[at];
  const [first] = placed;
  if (each === undefined || first === undefined || each.isHidden) return false;
  if (each.colour !== first.colour || each.turn !== first.turn) return false;
  const tallest = placed.reduce((most, other) => Math.max(most, sizeOf(other)), 0);
  if (sizeOf(each) < SMALLEST * tallest) return false;
  const [x, y] = middle(each);
  if (x >= rect.x1 && x <= rect.x2 && y >= rect.y1 && y <= rect.y2) return true;
  const before = placed[at - 1] ?? placed[at + 1];
  if (before === undefined) return false;
  const [bx, by] = middle(before);
  return Math.hypot(x - bx, y - by) <= FARTHEST * sizeOf(each) || isNextLine(before, each);
}

/** The size of the text, whichever way it goes. */
const sizeOf = ({ rect, turn }: PlacedText): number =>
  turn % 2 === 0 ? rect.y2 - rect.y1 : rect.x2 - rect.x1;

const middle = ({ rect }: PlacedText): readonly [number, number] => [
  (rect.x1 + rect.x2) / 2,
  (rect.y1 + rect.y2) / 2,
];

function isNextLine(before: PlacedText, each: PlacedText): boolean {
  const down = placeOf(each).down - placeOf(before).down;
  return down > 0 && down <= FARTHEST * sizeOf(each);
}

/** Along the line, and down the page, as whoever reads the text sees it. */
function placeOf(each: PlacedText): { readonly along: number; readonly down: number } {
  const [x, y] = middle(each);
  switch (each.turn) {
    case 0:
      return { along: x, down: -y };
    case 1:
      return { along: y, down: x };
    case 2:
      return { along: -x, down: y };
    case 3:
      return { along: -y, down: -x };
  }
}

/** Characters line by line, and in each line from its beginning. */
function inOrder(placed: readonly PlacedText[]): string {
  const rest = placed
    .filter(({ text }) => text.trim() !== '')
    .map((each) => ({ each, ...placeOf(each) }))
    .sort((a, b) => a.down - b.down);
  let text = '';
  for (let at = 0; at < rest.length;) {
    const top = rest[at];
    if (top === undefined) break;
    const below = rest.findIndex(({ down }) => down - top.down > sizeOf(top.each) / 2);
    const line = rest.slice(at, below < 0 ? rest.length : below);
    const isLeftwards = line.some(({ each }) => LEFTWARDS.test(each.text));
    if (!isLeftwards) line.sort((a, b) => a.along - b.along);
    text += line.map(({ each }) => each.text).join('');
    at += line.length;
  }
  return text;
}

/** Scripts written to the left, whose order on the line is another. */
const LEFTWARDS = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/;

const COMBO_FLAG = 1 << 17;
/** A part of the field that a background or a divider spans at least. */
const SPANNING = 0.8;
/** How far from the edge of a field its frame may reach, and that as a part of its smaller side. */
const FRAME_PT = 5;
const FRAME_SHARE = 0.2;

/** A text is shown by text: pictures and outlines in its place can show anything. */
export function isPictured(
  document: PdfDocument,
  field: FormField,
  widget: PdfDict,
  look: PdfValue | undefined,
): boolean {
  const rect = readRectangle(document, widget.get('Rect'));
  if (rect === undefined || look === undefined) return false;
  const around = resourcesAround(document, undefined);
  const { areas, isIncomplete } = appearancePaints(document, look, rect, around);
  const isList = field.type === 'Ch' && (field.flags & COMBO_FLAG) === 0;
  return (
    isIncomplete ||
    !areas.every(
      (area) =>
        isDecoration(area, rect) || (isList && marksChosen(document, field, { look, rect, area })),
    )
  );
}

/** Backgrounds, frames and dividers, every part of it. */
function isDecoration({ kind, outline }: PaintedArea, field: Rectangle): boolean {
  if (kind === 'image' || outline.length === 0) return false;
  return outline.every((line) => {
    const places = corners(line);
    const spans = (axis: 0 | 1, side: number): boolean => {
      const along = places.map((place) => place[axis]);
      return Math.max(...along) - Math.min(...along) > SPANNING * side;
    };
    const isWide = spans(0, field.x2 - field.x1);
    const isHigh = spans(1, field.y2 - field.y1);
    const isWhole =
      kind === 'line' ? (isWide || isHigh) && isStraight(line) : isWide && isHigh && isBox(line);
    return isWhole || isAtEdge(line, field);
  });
}

/** The bar behind what is chosen in a list. */
function marksChosen(
  document: PdfDocument,
  field: FormField,
  { look, rect, area }: { look: PdfValue; rect: Rectangle; area: PaintedArea },
): boolean {
  if (area.kind !== 'fill' || !area.outline.every(isBox)) return false;
  const lit = readText(document, look, rect)?.placed.filter((each) => {
    const [x, y] = middle(each);
    return x >= area.rect.x1 && x <= area.rect.x2 && y >= area.rect.y1 && y <= area.rect.y2;
  });
  const text = inOrder(lit ?? []);
  const { chosen } = choicesOf(document, field);
  return [...chosen, chosen.join('')].some((each) => bare(each) === bare(text));
}

type Corner = readonly [x: number, y: number];

const corners = (line: readonly number[]): readonly Corner[] =>
  Array.from({ length: line.length / 2 }, (_each, i) => [line[2 * i] ?? 0, line[2 * i + 1] ?? 0]);

/** Whether a line stays by the edges of its field. */
function isAtEdge(line: readonly number[], { x1, y1, x2, y2 }: Rectangle): boolean {
  const near = Math.min(FRAME_PT, FRAME_SHARE * Math.min(x2 - x1, y2 - y1));
  const places = corners(line);
  // Between its corners, too.
  const middles = places.map(([x, y], at): Corner => {
    const [nx, ny] = places[at + 1] ?? [x, y];
    return [(x + nx) / 2, (y + ny) / 2];
  });
  return [...places, ...middles].every(
    ([x, y]) => Math.min(x - x1, x2 - x, y - y1, y2 - y) <= near,
  );
}

/** Level or upright. */
function isStraight(line: readonly number[]): boolean {
  const places = corners(line);
  const [[x0, y0] = [0, 0]] = places;
  return places.every(([x]) => isSame(x, x0)) || places.every(([, y]) => isSame(y, y0));
}

/** An upright rectangle. */
function isBox(line: readonly number[]): boolean {
  const places = corners(line);
  return (
    places.length <= 5 &&
    places.every(([x, y], at) => {
      const [px, py] = places[at - 1] ?? [x, y];
      return isSame(x, px) || isSame(y, py);
    })
  );
}

const isSame = (a: number, b: number): boolean => Math.abs(a - b) < 0.1;

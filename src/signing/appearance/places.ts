/** From what was asked for — a point, a keyword, a field, the page edges — to rectangles on pages. */
import { AppError } from '../../kernel/index.js';
import {
  inFrame,
  isInteger,
  locateText,
  onPage,
  pageFrame,
  readRectangle,
  widgetPageIndex,
  type FormField,
  type LocatedText,
  type Page,
  type PdfDocument,
  type Rectangle,
} from '../../pdf/index.js';
import type { Picture } from '../../picture/index.js';
import { crossPageGroups, sliceEdges } from './cross-page.js';

/** Points as the reader sees the page: from its bottom left, 1/72 inch. */
export interface SeenPoint {
  readonly xPt: number;
  readonly yPt: number;
}

export type PageChoice = number | 'last' | 'all';

/** Where a picture is asked to be. Its centre goes to the point named. */
export type Placement =
  | { readonly kind: 'point'; readonly page: PageChoice; readonly centre: SeenPoint }
  | {
      readonly kind: 'keyword';
      readonly keyword: string;
      /** Only this page; all where absent. */
      readonly page?: PageChoice;
      /** Which of several hits, 0 the first; absent: there must be exactly one. */
      readonly hit?: number | 'last' | 'all';
      /** From the middle of the keyword. */
      readonly offset?: SeenPoint;
    }
  | {
      readonly kind: 'cross-page';
      readonly edge: 'left' | 'right';
      /** Height of the seal's centre above the foot of the pages; half-way up the lowest page where absent. */
      readonly heightPt?: number;
    };

/** What is to be placed. */
export interface ScaledPicture extends Pick<Picture, 'widthPt' | 'heightPt' | 'anchor'> {
  /** Size on paper by true size. */
  readonly scale: number;
}

/** A picture, or a slice of it, on one page. */
export interface Placed {
  readonly pageIndex: number;
  /** In default user space. */
  readonly rect: Rectangle;
  readonly rotate: Page['rotate'];
  /** What of the picture's own space is seen there. */
  readonly box: Rectangle;
}

const MOST_PLACES = 1000;
/** Rounding is not leaving the page. */
const TOLERANCE_PT = 0.01;

/**
 * Every piece that `placements` make of a picture of this size, in their order and by page.
 *
 * @throws AppError `pdf-text-not-found`, `pdf-text-ambiguous` (params `hits`), `appearance-outside-page`
 *   (params `page`), `pdf-page-out-of-range`, `input-invalid`, `pdf-limit-exceeded`
 */
export function resolvePlacements(
  document: PdfDocument,
  placements: readonly Placement[],
  picture: ScaledPicture,
): readonly Placed[] {
  const placed = placements.flatMap((placement) => {
    switch (placement.kind) {
      case 'point':
        return pagesOf(document, placement.page).map((page) =>
          anchoredAt(document, page, placement.centre, picture),
        );
      case 'keyword':
        return atKeyword(document, placement, picture);
      case 'cross-page':
        return overEdges(document, placement, picture);
    }
  });
  if (placed.length > MOST_PLACES) {
    throw new AppError('pdf-limit-exceeded', 'too many places for one signature', {
      params: { limit: 'places', allowed: MOST_PLACES },
    });
  }
  return placed;
}

/**
 * The picture in the widgets of a field that is there: in the middle of each, as large as asked for or else as it
 * goes. `/MK /R` says how the field is turned on its page; without it the picture is upright for the reader.
 *
 * @param scale - Size on paper by true size; absent: the largest that fits.
 * @throws AppError `appearance-outside-page` where the field has no room
 */
export function placesInField(
  document: PdfDocument,
  field: FormField,
  picture: Picture,
  scale: number | undefined,
): readonly Placed[] {
  return field.widgets.map((widget) => {
    const pageIndex = widgetPageIndex(document, widget);
    const rect = readRectangle(document, widget.dict.get('Rect'));
    if (pageIndex === undefined || rect === undefined) throw noRoom(field);
    const page = document.pages.get(pageIndex);
    const frame = pageFrame(document, page);
    const turn = document.resolve(document.resolveDict(widget.dict.get('MK'))?.get('R'));
    const rotate = isInteger(turn) && turn % 90 === 0 ? quarter(turn) : page.rotate;
    const seen = inFrame(frame, rect);
    const isTurned = (rotate - page.rotate) % 180 !== 0;
    const width = isTurned ? seen.y2 - seen.y1 : seen.x2 - seen.x1;
    const height = isTurned ? seen.x2 - seen.x1 : seen.y2 - seen.y1;
    const largest = Math.min(width / picture.widthPt, height / picture.heightPt);
    const used = scale ?? largest;
    if (!(largest > 0) || used > largest * (1 + 1e-6)) throw noRoom(field);
    const marginX = (width / used - picture.widthPt) / 2;
    const marginY = (height / used - picture.heightPt) / 2;
    const { widthPt, heightPt } = picture;
    const box = { x1: -marginX, y1: -marginY, x2: widthPt + marginX, y2: heightPt + marginY };
    return { pageIndex, rect, rotate, box: rounded(box) };
  });
}

function quarter(degrees: number): Page['rotate'] {
  return ([0, 90, 180, 270] as const)[(((degrees / 90) % 4) + 4) % 4] ?? 0;
}

function atKeyword(
  document: PdfDocument,
  placement: Extract<Placement, { kind: 'keyword' }>,
  picture: ScaledPicture,
): readonly Placed[] {
  const { keyword, hit, offset = { xPt: 0, yPt: 0 } } = placement;
  const pages = placement.page === undefined ? undefined : pagesOf(document, placement.page);
  const hits = locateText(document, keyword, pages);
  if (hits.length === 0) {
    throw new AppError('pdf-text-not-found', 'the keyword is nowhere', { params: { keyword } });
  }
  if (hit === undefined && hits.length > 1) throw ambiguous(keyword, hits);
  const index = hit === 'last' ? hits.length - 1 : hit;
  const chosen = index === 'all' ? hits : hits.slice(index ?? 0, (index ?? 0) + 1);
  if (chosen.length === 0) throw ambiguous(keyword, hits);
  return chosen.map(({ pageIndex, rect }) =>
    anchoredAt(
      document,
      document.pages.get(pageIndex),
      { xPt: (rect.x1 + rect.x2) / 2 + offset.xPt, yPt: (rect.y1 + rect.y2) / 2 + offset.yPt },
      picture,
    ),
  );
}

const MOST_LISTED = 50;

function ambiguous(keyword: string, hits: readonly LocatedText[]): AppError {
  return new AppError('pdf-text-ambiguous', 'the keyword is in several places', {
    params: {
      keyword,
      count: hits.length,
      hits: hits.slice(0, MOST_LISTED).map(({ pageIndex, rect }, index) => {
        const xPt = ((rect.x1 + rect.x2) / 2).toFixed(1);
        const yPt = ((rect.y1 + rect.y2) / 2).toFixed(1);
        return `${index + 1}: page ${pageIndex + 1} at ${xPt},${yPt}`;
      }),
    },
  });
}

function overEdges(
  document: PdfDocument,
  placement: Extract<Placement, { kind: 'cross-page' }>,
  picture: ScaledPicture,
): readonly Placed[] {
  const { scale } = picture;
  const pages = [...document.pages];
  let first = 0;
  return crossPageGroups(pages.length).flatMap((count) => {
    const group = pages.slice(first, first + count);
    first += count;
    const frames = group.map((page) => pageFrame(document, page));
    // The same height on every page of the group, or the slices would not meet.
    const centreY = placement.heightPt ?? Math.min(...frames.map((frame) => frame.heightPt)) / 2;
    const y1 = centreY - (picture.heightPt * scale) / 2;
    const edges = sliceEdges(picture.widthPt, count);
    return group.map((page, i): Placed => {
      const box = { x1: edges[i] ?? 0, y1: 0, x2: edges[i + 1] ?? 0, y2: picture.heightPt };
      const widthPt = (box.x2 - box.x1) * scale;
      const x1 = placement.edge === 'right' ? (frames[i]?.widthPt ?? 0) - widthPt : 0;
      const seen = { x1, y1, x2: x1 + widthPt, y2: y1 + picture.heightPt * scale };
      return { ...onFrame(document, page, seen), box };
    });
  });
}

function anchoredAt(
  document: PdfDocument,
  page: Page,
  { xPt, yPt }: SeenPoint,
  picture: ScaledPicture,
): Placed {
  const { widthPt, heightPt, scale } = picture;
  const anchor = picture.anchor ?? { xPt: widthPt / 2, yPt: heightPt / 2 };
  const x1 = xPt - anchor.xPt * scale;
  const y1 = yPt - anchor.yPt * scale;
  const seen = { x1, y1, x2: x1 + widthPt * scale, y2: y1 + heightPt * scale };
  return {
    ...onFrame(document, page, seen),
    box: { x1: 0, y1: 0, x2: widthPt, y2: heightPt },
  };
}

/** @throws AppError `appearance-outside-page`: half a seal is not a seal */
function onFrame(document: PdfDocument, page: Page, seen: Rectangle): Omit<Placed, 'box'> {
  const frame = pageFrame(document, page);
  const isInside =
    seen.x1 >= -TOLERANCE_PT &&
    seen.y1 >= -TOLERANCE_PT &&
    seen.x2 <= frame.widthPt + TOLERANCE_PT &&
    seen.y2 <= frame.heightPt + TOLERANCE_PT;
  if (!isInside) {
    throw new AppError('appearance-outside-page', 'it does not lie on the page', {
      params: {
        page: page.index + 1,
        box: [seen.x1, seen.y1, seen.x2, seen.y2].map((value) => value.toFixed(1)).join(' '),
        pageSize: `${frame.widthPt.toFixed(1)} x ${frame.heightPt.toFixed(1)}`,
      },
    });
  }
  return { pageIndex: page.index, rect: rounded(onPage(frame, seen)), rotate: page.rotate };
}

function noRoom(field: FormField): AppError {
  return new AppError('appearance-outside-page', 'the field has no room for it', {
    params: { field: field.name },
  });
}

/** To 0.00001 pt, so that files are not full of sixteen-digit numbers. */
function rounded({ x1, y1, x2, y2 }: Rectangle): Rectangle {
  const round = (value: number): number => Math.round(value * 1e5) / 1e5 + 0;
  return { x1: round(x1), y1: round(y1), x2: round(x2), y2: round(y2) };
}

function pagesOf(document: PdfDocument, choice: PageChoice): readonly Page[] {
  if (choice === 'all') return [...document.pages];
  return [document.pages.get(choice === 'last' ? document.pages.count - 1 : choice)];
}

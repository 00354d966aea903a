/** Two states of a file held against each other page by page, as they look. */
import { drawPages, type Picture } from './draw-pages.js';

/** In pixels from the top left of the page. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface PageDifference {
  /** Counted from 1. */
  readonly page: number;
  /** `undefined` where the page was added. */
  readonly before: Picture | undefined;
  /** `undefined` where the page is gone. */
  readonly after: Picture | undefined;
  /** Where the pictures differ; none where they are not of one size. */
  readonly areas: readonly Area[];
}

/** Of a colour's 255 steps: less is how two runs round. */
const VISIBLE_STEP = 16;

/**
 * The pages of `before` and `after`, one pair after the other; `undefined` for a page that looks the same.
 * No more than one pair is held.
 *
 * @throws AppError as `drawPages`
 */
export async function* comparePages(
  before: Uint8Array,
  after: Uint8Array,
): AsyncGenerator<PageDifference | undefined, void, undefined> {
  const earlier = drawPages(before);
  const later = drawPages(after);
  try {
    for (let page = 1; ; page++) {
      const [was, is] = await Promise.all([earlier.next(), later.next()]);
      if (was.done === true && is.done === true) return;
      yield differenceOf({
        page,
        before: was.done === true ? undefined : was.value,
        after: is.done === true ? undefined : is.value,
      });
    }
  } finally {
    await Promise.all([earlier.return(), later.return()]);
  }
}

function differenceOf(pair: Omit<PageDifference, 'areas'>): PageDifference | undefined {
  const { before, after } = pair;
  if (before === undefined || after === undefined) return { ...pair, areas: [] };
  if (before.width !== after.width || before.height !== after.height) return { ...pair, areas: [] };
  const areas = differingAreas(before, after);
  return areas.length === 0 ? undefined : { ...pair, areas };
}

/** Whether the pixel whose red sample stands at `at` differs visibly. */
export function isDifferent(before: Picture, after: Picture, at: number): boolean {
  for (let i = at; i < at + 3; i++) {
    if (Math.abs((after.data[i] ?? 0) - (before.data[i] ?? 0)) > VISIBLE_STEP) return true;
  }
  return false;
}

/** Pixels are gathered by tiles of this side; tiles that are near make one area. */
const TILE_PX = 12;
/** More are noise to whoever looks: then it is one area around all. */
const MOST_AREAS = 40;

function differingAreas(before: Picture, after: Picture): readonly Area[] {
  const { width, height } = after;
  const columns = Math.ceil(width / TILE_PX);
  const marked = new Set<number>();
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / TILE_PX) * columns;
    for (let x = 0; x < width; x++) {
      if (isDifferent(before, after, (y * width + x) * 3))
        marked.add(row + Math.floor(x / TILE_PX));
    }
  }
  const areas: Area[] = [];
  for (const first of marked) areas.push(areaOf(connected(first, marked, columns), columns, after));
  return areas.length > MOST_AREAS ? [around(areas)] : areas;
}

/** Across a line of text more tiles may lie between two that differ than between two lines. */
const REACH = { columns: 4, rows: 1 } as const;

/** The marked tiles that hang together with `first`; they are taken out of `marked`. */
function connected(first: number, marked: Set<number>, columns: number): readonly number[] {
  const found: number[] = [];
  const stack = [first];
  marked.delete(first);
  for (let tile = stack.pop(); tile !== undefined; tile = stack.pop()) {
    found.push(tile);
    const column = tile % columns;
    for (let dy = -REACH.rows; dy <= REACH.rows; dy++) {
      for (let dx = -REACH.columns; dx <= REACH.columns; dx++) {
        const neighbour = tile + dy * columns + dx;
        const isBeside = column + dx >= 0 && column + dx < columns;
        if (isBeside && marked.delete(neighbour)) stack.push(neighbour);
      }
    }
  }
  return found;
}

function areaOf(tiles: readonly number[], columns: number, { width, height }: Picture): Area {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (const tile of tiles) {
    const x = (tile % columns) * TILE_PX;
    const y = Math.floor(tile / columns) * TILE_PX;
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, Math.min(width, x + TILE_PX));
    bottom = Math.max(bottom, Math.min(height, y + TILE_PX));
  }
  return { left, top, width: right - left, height: bottom - top };
}

function around(areas: readonly Area[]): Area {
  const left = Math.min(...areas.map((each) => each.left));
  const top = Math.min(...areas.map((each) => each.top));
  const right = Math.max(...areas.map((each) => each.left + each.width));
  const bottom = Math.max(...areas.map((each) => each.top + each.height));
  return { left, top, width: right - left, height: bottom - top };
}

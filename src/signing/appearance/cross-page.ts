/** 骑缝章: one seal over the edges of all pages, a slice on each. */
import { AppError } from '../../kernel/index.js';

/** Slices of a seal over more pages than these are too thin to be recognised. */
export const MOST_PAGES_IN_GROUP = 20;

/**
 * How many pages each seal goes over: groups of twenty, the rest in the last one, which never has one page only.
 *
 * @throws AppError `input-invalid` (params `field`) for a document of one page, which has no seam
 */
export function crossPageGroups(pageCount: number): readonly number[] {
  if (pageCount < 2) {
    throw new AppError('input-invalid', 'a cross-page seal needs two pages', {
      params: { field: 'crossPage', pages: pageCount },
    });
  }
  const groups: number[] = [];
  for (let left = pageCount; left > 0; left -= groups.at(-1) ?? left) {
    const isOneLeftOver = left === MOST_PAGES_IN_GROUP + 1;
    groups.push(Math.min(left, isOneLeftOver ? MOST_PAGES_IN_GROUP - 1 : MOST_PAGES_IN_GROUP));
  }
  return groups;
}

/**
 * Edges of the slices in points from the left of the picture: `pages + 1` of them, shared by neighbours, from 0 to
 * exactly the width. To 0.00001 pt, as rectangles are.
 */
export function sliceEdges(widthPt: number, pages: number): readonly number[] {
  return Array.from({ length: pages + 1 }, (_, i) =>
    i === pages ? widthPt : Math.round(((widthPt * i) / pages) * 1e5) / 1e5,
  );
}

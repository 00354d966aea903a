/** What a page about a verification shows of changed pages: pictures and places as plain data. */
import { AppError, MemorySource } from '../../kernel/index.js';
import { openPdf } from '../../pdf/index.js';
import { encodePng } from '../../picture/index.js';
import type { ComparedPages, DrawnPicture } from '../../http/index.js';
import { comparePages, type PageDifference } from './compare-pages.js';
import type { Picture } from './draw-pages.js';

type ShownPage = ComparedPages['pages'][number];

/** A contract has a few dozen pages; the pictures of one answer are some megabytes at most. */
const MOST_PAGES_COMPARED = 200;
const MOST_PAGES_SHOWN = 12;

/**
 * Pages of `pdf` that look otherwise than in its revision `revision`, counted from 1.
 *
 * @throws AppError `input-invalid`, params `revisions`, for a revision the file does not have; as
 *   `openPdf` and `drawPages`
 */
export async function describePageDifferences(
  pdf: Uint8Array,
  revision: number,
): Promise<ComparedPages> {
  const { revisions } = openPdf(new MemorySource(pdf), { mode: 'lenient' });
  const end = revisions[revision - 1]?.endOffset;
  if (end === undefined) {
    throw new AppError('input-invalid', 'the file has no such revision', {
      params: { revision, revisions: revisions.length },
    });
  }
  const pages: ShownPage[] = [];
  let pagesCompared = 0;
  let isComplete = true;
  if (end < pdf.length) {
    for await (const difference of comparePages(pdf.subarray(0, end), pdf)) {
      if (pagesCompared === MOST_PAGES_COMPARED || pages.length === MOST_PAGES_SHOWN) {
        isComplete = false;
        break;
      }
      pagesCompared++;
      if (difference !== undefined) pages.push(shown(difference));
    }
  }
  return { revision, revisions: revisions.length, pagesCompared, isComplete, pages };
}

function shown(difference: PageDifference): ShownPage {
  const { page, before, after, areas } = difference;
  return {
    page,
    kind: kindOf(difference),
    before: before === undefined ? undefined : asPng(before),
    after: after === undefined ? undefined : asPng(after),
    areas,
  };
}

function kindOf({ before, after, areas }: PageDifference): ShownPage['kind'] {
  if (before === undefined) return 'added';
  if (after === undefined) return 'removed';
  return areas.length === 0 ? 'resized' : 'changed';
}

function asPng({ width, height, data }: Picture): DrawnPicture {
  return { widthPx: width, heightPx: height, png: encodePng(width, height, data) };
}

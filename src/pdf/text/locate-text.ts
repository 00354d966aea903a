/** Finds a text where the reader of the page sees it, to put something there. */
import type { PdfDocument } from '../document.js';
import { inFrame, pageFrame } from '../page-frame.js';
import type { Page, Rectangle } from '../page-tree.js';
import { findText } from './find-text.js';

export interface LocatedText {
  /** 0 is the first page. */
  readonly pageIndex: number;
  /** Around all characters, in the page's frame: points from the bottom left as shown. */
  readonly rect: Rectangle;
  /** The same in default user space. */
  readonly userRect: Rectangle;
  /** Whether some of it leaves no ink, or lies off the page as shown. */
  readonly isHidden: boolean;
}

/**
 * Every place where `keyword` stands, by page and in the order it is painted.
 *
 * @param pages - Only these; all where absent.
 * @throws AppError as {@link findText}
 */
export function locateText(
  document: PdfDocument,
  keyword: string,
  pages?: readonly Page[],
): readonly LocatedText[] {
  const matches =
    pages === undefined
      ? findText(document, keyword)
      : pages.flatMap(({ index }) => findText(document, keyword, { pageIndex: index }));
  return matches.map(({ pageIndex, rect: userRect, isHidden }) => {
    const frame = pageFrame(document, document.pages.get(pageIndex));
    const rect = inFrame(frame, userRect);
    const isOff =
      rect.x2 <= 0 || rect.y2 <= 0 || rect.x1 >= frame.widthPt || rect.y1 >= frame.heightPt;
    return { pageIndex, rect, userRect, isHidden: isHidden || isOff };
  });
}

/** Finds a text on the pages: where a seal goes when a keyword names its place. */
import type { PdfDocument } from '../document.js';
import type { Rectangle } from '../page-tree.js';
import { limitExceeded } from '../pdf-errors.js';
import { pageText, type PlacedText } from './page-text.js';

export interface TextMatch {
  /** 0 is the first page. */
  readonly pageIndex: number;
  /** Around all characters of the match, in default user space. */
  readonly rect: Rectangle;
  /** Whether some of it leaves no ink. */
  readonly isHidden: boolean;
}

const MOST_MATCHES = 10_000;

export interface FindTextOptions {
  /** Only this page; 0 is the first. */
  readonly pageIndex?: number;
}

/**
 * Every place where `keyword` stands, by page and in the order it is painted. White space is ignored on both sides,
 * and compatibility forms (full-width digits, radicals for ideographs) count as what they stand for.
 *
 * @throws AppError `pdf-page-out-of-range`, `pdf-malformed`, `pdf-limit-exceeded`, `pdf-encrypted`
 */
export function findText(
  document: PdfDocument,
  keyword: string,
  options: FindTextOptions = {},
): readonly TextMatch[] {
  const wanted = normalized(keyword);
  if (wanted === '') return [];
  const pages =
    options.pageIndex === undefined ? document.pages : [document.pages.get(options.pageIndex)];
  const matches: TextMatch[] = [];
  for (const page of pages) {
    for (const match of matchesOn(pageText(document, page), wanted)) {
      if (matches.length >= MOST_MATCHES) throw limitExceeded('matches', MOST_MATCHES);
      matches.push({ pageIndex: page.index, ...match });
    }
  }
  return matches;
}

function* matchesOn(
  placed: readonly PlacedText[],
  wanted: string,
): Generator<Omit<TextMatch, 'pageIndex'>> {
  let text = '';
  // For each UTF-16 unit of `text`, the character it comes from.
  const origins: number[] = [];
  placed.forEach((each, i) => {
    const part = normalized(each.text);
    text += part;
    for (let n = 0; n < part.length; n++) origins.push(i);
  });
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
    const first = origins[at] ?? 0;
    const last = origins[at + wanted.length - 1] ?? first;
    const shown = placed.slice(first, last + 1).filter((each) => normalized(each.text) !== '');
    yield { rect: around(shown), isHidden: shown.some(({ isHidden }) => isHidden) };
  }
}

function around(placed: readonly PlacedText[]): Rectangle {
  const box = { x1: Infinity, y1: Infinity, x2: -Infinity, y2: -Infinity };
  for (const { rect } of placed) {
    box.x1 = Math.min(box.x1, rect.x1);
    box.y1 = Math.min(box.y1, rect.y1);
    box.x2 = Math.max(box.x2, rect.x2);
    box.y2 = Math.max(box.y2, rect.y2);
  }
  return box;
}

function normalized(text: string): string {
  return text.normalize('NFKC').replace(/[\s\u200b]+/gu, '');
}

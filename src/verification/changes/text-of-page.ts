/** The text of a page that changes are held against: read once for all that a revision lays on it. */
import { readPageText, type Page, type PageText, type PdfDocument } from '../../pdf/index.js';

/** Of the page asked for last only: the text of a whole document would be much to hold. */
const LAST_READ = new WeakMap<PdfDocument, { readonly page: Page; readonly text: PageText }>();

/** @throws AppError as `readPageText` */
export function textOfPage(document: PdfDocument, page: Page): PageText {
  const last = LAST_READ.get(document);
  if (last?.page === page) return last.text;
  const text = readPageText(document, page);
  LAST_READ.set(document, { page, text });
  return text;
}

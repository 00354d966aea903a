/** `locate` for the command line. */
import type { LocateResult } from '../../cli/index.js';
import type { ByteSource, Secret } from '../../kernel/index.js';
import { locateText, openPdf, readPageText } from '../../pdf/index.js';

/** @throws AppError as reading the file does */
export function locateInFile(
  source: ByteSource,
  keyword: string,
  password: Secret | undefined,
): LocateResult {
  const opening = password === undefined ? {} : { password };
  const document = openPdf(source, { mode: 'lenient', ...opening });
  const hits = locateText(document, keyword);
  const uncertainPages = [...document.pages].flatMap((page) => {
    const { unreadable } = readPageText(document, page);
    return unreadable === 0 ? [] : [{ pageIndex: page.index, characters: unreadable }];
  });
  return { pageCount: document.pages.count, hits, uncertainPages };
}

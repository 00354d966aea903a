/** The outline: parts, and under them their articles. */
import { PDFHexString, PDFName, type PDFDict, type PDFDocument, type PDFRef } from 'pdf-lib';
import type { Bookmark } from '../block-layout.js';

interface Entry {
  readonly bookmark: Bookmark;
  readonly ref: PDFRef;
  readonly children: Entry[];
}

/** @see ISO 32000-1:2008, 12.3.3 */
export function addOutline(
  document: PDFDocument,
  bookmarks: readonly Bookmark[],
  pages: readonly { readonly ref: PDFRef }[],
): void {
  if (bookmarks.length === 0) return;
  const { context, catalog } = document;
  const top: Entry[] = [];
  for (const bookmark of bookmarks) {
    const entry = { bookmark, ref: context.nextRef(), children: [] };
    const last = top.at(-1);
    // What stands before the first part is no part's.
    const isBelow = bookmark.level === 2 && last?.bookmark.level === 1;
    (isBelow ? last.children : top).push(entry);
  }
  const link = (entries: readonly Entry[], parent: PDFRef): void => {
    entries.forEach(({ bookmark, ref, children }, index) => {
      const dict: PDFDict = context.obj({
        Title: PDFHexString.fromText(bookmark.text),
        Parent: parent,
        Dest: [
          pages[bookmark.pageIndex]?.ref ?? null,
          'XYZ',
          null,
          Math.round(bookmark.topPt + 4),
          null,
        ],
      });
      const set = (key: string, value: PDFRef | undefined): void => {
        if (value !== undefined) dict.set(PDFName.of(key), value);
      };
      set('Prev', entries[index - 1]?.ref);
      set('Next', entries[index + 1]?.ref);
      set('First', children[0]?.ref);
      set('Last', children.at(-1)?.ref);
      // Negative: shown folded.
      if (children.length > 0) dict.set(PDFName.of('Count'), context.obj(-children.length));
      context.assign(ref, dict);
      link(children, ref);
    });
  };
  const root = context.nextRef();
  link(top, root);
  context.assign(
    root,
    context.obj({
      Type: 'Outlines',
      First: top[0]?.ref ?? null,
      Last: top.at(-1)?.ref ?? null,
      Count: top.length,
    }),
  );
  catalog.set(PDFName.of('Outlines'), root);
  catalog.set(PDFName.of('PageMode'), PDFName.of('UseOutlines'));
}

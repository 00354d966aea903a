/**
 * The object that stands for a page and for no other: what an annotation is hung on. Pages that have none,
 * because their dictionary stands in the tree itself or one object is listed for several, get one.
 */
import { AppError } from '../kernel/index.js';
import { PdfArray, type PdfRef } from './objects.js';
import type { Page } from './page-tree.js';
import type { RevisionWriter } from './revision-writer.js';

/**
 * Where the page needs an object, every page of the file that does gets one in this revision: a later one must
 * leave the tree as it is signed.
 *
 * @throws AppError `pdf-page-not-separate` (params `page`) where a signature covers the tree already, or the node
 * that lists the page is no object itself; `pdf-page-out-of-range`, `pdf-malformed`
 * @see docs/decisions/0042
 */
export function separatePageObject(writer: RevisionWriter, pageIndex: number): PdfRef {
  const { pages, fields } = writer.document;
  const page = pages.get(pageIndex);
  if (page.ref !== undefined && !pages.isRepeated(page.ref)) return page.ref;
  if (writer.separatedPages.size === 0) {
    if (fields.some(({ type, value }) => type === 'Sig' && value !== undefined)) {
      throw notSeparate(page);
    }
    separateAll(writer);
  }
  const ref = writer.separatedPages.get(pageIndex);
  if (ref === undefined) throw notSeparate(page);
  return ref;
}

/**
 * A page object to hang an annotation on that is not seen: the first there is. That it may be listed for several
 * pages makes no difference then.
 *
 * @throws AppError as {@link separatePageObject}
 */
export function anyPageObject(writer: RevisionWriter, pageIndex: number): PdfRef {
  const { pages } = writer.document;
  const { ref } = pages.get(pageIndex);
  if (ref !== undefined) return ref;
  for (const page of pages) if (page.ref !== undefined) return page.ref;
  return separatePageObject(writer, pageIndex);
}

function separateAll(writer: RevisionWriter): void {
  const taken = new Set<number>();
  for (const page of writer.document.pages) {
    const { ref, index, listedIn } = page;
    if (ref !== undefined && !taken.has(ref.num)) {
      taken.add(ref.num);
      writer.separatedPages.set(index, ref);
      continue;
    }
    const node = listedIn.node === undefined ? undefined : writer.resolveDict(listedIn.node);
    const kids = writer.resolve(node?.get('Kids'));
    if (listedIn.node === undefined || node === undefined || !(kids instanceof PdfArray)) continue;
    const own = writer.add(page.dict.with({ Parent: listedIn.node }));
    // The array may be another node's as well.
    writer.set(listedIn.node, node.with({ Kids: new PdfArray(kids.items.with(listedIn.at, own)) }));
    writer.separatedPages.set(index, own);
  }
}

function notSeparate(page: Page): AppError {
  return new AppError('pdf-page-not-separate', 'the page has no object of its own', {
    params: { page: page.index + 1 },
  });
}

/** A file of blank pages with the boxes, turns and units that a test asks for. */
import { bytesOf, classicFile, type Bodies } from './pdf-file.js';

export interface TestPage {
  readonly mediaBox?: readonly [number, number, number, number];
  readonly cropBox?: readonly [number, number, number, number];
  readonly rotate?: number;
  readonly userUnit?: number;
  /** Content stream; Latin text is shown with /F1, Helvetica. */
  readonly content?: string;
  /** Further entries of the page. */
  readonly entries?: string;
}

/** @param objects - Further objects, numbered 4 to 9. */
export function pagesPdf(
  pages: readonly TestPage[],
  catalog = '',
  objects: Bodies = {},
): Uint8Array {
  const bodies: Record<number, string> = {
    1: `<</Type/Catalog/Pages 2 0 R${catalog}>>`,
    2: `<</Type/Pages/Count ${pages.length}/Kids[${pages.map((_, i) => `${10 + 2 * i} 0 R`).join(' ')}]/Resources<</Font<</F1 3 0 R>>>>>>`,
    3: '<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>',
  };
  pages.forEach((page, i) => {
    const box = page.mediaBox ?? [0, 0, 595, 842];
    const crop = page.cropBox === undefined ? '' : `/CropBox[${page.cropBox.join(' ')}]`;
    const rotate = page.rotate === undefined ? '' : `/Rotate ${page.rotate}`;
    const unit = page.userUnit === undefined ? '' : `/UserUnit ${page.userUnit}`;
    const content = page.content ?? '';
    bodies[10 + 2 * i] =
      `<</Type/Page/Parent 2 0 R/MediaBox[${box.join(' ')}]${crop}${rotate}${unit}${page.entries ?? ''}/Contents ${11 + 2 * i} 0 R>>`;
    bodies[11 + 2 * i] = `<</Length ${content.length}>>\nstream\n${content}\nendstream`;
  });
  return bytesOf(classicFile({ ...bodies, ...objects }));
}

/** Where the form of an appearance comes to stand on its page. */
import { matrixOfForm } from './content-walk.js';
import type { PdfDocument } from './document.js';
import { transformedBox, type Matrix } from './matrix.js';
import type { PdfStream } from './objects.js';
import { readRectangle, type Rectangle } from './page-tree.js';

const UNIT: Rectangle = { x1: 0, y1: 0, x2: 1, y2: 1 };

/**
 * What follows the matrix of `form` itself, so that its box fills the `rect` of an annotation.
 *
 * @see ISO 32000-2:2020, 12.5.5, algorithm 8
 */
export function appearanceFit(document: PdfDocument, form: PdfStream, rect: Rectangle): Matrix {
  const box = readRectangle(document, form.dict.get('BBox')) ?? UNIT;
  const placed = transformedBox(box, matrixOfForm(document, form));
  const sx = (rect.x2 - rect.x1) / (placed.x2 - placed.x1 || 1);
  const sy = (rect.y2 - rect.y1) / (placed.y2 - placed.y1 || 1);
  return [sx, 0, 0, sy, rect.x1 - placed.x1 * sx, rect.y1 - placed.y1 * sy];
}

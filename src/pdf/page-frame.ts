/**
 * A page as its reader sees it: cropped, turned, in true points. What people measure on a page is
 * in this frame; what the file says is in default user space.
 */
import type { PdfDocument } from './document.js';
import { transformedBox, type Matrix } from './matrix.js';
import type { Page, Rectangle } from './page-tree.js';

export interface PageFrame {
  /** As shown, after cropping and turning; 1/72 inch whatever `/UserUnit` says. */
  readonly widthPt: number;
  readonly heightPt: number;
  /** From the frame, origin at the bottom left as shown, to default user space. */
  readonly toPage: Matrix;
}

/** @see ISO 32000-1:2008, table 30 (CropBox, Rotate, UserUnit) and 14.11.2 (clipped to the media box) */
export function pageFrame(document: PdfDocument, page: Page): PageFrame {
  const box = shownBox(page);
  const width = box.x2 - box.x1;
  const height = box.y2 - box.y1;
  const value = document.resolve(page.dict.get('UserUnit'));
  const unit = typeof value === 'number' && value > 0 ? value : 1;
  const scale = 1 / unit;
  const isTurned = page.rotate === 90 || page.rotate === 270;
  return {
    widthPt: (isTurned ? height : width) * unit,
    heightPt: (isTurned ? width : height) * unit,
    toPage: toPageMatrix(page.rotate, box, scale),
  };
}

/** `rect` of the frame in default user space. */
export function onPage(frame: PageFrame, rect: Rectangle): Rectangle {
  return transformedBox(rect, frame.toPage);
}

/** `rect` of default user space as it lies in the frame. */
export function inFrame(frame: PageFrame, rect: Rectangle): Rectangle {
  const [a, b, c, d, e, f] = frame.toPage;
  const determinant = a * d - b * c;
  return transformedBox(rect, [
    d / determinant,
    -b / determinant,
    -c / determinant,
    a / determinant,
    (c * f - d * e) / determinant,
    (b * e - a * f) / determinant,
  ]);
}

function toPageMatrix(rotate: Page['rotate'], box: Rectangle, scale: number): Matrix {
  switch (rotate) {
    case 0:
      return [scale, 0, 0, scale, box.x1, box.y1];
    case 90:
      return [0, scale, -scale, 0, box.x2, box.y1];
    case 180:
      return [-scale, 0, 0, -scale, box.x2, box.y2];
    case 270:
      return [0, -scale, scale, 0, box.x1, box.y2];
  }
}

/** The crop box as far as it lies on the medium; readers show the whole medium where none of it does. */
function shownBox({ cropBox, mediaBox }: Page): Rectangle {
  const box = {
    x1: Math.max(cropBox.x1, mediaBox.x1),
    y1: Math.max(cropBox.y1, mediaBox.y1),
    x2: Math.min(cropBox.x2, mediaBox.x2),
    y2: Math.min(cropBox.y2, mediaBox.y2),
  };
  return box.x2 > box.x1 && box.y2 > box.y1 ? box : mediaBox;
}

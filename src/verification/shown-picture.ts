/** Whether the widgets of a signature show the one picture that they should, and all of it. */
import { bytesToLatin1, equalBytes } from '../kernel/index.js';
import { pictureSha256, readPictureWidget } from '../pades/index.js';
import {
  PdfStream,
  readRectangle,
  type FormField,
  type PdfDocument,
  type Rectangle,
} from '../pdf/index.js';

/**
 * Every widget shows the picture of this digest: all of it, with lines of text under it or without, or slices
 * that make up the whole, in the order of the widgets.
 */
export function showsPicture(document: PdfDocument, field: FormField, sha256: Uint8Array): boolean {
  const isThePicture = (form: PdfStream): boolean =>
    equalBytes(
      pictureSha256(form, (value) => document.resolve(value)),
      sha256,
    );
  /** Where the next slice has to begin. */
  let seamPt = 0;
  for (const { dict } of field.widgets) {
    const normal = document.resolve(document.resolveDict(dict.get('AP'))?.get('N'));
    if (!(normal instanceof PdfStream)) return false;
    if (isThePicture(normal) || isCaptioned(document, normal, isThePicture)) continue;
    const shown = readPictureWidget(document, normal);
    if (shown === undefined) return false;
    if (isCaptioned(document, shown.picture, isThePicture)) continue;
    if (!isThePicture(shown.picture)) return false;
    const whole = readRectangle(document, shown.picture.dict.get('BBox'));
    if (whole === undefined || !contains(shown.box, whole, 'height')) return false;
    if (seamPt === 0 && contains(shown.box, whole, 'width')) continue;
    if (!isSame(shown.box.x1, whole.x1 + seamPt) || shown.box.x2 <= shown.box.x1) return false;
    seamPt = isSame(shown.box.x2, whole.x2) ? 0 : shown.box.x2 - whole.x1;
  }
  return field.widgets.length > 0 && seamPt === 0;
}

const NUMBER = String.raw`-?[\d.]+`;
const PICTURE = new RegExp(`^q (${NUMBER}) 0 0 \\1 ${NUMBER} (${NUMBER}) cm /Picture Do Q\n0 g\n`);
const LINE = new RegExp(
  `^BT /F1 ${NUMBER} Tf ${NUMBER} (${NUMBER}) Td <[0-9A-Fa-f]*> Tj ET\n`,
  'gm',
);

/** The picture with lines of text under it and nothing over it: to the letter as we write it. */
function isCaptioned(
  document: PdfDocument,
  form: PdfStream,
  isThePicture: (form: PdfStream) => boolean,
): boolean {
  const content = bytesToLatin1(form.data());
  const head = PICTURE.exec(content);
  if (head === null) return false;
  const lines = content.slice(head[0].length);
  if (lines.replace(LINE, '').trim() !== '') return false;
  const footPt = Number(head[2]);
  const isUnder = [...lines.matchAll(LINE)].every(([, baseline]) => Number(baseline) < footPt);
  const resources = document.resolveDict(form.dict.get('Resources'));
  const picture = document.resolve(document.resolveDict(resources?.get('XObject'))?.get('Picture'));
  return isUnder && picture instanceof PdfStream && isThePicture(picture);
}

const TOLERANCE_PT = 0.001;

function isSame(a: number, b: number): boolean {
  return Math.abs(a - b) <= TOLERANCE_PT;
}

function contains(box: Rectangle, whole: Rectangle, side: 'width' | 'height'): boolean {
  return side === 'width'
    ? box.x1 <= whole.x1 + TOLERANCE_PT && box.x2 >= whole.x2 - TOLERANCE_PT
    : box.y1 <= whole.y1 + TOLERANCE_PT && box.y2 >= whole.y2 - TOLERANCE_PT;
}

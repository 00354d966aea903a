/** A seal asked for at the command line as the place and the form XObject of a signature field. */
import type { AppearanceRequest } from '../cli/index.js';
import type { SignatureOptions } from '../pades/index.js';
import type { PdfDocument } from '../pdf/index.js';
import { drawingToPdfOperators } from '../seal/index.js';
import { sealAppearance } from '../signing/index.js';

/** @throws AppError `pdf-page-out-of-range` */
export function appearanceOptions(
  document: PdfDocument,
  appearance: AppearanceRequest | undefined,
): Pick<SignatureOptions, 'place' | 'appearance'> {
  if (appearance === undefined) return {};
  const pageIndex = appearance.page === 'last' ? document.pages.count - 1 : appearance.page;
  const { rotate } = document.pages.get(pageIndex);
  const { operators, widthPt, heightPt } = drawingToPdfOperators(appearance.drawing);
  const scale = (appearance.widthMm ?? appearance.drawing.widthMm) / appearance.drawing.widthMm;
  const isTurned = rotate === 90 || rotate === 270;
  const halfWidth = ((isTurned ? heightPt : widthPt) * scale) / 2;
  const halfHeight = ((isTurned ? widthPt : heightPt) * scale) / 2;
  const { xPt, yPt } = appearance.centre;
  return {
    place: {
      pageIndex,
      rect: {
        x1: xPt - halfWidth,
        y1: yPt - halfHeight,
        x2: xPt + halfWidth,
        y2: yPt + halfHeight,
      },
    },
    // The reader fits the form into the rectangle, so the form keeps its own size.
    appearance: sealAppearance({ content: operators, widthPt, heightPt }, rotate),
  };
}

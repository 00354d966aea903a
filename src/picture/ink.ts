/** How a picture meets the paper: it multiplies with what is under it, as ink does, where that is allowed. */
import { alphaState, pdfName, PdfArray, PdfDict, type PdfValue } from '../pdf/index.js';
import type { PictureRules } from './picture.js';

/** Name of the graphics state in the resources of a picture's form. */
export const INK = 'GsSeal';

/** An opaque state is a state too: content that names it is the same in every document. */
export function inkState({ allowsTransparency }: PictureRules, opacity = 1): PdfDict {
  return allowsTransparency ? alphaState(opacity, 'Multiply') : alphaState(1, 'Normal');
}

/**
 * Resources that give device colours a meaning of their own, for PDF/A files without an output intent of the
 * same kind. @see ISO 19005-1:2005, 6.2.3.3
 */
export function colourSpaces({ needsCalibratedColour }: PictureRules): Record<string, PdfValue> {
  if (!needsCalibratedColour) return {};
  const whitePoint = new PdfArray([0.9505, 1, 1.089]);
  return {
    DefaultRGB: new PdfArray([
      pdfName('CalRGB'),
      PdfDict.of({
        WhitePoint: whitePoint,
        Gamma: new PdfArray([2.2, 2.2, 2.2]),
        Matrix: new PdfArray([
          0.4124, 0.2126, 0.0193, 0.3576, 0.7152, 0.1192, 0.1805, 0.0722, 0.9505,
        ]),
      }),
    ]),
    DefaultGray: new PdfArray([
      pdfName('CalGray'),
      PdfDict.of({ WhitePoint: whitePoint, Gamma: 2.2 }),
    ]),
  };
}

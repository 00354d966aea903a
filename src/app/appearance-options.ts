/** What was asked for at the command line as the appearance of a signature. */
import type { AppearanceRequest, SignFileRequest } from '../cli/index.js';
import type { SignatureOptions } from '../pades/index.js';
import type { PdfDocument } from '../pdf/index.js';
import { readPicture, type Picture } from '../picture/index.js';
import { drawingToPdfOperators } from '../seal/index.js';
import { composeAppearance, sealPicture } from '../signing/index.js';

/** @throws AppError as `composeAppearance` */
export function appearanceOptions(
  document: PdfDocument,
  { appearance, field }: Pick<SignFileRequest, 'appearance' | 'field'>,
): Pick<SignatureOptions, 'appearance'> {
  if (appearance === undefined) return {};
  const { widthMm, placements } = appearance;
  const picture = pictureOf(appearance);
  const shown = { picture, placements, ...(widthMm === undefined ? {} : { widthMm }) };
  return { appearance: composeAppearance(document, [shown], field) };
}

const PT_PER_MM = 72 / 25.4;

function pictureOf({ picture, widthMm }: AppearanceRequest): Picture {
  if ('file' in picture) {
    return readPicture(picture.file, widthMm === undefined ? undefined : widthMm * PT_PER_MM);
  }
  const { operators, widthPt, heightPt } = drawingToPdfOperators(picture.drawing);
  return sealPicture({ content: operators, widthPt, heightPt });
}

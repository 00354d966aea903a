/** What was asked for at the command line as the appearance of a signature. */
import type { SignFileRequest } from '../cli/index.js';
import type { SignatureOptions } from '../pades/index.js';
import type { PdfDocument } from '../pdf/index.js';
import { drawingToPdfOperators } from '../seal/index.js';
import { composeAppearance, sealPicture } from '../signing/index.js';

/** @throws AppError as `composeAppearance` */
export function appearanceOptions(
  document: PdfDocument,
  { appearance, field }: Pick<SignFileRequest, 'appearance' | 'field'>,
): Pick<SignatureOptions, 'appearance'> {
  if (appearance === undefined) return {};
  const { widthMm, placements, drawing } = appearance;
  const { operators, widthPt, heightPt } = drawingToPdfOperators(drawing);
  const picture = sealPicture({ content: operators, widthPt, heightPt });
  const shown = { picture, placements, ...(widthMm === undefined ? {} : { widthMm }) };
  return { appearance: composeAppearance(document, [shown], field) };
}

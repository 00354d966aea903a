/** A two-page document composed by pdf-lib, with either kind of cross-reference. */
import { PDFDocument, StandardFonts } from 'pdf-lib';

export async function samplePdf(
  options: { readonly useObjectStreams?: boolean } = {},
): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  document.setCreationDate(new Date('2026-11-01T00:00:00Z'));
  document.setModificationDate(new Date('2026-11-01T00:00:00Z'));
  const font = await document.embedFont(StandardFonts.Helvetica);
  for (const text of ['Contract HT-2026-001, amount 1,409.50', 'Signature page']) {
    document.addPage([595, 842]).drawText(text, { x: 60, y: 700, font, size: 14 });
  }
  return document.save({ useObjectStreams: options.useObjectStreams ?? false });
}

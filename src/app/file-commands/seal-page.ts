/** A seal's drawing as a PDF page of exactly its size. */
import { MemorySource, concatBytes } from '../../kernel/index.js';
import {
  PdfArray,
  PdfDict,
  beginRevision,
  flateStream,
  openPdf,
  pdfName,
} from '../../pdf/index.js';
import { drawingToPdfOperators, type SealDrawing } from '../../seal/index.js';
import { blankPage } from '../bridges/blank-page.js';

export function sealPagePdf(drawing: SealDrawing): Uint8Array {
  const { operators, widthPt, heightPt } = drawingToPdfOperators(drawing);
  const base = blankPage(widthPt, heightPt);
  const document = openPdf(new MemorySource(base));
  const writer = beginRevision(document);
  const page = document.pages.get(0);
  if (page.ref !== undefined) {
    const content = writer.add(flateStream(PdfDict.of({}), operators));
    writer.set(
      page.ref,
      page.dict.with({ Contents: new PdfArray([content]), Type: pdfName('Page') }),
    );
  }
  return concatBytes([base, writer.finish().appended]);
}

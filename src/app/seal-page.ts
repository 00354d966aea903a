/** A seal's drawing as a PDF page of exactly its size. */
import { MemorySource, concatBytes, latin1ToBytes } from '../kernel/index.js';
import { PdfArray, PdfDict, beginRevision, flateStream, openPdf, pdfName } from '../pdf/index.js';
import { drawingToPdfOperators, type SealDrawing } from '../seal/index.js';

/** The smallest file that our own writer can append a page's content to. */
function blankPage(widthPt: number, heightPt: number): Uint8Array {
  const bodies = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    `<</Type/Page/Parent 2 0 R/MediaBox[0 0 ${widthPt} ${heightPt}]/Resources<<>>>>`,
  ];
  let text = '%PDF-1.7\n';
  const offsets = bodies.map((body, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${body}\nendobj\n`;
    return offset;
  });
  const startxref = text.length;
  const lines = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`);
  text += `xref\n0 4\n0000000000 65535 f \n${lines.join('')}trailer\n<</Root 1 0 R/Size 4>>\n`;
  return latin1ToBytes(`${text}startxref\n${startxref}\n%%EOF\n`);
}

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

/** Appends an arbitrary, well-formed revision: what an attacker or another product can do. */
import { MemorySource, concatBytes } from '../../src/kernel/index.js';
import {
  beginRevision,
  openPdf,
  type PdfDocument,
  type RevisionWriter,
} from '../../src/pdf/index.js';

export function appendRevision(
  pdf: Uint8Array,
  change: (writer: RevisionWriter, document: PdfDocument) => void,
): Uint8Array {
  const document = openPdf(new MemorySource(pdf));
  const writer = beginRevision(document);
  change(writer, document);
  return concatBytes([pdf, writer.finish().appended]);
}

/** Says in the catalog that a file older than PDF 2.0 uses PAdES structures. */
import { PdfDict, pdfName, type RevisionWriter } from '../pdf/index.js';

/**
 * Adds `/Extensions /ESIC` where the version is below 2.0 and it is not there. The dictionary
 * becomes part of the catalog, so that no object an earlier signature covers is redefined but that one.
 *
 * @see ISO 32000-1:2008, 7.12 (extensions dictionary)
 * @see ETSI TS 102 778-4, annex A (ESIC, base version 1.7, level 1)
 */
export function declarePades(writer: RevisionWriter): void {
  const { document } = writer;
  if (document.version >= '2.0') return;
  const { catalogRef } = document;
  const catalog = writer.resolveDict(catalogRef) ?? document.catalog;
  const extensions = writer.resolveDict(catalog.get('Extensions')) ?? PdfDict.of({});
  if (extensions.has('ESIC')) return;
  const level = PdfDict.of({ BaseVersion: pdfName('1.7'), ExtensionLevel: 1 });
  writer.set(catalogRef, catalog.with({ Extensions: extensions.with({ ESIC: level }) }));
}

/**
 * A document time-stamp: a revision whose signature dictionary holds a time-stamp token over
 * everything before it, the validation data included.
 *
 * @see ISO 32000-2:2020, 12.8.5 (document timestamp dictionary)
 * @see ETSI EN 319 142-1, 5.4.3
 */
import {
  PdfDict,
  addSignatureField,
  beginRevision,
  pdfName,
  unusedFieldName,
} from '../pdf/index.js';
import type { PdfDocument } from '../pdf/index.js';
import { declarePades } from './extension.js';
import { Hole } from './hole.js';
import type { PreparedSignature } from './prepare.js';

/**
 * Appends the revision with an empty hole; `digestPrepared` gives what the token covers and
 * `embedCms` puts the token in. Allowed after every certification: it changes nothing that is seen.
 *
 * @param tokenBytes - Room for the token.
 * @throws AppError `pdf-encrypted`, `pdf-malformed`, `pdf-page-out-of-range`
 */
export function prepareDocumentTimestamp(
  document: PdfDocument,
  tokenBytes: number,
): PreparedSignature {
  const writer = beginRevision(document);
  const hole = new Hole(tokenBytes);
  const value = writer.add(
    PdfDict.of({
      Type: pdfName('DocTimeStamp'),
      Filter: pdfName('Adobe.PPKLite'),
      SubFilter: pdfName('ETSI.RFC3161'),
      ...hole.entries,
    }),
  );
  const fieldName = unusedFieldName(writer, 'Timestamp');
  addSignatureField(writer, { name: fieldName, pageIndex: 0, value });
  declarePades(writer);
  const finished = writer.finish();
  return {
    appended: finished.appended,
    baseSize: finished.baseSize,
    contents: hole.close(finished),
    fieldName,
  };
}

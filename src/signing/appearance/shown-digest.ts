/** What identifies a picture as a document is going to show it. */
import { AppError } from '../../kernel/index.js';
import { pictureSha256 } from '../../pades/index.js';
import { PdfStream, beginRevision, type PdfDocument } from '../../pdf/index.js';
import type { Picture } from '../../picture/index.js';
import { pictureRules } from './compose.js';

/** SHA-256 of the form that `picture` becomes in `document`; nothing is written. */
export function shownDigest(document: PdfDocument, picture: Picture): Uint8Array {
  const writer = beginRevision(document);
  const form = writer.resolve(picture.addTo(writer, pictureRules(document)));
  if (!(form instanceof PdfStream)) throw new AppError('internal', 'a picture without a form');
  return pictureSha256(form, (value) => writer.resolve(value));
}

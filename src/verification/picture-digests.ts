/** What identifies a picture in every way that a document may show it. */
import { pictureSha256 } from '../pades/index.js';
import { PdfStream, beginRevision, type PdfDocument } from '../pdf/index.js';
import type { Picture } from '../picture/index.js';

/**
 * SHA-256 of the picture as documents with transparency show it, then as those without (PDF/A-1) do.
 *
 * @param document - Any: nothing is written to it.
 */
export function pictureDigests(document: PdfDocument, picture: Picture): readonly Uint8Array[] {
  return [true, false].flatMap((allowsTransparency) => {
    const writer = beginRevision(document);
    const rules = { allowsTransparency, needsCalibratedColour: false };
    const form = writer.resolve(picture.addTo(writer, rules));
    const resolve = writer.resolve.bind(writer);
    return form instanceof PdfStream ? [pictureSha256(form, resolve)] : [];
  });
}

/**
 * What identifies a picture on a page, wherever and however often it is shown: what its form paints. The
 * content stream alone would say nothing of the pixels that it paints.
 */
import { concatBytes, digestBytes, isAppError, latin1ToBytes } from '../kernel/index.js';
import { PdfDict, PdfStream, decodedData, isInteger, isName, type PdfValue } from '../pdf/index.js';

/** Follows references: a document's, or a revision's that is being written. */
export type Resolve = (value: PdfValue | undefined) => PdfValue;

/** Pictures of ours nest not at all; a hostile one may. */
const DEEPEST = 4;

/**
 * SHA-256 of the form's content; where it paints further XObjects, of that and of theirs by name, images by
 * size and samples. Colour spaces and blending do not count: they adapt to the document.
 */
export function pictureSha256(form: PdfStream, resolve: Resolve, depth = 0): Uint8Array {
  const content = digestBytes('sha256', decodedData(form));
  const resources = resolve(form.dict.get('Resources'));
  const objects = resources instanceof PdfDict ? resolve(resources.get('XObject')) : null;
  if (!(objects instanceof PdfDict)) return content;
  const parts: Uint8Array[] = [];
  for (const [name, value] of [...objects.entries()].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const object = resolve(value);
    if (!(object instanceof PdfStream) || depth >= DEEPEST) continue;
    const isImage = isName(resolve(object.dict.get('Subtype')), 'Image');
    parts.push(latin1ToBytes(`/${name} `));
    parts.push(isImage ? imageSha256(object, resolve) : pictureSha256(object, resolve, depth + 1));
  }
  return parts.length === 0 ? content : digestBytes('sha256', concatBytes([content, ...parts]));
}

function imageSha256(image: PdfStream, resolve: Resolve): Uint8Array {
  const mask = resolve(image.dict.get('SMask'));
  const sides = ['Width', 'Height'].map((key) => {
    const side = resolve(image.dict.get(key));
    return isInteger(side) ? side : 0;
  });
  return digestBytes(
    'sha256',
    concatBytes([
      latin1ToBytes(`${sides.join(' ')} `),
      digestBytes('sha256', samplesOf(image)),
      ...(mask instanceof PdfStream ? [digestBytes('sha256', samplesOf(mask))] : []),
    ]),
  );
}

/** Decoded, or as they are stored where the coding is of pictures, as JPEG's is. */
function samplesOf(image: PdfStream): Uint8Array {
  try {
    return decodedData(image);
  } catch (error) {
    if (!isAppError(error, 'pdf-unsupported')) throw error;
    return image.rawBytes();
  }
}

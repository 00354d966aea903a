/** A picture file by what it is, not by its name. */
import { bytesToLatin1 } from '../kernel/index.js';
import { pixelPicture } from './image.js';
import { jpegPicture, readJpeg } from './jpeg.js';
import { MOST_BYTES, assertWithin, malformedPicture } from './picture-faults.js';
import type { Picture } from './picture.js';
import { readPng } from './png.js';
import { svgPicture } from './svg.js';

export type PictureFormat = 'png' | 'jpeg' | 'gif' | 'bmp' | 'svg';

/** What kind of picture `bytes` are; by what they begin with, not by any name. */
export function pictureFormat(bytes: Uint8Array): PictureFormat | undefined {
  const head = bytesToLatin1(bytes.subarray(0, 1024));
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (head.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (head.startsWith('GIF8')) return 'gif';
  if (head.startsWith('BM')) return 'bmp';
  return /^(?:\xef\xbb\xbf)?\s*<(?:\?xml|svg|!--|!DOCTYPE)/.test(head) ? 'svg' : undefined;
}

/** A seal is as wide, where neither the file nor anybody else says. */
const USUAL_WIDTH_PT = (42 * 72) / 25.4;

/**
 * Reads SVG, PNG or JPEG.
 *
 * @param widthPt - Width on paper, where it is known: what resolution a drawing needs that cannot be vectors.
 * @throws AppError `picture-malformed`, `picture-unsupported`, `picture-too-large`
 */
export function readPicture(bytes: Uint8Array, widthPt?: number): Picture {
  assertWithin('bytes', bytes.length, MOST_BYTES);
  switch (pictureFormat(bytes)) {
    case 'png': {
      const { pixels, sizePt } = readPng(bytes);
      const size = sizePt ?? usualSize(pixels);
      return pixelPicture(pixels, size.widthPt, size.heightPt);
    }
    case 'jpeg': {
      const jpeg = readJpeg(bytes);
      const size = jpeg.sizePt ?? usualSize(jpeg);
      return jpegPicture(bytes, jpeg, size.widthPt, size.heightPt);
    }
    case 'svg':
      return svgPicture(bytes, widthPt === undefined ? undefined : { widthPt });
    case 'gif':
    case 'bmp':
    case undefined:
      throw malformedPicture('unknown');
  }
}

function usualSize(image: { readonly width: number; readonly height: number }) {
  return {
    widthPt: USUAL_WIDTH_PT,
    heightPt: (USUAL_WIDTH_PT * image.height) / image.width,
  };
}

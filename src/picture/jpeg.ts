/** JPEG goes into a PDF as it is; only its header is read. @see ITU-T T.81, annex B */
import { bytesToLatin1 } from '../kernel/index.js';
import { PdfArray, PdfDict, pdfName } from '../pdf/index.js';
import { imagePicture, storedImage } from './image.js';
import type { Picture } from './picture.js';
import {
  MOST_PIXELS,
  assertWithin,
  malformedPicture,
  unsupportedPicture,
} from './picture-faults.js';

const PT_PER_INCH = 72;
const CM_PER_INCH = 2.54;
const SPACES: Readonly<Record<number, string>> = {
  1: 'DeviceGray',
  3: 'DeviceRGB',
  4: 'DeviceCMYK',
};

export interface ReadJpeg {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  /** Adobe writes CMYK inverted. */
  readonly isInverted: boolean;
  readonly sizePt?: { readonly widthPt: number; readonly heightPt: number };
}

/** @throws AppError `picture-malformed`, `picture-unsupported`, `picture-too-large` */
export function readJpeg(bytes: Uint8Array): ReadJpeg {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let hasAdobe = false;
  let density: { readonly x: number; readonly y: number } | undefined;
  for (let at = 2; at + 4 <= bytes.length;) {
    if (view.getUint8(at) !== 0xff) throw malformedPicture('jpeg');
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at++;
      continue;
    }
    const length = view.getUint16(at + 2);
    const start = at + 4;
    if (length < 2 || at + 2 + length > bytes.length) throw malformedPicture('jpeg');
    if (
      marker === 0xe0 &&
      length >= 14 &&
      bytesToLatin1(bytes.subarray(start, start + 5)) === 'JFIF\0'
    ) {
      density = densityOf(view, start);
    } else if (marker === 0xee && bytesToLatin1(bytes.subarray(start, start + 5)) === 'Adobe') {
      hasAdobe = true;
    } else if (isFrame(marker)) {
      if (length < 8) throw malformedPicture('jpeg');
      return frame(view, start, marker, hasAdobe, density);
    } else if (marker === 0xda || marker === 0xd9) break;
    at += 2 + length;
  }
  throw malformedPicture('jpeg');
}

/** Start of frame: any but the markers of tables that lie between. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

function frame(
  view: DataView,
  start: number,
  marker: number,
  hasAdobe: boolean,
  density: { readonly x: number; readonly y: number } | undefined,
): ReadJpeg {
  // Baseline, extended and progressive, Huffman coded: what DCTDecode is.
  if (![0xc0, 0xc1, 0xc2].includes(marker))
    throw unsupportedPicture('jpeg', 'lossless or arithmetic coding');
  const [height, width] = [view.getUint16(start + 1), view.getUint16(start + 3)];
  const components = view.getUint8(start + 5);
  if (view.getUint8(start) !== 8) throw unsupportedPicture('jpeg', 'more than 8 bits');
  if (SPACES[components] === undefined)
    throw unsupportedPicture('jpeg', `${components} components`);
  if (width === 0 || height === 0) throw malformedPicture('jpeg');
  assertWithin('pixels', width * height, MOST_PIXELS);
  return {
    width,
    height,
    components,
    isInverted: hasAdobe && components === 4,
    ...(density === undefined
      ? {}
      : {
          sizePt: {
            widthPt: (width / density.x) * PT_PER_INCH,
            heightPt: (height / density.y) * PT_PER_INCH,
          },
        }),
  };
}

function densityOf(view: DataView, start: number): { x: number; y: number } | undefined {
  const unit = view.getUint8(start + 7);
  const [x, y] = [view.getUint16(start + 8), view.getUint16(start + 10)];
  if (x === 0 || y === 0 || (unit !== 1 && unit !== 2)) return undefined;
  const perInch = unit === 1 ? 1 : CM_PER_INCH;
  return { x: x * perInch, y: y * perInch };
}

/** @throws AppError `picture-unsupported` when shown in a PDF/A file whose colours are not CMYK */
export function jpegPicture(
  bytes: Uint8Array,
  { width, height, components, isInverted }: ReadJpeg,
  widthPt: number,
  heightPt: number,
): Picture {
  return imagePicture(widthPt, heightPt, (writer, rules) => {
    if (components === 4 && rules.needsCalibratedColour) {
      throw unsupportedPicture('jpeg', 'CMYK in a PDF/A file');
    }
    return writer.add(
      storedImage(
        PdfDict.of({
          Width: width,
          Height: height,
          ColorSpace: pdfName(SPACES[components] ?? 'DeviceRGB'),
          BitsPerComponent: 8,
          Filter: pdfName('DCTDecode'),
          Decode: isInverted ? new PdfArray([1, 0, 1, 0, 1, 0, 1, 0]) : undefined,
        }),
        bytes,
      ),
    );
  });
}

/** Raster images as PDF shows them: an image XObject, with its transparency as a soft mask, inside a form. */
import {
  ContentBuilder,
  PdfArray,
  PdfDict,
  PdfStream,
  flateStream,
  formXObject,
  pdfName,
  resourceDict,
  type PdfRef,
  type PdfValue,
  type RevisionWriter,
} from '../pdf/index.js';
import { INK, colourSpaces, inkState } from './ink.js';
import type { Picture, PictureRules } from './picture.js';

/** Eight bits a sample, rows from the top without padding. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** One for grey, three for RGB. */
  readonly channels: 1 | 3;
  readonly samples: Uint8Array;
  /** 255 is opaque; absent where all is. */
  readonly alpha?: Uint8Array;
  /** ICC profile with as many components as there are channels. */
  readonly profile?: Uint8Array;
}

/** A picture of pixels. */
export function pixelPicture(pixels: Pixels, widthPt: number, heightPt: number): Picture {
  return imagePicture(widthPt, heightPt, (writer, rules) => addPixels(writer, pixels, rules));
}

/** A picture of one image XObject, painted over the whole box. */
export function imagePicture(
  widthPt: number,
  heightPt: number,
  addImage: (writer: RevisionWriter, rules: PictureRules) => PdfRef,
): Picture {
  return {
    widthPt,
    heightPt,
    addTo(writer, rules) {
      const content = new ContentBuilder()
        .save()
        .graphicsState(INK)
        .transform([widthPt, 0, 0, heightPt, 0, 0])
        .paint('Image')
        .restore();
      return writer.add(
        formXObject({
          bbox: [0, 0, widthPt, heightPt],
          content: content.toBytes(),
          resources: resourceDict({
            ExtGState: { [INK]: inkState(rules) },
            XObject: { Image: addImage(writer, rules) },
            ColorSpace: colourSpaces(rules),
          }),
        }),
      );
    },
  };
}

function addPixels(writer: RevisionWriter, pixels: Pixels, rules: PictureRules): PdfRef {
  const { width, height, channels, alpha } = pixels;
  const mask =
    alpha === undefined || !rules.allowsTransparency
      ? undefined
      : writer.add(compressed(imageDict(width, height, pdfName('DeviceGray'), undefined), alpha));
  const device = pdfName(channels === 1 ? 'DeviceGray' : 'DeviceRGB');
  const space =
    pixels.profile === undefined
      ? device
      : new PdfArray([
          pdfName('ICCBased'),
          writer.add(flateStream(PdfDict.of({ N: channels, Alternate: device }), pixels.profile)),
        ]);
  const samples = rules.allowsTransparency ? pixels.samples : onWhite(pixels);
  return writer.add(compressed(imageDict(width, height, space, mask), samples));
}

/** By its own array: a unit signs thousands of times with one picture, and compressing it costs more than signing. */
const streams = new WeakMap<Uint8Array, PdfStream>();

function compressed(dict: PdfDict, samples: Uint8Array): PdfStream {
  const known = streams.get(samples);
  if (known !== undefined) {
    return PdfStream.of(dict.with({ Filter: known.dict.get('Filter') }), known.rawBytes());
  }
  const stream = flateStream(dict, samples);
  streams.set(samples, stream);
  return stream;
}

function imageDict(
  width: number,
  height: number,
  space: PdfValue,
  mask: PdfRef | undefined,
): PdfDict {
  return PdfDict.of({
    Type: pdfName('XObject'),
    Subtype: pdfName('Image'),
    Width: width,
    Height: height,
    ColorSpace: space,
    BitsPerComponent: 8,
    SMask: mask,
  });
}

const whitened = new WeakMap<Pixels, Uint8Array>();

/** The pixels as they look on white paper. */
function onWhite(pixels: Pixels): Uint8Array {
  const { samples, alpha, channels } = pixels;
  if (alpha === undefined) return samples;
  const known = whitened.get(pixels);
  if (known !== undefined) return known;
  const made = samples.map((sample, i) => {
    const opacity = (alpha[Math.floor(i / channels)] ?? 255) / 255;
    return Math.round(sample * opacity + 255 * (1 - opacity));
  });
  whitened.set(pixels, made);
  return made;
}

/** A file that is its own image XObject, bytes and all. */
export function storedImage(dict: PdfDict, bytes: Uint8Array): PdfStream {
  return PdfStream.of(dict.with({ Type: pdfName('XObject'), Subtype: pdfName('Image') }), bytes);
}

/** A photograph or a scan as plain pixels: PNG and JPEG, on white where they are clear. */
import { Resvg } from '@resvg/resvg-js';
import { toBase64 } from '../kernel/index.js';
import { readJpeg } from './jpeg.js';
import {
  MOST_BYTES,
  assertWithin,
  malformedPicture,
  unsupportedPicture,
} from './picture-faults.js';
import { readPng } from './png.js';
import { pictureFormat } from './read-picture.js';

/** Looked up once: millions of pixels ask. */
const { round } = Math;

/** Red, green and blue of each pixel, row by row from the top. */
export interface RgbPixels {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** @throws AppError `picture-malformed`, `picture-unsupported`, `picture-too-large` */
export function readPixels(bytes: Uint8Array): RgbPixels {
  assertWithin('bytes', bytes.length, MOST_BYTES);
  switch (pictureFormat(bytes)) {
    case 'png':
      return pngPixels(bytes);
    case 'jpeg':
      return jpegPixels(bytes);
    case 'svg':
      throw unsupportedPicture('svg', 'shapes where a scan is expected');
    case 'gif':
    case 'bmp':
    case undefined:
      throw malformedPicture('unknown');
  }
}

function pngPixels(bytes: Uint8Array): RgbPixels {
  const { width, height, channels, samples, alpha } = readPng(bytes).pixels;
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const opacity = (alpha?.[i] ?? 255) / 255;
    for (let c = 0; c < 3; c++) {
      const sample = samples[i * channels + (channels === 3 ? c : 0)] ?? 0;
      rgb[i * 3 + c] = round(sample * opacity + 255 * (1 - opacity));
    }
  }
  return { width, height, rgb };
}

/** resvg has a decoder for what is embedded in an SVG. */
function jpegPixels(bytes: Uint8Array): RgbPixels {
  const { width, height, components } = readJpeg(bytes);
  if (components === 4) throw unsupportedPicture('jpeg', 'CMYK');
  const size = `width="${width}" height="${height}"`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" ${size}><image ${size} href="data:image/jpeg;base64,${toBase64(bytes)}"/></svg>`;
  const { pixels } = new Resvg(svg, { font: { loadSystemFonts: false } }).render();
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    // What could not be decoded is left clear.
    if (pixels[i * 4 + 3] !== 255) throw malformedPicture('jpeg');
    rgb.set(pixels.subarray(i * 4, i * 4 + 3), i * 3);
  }
  return { width, height, rgb };
}

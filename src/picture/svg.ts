/**
 * SVG: as vectors where it is plain shapes, else as pixels of 600 dpi. What resvg would leave out without a
 * word, or fetch from a disk, is refused.
 */
import { Resvg } from '@resvg/resvg-js';
import { bytesToUtf8 } from '../kernel/index.js';
import { pixelPicture } from './image.js';
import type { Picture } from './picture.js';
import {
  MOST_PIXELS,
  assertWithin,
  malformedPicture,
  unsupportedPicture,
} from './picture-faults.js';
import { readPng } from './png.js';
import { shapesPicture } from './shapes-to-pdf.js';
import { readShapes } from './svg-shapes.js';

const PX_PER_INCH = 96;
const PT_PER_INCH = 72;
/** Resolution of what cannot be vectors. */
const RASTER_DPI = 600;
const MOST_SVG_BYTES = 2 * 1024 * 1024;
const MOST_ELEMENTS = 50_000;
/** A use of a use of a use multiplies. */
const MOST_USES = 8;

/** @param sizePt - Size on paper, where the caller knows better than the file. */
export function svgPicture(bytes: Uint8Array, sizePt?: { readonly widthPt: number }): Picture {
  assertWithin('bytes', bytes.length, MOST_SVG_BYTES);
  const text = bytesToUtf8(bytes);
  assertSelfContained(text);
  const resvg = open(text);
  const normal = resvg.toString();
  const shapes = readShapes(normal);
  if (shapes !== undefined) {
    const heightPt = (shapes.heightPx / PX_PER_INCH) * PT_PER_INCH;
    const picture = shapesPicture(shapes, (shapes.widthPx / PX_PER_INCH) * PT_PER_INCH, heightPt);
    if (picture !== undefined) return picture;
  }
  // `resvg.width` is in whole pixels; the file may be more exact.
  const widthPx = Number(/^<svg width="([\d.]+)"/.exec(normal)?.[1] ?? resvg.width);
  const widthPt = (widthPx / PX_PER_INCH) * PT_PER_INCH;
  const shownPt = sizePt?.widthPt ?? widthPt;
  const dots = Math.max(1, Math.round((shownPt / PT_PER_INCH) * RASTER_DPI));
  assertWithin('pixels', dots * Math.ceil((dots * resvg.height) / resvg.width), MOST_PIXELS);
  const { pixels } = readPng(new Uint8Array(rasterise(text, dots)));
  return pixelPicture(pixels, widthPt, (widthPt * pixels.height) / pixels.width);
}

/**
 * An SVG as PNG, so many pixels wide, with a clear ground.
 * @throws AppError `picture-malformed`, `picture-unsupported`, `picture-too-large`
 */
export function svgToPng(bytes: Uint8Array, widthPx: number): Uint8Array {
  assertWithin('bytes', bytes.length, MOST_SVG_BYTES);
  const text = bytesToUtf8(bytes);
  assertSelfContained(text);
  const { width, height } = open(text);
  assertWithin('pixels', widthPx * Math.ceil((widthPx * height) / width), MOST_PIXELS);
  return new Uint8Array(rasterise(text, widthPx));
}

function rasterise(text: string, widthPx: number): Uint8Array {
  return open(text, { fitTo: { mode: 'width', value: widthPx } })
    .render()
    .asPng();
}

function open(text: string, options: object = {}): Resvg {
  try {
    return new Resvg(text, { ...options, font: { loadSystemFonts: false } });
  } catch (cause) {
    throw malformedPicture('svg', cause);
  }
}

/** @throws AppError `picture-unsupported` (params `feature`), `picture-too-large` */
function assertSelfContained(text: string): void {
  // No XML has these, and resvg ends the process over a NUL in what it complains about.
  if (/[^\P{Cc}\t\n\r]|\ufffd/u.test(text)) throw malformedPicture('svg');
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) throw unsupportedPicture('svg', 'a document type');
  if (/<([\w-]+:)?(text|tspan|textPath)\b/.test(text)) throw unsupportedPicture('svg', 'text');
  if (/<([\w-]+:)?(script|foreignObject)\b/.test(text)) {
    throw unsupportedPicture('svg', 'scripts or foreign objects');
  }
  for (const [, target = ''] of text.matchAll(/\bhref\s*=\s*["']\s*([^"']{0,16})/g)) {
    if (!target.startsWith('#') && !target.startsWith('data:')) {
      throw unsupportedPicture('svg', 'a reference to another file');
    }
  }
  assertWithin('elements', text.match(/<\w/g)?.length ?? 0, MOST_ELEMENTS);
  assertWithin('elements', text.match(/<([\w-]+:)?use\b/g)?.length ?? 0, MOST_USES);
}

/** A drawing as PNG with a transparent ground, at a resolution that keeps its true size. */
import { crc32 } from 'node:zlib';
import { Resvg } from '@resvg/resvg-js';
import { AppError, concatBytes, latin1ToBytes, utf8ToBytes } from '../../kernel/index.js';
import type { SealDrawing } from '../drawing.js';
import { drawingToSvg } from './drawing-to-svg.js';

const MM_PER_INCH = 25.4;
const MM_PER_METRE = 1000;
const DPI = { min: 36, max: 2400 };
/** Signature and IHDR chunk: what has to come before any other chunk. */
const HEAD_BYTES = 8 + 25;

/**
 * Renders the drawing; 42 mm are 496 pixels at 300 dpi. The file states its resolution (pHYs) and
 * its title (iTXt), a specimen that it is one.
 *
 * @param dpi - 36 to 2400
 * @throws AppError `input-invalid` (params `field`) for another resolution
 */
export function drawingToPng(drawing: SealDrawing, dpi: number): Uint8Array {
  if (!(dpi >= DPI.min && dpi <= DPI.max)) {
    throw new AppError('input-invalid', 'unsuitable resolution', { params: { field: 'dpi' } });
  }
  const widthPx = Math.round((drawing.widthMm * dpi) / MM_PER_INCH);
  const png = new Uint8Array(
    new Resvg(drawingToSvg(drawing), {
      fitTo: { mode: 'width', value: widthPx },
      font: { loadSystemFonts: false },
    })
      .render()
      .asPng(),
  );
  const text = drawing.isSpecimen ? `样章 ${drawing.title}` : drawing.title;
  return concatBytes([
    png.subarray(0, HEAD_BYTES),
    chunk('pHYs', resolution(dpi)),
    chunk('iTXt', concatBytes([latin1ToBytes('Title\0\0\0\0\0'), utf8ToBytes(text)])),
    png.subarray(HEAD_BYTES),
  ]);
}

/** @see PNG (W3C Recommendation 2003), 11.3.5.3: pixels a metre, both ways, unit 1 */
function resolution(dpi: number): Uint8Array {
  const bytes = new Uint8Array(9);
  const view = new DataView(bytes.buffer);
  const pixelsPerMetre = Math.round((dpi * MM_PER_METRE) / MM_PER_INCH);
  view.setUint32(0, pixelsPerMetre);
  view.setUint32(4, pixelsPerMetre);
  view.setUint8(8, 1);
  return bytes;
}

function chunk(type: string, content: Uint8Array): Uint8Array {
  const body = concatBytes([latin1ToBytes(type), content]);
  const bytes = new Uint8Array(body.length + 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  bytes.set(body, 4);
  view.setUint32(body.length + 4, crc32(body));
  return bytes;
}

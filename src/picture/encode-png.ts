/** Pixels to PNG, and what a PNG says of itself. */
import { encode } from 'fast-png';
import { crc32 } from 'node:zlib';
import { concatBytes, latin1ToBytes, utf8ToBytes } from '../kernel/index.js';

const MM_PER_INCH = 25.4;
const MM_PER_METRE = 1000;
/** Signature and IHDR chunk: what has to come before any other chunk. */
const HEAD_BYTES = 8 + 25;

/**
 * @param samples - Red, green, blue (and opacity, of four channels) of each pixel, row by row from the top.
 */
export function encodePng(
  width: number,
  height: number,
  samples: Uint8Array,
  channels: 3 | 4 = 3,
): Uint8Array {
  return encode({ width, height, data: samples, channels });
}

/** The PNG with its resolution (pHYs), so that it has a true size, and a title (iTXt) where given. */
export function withPngMetadata(png: Uint8Array, dpi: number, title?: string): Uint8Array {
  return concatBytes([
    png.subarray(0, HEAD_BYTES),
    chunk('pHYs', resolution(dpi)),
    ...(title === undefined
      ? []
      : [chunk('iTXt', concatBytes([latin1ToBytes('Title\0\0\0\0\0'), utf8ToBytes(title)]))]),
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

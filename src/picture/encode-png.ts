/** Pixels to PNG. */
import { encode } from 'fast-png';

/** @param rgb - Red, green and blue of each pixel, row by row from the top. */
export function encodePng(width: number, height: number, rgb: Uint8Array): Uint8Array {
  return encode({ width, height, data: rgb, channels: 3 });
}

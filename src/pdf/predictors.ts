/** Undoes the PNG and TIFF predictors of Flate and LZW streams. @see ISO 32000-1:2008, 7.4.4.4 */
import { malformed, unsupported } from './pdf-errors.js';

export interface PredictorParameters {
  readonly predictor: number;
  readonly colors: number;
  readonly bitsPerComponent: number;
  readonly columns: number;
}

const MAX_ROW_BYTES = 1 << 24;

/** @throws AppError `pdf-malformed`, `pdf-unsupported` */
export function undoPredictor(bytes: Uint8Array, parameters: PredictorParameters): Uint8Array {
  const { predictor, colors, bitsPerComponent, columns } = parameters;
  if (predictor === 1) return bytes;
  const rowBits = colors * bitsPerComponent * columns;
  if (colors < 1 || columns < 1 || ![1, 2, 4, 8, 16].includes(bitsPerComponent)) {
    throw malformed('malformed predictor parameters');
  }
  const rowBytes = Math.ceil(rowBits / 8);
  if (rowBytes > MAX_ROW_BYTES) throw malformed('predictor row too long');
  const pixelBytes = Math.max(1, (colors * bitsPerComponent) >> 3);
  if (predictor === 2) return undoTiff(bytes, rowBytes, pixelBytes, bitsPerComponent);
  if (predictor >= 10 && predictor <= 15) return undoPng(bytes, rowBytes, pixelBytes);
  throw malformed('unknown predictor');
}

function undoPng(bytes: Uint8Array, rowBytes: number, pixelBytes: number): Uint8Array {
  const rows = Math.ceil(bytes.length / (rowBytes + 1));
  const out = new Uint8Array(rows * rowBytes);
  let length = 0;
  for (let row = 0; row < rows; row++) {
    const from = row * (rowBytes + 1);
    const filter = bytes[from] ?? 0;
    const to = row * rowBytes;
    const end = Math.min(rowBytes, bytes.length - from - 1);
    for (let i = 0; i < end; i++) {
      const raw = bytes[from + 1 + i] ?? 0;
      const left = i >= pixelBytes ? (out[to + i - pixelBytes] ?? 0) : 0;
      const up = row > 0 ? (out[to + i - rowBytes] ?? 0) : 0;
      const upLeft = row > 0 && i >= pixelBytes ? (out[to + i - rowBytes - pixelBytes] ?? 0) : 0;
      out[to + i] = raw + predicted(filter, left, up, upLeft);
    }
    length += Math.max(0, end);
  }
  return out.subarray(0, length);
}

function predicted(filter: number, left: number, up: number, upLeft: number): number {
  switch (filter) {
    case 0:
      return 0;
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    case 4:
      return paeth(left, up, upLeft);
    default:
      throw malformed('unknown PNG row filter');
  }
}

function paeth(left: number, up: number, upLeft: number): number {
  const estimate = left + up - upLeft;
  const toLeft = Math.abs(estimate - left);
  const toUp = Math.abs(estimate - up);
  const toUpLeft = Math.abs(estimate - upLeft);
  if (toLeft <= toUp && toLeft <= toUpLeft) return left;
  return toUp <= toUpLeft ? up : upLeft;
}

function undoTiff(
  bytes: Uint8Array,
  rowBytes: number,
  pixelBytes: number,
  bitsPerComponent: number,
): Uint8Array {
  // Sub-byte components occur in images only, which nobody here decodes.
  if (bitsPerComponent < 8) throw unsupported('TIFF predictor below 8 bits');
  const out = new Uint8Array(bytes);
  for (let row = 0; row < out.length; row += rowBytes) {
    const end = Math.min(row + rowBytes, out.length);
    if (bitsPerComponent === 8) {
      for (let i = row + pixelBytes; i < end; i++)
        out[i] = (out[i] ?? 0) + (out[i - pixelBytes] ?? 0);
    } else {
      for (let i = row + pixelBytes; i + 1 < end; i += 2) {
        const sum = uint16(out, i) + uint16(out, i - pixelBytes);
        out[i] = sum >> 8;
        out[i + 1] = sum;
      }
    }
  }
  return out;
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

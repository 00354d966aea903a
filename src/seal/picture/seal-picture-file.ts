/** A picture as a file, on its way into a seal's structure. */
import { AppError, isAppError, type ErrorParam } from '../../kernel/index.js';
import type { SES_ESPictrueInfo, WrittenSESVersion } from '../../eseal/index.js';
import { pictureFormat, svgToPng, type PictureFormat } from '../../picture/index.js';

const MM_PER_INCH = 25.4;
/** The resolution that seal pictures in pixels are kept at. */
const DPI = 600;
const MAX_BYTES = 4 * 1024 * 1024;

/** @see GB/T 38540-2020 (type of the picture); SVG since GM/T 0031-2025 */
const TYPES = {
  png: 'PNG',
  jpeg: 'JPG',
  gif: 'GIF',
  bmp: 'BMP',
  svg: 'SVG',
} as const satisfies Record<PictureFormat, string>;

/**
 * The picture as a seal of `version` keeps it: SVG as it is since version 5, as PNG of 600 dpi before.
 *
 * @throws AppError `input-invalid`, params `field` `picture`, `reason`
 */
export function sealPictureFile(
  bytes: Uint8Array,
  size: { readonly widthMm: number; readonly heightMm: number },
  version: WrittenSESVersion,
): SES_ESPictrueInfo {
  if (bytes.length > MAX_BYTES) throw unsuitable('size');
  const format = pictureFormat(bytes);
  if (format === undefined) throw unsuitable('type');
  const { widthMm: width, heightMm: height } = size;
  if (format !== 'svg' || version === 5) {
    return { type: TYPES[format], data: bytes, width, height };
  }
  return { type: TYPES.png, data: rasterised(bytes, width), width, height };
}

function rasterised(svg: Uint8Array, widthMm: number): Uint8Array {
  try {
    return svgToPng(svg, Math.round((widthMm * DPI) / MM_PER_INCH));
  } catch (cause) {
    if (!isAppError(cause)) throw cause;
    throw unsuitable('svg', cause);
  }
}

function unsuitable(reason: ErrorParam, cause?: unknown): AppError {
  return new AppError('input-invalid', 'not a picture that a seal can have', {
    params: { field: 'picture', reason },
    ...(cause === undefined ? {} : { cause }),
  });
}

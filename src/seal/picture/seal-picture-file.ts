/** A picture as a file, on its way into a seal's structure. */
import { Resvg } from '@resvg/resvg-js';
import { AppError, bytesToUtf8, isAppError, type ErrorParam } from '../../kernel/index.js';
import type { SES_ESPictrueInfo, WrittenSESVersion } from '../../eseal/index.js';

const MM_PER_INCH = 25.4;
/** The resolution that seal pictures in pixels are kept at. */
const DPI = 600;
const MAX_BYTES = 4 * 1024 * 1024;

const SIGNATURES = [
  ['PNG', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['JPG', [0xff, 0xd8, 0xff]],
  ['GIF', [0x47, 0x49, 0x46, 0x38]],
  ['BMP', [0x42, 0x4d]],
] as const;

/** What kind of picture `bytes` are; by what they begin with, not by any name. */
function pictureType(bytes: Uint8Array): string {
  const found = SIGNATURES.find(([, start]) => start.every((byte, i) => bytes[i] === byte));
  if (found !== undefined) return found[0];
  const start = new TextDecoder().decode(bytes.subarray(0, 1024)).trimStart();
  if (start.startsWith('<') && start.includes('<svg')) return 'SVG';
  throw unsuitable('type');
}

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
  const type = pictureType(bytes);
  const { widthMm: width, heightMm: height } = size;
  if (type !== 'SVG' || version === 5) return { type, data: bytes, width, height };
  return { type: 'PNG', data: rasterised(bytes, width), width, height };
}

function rasterised(svg: Uint8Array, widthMm: number): Uint8Array {
  try {
    const value = Math.round((widthMm * DPI) / MM_PER_INCH);
    const picture = new Resvg(bytesToUtf8(svg), {
      fitTo: { mode: 'width', value },
      font: { loadSystemFonts: false },
    });
    return new Uint8Array(picture.render().asPng());
  } catch (cause) {
    if (isAppError(cause)) throw cause;
    throw unsuitable('svg', cause);
  }
}

function unsuitable(reason: ErrorParam, cause?: unknown): AppError {
  return new AppError('input-invalid', 'not a picture that a seal can have', {
    params: { field: 'picture', reason },
    ...(cause === undefined ? {} : { cause }),
  });
}

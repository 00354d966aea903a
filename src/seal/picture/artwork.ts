/** A seal's picture as it is kept: drawn from its texts, or its physical seal's, scanned and cleaned. */
import { bytesToUtf8, toBase64, utf8ToBytes } from '../../kernel/index.js';
import { pictureFormat } from '../../picture/index.js';
import type { SealDrawing } from '../drawing.js';
import { drawingToPng } from './drawing-to-png.js';
import { drawingToSvg } from './drawing-to-svg.js';
import { svgToDrawing } from './svg-to-drawing.js';

/** A picture as a file, in true millimetres. */
export interface PictureFile {
  readonly mediaType: 'image/svg+xml' | 'image/png';
  readonly bytes: Uint8Array;
  readonly widthMm: number;
  readonly heightMm: number;
}

/** PNG with a clear ground, of 600 dpi. */
export interface SealScan {
  readonly kind: 'scan';
  readonly png: Uint8Array;
  readonly widthMm: number;
  readonly heightMm: number;
}

export type SealArtwork = { readonly kind: 'drawing'; readonly drawing: SealDrawing } | SealScan;

/** A picture as it was kept: what kind it is, its first bytes say. */
export function keptPicture(
  bytes: Uint8Array,
  { widthMm, heightMm }: Pick<PictureFile, 'widthMm' | 'heightMm'>,
): PictureFile {
  const mediaType = pictureFormat(bytes) === 'png' ? 'image/png' : 'image/svg+xml';
  return { mediaType, bytes, widthMm, heightMm };
}

/** @throws AppError `blob-corrupt` where it is neither of them */
export function readArtwork({ mediaType, bytes, widthMm, heightMm }: PictureFile): SealArtwork {
  return mediaType === 'image/png'
    ? { kind: 'scan', png: bytes, widthMm, heightMm }
    : { kind: 'drawing', drawing: svgToDrawing(bytesToUtf8(bytes)) };
}

/** A scan becomes an SVG of its true size that holds the pixels. */
export function artworkToSvg(artwork: SealArtwork): Uint8Array {
  if (artwork.kind === 'drawing') return utf8ToBytes(drawingToSvg(artwork.drawing));
  const { widthMm, heightMm } = artwork;
  return utf8ToBytes(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${widthMm}mm" height="${heightMm}mm"` +
      ` viewBox="0 0 ${widthMm} ${heightMm}">${scanElement(artwork)}</svg>\n`,
  );
}

/** @param dpi - Of a drawing; a scan has its own. @throws AppError `input-invalid` (params `field`) */
export function artworkToPng(artwork: SealArtwork, dpi: number): Uint8Array {
  return artwork.kind === 'drawing' ? drawingToPng(artwork.drawing, dpi) : artwork.png;
}

/** The scan as an element of an SVG whose units are millimetres. */
export function scanElement({ png, widthMm, heightMm }: Omit<SealScan, 'kind'>): string {
  return `<image width="${widthMm}" height="${heightMm}" href="data:image/png;base64,${toBase64(png)}"/>`;
}

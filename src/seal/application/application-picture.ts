/** The picture of a seal that is applied for: drawn from its texts, or the physical seal's, cleaned. */
import { sha256Hex, utf8ToBytes } from '../../kernel/index.js';
import type { FontFace } from '../../font/index.js';
import { drawSeal } from '../picture/draw-seal.js';
import { drawingToSvg } from '../picture/drawing-to-svg.js';
import type { WantedSeal } from '../information-form/index.js';

/** A picture as a file, in true millimetres. */
export interface PictureFile {
  readonly mediaType: 'image/svg+xml' | 'image/png';
  readonly bytes: Uint8Array;
  readonly widthMm: number;
  readonly heightMm: number;
}

export interface ApplicationPictureRequest {
  readonly wanted: WantedSeal;
  readonly name: string;
  readonly code: string;
  readonly font: FontFace;
  /** 样章: every picture that is shown before the seal is made. */
  readonly isMarked: boolean;
}

/**
 * Always the same for the same request and font.
 * @throws AppError `seal-name-unsuitable`, `glyph-missing`, `input-invalid`
 */
export function applicationPicture(request: ApplicationPictureRequest): PictureFile {
  const { wanted, name, code, font, isMarked } = request;
  const { kind, kindText, sizeMm } = wanted;
  const drawing = drawSeal({
    name,
    kind,
    code,
    font,
    specimen: isMarked,
    ...(kindText === undefined ? {} : { kindText }),
    ...(sizeMm === undefined ? {} : { sizeMm }),
  });
  const { widthMm, heightMm } = drawing;
  return {
    mediaType: 'image/svg+xml',
    bytes: utf8ToBytes(drawingToSvg(drawing)),
    widthMm,
    heightMm,
  };
}

export function pictureDigest({ bytes }: PictureFile): string {
  return sha256Hex(bytes);
}

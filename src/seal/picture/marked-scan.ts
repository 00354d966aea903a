/** A scanned seal that is not made yet, marked 样章 in the pixels themselves and in the file's title. */
import type { FontFace } from '../../font/index.js';
import { utf8ToBytes } from '../../kernel/index.js';
import { svgToPng, withPngMetadata } from '../../picture/index.js';
import { SEAL_RED } from '../drawing.js';
import { scanElement, type SealScan } from './artwork.js';
import { drawingToSvg } from './drawing-to-svg.js';
import { placeGlyph } from './outline.js';

const MARK = ['样', '章'];
/** Height of the mark, as a part of the seal's; it stands on a clear band across the middle. */
const MARK_HEIGHT = 0.22;
const BAND_HEIGHT = 0.28;
const DPI = 300;
const MM_PER_INCH = 25.4;

/** @returns PNG on white, of 300 dpi. @throws AppError `picture-malformed` */
export function markedScan(
  scan: Omit<SealScan, 'kind'>,
  title: string,
  font: FontFace,
): Uint8Array {
  const { widthMm, heightMm } = scan;
  const emMm = Math.min(MARK_HEIGHT * heightMm, widthMm / (MARK.length + 1));
  const paths = MARK.map((character, index) =>
    placeGlyph('specimen', font.outline(character), {
      centreX: widthMm / 2 + (index - (MARK.length - 1) / 2) * emMm * 1.2,
      centreY: heightMm / 2,
      emWidthMm: emMm,
      emHeightMm: emMm,
      turn: 0,
    }),
  );
  const bandMm = BAND_HEIGHT * heightMm;
  const white = (y: number, height: number): string =>
    `<rect y="${y}" width="${widthMm}" height="${height}" fill="white"/>`;
  const under = white(0, heightMm) + scanElement(scan) + white((heightMm - bandMm) / 2, bandMm);
  const drawing = { title, isSpecimen: true, widthMm, heightMm, colour: SEAL_RED, paths };
  const svg = utf8ToBytes(drawingToSvg(drawing, under));
  const png = svgToPng(svg, Math.round((widthMm * DPI) / MM_PER_INCH));
  return withPngMetadata(png, DPI, `样章 ${title}`);
}

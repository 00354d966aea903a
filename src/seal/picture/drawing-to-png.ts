/** A drawing as PNG with a transparent ground, at a resolution that keeps its true size. */
import { AppError, utf8ToBytes } from '../../kernel/index.js';
import { svgToPng, withPngMetadata } from '../../picture/index.js';
import type { SealDrawing } from '../drawing.js';
import { drawingToSvg } from './drawing-to-svg.js';

const MM_PER_INCH = 25.4;
const DPI = { min: 36, max: 2400 };

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
  const png = svgToPng(utf8ToBytes(drawingToSvg(drawing)), widthPx);
  return withPngMetadata(png, dpi, drawing.isSpecimen ? `样章 ${drawing.title}` : drawing.title);
}

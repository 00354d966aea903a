/** A drawing as SVG of its true size, fill paths only: no fonts, no styles, nothing that runs. */
import type { PathSegment, SealDrawing } from '../drawing.js';

/**
 * The drawing as an SVG document; a specimen says so in its title and in `data-specimen`.
 * Coordinates are millimetres to three decimals, y down.
 *
 * @param under - SVG elements that lie under the drawing.
 */
export function drawingToSvg(drawing: SealDrawing, under = ''): string {
  const { widthMm, heightMm } = drawing;
  const title = drawing.isSpecimen ? `样章 ${drawing.title}` : drawing.title;
  const paths = drawing.paths.map((path) => {
    const rule = path.fillRule === 'evenodd' ? ' fill-rule="evenodd"' : '';
    return `<path class="${path.part}"${rule} d="${pathText(path.segments, heightMm)}"/>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${widthMm}mm" height="${heightMm}mm"` +
      ` viewBox="0 0 ${widthMm} ${heightMm}"${drawing.isSpecimen ? ' data-specimen="true"' : ''}>`,
    `<title>${escapeXml(title)}</title>`,
    ...(under === '' ? [] : [under]),
    `<g fill="${hexColour(drawing.colour)}">`,
    ...paths,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

function pathText(segments: readonly PathSegment[], heightMm: number): string {
  const y = (value: number): number => Math.round((heightMm - value) * 1000) / 1000 + 0;
  return segments
    .map((segment) => {
      switch (segment[0]) {
        case 'M':
        case 'L':
          return `${segment[0]}${segment[1]} ${y(segment[2])}`;
        case 'C':
          return (
            `C${segment[1]} ${y(segment[2])} ${segment[3]} ${y(segment[4])}` +
            ` ${segment[5]} ${y(segment[6])}`
          );
        case 'Z':
          return 'Z';
      }
    })
    .join('');
}

function hexColour(colour: SealDrawing['colour']): string {
  const channel = (value: number): string =>
    Math.round(value * 255)
      .toString(16)
      .padStart(2, '0');
  return `#${colour.map(channel).join('')}`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

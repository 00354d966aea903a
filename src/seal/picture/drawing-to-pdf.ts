/** A drawing as the content stream of a PDF form XObject. */
import { latin1ToBytes } from '../../kernel/index.js';
import type { DrawingPath, SealDrawing } from '../drawing.js';

const PT_PER_MM = 72 / 25.4;
/** Coordinates are whole numbers of this many points: 0.007 mm, a sixth of a dot at 600 dpi. */
const UNIT_PT = 0.02;

export interface PdfAppearance {
  /** Content stream, drawn in a box from 0,0 to the size; needs no resources. */
  readonly operators: Uint8Array;
  readonly widthPt: number;
  readonly heightPt: number;
}

/** The drawing as PDF operators of its true size. The same drawing always gives the same bytes. */
export function drawingToPdfOperators(drawing: SealDrawing): PdfAppearance {
  const lines = [
    'q',
    `${UNIT_PT} 0 0 ${UNIT_PT} 0 0 cm`,
    `${drawing.colour.map((value) => String(Math.round(value * 1000) / 1000)).join(' ')} rg`,
    ...drawing.paths.map(pathOperators),
    'Q',
    '',
  ];
  return {
    operators: latin1ToBytes(lines.join('\n')),
    widthPt: points(drawing.widthMm),
    heightPt: points(drawing.heightMm),
  };
}

/** Curves whose control point lies on an end are written by the short operators `v` and `y`. */
function pathOperators(path: DrawingPath): string {
  const lines: string[] = [];
  let fromX = 0;
  let fromY = 0;
  for (const segment of path.segments) {
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0, x3 = 0, y3 = 0] = segment.slice(1).map(units);
    switch (segment[0]) {
      case 'M':
        lines.push(`${x1} ${y1} m`);
        [fromX, fromY] = [x1, y1];
        break;
      case 'L':
        if (x1 !== fromX || y1 !== fromY) lines.push(`${x1} ${y1} l`);
        [fromX, fromY] = [x1, y1];
        break;
      case 'C':
        if (x1 === fromX && y1 === fromY) lines.push(`${x2} ${y2} ${x3} ${y3} v`);
        else if (x2 === x3 && y2 === y3) lines.push(`${x1} ${y1} ${x3} ${y3} y`);
        else lines.push(`${x1} ${y1} ${x2} ${y2} ${x3} ${y3} c`);
        [fromX, fromY] = [x3, y3];
        break;
      case 'Z':
        lines.push('h');
        break;
    }
  }
  lines.push(path.fillRule === 'evenodd' ? 'f*' : 'f');
  return lines.join('\n');
}

function units(mm: string | number): number {
  return Math.round((Number(mm) * PT_PER_MM) / UNIT_PT) + 0;
}

/** Points to three decimals. */
function points(mm: number): number {
  return Math.round(mm * PT_PER_MM * 1000) / 1000;
}

/** Paths of a drawing: the plain shapes of a seal, and glyphs put into a cell that may be turned. */
import type { DrawingPart, DrawingPath, PathSegment } from '../drawing.js';
import type { GlyphOutline } from '../../font/index.js';

/** How far a circle's control points lie from its quadrant points, as a part of the radius. */
const CIRCLE_HANDLE = 0.5522847498;
/** The middle of a Chinese character above the baseline, in em. */
const EM_CENTRE = 0.38;

/** Where a glyph goes: a cell given by its middle, its size and how it is turned. Millimetres. */
export interface GlyphCell {
  readonly centreX: number;
  readonly centreY: number;
  /** Width that one em takes. */
  readonly emWidthMm: number;
  readonly emHeightMm: number;
  /** Clockwise from upright, radians. */
  readonly turn: number;
}

/** The glyph with its ink in the middle of the cell's width and its em box in the middle of its height. */
export function placeGlyph(part: DrawingPart, glyph: GlyphOutline, cell: GlyphCell): DrawingPath {
  const cos = Math.cos(cell.turn);
  const sin = Math.sin(cell.turn);
  const inkCentre = (glyph.inkMinX + glyph.inkMaxX) / 2;
  // Latin and digits stand on the baseline; their middle is that of their ink.
  const middle = glyph.advance > 0.9 ? EM_CENTRE : (glyph.inkMinY + glyph.inkMaxY) / 2;
  const x = (emX: number, emY: number): number =>
    cell.centreX +
    (emX - inkCentre) * cell.emWidthMm * cos +
    (emY - middle) * cell.emHeightMm * sin;
  const y = (emX: number, emY: number): number =>
    cell.centreY -
    (emX - inkCentre) * cell.emWidthMm * sin +
    (emY - middle) * cell.emHeightMm * cos;
  const segments = glyph.segments.map((segment): PathSegment => {
    switch (segment[0]) {
      case 'M':
      case 'L':
        return [segment[0], x(segment[1], segment[2]), y(segment[1], segment[2])];
      case 'C':
        return [
          'C',
          x(segment[1], segment[2]),
          y(segment[1], segment[2]),
          x(segment[3], segment[4]),
          y(segment[3], segment[4]),
          x(segment[5], segment[6]),
          y(segment[5], segment[6]),
        ];
      case 'Z':
        return segment;
    }
  });
  return drawingPath(part, segments);
}

/** A ring between two radii. */
export function ring(centreMm: number, outerRadiusMm: number, innerRadiusMm: number): DrawingPath {
  return drawingPath(
    'rim',
    [...circle(centreMm, outerRadiusMm), ...circle(centreMm, innerRadiusMm)],
    'evenodd',
  );
}

/** A square frame of the given line width inside a square of `sizeMm`. */
export function frame(sizeMm: number, lineMm: number): DrawingPath {
  return drawingPath('rim', [...square(0, sizeMm), ...square(lineMm, sizeMm - lineMm)], 'evenodd');
}

/** A regular five-pointed star standing on two tips; `radiusMm` reaches its tips. */
export function star(centreMm: number, radiusMm: number): DrawingPath {
  const innerRadiusMm = (radiusMm * Math.cos((2 * Math.PI) / 5)) / Math.cos(Math.PI / 5);
  const corners = Array.from({ length: 10 }, (_, index): readonly [number, number] => {
    const radius = index % 2 === 0 ? radiusMm : innerRadiusMm;
    const angle = (index * Math.PI) / 5;
    return [centreMm + radius * Math.sin(angle), centreMm + radius * Math.cos(angle)];
  });
  return drawingPath('star', polygon(corners));
}

function circle(centre: number, r: number): readonly PathSegment[] {
  const k = r * CIRCLE_HANDLE;
  const [left, right] = [centre - r, centre + r];
  return [
    ['M', right, centre],
    ['C', right, centre + k, centre + k, right, centre, right],
    ['C', centre - k, right, left, centre + k, left, centre],
    ['C', left, centre - k, centre - k, left, centre, left],
    ['C', centre + k, left, right, centre - k, right, centre],
    ['Z'],
  ];
}

function square(from: number, to: number): readonly PathSegment[] {
  return polygon([
    [from, from],
    [to, from],
    [to, to],
    [from, to],
  ]);
}

function polygon(corners: readonly (readonly [number, number])[]): readonly PathSegment[] {
  return [...corners.map(([x, y], index): PathSegment => [index === 0 ? 'M' : 'L', x, y]), ['Z']];
}

function drawingPath(
  part: DrawingPart,
  segments: readonly PathSegment[],
  fillRule: DrawingPath['fillRule'] = 'nonzero',
): DrawingPath {
  return { part, segments: segments.map(roundSegment), fillRule };
}

function roundSegment(segment: PathSegment): PathSegment {
  switch (segment[0]) {
    case 'M':
    case 'L':
      return [segment[0], round(segment[1]), round(segment[2])];
    case 'C':
      return [
        'C',
        round(segment[1]),
        round(segment[2]),
        round(segment[3]),
        round(segment[4]),
        round(segment[5]),
        round(segment[6]),
      ];
    case 'Z':
      return segment;
  }
}

/** To 0.001 mm; `+ 0` turns -0 into 0. */
function round(mm: number): number {
  return Math.round(mm * 1000) / 1000 + 0;
}

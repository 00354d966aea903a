/**
 * A picture of a seal as geometry: filled outlines in millimetres, origin at the bottom left, y up.
 * One drawing becomes SVG, PNG and PDF operators, so that what is shown is the same everywhere.
 */
import type { PathSegment } from '../font/index.js';

export type { PathSegment };

/** What a path of a seal is: its rim, its star, or one character of a text on it. */
export type DrawingPart = 'rim' | 'star' | 'name' | 'kind' | 'code' | 'specimen';

/** The red of seal ink, sRGB in 255ths, so that a drawing read back from SVG is the same drawing. */
export const SEAL_RED = [214 / 255, 13 / 255, 23 / 255] as const;

export interface DrawingPath {
  readonly part: DrawingPart;
  readonly segments: readonly PathSegment[];
  readonly fillRule: 'nonzero' | 'evenodd';
}

export interface SealDrawing {
  /** The name on the seal. */
  readonly title: string;
  /** Drawn outside an approved application: marked 样章, visibly and in the metadata of SVG and PNG. */
  readonly isSpecimen: boolean;
  readonly widthMm: number;
  readonly heightMm: number;
  /** sRGB, 0 to 1 each; seals are red. */
  readonly colour: readonly [red: number, green: number, blue: number];
  /** Coordinates are multiples of 0.001 mm. No two paths overlap. */
  readonly paths: readonly DrawingPath[];
}

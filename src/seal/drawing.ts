/**
 * A picture of a seal as geometry: filled outlines in millimetres, origin at the bottom left, y up.
 * One drawing becomes SVG, PNG and PDF operators, so that what is shown is the same everywhere.
 */
export type PathSegment =
  | readonly ['M', number, number]
  | readonly ['L', number, number]
  | readonly ['C', number, number, number, number, number, number]
  | readonly ['Z'];

export interface DrawingPath {
  readonly segments: readonly PathSegment[];
  readonly fillRule: 'nonzero' | 'evenodd';
}

export interface SealDrawing {
  readonly widthMm: number;
  readonly heightMm: number;
  /** sRGB, 0 to 1 each; seals are red. */
  readonly colour: readonly [red: number, green: number, blue: number];
  readonly paths: readonly DrawingPath[];
}

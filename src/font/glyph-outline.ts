/** Glyph outlines as pictures need them: cubic, in em, with their ink box. */
import type * as fontkit from 'fontkit';
import { AppError } from '../kernel/index.js';

/** Move, line, cubic curve, close; y up. */
export type PathSegment =
  | readonly ['M', number, number]
  | readonly ['L', number, number]
  | readonly ['C', number, number, number, number, number, number]
  | readonly ['Z'];

export interface GlyphOutline {
  /** In em, origin on the baseline, y up. */
  readonly segments: readonly PathSegment[];
  /** In em. */
  readonly advance: number;
  /** Box of the ink, in em. */
  readonly inkMinX: number;
  readonly inkMaxX: number;
  readonly inkMinY: number;
  readonly inkMaxY: number;
}

/** @throws AppError `glyph-missing` (params `character`, `codePoint`): no glyph, or an empty one */
export function readOutline(font: fontkit.Font, character: string): GlyphOutline {
  const codePoint = character.codePointAt(0) ?? 0;
  const missing = (cause?: unknown): AppError =>
    new AppError('glyph-missing', `the font has no outline of U+${codePoint.toString(16)}`, {
      params: {
        character,
        codePoint: `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`,
      },
      ...(cause === undefined ? {} : { cause }),
    });
  try {
    if (!font.hasGlyphForCodePoint(codePoint)) throw missing();
    const glyph = font.glyphForCodePoint(codePoint);
    const segments = cubicSegments(glyph.path.commands, font.unitsPerEm);
    if (segments.length === 0) throw missing();
    const { minX, minY, maxX, maxY } = glyph.path.bbox;
    return {
      segments,
      advance: glyph.advanceWidth / font.unitsPerEm,
      inkMinX: minX / font.unitsPerEm,
      inkMaxX: maxX / font.unitsPerEm,
      inkMinY: minY / font.unitsPerEm,
      inkMaxY: maxY / font.unitsPerEm,
    };
  } catch (error) {
    throw error instanceof AppError ? error : missing(error);
  }
}

/** Font units to em, and quadratic curves to the cubic ones that say the same. */
function cubicSegments(
  commands: readonly fontkit.PathCommand[],
  unitsPerEm: number,
): readonly PathSegment[] {
  const segments: PathSegment[] = [];
  let fromX = 0;
  let fromY = 0;
  for (const { command, args } of commands) {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = args.map((value) => value / unitsPerEm);
    switch (command) {
      case 'moveTo':
        segments.push(['M', a, b]);
        [fromX, fromY] = [a, b];
        break;
      case 'lineTo':
        segments.push(['L', a, b]);
        [fromX, fromY] = [a, b];
        break;
      case 'quadraticCurveTo':
        segments.push([
          'C',
          fromX + (2 / 3) * (a - fromX),
          fromY + (2 / 3) * (b - fromY),
          c + (2 / 3) * (a - c),
          d + (2 / 3) * (b - d),
          c,
          d,
        ]);
        [fromX, fromY] = [c, d];
        break;
      case 'bezierCurveTo':
        segments.push(['C', a, b, c, d, e, f]);
        [fromX, fromY] = [e, f];
        break;
      case 'closePath':
        segments.push(['Z']);
        break;
    }
  }
  return segments;
}

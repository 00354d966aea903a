/** A TrueType or OpenType font: which characters it has, how wide they are, what they look like. */
import { createRequire } from 'node:module';
import type * as fontkit from 'fontkit';
import { AppError } from '../kernel/index.js';
import { readOutline, type GlyphOutline } from './glyph-outline.js';

/** The part of fontkit's subset that its type declarations leave out. */
export interface GlyphSubset {
  includeGlyph(glyph: fontkit.Glyph): number;
  encode(): Uint8Array;
}

export interface FontFace {
  readonly postscriptName: string;
  readonly unitsPerEm: number;
  /** In font units. */
  readonly ascent: number;
  readonly descent: number;
  readonly capHeight: number;
  readonly italicAngle: number;
  readonly box: readonly [number, number, number, number];
  has(codePoint: number): boolean;
  /** Advance in em: 1 is the font size. */
  advance(codePoint: number): number;
  /** @throws AppError `glyph-missing` (params `character`, `codePoint`) */
  outline(character: string): GlyphOutline;
  glyph(codePoint: number): fontkit.Glyph;
  createSubset(): GlyphSubset;
}

/** Parsed faces by their bytes: parsing is lazy and cheap, widths and outlines once looked up are not lost. */
const faces = new WeakMap<Uint8Array, FontFace>();

/**
 * Opens a font. The same array gives the same face; it must not be written to afterwards.
 *
 * @param bytes - A single TrueType or OpenType font, such as Noto Serif SC
 * @throws AppError `input-invalid` (params `field`) where `bytes` are no such font
 */
export function fontFace(bytes: Uint8Array): FontFace {
  const known = faces.get(bytes);
  if (known !== undefined) return known;
  const face = openFace(bytes);
  faces.set(bytes, face);
  return face;
}

function openFace(bytes: Uint8Array): FontFace {
  const font = parseFont(bytes);
  const advances = new Map<number, number>();
  const outlines = new Map<string, GlyphOutline>();
  return {
    postscriptName: font.postscriptName,
    unitsPerEm: font.unitsPerEm,
    ascent: font.ascent,
    descent: font.descent,
    capHeight: font.capHeight,
    italicAngle: font.italicAngle,
    box: [font.bbox.minX, font.bbox.minY, font.bbox.maxX, font.bbox.maxY],
    has: (codePoint) => font.hasGlyphForCodePoint(codePoint),
    advance(codePoint) {
      let advance = advances.get(codePoint);
      if (advance === undefined) {
        advance = font.glyphForCodePoint(codePoint).advanceWidth / font.unitsPerEm;
        advances.set(codePoint, advance);
      }
      return advance;
    },
    outline(character) {
      let outline = outlines.get(character);
      if (outline === undefined) {
        outline = readOutline(font, character);
        outlines.set(character, outline);
      }
      return outline;
    },
    glyph: (codePoint) => font.glyphForCodePoint(codePoint),
    createSubset: () => font.createSubset() as unknown as GlyphSubset,
  };
}

/** With the first font only: loading it takes longer than a signature, and most commands draw no text. */
function loadFontkit(): typeof fontkit {
  return createRequire(import.meta.url)('fontkit') as typeof fontkit;
}

function parseFont(bytes: Uint8Array): fontkit.Font {
  try {
    const font = loadFontkit().create(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    if ('hasGlyphForCodePoint' in font && font.unitsPerEm > 0) return font;
  } catch (cause) {
    throw new AppError('input-invalid', 'the font cannot be read', {
      params: { field: 'font' },
      cause,
    });
  }
  throw new AppError('input-invalid', 'a font collection is not a font', {
    params: { field: 'font' },
  });
}

/**
 * The round seal of a unit: rim, star, legal name along the upper arc, the kind in a straight line
 * below the star, the code along the lower arc. Proportions are those of the 42 mm seal.
 */
import type { DrawingPath } from '../drawing.js';
import { placeGlyph, ring, star } from './outline.js';
import type { FontFace, GlyphOutline } from '../../font/index.js';

/** Millimetres on a seal of 42 mm; other sizes are scaled. */
const NOMINAL_MM = 42;
const RIM_MM = { nominal: 1.1, min: 1, max: 1.2 };
/** Five points on a circle of 14 mm. */
const STAR_RADIUS = 7;
/** Corners of the name's characters stay within this radius: 0.8 mm of air below the rim. */
const NAME_CORNER_RADIUS = 19.1;
const NAME_HEIGHT = { max: 6.2, min: 4 };
/** Width of a character as a part of its height: as wished, and the narrowest before it loses height. */
const NAME_ASPECT = { wished: 0.72, narrowest: 0.5 };
/** Part of its place that a character may take; the rest is the gap to the next. */
const NAME_FILL = 0.96;
/** The name comes to span this many degrees as it grows longer; the rest is the code's. */
const NAME_SPAN_DEGREES = 272;
/** Characters after which the name spans all but 1/e of that. */
const NAME_SPAN_LENGTH = 7;

const KIND_CENTRE_Y = -9.7;
const KIND_HEIGHT = 4.2;
const KIND_PITCH_MAX = 4;
const KIND_WIDTH_MAX = 17.5;

const CODE_RADIUS = 18.15;
const CODE_EM = 2.35;
const CODE_PITCH = 1.72;

const SPECIMEN_HEIGHT = 7;

export interface RoundSealTexts {
  readonly name: readonly string[];
  readonly kind: readonly string[];
  readonly code: readonly string[];
  /** Stands in place of the star. */
  readonly specimen: readonly string[];
}

export function roundSeal(
  texts: RoundSealTexts,
  sizeMm: number,
  font: FontFace,
): readonly DrawingPath[] {
  const scale = sizeMm / NOMINAL_MM;
  const radiusMm = sizeMm / 2;
  const rimMm = Math.min(RIM_MM.max, Math.max(RIM_MM.min, RIM_MM.nominal * scale));
  return [
    ring(radiusMm, radiusMm, radiusMm - rimMm),
    ...(texts.specimen.length === 0
      ? [star(radiusMm, STAR_RADIUS * scale)]
      : lineOfText('specimen', texts.specimen, font, radiusMm, scale, {
          centreY: 0,
          height: SPECIMEN_HEIGHT,
          pitch: SPECIMEN_HEIGHT,
        })),
    ...nameOnArc(texts.name, font, radiusMm, scale),
    ...lineOfText('kind', texts.kind, font, radiusMm, scale, {
      centreY: KIND_CENTRE_Y,
      height: KIND_HEIGHT,
      pitch: Math.min(KIND_PITCH_MAX, KIND_WIDTH_MAX / Math.max(1, texts.kind.length)),
    }),
    ...codeOnArc(texts.code, font, radiusMm, scale),
  ];
}

/** Left to right along the upper arc, upright to it, one even angle from place to place. */
function nameOnArc(
  characters: readonly string[],
  font: FontFace,
  radiusMm: number,
  scale: number,
): readonly DrawingPath[] {
  const glyphs = characters.map((character) => font.outline(character));
  const places = glyphs.map(placeWidth);
  const total = places.reduce((sum, place) => sum + place, 0);
  const span = radians(NAME_SPAN_DEGREES) * (1 - Math.exp(-total / NAME_SPAN_LENGTH));
  const anglePerPlace = span / total;
  const { height, emWidth } = nameSize(anglePerPlace);
  const centreRadius = Math.sqrt(NAME_CORNER_RADIUS ** 2 - (emWidth / 2) ** 2) - height / 2;
  let before = 0;
  return glyphs.map((glyph, index) => {
    const place = places[index] ?? 1;
    const angle = (before + place / 2) * anglePerPlace - span / 2;
    before += place;
    return placeGlyph('name', glyph, {
      centreX: radiusMm + centreRadius * scale * Math.sin(angle),
      centreY: radiusMm + centreRadius * scale * Math.cos(angle),
      emWidthMm: emWidth * scale,
      emHeightMm: height * scale,
      turn: angle,
    });
  });
}

/**
 * The largest characters that keep apart at their inner edge, where the places are narrowest. First
 * they grow narrower, then smaller as a whole, down to the least legible height.
 */
function nameSize(anglePerPlace: number): { readonly height: number; readonly emWidth: number } {
  const fill = NAME_FILL * anglePerPlace;
  const heightAt = (aspect: number): number => (fill * NAME_CORNER_RADIUS) / (aspect + fill);
  const wished = Math.min(NAME_HEIGHT.max, heightAt(NAME_ASPECT.wished));
  const height =
    wished >= NAME_HEIGHT.min ? wished : Math.min(NAME_HEIGHT.min, heightAt(NAME_ASPECT.narrowest));
  // The corner circle lies above the outer edge of a wide character: what is lost there is taken off the width.
  let emWidth = height;
  for (let round = 0; round < 3; round++) {
    const outerEdge = Math.sqrt(NAME_CORNER_RADIUS ** 2 - (emWidth / 2) ** 2);
    emWidth = Math.min(height, fill * (outerEdge - height));
  }
  return { height, emWidth };
}

/** Left to right along the lower arc, heads towards the centre. */
function codeOnArc(
  digits: readonly string[],
  font: FontFace,
  radiusMm: number,
  scale: number,
): readonly DrawingPath[] {
  const step = CODE_PITCH / CODE_RADIUS;
  return digits.map((digit, index) => {
    const angle = (index - (digits.length - 1) / 2) * step;
    return placeGlyph('code', font.outline(digit), {
      centreX: radiusMm + CODE_RADIUS * scale * Math.sin(angle),
      centreY: radiusMm - CODE_RADIUS * scale * Math.cos(angle),
      emWidthMm: CODE_EM * scale,
      emHeightMm: CODE_EM * scale,
      turn: -angle,
    });
  });
}

function lineOfText(
  part: 'kind' | 'specimen',
  characters: readonly string[],
  font: FontFace,
  radiusMm: number,
  scale: number,
  line: { readonly centreY: number; readonly height: number; readonly pitch: number },
): readonly DrawingPath[] {
  return characters.map((character, index) =>
    placeGlyph(part, font.outline(character), {
      centreX: radiusMm + (index - (characters.length - 1) / 2) * line.pitch * scale,
      centreY: radiusMm + line.centreY * scale,
      emWidthMm: Math.min(line.height, line.pitch * NAME_FILL) * scale,
      emHeightMm: line.height * scale,
      turn: 0,
    }),
  );
}

/** What a character takes of the arc, a Chinese character being 1: brackets, letters and digits take less. */
function placeWidth(glyph: GlyphOutline): number {
  const ink = glyph.inkMaxX - glyph.inkMinX;
  const isFullWidthMark = glyph.advance > 0.9 && ink < 0.4;
  return isFullWidthMark ? 0.6 : Math.min(1, Math.max(0.6, glyph.advance));
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}

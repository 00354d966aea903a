/** Red ink on even paper, as opacity: soft at its edges, whole again where black writing crosses it. */
import type { Reflectance } from './paper.js';

/** Looked up once: millions of pixels ask. */
const { abs, ceil, floor, max, min, round } = Math;

/** Red less green or blue: what ink must have to be called red. */
const LEAST_CHROMA = 0.22;
/** Part of all pixels that a seal's ink is at least. */
const LEAST_INK = 0.002;
/** Opacity below this is noise of the scanner. */
const NOISE = 0.15;
/** Reflectance of red below this part of the ink's: something dark lies over it. */
const DARK = 0.72;
/** Writing is no broader than this, as a part of the width; broader black is no writing. */
const BROADEST_STROKE = 0.02;

export interface Ink {
  readonly width: number;
  readonly height: number;
  /** 0 to 1. */
  readonly opacity: Float32Array;
  /** sRGB, 0 to 255. */
  readonly colour: readonly [number, number, number];
}

/** @returns `undefined` where there is no red ink */
export function redInk(paper: Reflectance): Ink | undefined {
  const { width, height } = paper;
  const chroma = redness(paper);
  const full = inkChroma(chroma);
  if (full === undefined) return undefined;
  const strong = indices(chroma, (value) => value > full * 0.8);
  const colour = [paper.red, paper.green, paper.blue].map((plane) => median(plane, strong));
  const [red = 0, green = 0, blue = 0] = colour;
  const opacity = chroma.map((value) => min(1, value / full));
  mendUnderWriting(opacity, paper.red, red * DARK, width, height);
  for (const [index, value] of opacity.entries()) {
    opacity[index] = value < NOISE ? 0 : (value - NOISE) / (1 - NOISE);
  }
  const sample = (part: number): number => round(part * 255);
  return { width, height, opacity, colour: [sample(red), sample(green), sample(blue)] };
}

/** How much more red than anything else; nothing for orange, magenta and all that is grey. */
function redness({ red, green, blue }: Reflectance): Float32Array {
  return red.map((r, index) => {
    const [g, b] = [green[index] ?? 0, blue[index] ?? 0];
    const chroma = r - max(g, b);
    return chroma > 0 && abs(g - b) <= 0.1 + 0.5 * chroma ? chroma : 0;
  });
}

/** What ink has where it covers fully: the upper part of all that is red. */
function inkChroma(chroma: Float32Array): number | undefined {
  const counts = new Uint32Array(256);
  let total = 0;
  for (const value of chroma) {
    if (value < LEAST_CHROMA) continue;
    const bin = min(255, floor(value * 256));
    counts[bin] = (counts[bin] ?? 0) + 1;
    total++;
  }
  if (total < chroma.length * LEAST_INK) return undefined;
  let seen = 0;
  let bin = 0;
  for (; bin < 255 && seen + (counts[bin] ?? 0) < total * 0.75; bin++) seen += counts[bin] ?? 0;
  return (bin + 0.5) / 256;
}

/** Where writing hides what is under it, its surroundings say: from the rim of a stroke inwards. */
function mendUnderWriting(
  opacity: Float32Array,
  red: Float32Array,
  darkBelow: number,
  width: number,
  height: number,
): void {
  let hidden = new Set(indices(red, (value) => value < darkBelow));
  // The edge of a stroke is half of it.
  for (const index of [...hidden]) {
    for (const next of neighbours(index, width, height)) hidden.add(next);
  }
  const passes = ceil((width * BROADEST_STROKE) / 2) + 1;
  for (const index of hidden) opacity[index] = 0;
  for (let pass = 0; pass < passes && hidden.size > 0; pass++) {
    const known: (readonly [number, number])[] = [];
    for (const index of hidden) {
      const seen = neighbours(index, width, height).filter((each) => !hidden.has(each));
      if (seen.length === 0) continue;
      const sum = seen.reduce((total, each) => total + (opacity[each] ?? 0), 0);
      known.push([index, sum / seen.length]);
    }
    const rest = new Set(hidden);
    for (const [index, value] of known) {
      opacity[index] = value;
      rest.delete(index);
    }
    hidden = rest;
  }
}

function neighbours(index: number, width: number, height: number): readonly number[] {
  const [x, y] = [index % width, floor(index / width)];
  const result: number[] = [];
  for (let dy = -1; dy <= 1; dy++) {
    for (let dx = -1; dx <= 1; dx++) {
      const [nx, ny] = [x + dx, y + dy];
      if ((dx !== 0 || dy !== 0) && nx >= 0 && ny >= 0 && nx < width && ny < height) {
        result.push(ny * width + nx);
      }
    }
  }
  return result;
}

function indices(values: Float32Array, isWanted: (value: number) => boolean): readonly number[] {
  const result: number[] = [];
  for (const [index, value] of values.entries()) if (isWanted(value)) result.push(index);
  return result;
}

function median(values: Float32Array, at: readonly number[]): number {
  const sorted = Float32Array.from(at, (index) => values[index] ?? 0).sort();
  return sorted[sorted.length >> 1] ?? 0;
}

/** Where in a scan the seal lies: the figure that spans most, and what is inside it. */
import type { Ink } from './red-ink.js';

/** Looked up once: millions of pixels ask. */
const { floor, max, min } = Math;

const FIGURE = 0.35;
/** Beside this part of the whole a figure is no rim, and all of the ink is the seal. */
const LEAST_SPAN = 0.3;
/** Specks of dust, as a part of all pixels. */
const SPECK = 4e-6;

/** In pixels; right and bottom are outside. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The seal's box; ink outside it and specks are taken off. `undefined` where only specks are. */
export function sealBox({ width, height, opacity }: Ink): Box | undefined {
  const { labels, figures } = figuresOf(opacity, width, height);
  const least = max(4, width * height * SPECK);
  const sound = figures.filter(({ area }) => area >= least);
  const [first] = sound;
  if (first === undefined) return undefined;
  const all = sound.reduce((box, { box: other }) => union(box, other), first.box);
  const widest = sound.reduce((best, each) => (span(each.box) > span(best.box) ? each : best));
  const box = span(widest.box) >= span(all) * LEAST_SPAN ? widest.box : all;
  const kept = new Set(sound.filter((each) => isInside(each.box, box)).map(({ label }) => label));
  clearOthers(opacity, labels, kept, box, width);
  return box;
}

interface Figure {
  readonly label: number;
  readonly area: number;
  readonly box: Box;
}

/** Connected areas of ink, by flooding. */
function figuresOf(
  opacity: Float32Array,
  width: number,
  height: number,
): { readonly labels: Uint32Array; readonly figures: readonly Figure[] } {
  const labels = new Uint32Array(width * height);
  const figures: Figure[] = [];
  const stack: number[] = [];
  for (let start = 0; start < labels.length; start++) {
    if (labels[start] !== 0 || (opacity[start] ?? 0) < FIGURE) continue;
    const label = figures.length + 1;
    let [area, left, top, right, bottom] = [0, width, height, 0, 0];
    labels[start] = label;
    stack.push(start);
    for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
      const [x, y] = [index % width, floor(index / width)];
      area++;
      left = min(left, x);
      right = max(right, x + 1);
      top = min(top, y);
      bottom = max(bottom, y + 1);
      for (let ny = max(0, y - 1); ny <= min(height - 1, y + 1); ny++) {
        for (let nx = max(0, x - 1); nx <= min(width - 1, x + 1); nx++) {
          const next = ny * width + nx;
          if (labels[next] !== 0 || (opacity[next] ?? 0) < FIGURE) continue;
          labels[next] = label;
          stack.push(next);
        }
      }
    }
    figures.push({ label, area, box: { left, top, right, bottom } });
  }
  return { labels, figures };
}

/** Soft edges belong to the figure beside them; what has no figure near is taken off. */
function clearOthers(
  opacity: Float32Array,
  labels: Uint32Array,
  kept: ReadonlySet<number>,
  box: Box,
  width: number,
): void {
  const height = opacity.length / width;
  for (let index = 0; index < opacity.length; index++) {
    if (opacity[index] === 0) continue;
    const label = labels[index] ?? 0;
    const [x, y] = [index % width, floor(index / width)];
    const isNear = label === 0 ? hasNear(labels, kept, x, y, width, height) : kept.has(label);
    const isIn = x >= box.left - 2 && x < box.right + 2 && y >= box.top - 2 && y < box.bottom + 2;
    if (!isNear || !isIn) opacity[index] = 0;
  }
}

function hasNear(
  labels: Uint32Array,
  kept: ReadonlySet<number>,
  x: number,
  y: number,
  width: number,
  height: number,
): boolean {
  for (let ny = max(0, y - 2); ny <= min(height - 1, y + 2); ny++) {
    for (let nx = max(0, x - 2); nx <= min(width - 1, x + 2); nx++) {
      if (kept.has(labels[ny * width + nx] ?? 0)) return true;
    }
  }
  return false;
}

function isInside({ left, top, right, bottom }: Box, box: Box): boolean {
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
}

function span({ left, top, right, bottom }: Box): number {
  return (right - left) * (bottom - top);
}

function union(a: Box, b: Box): Box {
  return {
    left: min(a.left, b.left),
    top: min(a.top, b.top),
    right: max(a.right, b.right),
    bottom: max(a.bottom, b.bottom),
  };
}

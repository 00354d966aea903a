/** The paper behind a scanned seal: its colour and its light, which differ from place to place. */
import type { RgbPixels } from '../../picture/index.js';

/** Looked up once: millions of pixels ask. */
const { ceil, floor, max, min } = Math;

/** Blocks along the shorter side. */
const BLOCKS = 20;
/** Of the pixels of a block by brightness: few enough for a block full of ink to have that much paper. */
const PAPER_QUANTILE = 0.9;

/** Each sample as a part of what the paper there reflects, 0 to 1; red, green and blue apart. */
export interface Reflectance {
  readonly width: number;
  readonly height: number;
  readonly red: Float32Array;
  readonly green: Float32Array;
  readonly blue: Float32Array;
}

export function onEvenPaper({ width, height, rgb }: RgbPixels): Reflectance {
  const block = max(8, ceil(min(width, height) / BLOCKS));
  const columns = ceil(width / block);
  const rows = ceil(height / block);
  const plane = (channel: number): Float32Array => {
    const paper = brightest(levels(rgb, channel, width, height, block), columns, rows);
    const result = new Float32Array(width * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const level = between(
          paper,
          columns,
          rows,
          (x + 0.5) / block - 0.5,
          (y + 0.5) / block - 0.5,
        );
        const at = y * width + x;
        result[at] = min(1, (rgb[at * 3 + channel] ?? 0) / max(1, level));
      }
    }
    return result;
  };
  return { width, height, red: plane(0), green: plane(1), blue: plane(2) };
}

/** The paper's level in each block. */
function levels(
  rgb: Uint8Array,
  channel: number,
  width: number,
  height: number,
  block: number,
): Float32Array {
  const columns = ceil(width / block);
  const rows = ceil(height / block);
  const result = new Float32Array(columns * rows);
  const counts = new Uint32Array(256);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      counts.fill(0);
      let total = 0;
      for (let y = row * block; y < min(height, (row + 1) * block); y++) {
        for (let x = column * block; x < min(width, (column + 1) * block); x++) {
          const value = rgb[(y * width + x) * 3 + channel] ?? 0;
          counts[value] = (counts[value] ?? 0) + 1;
          total++;
        }
      }
      let level = 0;
      for (
        let seen = 0;
        level < 255 && seen + (counts[level] ?? 0) < total * PAPER_QUANTILE;
        level++
      ) {
        seen += counts[level] ?? 0;
      }
      result[row * columns + column] = level;
    }
  }
  return result;
}

/** A block full of ink takes the paper of its brightest neighbour. */
function brightest(paper: Float32Array, columns: number, rows: number): Float32Array {
  return paper.map((_, index) => {
    const [row, column] = [floor(index / columns), index % columns];
    let best = 0;
    for (let y = max(0, row - 1); y <= min(rows - 1, row + 1); y++) {
      for (let x = max(0, column - 1); x <= min(columns - 1, column + 1); x++) {
        best = max(best, paper[y * columns + x] ?? 0);
      }
    }
    return best;
  });
}

function between(grid: Float32Array, columns: number, rows: number, x: number, y: number): number {
  const left = min(columns - 1, max(0, floor(x)));
  const top = min(rows - 1, max(0, floor(y)));
  const right = min(columns - 1, left + 1);
  const bottom = min(rows - 1, top + 1);
  const dx = min(1, max(0, x - left));
  const dy = min(1, max(0, y - top));
  const at = (row: number, column: number): number => grid[row * columns + column] ?? 0;
  return (
    (at(top, left) * (1 - dx) + at(top, right) * dx) * (1 - dy) +
    (at(bottom, left) * (1 - dx) + at(bottom, right) * dx) * dy
  );
}

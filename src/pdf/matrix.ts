/** Affine transforms in PDF's order. @see ISO 32000-1:2008, 8.3.3 */
import type { Rectangle } from './page-tree.js';

/** Six numbers `a b c d e f`: x' = a·x + c·y + e, y' = b·x + d·y + f. */
export type Matrix = readonly [number, number, number, number, number, number];

/** First `m`, then `n`. */
export function multiply(m: Matrix, n: Matrix): Matrix {
  return [
    m[0] * n[0] + m[1] * n[2],
    m[0] * n[1] + m[1] * n[3],
    m[2] * n[0] + m[3] * n[2],
    m[2] * n[1] + m[3] * n[3],
    m[4] * n[0] + m[5] * n[2] + n[4],
    m[4] * n[1] + m[5] * n[3] + n[5],
  ];
}

/** The upright box around `box` once transformed. */
export function transformedBox(box: Rectangle, [a, b, c, d, e, f]: Matrix): Rectangle {
  const xs: number[] = [];
  const ys: number[] = [];
  for (const x of [box.x1, box.x2]) {
    for (const y of [box.y1, box.y2]) {
      xs.push(a * x + c * y + e);
      ys.push(b * x + d * y + f);
    }
  }
  return { x1: Math.min(...xs), y1: Math.min(...ys), x2: Math.max(...xs), y2: Math.max(...ys) };
}

/** Paths as they are painted: outlines flattened to straight pieces, and whether a point lies in them. */
import type { Matrix } from './matrix.js';
import type { Rectangle } from './page-tree.js';

/** Corners `x y x y …` of one subpath, in default user space of the page. */
export type Polyline = readonly number[];

const PIECES_OF_A_CURVE = 8;
/** What is asked of one appearance; a shape that is asked for more counts as its whole box. */
const MOST_STEPS = 20_000_000;
const MOST_CORNERS = 400_000;

/** What finding out about points may cost in all. */
export class PathBudget {
  #steps = MOST_STEPS;
  #corners = MOST_CORNERS;

  /** Whether `steps` more may be taken. */
  take(steps: number): boolean {
    this.#steps -= steps;
    return this.#steps >= 0;
  }

  /** Whether one more corner may be kept. */
  keep(): boolean {
    return --this.#corners >= 0;
  }
}

/** A path under construction. */
export class PathBuilder {
  readonly #budget: PathBudget;
  #lines: number[][] = [];
  #isWhole = true;
  /** Where the last piece ended, in the space of the content. */
  #at: readonly [number, number] = [0, 0];
  #start: readonly [number, number] = [0, 0];

  constructor(budget: PathBudget) {
    this.#budget = budget;
  }

  moveTo(x: number, y: number, ctm: Matrix): void {
    this.#lines.push([]);
    this.#start = [x, y];
    this.#to(x, y, ctm);
  }

  lineTo(x: number, y: number, ctm: Matrix): void {
    if (this.#lines.length === 0) this.#lines.push([]);
    this.#to(x, y, ctm);
  }

  /** By two control points; the first is the present point where it is not given. */
  curveTo(
    first: readonly [number, number] | undefined,
    rest: readonly number[],
    ctm: Matrix,
  ): void {
    const [x0, y0] = this.#at;
    const [x1, y1] = first ?? this.#at;
    const [x2 = 0, y2 = 0, x3 = 0, y3 = 0] = rest;
    for (let i = 1; i <= PIECES_OF_A_CURVE; i++) {
      const t = i / PIECES_OF_A_CURVE;
      const s = 1 - t;
      const weights = [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t] as const;
      const along = (a: number, b: number, c: number, d: number): number =>
        weights[0] * a + weights[1] * b + weights[2] * c + weights[3] * d;
      this.lineTo(along(x0, x1, x2, x3), along(y0, y1, y2, y3), ctm);
    }
  }

  rectangle(x: number, y: number, width: number, height: number, ctm: Matrix): void {
    this.moveTo(x, y, ctm);
    this.lineTo(x + width, y, ctm);
    this.lineTo(x + width, y + height, ctm);
    this.lineTo(x, y + height, ctm);
    this.close(ctm);
  }

  close(ctm: Matrix): void {
    if (this.#lines.length === 0) return;
    const [x, y] = this.#start;
    this.#to(x, y, ctm);
    this.#lines.push([]);
    this.#to(x, y, ctm);
  }

  /** The path, which begins anew; undefined where there is none. */
  take(): PaintedPath | undefined {
    const lines = this.#lines.filter((line) => line.length > 2);
    const path = lines.length === 0 ? undefined : new PaintedPath(lines, this.#isWhole);
    this.#lines = [];
    return path;
  }

  #to(x: number, y: number, [a, b, c, d, e, f]: Matrix): void {
    this.#at = [x, y];
    const line = this.#lines.at(-1);
    if (line === undefined) return;
    if (!this.#budget.keep()) {
      this.#isWhole = false;
      // Still as large as it is: the corners that are kept stretch.
      const px = a * x + c * y + e;
      const py = b * x + d * y + f;
      line.splice(0, line.length, ...stretched(line, px, py));
      return;
    }
    line.push(a * x + c * y + e, b * x + d * y + f);
  }
}

/** Two corners of the box around a line and one more point. */
function stretched(line: Polyline, x: number, y: number): number[] {
  const box = boxAround([line], x, y);
  return [box.x1, box.y1, box.x2, box.y2];
}

function boxAround(lines: readonly Polyline[], x: number, y: number): Rectangle {
  let [x1, y1, x2, y2] = [x, y, x, y];
  for (const line of lines) {
    for (let i = 0; i + 1 < line.length; i += 2) {
      const px = line[i] ?? 0;
      const py = line[i + 1] ?? 0;
      x1 = Math.min(x1, px);
      x2 = Math.max(x2, px);
      y1 = Math.min(y1, py);
      y2 = Math.max(y2, py);
    }
  }
  return { x1, y1, x2, y2 };
}

/** A finished path. */
export class PaintedPath {
  readonly box: Rectangle;
  readonly lines: readonly Polyline[];
  /** Whether all its corners are known; else only its box is. */
  readonly isWhole: boolean;
  readonly #corners: number;

  constructor(lines: readonly Polyline[], isWhole: boolean) {
    this.lines = lines;
    this.isWhole = isWhole;
    this.box = boxAround(lines, lines[0]?.[0] ?? 0, lines[0]?.[1] ?? 0);
    this.#corners = lines.reduce((sum, line) => sum + line.length / 2, 0);
  }

  /** Whether a fill paints a point. @see ISO 32000-2:2020, 8.5.3.3 */
  isFilledAt(x: number, y: number, isEvenOdd: boolean, budget: PathBudget): boolean {
    if (!this.isWhole || !budget.take(this.#corners)) return true;
    let winding = 0;
    let crossings = 0;
    for (const line of this.lines) {
      const last = line.length - 2;
      for (let i = 0; i <= last; i += 2) {
        const j = i === last ? 0 : i + 2;
        const [xa = 0, ya = 0] = [line[i], line[i + 1]];
        const [xb = 0, yb = 0] = [line[j], line[j + 1]];
        if (ya > y === yb > y || xa + ((y - ya) / (yb - ya)) * (xb - xa) <= x) continue;
        crossings++;
        winding += yb > ya ? 1 : -1;
      }
    }
    return isEvenOdd ? crossings % 2 === 1 : winding !== 0;
  }

  /** Whether a stroke, `half` its width on either side, paints a point. */
  isStrokedAt(x: number, y: number, half: number, budget: PathBudget): boolean {
    if (!this.isWhole || !budget.take(this.#corners)) return true;
    for (const line of this.lines) {
      for (let i = 0; i + 3 < line.length; i += 2) {
        const [xa = 0, ya = 0, xb = 0, yb = 0] = [line[i], line[i + 1], line[i + 2], line[i + 3]];
        const [dx, dy] = [xb - xa, yb - ya];
        const length = dx * dx + dy * dy || 1;
        const t = Math.max(0, Math.min(1, ((x - xa) * dx + (y - ya) * dy) / length));
        if (Math.hypot(x - xa - t * dx, y - ya - t * dy) <= half) return true;
      }
    }
    return false;
  }
}

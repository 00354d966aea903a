/** Pictures of pages as the renderers write them (PPM), and whether two differ where no seal stands. */

export interface Pixmap {
  readonly width: number;
  readonly height: number;
  /** Three bytes a pixel. */
  readonly pixels: Buffer;
}

/** The pictures of a stream of PPM files, one after the other. */
export function splitPixmaps(bytes: Buffer): readonly Pixmap[] {
  const maps: Pixmap[] = [];
  for (let at = 0; at < bytes.length;) {
    const header = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(bytes.toString('latin1', at, at + 64));
    if (header === null) throw new Error('not a PPM');
    const [width, height] = [Number(header[1]), Number(header[2])];
    const start = at + header[0].length;
    at = start + width * height * 3;
    maps.push({ width, height, pixels: bytes.subarray(start, at) });
  }
  return maps;
}

/** In points: what one seal takes at most, and how far the centres of two on one page lie apart. */
export interface SealSpace {
  readonly side: number;
  readonly apart: number;
}

/**
 * MuPDF blends a page that has annotations in a group of its own, and rounds otherwise there: by up to 24 where
 * several transparent pictures lie over one another. Text that came or went is four times that.
 */
const LEVELS = 32;

/**
 * What differs between two pictures lies within a box no larger than the seals.
 *
 * @param seals - How many stand on the page.
 * @returns the fault, if there is one
 */
export function sameOutsideSeals(
  a: Pixmap,
  b: Pixmap,
  space: SealSpace,
  seals: number,
  dpi: number,
): string | undefined {
  if (a.width !== b.width || a.height !== b.height) return 'another size';
  let [left, top, right, bottom] = [a.width, a.height, -1, -1];
  for (let y = 0; y < a.height; y++) {
    for (let x = 0; x < a.width; x++) {
      const at = (y * a.width + x) * 3;
      if (isAlike(a.pixels, b.pixels, at)) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }
  if (right < 0) return undefined;
  const scale = dpi / 72;
  const sides = [right - left + 1, bottom - top + 1].sort((p, q) => p - q);
  const short = seals === 0 ? 0 : space.side * scale;
  const long = seals === 2 ? (space.side + space.apart) * scale : short;
  if (sides[0]! <= short && sides[1]! <= long) return undefined;
  return `differs in a box of ${right - left + 1} by ${bottom - top + 1} pixels`;
}

function isAlike(a: Buffer, b: Buffer, at: number): boolean {
  for (let i = at; i < at + 3; i++) if (Math.abs(a[i]! - b[i]!) > LEVELS) return false;
  return true;
}

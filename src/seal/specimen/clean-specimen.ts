/**
 * A scan of a physical seal becomes the picture of an e-seal: paper, light and writing are taken off, the
 * red stays with soft edges, cropped to the seal and in its true size.
 */
import { AppError, type ErrorParam } from '../../kernel/index.js';
import { encodePng, readPixels, withPngMetadata } from '../../picture/index.js';
import { onEvenPaper } from './paper.js';
import { redInk, type Ink } from './red-ink.js';
import { sealBox, type Box } from './seal-box.js';

/** Looked up once: millions of pixels ask. */
const { abs, ceil, floor, max, min, round } = Math;

const MM_PER_INCH = 25.4;
/** Resolution of the picture that is made. */
const DPI = 600;
/** A scan with less shows steps at the size of print. */
const LEAST_DPI = 200;
const SIZE_MM = { min: 10, max: 60 } as const;
/** Opacity of ink that counts as whole. */
const SOLID = 0.85;
const OPACITY_STEPS = 15;
/** Sides that differ by less are those of a circle or a square, and of its wear. */
const EVEN_SIDES = 0.04;

export interface CleanSpecimen {
  /** PNG with transparency, at 600 dpi. */
  readonly png: Uint8Array;
  readonly widthMm: number;
  readonly heightMm: number;
  /** Resolution of the scan, as the seal's size has it. */
  readonly scannedDpi: number;
}

/**
 * @param bytes - PNG or JPEG with one seal in red
 * @param widthMm - True width of the seal, whole millimetres, 10 to 60
 * @throws AppError `specimen-unsuitable`, params `reason`: `no-red`, `cut-off`, `resolution` (with `dpi`,
 *   `needDpi`); `input-invalid` (params `field`); `picture-malformed`, `picture-unsupported`,
 *   `picture-too-large`
 */
export function cleanSpecimen(bytes: Uint8Array, widthMm: number): CleanSpecimen {
  if (!Number.isInteger(widthMm) || widthMm < SIZE_MM.min || widthMm > SIZE_MM.max) {
    throw new AppError('input-invalid', 'no seal is that wide', { params: { field: 'sizeMm' } });
  }
  const ink = redInk(onEvenPaper(readPixels(bytes)));
  const box = ink === undefined ? undefined : sealBox(ink);
  if (ink === undefined || box === undefined) throw unsuitable('no-red');
  if (isCutOff(box, ink)) throw unsuitable('cut-off');
  const [widthPx, heightPx] = [box.right - box.left, box.bottom - box.top];
  const scannedDpi = round((widthPx / widthMm) * MM_PER_INCH);
  if (scannedDpi < LEAST_DPI) {
    throw unsuitable('resolution', { dpi: scannedDpi, needDpi: LEAST_DPI });
  }
  const isEven = abs(heightPx / widthPx - 1) <= EVEN_SIDES;
  const heightMm = isEven ? widthMm : round((widthMm * heightPx) / widthPx);
  const [width, height] = [pixelsOf(widthMm), pixelsOf(heightMm)];
  const opacity = resized(cropped(ink, box), widthPx, heightPx, width, height);
  const rgba = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    rgba.set(ink.colour, i * 4);
    rgba[i * 4 + 3] = stepped(opacity[i] ?? 0);
  }
  // By its own pixels: the width is then exact to a hundredth of a millimetre.
  const png = withPngMetadata(encodePng(width, height, rgba, 4), (width / widthMm) * MM_PER_INCH);
  return { png, widthMm, heightMm, scannedDpi };
}

/** Soft edges need few steps and ink is even: the picture goes into every signature, and what is even is small. */
function stepped(opacity: number): number {
  const solid = min(1, opacity / SOLID);
  return round((round(solid * OPACITY_STEPS) / OPACITY_STEPS) * 255);
}

function pixelsOf(mm: number): number {
  return round((mm * DPI) / MM_PER_INCH);
}

/** A seal that is whole has paper around it. */
function isCutOff({ left, top, right, bottom }: Box, { width, height }: Ink): boolean {
  return left <= 1 || top <= 1 || right >= width - 1 || bottom >= height - 1;
}

function cropped({ width, opacity }: Ink, { left, top, right, bottom }: Box): Float32Array {
  const result = new Float32Array((right - left) * (bottom - top));
  for (let y = top; y < bottom; y++) {
    result.set(opacity.subarray(y * width + left, y * width + right), (y - top) * (right - left));
  }
  return result;
}

/** By a triangle as wide as the larger of the two pixels, along each axis. */
function resized(
  source: Float32Array,
  fromWidth: number,
  fromHeight: number,
  width: number,
  height: number,
): Float32Array {
  const across = weights(fromWidth, width);
  const down = weights(fromHeight, height);
  const rows = new Float32Array(fromHeight * width);
  for (let y = 0; y < fromHeight; y++) {
    for (let x = 0; x < width; x++) {
      rows[y * width + x] = sum(across[x], (i) => source[y * fromWidth + i]);
    }
  }
  const result = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      result[y * width + x] = sum(down[y], (i) => rows[i * width + x]);
    }
  }
  return result;
}

type Weights = readonly (readonly [index: number, weight: number])[];

function weights(from: number, to: number): readonly Weights[] {
  const scale = from / to;
  const reach = max(1, scale);
  return Array.from({ length: to }, (_, place) => {
    const centre = (place + 0.5) * scale - 0.5;
    const first = max(0, ceil(centre - reach));
    const last = min(from - 1, floor(centre + reach));
    const raw = Array.from({ length: last - first + 1 }, (__, i): readonly [number, number] => [
      first + i,
      1 - abs(first + i - centre) / reach,
    ]);
    const total = raw.reduce((all, [, weight]) => all + weight, 0);
    return raw.map(([index, weight]): readonly [number, number] => [index, weight / total]);
  });
}

function sum(weighted: Weights | undefined, at: (index: number) => number | undefined): number {
  let total = 0;
  for (const [index, weight] of weighted ?? []) total += (at(index) ?? 0) * weight;
  return total;
}

function unsuitable(reason: string, params: Readonly<Record<string, ErrorParam>> = {}): AppError {
  return new AppError('specimen-unsuitable', `the scan cannot be used: ${reason}`, {
    params: { reason, ...params },
  });
}

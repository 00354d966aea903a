/** How large a seal comes out of a printer: pages as poppler or MuPDF draws them, and the box of what is red on them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MM_PER_INCH = 25.4;
/** Red less green of ink, also where it lies over grey. */
const LEAST_RED = 60;

export interface PrintedSize {
  readonly widthMm: number;
  readonly heightMm: number;
}

export interface PrintedSizeOptions {
  /** Counted from 1. */
  readonly page: number;
  readonly dpi?: number;
  /** poppler knows no `/UserUnit`; MuPDF does. */
  readonly by?: 'poppler' | 'mupdf';
}

export function printedSize(file: string, options: PrintedSizeOptions): PrintedSize {
  const { page, dpi = 600, by = 'poppler' } = options;
  const directory = mkdtempSync(join(tmpdir(), 'printed-'));
  try {
    const output = join(directory, 'page.ppm');
    if (by === 'mupdf') {
      // It complains of colour profiles, which no measure needs.
      const quiet = { stdio: 'ignore' } as const;
      const args = [
        ...['draw', '-q', '-r', String(dpi), '-c', 'rgb', '-F', 'ppm'],
        ...['-o', output, file, String(page)],
      ];
      execFileSync('mutool', args, quiet);
    } else {
      const range = ['-f', String(page), '-l', String(page), '-singlefile'];
      execFileSync('pdftoppm', ['-r', String(dpi), ...range, file, join(directory, 'page')]);
    }
    return redBox(readFileSync(output), dpi);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function redBox(ppm: Uint8Array, dpi: number): PrintedSize {
  const head = /^P6\s(?:#[^\n]*\n)?(\d+)\s(\d+)\s255\s/.exec(
    Buffer.from(ppm.subarray(0, 80)).toString('latin1'),
  );
  if (head === null) throw new Error('not a PPM of 8 bits');
  const [width, height] = [Number(head[1]), Number(head[2])];
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let i = 0, at = head[0].length; i < width * height; i++, at += 3) {
    if ((ppm[at] ?? 0) - (ppm[at + 1] ?? 0) < LEAST_RED) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
  }
  const mm = (pixels: number): number => (pixels / dpi) * MM_PER_INCH;
  return { widthMm: mm(right - left), heightMm: mm(bottom - top) };
}

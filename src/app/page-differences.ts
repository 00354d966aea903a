/**
 * Shows what came after a signature: each page as it was signed and as it is now, drawn by poppler,
 * and a third picture with the differences marked.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { AppError, type ByteSource } from '../kernel/index.js';
import { openPdf } from '../pdf/index.js';
import { encodePng } from '../picture/index.js';
import type { VerificationReport } from '../verification/index.js';

const PROGRAM = 'pdftoppm';
const DPI = 100;
const TIMEOUT_MS = 60_000;
/** Of a colour's 255 steps: less is how two runs round. */
const VISIBLE_STEP = 16;

/** @throws AppError `renderer-missing` */
export function assertRenderer(): void {
  if (spawnSync(PROGRAM, ['-v']).error !== undefined) {
    throw new AppError('renderer-missing', `${PROGRAM} is not there`, {
      params: { program: PROGRAM, package: 'poppler-utils' },
    });
  }
}

/**
 * Writes the pictures of every page that looks otherwise than when a signature was made.
 *
 * @returns the files written
 * @throws AppError `renderer-missing`, `pdf-malformed`, `input-invalid` where a file cannot be drawn
 */
export function writePageDifferences(
  source: ByteSource,
  report: VerificationReport,
  directory: string,
): readonly string[] {
  const { revisions } = openPdf(source, { mode: 'lenient' });
  const written: string[] = [];
  const seen = new Set<number>();
  for (const { revision } of report.signatures) {
    const end = revisions[revision - 1]?.endOffset;
    if (end === undefined || end >= source.size || seen.has(end)) continue;
    seen.add(end);
    const before = draw(source.read(0, end));
    const after = draw(source.read(0, source.size));
    mkdirSync(directory, { recursive: true });
    for (let page = 0; page < Math.max(before.length, after.length); page++) {
      const name = `${basename(report.file, '.pdf')}-revision${revision}-page${page + 1}`;
      const pictures = compare(before[page], after[page]);
      for (const [kind, picture] of pictures) {
        const file = join(directory, `${name}-${kind}.png`);
        writeFileSync(file, encodePng(picture.width, picture.height, picture.data));
        written.push(file);
      }
    }
  }
  return written;
}

interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue. */
  readonly data: Uint8Array;
}

/** The two pictures and their differences; nothing where there are none. */
function compare(
  before: Picture | undefined,
  after: Picture | undefined,
): readonly (readonly [kind: string, picture: Picture])[] {
  if (before === undefined || after === undefined) {
    return [
      ...(before === undefined ? [] : [['before', before] as const]),
      ...(after === undefined ? [] : [['after', after] as const]),
    ];
  }
  if (before.width !== after.width || before.height !== after.height) {
    return [
      ['before', before],
      ['after', after],
    ];
  }
  const marked = new Uint8Array(after.data.length);
  let differing = 0;
  for (let at = 0; at < after.data.length; at += 3) {
    let isDifferent = false;
    for (let i = at; i < at + 3; i++) {
      const now = after.data[i] ?? 0;
      if (Math.abs(now - (before.data[i] ?? 0)) > VISIBLE_STEP) isDifferent = true;
      // What stayed is paled, so that the marks stand out.
      marked[i] = 255 - ((255 - now) >> 2);
    }
    if (!isDifferent) continue;
    differing++;
    marked.set([220, 0, 0], at);
  }
  if (differing === 0) return [];
  return [
    ['before', before],
    ['after', after],
    ['difference', { ...after, data: marked }],
  ];
}

function draw(pdf: Uint8Array): readonly Picture[] {
  const directory = mkdtempSync(join(tmpdir(), 'qianyin-pages-'));
  try {
    const file = join(directory, 'a.pdf');
    writeFileSync(file, pdf);
    const ran = spawnSync(PROGRAM, ['-r', String(DPI), file, join(directory, 'p')], {
      timeout: TIMEOUT_MS,
      stdio: 'ignore',
    });
    if (ran.status !== 0) {
      throw new AppError('input-invalid', 'the file cannot be drawn', {
        params: { program: PROGRAM },
      });
    }
    return readdirSync(directory)
      .filter((name) => name.endsWith('.ppm'))
      .sort()
      .map((name) => readPpm(readFileSync(join(directory, name))));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A binary portable pixmap, as poppler writes it: `P6`, width, height, 255, and the samples. */
function readPpm(bytes: Buffer): Picture {
  const header = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(bytes.toString('latin1', 0, 64));
  if (header === null) throw new AppError('input-invalid', `not what ${PROGRAM} writes`);
  const [text, width, height] = header;
  return {
    width: Number(width),
    height: Number(height),
    data: new Uint8Array(bytes.subarray(text.length)),
  };
}

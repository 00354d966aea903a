/**
 * What others say of a file that was signed twice, measured against what they said of the file before.
 * A judge that cannot read the original has no say on the signed one.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { sameOutsideSeals, splitPixmaps, type SealSpace } from './pixmaps.js';
import type { SealKind } from './signing-steps.js';
import { runTool } from './tools.js';

export const CHECKS = ['bytes', 'pdfsig', 'qpdf', 'text', 'poppler', 'mupdf'] as const;
export type Check = (typeof CHECKS)[number];

/** `unread`: the judge cannot read the original. */
export type Verdict = 'ok' | 'unread' | { readonly fault: string };

export interface Signed {
  readonly original: string;
  readonly once: string;
  readonly twice: string;
  /** Common name of the signer of both signatures. */
  readonly signer: string;
  /** Stands on the first page, and on the last. */
  readonly seal: SealKind;
}

export async function judge(file: Signed): Promise<Readonly<Record<Check, Verdict>>> {
  const pages = await pageCount(file.original);
  return {
    bytes: appendsOnly(file.original, file.once) ?? appendsOnly(file.once, file.twice) ?? 'ok',
    pdfsig: await byPdfsig(file),
    qpdf: await byQpdf(file),
    text: pages === 0 ? 'unread' : await byText(file),
    poppler: pages === 0 ? 'unread' : await byRendering(file, pages, renderByPoppler),
    mupdf: await byRendering(file, Math.max(pages, 1), renderByMupdf),
  };
}

const CHUNK_BYTES = 1 << 20;

function appendsOnly(before: string, after: string): Verdict | undefined {
  const size = statSync(before).size;
  if (statSync(after).size <= size) return { fault: 'nothing was appended' };
  const a = openSync(before, 'r');
  const b = openSync(after, 'r');
  try {
    const left = Buffer.alloc(CHUNK_BYTES);
    const right = Buffer.alloc(CHUNK_BYTES);
    for (let at = 0; at < size; at += CHUNK_BYTES) {
      const length = Math.min(CHUNK_BYTES, size - at);
      readSync(a, left, 0, length, at);
      readSync(b, right, 0, length, at);
      if (left.compare(right, 0, length, 0, length) !== 0) {
        return { fault: `bytes of the original changed after ${at}` };
      }
    }
    return undefined;
  } finally {
    closeSync(a);
    closeSync(b);
  }
}

const PAGES_LOOKED_BACK = 20;

/**
 * Pages up to the last that poppler finds: `/Count` may promise more than the tree has, and poppler gives those no
 * size. 0 where it cannot read the file.
 */
async function pageCount(file: string): Promise<number> {
  const { status, stdout } = await runTool('pdfinfo', [file]);
  const counted = /^Pages:\s+(\d+)/m.exec(stdout.toString('latin1'))?.[1];
  if (status !== 0 || counted === undefined) return 0;
  const pages = Number(counted);
  const first = Math.max(pages - PAGES_LOOKED_BACK, 1);
  const sizes = await runTool('pdfinfo', ['-f', String(first), '-l', counted, file]);
  for (let page = pages; page > first; page--) {
    const empty = new RegExp(`^Page +${page} size: +0 x 0 pts`, 'm');
    if (!empty.test(sizes.stdout.toString('latin1'))) return page;
  }
  return first;
}

async function byPdfsig({ original, twice, signer }: Signed): Promise<Verdict> {
  const { stdout } = await runTool('pdfsig', ['-nocert', twice]);
  const blocks = stdout
    .toString('utf8')
    .split(/^Signature #\d+:$/m)
    .slice(1);
  const own = blocks.filter((block) => block.includes(`Signer Certificate Common Name: ${signer}`));
  const valid = own.filter((block) => block.includes('Signature Validation: Signature is Valid.'));
  if (own.length === 2 && valid.length === 2) return 'ok';
  if (own.length === 0 && (await pageCount(original)) === 0) return 'unread';
  return { fault: `${valid.length} valid of ${own.length} signatures` };
}

/** qpdf's own order: nothing to say, warnings, errors. */
const QPDF_RANK: ReadonlyMap<number | undefined, number> = new Map([
  [0, 0],
  [3, 1],
  [2, 2],
]);

async function byQpdf({ original, twice }: Signed): Promise<Verdict> {
  const before = await runTool('qpdf', ['--check', original]);
  const rankBefore = QPDF_RANK.get(before.status) ?? 3;
  if (rankBefore === 3) return 'unread';
  const after = await runTool('qpdf', ['--check', twice]);
  if ((QPDF_RANK.get(after.status) ?? 3) <= rankBefore) return 'ok';
  return { fault: lastLine(after.stderr) };
}

async function byText({ original, twice }: Signed): Promise<Verdict> {
  const before = await runTool('pdftotext', ['-q', original, '-']);
  if (before.status !== 0) return 'unread';
  const after = await runTool('pdftotext', ['-q', twice, '-']);
  if (after.status === 0 && before.stdout.equals(after.stdout)) return 'ok';
  return { fault: `text differs (status ${String(after.status)})` };
}

const DPI = 36;
/** Pages looked at besides the first and the last, which carry the seals. */
const PAGES_BETWEEN = 2;

/**
 * Points that a seal takes, and that lie between the centres of two. A contract seal is 38 mm to 45 mm, a small one
 * 10 mm.
 */
const SEAL_SPACE: Readonly<Record<SealKind, SealSpace>> = {
  contract: { side: 130, apart: 140 },
  small: { side: 36, apart: 35 },
  none: { side: 0, apart: 0 },
};

type Renderer = (file: string, pages: readonly number[]) => Promise<Buffer | undefined>;

async function byRendering(file: Signed, pages: number, render: Renderer): Promise<Verdict> {
  const together = Math.min(1 + PAGES_BETWEEN, pages);
  const shown = Array.from({ length: together }, (_, i) => i + 1);
  if (pages > together) shown.push(pages);
  const before = await render(file.original, shown);
  if (before === undefined) return 'unread';
  const after = await render(file.twice, shown);
  if (after === undefined) return { fault: 'cannot be rendered' };
  const [first, second] = [splitPixmaps(before), splitPixmaps(after)];
  if (first.length !== second.length) return { fault: 'another number of pages' };
  for (const [i, map] of first.entries()) {
    const number = shown[i] ?? 0;
    const seals = Number(number === 1) + Number(number === pages);
    const fault = sameOutsideSeals(map, second[i]!, SEAL_SPACE[file.seal], seals, DPI);
    if (fault !== undefined) return { fault: `page ${number}: ${fault}` };
  }
  return 'ok';
}

async function renderByPoppler(
  file: string,
  pages: readonly number[],
): Promise<Buffer | undefined> {
  const shown: Buffer[] = [];
  const last = pages.at(-1)!;
  // The pages follow one another, but for the last.
  const together = last === pages.length ? last : pages.length - 1;
  const ranges =
    together === last
      ? [[1, last]]
      : [
          [1, together],
          [last, last],
        ];
  for (const [from = 1, to = 1] of ranges) {
    const range = ['-f', String(from), '-l', String(to)];
    const { status, stdout } = await runTool('pdftoppm', ['-q', '-r', String(DPI), ...range, file]);
    if (status !== 0 || stdout.length === 0) return undefined;
    shown.push(stdout);
  }
  return Buffer.concat(shown);
}

async function renderByMupdf(file: string, pages: readonly number[]): Promise<Buffer | undefined> {
  const args = ['draw', '-q', '-r', String(DPI), '-F', 'ppm', '-o', '-', file, pages.join(',')];
  const { status, stdout } = await runTool('mutool', args);
  return status === 0 && stdout.length > 0 ? stdout : undefined;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(-200) ?? '';
}

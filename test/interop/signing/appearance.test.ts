/** What is seen of a signature, by programs that know nothing of us: size, upright, slices, and what a register compares. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pixelmatch from 'pixelmatch';
import { MemorySource } from '../../../src/kernel/index.js';
import type { Signer } from '../../../src/pades/index.js';
import { PdfDict, openPdf } from '../../../src/pdf/index.js';
import { drawSeal, drawingToPdfOperators } from '../../../src/seal/index.js';
import {
  appearanceDigest,
  composeAppearance,
  sealPicture,
  type Placement,
} from '../../../src/signing/index.js';
import { verifyPdf } from '../../../src/verification/index.js';
import { appendRevision } from '../../support/append-revision.js';
import { pagesPdf, type TestPage } from '../../support/pdf/pages-pdf.js';
import { signPdf } from '../../support/sign-pdf.js';
import { TestPki } from '../../support/test-pki.js';
import { trustOf } from '../../support/trust.js';
import { FONT, NAMES } from '../../unit/seal/seal-fixture.js';

/** Two dots a point. */
const DPI = 144;
/** 240 dots, so that quarters of it are whole dots. */
const WIDTH_MM = (240 / DPI) * 25.4;
const PAGE: TestPage = { mediaBox: [0, 0, 600, 840] };

const isCi = process.env['CI'] === 'true';
const hasPoppler = spawnSync('pdftoppm', ['-v']).error === undefined;
if (!hasPoppler && !isCi) console.warn('skipped: pdftoppm (poppler-utils) is not installed');
const withPoppler = hasPoppler || isCi ? describe : describe.skip;

const drawing = drawSeal({ name: NAMES[1], kind: 'official', font: FONT });
const { operators, widthPt, heightPt } = drawingToPdfOperators(drawing);
const picture = sealPicture({ content: operators, widthPt, heightPt });
const seal = {
  code: '3701020000123',
  name: NAMES[1],
  version: 1,
  appearanceSha256: appearanceDigest(operators),
};

let pki: TestPki;
let signer: Signer;

beforeAll(async () => {
  pki = await TestPki.create();
  signer = await pki.issue('CN=签署人,O=示例市财政局,C=CN');
});

function sealed(pages: readonly TestPage[], ...placements: Placement[]): Promise<Uint8Array> {
  const pdf = pagesPdf(pages);
  const document = openPdf(new MemorySource(pdf));
  const shown = { picture, placements, widthMm: WIDTH_MM };
  return signPdf(pdf, signer, { appearance: composeAppearance(document, [shown]), seal });
}

interface Raster {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

/** Page `page` (1 is the first) as poppler shows it. */
function rendered(pdf: Uint8Array, page: number): Raster {
  const directory = mkdtempSync(join(tmpdir(), 'appearance-'));
  try {
    writeFileSync(join(directory, 'a.pdf'), pdf);
    const range = ['-f', String(page), '-l', String(page), '-singlefile'];
    execFileSync('pdftoppm', [
      ...['-cropbox', '-r', String(DPI), ...range],
      ...[join(directory, 'a.pdf'), join(directory, 'a')],
    ]);
    const bytes = readFileSync(join(directory, 'a.ppm'));
    const head = /^P6\s(\d+)\s(\d+)\s255\s/.exec(bytes.subarray(0, 40).toString('latin1'));
    if (head === null) throw new Error('not a PPM of 8 bits');
    const [width, height] = [Number(head[1]), Number(head[2])];
    const rgba = new Uint8Array(width * height * 4).fill(255);
    for (let i = 0; i < width * height; i++) {
      rgba.set(bytes.subarray(head[0].length + 3 * i, head[0].length + 3 * i + 3), 4 * i);
    }
    return { width, height, rgba };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function cut(from: Raster, x: number, y: number, width: number, height: number): Raster {
  const rgba = new Uint8Array(width * height * 4);
  for (let row = 0; row < height; row++) {
    const start = ((y + row) * from.width + x) * 4;
    rgba.set(from.rgba.subarray(start, start + width * 4), row * width * 4);
  }
  return { width, height, rgba };
}

/** Left to right. */
function joined(parts: readonly Raster[]): Raster {
  const width = parts.reduce((sum, part) => sum + part.width, 0);
  const height = parts[0]?.height ?? 0;
  const rgba = new Uint8Array(width * height * 4);
  let x = 0;
  for (const part of parts) {
    for (let row = 0; row < height; row++) {
      const line = part.rgba.subarray(row * part.width * 4, (row + 1) * part.width * 4);
      rgba.set(line, (row * width + x) * 4);
    }
    x += part.width;
  }
  return { width, height, rgba };
}

/** Box of everything that is not white. */
function inkBox({ width, height, rgba }: Raster) {
  const box = { x1: width, y1: height, x2: 0, y2: 0 };
  for (let i = 0; i < width * height; i++) {
    if ((rgba[4 * i + 1] ?? 255) > 200) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    box.x1 = Math.min(box.x1, x);
    box.x2 = Math.max(box.x2, x + 1);
    box.y1 = Math.min(box.y1, y);
    box.y2 = Math.max(box.y2, y + 1);
  }
  return box;
}

function difference(a: Raster, b: Raster): number {
  expect([a.width, a.height]).toEqual([b.width, b.height]);
  return (
    pixelmatch(a.rgba, b.rgba, undefined, a.width, a.height, { threshold: 0.3 }) /
    (a.width * a.height)
  );
}

const TURNED: readonly TestPage[] = [
  PAGE,
  { ...PAGE, rotate: 90 },
  { ...PAGE, rotate: 180 },
  { ...PAGE, rotate: 270, mediaBox: [-60, 24, 540, 864] },
  { mediaBox: [0, 0, 900, 900], cropBox: [120, 60, 720, 840], rotate: 90 },
];

withPoppler('a seal on a page', () => {
  it('has its true size, where the reader measures, upright on any page', async () => {
    const centre = { xPt: 240, yPt: 240 };
    const pdf = await sealed(TURNED, { kind: 'point', page: 'all', centre });
    const seals = TURNED.map((_, i) => {
      const page = rendered(pdf, i + 1);
      const box = inkBox(page);
      expect(box.x2 - box.x1).toBeGreaterThan(237);
      expect(box.x2 - box.x1).toBeLessThan(243);
      expect((box.x1 + box.x2) / 2).toBeCloseTo((240 * DPI) / 72, -0.5);
      expect(page.height - (box.y1 + box.y2) / 2).toBeCloseTo((240 * DPI) / 72, -0.5);
      return cut(page, 360, page.height - 600, 240, 240);
    });
    for (const other of seals.slice(1)) expect(difference(seals[0]!, other)).toBeLessThan(0.01);
  });

  it('over page edges joins to the seal it was cut from', async () => {
    const placements: readonly Placement[] = [
      { kind: 'cross-page', edge: 'right' },
      { kind: 'point', page: 0, centre: { xPt: 240, yPt: 240 } },
    ];
    const pages = [PAGE, { ...PAGE, rotate: 180 }, PAGE, PAGE];
    const pdf = await sealed(pages, ...placements);
    const slices = pages.map((_, i) => {
      const page = rendered(pdf, i + 1);
      return cut(page, page.width - 60, page.height / 2 - 120, 60, 240);
    });
    const first = rendered(pdf, 1);
    const whole = cut(first, 360, first.height - 600, 240, 240);
    expect(difference(joined(slices), whole)).toBeLessThan(0.002);
    expect(difference(joined(slices.toReversed()), whole)).toBeGreaterThan(0.02);
  });

  it('is valid and sound to others', async () => {
    const pdf = await sealed([PAGE, PAGE, PAGE], { kind: 'cross-page', edge: 'left' });
    const directory = mkdtempSync(join(tmpdir(), 'appearance-'));
    try {
      const path = join(directory, 'a.pdf');
      writeFileSync(path, pdf);
      const report = spawnSync('pdfsig', ['-nocert', path], { encoding: 'utf8' }).stdout;
      expect(report.match(/Signature is Valid/g)).toHaveLength(3);
      expect(report).not.toContain('not signed');
      expect(spawnSync('qpdf', ['--check', path]).status).toBe(0);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('the seal check', () => {
  const verdictOf = async (pdf: Uint8Array) => {
    const at = new Date('2026-11-20T09:00:00Z');
    const report = await verifyPdf(pdf, { fileName: 'a.pdf', trust: trustOf(pki), at });
    expect(report.signatures).toHaveLength(1);
    return report.signatures[0]!;
  };

  it('recognises the picture in every place and in slices', async () => {
    const pdf = await sealed(
      [PAGE, { ...PAGE, rotate: 90 }, PAGE],
      { kind: 'cross-page', edge: 'right' },
      { kind: 'point', page: 'all', centre: { xPt: 200, yPt: 200 } },
    );
    const own = await verdictOf(pdf);
    expect(own.indication).toBe('TOTAL-PASSED');
    expect(own.seal?.pictureMatches).toBe(true);
  });

  it('finds one slice exchanged', async () => {
    const pdf = await sealed([PAGE, PAGE, PAGE], { kind: 'cross-page', edge: 'right' });
    expect((await verdictOf(pdf)).seal?.pictureMatches).toBe(true);
    const forged = appendRevision(pdf, (writer, document) => {
      const [first, second] = document.fields[0]!.widgets;
      writer.set(first!.ref!, first!.dict.with({ AP: second!.dict.get('AP') ?? PdfDict.of({}) }));
    });
    const own = await verdictOf(forged);
    expect(own.indication).toBe('TOTAL-FAILED');
    expect(own.seal?.pictureMatches).toBe(false);
  });
});

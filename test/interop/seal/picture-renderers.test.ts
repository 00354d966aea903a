/** The same drawing through two renderers that know nothing of each other: SVG by resvg, PDF by poppler. */
import { describe, expect, it } from '@jest/globals';
import { Resvg } from '@resvg/resvg-js';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pixelmatch from 'pixelmatch';
import { bytesToLatin1 } from '../../../src/kernel/index.js';
import {
  drawSeal,
  drawingToPdfOperators,
  drawingToSvg,
  type SealDrawing,
} from '../../../src/seal/index.js';
import { FONT, NAMES } from '../../unit/seal/seal-fixture.js';

const DPI = 300;
const hasPoppler = spawnSync('pdftoppm', ['-v']).error === undefined;
if (!hasPoppler && process.env['CI'] !== 'true') {
  console.warn('skipped: pdftoppm (poppler-utils) is not installed');
}
const withPoppler = hasPoppler || process.env['CI'] === 'true' ? describe : describe.skip;

/** A file of one page that is just as large as the seal. */
function onePagePdf(drawing: SealDrawing): Uint8Array {
  const { operators, widthPt, heightPt } = drawingToPdfOperators(drawing);
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    `<</Type/Page/Parent 2 0 R/MediaBox[0 0 ${widthPt} ${heightPt}]/Contents 4 0 R/Resources<<>>>>`,
    `<</Length ${operators.length}>>stream\n${bytesToLatin1(operators)}\nendstream`,
  ];
  let text = '%PDF-1.4\n';
  const offsets = objects.map((body, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${body}\nendobj\n`;
    return `${String(offset).padStart(10, '0')} 00000 n \n`;
  });
  const start = text.length;
  text += `xref\n0 5\n0000000000 65535 f \n${offsets.join('')}`;
  text += `trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(text, 'latin1');
}

/** Pixels on white paper, four bytes each. */
interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

function renderedByResvg(drawing: SealDrawing, width: number): Picture {
  const image = new Resvg(drawingToSvg(drawing), {
    background: 'white',
    fitTo: { mode: 'width', value: width },
  }).render();
  return { width: image.width, height: image.height, rgba: image.pixels };
}

function renderedByPoppler(drawing: SealDrawing, width: number): Picture {
  const directory = mkdtempSync(join(tmpdir(), 'seal-picture-'));
  try {
    writeFileSync(join(directory, 'seal.pdf'), onePagePdf(drawing));
    execFileSync('pdftoppm', [
      ...['-singlefile', '-scale-to-x', String(width), '-scale-to-y', String(width)],
      ...[join(directory, 'seal.pdf'), join(directory, 'seal')],
    ]);
    return readPpm(readFileSync(join(directory, 'seal.ppm')));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function readPpm(bytes: Buffer): Picture {
  const head = /^P6\s(\d+)\s(\d+)\s255\s/.exec(bytes.subarray(0, 40).toString('latin1'));
  if (head === null) throw new Error('not a PPM of 8 bits');
  const [width, height] = [Number(head[1]), Number(head[2])];
  const rgba = new Uint8Array(width * height * 4).fill(255);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const from = head[0].length + 3 * pixel;
    rgba.set(bytes.subarray(from, from + 3), 4 * pixel);
  }
  return { width, height, rgba };
}

withPoppler('SVG and PDF of one drawing', () => {
  it.each([
    ['a short name', drawSeal({ name: NAMES[1], kind: 'official', font: FONT })],
    [
      'a name of 20',
      drawSeal({ name: NAMES[4], kind: 'contract', code: '3701020000123', font: FONT }),
    ],
    ['a name seal', drawSeal({ name: '诸葛孔明', kind: 'legal-person', font: FONT })],
    ['a specimen', drawSeal({ name: NAMES[3], kind: 'finance', font: FONT, specimen: true })],
  ])('show %s alike', (_what, drawing) => {
    const width = Math.round((drawing.widthMm / 25.4) * DPI);
    const ours = renderedByResvg(drawing, width);
    const theirs = renderedByPoppler(drawing, width);
    expect([theirs.width, theirs.height]).toEqual([ours.width, ours.height]);
    const different = pixelmatch(ours.rgba, theirs.rgba, undefined, width, ours.height, {
      threshold: 0.35,
    });
    expect(different / (width * width)).toBeLessThan(0.002);
    const red = theirs.rgba.filter((value, index) => index % 4 === 1 && value < 128).length;
    expect(red / (width * width)).toBeGreaterThan(0.1);
  });
});

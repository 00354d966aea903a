/** What a seal measures on paper: signed, drawn at 600 dpi by programs that know nothing of us, and measured. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemorySource } from '../../../src/kernel/index.js';
import type { Signer } from '../../../src/pades/index.js';
import { openPdf } from '../../../src/pdf/index.js';
import { readPicture, type Picture } from '../../../src/picture/index.js';
import { cleanSpecimen, drawSeal, drawingToPdfOperators } from '../../../src/seal/index.js';
import { composeAppearance, sealPicture } from '../../../src/signing/index.js';
import { pagesPdf, type TestPage } from '../../support/pdf/pages-pdf.js';
import { printedSize } from '../../support/printed-size.js';
import { asPng, scan } from '../../support/scanned-seal.js';
import { signPdf } from '../../support/sign-pdf.js';
import { TestPki } from '../../support/test-pki.js';
import { FONT } from '../../unit/seal/seal-fixture.js';

const TOLERANCE_MM = 0.2;

const isCi = process.env['CI'] === 'true';
const hasTools = ['pdftoppm', 'mutool'].every(
  (tool) => spawnSync(tool, ['-v']).error === undefined,
);
if (!hasTools && !isCi) console.warn('skipped: poppler-utils or mupdf-tools is not installed');
const withTools = hasTools || isCi ? describe : describe.skip;

const round = drawSeal({
  name: '示例市公共资源交易中心',
  kind: 'contract',
  code: '3799990000123',
  sizeMm: 40,
  font: FONT,
});
const square = drawSeal({ name: '王明', kind: 'legal-person', sizeMm: 18, font: FONT });

function drawn(drawing: typeof round): Picture {
  const { operators, widthPt, heightPt } = drawingToPdfOperators(drawing);
  return sealPicture({ content: operators, widthPt, heightPt });
}

const SEALS: readonly (readonly [string, number, () => Picture])[] = [
  ['a drawn seal of 40 mm', 40, () => drawn(round)],
  [
    'a scanned seal of 40 mm',
    40,
    () => readPicture(cleanSpecimen(asPng(scan(round, { dpi: 300 })), 40).png),
  ],
  ['the square seal of a legal representative, 18 mm', 18, () => drawn(square)],
];

/** Room for the seal and little else: a whole sheet at 600 dpi has 35 million dots. */
const SHEET: TestPage = { mediaBox: [0, 0, 150, 160] };
const PAGES: readonly TestPage[] = [
  SHEET,
  { ...SHEET, rotate: 90 },
  { mediaBox: [20, 30, 320, 330], cropBox: [60, 70, 220, 210], rotate: 270 },
];
/** Half as many units of twice the size. */
const LARGE_UNITS: readonly TestPage[] = [
  { mediaBox: [0, 0, 75, 80], userUnit: 2 },
  { mediaBox: [0, 0, 75, 80], userUnit: 2, rotate: 90 },
];

withTools('on paper', () => {
  let signer: Signer;
  beforeAll(async () => {
    const pki = await TestPki.create();
    signer = await pki.issue('CN=签署人,O=示例市财政局,C=CN');
  });

  async function sizes(picture: Picture, pages: readonly TestPage[], by: 'poppler' | 'mupdf') {
    const pdf = pagesPdf(pages);
    const centre = { xPt: 75, yPt: 70 };
    const placements = [{ kind: 'point', page: 'all', centre }] as const;
    const appearance = composeAppearance(openPdf(new MemorySource(pdf)), [{ picture, placements }]);
    const directory = mkdtempSync(join(tmpdir(), 'printed-size-'));
    try {
      const file = join(directory, 'a.pdf');
      writeFileSync(file, await signPdf(pdf, signer, { appearance }));
      return pages.map((_, index) => printedSize(file, { page: index + 1, by }));
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  it.each(SEALS)('%s measures %d mm', async (_name, sizeMm, picture) => {
    const shown = picture();
    const all = [
      ...(await sizes(shown, PAGES, 'poppler')),
      ...(await sizes(shown, LARGE_UNITS, 'mupdf')),
    ];
    expect(all).toHaveLength(5);
    for (const { widthMm, heightMm } of all) {
      expect(Math.abs(widthMm - sizeMm)).toBeLessThan(TOLERANCE_MM);
      expect(Math.abs(heightMm - sizeMm)).toBeLessThan(TOLERANCE_MM);
    }
  });
});

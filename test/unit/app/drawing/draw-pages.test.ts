import { expect, it } from '@jest/globals';
import { PDFDocument } from 'pdf-lib';
import { drawPages, type Picture } from '../../../../src/app/drawing/draw-pages.js';
import { utf8ToBytes } from '../../../../src/kernel/index.js';
import { samplePdf } from '../../../support/contract-pdf.js';

async function drawn(
  pdf: Uint8Array,
  options?: Parameters<typeof drawPages>[1],
): Promise<readonly Picture[]> {
  const pictures: Picture[] = [];
  for await (const picture of drawPages(pdf, options)) pictures.push(picture);
  return pictures;
}

async function pdfOf(...sizes: readonly (readonly [width: number, height: number])[]) {
  const document = await PDFDocument.create();
  for (const [width, height] of sizes) document.addPage([width, height]);
  return document.save();
}

const sizes = (pictures: readonly Picture[]) =>
  pictures.map(({ width, height, data }) => {
    expect(data).toHaveLength(width * height * 3);
    return [width, height];
  });

it('draws every page within the bound, whatever its size', async () => {
  const pdf = await pdfOf([595, 842], [842, 595], [14_400, 14_400], [3, 3], [200_000, 20]);
  const shown = sizes(await drawn(pdf));
  expect(shown.slice(0, 2)).toEqual([
    [827, 1169],
    [1169, 827],
  ]);
  expect(shown).toHaveLength(5);
  for (const [width, height] of shown) {
    expect(Math.max(width!, height!)).toBeLessThanOrEqual(1169);
  }
});

it('draws one page as large as asked', async () => {
  const pdf = await pdfOf([595, 842], [842, 595]);
  expect(sizes(await drawn(pdf, { onlyPage: 1, longSidePx: 300 }))).toEqual([[300, 212]]);
});

it('draws what readers show where that is asked', async () => {
  const document = await PDFDocument.create();
  document.addPage([600, 800]).setCropBox(0, 0, 400, 200);
  const pdf = await document.save();
  expect(sizes(await drawn(pdf, { isCropped: true, longSidePx: 400 }))).toEqual([[400, 200]]);
});

it('says that a file cannot be drawn', async () => {
  await expect(drawn(utf8ToBytes('hello'))).rejects.toMatchObject({ code: 'input-invalid' });
});

it('leaves no process behind when nobody asks for the rest', async () => {
  const pdf = await samplePdf();
  const drawing = drawPages(pdf);
  expect((await drawing.next()).done).toBe(false);
  await drawing.return();
  expect((await drawing.next()).done).toBe(true);
});

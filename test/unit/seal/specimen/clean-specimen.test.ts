import { beforeAll, describe, expect, it } from '@jest/globals';
import { decode } from 'fast-png';
import { writeFileSync } from 'node:fs';
import { cleanSpecimen, drawSeal, drawingToPng } from '../../../../src/seal/index.js';
import { asJpeg, asPng, scan, speck, type Scan } from '../../../support/scanned-seal.js';
import { FONT } from '../seal-fixture.js';

const SIZE_MM = 42;
const DRAWING = drawSeal({
  name: '示例市公共资源交易中心',
  kind: 'contract',
  code: '3701020000123',
  font: FONT,
});
const DIRECTORY = process.env['SPECIMEN_PICTURES'];

let ideal: Uint8Array;
beforeAll(() => {
  ideal = opacityOf(drawingToPng(DRAWING, 600));
});

function opacityOf(png: Uint8Array): Uint8Array {
  const { data, channels } = decode(png);
  return Uint8Array.from({ length: data.length / channels }, (_, i) => data[i * channels + 3] ?? 0);
}

/** Mean difference of opacity from the drawing itself, and the opacity where the drawing has none. */
function compare(png: Uint8Array): { readonly difference: number; readonly stray: number } {
  const found = opacityOf(png);
  expect(found).toHaveLength(ideal.length);
  const { abs } = Math;
  let [difference, stray, clear] = [0, 0, 0];
  found.forEach((value, i) => {
    difference += abs(value - (ideal[i] ?? 0));
    if (ideal[i] !== 0) return;
    clear++;
    stray += value;
  });
  return { difference: difference / found.length / 255, stray: stray / clear / 255 };
}

function reasonOf(bytes: Uint8Array, widthMm = SIZE_MM): unknown {
  try {
    cleanSpecimen(bytes, widthMm);
    return 'accepted';
  } catch (error) {
    return (error as { params: Record<string, unknown> }).params;
  }
}

describe('a scanned seal', () => {
  const yellow = [244, 228, 190] as const;
  it.each<[string, Scan, number | undefined, number]>([
    ['a clean PNG', { dpi: 300 }, undefined, 0.02],
    ['pale ink on yellowed paper', { ink: '#e86a70', paper: yellow }, undefined, 0.03],
    [
      'all of these',
      { paper: yellow, shade: 0.7, noise: 8, writing: true, extra: speck() },
      75,
      0.05,
    ],
  ])('becomes the drawing again from %s', (name, options, quality, most) => {
    const sheet = scan(DRAWING, options);
    const bytes = quality === undefined ? asPng(sheet) : asJpeg(sheet, quality);
    const cleaned = cleanSpecimen(bytes, SIZE_MM);
    if (DIRECTORY !== undefined) {
      const file = `${DIRECTORY}/${name.replaceAll(' ', '-')}`;
      writeFileSync(`${file}.in`, bytes);
      writeFileSync(`${file}.png`, cleaned.png);
    }
    expect([cleaned.widthMm, cleaned.heightMm]).toEqual([42, 42]);
    const dpi = options.dpi ?? 220;
    expect(Math.abs(cleaned.scannedDpi - dpi)).toBeLessThan(dpi * 0.01);
    const { difference, stray } = compare(cleaned.png);
    expect(difference).toBeLessThan(most);
    expect(stray).toBeLessThan(most / 2);
  });

  it('has its true size in its file', () => {
    const { png } = cleanSpecimen(asPng(scan(DRAWING, {})), SIZE_MM);
    const { width, height, resolution } = decode(png);
    expect([width, height]).toEqual([992, 992]);
    expect(resolution).toEqual({ x: 23619, y: 23619, unit: 1 });
  });

  it('is refused, with the reason', () => {
    expect(reasonOf(asPng(scan(DRAWING, { ink: '#202020' })))).toEqual({ reason: 'no-red' });
    expect(reasonOf(asPng(scan(DRAWING, { ink: '#2030d0' })))).toEqual({ reason: 'no-red' });
    expect(reasonOf(asPng(scan(DRAWING, { ink: '#ffffff' })))).toEqual({ reason: 'no-red' });
    expect(reasonOf(asPng(scan(DRAWING, { offsetMm: 9 })))).toEqual({ reason: 'cut-off' });
    expect(reasonOf(asPng(scan(DRAWING, { dpi: 120 })))).toEqual({
      reason: 'resolution',
      dpi: 120,
      needDpi: 200,
    });
    expect(reasonOf(asPng(scan(DRAWING, {})), 4.5)).toEqual({ field: 'sizeMm' });
    expect(reasonOf(new TextEncoder().encode('GIF89a'))).toEqual({ kind: 'unknown' });
    const jpeg = asJpeg(scan(DRAWING, { dpi: 220 }), 80);
    expect(reasonOf(jpeg.subarray(0, jpeg.length >> 1))).not.toBe('accepted');
  });
});

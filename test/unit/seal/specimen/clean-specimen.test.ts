import { beforeAll, describe, expect, it } from '@jest/globals';
import { Resvg } from '@resvg/resvg-js';
import { decode, encode as encodePng } from 'fast-png';
import { encode as encodeJpeg } from 'jpeg-js';
import { writeFileSync } from 'node:fs';
import { cleanSpecimen, drawSeal, drawingToPng, drawingToSvg } from '../../../../src/seal/index.js';
import { FONT } from '../seal-fixture.js';

const SIZE_MM = 42;
const MARGIN_MM = 6;
const DRAWING = drawSeal({
  name: '示例市公共资源交易中心',
  kind: 'contract',
  code: '3701020000123',
  font: FONT,
});
const DIRECTORY = process.env['SPECIMEN_PICTURES'];

interface Scan {
  readonly dpi?: number;
  /** Paper, as red, green and blue. */
  readonly paper?: readonly [number, number, number];
  /** Light at the right edge, as a part of that at the left. */
  readonly shade?: number;
  /** Amplitude, in 255ths. */
  readonly noise?: number;
  /** Lines of black writing across the seal. */
  readonly writing?: boolean;
  readonly offsetMm?: number;
  readonly ink?: string;
  readonly extra?: string;
}

/** A sheet with the seal stamped on it, as a scanner would see it. */
function scan(options: Scan): { width: number; height: number; rgba: Uint8Array } {
  const { dpi = 220, paper = [255, 255, 255], shade = 1, noise = 0, offsetMm = 0 } = options;
  const side = SIZE_MM + 2 * MARGIN_MM;
  const seal = drawingToSvg(DRAWING)
    .replace(/width="[\d.]+mm" height="[\d.]+mm"/, 'width="42" height="42"')
    .replaceAll(/fill="#[0-9a-f]{6}"/g, `fill="${options.ink ?? '#d02028'}"`);
  // Horizontal strokes of half a millimetre and letters' stems stand for writing.
  const writing = Array.from({ length: 6 }, (_, line) =>
    Array.from({ length: 24 }, (__, stem) => {
      const [x, y] = [2 + stem * 2.1, 6 + line * 8];
      return `<rect x="${x}" y="${y}" width="1.5" height="0.4"/><rect x="${x + 0.5}" y="${y}" width="0.4" height="2.4"/>`;
    }).join(''),
  ).join('');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" width="${side}" height="${side}"><rect width="${side}" height="${side}" fill="white"/><g transform="translate(${MARGIN_MM - offsetMm} ${MARGIN_MM})">${seal}</g><g fill="#151515">${options.writing === true ? writing : ''}</g>${options.extra ?? ''}</svg>`;
  const width = Math.round((side * dpi) / 25.4);
  const picture = new Resvg(svg, { fitTo: { mode: 'width', value: width } }).render();
  const rgba = new Uint8Array(picture.pixels);
  let seed = 7;
  const random = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648 - 0.5;
  };
  const { max, min, round } = Math;
  for (let i = 0; i < rgba.length; i += 4) {
    const light = 1 - ((1 - shade) * ((i / 4) % picture.width)) / picture.width;
    for (let c = 0; c < 3; c++) {
      const ideal = ((rgba[i + c] ?? 0) * (paper[c] ?? 255) * light) / 255;
      rgba[i + c] = max(0, min(255, round(ideal + noise * 2 * random())));
    }
  }
  return { width: picture.width, height: picture.height, rgba };
}

function asPng(sheet: ReturnType<typeof scan>): Uint8Array {
  return encodePng({ width: sheet.width, height: sheet.height, data: sheet.rgba, channels: 4 });
}

function asJpeg(sheet: ReturnType<typeof scan>, quality: number): Uint8Array {
  const { width, height, rgba } = sheet;
  return new Uint8Array(encodeJpeg({ width, height, data: Buffer.from(rgba) }, quality).data);
}

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
    const sheet = scan(options);
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
    const { png } = cleanSpecimen(asPng(scan({})), SIZE_MM);
    const { width, height, resolution } = decode(png);
    expect([width, height]).toEqual([992, 992]);
    expect(resolution).toEqual({ x: 23622, y: 23622, unit: 1 });
  });

  it('is refused, with the reason', () => {
    expect(reasonOf(asPng(scan({ ink: '#202020' })))).toEqual({ reason: 'no-red' });
    expect(reasonOf(asPng(scan({ ink: '#2030d0' })))).toEqual({ reason: 'no-red' });
    expect(reasonOf(asPng(scan({ ink: '#ffffff' })))).toEqual({ reason: 'no-red' });
    expect(reasonOf(asPng(scan({ offsetMm: 9 })))).toEqual({ reason: 'cut-off' });
    expect(reasonOf(asPng(scan({ dpi: 120 })))).toEqual({
      reason: 'resolution',
      dpi: 120,
      needDpi: 200,
    });
    expect(reasonOf(asPng(scan({})), 4.5)).toEqual({ field: 'sizeMm' });
    expect(reasonOf(new TextEncoder().encode('GIF89a'))).toEqual({ kind: 'unknown' });
    const jpeg = asJpeg(scan({ dpi: 220 }), 80);
    expect(reasonOf(jpeg.subarray(0, jpeg.length >> 1))).not.toBe('accepted');
  });
});

/** Red dust and a red line beside the seal. */
function speck(): string {
  return '<g fill="#d02028"><circle cx="3" cy="50" r="0.08"/><rect x="50" y="1.5" width="2.5" height="0.6"/></g>';
}

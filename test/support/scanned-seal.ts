/** Sheets of paper with a seal stamped on them, as a scanner sees them: light, noise, yellowed paper, writing. */
import { Resvg } from '@resvg/resvg-js';
import { encode as encodePng } from 'fast-png';
import { encode as encodeJpeg } from 'jpeg-js';
import { drawingToSvg, type SealDrawing } from '../../src/seal/index.js';

const MARGIN_MM = 6;

export interface Scan {
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
export function scan(
  drawing: SealDrawing,
  options: Scan,
): { width: number; height: number; rgba: Uint8Array } {
  const { dpi = 220, paper = [255, 255, 255], shade = 1, noise = 0, offsetMm = 0 } = options;
  const side = drawing.widthMm + 2 * MARGIN_MM;
  const seal = drawingToSvg(drawing)
    .replace(
      /width="[\d.]+mm" height="[\d.]+mm"/,
      `width="${drawing.widthMm}" height="${drawing.heightMm}"`,
    )
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

export function asPng(sheet: ReturnType<typeof scan>): Uint8Array {
  return encodePng({ width: sheet.width, height: sheet.height, data: sheet.rgba, channels: 4 });
}

export function asJpeg(sheet: ReturnType<typeof scan>, quality: number): Uint8Array {
  const { width, height, rgba } = sheet;
  return new Uint8Array(encodeJpeg({ width, height, data: Buffer.from(rgba) }, quality).data);
}

/** Red dust and a red line beside the seal. */
export function speck(): string {
  return '<g fill="#d02028"><circle cx="3" cy="50" r="0.08"/><rect x="50" y="1.5" width="2.5" height="0.6"/></g>';
}

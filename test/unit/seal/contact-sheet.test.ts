/** Every kind of seal beside the others, to be looked at: docs/images/seals.png. */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { decode } from 'fast-png';
import { utf8ToBytes } from '../../../src/kernel/index.js';
import { svgToPng } from '../../../src/picture/index.js';
import { drawSeal, drawingToSvg, type SealPictureRequest } from '../../../src/seal/index.js';
import { FONT } from './seal-fixture.js';

const SHEET = 'docs/images/seals.png';
const CELL_MM = 46;
const COLUMNS = 6;
const PX_PER_MM = 5;
const CODE = '3799990000123';

/** Of no place there is. */
const LONGEST = '示例省示例市示例新区示例经济技术开发区管理委员会行政审批服务局';

const named = (length: number): string => LONGEST.slice(0, length);

const SEALS: readonly Omit<SealPictureRequest, 'font'>[] = [
  ...[4, 6, 8, 10, 12, 14, 17, 20, 24, 30].flatMap((length) => [
    { name: named(length), kind: 'official', code: CODE } as const,
  ]),
  { name: named(8), kind: 'official' },
  { name: named(30), kind: 'official' },
  { name: named(6), kind: 'contract', code: CODE },
  { name: named(14), kind: 'contract', code: CODE },
  { name: named(30), kind: 'contract', code: CODE },
  { name: named(10), kind: 'finance' },
  { name: '示例（新区）科技有限公司', kind: 'finance', code: CODE },
  { name: named(12), kind: 'other', kindText: '政府采购业务章', code: CODE },
  { name: named(10), kind: 'other', kindText: '（１）'.normalize('NFKC') + '号', code: CODE },
  { name: named(10), kind: 'contract', code: CODE, sizeMm: 38 },
  { name: named(10), kind: 'contract', code: CODE, sizeMm: 45 },
  { name: named(10), kind: 'contract', code: CODE, specimen: true },
  { name: '王明', kind: 'legal-person' },
  { name: '欧阳明', kind: 'legal-person' },
  { name: '诸葛孔明', kind: 'legal-person', sizeMm: 18 },
  { name: '阿卜杜拉·买买提', kind: 'legal-person' },
  { name: '王明', kind: 'legal-person', specimen: true },
];

function sheet(): Uint8Array {
  const rows = Math.ceil(SEALS.length / COLUMNS);
  const [width, height] = [COLUMNS * CELL_MM, rows * CELL_MM];
  const cells = SEALS.map((request, index) => {
    const drawing = drawSeal({ ...request, font: FONT });
    const x = (index % COLUMNS) * CELL_MM + (CELL_MM - drawing.widthMm) / 2;
    const y = Math.floor(index / COLUMNS) * CELL_MM + (CELL_MM - drawing.heightMm) / 2;
    return drawingToSvg(drawing)
      .replace(/ width="[\d.]+mm" height="[\d.]+mm"/, () => {
        const size = `width="${drawing.widthMm}" height="${drawing.heightMm}"`;
        return ` x="${x}" y="${y}" ${size}`;
      })
      .replace(/<title>.*<\/title>/, '');
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"><rect width="${width}" height="${height}" fill="white"/>${cells.join('')}</svg>`;
  return svgToPng(utf8ToBytes(svg), width * PX_PER_MM);
}

describe('the sheet of seals in the docs', () => {
  it('is what is drawn now', () => {
    const drawn = sheet();
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(SHEET, drawn);
    const kept = decode(readFileSync(SHEET));
    const now = decode(drawn);
    expect([kept.width, kept.height]).toEqual([now.width, now.height]);
    const differing = now.data.filter((value, i) => Math.abs(value - (kept.data[i] ?? 0)) > 8);
    expect(differing.length).toBe(0);
  });
});

/** The rendered contract as other programs see it: text in order, sound structure, ink in every cell. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderContract } from '../../../src/contract/index.js';
import { fonts, goodsTemplate, sampleContract } from '../../unit/contract/sample.js';

const has = (tool: string) => spawnSync(tool, ['-v']).error === undefined;
const missing = ['pdftotext', 'pdftoppm', 'qpdf'].filter((tool) => !has(tool));
if (missing.length > 0 && process.env['CI'] === 'true')
  throw new Error(`missing: ${missing.join(' ')}`);
if (missing.length > 0) console.warn(`skipped, not installed: ${missing.join(' ')}`);
const outside = missing.length > 0 ? describe.skip : describe;

const RARE = '㛃𬭸䶮';
const ITEMS = 40;

outside('a contract of forty items', () => {
  let folder = '';
  let file = '';
  let pageCount = 0;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'qianyin-contract-'));
    file = join(folder, 'contract.pdf');
    const data = { ...sampleContract(ITEMS), signingPlace: `示例市${RARE}` };
    const input = { data, template: goodsTemplate, fonts, at: new Date('2026-05-12T02:00:00Z') };
    const rendered = await renderContract(input);
    pageCount = rendered.pageCount;
    writeFileSync(file, rendered.pdf);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('has a sound structure', () => {
    expect(() => execFileSync('qpdf', ['--check', file])).not.toThrow();
  });

  it('gives back its text, page by page and in order', () => {
    const pages = execFileSync('pdftotext', ['-raw', file, '-'], { encoding: 'utf8' }).split('\f');
    expect(pages).toHaveLength(pageCount + 1);
    const text = pages.map((page) => page.replace(/\s/g, ''));
    text.slice(0, -1).forEach((page, index) => {
      expect(page).toContain(`第${index + 1}页共${pageCount}页`);
    });
    const whole = text.join('').replace(/第\d+页共\d+页(合同编号：SLCG-2026-0815)?/g, '');
    const expected = [
      '政府采购合同',
      `签订地点：示例市${RARE}`,
      '第一条合同文件',
      '（40型）',
      '大写：人民币贰佰壹拾壹万贰仟元整',
      '第三条合同金额',
      '第十四条附件',
      '（以下无正文）',
      '甲方（盖章）',
    ];
    let from = 0;
    for (const part of expected) {
      const found = whole.indexOf(part, from);
      expect([part, found >= 0]).toEqual([part, true]);
      from = found;
    }
  });

  it('repeats the head of a table on every page it reaches', () => {
    const text = execFileSync('pdftotext', ['-raw', file, '-'], { encoding: 'utf8' });
    const tablePages = text.split('\f').filter((page) => page.includes('处理器不少于8核'));
    expect(tablePages.length).toBeGreaterThan(3);
    for (const page of tablePages) expect(page).toContain('规格型号及技术参数');
  });

  it('draws ink for every character that is no space', () => {
    const dpi = 100;
    const boxes = execFileSync('pdftotext', ['-bbox', file, '-'], { encoding: 'utf8' });
    const empty: string[] = [];
    boxes
      .split('<page ')
      .slice(1)
      .forEach((page, index) => {
        const number = String(index + 1);
        const pgm = execFileSync(
          'pdftoppm',
          ['-r', String(dpi), '-f', number, '-l', number, '-gray', file],
          { maxBuffer: 1 << 26 },
        );
        const image = readPgm(pgm);
        const words = page.matchAll(
          /xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)</g,
        );
        for (const [, x0, y0, x1, y1, word = ''] of words) {
          // Only words of full-width characters have cells of one width.
          if (!/^[\p{Script=Han}]+$/u.test(word)) continue;
          const characters = Array.from(word);
          const cell = (Number(x1) - Number(x0)) / characters.length;
          characters.forEach((character, at) => {
            const left = Number(x0) + at * cell;
            const box = [left, Number(y0), left + cell, Number(y1)].map(
              (edge) => (edge * dpi) / 72,
            );
            if (!hasInk(image, box)) empty.push(`${index + 1}:${word}:${character}`);
          });
        }
      });
    expect(empty).toEqual([]);
  });
});

interface GrayImage {
  readonly width: number;
  readonly pixels: Uint8Array;
}

/** The binary grey image that pdftoppm writes: `P5`, width, height, 255, one byte a pixel. */
function readPgm(bytes: Buffer): GrayImage {
  const header = /^P5\s+(\d+)\s+\d+\s+255\s/.exec(bytes.subarray(0, 64).toString('latin1'));
  if (header === null) throw new Error('pdftoppm wrote no grey image');
  return { width: Number(header[1]), pixels: bytes.subarray(header[0].length) };
}

/** Dark pixels in the middle of a cell; table rules at its edges do not count. */
function hasInk(image: GrayImage, [x0 = 0, y0 = 0, x1 = 0, y1 = 0]: readonly number[]): boolean {
  const inset = (x1 - x0) * 0.1;
  let dark = 0;
  for (let y = Math.floor(y0 + inset); y < y1 - inset; y++) {
    for (let x = Math.floor(x0 + inset); x < x1 - inset; x++) {
      if ((image.pixels[y * image.width + x] ?? 255) < 128) dark += 1;
    }
  }
  return dark >= 3;
}

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { breakLines } from '../../../src/typesetting/line-breaking.js';

/** Full-width characters are 10 points wide, others 5. */
const measure = (text: string) =>
  Array.from(text).reduce((sum, character) => sum + (character > '\u2e80' ? 10 : 5), 0);
const broken = (text: string, width: number) =>
  breakLines(text, measure, width).map((line) => line.pieces.join(''));

describe('breakLines', () => {
  it('takes a character along rather than begin a line with a mark', () => {
    expect(broken('一二三四五》六', 40)).toEqual(['一二三四', '五》六']);
    expect(broken('一二三四，五', 40)).toEqual(['一二三', '四，五']);
  });

  it('lets the empty half of a mark hang at the end', () => {
    expect(broken('一二三四，五', 45)).toEqual(['一二三四，', '五']);
  });

  it('never ends a line with an opening mark', () => {
    expect(broken('一二三（四五）', 40)).toEqual(['一二三', '（四五）']);
  });

  it('keeps numbers, words and double dashes whole', () => {
    expect(broken('金额￥1,234.50元', 50)).toEqual(['金额', '￥1,234.50', '元']);
    expect(broken('一二三——四', 35)).toEqual(['一二', '三——四']);
  });

  it('cuts a word that is wider than the line', () => {
    expect(broken('ABCDEFGHIJ', 20)).toEqual(['ABCD', 'EFGH', 'IJ']);
  });

  it('loses nothing, and breaks no line too long', () => {
    const alphabet = fc.constantFrom(...Array.from('一二三，。（）《》“”AB12.￥—'));
    fc.assert(
      fc.property(fc.string({ unit: alphabet, maxLength: 80 }), (text) => {
        const lines = breakLines(text, measure, 60);
        expect(lines.flatMap((line) => line.pieces).join('')).toBe(text);
        for (const line of lines) expect(line.widthPt).toBeLessThanOrEqual(60);
      }),
    );
  });
});

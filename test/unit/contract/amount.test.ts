import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  formatCapitals,
  formatYuan,
  formatYuanGrouped,
  parseCapitals,
  parseYuan,
} from '../../../src/contract/index.js';

describe('amounts', () => {
  it.each([
    ['0.00', '人民币零元整'],
    ['0.05', '人民币伍分'],
    ['0.50', '人民币伍角'],
    ['0.55', '人民币伍角伍分'],
    ['1.00', '人民币壹元整'],
    ['10.00', '人民币壹拾元整'],
    ['20.00', '人民币贰拾元整'],
    ['325.04', '人民币叁佰贰拾伍元零肆分'],
    ['1409.50', '人民币壹仟肆佰零玖元伍角'],
    ['6007.14', '人民币陆仟零柒元壹角肆分'],
    ['16409.02', '人民币壹万陆仟肆佰零玖元零贰分'],
    ['100000.00', '人民币壹拾万元整'],
    ['100001.00', '人民币壹拾万零壹元整'],
    ['107000.53', '人民币壹拾万零柒仟元伍角叁分'],
    ['10000000.00', '人民币壹仟万元整'],
    ['100000000.00', '人民币壹亿元整'],
    ['100000001.00', '人民币壹亿零壹元整'],
    ['1000010000.00', '人民币壹拾亿零壹万元整'],
    ['1000000000000.00', '人民币壹万亿元整'],
    ['1000200000000.00', '人民币壹万零贰亿元整'],
  ])('%s is %s', (yuan, capitals) => {
    expect(formatCapitals(parseYuan(yuan))).toBe(capitals);
    expect(parseCapitals(capitals)).toBe(parseYuan(yuan));
  });

  it.each([
    ['人民币壹仟肆佰零玖元伍角', 140950],
    ['壹仟肆佰零玖圆零伍角正', 140950],
    ['壹拾万柒仟元零伍角叁分', 10700053],
    ['人民币壹拾万零柒仟元伍角叁分', 10700053],
    ['拾元整', 1000],
    ['壹拾元', 1000],
  ])('reads %s', (text, fen) => {
    expect(parseCapitals(text)).toBe(fen);
  });

  it.each([
    '',
    '人民币',
    '元整',
    '一百元整',
    '壹佰',
    '壹贰元',
    '伍佰壹仟元',
    '壹元伍分整',
    '壹亿亿元',
  ])('refuses %s', (text) => {
    expect(parseCapitals(text)).toBeUndefined();
  });

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999_999_999 }), (fen) => {
        expect(parseCapitals(formatCapitals(fen))).toBe(fen);
        expect(parseYuan(formatYuan(fen))).toBe(fen);
      }),
    );
  });

  it('never fails on a text that is none', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(...Array.from('零壹玖拾佰仟万亿元角分整')),
          maxLength: 30,
        }),
        (text) => {
          const fen = parseCapitals(text);
          expect(fen === undefined || Number.isSafeInteger(fen)).toBe(true);
        },
      ),
    );
  });

  it.each(['1', '1.0', '01.00', '-1.00', '1,000.00', '１.00', '1e3', '99999999999999.00'])(
    'refuses the yuan %s',
    (yuan) => {
      expect(() => parseYuan(yuan)).toThrow(expect.objectContaining({ code: 'input-invalid' }));
    },
  );

  it('groups by thousands', () => {
    expect(formatYuanGrouped(123456789012)).toBe('1,234,567,890.12');
    expect(formatYuanGrouped(5)).toBe('0.05');
  });
});

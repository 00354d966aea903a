import { describe, expect, it } from '@jest/globals';
import { csv, maskName, maskPhone, maskText } from '../../../src/supervision/index.js';

describe('masking', () => {
  it.each([
    // Check characters by GB 11643 and Luhn; none of these numbers is anybody's.
    ['身份证 11010519491231002X。', '身份证 1****************X。'],
    ['老证 110105491231002', '老证 1*************2'],
    ['电话 13800138000，或 +86 138-0013-8000', '电话 138****8000，或 138****8000'],
    ['账号 6222 0200 0000 0000 005', '账号 6222 0200 0000 0000 005'],
    ['卡号 4111111111111111', '卡号 ****1111'],
    ['联系人欧阳小明、张明', '联系人欧阳**、张*'],
    // Neither a checked number, nor a mobile phone, nor a person.
    [
      '编号 110105194912310021，金额 12345678901，电话 0531-88880001',
      '编号 110105194912310021，金额 12345678901，电话 0531-88880001',
    ],
  ])('%s', (text, masked) => {
    expect(maskText(text, ['欧阳小明', '张明', '示例科技有限公司'])).toBe(masked);
  });

  it('leaves the family name', () => {
    expect([maskName('李华'), maskName('诸葛亮'), maskName('王')]).toEqual(['李*', '诸葛*', '*']);
  });

  it('leaves the fixed line of a unit', () => {
    expect(maskPhone('0531-88880001')).toBe('0531-88880001');
  });
});

describe('tables', () => {
  const lines = (bytes: Uint8Array): readonly string[] =>
    Buffer.from(bytes).toString('utf8').split('\r\n');

  it('begin with a byte order mark and quote what needs it', () => {
    const [head, first, second] = lines(
      csv(
        ['名称', '数'],
        [
          ['甲,乙', 1],
          ['说"好"\n', null],
        ],
      ),
    );
    expect(head).toBe('\u{feff}名称,数');
    expect(first).toBe('"甲,乙",1');
    expect(second).toBe('"说""好""\n",');
  });

  it.each(['=1+1', '+cmd', '-2+3', '@SUM(A1)', '\t=1', '＝HYPERLINK("x")'])(
    'do not let a spreadsheet run %s',
    (text) => {
      const [, row] = lines(csv(['a'], [[text]]));
      expect(row).toMatch(/^"'/);
    },
  );

  it('leave numbers as they are, negative ones too', () => {
    expect(lines(csv(['a'], [['-12.50']]))[1]).toBe('-12.50');
  });
});

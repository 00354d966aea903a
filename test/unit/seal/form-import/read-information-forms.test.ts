import { describe, expect, it } from '@jest/globals';
import { zipSync } from 'fflate';
import { readXlsx, writeXlsx, type CellValue, type WriteSheet } from 'hucre/xlsx';
import { informationFormTemplate, readInformationForms } from '../../../../src/seal/index.js';

const NOW = new Date('2026-06-01T00:00:00Z');
const GOOD: Readonly<Record<string, CellValue>> = {
  单位法定名称: '示例市教育局',
  统一社会信用代码: '91350100M000100Y43',
  行政区划代码: '370100',
  公章: '是',
  实物公章编码: '3701020000001',
  合同专用章: '是',
  财务专用章: '否',
  其他业务专用章: '采购专用章',
  UKey类别: '预算管理一体化系统',
  UKey序列号: 'A1-00023',
  法定代表人姓名: '甲某',
  经办人姓名: '乙某',
  经办人手机: '13800000000',
  用途: '签订政府采购合同',
  启用日期: new Date('2026-01-01T00:00:00Z'),
  截止日期: '2027年12月31日',
};
const SECOND = {
  ...GOOD,
  单位法定名称: '示例集团有限公司',
  统一社会信用代码: '914403001922038216',
};

/** A workbook with the given rows under the headings of the first. */
async function workbook(
  rows: readonly Readonly<Record<string, CellValue>>[],
  change: Partial<WriteSheet> = {},
): Promise<Uint8Array> {
  const headings = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const sheet = {
    name: '印章信息表',
    rows: [headings, ...rows.map((row) => headings.map((heading) => row[heading] ?? null))],
    columns: headings.map((heading) => (heading.endsWith('日期') ? { numFmt: 'yyyy-mm-dd' } : {})),
    ...change,
  };
  return writeXlsx({ sheets: [sheet] });
}

async function faultsOf(bytes: Uint8Array) {
  const { faults } = await readInformationForms(bytes, NOW);
  return faults.map(
    ({ row, heading, code, severity }) => `${severity} ${code} ${row ?? '-'} ${heading ?? '-'}`,
  );
}

describe('information forms of many units in one workbook', () => {
  it('become forms, a row each', async () => {
    const read = await readInformationForms(await workbook([GOOD, SECOND]), NOW);
    expect(read.faults).toEqual([]);
    expect(read.isAcceptable).toBe(true);
    expect(read.forms.map(({ row }) => row)).toEqual([2, 3]);
    expect(read.forms[0]?.form).toEqual({
      unitName: '示例市教育局',
      creditCode: '91350100M000100Y43',
      regionCode: '370100',
      seals: [
        { kind: 'official', physicalRegistration: '3701020000001' },
        { kind: 'contract' },
        { kind: 'other', kindText: '采购专用章' },
      ],
      tokenKind: 'budget-system',
      tokenSerial: 'A1-00023',
      handler: { name: '乙某', mobile: '13800000000' },
      legalRepresentative: { name: '甲某' },
      purpose: '签订政府采购合同',
      validFrom: '2025-12-31T16:00:00Z',
      validUntil: '2027-12-31T15:59:59Z',
    });
  });

  it('may stand in any order of columns, with marks and blanks in the headings', async () => {
    const turned = Object.fromEntries(
      Object.entries(GOOD)
        .reverse()
        .map(([heading, value]) => [` ${heading} *`, value]),
    );
    expect((await readInformationForms(await workbook([turned]), NOW)).faults).toEqual([]);
  });

  it('are taken from numbers that have lost nothing', async () => {
    const numbers = {
      ...GOOD,
      行政区划代码: 370100,
      实物公章编码: 3701020000001,
      经办人手机: 13800000000,
    };
    const { forms, faults } = await readInformationForms(await workbook([numbers]), NOW);
    expect(faults).toEqual([]);
    expect(forms[0]?.form.handler?.mobile).toBe('13800000000');
  });

  it.each<[string, Readonly<Record<string, CellValue>>, readonly string[]]>([
    [
      'a code that became a number',
      { 统一社会信用代码: 914403001922038216 },
      ['error cell-number 2 统一社会信用代码'],
    ],
    [
      'a code that does not check',
      { 统一社会信用代码: '91350100M000100Y34' },
      ['error credit-code-check 2 统一社会信用代码'],
    ],
    ['a day that is none', { 截止日期: '2026-02-30' }, ['error cell-day 2 截止日期']],
    [
      'an answer that is none',
      { 公章: '要' },
      ['error cell-choice 2 公章', 'error not-applicable 2 实物公章编码'],
    ],
    ['a UKey of nobody', { UKey类别: '某某系统' }, ['error cell-choice 2 UKey类别']],
    ['no physical seal', { 实物公章编码: null }, ['error missing 2 实物公章编码']],
    [
      'a text on the seal that is too long',
      { 其他业务专用章: '政府采购合同备案业务专用章' },
      ['error text-too-long 2 其他业务专用章'],
    ],
    ['no name', { 单位法定名称: null }, ['error missing 2 单位法定名称']],
    [
      'an invisible character',
      { 单位法定名称: '示例市\u200b教育局' },
      ['error text-invisible 2 单位法定名称'],
    ],
    ['a truth value', { 用途: true }, ['error cell-choice 2 用途']],
  ])('are refused with the cell that has %s', async (_, change, faults) => {
    expect(await faultsOf(await workbook([{ ...GOOD, ...change }]))).toEqual(faults);
  });

  it('have days, not bare numbers', async () => {
    const days = { ...GOOD, 启用日期: '2026-01-01', 截止日期: 46387 };
    expect(await faultsOf(await workbook([days], { columns: [] }))).toEqual([
      'error cell-day 2 截止日期',
    ]);
  });

  it('are refused whole for one row, which is named', async () => {
    const read = await readInformationForms(
      await workbook([GOOD, { ...SECOND, 经办人手机: '123' }]),
      NOW,
    );
    expect(read.isAcceptable).toBe(false);
    expect(read.faults).toEqual([
      expect.objectContaining({ row: 3, column: 'M', heading: '经办人手机', code: 'mobile' }),
    ]);
  });

  it('name a unit once', async () => {
    expect(await faultsOf(await workbook([GOOD, SECOND, GOOD]))).toEqual([
      'error row-repeated 4 统一社会信用代码',
    ]);
  });

  it('have no formulas, merged cells, hidden rows or hidden columns', async () => {
    const formula = new Map([
      ['1,0', { formula: '"示例"&"市教育局"', formulaResult: '示例市教育局' }],
    ]);
    expect(await faultsOf(await workbook([GOOD], { cells: formula }))).toEqual([
      'error cell-formula 2 单位法定名称',
    ]);
    const merges = [{ startRow: 1, endRow: 2, startCol: 10, endCol: 10 }];
    expect(await faultsOf(await workbook([GOOD, SECOND], { merges }))).toEqual([
      'error cell-merged 2 法定代表人姓名',
      'error cell-merged 3 法定代表人姓名',
    ]);
    const rowDefs = new Map([[1, { hidden: true }]]);
    expect(await faultsOf(await workbook([GOOD], { rowDefs }))).toEqual(['error row-hidden 2 -']);
    const columns = [{}, { hidden: true }];
    expect(
      await faultsOf(await workbook([{ ...GOOD, 启用日期: '2026-01-01' }], { columns })),
    ).toEqual(['error column-hidden - 统一社会信用代码']);
  });

  it('need the headings of the template, and leave others aside', async () => {
    const { 用途: purpose, ...without } = GOOD;
    expect(await faultsOf(await workbook([{ ...without, 备注: purpose ?? '' }]))).toEqual([
      'error heading-missing 1 用途',
      'warning heading-unknown 1 -',
    ]);
    expect(await faultsOf(await workbook([{ 甲: 1, 乙: 2 }]))).toEqual([
      'error heading-missing - -',
    ]);
  });

  it('are read from the sheet of the template, else from the first that is shown', async () => {
    const other = { name: '别的', rows: [['甲']] };
    const rows = [Object.keys(GOOD), Object.values({ ...GOOD, 启用日期: '2026-01-01' })];
    const first = await writeXlsx({ sheets: [other, { name: '印章信息表', rows }] });
    expect((await readInformationForms(first, NOW)).forms).toHaveLength(1);
    const hidden = await writeXlsx({
      sheets: [
        { ...other, hidden: true },
        { name: '表', rows },
      ],
    });
    expect((await readInformationForms(hidden, NOW)).sheet).toBe('表');
  });

  it('are at most five hundred', async () => {
    const rows = Array.from({ length: 501 }, () => GOOD);
    expect((await faultsOf(await workbook(rows)))[0]).toBe('error too-many-rows - -');
  });
});

describe('the template', () => {
  it('is empty, and good once a row is filled in', async () => {
    const template = await informationFormTemplate();
    expect(await faultsOf(template)).toEqual(['error no-rows - -']);
    const { sheets } = await readXlsx(template);
    const [forms, explanation] = sheets;
    const headings = (forms?.rows[0] ?? []).map((heading) => String(heading).replace('*', ''));
    expect(explanation?.rows.slice(6).map(([heading]) => heading)).toEqual(headings);
    expect(forms?.dataValidations?.filter(({ type }) => type === 'list')).toHaveLength(5);
    const filled = await writeXlsx({
      sheets: [
        {
          name: forms?.name ?? '',
          rows: [forms?.rows[0] ?? [], headings.map((heading) => GOOD[heading] ?? null)],
          columns: headings.map((heading) =>
            heading.endsWith('日期') ? { numFmt: 'yyyy-mm-dd' } : {},
          ),
        },
      ],
    });
    expect((await readInformationForms(filled, NOW)).faults).toEqual([]);
  });
});

describe('what is no workbook', () => {
  const refused = async (bytes: Uint8Array) =>
    readInformationForms(bytes, NOW).then(
      () => 'read',
      (error: unknown) => (error as { params: { reason: string } }).params.reason,
    );

  it('is refused before it is unpacked further', async () => {
    const good = await workbook([GOOD]);
    expect(await refused(new Uint8Array())).toBe('format');
    expect(await refused(new TextEncoder().encode('单位,代码\n'))).toBe('format');
    // The old .xls, and an encrypted workbook.
    expect(await refused(Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1))).toBe(
      'format',
    );
    expect(await refused(zipSync({ 'a.txt': new Uint8Array(3) }))).toBe('format');
    expect(await refused(good.subarray(0, good.length >> 1))).toBe('format');
    expect(await refused(new Uint8Array(6 * 1024 * 1024).fill(0x50))).toBe('too-large');
    const bomb = zipSync(
      { 'xl/worksheets/sheet1.xml': new Uint8Array(40 * 1024 * 1024) },
      { level: 1 },
    );
    expect(bomb.length).toBeLessThan(1024 * 1024);
    expect(await refused(bomb)).toBe('too-large');
    const parts = Object.fromEntries(
      Array.from({ length: 600 }, (_, i) => [`${i}`, new Uint8Array(1)]),
    );
    expect(await refused(zipSync(parts))).toBe('too-large');
  });
});

/** The forms of the console: from a schema to fields, from what is typed to what is sent, and two versions to one. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonSchema } from '../../../src/console/api/json-schema.js';
import { formOf, type Field, type Group, type Table } from '../../../src/console/form/field.js';
import { labelOf } from '../../../src/console/form/label-of.js';
import { differencesOf, merged } from '../../../src/console/form/merge.js';
import { groupYuan, tidyYuan } from '../../../src/console/form/money.js';
import { parseSheet, rowsFrom } from '../../../src/console/form/paste.js';
import { sumOf, withAmount } from '../../../src/console/form/row-amounts.js';
import { dataOf, gapsOf, withChange, withoutEmptyRows } from '../../../src/console/form/values.js';
import {
  contractDataSchema,
  formatYuan,
  formatYuanGrouped,
  parseContractData,
  templateDataSchema,
} from '../../../src/contract/index.js';
import { sampleContractData } from '../../../src/sandbox/sample/index.js';

const schema = templateDataSchema({
  id: 'goods',
  version: 1,
  name: '货物合同',
  nameEn: 'Goods',
  blocks: [],
  fields: [{ key: 'acceptanceFee', label: '验收费', type: 'yuan', isRequired: true }],
}) as JsonSchema;
const form = formOf(schema);
const sample = sampleContractData({ number: 'HT-1', today: new Date('2026-11-20T00:00:00Z') });
const data = { ...sample, extra: { acceptanceFee: '10.00' } };

function fieldAt(group: Group, key: string): Field {
  return group.fields.find((field) => field.key === key)!;
}
const items = fieldAt(form, 'items') as Table;

describe('a form of contract data', () => {
  it('has every field of the schema, by the name that the schema gives it', () => {
    const optional = ['extra'];
    expect(form.fields.map(({ key }) => key).filter((key) => !optional.includes(key))).toEqual(
      Object.keys(contractDataSchema.shape).filter((key) => !optional.includes(key)),
    );
    expect(fieldAt(form, 'value')).toMatchObject({
      kind: 'group',
      label: '合同金额',
      isRequired: true,
      fields: [
        { key: 'amount', kind: 'money', label: '合同金额（元）' },
        { kind: 'constant', value: 'CNY' },
      ],
    });
    expect(items.columns.map(({ key, kind }) => [key, kind])).toContainEqual([
      'preferences',
      'choices',
    ]);
    expect(fieldAt(form, 'extra')).toMatchObject({
      fields: [{ label: '验收费', kind: 'money', isRequired: true }],
    });
  });

  it('sends what it was given, and has no gaps then', () => {
    expect(dataOf(form, data)).toEqual(data);
    expect(gapsOf(form, dataOf(form, data))).toEqual([]);
    expect(() => parseContractData(dataOf(form, data))).not.toThrow();
  });

  it('finds exactly what the service would miss of an empty one', () => {
    const missing = gapsOf(form, dataOf(form, {})).map(({ pointer }) => pointer);
    expect(missing).toContain('#/buyer/creditCode');
    expect(missing).toContain('#/items');
    // What nobody fills in, and what is optional with all that is in it.
    expect(missing).not.toContain('#/value/currency');
    expect(missing.filter((pointer) => pointer.startsWith('#/prepayment'))).toEqual([]);
    // Begun, the optional group has to be complete.
    const begun = dataOf(form, { prepayment: { percent: '30' } });
    expect(gapsOf(form, begun)).toContainEqual({ pointer: '#/prepayment/amount', kind: 'missing' });
    expect(gapsOf(form, dataOf(form, { ...data, warrantyMonths: '三年' }))).toEqual([
      { pointer: '#/warrantyMonths', kind: 'no-number' },
    ]);
  });

  it('drops rows that nobody filled in, so that numbers shown are numbers sent', () => {
    const [first] = data.items;
    const typed = { ...data, items: [{ description: ' ' }, first, {}] };
    expect(withoutEmptyRows(form, typed)['items']).toEqual([first]);
    expect(withoutEmptyRows(form, data)).toBe(data);
  });
});

describe('amounts', () => {
  it('are taken as people write them', () => {
    for (const [typed, sent] of [
      ['1409.5', '1409.50'],
      ['¥1,409.50', '1409.50'],
      ['１４０９', '1409.00'],
      ['007', '7.00'],
      ['1,40', '1,40'],
      ['12.345', '12.345'],
      ['一百', '一百'],
    ]) {
      expect(tidyYuan(typed!)).toBe(sent);
    }
  });

  it('of all sizes stay as they are, and are grouped as the document groups them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999_999_999 }), (fen) => {
        expect(tidyYuan(formatYuan(fen))).toBe(formatYuan(fen));
        expect(tidyYuan(groupYuan(formatYuan(fen)))).toBe(formatYuan(fen));
        expect(groupYuan(formatYuan(fen))).toBe(formatYuanGrouped(fen));
      }),
    );
  });

  it('of rows are those that the check expects', () => {
    const rows = data.items.map((row) => withAmount({ ...row, amount: '' }));
    expect(rows).toEqual(data.items);
    expect(sumOf(rows)).toBe(data.value.amount);
    expect(withAmount({ quantity: '0.5', unitPrice: '0.01' })).toMatchObject({ amount: '0.01' });
    expect(withAmount({ quantity: '2', unitPrice: '3', amount: '7.00' })).toMatchObject({
      amount: '7.00',
    });
  });
});

describe('rows of a spreadsheet', () => {
  it('come back as they were copied', () => {
    const cell = fc.stringMatching(/^[一-龥a-z0-9"\t\n ]{0,12}$/).map((text) => text.trim());
    const sheet = fc
      .tuple(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 1, max: 4 }))
      .chain(([columns, rows]) =>
        fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), {
          minLength: rows,
          maxLength: rows,
        }),
      );
    const quote = (text: string): string =>
      /["\t\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    fc.assert(
      fc.property(sheet, fc.constantFrom('\n', '\r\n'), fc.boolean(), (rows, end, endsWithLine) => {
        const text = rows.map((row) => row.map(quote).join('\t')).join(end);
        const filled = rows.filter((row) => row.some((each) => each !== ''));
        expect(parseSheet(endsWithLine ? text + end : text)).toEqual(filled);
      }),
    );
  });

  it('follow the names of columns, or fill from where they are pasted', () => {
    const named = parseSheet('单价\t品名\t备注\t是否进口产品\n1,980\t打印机\t无\t是');
    expect(rowsFrom(named, items.columns, 0)).toEqual([
      { unitPrice: '1980.00', description: '打印机', isImported: true },
    ]);
    const at = items.columns.findIndex(({ key }) => key === 'quantity');
    expect(rowsFrom(parseSheet('1,200\t台\t5'), items.columns, at)).toEqual([
      { quantity: '1200', unit: '台', unitPrice: '5.00' },
    ]);
    expect(parseSheet('one text, no sheet')).toEqual([]);
  });
});

describe('two versions', () => {
  const mine = { ...data, title: '我的', deliveryPlace: '我处' };
  const theirs = { ...data, title: '别人的', warrantyMonths: 24, items: data.items.slice(0, 2) };

  it('differ where one of them was changed, and in tables as a whole', () => {
    const found = differencesOf(form, { base: data, mine, theirs });
    expect(found.map(({ pointer, isTheirsAlone }) => [pointer, isTheirsAlone])).toEqual([
      ['#/title', false],
      ['#/items', true],
      ['#/deliveryPlace', false],
      ['#/warrantyMonths', true],
    ]);
    expect(found[0]).toMatchObject({ label: '合同名称', mine: '我的', theirs: '别人的' });
  });

  it('become one by what is chosen', () => {
    const found = differencesOf(form, { base: data, mine, theirs });
    expect(merged(mine, found)).toEqual(theirs);
    expect(merged(mine, [])).toBe(mine);
    const own = found.filter(({ isTheirsAlone }) => isTheirsAlone);
    expect(merged(mine, own)).toEqual({ ...theirs, title: '我的', deliveryPlace: '我处' });
  });

  it('leave alone what a change does not reach', () => {
    const changed = withChange(data, '#/items/1/amount', () => '1.00');
    expect(changed['buyer']).toBe(data.buyer);
    expect((changed['items'] as readonly unknown[])[0]).toBe(data.items[0]);
    expect((changed['items'] as readonly unknown[])[1]).toEqual({
      ...data.items[1],
      amount: '1.00',
    });
  });
});

describe('what a value is called', () => {
  it('is told by the labels of the form, rows counted from one', () => {
    expect(labelOf(form, '#/deliveryPlace')).toBe('履约地点');
    expect(labelOf(form, '#/items/1/amount')).toMatch(/^标的清单 \/ 2 \/ 金额/);
    expect(labelOf(form, '#/extra/acceptanceFee')).toMatch(/验收费$/);
  });

  it('is the pointer where the form does not know it', () => {
    expect(labelOf(form, '#/stranger/0/a~1b')).toBe('stranger / 0 / a/b');
  });
});

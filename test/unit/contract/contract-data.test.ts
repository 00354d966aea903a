import { describe, expect, it } from '@jest/globals';
import {
  checkContract,
  parseContractData,
  type ContractData,
} from '../../../src/contract/index.js';
import { packagedCalendar as calendar, sampleContract } from './sample.js';

const at = new Date('2026-05-12T02:00:00Z');
const sample = sampleContract();
const codesOf = (data: ContractData, when = at) =>
  checkContract({ data, at: when, calendar }).map((finding) => finding.code);

describe('parseContractData', () => {
  it('takes right data as they are', () => {
    expect(parseContractData(sample)).toEqual(sample);
  });

  it.each([
    ['an unknown field', { ...sample, unheardOf: 1 }, '#: '],
    ['a number for money', { ...sample, value: { amount: 5, currency: 'CNY' } }, '#/value/amount'],
    [
      'a day that is none',
      { ...sample, award: { ...sample.award, date: '2026-02-30' } },
      '#/award/date',
    ],
    ['no items', { ...sample, items: [] }, '#/items'],
    ['a direction mark', { ...sample, title: '合同\u202e书' }, '#/title'],
    ['a line break', { ...sample, title: '合同\n书' }, '#/title'],
    [
      'quantity in five decimals',
      { ...sample, items: [{ ...sample.items[0], quantity: 0.00001 }] },
      '#/items/0/quantity',
    ],
    ['null', null, '#: '],
  ])('refuses %s', (_name, value, pointer) => {
    expect(() => parseContractData(value)).toThrow(
      expect.objectContaining({
        code: 'contract-data-invalid',
        params: { errors: expect.arrayContaining([expect.stringContaining(pointer)]) },
      }),
    );
  });
});

describe('checkContract', () => {
  it('finds nothing in a right contract', () => expect(codesOf(sample)).toEqual([]));

  it.each<[string, Partial<ContractData>, string]>([
    [
      'item amount',
      { items: [{ ...sample.items[0]!, amount: '1.00' }, ...sample.items.slice(1)] },
      'item-amount-wrong',
    ],
    ['sum', { value: { amount: '1.00', currency: 'CNY' } }, 'items-sum-wrong'],
    ['capitals', { valueInCapitals: '壹元整' }, 'capitals-wrong'],
    ['award', { award: { ...sample.award, amount: '1.00' } }, 'above-award'],
    ['payments', { payments: [{ ...sample.payments[0]!, amount: '1.00' }] }, 'payments-sum-wrong'],
    [
      'credit code',
      { buyer: { ...sample.buyer, creditCode: '91350100M000100Y44' } },
      'credit-code-wrong',
    ],
    ['period', { period: { startDate: '2026-07-01', endDate: '2026-06-30' } }, 'period-reversed'],
    ['placeholder', { deliveryPlace: '示例市____路' }, 'placeholder-left'],
    ['foreign link', { deliveryPlace: '见 https://gov.cn.example.com/a' }, 'link-present'],
  ])('finds a wrong %s', (_name, change, code) => {
    expect(codesOf({ ...sample, ...change })).toContain(code);
  });

  it('lets links to government sites be', () => {
    expect(codesOf({ ...sample, deliveryPlace: '见 http://www.ccgp.gov.cn/x' })).toEqual([]);
  });

  it('counts thirty days in Shanghai, not the day of the notice, and on to a working day', () => {
    // The thirtieth day, 2026-06-07, is a Sunday.
    expect(codesOf(sample, new Date('2026-06-08T15:59:59Z'))).toEqual([]);
    expect(codesOf(sample, new Date('2026-06-08T16:00:00Z'))).toEqual(['signed-late']);
    // The Spring Festival of 2026 ends on 02-23.
    const before = { ...sample, award: { ...sample.award, date: '2026-01-16' } };
    expect(codesOf(before, new Date('2026-02-24T15:59:59Z'))).not.toContain('signed-late');
    expect(codesOf(before, new Date('2026-02-24T16:00:00Z'))).toContain('signed-late');
  });

  it('says where the last day may still move', () => {
    const late = { ...sample, award: { ...sample.award, date: '2026-12-04' } };
    const found = checkContract({ data: late, at: new Date('2027-06-01T00:00:00Z'), calendar });
    expect(found.find(({ code }) => code === 'signed-late')?.text).toContain('尚未公布');
  });

  it('multiplies fractions of a unit without floating point', () => {
    const item = { ...sample.items[0]!, quantity: 0.07, unitPrice: '100.00', amount: '7.00' };
    expect(codesOf({ ...sample, items: [item] })).not.toContain('item-amount-wrong');
  });
});

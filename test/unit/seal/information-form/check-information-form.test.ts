import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  checkInformationForm,
  type FormFaultCode,
  type SealInformationForm,
} from '../../../../src/seal/index.js';

const FORM: SealInformationForm = {
  unitName: '示例市教育局',
  creditCode: '91350100M000100Y43',
  regionCode: '370100',
  budgetCode: '201001',
  supervisingDepartment: '示例市人民政府',
  address: '示例市示范区样例路 1 号',
  seals: [
    { kind: 'official', physicalRegistration: '3701020000001' },
    { kind: 'contract' },
    { kind: 'other', kindText: '采购专用章', sizeMm: 40 },
  ],
  tokenKind: 'budget-system',
  tokenSerial: 'A1-00023',
  certificateSha256: ['ab'.repeat(32)],
  // The specimen number of GB 11643, and nobody's.
  handler: { name: '张三', idNumber: '11010519491231002X', mobile: '13800000000' },
  legalRepresentative: { name: '阿卜杜拉·买买提' },
  purpose: '签订政府采购合同',
  validFrom: '2026-01-01T00:00:00Z',
  validUntil: '2028-12-31T15:59:59Z',
};

function faultsOf(change: Partial<Record<keyof SealInformationForm, unknown>>, complete = true) {
  const form = { ...FORM, ...change } as SealInformationForm;
  const now = new Date('2026-06-01T00:00:00Z');
  return checkInformationForm(form, { complete, now }).map(
    ({ pointer, code, severity }) => `${severity} ${code} ${pointer}`,
  );
}

describe('the information form', () => {
  it('has no fault where it is true and complete', () => {
    expect(faultsOf({})).toEqual([]);
  });

  it('may be empty as a draft, and misses what it needs when submitted', () => {
    expect(checkInformationForm({}, { complete: false })).toEqual([]);
    expect(checkInformationForm({}, { complete: true }).map(({ pointer }) => pointer)).toEqual([
      '#/unitName',
      '#/creditCode',
      '#/regionCode',
      '#/seals',
      '#/tokenKind',
      '#/handler/name',
      '#/handler/mobile',
      '#/legalRepresentative/name',
      '#/purpose',
      '#/validFrom',
      '#/validUntil',
    ]);
  });

  const ONE: readonly (readonly [string, object, FormFaultCode, string])[] = [
    ['a blank name', { unitName: '  ' }, 'missing', 'unitName'],
    ['a name of one character', { unitName: '局' }, 'text-too-short', 'unitName'],
    ['a name of 41', { unitName: '示'.repeat(41) }, 'text-too-long', 'unitName'],
    ['a space inside', { unitName: '示例市 教育局' }, 'text-space', 'unitName'],
    ['a full-width space at the end', { unitName: '示例市教育局\u3000' }, 'text-space', 'unitName'],
    ['a zero-width space', { unitName: '示例市\u200b教育局' }, 'text-invisible', 'unitName'],
    ['a turn of direction', { unitName: '示例市\u202e教育局' }, 'text-invisible', 'unitName'],
    ['a line break', { unitName: '示例市\n教育局' }, 'text-invisible', 'unitName'],
    ['full-width digits', { unitName: '示例市第１中学' }, 'text-width', 'unitName'],
    ['a Kangxi radical', { unitName: '示例市⼈民政府' }, 'text-lookalike', 'unitName'],
    ['a radical', { unitName: '示例市人⺠政府' }, 'text-lookalike', 'unitName'],
    ['a compatibility ideograph', { unitName: '示\uf9b5市教育局' }, 'text-lookalike', 'unitName'],
    ['a sign', { unitName: '示例市教育局★' }, 'text-character', 'unitName'],
    ['17 characters', { creditCode: '91350100M000100Y4' }, 'credit-code-length', 'creditCode'],
    ['an O', { creditCode: '91350100MO00100Y43' }, 'credit-code-character', 'creditCode'],
    ['a wrong check', { creditCode: '91350100M000100Y34' }, 'credit-code-check', 'creditCode'],
    ['a region of 5 digits', { regionCode: '37010' }, 'region-code', 'regionCode'],
    ['a county without a city', { regionCode: '370002' }, 'region-code', 'regionCode'],
    ['letters', { budgetCode: 'B201' }, 'budget-code', 'budgetCode'],
    ['seals twice', { seals: [{ kind: 'finance' }, { kind: 'finance' }] }, 'repeated', 'seals/1'],
    [
      'six seals',
      { seals: ['一章', '二章', '三章', '四章', '五章', '六章'].map(other) },
      'too-many',
      'seals',
    ],
    ['no text of a kind other', { seals: [{ kind: 'other' }] }, 'missing', 'seals/0/kindText'],
    [
      'a text of another kind',
      { seals: [{ kind: 'finance', kindText: '财务章' }] },
      'not-applicable',
      'seals/0/kindText',
    ],
    [
      'a seal of 50 mm',
      { seals: [{ kind: 'finance', sizeMm: 50 }] },
      'seal-size',
      'seals/0/sizeMm',
    ],
    [
      'a size that is no number',
      { seals: [{ kind: 'finance', sizeMm: Number.NaN }] },
      'seal-size',
      'seals/0/sizeMm',
    ],
    [
      'a physical code of 12 digits',
      { seals: [{ kind: 'official', physicalRegistration: '370102000001' }] },
      'seal-registration',
      'seals/0/physicalRegistration',
    ],
    [
      'an official seal without a physical one',
      { seals: [{ kind: 'official' }] },
      'missing',
      'seals/0/physicalRegistration',
    ],
    ['a serial with a space', { tokenSerial: 'A1 00023' }, 'token-serial', 'tokenSerial'],
    ['no digest', { certificateSha256: ['AB'.repeat(32)] }, 'certificate', 'certificateSha256/0'],
    [
      'a certificate twice',
      { certificateSha256: ['ab'.repeat(32), 'ab'.repeat(32)] },
      'repeated',
      'certificateSha256/1',
    ],
    ['a digit in a name', handler({ name: '张3' }), 'text-character', 'handler/name'],
    [
      'a date of birth',
      handler({ idNumber: '11010519491331002X' }),
      'identity-number',
      'handler/idNumber',
    ],
    [
      'a small x',
      handler({ idNumber: '11010519491231002x' }),
      'identity-number',
      'handler/idNumber',
    ],
    [
      'a check digit',
      handler({ idNumber: '110105194912310021' }),
      'identity-number-check',
      'handler/idNumber',
    ],
    ['a mobile of 10 digits', handler({ mobile: '1380000000' }), 'mobile', 'handler/mobile'],
    ['a landline', handler({ landline: '0531 88000001' }), 'landline', 'handler/landline'],
    ['no date', { validFrom: '2026/1/1' }, 'date', 'validFrom'],
    ['an impossible date', { validFrom: '2026-13-41T00:00:00Z' }, 'date', 'validFrom'],
    ['an end before', { validFrom: '2029-01-01T00:00:00Z' }, 'period-reversed', 'validUntil'],
    ['an end in the past', { validUntil: '2026-05-31T00:00:00Z' }, 'period-past', 'validUntil'],
    ['six years', { validUntil: '2032-01-01T00:00:00Z' }, 'period-too-long', 'validUntil'],
  ];

  it.each(ONE)('finds %s, and nothing else', (_, change, code, pointer) => {
    expect(faultsOf(change)).toEqual([`error ${code} #/${pointer}`]);
  });

  it.each([
    ['traditional', { unitName: '示例市教育廳' }, 'text-traditional', 'unitName'],
    ['half-width brackets', { unitName: '示例(集团)有限公司' }, 'text-width', 'unitName'],
    ['a name of three', { unitName: '示例局' }, 'text-too-short', 'unitName'],
    ['a name of 31', { unitName: '示'.repeat(31) }, 'text-too-long', 'unitName'],
    [
      'a region that is none',
      { regionCode: '200000', seals: [{ kind: 'finance' }] },
      'region-unknown',
      'regionCode',
    ],
    [
      'a seal of another province',
      { seals: [{ kind: 'official', physicalRegistration: '1101020000001' }] },
      'region-differs',
      'seals/0/physicalRegistration',
    ],
  ])('asks to look again at %s', (_, change, code, pointer) => {
    expect(faultsOf(change)).toEqual([`warning ${code} #/${pointer}`]);
  });

  it('leaves characters alone that simplified writing has', () => {
    for (const unitName of ['乾县人民政府', '太后镇人民政府', '喆淼垚科技有限公司', '〇七研究院']) {
      expect(faultsOf({ unitName })).toEqual([]);
    }
    expect(faultsOf({ handler: { name: 'Jean-Luc O’Neil', mobile: '13800000000' } })).toEqual([]);
  });

  it('names the place and what was meant', () => {
    const [fault] = checkInformationForm({ creditCode: '91350100MO00100Y43' }, { complete: false });
    expect(fault?.text).toContain('第 10 位不能是“O”；是否应为数字 0');
    const [radical] = checkInformationForm({ unitName: '示例市⼈民政府' }, { complete: false });
    expect(radical?.text).toContain('第 4 个字“⼈”是形似字（U+2F08）；请改为“人”');
  });

  it('answers whatever is written, in Chinese and English', () => {
    const text = fc.option(fc.string({ unit: 'binary', maxLength: 60 }), { nil: undefined });
    const form = fc.record({
      unitName: text,
      creditCode: text,
      regionCode: text,
      budgetCode: text,
      tokenSerial: text,
      validFrom: text,
      validUntil: text,
      purpose: text,
    });
    fc.assert(
      fc.property(form, fc.boolean(), (draft, complete) => {
        const faults = checkInformationForm(draft as SealInformationForm, { complete });
        expect(faults.every((fault) => fault.text !== '' && fault.textEn !== '')).toBe(true);
        expect(faults.every(({ pointer }) => /^#(\/\w+)+$/.test(pointer))).toBe(true);
      }),
    );
  });
});

function other(kindText: string) {
  return { kind: 'other', kindText };
}

function handler(change: object) {
  return { handler: { ...FORM.handler, ...change } };
}

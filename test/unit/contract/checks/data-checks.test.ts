import { describe, expect, it } from '@jest/globals';
import { checkContract, type ContractData } from '../../../../src/contract/index.js';
import {
  packagedCalendar as calendar,
  packagedTemplates,
  sampleContract,
  sampleFor,
} from '../sample.js';

const AT = new Date('2026-05-12T02:00:00Z');
const sample = sampleContract();
const codesOf = (data: ContractData): readonly string[] =>
  checkContract({ data, at: AT, calendar }).map(({ code }) => code);

const withText = (deliveryPlace: string): ContractData => ({ ...sample, deliveryPlace });
const works = sampleFor(packagedTemplates.get('works@1')!);
const framework = sampleFor(packagedTemplates.get('framework-order@1')!);
const supplementary = sampleFor(packagedTemplates.get('supplementary@1')!);
const bond = (amount: string) => ({ performanceBond: { amount, form: '保函' } as const });
const budget = (budgetAmount: string) => ({ plan: { id: 'JH-1', budgetAmount } });

/** What trips a check, and what is as near to it as can be and does not. */
const CASES: readonly (readonly [code: string, trips: ContractData, passes: ContractData])[] = [
  ['above-budget', { ...sample, ...budget('158399.99') }, { ...sample, ...budget('158400.00') }],
  ['bond-too-high', { ...sample, ...bond('15840.01') }, { ...sample, ...bond('15840.00') }],
  [
    'quality-bond-too-high',
    { ...works, qualityBond: { amount: '4752.01' } },
    { ...works, qualityBond: { amount: '4752.00' } },
  ],
  [
    'supplement-above-tenth',
    { ...supplementary, supplement: { ...supplementary.supplement!, previousAmount: '21600.01' } },
    { ...supplementary, supplement: { ...supplementary.supplement!, previousAmount: '21600.00' } },
  ],
  [
    'award-in-future',
    { ...sample, award: { ...sample.award, date: '2026-05-13' } },
    { ...sample, award: { ...sample.award, date: '2026-05-12' } },
  ],
  [
    'period-before-award',
    { ...sample, period: { ...sample.period, startDate: '2026-05-07' } },
    { ...sample, period: { ...sample.period, startDate: '2026-05-08' } },
  ],
  [
    'framework-expired',
    { ...framework, framework: { ...framework.framework!, endDate: '2026-05-11' } },
    { ...framework, framework: { ...framework.framework!, endDate: '2026-05-12' } },
  ],
  ['placeholder-left', withText('示例市____'), withText('示例市__号')],
  ['placeholder-left', withText('XX路1号'), withText('示例路XXL仓库')],
  ['placeholder-left', withText('【 】号楼'), withText('【三】号楼')],
  [
    'link-present',
    withText('见 http://gov.cn.example.com/a'),
    withText('见 https://www.ccgp.gov.cn/a'),
  ],
  ['link-present', withText('见 shop.example.com'), withText('信箱 a@example.com')],
  ['link-present', withText('见 http://fakegov.cn/a'), withText('示例路3.5公里')],
  ['word-confused', withText('货物按装处'), withText('货物安装处')],
  ['word-confused', withText('见帐户清单'), withText('见账户清单和帐篷')],
  ['name-differs', withText('示例科枝有限公司仓库'), withText('示例科技有限公司仓库')],
  ['traditional-character', withText('示例市學府路'), withText('示例市学府路')],
  ['full-width-figure', withText('学府路１号'), withText('学府路1号')],
  ['unusual-character', withText('示例市\u2f8f政区'), withText('示例市行政区')],
  ['unusual-character', withText('A\u0410座'), withText('AA座')],
  ['invisible-character', withText('示例\u200b市'), withText('示例 市')],
  [
    'personal-data',
    withText('收货人证号11010519491231002X'),
    withText('收货单号110105194912310021'),
  ],
  ['personal-data', withText('电话13800138000'), withText('电话0531-88880001')],
  [
    'personal-data',
    { ...withText('卡号6222020200112233445'), tenderId: 'XM-6100002026000123' },
    { ...sample, tenderId: 'XM-6100002026000123', deliveryPlace: '见 XM-6100002026000123' },
  ],
];

describe('checkContract', () => {
  it('finds nothing in right contracts of every kind', () => {
    for (const template of packagedTemplates.values()) {
      expect([template.id, codesOf(sampleFor(template))]).toEqual([template.id, []]);
    }
  });

  it.each(CASES)('%s', (code, trips, passes) => {
    expect(codesOf(trips)).toContain(code);
    expect(codesOf(passes)).not.toContain(code);
  });

  it('names the place', () => {
    const [found] = checkContract({ data: withText('示例市____'), at: AT, calendar });
    expect(found).toMatchObject({ pointer: '#/deliveryPlace', severity: 'warning' });
  });
});

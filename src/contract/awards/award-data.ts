/** What a contract takes over from an award, and whether it still says the same. */
import { parseYuan } from '../amount.js';
import { error, warning, type CheckFinding } from '../checks/finding.js';
import type { ContractData } from '../contract-data.js';
import type { Award } from './award.js';

/** The part of contract data that an award settles; the rest is the buyer's to fill in. */
export function contractDataFrom(award: Award): Readonly<Record<string, unknown>> {
  const { tenderId, tenderTitle, lot, procurementMethod, regionCode, items } = award;
  return {
    tenderId,
    tenderTitle,
    ...(lot === undefined ? {} : { lot }),
    procurementMethod,
    regionCode,
    award: {
      date: award.noticeDate,
      amount: award.amount,
      ...(award.noticeId === undefined ? {} : { noticeId: award.noticeId }),
    },
    buyer: award.buyer,
    supplier: award.supplier,
    ...(items === undefined ? {} : { items }),
    value: { amount: award.amount, currency: 'CNY' },
  };
}

/** `data` with what it leaves out filled in from the award; what it says itself stays, and is checked against the award. */
export function withAward(data: unknown, award: Award): unknown {
  return filled(data, contractDataFrom(award));
}

function filled(given: unknown, settled: unknown): unknown {
  if (given === undefined) return settled;
  if (!isPlain(given) || !isPlain(settled)) return given;
  const keys = new Set([...Object.keys(settled), ...Object.keys(given)]);
  return Object.fromEntries(
    Array.from(keys, (key) => [key, filled(given[key], settled[key])] as const),
  );
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @see 政府采购法 §46: a contract is made on the matters that the procurement has settled */
export function checkAgainstAward(data: ContractData, award: Award): readonly CheckFinding[] {
  const compared: readonly (readonly [
    term: string,
    pointer: string,
    said: string,
    settled: string,
  ])[] = [
    ['项目编号', '#/tenderId', data.tenderId, award.tenderId],
    ['采购包编号', '#/lot/id', data.lot?.id ?? '', award.lot?.id ?? ''],
    ['采购人统一社会信用代码', '#/buyer/creditCode', data.buyer.creditCode, award.buyer.creditCode],
    [
      '供应商统一社会信用代码',
      '#/supplier/creditCode',
      data.supplier.creditCode,
      award.supplier.creditCode,
    ],
    ['供应商名称', '#/supplier/name', data.supplier.name, award.supplier.name],
    ['中标（成交）金额', '#/award/amount', data.award.amount, award.amount],
    ['中标（成交）通知书日期', '#/award/date', data.award.date, award.noticeDate],
  ];
  const different = compared
    .filter(([, , said, settled]) => said !== settled)
    .map(([term, pointer, said, settled]) =>
      error(
        'award-differs',
        `${term} ${said} 与交易系统的中标（成交）结果 ${settled} 不一致`,
        'otherwise than the award that the trading system sent',
        { pointer },
      ),
    );
  const isAbove = parseYuan(data.value.amount) > parseYuan(award.amount);
  return [
    ...different,
    ...(isAbove && data.supplement === undefined
      ? [
          error(
            'above-award',
            `合同金额超过中标（成交）金额 ${award.amount}`,
            'the contract amount exceeds the award',
            {
              pointer: '#/value/amount',
            },
          ),
        ]
      : []),
    ...(award.items ?? []).flatMap(({ description, unitPrice }) => {
      const same = data.items.filter((item) => item.description === description);
      if (same.length === 0 || same.some((item) => item.unitPrice === unitPrice)) return [];
      return [
        warning(
          'award-price-differs',
          `“${description}”的单价与中标（成交）结果 ${unitPrice} 不一致`,
          'a unit price is otherwise than awarded',
          {
            pointer: '#/items',
          },
        ),
      ];
    }),
  ];
}

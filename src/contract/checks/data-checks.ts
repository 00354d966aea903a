/** Checks before a contract is sent and signed: small functions, each of which looks for one kind of fault. */
import { isCreditCode } from '../../access/index.js';
import { toRfc3339 } from '../../kernel/index.js';
import { parseCapitals, parseYuan } from '../amount.js';
import { deadlinesOf, type WorkingDayCalendar } from '../calendar/index.js';
import type { ContractData } from '../contract-data.js';
import { error, warning, type CheckFinding } from './finding.js';
import { checkTerms } from './terms-checks.js';
import { checkTexts, textsOfData } from './text-checks.js';

export interface CheckInput {
  readonly data: ContractData;
  readonly at: Date;
  /** Tells rest days, which move a last day on. */
  readonly calendar: WorkingDayCalendar;
}

type Check = (input: CheckInput) => readonly CheckFinding[];

const CHECKS: readonly Check[] = [
  checkItems,
  checkTotal,
  checkCapitals,
  checkAward,
  checkPayments,
  checkParties,
  checkPeriod,
  checkSigningDate,
  ({ data, at }) => checkTerms(data, at),
  ({ data }) => checkTexts(textsOfData(data), data),
];

/** All findings, in the order of the checks. Expects data that passed `parseContractData`. */
export function checkContract(input: CheckInput): readonly CheckFinding[] {
  return CHECKS.flatMap((check) => check(input));
}

function checkItems({ data }: CheckInput): readonly CheckFinding[] {
  return data.items.flatMap((item, index) => {
    const expected = multiply(item.quantity, parseYuan(item.unitPrice));
    if (expected === BigInt(parseYuan(item.amount))) return [];
    return [
      error(
        'item-amount-wrong',
        `第 ${index + 1} 项金额 ${item.amount} 与数量×单价不符`,
        `amount of item ${index + 1} is not quantity times unit price`,
        { pointer: `#/items/${index}/amount` },
      ),
    ];
  });
}

/** Quantity of at most four decimals times fen, rounded half up, without floating point. */
function multiply(quantity: number, fen: number): bigint {
  const [whole = '0', decimals = ''] = String(quantity).split('.');
  const tenThousandths = BigInt(whole + decimals.padEnd(4, '0'));
  return (tenThousandths * BigInt(fen) + 5000n) / 10_000n;
}

function checkTotal({ data }: CheckInput): readonly CheckFinding[] {
  const sum = data.items.reduce((total, item) => total + BigInt(parseYuan(item.amount)), 0n);
  if (sum === BigInt(parseYuan(data.value.amount))) return [];
  return [
    error(
      'items-sum-wrong',
      `合同金额 ${data.value.amount} 与标的金额合计不符`,
      'the contract amount is not the sum of its items',
      { pointer: '#/value/amount' },
    ),
  ];
}

function checkCapitals({ data }: CheckInput): readonly CheckFinding[] {
  if (data.valueInCapitals === undefined) return [];
  if (parseCapitals(data.valueInCapitals) === parseYuan(data.value.amount)) return [];
  return [
    error(
      'capitals-wrong',
      `大写金额“${data.valueInCapitals}”与小写金额 ${data.value.amount} 不符`,
      'amount in capitals and in figures differ',
      { pointer: '#/valueInCapitals' },
    ),
  ];
}

function checkAward({ data }: CheckInput): readonly CheckFinding[] {
  if (parseYuan(data.value.amount) <= parseYuan(data.award.amount)) return [];
  return [
    error(
      'above-award',
      `合同金额 ${data.value.amount} 超过中标（成交）金额 ${data.award.amount}`,
      'the contract amount exceeds the award',
      { pointer: '#/value/amount' },
    ),
  ];
}

function checkPayments({ data }: CheckInput): readonly CheckFinding[] {
  const findings: CheckFinding[] = [];
  const sum = data.payments.reduce((total, stage) => total + BigInt(parseYuan(stage.amount)), 0n);
  if (sum !== BigInt(parseYuan(data.value.amount))) {
    findings.push(
      error(
        'payments-sum-wrong',
        `各期付款合计与合同金额 ${data.value.amount} 不符`,
        'payments do not add up to the contract amount',
        { pointer: '#/payments' },
      ),
    );
  }
  const percents = data.payments.reduce((total, stage) => total + stage.percent, 0);
  if (Math.abs(percents - 100) > 0.01) {
    findings.push(
      warning(
        'payment-percents-wrong',
        `各期付款比例合计为 ${percents}%`,
        'percentages of the payments do not add up to 100',
        { pointer: '#/payments' },
      ),
    );
  }
  return findings;
}

function checkParties({ data }: CheckInput): readonly CheckFinding[] {
  const findings = (['buyer', 'supplier'] as const).flatMap((role) =>
    isCreditCode(data[role].creditCode)
      ? []
      : [
          error(
            'credit-code-wrong',
            `${role === 'buyer' ? '甲方' : '乙方'}统一社会信用代码校验位不正确`,
            `check character of the ${role}'s credit code is wrong`,
            { pointer: `#/${role}/creditCode` },
          ),
        ],
  );
  if (data.buyer.creditCode !== data.supplier.creditCode) return findings;
  return [
    ...findings,
    error('parties-identical', '甲乙双方是同一单位', 'buyer and supplier are the same unit', {
      pointer: '#/supplier/creditCode',
    }),
  ];
}

function checkPeriod({ data }: CheckInput): readonly CheckFinding[] {
  if (data.period.startDate <= data.period.endDate) return [];
  return [
    error('period-reversed', '履约结束日期早于开始日期', 'the period ends before it starts', {
      pointer: '#/period/endDate',
    }),
  ];
}

/** @see 政府采购法 §46; only a warning: late is not void */
function checkSigningDate({ data, at, calendar }: CheckInput): readonly CheckFinding[] {
  const [term] = deadlinesOf({ awardedOn: data.award.date }, calendar);
  if (term === undefined || toRfc3339(at) < term.dueAt) return [];
  const { lastDay, isProvisional } = term;
  return [
    warning(
      'signed-late',
      `已超过自中标（成交）通知书发出之日起的签订期限，最后一日为 ${lastDay}` +
        (isProvisional ? '（该年放假安排尚未公布，暂按周末计算）' : ''),
      `the term for signing ended on ${lastDay}${isProvisional ? ', counted provisionally' : ''}`,
      { pointer: '#/award/date' },
    ),
  ];
}

/** Checks before a contract is sent and signed: small functions, each of which looks for one kind of fault. */
import { isCreditCode } from '../access/index.js';
import { parseCapitals, parseYuan } from './amount.js';
import type { ContractData } from './contract-data.js';

export type FindingCode =
  | 'item-amount-wrong'
  | 'items-sum-wrong'
  | 'capitals-wrong'
  | 'above-award'
  | 'payments-sum-wrong'
  | 'payment-percents-wrong'
  | 'credit-code-wrong'
  | 'parties-identical'
  | 'period-reversed'
  | 'signed-late'
  | 'placeholder-left'
  | 'link-present';

/** An error blocks; a warning must be acknowledged by name. Nothing is corrected silently. */
export interface CheckFinding {
  readonly code: FindingCode;
  readonly severity: 'error' | 'warning';
  readonly text: string;
  readonly textEn: string;
  /** JSON pointer into the contract's data. */
  readonly pointer?: string;
}

export interface CheckInput {
  readonly data: ContractData;
  /** Text of an uploaded document, to look for placeholders and links. */
  readonly pdfText?: string;
  readonly at: Date;
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
  checkPlaceholders,
  checkLinks,
];

/** All findings, in the order of the checks. Expects data that passed `parseContractData`. */
export function checkContract(input: CheckInput): readonly CheckFinding[] {
  return CHECKS.flatMap((check) => check(input));
}

function error(code: FindingCode, text: string, textEn: string, pointer?: string): CheckFinding {
  return { code, severity: 'error', text, textEn, ...(pointer === undefined ? {} : { pointer }) };
}

function warning(code: FindingCode, text: string, textEn: string, pointer?: string): CheckFinding {
  return { ...error(code, text, textEn, pointer), severity: 'warning' };
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
        `#/items/${index}/amount`,
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
      '#/value/amount',
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
      '#/valueInCapitals',
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
      '#/value/amount',
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
        '#/payments',
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
        '#/payments',
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
            `#/${role}/creditCode`,
          ),
        ],
  );
  if (data.buyer.creditCode !== data.supplier.creditCode) return findings;
  return [
    ...findings,
    error(
      'parties-identical',
      '甲乙双方是同一单位',
      'buyer and supplier are the same unit',
      '#/supplier/creditCode',
    ),
  ];
}

function checkPeriod({ data }: CheckInput): readonly CheckFinding[] {
  if (data.period.startDate <= data.period.endDate) return [];
  return [
    error(
      'period-reversed',
      '履约结束日期早于开始日期',
      'the period ends before it starts',
      '#/period/endDate',
    ),
  ];
}

const DAY_MS = 86_400_000;
/** China has one time zone without summer time. */
const SHANGHAI_OFFSET_MS = 8 * 3_600_000;
const SIGNING_DAYS = 30;

/**
 * Within 30 days of the award notice, not counting its own day. Only a warning: a last day on a
 * public holiday moves on, which this check does not know.
 * @see 政府采购法 §46
 */
function checkSigningDate({ data, at }: CheckInput): readonly CheckFinding[] {
  const last = Date.parse(`${data.award.date}T00:00:00Z`) + SIGNING_DAYS * DAY_MS;
  if (at.getTime() + SHANGHAI_OFFSET_MS < last + DAY_MS) return [];
  return [
    warning(
      'signed-late',
      `已超过中标（成交）通知书发出之日起 ${SIGNING_DAYS} 日的签订期限`,
      `more than ${SIGNING_DAYS} days after the award notice`,
      '#/award/date',
    ),
  ];
}

const PLACEHOLDER = /_{3,}|＿{2,}|(?<![A-Za-z0-9])[Xx×]{2,}(?![A-Za-z0-9])|【\s*】|\{\{|待定|待填/;
const LINK = /(?:https?:\/\/|www\.)[^\s，。；）)”]+/gi;

function checkPlaceholders(input: CheckInput): readonly CheckFinding[] {
  return textsOf(input)
    .filter(({ text }) => PLACEHOLDER.test(text))
    .map(({ pointer }) =>
      warning('placeholder-left', '仍有未填写的占位内容', 'a placeholder is left', pointer),
    );
}

/** Links to government sites are left alone; anything else in a contract is looked at by a person. */
function checkLinks(input: CheckInput): readonly CheckFinding[] {
  return textsOf(input).flatMap(({ text, pointer }) =>
    (text.match(LINK) ?? [])
      .filter((link) => !isGovernmentLink(link))
      .map((link) => warning('link-present', `含有外部链接 ${link}`, 'an external link', pointer)),
  );
}

function isGovernmentLink(link: string): boolean {
  const absolute = /^https?:/i.test(link) ? link : `http://${link}`;
  return URL.canParse(absolute) && /(^|\.)gov\.cn$/.test(new URL(absolute).hostname);
}

interface PlacedText {
  readonly text: string;
  readonly pointer?: string;
}

function textsOf({ data, pdfText }: CheckInput): readonly PlacedText[] {
  const texts: PlacedText[] = pdfText === undefined ? [] : [{ text: pdfText }];
  const visit = (value: unknown, pointer: string): void => {
    if (typeof value === 'string') texts.push({ text: value, pointer });
    else if (typeof value === 'object' && value !== null) {
      for (const [key, child] of Object.entries(value)) visit(child, `${pointer}/${key}`);
    }
  };
  visit(data, '#');
  return texts;
}

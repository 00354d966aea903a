/** Checks of bonds, budget and supplements against what the law allows, and of dates among each other. */
import { parseYuan } from '../amount.js';
import { dateInShanghai } from '../calendar/index.js';
import type { ContractData } from '../contract-data.js';
import { error, warning, type CheckFinding } from './finding.js';

export function checkTerms(data: ContractData, at: Date): readonly CheckFinding[] {
  return [
    ...checkBudget(data),
    ...checkBonds(data),
    ...checkSupplement(data),
    ...checkDates(data, dateInShanghai(at)),
  ];
}

/** Whether `part` is more than `percent` of `whole`, in integers. */
function exceeds(part: string, whole: string, percent: number): boolean {
  return BigInt(parseYuan(part)) * 100n > BigInt(parseYuan(whole)) * BigInt(percent);
}

function checkBudget({ plan, value }: ContractData): readonly CheckFinding[] {
  if (plan?.budgetAmount === undefined || !exceeds(value.amount, plan.budgetAmount, 100)) return [];
  return [
    error(
      'above-budget',
      `合同金额 ${value.amount} 超过预算金额 ${plan.budgetAmount}`,
      'the contract amount exceeds the budget',
      { pointer: '#/value/amount' },
    ),
  ];
}

const BOND_PERCENT = 10;
const QUALITY_BOND_PERCENT = 3;

/** @see 政府采购法实施条例 §48; 建设工程质量保证金管理办法 §7 (works only) */
function checkBonds(data: ContractData): readonly CheckFinding[] {
  const { performanceBond, qualityBond, works, value } = data;
  const findings: CheckFinding[] = [];
  if (
    performanceBond !== undefined &&
    exceeds(performanceBond.amount, value.amount, BOND_PERCENT)
  ) {
    findings.push(
      error(
        'bond-too-high',
        '履约保证金超过合同金额的百分之十',
        'the performance bond is more than a tenth',
        {
          pointer: '#/performanceBond/amount',
        },
      ),
    );
  }
  const isHigh =
    qualityBond !== undefined && exceeds(qualityBond.amount, value.amount, QUALITY_BOND_PERCENT);
  if (works !== undefined && isHigh) {
    findings.push(
      error(
        'quality-bond-too-high',
        '工程质量保证金超过合同金额的百分之三',
        'the quality bond of works is more than 3%',
        {
          pointer: '#/qualityBond/amount',
        },
      ),
    );
  }
  return findings;
}

const SUPPLEMENT_PERCENT = 10;

/** @see 政府采购法 §49 */
function checkSupplement({ supplement, value }: ContractData): readonly CheckFinding[] {
  if (supplement === undefined) return [];
  const total = parseYuan(supplement.previousAmount ?? '0.00') + parseYuan(value.amount);
  const limit = BigInt(parseYuan(supplement.contractAmount)) * BigInt(SUPPLEMENT_PERCENT);
  if (BigInt(total) * 100n <= limit) return [];
  return [
    error(
      'supplement-above-tenth',
      '补充合同累计金额超过原合同金额的百分之十',
      'all supplements together are more than a tenth of the contract',
      { pointer: '#/value/amount' },
    ),
  ];
}

function checkDates(data: ContractData, today: string): readonly CheckFinding[] {
  const { award, period, framework } = data;
  const findings: CheckFinding[] = [];
  if (award.date > today) {
    findings.push(
      error(
        'award-in-future',
        '中标（成交）通知书发出日期晚于今天',
        'the award notice is dated in the future',
        {
          pointer: '#/award/date',
        },
      ),
    );
  }
  if (period.startDate < award.date) {
    findings.push(
      warning(
        'period-before-award',
        '履约开始日期早于中标（成交）日期',
        'the period starts before the award',
        {
          pointer: '#/period/startDate',
        },
      ),
    );
  }
  if (framework !== undefined && framework.endDate < today) {
    findings.push(
      error('framework-expired', '框架协议已过有效期', 'the framework agreement has ended', {
        pointer: '#/framework/endDate',
      }),
    );
  }
  return findings;
}

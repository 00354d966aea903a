/** Values that follow from contract data, for templates: `computed.…` in placeholders and conditions. */
import { formatYuan, parseYuan } from './amount.js';
import type { ContractData } from './contract-data.js';

const DAY_MS = 86_400_000;

const COMPUTATIONS = {
  itemCount: ({ items }) => items.length,
  /** Sum of the items. */
  itemsTotal: ({ items }) => total(items.map(({ amount }) => amount)),
  paymentsTotal: ({ payments }) => total(payments.map(({ amount }) => amount)),
  /** Calendar days of the period, both ends counted. */
  periodDays: ({ period }) =>
    Math.round((Date.parse(period.endDate) - Date.parse(period.startDate)) / DAY_MS) + 1,
  performanceBondPercent: ({ performanceBond, value }) =>
    performanceBond === undefined ? undefined : share(performanceBond.amount, value.amount),
  qualityBondPercent: ({ qualityBond, value }) =>
    qualityBond === undefined ? undefined : share(qualityBond.amount, value.amount),
  /** The supplements so far and this one. */
  supplementsTotal: ({ supplement, value }) =>
    supplement === undefined
      ? undefined
      : total([supplement.previousAmount ?? '0.00', value.amount]),
  supplementsPercent: ({ supplement, value }) =>
    supplement === undefined
      ? undefined
      : share(
          total([supplement.previousAmount ?? '0.00', value.amount]),
          supplement.contractAmount,
        ),
  /** The contract with all its supplements. */
  totalWithSupplements: ({ supplement, value }) =>
    supplement === undefined
      ? undefined
      : total([supplement.contractAmount, supplement.previousAmount ?? '0.00', value.amount]),
} as const satisfies Readonly<Record<string, (data: ContractData) => string | number | undefined>>;

export const COMPUTED_NAMES: ReadonlySet<string> = new Set(Object.keys(COMPUTATIONS));

export function computedValues(data: ContractData): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(COMPUTATIONS).map(([name, compute]) => [name, compute(data)]),
  );
}

function total(amounts: readonly string[]): string {
  return formatYuan(amounts.reduce((sum, amount) => sum + parseYuan(amount), 0));
}

/** Percent of `whole`, to two decimals; a share of nothing is said as 0. */
function share(part: string, whole: string): number {
  const fen = parseYuan(whole);
  return fen === 0 ? 0 : Math.round((parseYuan(part) / fen) * 10_000) / 100;
}

/**
 * Supplementary agreements: the same goods at the same terms, in total at most a tenth of the
 * contract. @see 政府采购法 §49
 */
import { AppError } from '../kernel/index.js';
import type { ContractData, ContractItem } from './contract-data.js';
import type { ContractRecord, ContractState } from './record.js';

/** What a contract keeps of an agreement that is sent, so that all of them together stay in bounds. */
export interface SupplementEntry {
  readonly contractId: string;
  readonly amountFen: number;
  readonly reservedAt: string;
  /** Once all parties have signed it. */
  readonly concludedAt?: string;
}

/** A contract is supplemented after it was signed and while it stands. */
const SUPPLEMENTABLE: readonly ContractState[] = [
  'signed',
  'filing',
  'filed',
  'archived',
  'changed',
];

/** An agreement in one of these takes no part of the tenth. */
const WITHOUT_EFFECT: readonly ContractState[] = [
  'draft',
  'rejected',
  'withdrawn',
  'voided',
  'expired',
];

export function takesPart(state: ContractState): boolean {
  return !WITHOUT_EFFECT.includes(state);
}

/** @throws AppError `supplement-refused`, params `errors` */
export function assertSupplements(original: ContractRecord, supplement: ContractRecord): void {
  const errors = [
    ...(original.supplementTo === undefined ? [] : ['#: 补充合同不能再补充']),
    ...(SUPPLEMENTABLE.includes(original.state) ? [] : ['#: 原合同尚未签订，或已不再履行']),
    ...otherParties(original, supplement),
    ...otherGoods(original.data, supplement.data),
  ];
  if (errors.length > 0) throw refused(errors);
}

/** @throws AppError `supplement-refused`, params `errors`, where `entries` are more than a tenth */
export function assertWithinTenth(
  original: ContractRecord,
  entries: readonly SupplementEntry[],
): void {
  const total = entries.reduce((sum, entry) => sum + BigInt(entry.amountFen), 0n);
  if (total * 10n <= BigInt(original.amountFen ?? 0)) return;
  throw refused(['#/value/amount: 补充合同累计金额超过原合同金额的百分之十']);
}

function otherParties(original: ContractRecord, supplement: ContractRecord): readonly string[] {
  return supplement.parties
    .filter(
      ({ role, unitId }) =>
        !original.parties.some((party) => party.role === role && party.unitId === unitId),
    )
    .map(({ role }) => `#/${role}: 与原合同不是同一单位`);
}

function otherGoods(
  original: ContractData | undefined,
  supplement: ContractData | undefined,
): readonly string[] {
  if (original === undefined || supplement === undefined) return ['#: 缺少合同数据'];
  return supplement.items.flatMap((item, index) => {
    const same = original.items.filter((each) => isSameGood(each, item));
    if (same.length === 0) return [`#/items/${index}: 原合同没有相同的标的`];
    const isSamePrice = same.some(({ unitPrice }) => unitPrice === item.unitPrice);
    return isSamePrice ? [] : [`#/items/${index}/unitPrice: 与原合同的单价不同`];
  });
}

function isSameGood(a: ContractItem, b: ContractItem): boolean {
  return (
    a.classificationId === b.classificationId &&
    a.description === b.description &&
    a.brand === b.brand &&
    a.specification === b.specification &&
    a.unit === b.unit
  );
}

function refused(errors: readonly string[]): AppError {
  return new AppError('supplement-refused', 'the agreement is not allowed', { params: { errors } });
}

/** The sample contract with its items listed again and again, so that it fills more pages; sums stay right. */
import { formatYuan, parseYuan, type ContractData } from '../../src/contract/index.js';
import { sampleContractData } from '../../src/sandbox/sample/index.js';

/** @param times - How often each item is listed. */
export function longContractData(number: string, today: Date, times: number): ContractData {
  const sample = sampleContractData({ number, today });
  const items = Array.from({ length: times }, () => sample.items).flat();
  const totalFen = items.reduce((sum, item) => sum + parseYuan(item.amount), 0);
  const total = formatYuan(totalFen);
  const shares = sample.payments.map(({ percent }) => Math.round((totalFen * percent) / 100));
  // The last payment takes what rounding left.
  const earlier = shares.slice(0, -1).reduce((sum, share) => sum + share, 0);
  shares.splice(-1, 1, totalFen - earlier);
  return {
    ...sample,
    items,
    value: { ...sample.value, amount: total },
    award: { ...sample.award, amount: total },
    payments: sample.payments.map((payment, index) => ({
      ...payment,
      amount: formatYuan(shares[index] ?? 0),
    })),
  };
}

/** Amounts of rows that have a quantity and a unit price. */
import type { Table } from './field.js';
import { fenOf, tidyYuan, yuanOf } from './money.js';
import { shownText, type Values } from './values.js';

export function hasAmounts({ columns }: Table): boolean {
  return columns.some(({ key, kind }) => key === 'amount' && kind === 'money');
}

export function hasUnitPrices(table: Table): boolean {
  const keys = table.columns.map(({ key }) => key);
  return hasAmounts(table) && keys.includes('quantity') && keys.includes('unitPrice');
}

/** Sum of the amounts that are amounts. */
export function sumOf(rows: readonly Values[]): string {
  const sum = rows.reduce(
    (total, row) => total + (fenOf(tidyYuan(shownText(row['amount']))) ?? 0n),
    0n,
  );
  return yuanOf(sum);
}

/** The same row with its amount, where it has none and the rest is there. */
export function withAmount(row: Values): Values {
  const quantity = /^([0-9]{1,9})(?:\.([0-9]{1,4}))?$/.exec(shownText(row['quantity']).trim());
  const price = fenOf(tidyYuan(shownText(row['unitPrice'])));
  if (shownText(row['amount']) !== '' || quantity === null || price === undefined) return row;
  const [, whole = '', decimals = ''] = quantity;
  const tenThousandths = BigInt(whole + decimals.padEnd(4, '0'));
  // Half up, as the service counts.
  return { ...row, amount: yuanOf((tenThousandths * price + 5000n) / 10_000n) };
}

/** Rows of a spreadsheet as the clipboard has them: cells between tabs, quoted where they hold tabs or lines. */
import type { Field } from './field.js';
import { tidyYuan } from './money.js';
import type { Values } from './values.js';

/** @returns rows of cells; one cell alone is a text like any other, and no rows */
export function parseSheet(text: string): readonly (readonly string[])[] {
  const cell = /(?:"((?:[^"]|"")*)"|([^\t\r\n]*))(\t|\r\n|\r|\n|$)/gy;
  const rows: string[][] = [[]];
  for (const [, quoted, plain = '', end] of text.matchAll(cell)) {
    rows.at(-1)?.push((quoted?.replaceAll('""', '"') ?? plain).trim());
    if (end === '') break;
    if (end !== '\t') rows.push([]);
  }
  const filled = rows.filter((row) => row.some((each) => each !== ''));
  const isSheet = filled.length > 1 || (filled[0]?.length ?? 0) > 1;
  return isSheet ? filled : [];
}

/** Headings without the unit that a label names: 单价 is 单价（元）. */
const plainLabel = (label: string): string => label.replace(/（.*）$/u, '').trim();

/**
 * Cells as rows of a table. Where the first row holds the labels of columns, the others follow it;
 * else they fill the columns from `first` on.
 */
export function rowsFrom(
  sheet: readonly (readonly string[])[],
  columns: readonly Field[],
  first: number,
): readonly Values[] {
  const [head = [], ...rest] = sheet;
  const named = head.map((cell) =>
    columns.find((column) => plainLabel(column.label) === plainLabel(cell)),
  );
  const isHeaded = named.filter((column) => column !== undefined).length >= 2;
  const order = isHeaded ? named : columns.slice(first);
  return (isHeaded ? rest : sheet).map((cells) =>
    Object.fromEntries(
      cells.flatMap((cell, index) => {
        const column = order[index];
        return column === undefined || cell === '' ? [] : [[column.key, valueOf(column, cell)]];
      }),
    ),
  );
}

function valueOf(column: Field, cell: string): unknown {
  const { kind } = column;
  if (kind === 'money') return tidyYuan(cell);
  if (kind === 'number') return cell.replaceAll(',', '');
  if (kind === 'yes-no') return /^(是|y|yes|true|1)$/i.test(cell);
  if (kind === 'date') return isoDate(cell);
  if (kind === 'choices') return cell.split(/[、，,;；]/u).map((each) => each.trim());
  return kind === 'lines' ? cell.split('\n') : cell;
}

/** `2026/1/5` and `2026年1月5日` → `2026-01-05`; what is no date stays. */
function isoDate(cell: string): string {
  const match = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/u.exec(cell);
  if (match === null) return cell;
  const [, year = '', month = '', day = ''] = match;
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

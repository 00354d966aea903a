/**
 * Information forms of many units from one workbook, a row each, with a report row by row. Either every row
 * is good or none is to be taken: the caller looks at the report first.
 */
import { readText } from './cell-text.js';
import { FORMS_SHEET, MOST_UNITS, columnOf } from './columns.js';
import { layoutFaults, readLayout, type Layout } from './layout.js';
import { readRow, type ImportedForm, type ReadRow } from './read-row.js';
import { readWorkbook, type Grid, type GridRow } from './read-workbook.js';
import { letterOf, sheetError, type SheetFault } from './sheet-fault.js';

export interface FormImport {
  readonly sheet: string;
  readonly forms: readonly ImportedForm[];
  readonly faults: readonly SheetFault[];
  /** No error anywhere: the forms may be taken, all of them. */
  readonly isAcceptable: boolean;
}

/**
 * @param now - A validity that has ended by then is a fault.
 * @throws AppError `spreadsheet-unreadable`, params `reason`
 */
export async function readInformationForms(bytes: Uint8Array, now: Date): Promise<FormImport> {
  const grid = await readWorkbook(bytes, FORMS_SHEET);
  const layout = readLayout(grid);
  const rows = layout === undefined ? [] : filledRows(grid, layout);
  const read = rows.map((row) => readRow(row, grid, layout?.places ?? new Map(), now));
  const faults = [
    ...layoutFaults(grid, layout),
    ...(layout !== undefined && rows.length === 0
      ? [sheetError({}, 'no-rows', '表中没有数据行；请在标题下逐行填写', 'there is no row of data')]
      : []),
    ...(rows.length > MOST_UNITS
      ? [
          sheetError(
            {},
            'too-many-rows',
            `有 ${rows.length} 行，一次最多 ${MOST_UNITS} 行；请分成几个文件`,
            `${rows.length} rows, at most ${MOST_UNITS} at a time`,
          ),
        ]
      : []),
    ...read.flatMap((each) => each.faults),
    ...repeatedUnits(read, layout),
  ];
  return {
    sheet: grid.sheet,
    forms: read.map(({ row, form }) => ({ row, form })),
    faults,
    isAcceptable: !faults.some(({ severity }) => severity === 'error'),
  };
}

/** Rows below the headings that say something in a column of the template. */
function filledRows({ rows }: Grid, { headingRow, places }: Layout): readonly GridRow[] {
  const columns = [...places.values()];
  return rows
    .slice(headingRow)
    .filter(({ cells }) => columns.some((index) => readText(cells[index]).kind !== 'empty'));
}

/** A unit stands in one row. */
function repeatedUnits(
  rows: readonly ReadRow[],
  layout: Layout | undefined,
): readonly SheetFault[] {
  const first = new Map<string, number>();
  const index = layout?.places.get('creditCode');
  return rows.flatMap(({ row, form: { creditCode } }) => {
    if (creditCode === undefined) return [];
    const before = first.get(creditCode);
    if (before === undefined) {
      first.set(creditCode, row);
      return [];
    }
    return [
      sheetError(
        {
          row,
          ...(index === undefined ? {} : { column: letterOf(index) }),
          heading: columnOf('creditCode').heading,
        },
        'row-repeated',
        `与第 ${before} 行是同一单位；请合并为一行`,
        `the same unit as row ${before}: one row for each unit`,
      ),
    ];
  });
}

/** The headings of a sheet: which column holds what, in whatever order. */
import { COLUMNS, columnOf, type ColumnKey } from './columns.js';
import type { Grid, GridCell } from './read-workbook.js';
import { letterOf, sheetError, type SheetFault } from './sheet-fault.js';

const HEADING_ROWS = 10;

/** Where the headings stand, and which column has which. */
export interface Layout {
  readonly headingRow: number;
  readonly places: ReadonlyMap<ColumnKey, number>;
  readonly repeated: readonly number[];
  readonly unknown: readonly number[];
}

export function readLayout({ rows }: Grid): Layout | undefined {
  const candidates = rows.slice(0, HEADING_ROWS).map((row): Layout => {
    const places = new Map<ColumnKey, number>();
    const repeated: number[] = [];
    const unknown: number[] = [];
    row.cells.forEach((cell, index) => {
      const heading = headingOf(cell);
      if (heading === '') return;
      const column = COLUMNS.find((each) => each.heading === heading);
      if (column === undefined) unknown.push(index);
      else if (places.has(column.key)) repeated.push(index);
      else places.set(column.key, index);
    });
    return { headingRow: row.number, places, repeated, unknown };
  });
  return candidates.filter(({ places }) => places.size >= 2).at(0);
}

/** A heading without its mark for required columns and the blanks people put in. */
function headingOf({ value }: GridCell): string {
  return typeof value === 'string' ? value.normalize('NFKC').replaceAll(/[\s*]/g, '') : '';
}

export function layoutFaults(grid: Grid, layout: Layout | undefined): readonly SheetFault[] {
  if (layout === undefined) {
    return [
      sheetError(
        {},
        'heading-missing',
        `前 ${HEADING_ROWS} 行里没有标题行；请使用下载的模板`,
        'no row of headings is found: use the template',
      ),
    ];
  }
  const headings = grid.rows[layout.headingRow - 1]?.cells ?? [];
  return [
    ...COLUMNS.filter(({ key, isRequired }) => isRequired && !layout.places.has(key)).map(
      ({ heading }) =>
        sheetError(
          { row: layout.headingRow, heading },
          'heading-missing',
          `缺少“${heading}”列；请使用下载的模板`,
          `the column is missing: use the template`,
        ),
    ),
    ...layout.repeated.map((index) =>
      sheetError(
        { row: layout.headingRow, column: letterOf(index) },
        'heading-repeated',
        '此列标题与前面的重复；请删去一列',
        'a column has the heading of another',
      ),
    ),
    ...layout.unknown.map((index): SheetFault => ({
      row: layout.headingRow,
      column: letterOf(index),
      code: 'heading-unknown',
      severity: 'warning',
      text: `“${String(headings[index]?.value).slice(0, 40)}”列不在模板中，没有导入`,
      textEn: 'the column is not of the template and was not read',
    })),
    ...Array.from(layout.places, ([key, index]) => ({ key, index }))
      .filter(({ index }) => grid.hiddenColumns.has(index))
      .map(({ key, index }) =>
        sheetError(
          { column: letterOf(index), heading: columnOf(key).heading },
          'column-hidden',
          '此列是隐藏的；请取消隐藏并核对',
          'the column is hidden: show it and look at it',
        ),
      ),
  ];
}

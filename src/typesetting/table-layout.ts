/** Tables: wrapped cells, a header repeated on every page, rows cut only where one is longer than a page. */
import type { Table } from './blocks.js';
import { breakLines, type Line } from './line-breaking.js';
import {
  PAGE,
  baselineDropPt,
  measureIn,
  shiftPt,
  type PageFlow,
  type TextStyle,
} from './page-flow.js';

const PADDING_PT = 4;
/** A table up to this height is not divided between pages. */
const KEPT_WHOLE_PT = 160;

interface Column {
  readonly leftPt: number;
  readonly widthPt: number;
  readonly align: 'left' | 'centre' | 'right';
}

interface WrappedTable {
  readonly header: Row;
  readonly rows: readonly Row[];
}

function wrapTable(table: Table, cell: TextStyle, head: TextStyle): WrappedTable {
  const columns = columnsOf(table);
  const header: Row = {
    cells: wrap(
      table.columns.map((column) => column.title),
      columns,
      head,
    ),
    columns: columns.map((column) => ({ ...column, align: 'centre' })),
    style: head,
    spans: 1,
  };
  const whole: readonly Column[] = [
    { leftPt: PAGE.leftPt, widthPt: PAGE.textWidthPt, align: 'left' },
  ];
  const rows: Row[] = [
    ...table.rows.map((texts) => ({
      cells: wrap(texts, columns, cell),
      columns,
      style: cell,
      spans: 1,
    })),
    ...table.footer.map((text) => ({
      cells: wrap([text], whole, head),
      columns: whole,
      style: head,
      spans: columns.length,
    })),
  ];
  return { header, rows };
}

/** Height of what is not divided at a table's beginning: all of a short one, or its head and first row. */
function beginningPt({ header, rows }: WrappedTable): number {
  const [first] = rows;
  const wholePt = rows.reduce((sum, row) => sum + heightOf(row), heightOf(header));
  const firstPt = first === undefined ? 0 : Math.min(heightOf(first), 200);
  return wholePt <= KEPT_WHOLE_PT ? wholePt : heightOf(header) + firstPt;
}

/** Height of a table's undivided beginning, for what must stand on the same page above it. */
export function tableBeginningPt(table: Table, cell: TextStyle, head: TextStyle): number {
  const [first] = table.rows;
  const isLong = table.rows.length > 8;
  const part = isLong && first !== undefined ? { ...table, rows: [first], footer: [] } : table;
  return beginningPt(wrapTable(part, cell, head));
}

/** Draws `table` over the text width, `cell` for rows and `head` for the header. */
export function layOutTable(flow: PageFlow, table: Table, cell: TextStyle, head: TextStyle): void {
  const wrapped = wrapTable(table, cell, head);
  const { header, rows } = wrapped;
  const roomPt = PAGE.topPt - PAGE.bottomPt - heightOf(header);
  flow.ensure(beginningPt(wrapped));
  flow.within('Table', () => {
    drawRow(flow, header, 'TH');
    rows.forEach((row, index) => {
      const [next] = rows.slice(index + 1);
      for (const part of cut(row, roomPt)) {
        // A sum does not stand alone on a page: the last row goes with it.
        const withSum = index === table.rows.length - 1 && next !== undefined ? heightOf(next) : 0;
        if (Math.min(heightOf(part) + withSum, roomPt) > flow.remainingPt) {
          flow.breakPage();
          flow.artifact(flow.pageIndex, () => drawRow(flow, header, undefined), 'Pagination');
        }
        drawRow(flow, part, 'TD');
      }
    });
  });
}

interface Row {
  readonly cells: readonly (readonly Line[])[];
  readonly columns: readonly Column[];
  readonly style: TextStyle;
  /** Columns of the table that its cells go over together. */
  readonly spans: number;
}

function columnsOf(table: Table): readonly Column[] {
  const total = table.columns.reduce((sum, column) => sum + column.width, 0);
  let leftPt: number = PAGE.leftPt;
  return table.columns.map((column) => {
    const widthPt = (column.width / total) * PAGE.textWidthPt;
    const placed = { leftPt, widthPt, align: column.align };
    leftPt += widthPt;
    return placed;
  });
}

function wrap(
  texts: readonly string[],
  columns: readonly Column[],
  style: TextStyle,
): readonly (readonly Line[])[] {
  return texts.map((text, index) =>
    breakLines(text, measureIn(style), (columns[index]?.widthPt ?? 0) - 2 * PADDING_PT),
  );
}

function heightOf(row: Row): number {
  const lines = Math.max(1, ...row.cells.map((lines) => lines.length));
  return lines * row.style.leadingPt + 2 * PADDING_PT;
}

/** A row longer than a page, as several; any other row as it is. */
function cut(row: Row, maxHeightPt: number): readonly Row[] {
  if (heightOf(row) <= maxHeightPt) return [row];
  const linesEach = Math.floor((maxHeightPt - 2 * PADDING_PT) / row.style.leadingPt);
  const lines = Math.max(...row.cells.map((cell) => cell.length));
  return Array.from({ length: Math.ceil(lines / linesEach) }, (_, part) => ({
    ...row,
    cells: row.cells.map((cell) => cell.slice(part * linesEach, (part + 1) * linesEach)),
  }));
}

/** @param cellRole - Undefined for a head that is only repeated. */
function drawRow(flow: PageFlow, row: Row, cellRole: 'TH' | 'TD' | undefined): void {
  const heightPt = heightOf(row);
  const topPt = flow.yPt;
  const bottomPt = topPt - heightPt;
  const rightPt = PAGE.leftPt + PAGE.textWidthPt;
  const drawRules = (): void => {
    if (cellRole !== 'TD') flow.rule([PAGE.leftPt, topPt], [rightPt, topPt]);
    flow.rule([PAGE.leftPt, bottomPt], [rightPt, bottomPt]);
    flow.rule([rightPt, topPt], [rightPt, bottomPt]);
    for (const { leftPt } of row.columns) flow.rule([leftPt, topPt], [leftPt, bottomPt]);
  };
  const drawCell = (column: Column, index: number): void => {
    const lines = row.cells[index] ?? [];
    const textHeightPt = lines.length * row.style.leadingPt;
    let lineTopPt = topPt - (heightPt - textHeightPt) / 2;
    for (const line of lines) {
      flow.text(line, row.style, {
        xPt:
          column.leftPt + PADDING_PT + shiftPt(line, column.align, column.widthPt - 2 * PADDING_PT),
        baselinePt: lineTopPt - baselineDropPt(row.style),
      });
      lineTopPt -= row.style.leadingPt;
    }
  };
  if (cellRole === undefined) {
    drawRules();
    row.columns.forEach(drawCell);
  } else {
    flow.artifact(flow.pageIndex, drawRules);
    const span = row.columns.length === 1 && row.spans > 1 ? { columnSpan: row.spans } : {};
    flow.within('TR', () =>
      row.columns.forEach((column, index) =>
        flow.within(cellRole, () => drawCell(column, index), span),
      ),
    );
  }
  flow.yPt = bottomPt;
}

/** Tables: wrapped cells, a header repeated on every page, rows cut only where one is longer than a page. */
import type { Align, Grid, Table } from './blocks.js';
import { breakLines, widestUnit, type Line } from './line-breaking.js';
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
  readonly align: Align;
  /** Columns of the table that it goes over. */
  readonly span: number;
}

interface WrappedTable {
  /** Repeated on every page. */
  readonly heads: readonly Row[];
  readonly rows: readonly Row[];
  /** Row that does not leave the one before it alone on a page: a sum. */
  readonly sumIndex: number;
}

/** Wraps the cells of either kind of table, `cell` for rows and `head` for the header. */
function wrapTable(table: Table | Grid, cell: TextStyle, head: TextStyle): WrappedTable {
  return table.kind === 'grid' ? wrapGrid(table, cell, head) : wrapRows(table, cell, head);
}

function wrapRows(table: Table, cell: TextStyle, head: TextStyle): WrappedTable {
  const titles = table.columns.map((column) => column.title);
  const of = (texts: readonly string[], style: TextStyle): readonly ColumnText[] =>
    texts.map((text, column) => ({ column, text, style }));
  const least = leastWidths(table.columns.length, [
    ...of(titles, head),
    ...table.rows.flatMap((texts) => of(texts, cell)),
  ]);
  const columns = columnsOf(table.columns, least);
  const whole = [{ ...WHOLE_WIDTH, span: columns.length }];
  return {
    heads: [rowOf(titles, columns.map(centred), head)],
    rows: [
      ...table.rows.map((texts) => rowOf(texts, columns, cell)),
      ...table.footer.map((text) => rowOf([text], whole, head)),
    ],
    sumIndex: table.rows.length,
  };
}

function wrapGrid(grid: Grid, cell: TextStyle, head: TextStyle): WrappedTable {
  const least = leastWidths(
    grid.widths.length,
    grid.rows.flatMap(({ isHead, cells }) => {
      let at = 0;
      return cells.flatMap(({ text, span }): ColumnText[] => {
        const column = at;
        at += span;
        return span === 1 ? [{ column, text, style: isHead ? head : cell }] : [];
      });
    }),
  );
  const columns = columnsOf(
    grid.widths.map((width) => ({ width, align: 'left' as const })),
    least,
  );
  const rows = grid.rows.map(({ isHead, cells }) => {
    let at = 0;
    const placed = cells.map(({ span, align }): Column => {
      const over = columns.slice(at, at + span);
      at += span;
      const widthPt = over.reduce((sum, column) => sum + column.widthPt, 0);
      return { leftPt: over[0]?.leftPt ?? PAGE.leftPt, widthPt, align, span };
    });
    const texts = cells.map(({ text }) => text);
    return isHead ? rowOf(texts, placed.map(centred), head) : rowOf(texts, placed, cell);
  });
  const heads = grid.rows.filter(({ isHead }) => isHead).length;
  return { heads: rows.slice(0, heads), rows: rows.slice(heads), sumIndex: -1 };
}

const WHOLE_WIDTH = { leftPt: PAGE.leftPt, widthPt: PAGE.textWidthPt, align: 'left' } as const;

function centred(column: Column): Column {
  return { ...column, align: 'centre' };
}

/** Height of what is not divided at a table's beginning: all of a short one, or its head and first row. */
function beginningPt({ heads, rows }: WrappedTable): number {
  const [first] = rows;
  const headPt = totalPt(heads);
  const wholePt = headPt + totalPt(rows);
  const firstPt = first === undefined ? 0 : Math.min(heightOf(first), 200);
  return wholePt <= KEPT_WHOLE_PT ? wholePt : headPt + firstPt;
}

/** Height of a table's undivided beginning, for what must stand on the same page above it. */
export function tableBeginningPt(table: Table | Grid, cell: TextStyle, head: TextStyle): number {
  const [first] = table.rows;
  const isLong = table.kind === 'table' && table.rows.length > 8;
  const part = isLong && first !== undefined ? { ...table, rows: [first], footer: [] } : table;
  return beginningPt(wrapTable(part as Table | Grid, cell, head));
}

/** Draws `table` over the text width, `cell` for rows and `head` for the header. */
export function layOutTable(
  flow: PageFlow,
  table: Table | Grid,
  cell: TextStyle,
  head: TextStyle,
): void {
  const wrapped = wrapTable(table, cell, head);
  const { heads, rows, sumIndex } = wrapped;
  const roomPt = PAGE.topPt - PAGE.bottomPt - totalPt(heads);
  flow.ensure(beginningPt(wrapped));
  flow.within('Table', () => {
    heads.forEach((row, index) => drawRow(flow, row, 'TH', index === 0));
    let isFirst = heads.length === 0;
    rows.forEach((row, index) => {
      const next = rows[index + 1];
      for (const part of cut(row, roomPt)) {
        // A sum does not stand alone on a page: the last row goes with it.
        const withSum = index + 1 === sumIndex && next !== undefined ? heightOf(next) : 0;
        if (Math.min(heightOf(part) + withSum, roomPt) > flow.remainingPt) {
          flow.breakPage();
          isFirst = heads.length === 0;
          flow.artifact(
            flow.pageIndex,
            () => heads.forEach((each, at) => drawRow(flow, each, undefined, at === 0)),
            'Pagination',
          );
        }
        drawRow(flow, part, 'TD', isFirst);
        isFirst = false;
      }
    });
  });
}

interface Row {
  readonly cells: readonly (readonly Line[])[];
  readonly columns: readonly Column[];
  readonly style: TextStyle;
}

/** @param leastPt - What each column needs so that no number is broken. */
function columnsOf(
  shares: readonly { readonly width: number; readonly align: Align }[],
  leastPt: readonly number[],
): readonly Column[] {
  const widths = widthsOf(
    shares.map(({ width }) => width),
    leastPt,
  );
  let leftPt: number = PAGE.leftPt;
  return shares.map(({ align }, index) => {
    const widthPt = widths[index] ?? 0;
    const placed = { leftPt, widthPt, align, span: 1 };
    leftPt += widthPt;
    return placed;
  });
}

/** By their shares, but a column that needs more takes it from the others, as long as there is enough for all. */
function widthsOf(shares: readonly number[], leastPt: readonly number[]): readonly number[] {
  const widened = new Set<number>();
  const isEnough = leastPt.reduce((sum, least) => sum + least, 0) <= PAGE.textWidthPt;
  for (;;) {
    const takenPt = [...widened].reduce((sum, index) => sum + (leastPt[index] ?? 0), 0);
    const rest = shares.reduce((sum, share, index) => sum + (widened.has(index) ? 0 : share), 0);
    const widths = shares.map((share, index) =>
      widened.has(index) ? (leastPt[index] ?? 0) : (share / rest) * (PAGE.textWidthPt - takenPt),
    );
    const short = widths.findIndex(
      (width, index) => !widened.has(index) && width < (leastPt[index] ?? 0),
    );
    if (short < 0 || !isEnough) return widths;
    widened.add(short);
  }
}

/** Wider than this, a word is broken rather than given more room. */
const MOST_UNBROKEN_PT = 120;

/** A text that has a column to itself. */
interface ColumnText {
  readonly column: number;
  readonly text: string;
  readonly style: TextStyle;
}

/** What the texts of each column need so that none of their numbers and words is broken. */
function leastWidths(columns: number, texts: Iterable<ColumnText>): readonly number[] {
  const least = new Array<number>(columns).fill(0);
  for (const { column, text, style } of texts) {
    const widths = text.split('\n').map((line) => widestUnit(line, measureIn(style)));
    const widest = Math.max(...widths);
    if (widest > MOST_UNBROKEN_PT) continue;
    least[column] = Math.max(least[column] ?? 0, widest + 2 * PADDING_PT);
  }
  return least;
}

function rowOf(texts: readonly string[], columns: readonly Column[], style: TextStyle): Row {
  const cells = texts.map((text, index) => {
    const widthPt = (columns[index]?.widthPt ?? 0) - 2 * PADDING_PT;
    return text.split('\n').flatMap((line) => breakLines(line, measureIn(style), widthPt));
  });
  return { cells, columns, style };
}

function totalPt(rows: readonly Row[]): number {
  return rows.reduce((sum, row) => sum + heightOf(row), 0);
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

/**
 * @param cellRole - Undefined for a head that is only repeated.
 * @param isFirst - Nothing of the table stands above it on its page.
 */
function drawRow(
  flow: PageFlow,
  row: Row,
  cellRole: 'TH' | 'TD' | undefined,
  isFirst: boolean,
): void {
  const heightPt = heightOf(row);
  const topPt = flow.yPt;
  const bottomPt = topPt - heightPt;
  const rightPt = PAGE.leftPt + PAGE.textWidthPt;
  const drawRules = (): void => {
    if (isFirst) flow.rule([PAGE.leftPt, topPt], [rightPt, topPt]);
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
    flow.within('TR', () =>
      row.columns.forEach((column, index) =>
        flow.within(
          cellRole,
          () => drawCell(column, index),
          column.span > 1 ? { columnSpan: column.span } : {},
        ),
      ),
    );
  }
  flow.yPt = bottomPt;
}

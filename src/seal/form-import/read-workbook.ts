/**
 * A workbook of strangers as a plain grid of cells. It is unpacked within bounds before the reader of
 * spreadsheets sees it, so that what unpacks to gigabytes ends here.
 */
import { zipSync } from 'fflate';
import type { CellValue, Sheet } from 'hucre/xlsx';
import { AppError } from '../../kernel/index.js';
import { readPlainZip } from '../../zip/index.js';

const BOUNDS = {
  mostBytes: 5 * 1024 * 1024,
  mostUnpackedBytes: 32 * 1024 * 1024,
  mostParts: 500,
} as const;
const MOST_ROWS = 5000;
const MOST_COLUMNS = 200;

export interface GridCell {
  readonly value: CellValue;
  /** The value is what a formula gave when somebody last looked. */
  readonly isFormula: boolean;
  readonly isError: boolean;
}

export interface GridRow {
  /** As the spreadsheet counts, from 1. */
  readonly number: number;
  readonly isHidden: boolean;
  /** By column, from 0. */
  readonly cells: readonly GridCell[];
}

export interface Grid {
  readonly sheet: string;
  readonly rows: readonly GridRow[];
  readonly hiddenColumns: ReadonlySet<number>;
  /** Cells that are merged with others, as `row:column`; rows count from 1, columns from 0. */
  readonly merged: ReadonlySet<string>;
}

/**
 * The sheet of the given name, or else the first that is shown.
 * @throws AppError `spreadsheet-unreadable`, params `reason`: `format`, `too-large`, `no-sheet`
 */
export async function readWorkbook(bytes: Uint8Array, sheetName: string): Promise<Grid> {
  const packed = repack(bytes);
  const shown: string[] = [];
  // Loaded where a workbook is read: it is long to load, and signing passes through this room.
  const { readXlsx } = await import('hucre/xlsx');
  const workbook = await readXlsx(packed, {
    maxRows: MOST_ROWS + 1,
    sheets: ({ name, hidden, veryHidden }) => {
      if (hidden === true || veryHidden === true) return false;
      shown.push(name);
      return name === sheetName || shown.length === 1;
    },
  }).catch((cause: unknown) => {
    throw unreadable('format', cause);
  });
  const sheet = workbook.sheets.find(({ name }) => name === sheetName) ?? workbook.sheets[0];
  if (sheet === undefined) throw unreadable('no-sheet');
  return gridOf(sheet);
}

function gridOf(sheet: Sheet): Grid {
  const { rows, rowDefs, cells, columns = [], merges = [] } = sheet;
  if (rows.length > MOST_ROWS || rows.some((row) => row.length > MOST_COLUMNS)) {
    throw unreadable('too-large');
  }
  const merged = new Set<string>();
  for (const { startRow, endRow, startCol, endCol } of merges) {
    for (let row = startRow; row <= Math.min(endRow, rows.length - 1); row++) {
      for (let column = startCol; column <= Math.min(endCol, MOST_COLUMNS); column++) {
        merged.add(`${row + 1}:${column}`);
      }
    }
  }
  return {
    sheet: sheet.name,
    rows: rows.map((values, row) => ({
      number: row + 1,
      isHidden: rowDefs?.get(row)?.hidden === true,
      cells: values.map((value, column) => {
        const cell = cells?.get(`${row},${column}`);
        return {
          value,
          isFormula: cell?.formula !== undefined || cell?.type === 'formula',
          isError: cell?.type === 'error',
        };
      }),
    })),
    hiddenColumns: new Set(
      columns.flatMap(({ hidden }, column) => (hidden === true ? [column] : [])),
    ),
    merged,
  };
}

/** The parts of the package, unpacked within bounds and packed anew without compression. */
function repack(bytes: Uint8Array): Uint8Array {
  // What is no zip is an old .xls, an encrypted workbook, or something else altogether.
  const read = readPlainZip(bytes, BOUNDS);
  if ('fault' in read) {
    throw unreadable(read.fault === 'format' ? 'format' : 'too-large', read.cause);
  }
  return zipSync(Object.fromEntries(read.parts), { level: 0 });
}

function unreadable(reason: 'format' | 'too-large' | 'no-sheet', cause?: unknown): AppError {
  return new AppError('spreadsheet-unreadable', `not a workbook that can be read: ${reason}`, {
    params: { reason },
    ...(cause === undefined ? {} : { cause }),
  });
}

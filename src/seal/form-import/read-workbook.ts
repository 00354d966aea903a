/**
 * A workbook of strangers as a plain grid of cells. It is unpacked within bounds before the reader of
 * spreadsheets sees it, so that what unpacks to gigabytes ends here.
 */
import { Unzip, UnzipInflate, UnzipPassThrough, zipSync } from 'fflate';
import type { CellValue, Sheet } from 'hucre/xlsx';
import { AppError, concatBytes, isAppError } from '../../kernel/index.js';

const MOST_BYTES = 5 * 1024 * 1024;
const MOST_UNPACKED_BYTES = 32 * 1024 * 1024;
const MOST_PARTS = 500;
/** Unpacked in steps, so that a step goes beyond the bound by a little only. */
const STEP_BYTES = 16 * 1024;
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
  if (bytes.length > MOST_BYTES) throw unreadable('too-large');
  // What begins otherwise is an old .xls, an encrypted workbook, or something else altogether.
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) throw unreadable('format');
  const parts = new Map<string, Uint8Array[]>();
  const ends = new Set<string>();
  let unpacked = 0;
  const unzip = new Unzip((file) => {
    if (parts.has(file.name)) throw unreadable('format');
    if (parts.size >= MOST_PARTS) throw unreadable('too-large');
    const chunks: Uint8Array[] = [];
    parts.set(file.name, chunks);
    file.ondata = (error, chunk, isLast) => {
      // What is thrown below comes back here as the fault of the part.
      if (error !== null) throw isAppError(error) ? error : unreadable('format', error);
      unpacked += chunk.length;
      if (unpacked > MOST_UNPACKED_BYTES) throw unreadable('too-large');
      chunks.push(chunk);
      if (isLast) ends.add(file.name);
    };
    file.start();
  });
  unzip.register(UnzipPassThrough);
  unzip.register(UnzipInflate);
  try {
    for (let at = 0; at < bytes.length; at += STEP_BYTES) {
      const end = Math.min(bytes.length, at + STEP_BYTES);
      unzip.push(bytes.subarray(at, end), end === bytes.length);
    }
  } catch (cause) {
    throw isAppError(cause) ? cause : unreadable('format', cause);
  }
  if (parts.size === 0 || ends.size !== parts.size) throw unreadable('format');
  return zipSync(
    Object.fromEntries(Array.from(parts, ([name, chunks]) => [name, concatBytes(chunks)])),
    { level: 0 },
  );
}

function unreadable(reason: 'format' | 'too-large' | 'no-sheet', cause?: unknown): AppError {
  return new AppError('spreadsheet-unreadable', `not a workbook that can be read: ${reason}`, {
    params: { reason },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** What a cell says, as a person who fills it in means it. */
import type { GridCell } from './read-workbook.js';

export type CellFaultCode =
  'cell-formula' | 'cell-error' | 'cell-number' | 'cell-day' | 'cell-choice';

export type Reading<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'empty' }
  | { readonly kind: 'fault'; readonly code: CellFaultCode };

const EMPTY = { kind: 'empty' } as const;
/** Beijing has no summer time. */
const CHINA_OFFSET = '+08:00';

/** Text; a whole number that the spreadsheet has kept exactly is taken as its digits. */
export function readText(cell: GridCell | undefined): Reading<string> {
  const { value } = cell ?? { value: null };
  if (cell === undefined || value === null || value === '') return EMPTY;
  if (cell.isError) return fault('cell-error');
  if (cell.isFormula) return fault('cell-formula');
  if (typeof value === 'string') {
    // Blanks at the ends come from copying; within, they are the form's to judge.
    const text = value.replace(/^[ \t\r\n\u00a0\u3000]+|[ \t\r\n\u00a0\u3000]+$/g, '');
    return text === '' ? EMPTY : { kind: 'value', value: text };
  }
  if (typeof value === 'boolean') return fault('cell-choice');
  // Spreadsheets keep 15 digits; of a longer number the rest is made up.
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 1e15
    ? { kind: 'value', value: String(value) }
    : fault('cell-number');
}

/** One of the texts that `choices` knows. */
export function readChoice<T>(
  cell: GridCell | undefined,
  choices: Readonly<Record<string, T>>,
): Reading<T> {
  const text = readText(cell);
  if (text.kind !== 'value') return text;
  const value = Object.hasOwn(choices, text.value) ? choices[text.value] : undefined;
  return value === undefined ? fault('cell-choice') : { kind: 'value', value };
}

/** A day as 2026-01-31; a date cell, or text in one of the usual forms. */
export function readDay(cell: GridCell | undefined): Reading<string> {
  const { value } = cell ?? { value: null };
  if (cell?.isFormula === true) return fault('cell-formula');
  if (value instanceof Date) {
    return Number.isNaN(value.getTime())
      ? fault('cell-day')
      : { kind: 'value', value: value.toISOString().slice(0, 10) };
  }
  if (typeof value === 'number') return fault('cell-day');
  const text = readText(cell);
  if (text.kind !== 'value') return text;
  const [, year = '', month = '', day = ''] =
    /^(\d{4})(?:[-/.年])(\d{1,2})(?:[-/.月])(\d{1,2})日?$/.exec(text.value) ?? [];
  const iso = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const at = new Date(`${iso}T00:00:00Z`);
  const isDay = !Number.isNaN(at.getTime()) && at.toISOString().startsWith(iso);
  return isDay ? { kind: 'value', value: iso } : fault('cell-day');
}

/** The first or the last second of a day in China, RFC 3339 in UTC. */
export function boundOfDay(day: string, bound: 'first' | 'last'): string {
  const time = bound === 'first' ? '00:00:00' : '23:59:59';
  return `${new Date(`${day}T${time}${CHINA_OFFSET}`).toISOString().slice(0, 19)}Z`;
}

function fault(code: CellFaultCode): { readonly kind: 'fault'; readonly code: CellFaultCode } {
  return { kind: 'fault', code };
}

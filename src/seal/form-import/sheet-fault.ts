/** What is wrong with a workbook: where, what, and what to do. */
import type { FormFaultCode } from '../information-form/index.js';
import type { CellFaultCode } from './cell-text.js';

export type SheetFaultCode =
  | FormFaultCode
  | CellFaultCode
  | 'cell-merged'
  | 'row-hidden'
  | 'column-hidden'
  | 'row-repeated'
  | 'heading-missing'
  | 'heading-repeated'
  | 'heading-unknown'
  | 'no-rows'
  | 'unit-unknown'
  | 'too-many-rows';

export interface SheetFault {
  /** As the spreadsheet counts, from 1; absent where a column or the whole sheet is meant. */
  readonly row?: number;
  /** Letter of the column. */
  readonly column?: string;
  readonly heading?: string;
  readonly code: SheetFaultCode;
  /** An error keeps the whole workbook out. */
  readonly severity: 'error' | 'warning';
  readonly text: string;
  readonly textEn: string;
}

export function sheetError(
  place: Pick<SheetFault, 'row' | 'column' | 'heading'>,
  code: SheetFaultCode,
  text: string,
  textEn: string,
): SheetFault {
  return { ...place, code, severity: 'error', text, textEn };
}

/** A, B, …, Z, AA, … */
export function letterOf(index: number): string {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : letterOf(Math.floor(index / 26) - 1) + last;
}

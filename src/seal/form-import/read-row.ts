/** One row of the sheet: a unit's information form, and what is wrong with it. */
import {
  checkInformationForm,
  type SealInformationForm,
  type WantedSeal,
} from '../information-form/index.js';
import { boundOfDay, readChoice, readDay, readText, type CellFaultCode } from './cell-text.js';
import { COLUMNS, NO, TOKEN_KINDS, YES, columnOf, type Column, type ColumnKey } from './columns.js';
import type { Grid, GridCell, GridRow } from './read-workbook.js';
import { letterOf, sheetError, type SheetFault } from './sheet-fault.js';

const CHOICES = { [YES]: true, [NO]: false } as const;

export interface ImportedForm {
  readonly row: number;
  readonly form: SealInformationForm;
}

export interface ReadRow extends ImportedForm {
  readonly faults: readonly SheetFault[];
}

export function readRow(
  row: GridRow,
  grid: Grid,
  places: ReadonlyMap<ColumnKey, number>,
  now: Date,
): ReadRow {
  const faults: SheetFault[] = [];
  const unread = new Set<string>();
  if (row.isHidden) {
    faults.push(
      sheetError(
        { row: row.number },
        'row-hidden',
        '此行是隐藏的；请取消隐藏并核对，或删去',
        'the row is hidden: show it and look at it, or delete it',
      ),
    );
  }
  const placeOf = (column: Column): { row: number; column?: string; heading: string } => {
    const index = places.get(column.key);
    return {
      row: row.number,
      ...(index === undefined ? {} : { column: letterOf(index) }),
      heading: column.heading,
    };
  };
  const read = <T>(
    key: ColumnKey,
    reader: (cell: GridCell | undefined) => ReturnType<typeof readChoice<T>>,
  ): T | undefined => {
    const column = columnOf(key);
    const index = places.get(key);
    if (index === undefined) {
      // Told once, with the headings.
      unread.add(column.pointer);
      return undefined;
    }
    if (grid.merged.has(`${row.number}:${index}`)) {
      unread.add(column.pointer);
      faults.push(
        sheetError(
          placeOf(column),
          'cell-merged',
          '单元格是合并的；请取消合并，逐行填写',
          'the cell is merged with others: split it and fill in each row',
        ),
      );
      return undefined;
    }
    const reading = reader(row.cells[index]);
    if (reading.kind === 'value') return reading.value;
    if (reading.kind === 'fault') {
      unread.add(column.pointer);
      const [text, textEn] = CELL_FAULTS[reading.code];
      faults.push(sheetError(placeOf(column), reading.code, text, textEn));
    }
    return undefined;
  };
  const form = formOf({
    text: (key) => read(key, readText),
    isWanted: (key) => read(key, (cell) => readChoice(cell, CHOICES)) === true,
    tokenKind: () => read('tokenKind', (cell) => readChoice(cell, TOKEN_KINDS)),
    day: (key) => read(key, readDay),
  });
  for (const { pointer, ...fault } of checkInformationForm(form, { complete: true, now })) {
    const column = columnAt(pointer, form);
    // A cell that could not be read is not missing as well.
    if (column !== undefined && unread.has(column.pointer)) continue;
    faults.push({ ...(column === undefined ? { row: row.number } : placeOf(column)), ...fault });
  }
  const registration = columnOf('physicalRegistration');
  const isStray = form.seals?.every(({ kind }) => kind !== 'official') === true;
  if (isStray && readText(row.cells[places.get('physicalRegistration') ?? -1]).kind === 'value') {
    faults.push(
      sheetError(
        placeOf(registration),
        'not-applicable',
        '填了实物公章编码但没有申请公章；请在“公章”列选“是”，或删去编码',
        'the code of a physical official seal, but none is asked for',
      ),
    );
  }
  return { row: row.number, form, faults };
}

/** How a row's cells are read, by the kind of column. */
interface RowReader {
  text(key: ColumnKey): string | undefined;
  isWanted(key: ColumnKey): boolean;
  tokenKind(): SealInformationForm['tokenKind'] | undefined;
  day(key: ColumnKey): string | undefined;
}

function formOf(row: RowReader): SealInformationForm {
  const validFrom = row.day('validFrom');
  const validUntil = row.day('validUntil');
  const representative = row.text('representativeName');
  return present({
    unitName: row.text('unitName'),
    creditCode: row.text('creditCode'),
    regionCode: row.text('regionCode'),
    budgetCode: row.text('budgetCode'),
    supervisingDepartment: row.text('supervisingDepartment'),
    address: row.text('address'),
    seals: sealsOf(row),
    tokenKind: row.tokenKind(),
    tokenSerial: row.text('tokenSerial'),
    handler: present({
      name: row.text('handlerName'),
      idNumber: row.text('handlerIdNumber'),
      mobile: row.text('handlerMobile'),
      landline: row.text('handlerLandline'),
    }),
    legalRepresentative: representative === undefined ? undefined : { name: representative },
    purpose: row.text('purpose'),
    validFrom: validFrom === undefined ? undefined : boundOfDay(validFrom, 'first'),
    validUntil: validUntil === undefined ? undefined : boundOfDay(validUntil, 'last'),
  });
}

function sealsOf(row: RowReader): readonly WantedSeal[] {
  const physicalRegistration = row.text('physicalRegistration');
  const kindText = row.text('otherSeal');
  return [
    ...(row.isWanted('official')
      ? [present({ kind: 'official' as const, physicalRegistration })]
      : []),
    ...(row.isWanted('contract') ? [{ kind: 'contract' as const }] : []),
    ...(row.isWanted('finance') ? [{ kind: 'finance' as const }] : []),
    ...(row.isWanted('legalPerson') ? [{ kind: 'legal-person' as const }] : []),
    ...(kindText === undefined ? [] : [{ kind: 'other' as const, kindText }]),
  ];
}

/** The column that a fault of the form belongs to. */
function columnAt(pointer: string, { seals = [] }: SealInformationForm): Column | undefined {
  const [, index, field] = /^#\/seals\/(\d+)(\/\w+)?$/.exec(pointer) ?? [];
  const kind = seals[Number(index)]?.kind;
  const path = kind === undefined ? pointer : `#/seals/${kind}`;
  return (
    COLUMNS.find((column) => column.pointer === path + (field ?? '')) ??
    COLUMNS.find((column) => column.pointer === path)
  );
}

const CELL_FAULTS = {
  'cell-formula': [
    '单元格是公式；请改为直接填写的内容（复制后选择性粘贴为值）',
    'the cell is a formula: write its value instead',
  ],
  'cell-error': ['单元格是错误值；请改正', 'the cell is an error'],
  'cell-number': [
    '单元格是数字格式，末尾几位或开头的 0 可能已丢失；请设为文本格式后重新填写',
    'the cell is a number, and digits may be lost: format it as text and write anew',
  ],
  'cell-day': [
    '不是日期；请按 2026-01-31 填写，或把单元格设为日期格式',
    'not a day: write as 2026-01-31, or format the cell as a date',
  ],
  'cell-choice': ['只能从下拉列表中选择；请重新选择', 'not one of the choices in the list'],
} as const satisfies Record<CellFaultCode, readonly [string, string]>;

type Present<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the fields that are not there. */
function present<T extends object>(fields: T): Present<T> & Pick<T, RequiredKeys<T>> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Present<T> & Pick<T, RequiredKeys<T>>;
}

type RequiredKeys<T> = {
  [K in keyof T]-?: undefined extends T[K] ? never : K;
}[keyof T];

/** The workbook that clerks fill in: headings, choices, hints while typing, and a sheet that explains. */
import type { CellStyle, DataValidation, WriteSheet } from 'hucre/xlsx';
import {
  COLUMNS,
  EXPLANATION_SHEET,
  FORMS_SHEET,
  MOST_UNITS,
  NO,
  TOKEN_KINDS,
  YES,
  type Column,
} from './columns.js';
import { letterOf } from './sheet-fault.js';

const HEADING_STYLE: CellStyle = {
  font: { bold: true },
  fill: { type: 'pattern', pattern: 'solid', fgColor: { rgb: 'FFF2CC' } },
  alignment: { horizontal: 'center', vertical: 'center', wrapText: true },
  border: { bottom: { style: 'thin' } },
};
/** Text stays as it is typed: no digit of a code is lost. */
const TEXT_FORMAT = '@';
const DAY_FORMAT = 'yyyy-mm-dd';
/** Required columns carry a mark that the reader takes off. */
const REQUIRED_MARK = '*';

/** @returns an .xlsx file, the same each time but for the time it was written */
export async function informationFormTemplate(): Promise<Uint8Array> {
  const { writeXlsx } = await import('hucre/xlsx');
  return writeXlsx({ sheets: [formsSheet(), explanationSheet()], activeSheet: 0 });
}

function formsSheet(): WriteSheet {
  return {
    name: FORMS_SHEET,
    columns: COLUMNS.map(({ width, holds }) => ({
      width,
      numFmt: holds === 'day' ? DAY_FORMAT : TEXT_FORMAT,
    })),
    rows: [COLUMNS.map(({ heading }) => heading)],
    cells: new Map(
      COLUMNS.map(({ heading, isRequired }, index) => [
        `0,${index}`,
        { value: isRequired ? heading + REQUIRED_MARK : heading, style: HEADING_STYLE },
      ]),
    ),
    rowDefs: new Map([[0, { height: 32 }]]),
    freezePane: { rows: 1, columns: 1 },
    dataValidations: COLUMNS.flatMap(validation),
  };
}

function validation(column: Column, index: number): readonly DataValidation[] {
  const letter = letterOf(index);
  const hint = {
    range: `${letter}2:${letter}${MOST_UNITS + 1}`,
    allowBlank: true,
    showInputMessage: true,
    inputTitle: column.heading,
    inputMessage: column.explanation,
    showErrorMessage: true,
    errorTitle: column.heading,
    errorMessage: column.explanation,
  } as const;
  switch (column.holds) {
    case 'yes-no':
      return [{ ...hint, type: 'list', values: [YES, NO] }];
    case 'token-kind':
      return [{ ...hint, type: 'list', values: Object.keys(TOKEN_KINDS) }];
    case 'day':
      return [
        {
          ...hint,
          type: 'date',
          operator: 'greaterThan',
          // 2020-01-01 as spreadsheets count days.
          formula1: '43831',
          errorStyle: 'warning',
        },
      ];
    case 'text':
      return column.explanation === ''
        ? []
        : [{ ...hint, type: 'textLength', operator: 'lessThanOrEqual', formula1: '200' }];
  }
}

function explanationSheet(): WriteSheet {
  const notes = [
    ['电子印章信息表填表说明'],
    [`一行一个单位，一次最多 ${MOST_UNITS} 个；请在“${FORMS_SHEET}”表的标题下填写，不要改动标题。`],
    ['请勿合并单元格、隐藏行列或使用公式；代码、电话按文本填写。'],
    ['上传后逐行核对；有一处错误则全部不导入，按提示改正后重新上传。'],
    [],
    ['列', '必填', '说明'],
  ];
  return {
    name: EXPLANATION_SHEET,
    columns: [{ width: 20 }, { width: 8 }, { width: 70 }],
    rows: [
      ...notes,
      ...COLUMNS.map(({ heading, isRequired, explanation }) => [
        heading,
        isRequired ? '是' : '',
        explanation,
      ]),
    ],
    cells: new Map([
      ['0,0', { value: notes[0]?.[0] ?? '', style: { font: { bold: true, size: 14 } } }],
      ...['列', '必填', '说明'].map(
        (value, column) => [`5,${column}`, { value, style: HEADING_STYLE }] as const,
      ),
    ]),
  };
}

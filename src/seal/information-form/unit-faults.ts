/** The unit on an information form: its name, its codes, where it is. */
import { creditCodeDoubts, creditCodeFault, regionCodeFault } from '../../access/index.js';
import { formError, formWarning, type FormFault } from './form-fault.js';
import { given } from './given.js';
import type { SealInformationForm } from './information-form.js';
import { UNIT_NAME_LENGTH, textFaults, unitNameFaults } from './text-faults.js';

const BUDGET_CODE = /^[0-9]{3,15}$/;

export function unitFaults(form: SealInformationForm): readonly FormFault[] {
  const { unitName, creditCode, regionCode, budgetCode, supervisingDepartment, address } = form;
  return [
    ...given(unitName, (name) =>
      unitNameFaults(name, {
        pointer: '#/unitName',
        label: '单位法定名称',
        labelEn: 'the legal name',
        ...UNIT_NAME_LENGTH,
      }),
    ),
    ...given(creditCode, creditCodeFaults),
    ...given(regionCode, regionFaults),
    ...given(budgetCode, (code) =>
      BUDGET_CODE.test(code)
        ? []
        : [
            formError(
              '#/budgetCode',
              'budget-code',
              '预算单位编码应为 3 至 15 位数字；请对照预算管理一体化系统填写',
              'a budget code has 3 to 15 digits',
            ),
          ],
    ),
    ...given(supervisingDepartment, (name) =>
      unitNameFaults(name, {
        pointer: '#/supervisingDepartment',
        label: '主管部门',
        labelEn: 'the supervising department',
        ...UNIT_NAME_LENGTH,
      }),
    ),
    ...given(address, (text) =>
      textFaults(text, {
        pointer: '#/address',
        label: '单位地址',
        labelEn: 'the address',
        min: 4,
        max: 100,
      }).filter(({ code }) => code !== 'text-space' && code !== 'text-width'),
    ),
  ];
}

function creditCodeFaults(code: string): readonly FormFault[] {
  const pointer = '#/creditCode';
  const fault = creditCodeFault(code);
  switch (fault?.kind) {
    case 'length':
      return [
        formError(
          pointer,
          'credit-code-length',
          `统一社会信用代码应为 18 位，填写了 ${fault.length} 位；请对照登记证书补全`,
          `a credit code has 18 characters, not ${fault.length}`,
        ),
      ];
    case 'character':
      return [
        formError(
          pointer,
          'credit-code-character',
          `统一社会信用代码第 ${fault.position} 位不能是“${fault.character}”；${creditCodeAdvice(fault.character)}`,
          `character ${fault.position} of the credit code cannot be "${fault.character}": digits and capitals without I, O, S, V, Z; positions 3 to 8 are digits`,
        ),
      ];
    case 'check':
      return [
        formError(
          pointer,
          'credit-code-check',
          '统一社会信用代码校验不通过，至少有一位填错；请对照登记证书逐位核对',
          'the check character does not fit: at least one character is wrong',
        ),
      ];
    case undefined:
      return creditCodeDoubts(code).map((doubt) => {
        const [text, textEn] = CREDIT_CODE_DOUBTS[doubt];
        return formWarning(pointer, 'credit-code-unusual', text, textEn);
      });
  }
}

const CREDIT_CODE_DOUBTS = {
  department: [
    '统一社会信用代码前两位（登记管理部门、机构类别）不常见；请对照登记证书核对',
    'its first two characters are no department and kind of body that GB 32100 lists',
  ],
  region: [
    '统一社会信用代码第 3 至 8 位不是现行行政区划；请对照登记证书核对',
    'its characters 3 to 8 are no administrative division',
  ],
  organisation: [
    '统一社会信用代码第 9 至 17 位（主体标识码）校验不通过；请对照登记证书核对',
    'its characters 9 to 17 do not check by GB 11714',
  ],
} as const;

/** What a clerk does about the mistakes that are made most. */
function creditCodeAdvice(character: string): string {
  const digits: Readonly<Record<string, string>> = {
    I: '1',
    O: '0',
    S: '5',
    Z: '2',
    l: '1',
    o: '0',
  };
  const digit = digits[character];
  if (digit !== undefined) return `是否应为数字 ${digit}`;
  if (/[a-z]/.test(character)) return '请用大写字母';
  if (/[\uff00-\uffef]/.test(character)) return '请用半角字符';
  if (/\s/.test(character)) return '请删去空格';
  return '只用数字和大写字母（不含 I、O、S、V、Z），第 3 至 8 位为数字';
}

function regionFaults(code: string): readonly FormFault[] {
  const pointer = '#/regionCode';
  switch (regionCodeFault(code)) {
    case 'digits':
      return [
        formError(
          pointer,
          'region-code',
          '行政区划代码应为 6 位数字；如省级以 0000 结尾、市级以 00 结尾',
          'a region code has 6 digits; a province ends in 0000, a city in 00',
        ),
      ];
    case 'level':
      return [
        formError(
          pointer,
          'region-code',
          '行政区划代码有县级没有市级（第 3、4 位为 00）；请核对',
          'the region code has a county without a city',
        ),
      ];
    case 'province':
      return [
        formWarning(
          pointer,
          'region-unknown',
          '行政区划代码前两位不是现行的省级区划；请核对',
          'its first two digits are no province',
        ),
      ];
    case undefined:
      return [];
  }
}

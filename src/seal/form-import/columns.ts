/** The columns of the workbook: how a heading, a cell and a field of the information form belong together. */
import type { EnrolledCertificate } from '../../access/index.js';

export type ColumnKey =
  | 'unitName'
  | 'creditCode'
  | 'regionCode'
  | 'budgetCode'
  | 'supervisingDepartment'
  | 'address'
  | 'official'
  | 'physicalRegistration'
  | 'contract'
  | 'finance'
  | 'legalPerson'
  | 'otherSeal'
  | 'tokenKind'
  | 'tokenSerial'
  | 'representativeName'
  | 'handlerName'
  | 'handlerIdNumber'
  | 'handlerMobile'
  | 'handlerLandline'
  | 'purpose'
  | 'validFrom'
  | 'validUntil';

export interface Column {
  readonly key: ColumnKey;
  readonly heading: string;
  /** What the field is in the form; a fault there belongs to this column. */
  readonly pointer: string;
  readonly holds: 'text' | 'yes-no' | 'token-kind' | 'day';
  readonly isRequired: boolean;
  /** Width in characters. */
  readonly width: number;
  /** What the explanation sheet says. */
  readonly explanation: string;
}

function column(
  key: ColumnKey,
  heading: string,
  pointer: string,
  holds: Column['holds'],
  isRequired: boolean,
  width: number,
  explanation: string,
): Column {
  return { key, heading, pointer, holds, isRequired, width, explanation };
}

const SEAL_EXPLANATION = '需要此章填“是”，不需要留空或填“否”';

export const COLUMNS: readonly Column[] = [
  column('unitName', '单位法定名称', '#/unitName', 'text', true, 32, '与登记证书上的全称一字不差'),
  column(
    'creditCode',
    '统一社会信用代码',
    '#/creditCode',
    'text',
    true,
    22,
    '18 位，字母大写；列已设为文本格式，请勿改为数字',
  ),
  column(
    'regionCode',
    '行政区划代码',
    '#/regionCode',
    'text',
    true,
    14,
    '6 位（GB/T 2260），如省级以 0000 结尾、市级以 00 结尾',
  ),
  column(
    'budgetCode',
    '预算单位编码',
    '#/budgetCode',
    'text',
    false,
    14,
    '预算管理一体化系统中的编码；供应商留空',
  ),
  column(
    'supervisingDepartment',
    '主管部门',
    '#/supervisingDepartment',
    'text',
    false,
    24,
    '可不填',
  ),
  column('address', '单位地址', '#/address', 'text', false, 32, '可不填'),
  column('official', '公章', '#/seals/official', 'yes-no', false, 8, SEAL_EXPLANATION),
  column(
    'physicalRegistration',
    '实物公章编码',
    '#/seals/official/physicalRegistration',
    'text',
    false,
    18,
    '13 位，见公安机关印章备案回执；申请公章时必填',
  ),
  column('contract', '合同专用章', '#/seals/contract', 'yes-no', false, 12, SEAL_EXPLANATION),
  column('finance', '财务专用章', '#/seals/finance', 'yes-no', false, 12, SEAL_EXPLANATION),
  column(
    'legalPerson',
    '法定代表人名章',
    '#/seals/legal-person',
    'yes-no',
    false,
    16,
    SEAL_EXPLANATION,
  ),
  column(
    'otherSeal',
    '其他业务专用章',
    '#/seals/other',
    'text',
    false,
    18,
    '需要时填章面文字，2 至 8 个字，如“采购专用章”；不需要留空',
  ),
  column(
    'tokenKind',
    'UKey类别',
    '#/tokenKind',
    'token-kind',
    true,
    20,
    'UKey 由哪里发放，从下拉列表选',
  ),
  column(
    'tokenSerial',
    'UKey序列号',
    '#/tokenSerial',
    'text',
    false,
    18,
    '抄录 UKey 外壳上的序列号',
  ),
  column(
    'representativeName',
    '法定代表人姓名',
    '#/legalRepresentative/name',
    'text',
    true,
    16,
    '与登记证书一致',
  ),
  column('handlerName', '经办人姓名', '#/handler/name', 'text', true, 12, ''),
  column(
    'handlerIdNumber',
    '经办人身份证号',
    '#/handler/idNumber',
    'text',
    false,
    22,
    '18 位，末位 X 大写',
  ),
  column(
    'handlerMobile',
    '经办人手机',
    '#/handler/mobile',
    'text',
    false,
    14,
    '11 位；手机和座机至少填一个',
  ),
  column(
    'handlerLandline',
    '经办人座机',
    '#/handler/landline',
    'text',
    false,
    16,
    '区号-号码-分机',
  ),
  column('purpose', '用途', '#/purpose', 'text', true, 24, '如“签订政府采购合同”'),
  column('validFrom', '启用日期', '#/validFrom', 'day', true, 14, '年-月-日，如 2026-01-01'),
  column('validUntil', '截止日期', '#/validUntil', 'day', true, 14, '含当日；有效期最长 5 年'),
];

export function columnOf(key: ColumnKey): Column {
  const column = COLUMNS.find((each) => each.key === key);
  if (column === undefined) throw new TypeError(key);
  return column;
}

/** As the cell says it. */
export const TOKEN_KINDS: Readonly<Record<string, EnrolledCertificate['tokenKind']>> = {
  预算管理一体化系统: 'budget-system',
  公共资源交易中心: 'trading-centre',
  其他: 'other',
};

export const YES = '是';
export const NO = '否';

export const FORMS_SHEET = '印章信息表';
export const EXPLANATION_SHEET = '填表说明';
/** Units in one workbook. */
export const MOST_UNITS = 500;

/** What contract data must look like: one schema for the HTTP interface, the command line and the store. */
import { z } from 'zod';
import { CREDIT_CODE_PATTERN } from '../access/index.js';
import { AppError } from '../kernel/index.js';
import { YUAN_PATTERN } from './amount.js';
import type { ContractData } from './contract-data.js';

/**
 * What must not be in a text that is signed: control characters, lone surrogates, and the invisible
 * or direction-changing characters with which a document can show something other than it says.
 */
const FORBIDDEN_CHARACTERS =
  /[\p{Cc}\p{Cs}\p{Co}\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/u;

function text(name: string, maxLength: number) {
  return z
    .string()
    .trim()
    .min(1, { error: '不能为空' })
    .max(maxLength, { error: `不能超过 ${maxLength} 个字` })
    .refine((value) => !FORBIDDEN_CHARACTERS.test(value), {
      error: '含有不可见字符或控制字符',
    })
    .meta({ description: name });
}

const yuan = (name: string) =>
  z
    .string()
    .regex(YUAN_PATTERN, { error: '金额应为两位小数的元，如 1409.50' })
    .meta({ description: `${name}（元）`, examples: ['1409.50'] });

const date = (name: string) =>
  z.iso.date({ error: '日期应为 YYYY-MM-DD' }).meta({ description: name });

const creditCode = z
  .string()
  .regex(CREDIT_CODE_PATTERN, { error: '统一社会信用代码应为 18 位' })
  .meta({ description: '统一社会信用代码' });

const party = {
  name: text('名称', 200),
  creditCode,
  address: text('地址', 300),
  representative: text('法定代表人（负责人）或授权代表', 100),
  contactPhone: z
    .string()
    .regex(/^[0-9+()（） -]{5,40}$/, { error: '联系电话格式不正确' })
    .meta({ description: '联系电话' }),
};

const item = z
  .strictObject({
    classificationId: z
      .string()
      .regex(/^[ABC][0-9]{2,10}$/u, { error: '品目编码应为字母加数字，如 A02010104' })
      .meta({ description: '品目编码' })
      .exactOptional(),
    classification: text('品目名称', 200).exactOptional(),
    description: text('品名', 200),
    brand: text('品牌', 200).exactOptional(),
    specification: text('规格型号及主要技术参数', 2000),
    quantity: z
      .number()
      .positive({ error: '数量应大于 0' })
      .max(1e9, { error: '数量过大' })
      .refine((value) => /^[0-9]+(\.[0-9]{1,4})?$/.test(String(value)), {
        error: '数量最多四位小数',
      })
      .meta({ description: '数量' }),
    unit: text('单位', 20),
    unitPrice: yuan('单价'),
    amount: yuan('金额'),
  })
  .meta({ id: 'ContractItem', description: '标的' });

const payment = z
  .strictObject({
    condition: text('付款条件', 500),
    percent: z
      .number()
      .positive({ error: '比例应大于 0' })
      .max(100, { error: '比例不能超过 100' })
      .meta({ description: '占合同金额的百分比' }),
    amount: yuan('付款金额'),
  })
  .meta({ id: 'PaymentStage', description: '付款期次' });

/** Chinese official field names are in the descriptions; unknown fields are refused, never dropped. */
export const contractDataSchema = z
  .strictObject({
    id: text('合同编号', 60),
    title: text('合同名称', 200),
    tenderId: text('项目编号', 100),
    tenderTitle: text('项目名称', 200),
    procurementMethod: text('采购方式', 40),
    award: z
      .strictObject({ date: date('中标（成交）通知书发出日期'), amount: yuan('中标（成交）金额') })
      .meta({ description: '中标（成交）' }),
    regionCode: z
      .string()
      .regex(/^[1-9][0-9]{5}$/, { error: '行政区划代码应为 6 位数字' })
      .meta({ description: '行政区划' }),
    buyer: z
      .strictObject({
        ...party,
        budgetCode: z
          .string()
          .regex(/^[0-9]{3,20}$/, { error: '预算单位编码应为数字' })
          .meta({ description: '预算单位编码' }),
      })
      .meta({ description: '采购人（甲方）' }),
    supplier: z
      .strictObject({
        ...party,
        bankName: text('开户银行', 200).exactOptional(),
        bankAccount: z
          .string()
          .regex(/^[0-9]{6,34}$/, { error: '银行账号应为数字' })
          .meta({ description: '银行账号' })
          .exactOptional(),
      })
      .meta({ description: '供应商（乙方）' }),
    items: z
      .array(item)
      .min(1, { error: '至少一项标的' })
      .max(2000, { error: '标的不能超过 2000 项' })
      .meta({ description: '标的清单' }),
    value: z
      .strictObject({ amount: yuan('合同金额'), currency: z.literal('CNY') })
      .meta({ description: '合同金额' }),
    valueInCapitals: text('大写金额', 60).exactOptional(),
    period: z
      .strictObject({ startDate: date('履约开始日期'), endDate: date('履约结束日期') })
      .meta({ description: '履约期限' }),
    deliveryPlace: text('履约地点', 300),
    signingPlace: text('签订地点', 300),
    warrantyMonths: z
      .int({ error: '质保期应为整月数' })
      .min(0, { error: '质保期不能为负' })
      .max(600, { error: '质保期过长' })
      .meta({ description: '质保期（月）' }),
    payments: z
      .array(payment)
      .min(1, { error: '至少一期付款' })
      .max(60, { error: '付款不能超过 60 期' })
      .meta({ description: '付款计划' }),
  })
  .meta({ id: 'ContractData', description: '合同数据' }) satisfies z.ZodType<ContractData>;

/** At most this many faults are listed; the rest would only bury them. */
const MAX_ERRORS = 50;

const chinese = z.locales.zhCN().localeError;

/**
 * Checks `value` against {@link contractDataSchema}.
 *
 * @throws AppError `contract-data-invalid`, params `errors`: one `JSON pointer: what is wrong` each
 */
export function parseContractData(value: unknown): ContractData {
  const parsed = contractDataSchema.safeParse(value, { error: chinese });
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues
    .slice(0, MAX_ERRORS)
    .map((issue) => `${jsonPointer(issue.path)}: ${issue.message}`);
  throw new AppError('contract-data-invalid', 'contract data do not match the schema', {
    params: { errors },
  });
}

/** RFC 6901, as a URI fragment: `#/items/0/amount`. */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return `#${path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')}`;
}

/** What contract data must look like: one schema for the HTTP interface, the command line and the store. */
import { z } from 'zod';
import { AppError } from '../kernel/index.js';
import type { ContractData } from './contract-data.js';
import { itemSchema, paymentSchema } from './data/item-schema.js';
import {
  frameworkSchema,
  servicesSchema,
  supplementSchema,
  worksSchema,
} from './data/kind-schema.js';
import { buyerSchema, supplierSchema } from './data/party-schema.js';
import { projectFields } from './data/project-schema.js';
import {
  attachmentSchema,
  disputeSchema,
  performanceBondSchema,
  prepaymentSchema,
  qualityBondSchema,
  specialTermsSchema,
} from './data/terms-schema.js';
import { choice, date, term, text, wholeNumber, yesNo, yuan } from './data/values.js';

/** Values of the fields that a unit's own template adds; what each must look like, the template says. */
const extraValue = z.union([text('文本', 2000), z.number(), z.boolean()]);

/** Chinese official field names are in the descriptions; unknown fields are refused, never dropped. */
export const contractDataSchema = z
  .strictObject({
    id: text('合同编号', 60, 'id'),
    title: text('合同名称', 200, 'title'),
    category: choice(
      '采购类别',
      ['goods', 'works', 'services'],
      '/tender/mainProcurementCategory',
    ).exactOptional(),
    ...projectFields,
    plan: z
      .strictObject({
        id: text('采购计划备案编号', 100, '/planning/budget/id'),
        budgetAmount: yuan('预算金额', '/planning/budget/amount/amount').exactOptional(),
      })
      .meta(term('采购计划', '/planning/budget'))
      .exactOptional(),
    procurementMethod: text('采购方式', 40, '/tender/procurementMethodDetails'),
    organisation: choice('组织形式', [
      '集中采购',
      '部门集中采购',
      '分散采购',
      '自行采购',
    ]).exactOptional(),
    isReservedForSmallEnterprises: yesNo('是否专门面向中小企业').exactOptional(),
    award: z
      .strictObject({
        date: date('中标（成交）通知书发出日期', '/awards/0/date'),
        amount: yuan('中标（成交）金额', '/awards/0/value/amount'),
        noticeId: text('中标（成交）通知书编号', 100, '/awards/0/id').exactOptional(),
      })
      .meta(term('中标（成交）', '/awards/0')),
    regionCode: z
      .string()
      .regex(/^[1-9][0-9]{5}$/, { error: '行政区划代码应为 6 位数字' })
      .meta(term('行政区划')),
    buyer: buyerSchema,
    supplier: supplierSchema,
    items: z
      .array(itemSchema)
      .min(1, { error: '至少一项标的' })
      .max(2000, { error: '标的不能超过 2000 项' })
      .meta(term('标的清单', 'items')),
    value: z
      .strictObject({
        amount: yuan('合同金额', 'value/amount'),
        currency: z.literal('CNY').meta(term('币种', 'value/currency')),
      })
      .meta(term('合同金额', 'value')),
    valueInCapitals: text('大写金额', 60).exactOptional(),
    period: z
      .strictObject({
        startDate: date('履约开始日期', 'period/startDate'),
        endDate: date('履约结束日期', 'period/endDate'),
      })
      .meta(term('履约期限', 'period')),
    deliveryPlace: text('履约地点', 300, 'items/0/deliveryLocation/description'),
    signingPlace: text('签订地点', 300),
    warrantyMonths: wholeNumber('质保期（月）', 0, 600),
    payments: z
      .array(paymentSchema)
      .min(1, { error: '至少一期付款' })
      .max(60, { error: '付款不能超过 60 期' })
      .meta(term('付款计划', 'implementation/milestones')),
    prepayment: prepaymentSchema.exactOptional(),
    performanceBond: performanceBondSchema.exactOptional(),
    qualityBond: qualityBondSchema.exactOptional(),
    secrecy: z
      .strictObject({
        isSecret: yesNo('是否涉密'),
        clauses: text('涉密条款', 1000).exactOptional(),
      })
      .meta(term('涉密'))
      .exactOptional(),
    usesSecureSoftware: yesNo('是否采购信息安全软件').exactOptional(),
    works: worksSchema.exactOptional(),
    services: servicesSchema.exactOptional(),
    framework: frameworkSchema.exactOptional(),
    supplement: supplementSchema.exactOptional(),
    terms: specialTermsSchema.exactOptional(),
    dispute: disputeSchema.exactOptional(),
    attachments: z
      .array(attachmentSchema)
      .max(50, { error: '附件不能超过 50 个' })
      .meta(term('附件', 'documents'))
      .exactOptional(),
    extra: z
      .record(z.string().regex(/^[a-z][A-Za-z0-9]{0,39}$/), extraValue)
      .meta(term('单位自有模板的其他数据'))
      .exactOptional(),
  })
  .meta({ id: 'ContractData', description: '合同数据' });

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

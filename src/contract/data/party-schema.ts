/** 采购人 and 供应商, as a contract names them. */
import { z } from 'zod';
import { CREDIT_CODE_PATTERN } from '../../access/index.js';
import { choice, term, text, yesNo } from './values.js';

const party = (role: 'buyer' | 'suppliers/0') => ({
  name: text('名称', 200, `/${role}/name`),
  creditCode: z
    .string()
    .regex(CREDIT_CODE_PATTERN, { error: '统一社会信用代码应为 18 位' })
    .meta(term('统一社会信用代码', `/${role}/identifier/id`)),
  address: text('地址', 300, `/${role}/address/streetAddress`),
  representative: text('法定代表人（负责人）或授权代表', 100),
  contactPerson: text('联系人', 100, `/${role}/contactPoint/name`).exactOptional(),
  contactPhone: z
    .string()
    .regex(/^[0-9+()（） -]{5,40}$/, { error: '联系电话格式不正确' })
    .meta(term('联系电话', `/${role}/contactPoint/telephone`)),
});

export const buyerSchema = z
  .strictObject({
    ...party('buyer'),
    budgetCode: z
      .string()
      .regex(/^[0-9]{3,20}$/, { error: '预算单位编码应为数字' })
      .meta(term('预算单位编码', '/buyer/additionalIdentifiers/0/id')),
  })
  .meta(term('采购人（甲方）', '/buyer'));

export const supplierSchema = z
  .strictObject({
    ...party('suppliers/0'),
    bankName: text('开户银行', 200).exactOptional(),
    bankAccount: z
      .string()
      .regex(/^[0-9]{6,34}$/, { error: '银行账号应为数字' })
      .meta(term('银行账号'))
      .exactOptional(),
    size: choice(
      '供应商规模',
      ['大型', '中型', '小型', '微型'],
      '/suppliers/0/details/scale',
    ).exactOptional(),
    features: z
      .array(choice('特征', ['监狱企业', '残疾人福利性单位']))
      .max(2)
      .meta(term('供应商特征'))
      .exactOptional(),
    isForeignInvested: yesNo('是否外商投资企业').exactOptional(),
  })
  .meta(term('供应商（乙方）', '/suppliers/0'));

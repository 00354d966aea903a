/** 专用条款: what the parties of one contract agreed on, where a template leaves it open. */
import { z } from 'zod';
import { choice, percent, term, text, wholeNumber, yuan } from './values.js';

export const prepaymentSchema = z
  .strictObject({
    percent: percent('预付款比例'),
    amount: yuan('预付款金额'),
    condition: text('预付款支付条件', 500).exactOptional(),
  })
  .meta(term('预付款'));

/** @see 政府采购法实施条例 §48: at most 10% of the contract amount, and not only in cash */
export const performanceBondSchema = z
  .strictObject({
    amount: yuan('履约保证金金额'),
    form: choice('履约保证金方式', ['支票', '汇票', '本票', '保函', '保险单']),
    returnTerms: text('退还条件和期限', 500).exactOptional(),
  })
  .meta(term('履约保证金'));

export const qualityBondSchema = z
  .strictObject({
    amount: yuan('质量保证金金额'),
    returnTerms: text('退还条件和期限', 500).exactOptional(),
  })
  .meta(term('质量保证金'));

const days = (name: string) => wholeNumber(name, 1, 365).exactOptional();

/** Daily damages for delay, in thousandths. */
const permille = (name: string) =>
  z
    .number()
    .positive({ error: `${name}应大于 0` })
    .max(10, { error: `${name}不能超过 10` })
    .meta(term(`${name}（‰）`))
    .exactOptional();

export const specialTermsSchema = z
  .strictObject({
    deliveryMethod: text('交付方式', 500).exactOptional(),
    packaging: text('包装和运输要求', 1000).exactOptional(),
    acceptanceStandard: text('验收标准', 2000).exactOptional(),
    acceptanceDays: days('验收期限（工作日）'),
    paymentDays: days('收到发票后付款期限（工作日）'),
    responseHours: wholeNumber('故障响应时间（小时）', 1, 720).exactOptional(),
    supplierDelayPermille: permille('乙方逾期违约金日比例'),
    buyerDelayPermille: permille('甲方逾期付款违约金日比例'),
    damagesCapPercent: percent('违约金上限占合同金额的比例').exactOptional(),
    terminationDelayDays: days('逾期解除合同的日数'),
    special: z
      .array(text('其他约定', 2000))
      .min(1)
      .max(50)
      .meta(term('其他专用条款'))
      .exactOptional(),
  })
  .meta(term('专用条款'));

export const disputeSchema = z
  .strictObject({
    method: choice('争议解决方式', ['诉讼', '仲裁']),
    institution: text('人民法院或仲裁委员会', 100).exactOptional(),
  })
  .meta(term('争议的解决'));

export const attachmentSchema = z
  .strictObject({
    title: text('附件名称', 200, 'documents/0/title'),
    paragraphs: z
      .array(text('附件正文', 5000))
      .min(1)
      .max(200)
      .meta(term('附件正文，逐段'))
      .exactOptional(),
  })
  .meta(term('附件', 'documents/0'));

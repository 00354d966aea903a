/** 标的 and 付款计划, row by row. */
import { z } from 'zod';
import { choice, date, percent, term, text, yesNo, yuan } from './values.js';

export const itemSchema = z
  .strictObject({
    classificationId: z
      .string()
      .regex(/^[ABC][0-9]{2,10}$/u, { error: '品目编码应为字母加数字，如 A02010104' })
      .meta(term('品目编码', 'items/0/classification/id'))
      .exactOptional(),
    classification: text('品目名称', 200, 'items/0/classification/description').exactOptional(),
    description: text('品名', 200, 'items/0/description'),
    brand: text('品牌', 200).exactOptional(),
    specification: text('规格型号及主要技术参数', 2000),
    quantity: z
      .number()
      .positive({ error: '数量应大于 0' })
      .max(1e9, { error: '数量过大' })
      .refine((value) => /^[0-9]+(\.[0-9]{1,4})?$/.test(String(value)), {
        error: '数量最多四位小数',
      })
      .meta(term('数量', 'items/0/quantity')),
    unit: text('单位', 20, 'items/0/unit/name'),
    unitPrice: yuan('单价', 'items/0/unit/value/amount'),
    amount: yuan('金额'),
    isImported: yesNo('是否进口产品').exactOptional(),
    preferences: z
      .array(choice('政策属性', ['节能产品', '环境标志产品', '节水产品']))
      .max(3)
      .meta(term('节能、环保、节水'))
      .exactOptional(),
    fundingSource: text('资金来源', 100).exactOptional(),
  })
  .meta({ id: 'ContractItem', ...term('标的', 'items/0') });

export const paymentSchema = z
  .strictObject({
    condition: text('付款条件', 500, 'implementation/milestones/0/description'),
    percent: percent('占合同金额的比例'),
    amount: yuan('付款金额', 'implementation/milestones/0/value/amount'),
    dueDate: date('付款日期', 'implementation/milestones/0/dueDate').exactOptional(),
  })
  .meta({ id: 'PaymentStage', ...term('付款期次', 'implementation/milestones/0') });

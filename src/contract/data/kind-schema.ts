/** What only one kind of contract has: works, services, orders under a framework agreement, supplements. */
import { z } from 'zod';
import { choice, date, term, text, wholeNumber, yesNo, yuan } from './values.js';

export const worksSchema = z
  .strictObject({
    scope: text('工程内容和承包范围', 2000),
    site: text('工程地点', 300),
    approvalId: text('立项批准文号', 100).exactOptional(),
    priceForm: choice('合同价格形式', ['固定总价', '固定单价', '可调价格', '成本加酬金']),
    durationDays: wholeNumber('工期总日历天数', 1, 36_500),
    qualityStandard: text('质量标准', 500),
    projectManager: text('项目经理', 50),
    projectManagerLicence: text('项目经理注册证书号', 60),
    supervisor: text('监理单位', 200).exactOptional(),
    safetyFeeAmount: yuan('安全文明施工费').exactOptional(),
    defectsLiabilityMonths: wholeNumber('缺陷责任期（月）', 1, 24),
    usesGreenMaterials: yesNo('是否使用绿色建材').exactOptional(),
  })
  .meta(term('工程'));

export const servicesSchema = z
  .strictObject({
    scope: text('服务内容', 2000),
    standard: text('服务标准和要求', 2000),
    team: text('服务人员要求', 1000).exactOptional(),
    deliverables: text('服务成果', 1000).exactOptional(),
    resultOwner: choice('服务成果知识产权归属', ['甲方', '乙方', '双方共有']).exactOptional(),
    assessment: text('考核办法', 1000).exactOptional(),
  })
  .meta(term('服务'));

export const frameworkSchema = z
  .strictObject({
    id: text('框架协议编号', 100, '/relatedProcesses/0/identifier'),
    title: text('框架协议名称', 200, '/relatedProcesses/0/title'),
    organiser: text('征集人', 200),
    signedDate: date('框架协议签订日期'),
    endDate: date('框架协议有效期截止日期'),
    selectionMethod: choice('第二阶段成交方式', ['直接选定', '二次竞价', '顺序轮候']),
  })
  .meta(term('框架协议', '/relatedProcesses/0'));

/** @see 政府采购法 §49: all supplements together at most 10% of the contract amount */
export const supplementSchema = z
  .strictObject({
    contractId: text('原合同编号', 60, 'relatedProcesses/0/identifier'),
    contractTitle: text('原合同名称', 200, 'relatedProcesses/0/title'),
    contractDate: date('原合同签订日期'),
    contractAmount: yuan('原合同金额'),
    previousAmount: yuan('此前补充合同累计金额').exactOptional(),
    reason: text('补充采购的原因', 1000),
  })
  .meta(term('原合同', 'relatedProcesses/0'));

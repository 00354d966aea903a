/** A contract of fictional parties, and what rendering it needs. */
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { checkCharacter } from '../../../src/access/index.js';
import {
  WorkingDayCalendar,
  formatYuan,
  parseCalendarYear,
  parseTemplate,
  templateKey,
  type ContractData,
  type ContractKind,
  type ContractTemplate,
} from '../../../src/contract/index.js';

const fontFolder = dirname(
  createRequire(import.meta.url).resolve('@expo-google-fonts/noto-serif-sc/package.json'),
);
const font = (name: string) => new Uint8Array(readFileSync(join(fontFolder, name)));

export const fonts = {
  regular: font('400Regular/NotoSerifSC_400Regular.ttf'),
  bold: font('700Bold/NotoSerifSC_700Bold.ttf'),
};

export const goodsTemplate = parseTemplate(
  JSON.parse(
    readFileSync(new URL('../../../templates/contracts/goods/1.json', import.meta.url), 'utf8'),
  ),
);

const code = (body: string) => body + checkCharacter(body);
const UNIT_PRICE_FEN = 528_000;

/** A right contract with `itemCount` kinds of goods. */
export function sampleContract(itemCount = 3): ContractData {
  const total = formatYuan(itemCount * 10 * UNIT_PRICE_FEN);
  return {
    id: 'SLCG-2026-0815',
    title: '示例市实验中学教学计算机采购合同',
    tenderId: 'SL370100-2026-000123',
    tenderTitle: '示例市实验中学教学计算机采购项目',
    procurementMethod: '公开招标',
    award: { date: '2026-05-08', amount: total },
    regionCode: '370100',
    buyer: {
      name: '示例市实验中学',
      creditCode: code('12370100MB2850001'),
      address: '示例市示例区学府路1号',
      representative: '张明',
      contactPhone: '0531-88880001',
      budgetCode: '101001',
    },
    supplier: {
      name: '示例科技有限公司',
      creditCode: code('91370100MA3C00001'),
      address: '示例市高新区创新大道88号',
      representative: '李华',
      contactPhone: '0531-88880002',
      bankName: '示例银行股份有限公司示例市分行',
      bankAccount: '6222000000000001234',
    },
    items: Array.from({ length: itemCount }, (_, index) => ({
      classificationId: 'A02010105',
      description: `台式计算机（${index + 1}型）`,
      brand: '示例',
      specification:
        '处理器不少于8核，主频不低于3.0GHz；内存16GB DDR5；固态硬盘512GB；23.8英寸显示器',
      quantity: 10,
      unit: '台',
      unitPrice: formatYuan(UNIT_PRICE_FEN),
      amount: formatYuan(10 * UNIT_PRICE_FEN),
    })),
    value: { amount: total, currency: 'CNY' },
    period: { startDate: '2026-05-20', endDate: '2026-06-30' },
    deliveryPlace: '示例市实验中学信息中心',
    signingPlace: '示例市',
    warrantyMonths: 36,
    payments: [
      {
        condition: '合同签订后，作为预付款',
        percent: 30,
        amount: formatYuan(itemCount * 3 * UNIT_PRICE_FEN),
      },
      {
        condition: '货物全部安装调试完毕并验收合格后',
        percent: 70,
        amount: formatYuan(itemCount * 7 * UNIT_PRICE_FEN),
      },
    ],
  };
}

const templateFolder = new URL('../../../templates/contracts/', import.meta.url);

/** Every packaged template, by `id@version`. */
export const packagedTemplates: ReadonlyMap<string, ContractTemplate> = new Map(
  readdirSync(templateFolder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => parseTemplate(JSON.parse(readFileSync(new URL(name, templateFolder), 'utf8'))))
    .map((template) => [templateKey(template), template]),
);

const calendarFolder = new URL('../../../calendars/', import.meta.url);

export const packagedCalendar = new WorkingDayCalendar(
  readdirSync(calendarFolder)
    .filter((name) => name.endsWith('.json'))
    .map((name) =>
      parseCalendarYear(JSON.parse(readFileSync(new URL(name, calendarFolder), 'utf8'))),
    ),
);

/** What the kinds of contracts have besides. */
export const OF_KIND: Readonly<Record<ContractKind, Partial<ContractData>>> = {
  goods: {
    plan: { id: 'SDJH-2026-0042', budgetAmount: '200000.00' },
    organisation: '集中采购',
    performanceBond: { amount: '7920.00', form: '保函' },
    terms: {
      paymentDays: 10,
      supplierDelayPermille: 1,
      special: ['乙方应当回收旧设备并出具处置证明。', '设备随附的软件应当为正版软件。'],
    },
    attachments: [
      { title: '中标通知书' },
      { title: '售后服务承诺', paragraphs: ['乙方设立专线，工作日八时至十八时应答。'] },
    ],
  },
  works: {
    works: {
      scope: '教学楼外墙保温、门窗更换及配套给排水改造，具体以施工图纸和工程量清单为准。',
      site: '示例市示例区学府路1号',
      priceForm: '固定单价',
      durationDays: 42,
      qualityStandard: '符合现行国家施工质量验收规范，合格',
      projectManager: '王强',
      projectManagerLicence: '鲁137060812345',
      safetyFeeAmount: '5000.00',
      defectsLiabilityMonths: 24,
      usesGreenMaterials: true,
    },
    qualityBond: { amount: '4752.00' },
  },
  services: {
    services: {
      scope: '为甲方校园网络和信息系统提供日常运行维护、安全监测和应急响应。',
      standard: '系统全年可用率不低于99.9%，故障2小时内响应，24小时内恢复。',
      deliverables: '运维月报、安全评估报告和年度总结',
      resultOwner: '甲方',
    },
    dispute: { method: '仲裁', institution: '示例市仲裁委员会' },
  },
  'framework-order': {
    framework: {
      id: 'KJXY-2026-001',
      title: '2026年度示例省台式计算机框架协议',
      organiser: '示例省政府采购中心',
      signedDate: '2026-01-15',
      endDate: '2026-12-31',
      selectionMethod: '直接选定',
    },
  },
  supplementary: {
    supplement: {
      contractId: 'SLCG-2026-0700',
      contractTitle: '示例市实验中学教学计算机采购合同',
      contractDate: '2026-04-02',
      contractAmount: '1800000.00',
      reason: '新增一个教学班',
    },
  },
};

/** A right contract of the template's kind. */
export function sampleFor({ kind }: ContractTemplate, itemCount = 3): ContractData {
  return { ...sampleContract(itemCount), ...(kind === undefined ? {} : OF_KIND[kind]) };
}

/** A contract of fictional parties, and what rendering it needs. */
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { checkCharacter } from '../../../src/access/index.js';
import {
  formatYuan,
  parseTemplate,
  templateKey,
  type ContractData,
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

/** A right contract of the template's kind. */
export function sampleFor({ kind }: ContractTemplate): ContractData {
  return kind === undefined ? sampleContract() : sampleContract();
}

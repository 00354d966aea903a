/** Data of a goods contract for the sample units: consistent in itself, dates relative to today. */
import {
  formatYuan,
  parseYuan,
  type ContractData,
  type ContractItem,
} from '../../contract/index.js';
import { SAMPLE_BUYER, SAMPLE_REGION, SAMPLE_SUPPLIER, type SampleUnit } from './sample-units.js';

const ITEMS: readonly (readonly [
  classificationId: string,
  description: string,
  brand: string,
  specification: string,
  quantity: number,
  unit: string,
  unitPrice: string,
])[] = [
  [
    'A02010105',
    '台式计算机',
    '示例牌',
    '八核处理器，内存 16 GB，固态硬盘 512 GB，23.8 英寸显示器，预装国产操作系统',
    60,
    '台',
    '4980.00',
  ],
  [
    'A02010108',
    '便携式计算机',
    '示例牌',
    '14 英寸，八核处理器，内存 16 GB，固态硬盘 512 GB，重量不超过 1.4 kg',
    25,
    '台',
    '5680.00',
  ],
  [
    'A02021003',
    '激光打印机',
    '样例牌',
    'A4 黑白激光，自动双面，打印速度不低于 40 页/分钟，网络打印',
    18,
    '台',
    '2150.50',
  ],
  [
    'A02020100',
    '多功能一体机',
    '样例牌',
    'A3 彩色激光，打印、复印、扫描，速度不低于 25 页/分钟，双纸盒',
    4,
    '台',
    '18600.00',
  ],
  [
    'A02020400',
    '投影仪',
    '虚构牌',
    '激光光源，亮度不低于 5000 流明，分辨率 1920×1200，含吊架与安装',
    12,
    '台',
    '9350.00',
  ],
  [
    'A02010202',
    '交换机',
    '虚构牌',
    '48 个千兆电口，4 个万兆光口，支持三层静态路由，含机架安装附件',
    6,
    '台',
    '7420.00',
  ],
  [
    'A02010301',
    '服务器',
    '示例牌',
    '两路机架式，每路 32 核，内存 256 GB，固态硬盘 4×1.92 TB，冗余电源',
    2,
    '台',
    '86500.00',
  ],
  [
    'A02061504',
    '不间断电源',
    '样例牌',
    '在线式 6 kVA，后备时间不低于 30 分钟，含电池柜',
    3,
    '套',
    '11200.00',
  ],
  ['A05040101', '复印纸', '虚构牌', 'A4，70 g，每箱 5 包，每包 500 张', 200, '箱', '128.80'],
  [
    'A02019900',
    '移动存储设备',
    '示例牌',
    '固态移动硬盘 1 TB，USB 3.2，硬件加密',
    40,
    '个',
    '465.25',
  ],
  ['A05010200', '办公桌', '样例牌', '1600×800×750 mm，E0 级环保板材，含推柜', 30, '张', '1280.00'],
  ['A05010300', '办公椅', '样例牌', '人体工学网布椅，可调扶手与腰靠，静音脚轮', 60, '把', '598.00'],
];

function items(): readonly ContractItem[] {
  return ITEMS.map(
    ([classificationId, description, brand, specification, quantity, unit, unitPrice]) => ({
      classificationId,
      description,
      brand,
      specification,
      quantity,
      unit,
      unitPrice,
      amount: formatYuan(parseYuan(unitPrice) * quantity),
    }),
  );
}

const DAY_MS = 86_400_000;
const date = (from: Date, days: number): string =>
  new Date(from.getTime() + days * DAY_MS).toISOString().slice(0, 10);

export interface SampleContractOptions {
  /** 合同编号. */
  readonly number: string;
  readonly today: Date;
  readonly buyer?: SampleUnit;
  readonly supplier?: SampleUnit;
}

/** Payments of 30%, 65% and the rest, to the fen. */
function payments(totalFen: number): ContractData['payments'] {
  const first = Math.round(totalFen * 0.3);
  const second = Math.round(totalFen * 0.65);
  return [
    { condition: '合同签订生效后 10 个工作日内', percent: 30, amount: formatYuan(first) },
    {
      condition: '全部货物到货、安装调试并经甲方验收合格后 15 个工作日内',
      percent: 65,
      amount: formatYuan(second),
    },
    {
      condition: '质保期满且无质量问题后 10 个工作日内',
      percent: 5,
      amount: formatYuan(totalFen - first - second),
    },
  ];
}

export function sampleContractData(options: SampleContractOptions): ContractData {
  const { number, today } = options;
  const buyer = options.buyer ?? SAMPLE_BUYER;
  const supplier = options.supplier ?? SAMPLE_SUPPLIER;
  const list = items();
  const totalFen = list.reduce((sum, item) => sum + parseYuan(item.amount), 0);
  return {
    id: number,
    title: `${buyer.name}办公设备采购合同`,
    tenderId: `SDGP-SAMPLE-${today.getUTCFullYear()}-0001`,
    tenderTitle: `${buyer.name}办公设备采购项目`,
    procurementMethod: '公开招标',
    award: { date: date(today, -7), amount: formatYuan(totalFen) },
    regionCode: SAMPLE_REGION,
    buyer: {
      name: buyer.name,
      creditCode: buyer.creditCode,
      address: buyer.address,
      representative: buyer.representative,
      contactPhone: buyer.contactPhone,
      budgetCode: buyer.budgetCode ?? '201001',
    },
    supplier: {
      name: supplier.name,
      creditCode: supplier.creditCode,
      address: supplier.address,
      representative: supplier.representative,
      contactPhone: supplier.contactPhone,
      bankName: '示例银行示范区支行',
      bankAccount: '6200000000000000001',
    },
    items: list,
    value: { amount: formatYuan(totalFen), currency: 'CNY' },
    period: { startDate: date(today, 3), endDate: date(today, 63) },
    deliveryPlace: buyer.address,
    signingPlace: '示例市',
    warrantyMonths: 36,
    payments: payments(totalFen),
  };
}

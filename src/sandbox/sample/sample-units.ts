/** Units and suppliers that do not exist: names, places and numbers are plainly invented. */
import { isCreditCode } from '../../access/index.js';
import { AppError } from '../../kernel/index.js';

export interface SampleUnit {
  readonly kind: 'budget-unit' | 'supplier';
  readonly name: string;
  readonly creditCode: string;
  readonly regionCode: string;
  readonly budgetCode?: string;
  readonly address: string;
  readonly representative: string;
  readonly contactPhone: string;
}

const CHECK_CHARACTERS = '0123456789ABCDEFGHJKLMNPQRTUWXY';

/** A code of 18 characters from its first 17: the last one is the one that checks. */
function creditCodeOf(body: string): string {
  for (const character of CHECK_CHARACTERS) {
    if (isCreditCode(`${body}${character}`)) return `${body}${character}`;
  }
  throw new AppError('internal', 'no check character fits');
}

/** 990000 is no administrative division, so nobody is mistaken for anybody. */
export const SAMPLE_REGION = '990100';

export const SAMPLE_BUYER: SampleUnit = {
  kind: 'budget-unit',
  name: '示例市教育局',
  creditCode: creditCodeOf('11990100MB0A00001'),
  regionCode: SAMPLE_REGION,
  budgetCode: '201001',
  address: '示例市示范区样例路 1 号',
  representative: '甲某',
  contactPhone: '0000-8800001',
};

export const SAMPLE_SUPPLIER: SampleUnit = {
  kind: 'supplier',
  name: '示例智联办公设备有限公司',
  creditCode: creditCodeOf('91990100MA0B00002'),
  regionCode: SAMPLE_REGION,
  address: '示例市示范区虚构大道 88 号',
  representative: '乙某',
  contactPhone: '0000-8800002',
};

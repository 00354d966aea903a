/** 中标（成交）结果, as the trading system sends them: kept with every correction. */
import { z } from 'zod';
import { regionKeys, unitKey } from '../../access/index.js';
import { pendingSince, type AuditEvent, type EventCarrier } from '../../audit/index.js';
import type { CollectionSpec } from '../../store/index.js';
import { itemSchema } from '../data/item-schema.js';
import { buyerSchema } from '../data/party-schema.js';
import { projectFields } from '../data/project-schema.js';
import { date, term, text, yuan } from '../data/values.js';

const party = buyerSchema.pick({ name: true, creditCode: true });

export const awardSchema = z
  .strictObject({
    ...projectFields,
    procurementMethod: text('采购方式', 40, '/tender/procurementMethodDetails'),
    regionCode: z
      .string()
      .regex(/^[1-9][0-9]{5}$/, { error: '行政区划代码应为 6 位数字' })
      .meta(term('行政区划')),
    noticeId: text('中标（成交）通知书编号', 100, '/awards/0/id').exactOptional(),
    noticeDate: date('中标（成交）通知书发出日期', '/awards/0/date'),
    amount: yuan('中标（成交）金额', '/awards/0/value/amount'),
    buyer: party.meta(term('采购人', '/buyer')),
    supplier: party.meta(term('中标（成交）供应商', '/awards/0/suppliers/0')),
    items: z
      .array(itemSchema)
      .max(2000)
      .meta(term('中标（成交）标的', '/awards/0/items'))
      .exactOptional(),
  })
  .meta({ id: 'Award', description: '中标（成交）结果' });

export type Award = z.infer<typeof awardSchema>;

/** What stood before a correction. */
export interface EarlierAward {
  readonly award: Award;
  readonly replacedAt: string;
  readonly accountId: string;
}

export interface AwardRecord extends EventCarrier {
  readonly id: string;
  readonly version: number;
  readonly revision: number;
  /** The trading system's own reference: the same again is a repetition or a correction. */
  readonly externalRef: string;
  /** The machine that sent it; references are its own. */
  readonly accountId: string;
  readonly award: Award;
  /** Oldest first. */
  readonly earlier: readonly EarlierAward[];
  /** Of the registered buyer and supplier. */
  readonly unitIds: readonly string[];
  readonly createdAt: string;
  readonly pendingEvents: readonly AuditEvent[];
}

export type AwardIndex = 'reference' | 'matter' | 'createdAt' | 'pendingSince';

/** Project and package: there is one award for each. */
export function matterOf(project: {
  readonly tenderId: string;
  readonly lot?: { readonly id: string };
}): string {
  return JSON.stringify([project.tenderId, project.lot?.id ?? '']);
}

export const AWARDS: CollectionSpec<AwardRecord, AwardIndex> = {
  name: 'awards',
  indexes: {
    reference: { of: ({ accountId, externalRef }) => `${accountId}/${externalRef}`, unique: true },
    matter: { of: ({ award }) => matterOf(award), unique: true },
    createdAt: { of: ({ createdAt }) => createdAt },
    pendingSince: { of: pendingSince, unscoped: true },
  },
  scopeKeys: ({ unitIds, award }) => [...unitIds.map(unitKey), ...regionKeys(award.regionCode)],
};

/** What leaves the house for other systems: contract announcements, open contracting data. */
import { z } from 'zod';
import { route, type Route } from '../route.js';
import { wholeNumber } from '../schemas.js';
import type { HttpServices } from '../services.js';

const READERS = ['budget-system', 'trading-system', 'supervisor', 'auditor'] as const;

const party = z.strictObject({
  name: z.string(),
  address: z.string().nullable(),
  contact: z.string().nullable(),
});

const notice = z
  .strictObject({
    id: z.string(),
    contractNumber: z.string().meta({ description: '合同编号' }),
    contractName: z.string().meta({ description: '合同名称' }),
    projectNumber: z.string().nullable().meta({ description: '项目编号' }),
    projectName: z.string().nullable().meta({ description: '项目名称' }),
    regionCode: z.string(),
    buyer: party.meta({ description: '采购人（甲方）名称、地址、联系方式' }),
    supplier: party.meta({ description: '供应商（乙方）名称、地址、联系方式' }),
    items: z
      .array(
        z.strictObject({
          name: z.string(),
          specification: z.string(),
          quantity: z.number(),
          unit: z.string(),
          unitPrice: z.string(),
          amount: z.string(),
        }),
      )
      .meta({ description: '主要标的名称、规格型号、数量、单价、金额' }),
    amount: z.string().nullable().meta({ description: '合同金额（元）' }),
    performancePeriod: z
      .strictObject({ from: z.iso.date(), to: z.iso.date() })
      .nullable()
      .meta({ description: '履约期限' }),
    performancePlace: z.string().nullable().meta({ description: '履约地点' }),
    procurementMethod: z.string().nullable().meta({ description: '采购方式' }),
    signedOn: z.iso.date().meta({ description: '合同签订日期' }),
    announcedOn: z.iso.date().nullable().meta({ description: '合同公告日期' }),
    status: z
      .enum(['in-force', 'changed', 'voided', 'terminated'])
      .meta({ description: '其后是否变更、作废或终止' }),
    supplementTo: z.string().nullable(),
    documentSha256: z.string().nullable(),
  })
  .meta({ id: 'AnnouncementNotice', description: '合同公告（财办库〔2020〕50号）' });

const feedQuery = z.strictObject({
  limit: wholeNumber(1, 200).optional(),
  cursor: z
    .string()
    .regex(/^\d{1,15}$/, { error: '应为上一次返回的 nextCursor (as answered before)' })
    .optional()
    .meta({ description: '上一次返回的 nextCursor；以后发生的变化从此处继续' }),
});

const DEFAULT_LIMIT = 50;

function feedOf(query: z.output<typeof feedQuery>): {
  readonly limit: number;
  readonly after?: number;
} {
  const { limit = DEFAULT_LIMIT, cursor } = query;
  return { limit, ...(cursor === undefined ? {} : { after: Number(cursor) }) };
}

export function exportRoutes({ supervision }: HttpServices): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/exports/announcements',
      operationId: 'exportAnnouncements',
      tag: 'exports',
      summary:
        '合同公告数据，供信息发布平台取用 / Contract announcements for the disclosure platform',
      access: READERS,
      query: feedQuery,
      success: {
        status: 200,
        description: '按最近变化排列；个人信息已遮蔽，涉密合同不在其中',
        json: z.strictObject({
          items: z.array(notice),
          nextCursor: z.string().meta({ description: '总是给出：下次从此处继续' }),
          hasMore: z.boolean(),
        }),
      },
      handle: async ({ principal, query }) => {
        const feed = await supervision.announcements(principal, feedOf(query));
        return {
          body: {
            items: feed.items.map((item) => ({ ...item, items: [...item.items] })),
            nextCursor: String(feed.last),
            hasMore: feed.hasMore,
          },
        };
      },
    }),

    route({
      method: 'get',
      path: '/exports/ocds',
      operationId: 'exportOcds',
      tag: 'exports',
      summary: 'OCDS 1.1 发布包 / A release package of the Open Contracting Data Standard',
      access: READERS,
      query: feedQuery,
      success: {
        status: 200,
        description: '按最近变化排列；links.next 为下一页',
        json: z.looseObject({
          uri: z.string(),
          version: z.string(),
          publishedDate: z.iso.datetime(),
          publisher: z.strictObject({ name: z.string() }),
          releases: z.array(z.record(z.string(), z.unknown())),
          links: z.strictObject({ next: z.string() }).optional(),
        }),
      },
      handle: async ({ principal, query }) => {
        const { releases, ...rest } = await supervision.ocds(principal, feedOf(query));
        return { body: { ...rest, releases: [...releases] } };
      },
    }),
  ];
}

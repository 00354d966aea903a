/** What is due: terms to sign, announce and file. */
import { z } from 'zod';
import { DEADLINE_KINDS } from '../../contract/index.js';
import type { DueRecord } from '../../supervision/index.js';
import { route, type Route } from '../route.js';
import { idSchema, listOf, listView, pageOf, pageQuery, regionCode } from '../schemas.js';
import type { HttpServices } from '../services.js';
import { CONTRACT_READERS } from './contracts.js';

const deadline = z
  .strictObject({
    contractId: z.string(),
    contractNumber: z.string(),
    title: z.string(),
    contractKind: z.string(),
    kind: z.enum(DEADLINE_KINDS).meta({ description: 'sign 签订；announce 公告；file 备案' }),
    buyerUnitId: z.string(),
    buyerName: z.string(),
    regionCode: z.string(),
    startsOn: z.iso.date().meta({ description: '起算日，当日不计' }),
    lastDay: z.iso.date().meta({ description: '最后一日（北京时间）' }),
    dueAt: z.iso.datetime().meta({ description: '此刻起逾期' }),
    isOverdue: z.boolean(),
    isProvisional: z
      .boolean()
      .meta({ description: '所跨年度的放假安排尚未公布，按周末推算 (plan not published yet)' }),
  })
  .meta({ id: 'Deadline' });

/** Query of what is due: by kind, unit and region. */
export const dueFilter = {
  kind: z.enum(DEADLINE_KINDS).optional(),
  unitId: idSchema('unit', '采购人单位编号').optional(),
  regionCode: regionCode.optional().meta({ description: '行政区划，含下级' }),
} as const;

export function deadlineRoutes({ supervision, clock }: HttpServices): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/deadlines',
      operationId: 'listDeadlines',
      tag: 'supervision',
      summary: '到期与逾期清单，先到期的在前 / What is due and overdue',
      access: CONTRACT_READERS,
      query: z.strictObject({
        ...pageQuery,
        ...dueFilter,
        overdue: z
          .enum(['true', 'false'])
          .optional()
          .meta({ description: 'true 只列已逾期，false 只列未逾期' }),
      }),
      success: { status: 200, description: '可见合同的未办事项', json: listOf(deadline) },
      handle: async ({ principal, query }) => {
        const { kind, unitId, overdue } = query;
        const page = await supervision.deadlines(principal, {
          ...pageOf(query),
          kind,
          unitId,
          regionCode: query.regionCode,
          isOverdue: overdue === undefined ? undefined : overdue === 'true',
        });
        const now = clock.now();
        return { body: listView(page, (due) => deadlineView(due, now)) };
      },
    }),
  ];
}

function deadlineView(due: DueRecord, now: Date): z.input<typeof deadline> {
  return {
    contractId: due.contractId,
    contractNumber: due.contractNumber,
    title: due.title,
    contractKind: due.contractKind,
    kind: due.kind,
    buyerUnitId: due.buyerUnitId,
    buyerName: due.buyerName,
    regionCode: due.regionCode,
    startsOn: due.startsOn,
    lastDay: due.lastDay,
    dueAt: due.dueAt,
    isOverdue: Date.parse(due.dueAt) <= now.getTime(),
    isProvisional: due.isProvisional,
  };
}

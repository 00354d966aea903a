/** The work list of filing: where the two registers do not agree, resolved by a person with a reason. */
import { z } from 'zod';
import {
  WORK_ITEM_KINDS,
  WORK_ITEM_OUTCOMES,
  WORK_ITEM_TEXTS,
  type WorkItemRecord,
} from '../../filing/index.js';
import { route, type Route } from '../route.js';
import { idSchema, listOf, listView, pageOf, pageQuery, present, reasonText } from '../schemas.js';
import type { HttpServices } from '../services.js';

const states = ['open', 'resolved'] as const;

const workItemView = z
  .strictObject({
    id: z.string(),
    kind: z.enum(WORK_ITEM_KINDS),
    text: z.string().meta({ description: '发现了什么 (what was found)' }),
    textEn: z.string(),
    nextStep: z.string().meta({ description: '下一步怎么办 (what to do next)' }),
    nextStepEn: z.string(),
    state: z.enum(states),
    filingId: z.string().nullable(),
    contractId: z.string().nullable(),
    contractNumber: z.string(),
    buyerUnitId: z.string().nullable(),
    regionCode: z.string(),
    facts: z.record(z.string(), z.string()).meta({
      description:
        '双方各自的说法，如 ours.filingNumber、theirs.filingNumber (what each side says)',
    }),
    createdAt: z.iso.datetime(),
    lastSeenAt: z.iso.datetime(),
    seenCount: z.int(),
    resolution: z
      .strictObject({
        at: z.iso.datetime(),
        accountId: z.string(),
        outcome: z.enum(WORK_ITEM_OUTCOMES),
        reason: z.string(),
      })
      .nullable(),
  })
  .meta({ id: 'FilingWorkItem' });

const params = z.strictObject({ id: idSchema('fwi', '待办事项编号') });
const readers = ['unit-handler', 'unit-signer', 'budget-system', 'supervisor', 'auditor'] as const;

export function filingWorkItemRoutes({ filings: { workList } }: HttpServices): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/filings/work-items',
      operationId: 'listFilingWorkItems',
      tag: 'filings',
      summary: '备案待办事项：两边登记不一致之处 / Where the two registers do not agree',
      access: readers,
      query: z.strictObject({
        ...pageQuery,
        state: z.enum(states).optional(),
        kind: z.enum(WORK_ITEM_KINDS).optional(),
        filingId: idSchema('fil', '备案编号').optional(),
      }),
      success: { status: 200, description: '可见的待办事项', json: listOf(workItemView) },
      handle: async ({ principal, query }) => {
        const { state, kind, filingId } = query;
        const page = await workList.list(principal, {
          ...pageOf(query),
          ...present({ state, kind, filingId }),
        });
        return { body: listView(page, view) };
      },
    }),

    route({
      method: 'get',
      path: '/filings/work-items/{id}',
      operationId: 'getFilingWorkItem',
      tag: 'filings',
      summary: '备案待办事项 / One work item',
      access: readers,
      params,
      problems: ['filing-work-item-not-found'],
      success: { status: 200, description: '待办事项', json: workItemView },
      handle: async ({ principal, params: { id } }) => answer(await workList.get(principal, id)),
    }),

    route({
      method: 'post',
      path: '/filings/work-items/{id}/resolve',
      operationId: 'resolveFilingWorkItem',
      tag: 'filings',
      summary:
        '了结待办事项：corrected 再次发现时重新打开，accepted 同样的事实不再提出 / Resolve with a reason',
      access: ['supervisor'],
      params,
      isIdempotent: true,
      ifMatch: 'accepted',
      body: {
        json: z.strictObject({ outcome: z.enum(WORK_ITEM_OUTCOMES), reason: reasonText }),
      },
      problems: ['filing-work-item-not-found', 'conflict', 'record-version-conflict'],
      success: { status: 200, description: '待办事项', json: workItemView },
      handle: async ({ principal, params: { id }, body, expectedRevision }) =>
        answer(
          await workList.resolve(principal, id, { ...body, ...present({ expectedRevision }) }),
        ),
    }),
  ];
}

function answer(item: WorkItemRecord): { body: z.input<typeof workItemView>; revision: number } {
  return { body: view(item), revision: item.revision };
}

function view(item: WorkItemRecord): z.input<typeof workItemView> {
  return {
    id: item.id,
    kind: item.kind,
    ...WORK_ITEM_TEXTS[item.kind],
    state: item.state,
    filingId: item.filingId ?? null,
    contractId: item.contractId ?? null,
    contractNumber: item.contractNumber,
    buyerUnitId: item.buyerUnitId ?? null,
    regionCode: item.regionCode,
    facts: { ...item.facts },
    createdAt: item.createdAt,
    lastSeenAt: item.lastSeenAt,
    seenCount: item.seenCount,
    resolution: item.resolution === undefined ? null : { ...item.resolution },
  };
}

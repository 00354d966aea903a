/** Comparisons of our register of filings with the budget system's: every night, and when asked for. */
import { z } from 'zod';
import { RECONCILIATION_COUNTS, countsOf, type ReconciliationRecord } from '../../filing/index.js';
import { route, type Route } from '../route.js';
import { idSchema, listOf, listView, pageOf, pageQuery } from '../schemas.js';
import type { HttpServices } from '../services.js';

const COUNT_TEXTS: Readonly<Record<(typeof RECONCILIATION_COUNTS)[number], string>> = {
  matched: '两边一致 (the same on both sides)',
  receiptsTaken: '对方已备案而我方不知，已取回执 (receipts taken)',
  receiptsRefused: '对方已备案而回执无效，见待办事项 (receipts that do not count)',
  refiled: '对方遗失，正在重新备案 (lost there, filed again)',
  hastened: '两边都未备案，立即再送 (tried at once)',
  refused: '对方拒绝，待人处理 (refused, waits for a person)',
  differing: '摘要或备案号不一致，见待办事项 (differing)',
  unknownHere: '我方没有，见待办事项 (unknown here)',
  numbersShared: '两边一致而备案号与另一份合同相同，见待办事项 (number shared)',
};

const reconciliationView = z
  .strictObject({
    id: z.string(),
    trigger: z.enum(['nightly', 'requested']),
    requestedBy: z.string().nullable(),
    state: z.enum(['running', 'done', 'failed']),
    counts: z.strictObject(
      Object.fromEntries(
        RECONCILIATION_COUNTS.map((name) => [
          name,
          z.int().min(0).meta({ description: COUNT_TEXTS[name] }),
        ]),
      ) as Record<(typeof RECONCILIATION_COUNTS)[number], z.ZodInt>,
    ),
    lastFailure: z.string().nullable(),
    createdAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Reconciliation' });

const params = z.strictObject({ id: idSchema('rec', '对账编号') });
const readers = ['system-administrator', 'supervisor', 'budget-system', 'auditor'] as const;

export function reconciliationRoutes({ filings }: HttpServices): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/filings/reconciliations',
      operationId: 'listReconciliations',
      tag: 'filings',
      summary: '与预算系统的对账记录 / Comparisons with the budget system',
      access: readers,
      query: z.strictObject(pageQuery),
      success: { status: 200, description: '对账记录', json: listOf(reconciliationView) },
      handle: async ({ query }) => {
        const page = await filings.reconciliations(pageOf(query));
        return { body: listView(page, view) };
      },
    }),

    route({
      method: 'post',
      path: '/filings/reconciliations',
      operationId: 'startReconciliation',
      tag: 'filings',
      summary: '立即对账 / Compare both registers now',
      access: ['system-administrator', 'supervisor'],
      isIdempotent: true,
      body: { json: z.strictObject({}), isOptional: true },
      problems: ['unavailable'],
      success: { status: 202, description: '已开始', json: reconciliationView },
      handle: async ({ principal }) => {
        const run = await filings.reconcile(principal);
        return { ...answer(run), location: `/filings/reconciliations/${run.id}` };
      },
    }),

    route({
      method: 'get',
      path: '/filings/reconciliations/{id}',
      operationId: 'getReconciliation',
      tag: 'filings',
      summary: '一次对账 / One comparison',
      access: readers,
      params,
      problems: ['reconciliation-not-found'],
      success: { status: 200, description: '对账记录', json: reconciliationView },
      handle: async ({ params: { id } }) => answer(await filings.reconciliation(id)),
    }),
  ];
}

function answer(run: ReconciliationRecord): {
  body: z.input<typeof reconciliationView>;
  revision: number;
} {
  return { body: view(run), revision: run.revision };
}

function view(run: ReconciliationRecord): z.input<typeof reconciliationView> {
  return {
    id: run.id,
    trigger: run.trigger,
    requestedBy: run.requestedBy ?? null,
    state: run.state,
    counts: countsOf(run.counts),
    lastFailure: run.lastFailure ?? null,
    createdAt: run.createdAt,
    finishedAt: run.finishedAt ?? null,
  };
}

/** 用印月报: what a unit did with its seals in a month, provably all of it. */
import { z } from 'zod';
import { eventView, inclusionView, viewEvent } from '../audit-view.js';
import { route, type Route } from '../route.js';
import { idSchema } from '../schemas.js';
import type { HttpServices } from '../services.js';

const totals = z.strictObject({
  intended: z.int(),
  completed: z.int(),
  failed: z.int(),
  interrupted: z.int(),
  refused: z.int(),
});

const statementView = z
  .strictObject({
    kind: z.literal('seal-statement'),
    unit: z.strictObject({ id: z.string(), name: z.string(), creditCode: z.string() }),
    month: z.string(),
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    before: eventView.nullable().meta({ description: '登记簿中本月之前的最后一行' }),
    lines: z.array(eventView).meta({ description: '本月的每一行，按序' }),
    after: inclusionView.meta({ description: '其后的第一行，及其在审计日志中的证明' }),
    totals,
    seals: z.array(totals.extend({ sealCode: z.string() })).readonly(),
  })
  .meta({ id: 'SealStatement', description: '用 qianyin audit verify --statement 离线校验' });

export function sealStatementRoutes({ statements }: HttpServices): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/units/{id}/seal-statements/{month}',
      operationId: 'getSealStatement',
      tag: 'seals',
      summary: '用印月报，可证明没有遗漏 / Monthly seal statement',
      access: ['unit-handler', 'unit-signer', 'unit-seal-approver', 'supervisor', 'auditor'],
      params: z.strictObject({
        id: idSchema('unit', '单位编号'),
        month: z.string().regex(/^20\d{2}-(0[1-9]|1[0-2])$/, { error: '应为 20YY-MM' }),
      }),
      query: z.strictObject({ format: z.enum(['json', 'pdf']).optional() }),
      problems: ['not-found', 'input-invalid', 'audit-unavailable'],
      success: {
        status: 200,
        description: '每次用印与每次拒绝；本月的至今为止',
        json: statementView,
        media: ['application/pdf'],
      },
      handle: async ({ principal, params: { id, month }, query }) => {
        const statement = await statements.drawUp(principal, id, month);
        if (query.format === 'pdf') {
          return {
            bytes: await statements.render(statement),
            mediaType: 'application/pdf',
            fileName: `seal-statement-${month}.pdf`,
          };
        }
        const { before, after, lines } = statement;
        const { event, ...place } = after.entry;
        return {
          body: {
            ...statement,
            before: before === null ? null : viewEvent(before),
            lines: lines.map(viewEvent),
            after: { ...after, entry: { ...place, event: viewEvent(event) } },
          },
        };
      },
    }),
  ];
}

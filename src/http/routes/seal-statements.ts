/** 用印月报: what a unit did with its seals in a month, provably all of it. */
import { z } from 'zod';
import { eventView, inclusionView, viewEvent } from '../audit-view.js';
import { route, type Route } from '../route.js';
import { idSchema, listOf, listView, pageOf, pageQuery, present, sha256 } from '../schemas.js';
import type { SealStatementRecord } from '../../seal/index.js';
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

const issuedView = z
  .strictObject({
    unitId: z.string(),
    month: z.string(),
    lines: z.int().meta({ description: '登记簿本月行数' }),
    totals,
    sha256: sha256.meta({
      description: '月报 RFC 8785 JSON 的摘要，签发事件 seal-statement.issued 也记有',
    }),
    issuedAt: z.iso.datetime(),
  })
  .meta({ id: 'IssuedSealStatement' });

function viewIssued(record: SealStatementRecord): z.input<typeof issuedView> {
  const { unitId, month, lines, totals: counted, sha256: digest, issuedAt } = record;
  return { unitId, month, lines, totals: counted, sha256: digest, issuedAt };
}

const month = z.string().regex(/^20\d{2}-(0[1-9]|1[0-2])$/, { error: '应为 20YY-MM' });
const readers = [
  'unit-handler',
  'unit-signer',
  'unit-seal-approver',
  'supervisor',
  'auditor',
] as const;

export function sealStatementRoutes({ statements }: HttpServices): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/seal-statements',
      operationId: 'listSealStatements',
      tag: 'seals',
      summary:
        '已签发的用印月报：每月初自动签发，一单位一月一份 / Statements issued at each month’s turn',
      access: readers,
      query: z.strictObject({
        ...pageQuery,
        unitId: idSchema('unit', '单位编号').optional(),
        month: month.optional(),
      }),
      success: { status: 200, description: '月份近的在前', json: listOf(issuedView) },
      handle: async ({ principal, query }) => {
        const { unitId, month: of } = query;
        const page = await statements.list(principal, {
          ...pageOf(query),
          ...present({ unitId, month: of }),
        });
        return { body: listView(page, viewIssued) };
      },
    }),

    route({
      method: 'get',
      path: '/units/{id}/seal-statements/{month}',
      operationId: 'getSealStatement',
      tag: 'seals',
      summary: '用印月报，可证明没有遗漏 / Monthly seal statement',
      access: readers,
      params: z.strictObject({
        id: idSchema('unit', '单位编号'),
        month,
      }),
      query: z.strictObject({ format: z.enum(['json', 'pdf']).optional() }),
      problems: ['not-found', 'input-invalid', 'audit-unavailable'],
      success: {
        status: 200,
        description: '每次用印与每次拒绝；已签发的即签发原文，本月的至今为止',
        json: statementView,
        media: ['application/pdf'],
      },
      handle: async ({ principal, params: { id, month: of }, query }) => {
        const statement = await statements.of(principal, id, of);
        if (query.format === 'pdf') {
          return {
            bytes: await statements.render(statement),
            mediaType: 'application/pdf',
            fileName: `seal-statement-${of}.pdf`,
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

/** Award results from trading systems. */
import { z } from 'zod';
import { awardSchema, contractDataFrom, type AwardRecord } from '../../contract/index.js';
import { route, type Route } from '../route.js';
import { idSchema, listOf, listView, pageOf, pageQuery, present } from '../schemas.js';
import type { HttpServices } from '../services.js';

const READERS = [
  'unit-handler',
  'unit-signer',
  'supplier-signer',
  'budget-system',
  'trading-system',
  'supervisor',
  'auditor',
] as const;

const awardView = z
  .strictObject({
    id: z.string(),
    externalRef: z.string(),
    award: awardSchema,
    corrections: z.int().meta({ description: '更正次数 (how often it was corrected)' }),
    contractData: z
      .record(z.string(), z.unknown())
      .meta({ description: '起草合同时可直接采用的数据 (what a contract takes over)' }),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'AwardRecord' });

export function awardRoutes({ awards }: HttpServices): readonly Route[] {
  return [
    route({
      method: 'post',
      path: '/awards',
      operationId: 'takeAward',
      tag: 'contracts',
      summary: '导入中标（成交）结果；同一编号重发即更正 / Take in an award result',
      access: ['trading-system'],
      isIdempotent: true,
      body: {
        json: z.strictObject({
          externalRef: z
            .string()
            .min(1)
            .max(100)
            .meta({ description: '交易系统自己的编号 (the sender’s own reference)' }),
          award: awardSchema,
        }),
      },
      problems: ['forbidden', 'record-exists', 'record-version-conflict', 'conflict'],
      success: { status: 201, description: '已导入的结果', json: awardView },
      handle: async ({ principal, body }) => {
        const record = await awards.take(principal, body.externalRef, body.award);
        return { body: viewOf(record), location: `/api/v1/awards/${record.id}` };
      },
    }),

    route({
      method: 'get',
      path: '/awards',
      operationId: 'listAwards',
      tag: 'contracts',
      summary: '中标（成交）结果 / Award results',
      access: READERS,
      query: z.strictObject({
        ...pageQuery,
        tenderId: z.string().min(1).max(100).optional().meta({ description: '项目编号' }),
      }),
      success: { status: 200, description: '可见的结果', json: listOf(awardView) },
      handle: async ({ principal, query }) => ({
        body: listView(
          await awards.list(principal, {
            ...pageOf(query),
            ...present({ tenderId: query.tenderId }),
          }),
          viewOf,
        ),
      }),
    }),

    route({
      method: 'get',
      path: '/awards/{id}',
      operationId: 'getAward',
      tag: 'contracts',
      summary: '一项中标（成交）结果 / One award result',
      access: READERS,
      params: z.strictObject({ id: idSchema('awd', '结果编号') }),
      problems: ['not-found'],
      success: { status: 200, description: '结果', json: awardView },
      handle: async ({ principal, params: { id } }) => ({
        body: viewOf(await awards.get(principal, id)),
      }),
    }),
  ];
}

function viewOf({ id, externalRef, award, earlier, createdAt }: AwardRecord) {
  return {
    id,
    externalRef,
    award,
    corrections: earlier.length,
    contractData: contractDataFrom(award),
    createdAt,
  };
}

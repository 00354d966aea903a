/** Filings with the budget system: where each stands, its package, its receipt. */
import { z } from 'zod';
import { LONGEST_RECEIPT_JWS, type FilingRecord, type ProvenReceipt } from '../../filing/index.js';
import { requestInvalid } from '../request-faults.js';
import { route, type Route } from '../route.js';
import {
  idSchema,
  instant,
  listOf,
  listView,
  pageOf,
  pageQuery,
  present,
  sha256,
  wholeNumber,
} from '../schemas.js';
import type { HttpServices } from '../services.js';

const states = ['waiting', 'in-progress', 'filed', 'failed'] as const;

const filingView = z
  .strictObject({
    id: z.string(),
    contractId: z.string(),
    contractNumber: z.string(),
    buyerUnitId: z.string(),
    state: z.enum(states),
    documentSha256: z.string(),
    attemptCount: z.int(),
    attempts: z.array(z.strictObject({ at: z.iso.datetime(), outcome: z.string() })),
    dueAt: z.iso.datetime().nullable().meta({ description: '下次递送时间' }),
    receipt: z
      .strictObject({
        filingNumber: z.string(),
        receivedAt: z.iso.datetime(),
        documentSha256: z.string(),
        signature: z
          .strictObject({ keyId: z.string(), jws: z.string() })
          .nullable()
          .meta({ description: '预算系统的签名（JWS），原样；空表示未签名 (as it came)' }),
      })
      .nullable(),
    failure: z.strictObject({ code: z.string(), detail: z.string() }).nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Filing' });

const params = z.strictObject({ id: idSchema('fil', '备案编号') });
const readers = [
  'unit-handler',
  'unit-signer',
  'budget-system',
  'trading-system',
  'supervisor',
  'auditor',
] as const;

export function filingRoutes({ filings }: HttpServices): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/filings',
      operationId: 'listFilings',
      tag: 'filings',
      summary: '备案列表 / Filings',
      access: readers,
      query: z.strictObject({
        ...pageQuery,
        state: z.enum(states).optional(),
        contractId: idSchema('ctr', '合同编号').optional(),
        filingNumber: z.string().trim().min(1).max(100).optional().meta({
          description: '预算系统出具的备案号；多于一份即为重复 (given by the budget system)',
        }),
        since: wholeNumber(0, 999_999_999).optional().meta({
          description:
            '取此位置之后开始的备案，0 为全部；按开始的先后，不会遗漏，不与其他条件同用 (pull)',
        }),
      }),
      success: {
        status: 200,
        description: '可见的备案',
        json: listOf(filingView).extend({
          position: z.int().nullable().meta({ description: '下一次的 since；未用 since 时为空' }),
        }),
      },
      handle: async ({ principal, query }) => {
        const { state, contractId, filingNumber, since } = query;
        const filters = present({ state, contractId, filingNumber });
        if (since !== undefined) {
          const { limit, cursor } = pageOf(query);
          if (Object.keys(filters).length > 0 || cursor !== undefined) {
            throw requestInvalid([
              { pointer: 'query/since', detail: '不与其他条件同用 (goes with no other filter)' },
            ]);
          }
          const feed = await filings.feed(principal, since, limit);
          return {
            body: { items: feed.items.map(view), nextCursor: null, position: feed.position },
          };
        }
        const page = await filings.list(principal, { ...pageOf(query), ...filters });
        return { body: { ...listView(page, view), position: null } };
      },
    }),

    route({
      method: 'get',
      path: '/filings/{id}',
      operationId: 'getFiling',
      tag: 'filings',
      summary: '备案 / One filing',
      access: readers,
      params,
      problems: ['filing-not-found'],
      success: { status: 200, description: '备案', json: filingView },
      handle: async ({ principal, params: { id } }) => answer(await filings.get(principal, id)),
    }),

    route({
      method: 'get',
      path: '/filings/{id}/package',
      operationId: 'getFilingPackage',
      tag: 'filings',
      summary: '归档包：不用本系统也能核验 / The archive package',
      access: readers,
      params,
      problems: ['filing-not-found', 'conflict', 'blob-corrupt', 'audit-unavailable'],
      success: { status: 200, description: 'ZIP', media: ['application/zip'] },
      handle: async ({ principal, params: { id } }) => {
        const { bytes, fileName, sha256: name } = await filings.packageOf(principal, id);
        return { bytes, mediaType: 'application/zip', fileName, sha256: name };
      },
    }),

    route({
      method: 'post',
      path: '/filings/{id}/receipts',
      operationId: 'acceptFilingReceipt',
      tag: 'filings',
      summary: '预算系统送达回执；重复送达无妨 / Receipt from the budget system',
      access: ['budget-system'],
      params,
      isIdempotent: true,
      body: {
        json: z.strictObject({
          filingNumber: z.string().trim().min(1).max(100),
          documentSha256: sha256,
          packageSha256: sha256.optional(),
          receivedAt: instant,
          jws: z.string().max(LONGEST_RECEIPT_JWS).optional().meta({
            description: '回执的签名：compact JWS，typ 为 filing-receipt+jws (signed receipt)',
          }),
        }),
      },
      problems: [
        'filing-not-found',
        'filing-receipt-invalid',
        'conflict',
        'record-version-conflict',
      ],
      success: { status: 200, description: '备案', json: filingView },
      handle: async ({ principal, params: { id }, body }) =>
        answer(await filings.acceptReceipt(principal, id, present(body))),
    }),

    route({
      method: 'post',
      path: '/filings/{id}/refile',
      operationId: 'refileContract',
      tag: 'filings',
      summary: '重新备案：在被拒绝之后 / File again after a refusal',
      access: ['unit-handler', 'unit-signer'],
      params,
      isIdempotent: true,
      body: { json: z.strictObject({}), isOptional: true },
      problems: ['filing-not-found', 'conflict', 'record-version-conflict'],
      success: { status: 200, description: '备案', json: filingView },
      handle: async ({ principal, params: { id } }) => answer(await filings.refile(principal, id)),
    }),
  ];
}

function answer(filing: FilingRecord): { body: z.input<typeof filingView>; revision: number } {
  return { body: view(filing), revision: filing.revision };
}

function view(filing: FilingRecord): z.input<typeof filingView> {
  return {
    id: filing.id,
    contractId: filing.contractId,
    contractNumber: filing.contractNumber,
    buyerUnitId: filing.buyerUnitId,
    state: filing.state,
    documentSha256: filing.documentSha256,
    attemptCount: filing.attemptCount,
    attempts: filing.attempts.map(({ at, outcome }) => ({ at, outcome })),
    dueAt: filing.dueAt ?? null,
    receipt: filing.receipt === undefined ? null : receiptView(filing.receipt),
    failure: filing.failure === undefined ? null : { ...filing.failure },
    createdAt: filing.createdAt,
  };
}

function receiptView(receipt: ProvenReceipt): NonNullable<z.input<typeof filingView>['receipt']> {
  const { filingNumber, receivedAt, documentSha256, signature = null } = receipt;
  return { filingNumber, receivedAt, documentSha256, signature };
}

/** The audit log, for those who watch. */
import { z } from 'zod';
import { scopeOf } from '../../access/index.js';
import { proveConsistency, proveInclusion, signedCheckpoint } from '../../audit/index.js';
import { AppError } from '../../kernel/index.js';
import {
  checkpointView,
  consistencyView,
  entryView,
  inclusionView,
  viewEntry,
} from '../audit-view.js';
import { route, type Route } from '../route.js';
import { instant, listOf, listView, pageOf, pageQuery, wholeNumber } from '../schemas.js';
import type { HttpServices } from '../services.js';

export function auditRoutes({ audit }: HttpServices): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/audit/entries',
      operationId: 'listAuditEntries',
      tag: 'audit',
      summary: '审计记录 / Audit entries',
      access: ['auditor', 'supervisor'],
      query: z.strictObject({
        ...pageQuery,
        from: instant.optional(),
        to: instant.optional(),
        type: z.string().max(100).optional(),
        subject: z
          .string()
          .max(200)
          .optional()
          .meta({ description: '如 contract/ctr_…', examples: ['contract/ctr_0'] }),
      }),
      success: { status: 200, description: '按时间倒序', json: listOf(entryView) },
      handle: async ({ principal, query }) => {
        const { from, to, type, subject } = query;
        const during =
          from === undefined && to === undefined
            ? {}
            : {
                at: {
                  ...(from === undefined ? {} : { gte: from }),
                  ...(to === undefined ? {} : { lt: to }),
                },
              };
        const page = await audit.find(
          {
            ...pageOf(query),
            orderBy: 'at',
            direction: 'desc',
            where: {
              ...during,
              ...(type === undefined ? {} : { type: { eq: type } }),
              ...(subject === undefined ? {} : { subject: { eq: subject } }),
            },
          },
          scopeOf(principal),
        );
        return { body: listView(page, viewEntry) };
      },
    }),

    route({
      method: 'get',
      path: '/audit/checkpoints',
      operationId: 'listAuditCheckpoints',
      tag: 'audit',
      summary: '已签名的审计检查点 / Signed checkpoints',
      access: ['auditor', 'supervisor'],
      query: z.strictObject(pageQuery),
      success: { status: 200, description: '检查点', json: listOf(checkpointView) },
      handle: async ({ query }) => {
        const { limit, cursor } = pageOf(query);
        return { body: listView(await audit.checkpoints(limit, cursor), signedCheckpoint) };
      },
    }),

    route({
      method: 'get',
      path: '/audit/entries/{seq}/proof',
      operationId: 'getAuditEntryProof',
      tag: 'audit',
      summary: '某条记录在日志中的证明，可离线校验 / Inclusion proof of an entry',
      access: ['auditor', 'supervisor'],
      params: z.strictObject({ seq: wholeNumber(1, 999_999_999) }),
      problems: ['not-found', 'audit-unavailable'],
      success: { status: 200, description: '记录、路径与已签名的检查点', json: inclusionView },
      handle: async ({ principal, params: { seq } }) => {
        const entry = await audit.entry(seq, scopeOf(principal));
        if (entry === undefined) throw new AppError('not-found', 'no such entry');
        const { kind, path, checkpoint } = await proveInclusion(audit, entry);
        const { prevHash, event } = viewEntry(entry);
        return { body: { kind, entry: { seq, prevHash, event }, path, checkpoint } };
      },
    }),

    route({
      method: 'get',
      path: '/audit/checkpoints/{size}/consistency',
      operationId: 'getAuditConsistencyProof',
      tag: 'audit',
      summary: '较早的日志是此日志开头的证明 / Consistency proof between two checkpoints',
      access: ['auditor', 'supervisor'],
      params: z.strictObject({ size: wholeNumber(0, 999_999_999) }),
      query: z.strictObject({
        from: wholeNumber(0, 999_999_999).meta({
          description: '较早检查点的条数 (size of the older)',
        }),
      }),
      problems: ['not-found', 'input-invalid'],
      success: { status: 200, description: '两个检查点与路径', json: consistencyView },
      handle: async ({ params: { size }, query: { from } }) => ({
        body: await proveConsistency(audit, from, size),
      }),
    }),

    route({
      method: 'get',
      path: '/public/audit/checkpoint',
      operationId: 'getPublicCheckpoint',
      tag: 'audit',
      summary:
        '最新的审计检查点，供任何人留存作证；无需登录 / Newest checkpoint, for anybody to keep',
      access: 'public',
      rateLimit: 'verification',
      problems: ['not-found'],
      success: { status: 200, description: '不含任何业务内容', json: checkpointView },
      handle: async () => {
        const last = await audit.lastCheckpoint();
        if (last === undefined) throw new AppError('not-found', 'no checkpoint yet');
        return { body: signedCheckpoint(last) };
      },
    }),
  ];
}

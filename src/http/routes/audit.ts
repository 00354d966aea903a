/** The audit log, for those who watch. */
import { z } from 'zod';
import { scopeOf } from '../../access/index.js';
import type { AuditCheckpoint, AuditEntry } from '../../audit/index.js';
import { route, type Route } from '../route.js';
import { instant, listOf, listView, pageOf, pageQuery } from '../schemas.js';
import type { HttpServices } from '../services.js';

const entryView = z
  .strictObject({
    seq: z.int(),
    hash: z.string(),
    prevHash: z.string(),
    event: z.strictObject({
      id: z.string(),
      at: z.iso.datetime(),
      type: z.string(),
      actor: z.strictObject({
        accountId: z.string(),
        role: z.string(),
        unitId: z.string().optional(),
        certificateSha256: z.string().optional(),
      }),
      subject: z.strictObject({ kind: z.string(), id: z.string() }),
      scopeKeys: z.array(z.string()),
      details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
      requestId: z.string().optional(),
    }),
  })
  .meta({ id: 'AuditEntry' });

const checkpointView = z
  .strictObject({
    size: z.int(),
    rootHash: z.string(),
    at: z.iso.datetime(),
    signature: z.string(),
    keyId: z.string(),
  })
  .meta({ id: 'AuditCheckpoint' });

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
        return { body: listView(page, view) };
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
        return { body: listView(await audit.checkpoints(limit, cursor), checkpoint) };
      },
    }),
  ];
}

function view({ seq, hash, prevHash, event }: AuditEntry): z.input<typeof entryView> {
  const { scopeKeys, details, actor, subject, ...rest } = event;
  return {
    seq,
    hash,
    prevHash,
    event: {
      ...rest,
      actor: { ...actor },
      subject: { ...subject },
      scopeKeys: [...scopeKeys],
      details: { ...details },
    },
  };
}

function checkpoint(found: AuditCheckpoint): z.input<typeof checkpointView> {
  const { size, rootHash, at, signature, keyId } = found;
  return { size, rootHash, at, signature, keyId };
}

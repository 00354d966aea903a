/** Seals as outsiders see them: signed status, the list of all, and what a revocation means. */
import { z } from 'zod';
import { utf8ToBytes } from '../../kernel/index.js';
import {
  IMPACT_BASES,
  REVOCATION_REASONS,
  SEAL_KINDS,
  STATUS_LIST_TTL_SECONDS,
} from '../../seal/index.js';
import { route, type Route } from '../route.js';
import { idSchema, instant, pageOf, pageQuery, present } from '../schemas.js';
import type { HttpServices } from '../services.js';

const statusView = z
  .strictObject({
    code: z.string(),
    name: z.string().meta({ description: '法定代表人名章不公开姓名' }),
    kind: z.enum(SEAL_KINDS),
    status: z.enum(['active', 'suspended', 'revoked', 'expired', 'not-yet-valid']),
    validFrom: z.iso.datetime(),
    validUntil: z.iso.datetime(),
    revocation: z
      .strictObject({ at: z.iso.datetime(), reason: z.enum(REVOCATION_REASONS) })
      .nullable(),
    at: z.iso.datetime(),
    expiresAt: z.iso.datetime().meta({ description: '此答复的有效期' }),
    jws: z.string().meta({
      description:
        '以上内容的签名：RFC 7515 紧凑格式，typ 为 seal-status+jwt，公钥在 /.well-known/jwks.json',
    }),
  })
  .meta({ id: 'PublicSealStatus' });

const impactView = z
  .strictObject({
    sealId: z.string(),
    sealCode: z.string(),
    revokedAt: z.iso.datetime(),
    reason: z.enum(REVOCATION_REASONS),
    isSupposed: z.boolean().meta({ description: '印章并未注销，按假设分析' }),
    total: z.int().meta({ description: '用此印章签过的合同数' }),
    items: z.array(
      z.strictObject({
        contractId: z.string(),
        contractNumber: z.string(),
        title: z.string(),
        state: z.string(),
        signedAt: z.iso.datetime(),
        stampedBy: z.iso.datetime().nullable().meta({ description: '收到时间戳的时间' }),
        documentSha256: z.string(),
        verdict: z.enum(['stays-valid', 'doubtful', 'invalid']),
        basis: z.enum(IMPACT_BASES),
      }),
    ),
    nextCursor: z.string().nullable(),
  })
  .meta({ id: 'RevocationImpact' });

export function publicSealRoutes({ sealRegister }: HttpServices): readonly Route[] {
  const { status, statusList, impacts } = sealRegister;
  return [
    route({
      method: 'get',
      path: '/public/seals/{code}/status',
      operationId: 'getPublicSealStatus',
      tag: 'verification',
      summary: '按印章编码查询某时的状态，答复有签名；无需登录 / Signed status of a seal at a time',
      access: 'public',
      rateLimit: 'register',
      params: z.strictObject({
        code: z.string().regex(/^\d{13}$/, { error: '印章编码应为 13 位数字 (13 digits)' }),
      }),
      query: z.strictObject({ at: instant.optional() }),
      problems: ['seal-not-found'],
      success: { status: 200, description: '该时间的状态', json: statusView },
      handle: async ({ params: { code }, query }) => {
        const asked = query.at === undefined ? undefined : new Date(query.at);
        const found = await status(code, asked);
        const { at, expiresAt, maxAgeSeconds, validator, ...facts } = found;
        return {
          body: { ...facts, at: at.toISOString(), expiresAt: expiresAt.toISOString() },
          caching: { maxAgeSeconds, validator },
        };
      },
    }),

    route({
      method: 'get',
      path: '/public/seals/status-list',
      operationId: 'getSealStatusList',
      tag: 'verification',
      summary: '全部印章的状态清单，有签名，可离线使用；无需登录 / Signed list of all seals',
      access: 'public',
      rateLimit: 'register',
      success: {
        status: 200,
        description: '紧凑 JWS；lst 为 zlib 压缩的“编码 状态”，每行一枚',
        // RFC 7515, 9.2.1: a JWS in its compact form.
        media: ['application/jose'],
      },
      handle: async () => {
        const { jws, version } = await statusList();
        return {
          bytes: utf8ToBytes(jws),
          mediaType: 'application/jose',
          fileName: 'seal-status-list.jwt',
          caching: { maxAgeSeconds: STATUS_LIST_TTL_SECONDS / 5, validator: `list-${version}` },
        };
      },
    }),

    route({
      method: 'get',
      path: '/seals/{id}/revocation-impact',
      operationId: 'getRevocationImpact',
      tag: 'seals',
      summary: '注销的影响：签过哪些合同，各自是否仍然有效 / Impact of a revocation',
      access: [
        'seal-administrator',
        'seal-reviewer',
        'unit-handler',
        'unit-seal-approver',
        'supervisor',
        'auditor',
      ],
      params: z.strictObject({ id: idSchema('seal', '印章编号') }),
      query: z.strictObject({
        ...pageQuery,
        reason: z.enum(REVOCATION_REASONS).optional(),
        at: instant.optional().meta({ description: '未注销的印章：假设在此时注销' }),
      }),
      problems: ['seal-not-found'],
      success: { status: 200, description: '每份合同及理由', json: impactView },
      handle: async ({ principal, params: { id }, query }) => {
        const { reason, at } = query;
        const found = await impacts.report(principal, id, {
          ...pageOf(query),
          ...present({ reason }),
          ...(at === undefined ? {} : { at: new Date(at) }),
        });
        const { seal, items, nextCursor, ...rest } = found;
        return {
          body: {
            ...rest,
            sealId: seal.id,
            sealCode: seal.code,
            items: items.map((each) => ({ ...each, stampedBy: each.stampedBy ?? null })),
            nextCursor: nextCursor ?? null,
          },
        };
      },
    }),
  ];
}

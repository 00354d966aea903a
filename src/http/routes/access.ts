/** Logging in and out, and who the caller is. */
import { z } from 'zod';
import { ROLES, type Session } from '../../access/index.js';
import { Secret, toRfc3339 } from '../../kernel/index.js';
import { route, type Route } from '../route.js';
import { base64, idSchema } from '../schemas.js';
import type { HttpServices } from '../services.js';

const scheme = z
  .strictObject({
    padding: z.enum(['pkcs1-v1_5', 'pss', 'ecdsa', 'eddsa', 'sm2']),
    digest: z.enum(['sha256', 'sha384', 'sha512', 'sm3']),
  })
  .meta({ description: '签名方式；缺省为密钥的常用方式 (how the token signed)' });

const byCertificate = z.strictObject({
  challengeId: idSchema('chl', '质询编号'),
  certificateB64: base64.meta({ description: '签名证书 (DER)' }),
  signatureB64: base64.meta({
    description: '对质询 text（UTF-8）的签名；ECDSA 与 SM2 为 DER (over the text of the challenge)',
  }),
  scheme: scheme.optional(),
});

const byPassword = z.strictObject({
  account: z.string().min(1).max(64),
  password: z.string().min(1).max(256),
});

const sessionView = z.strictObject({
  accessToken: z.string(),
  tokenType: z.literal('Bearer'),
  expiresAt: z.iso.datetime(),
  account: z.strictObject({ id: z.string(), roles: z.array(z.enum(ROLES)) }),
});

export function accessRoutes({ access, accounts }: HttpServices): readonly Route[] {
  return [
    route({
      method: 'post',
      path: '/auth/challenges',
      operationId: 'createLoginChallenge',
      tag: 'access',
      summary: '获取登录质询 / Get a login challenge',
      access: 'public',
      rateLimit: 'login',
      success: {
        status: 201,
        description: '用 UKey 对 text（UTF-8）签名，两分钟内有效，只能用一次',
        json: z.strictObject({
          id: z.string(),
          text: z.string(),
          expiresAt: z.iso.datetime(),
        }),
      },
      handle: async () => {
        const { id, text, expiresAt } = await access.createChallenge();
        return { body: { id, text, expiresAt } };
      },
    }),

    route({
      method: 'post',
      path: '/auth/sessions',
      operationId: 'createSession',
      tag: 'access',
      summary: '登录：UKey 签名的质询，或账号与口令 / Log in',
      access: 'public',
      rateLimit: 'login',
      body: { json: z.union([byCertificate, byPassword]) },
      problems: [
        'challenge-invalid',
        'credentials-incorrect',
        'account-disabled',
        'certificate-malformed',
        'certificate-expired',
        'certificate-not-yet-valid',
        'certificate-not-for-signing',
        'algorithm-unsupported',
      ],
      success: { status: 201, description: '访问令牌', json: sessionView },
      handle: async ({ body, requestId }) => {
        if ('password' in body) {
          using password = Secret.fromText(body.password);
          const name = body.account;
          return sessionAnswer(await access.loginWithPassword({ name, password, requestId }));
        }
        const session = await access.loginWithCertificate({
          challengeId: body.challengeId,
          certificateDer: body.certificateB64,
          signature: body.signatureB64,
          ...(body.scheme === undefined ? {} : { scheme: body.scheme }),
          requestId,
        });
        return sessionAnswer(session);
      },
    }),

    route({
      method: 'delete',
      path: '/auth/sessions',
      operationId: 'endSessions',
      tag: 'access',
      summary: '退出登录：本账号所有会话立即失效 / Log out everywhere',
      access: 'authenticated',
      success: { status: 204, description: '已退出' },
      handle: async ({ principal }) => {
        await access.endSessions(principal);
        return { body: undefined };
      },
    }),

    route({
      method: 'get',
      path: '/me',
      operationId: 'getMe',
      tag: 'access',
      summary: '当前账号 / Who I am',
      access: 'authenticated',
      success: {
        status: 200,
        description: '账号、角色与单位',
        json: z.strictObject({
          accountId: z.string(),
          name: z.string(),
          roles: z.array(z.enum(ROLES)),
          unitId: z.string().nullable(),
          regionCode: z.string().nullable(),
          certificateSha256: z
            .string()
            .nullable()
            .meta({ description: '登录所用证书；口令登录为空 (null after a password)' }),
        }),
      },
      handle: async ({ principal }) => {
        const account = await accounts.own(principal);
        return {
          body: {
            accountId: principal.accountId,
            name: account.name,
            roles: [...principal.roles],
            unitId: principal.unitId ?? null,
            regionCode: principal.regionCode ?? null,
            certificateSha256: principal.certificateSha256 ?? null,
          },
        };
      },
    }),
  ];
}

function sessionAnswer({ accessToken, expiresAt, account }: Session): {
  body: z.input<typeof sessionView>;
} {
  return {
    body: {
      accessToken,
      tokenType: 'Bearer',
      expiresAt: toRfc3339(expiresAt),
      account: { id: account.id, roles: [...account.roles] },
    },
  };
}

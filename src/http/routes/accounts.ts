/** Accounts, for the system administrator. */
import { z } from 'zod';
import { ROLES, type AccountRecord } from '../../access/index.js';
import { Secret } from '../../kernel/index.js';
import { route, type Route } from '../route.js';
import {
  idSchema,
  listOf,
  listView,
  pageOf,
  pageQuery,
  present,
  regionCode,
  sha256,
} from '../schemas.js';
import type { HttpServices } from '../services.js';

const accountView = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    kind: z.enum(['person', 'machine']),
    roles: z.array(z.enum(ROLES)),
    unitId: z.string().nullable(),
    regionCode: z.string().nullable(),
    isDisabled: z.boolean(),
    certificateSha256: z.array(sha256),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Account' });

const params = z.strictObject({ id: idSchema('acc', '账号编号') });
const roles = z.array(z.enum(ROLES)).min(1).max(ROLES.length);
const administrators = ['system-administrator'] as const;

export function accountRoutes({ accounts }: HttpServices): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/accounts',
      operationId: 'listAccounts',
      tag: 'accounts',
      summary: '账号列表 / Accounts',
      access: administrators,
      query: z.strictObject(pageQuery),
      success: { status: 200, description: '按建立时间倒序', json: listOf(accountView) },
      handle: async ({ principal, query }) => ({
        body: listView(await accounts.list(principal, pageOf(query)), view),
      }),
    }),

    // No Idempotency-Key: the secret of a machine would have to be kept to be shown again.
    route({
      method: 'post',
      path: '/accounts',
      operationId: 'createAccount',
      tag: 'accounts',
      summary: '建立账号；机器账号的密钥只显示这一次 / Create an account',
      access: administrators,
      body: {
        json: z.strictObject({
          name: z.string().min(2).max(64),
          kind: z.enum(['person', 'machine']),
          roles,
          unitId: idSchema('unit', '单位编号').optional(),
          regionCode: regionCode.optional(),
          password: z.string().min(12).max(256).optional(),
          certificateSha256: z.array(sha256).max(10).optional(),
        }),
      },
      problems: ['input-invalid', 'record-exists', 'forbidden'],
      success: {
        status: 201,
        description: '账号已建立',
        json: z.strictObject({ account: accountView, secret: z.string().nullable() }),
      },
      handle: async ({ principal, body }) => {
        using password = Secret.fromText(body.password ?? '');
        const { password: given, ...rest } = body;
        const created = await accounts.create(principal, {
          ...present(rest),
          ...(given === undefined ? {} : { password }),
        });
        const { account, secret } = created;
        return {
          body: { account: view(account), secret: secret?.revealText() ?? null },
          revision: account.revision,
          location: `/api/v1/accounts/${account.id}`,
        };
      },
    }),

    route({
      method: 'get',
      path: '/accounts/{id}',
      operationId: 'getAccount',
      tag: 'accounts',
      summary: '账号 / One account',
      access: administrators,
      params,
      problems: ['not-found'],
      success: { status: 200, description: '账号', json: accountView },
      handle: async ({ principal, params: { id } }) => answer(await accounts.get(principal, id)),
    }),

    route({
      method: 'patch',
      path: '/accounts/{id}',
      operationId: 'updateAccount',
      tag: 'accounts',
      summary: '改角色、证书或停用；立即生效 / Change roles or disable, at once',
      access: administrators,
      params,
      ifMatch: 'required',
      body: {
        json: z.strictObject({
          roles: roles.optional(),
          isDisabled: z.boolean().optional(),
          certificateSha256: z.array(sha256).max(10).optional(),
        }),
      },
      problems: ['not-found', 'input-invalid', 'record-exists'],
      success: { status: 200, description: '修改后的账号', json: accountView },
      handle: async ({ principal, params: { id }, body, expectedRevision }) =>
        answer(await accounts.update(principal, id, present(body), expectedRevision)),
    }),
  ];
}

function answer(account: AccountRecord): { body: z.input<typeof accountView>; revision: number } {
  return { body: view(account), revision: account.revision };
}

function view(account: AccountRecord): z.input<typeof accountView> {
  return {
    id: account.id,
    name: account.name,
    kind: account.kind,
    roles: [...account.roles],
    unitId: account.unitId ?? null,
    regionCode: account.regionCode ?? null,
    isDisabled: account.isDisabled,
    certificateSha256: [...account.certificateSha256],
    createdAt: account.createdAt,
  };
}

/** Webhooks by Standard Webhooks: where a system wants to be told of events, and what it was told. */
import { z } from 'zod';
import { EVENT_KINDS, type WebhookDelivery, type WebhookRecord } from '../../webhook/index.js';
import { route, type Route } from '../route.js';
import { idSchema, listOf, listView, pageOf, pageQuery, present } from '../schemas.js';
import type { HttpServices } from '../services.js';

const webhookView = z
  .strictObject({
    id: z.string(),
    url: z.string(),
    description: z.string().nullable(),
    events: z.array(z.string()),
    status: z.enum(['active', 'disabled']),
    disabledBecause: z
      .enum(['failing', 'gone'])
      .nullable()
      .meta({ description: '服务停用它的原因：多日未送达，或对方答 410' }),
    failingSince: z.iso.datetime().nullable(),
    secrets: z
      .array(z.strictObject({ until: z.iso.datetime().nullable() }))
      .meta({ description: '在用的密钥；更换后旧密钥一天内仍参与签名' }),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Webhook' });

const deliveryView = z
  .strictObject({
    id: z.string().meta({ description: '即请求头 webhook-id，重发时不变' }),
    type: z.string(),
    state: z.enum(['waiting', 'delivered', 'failed']),
    body: z.string().meta({ description: '发送的内容' }),
    attemptCount: z.int(),
    attempts: z.array(z.strictObject({ at: z.iso.datetime(), outcome: z.string() })),
    dueAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'WebhookDelivery' });

const withSecret = z.strictObject({
  webhook: webhookView,
  secret: z.string().meta({ description: 'whsec_…，只显示这一次' }),
});

const params = z.strictObject({ id: idSchema('whk', '网络钩子编号') });
const owners = ['system-administrator', 'unit-handler', 'budget-system', 'trading-system'] as const;
const eventName = new RegExp(`^(\\*|(${EVENT_KINDS.join('|')})\\.(\\*|[a-z]+(-[a-z]+)*))$`);
const fields = {
  url: z.string().min(8).max(2000),
  events: z
    .array(z.string().regex(eventName, { error: '如 contract.signed、filing.* 或 *' }))
    .min(1)
    .max(50),
  description: z.string().trim().max(200),
};

export function webhookRoutes({ webhooks }: HttpServices): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/webhooks',
      operationId: 'listWebhooks',
      tag: 'webhooks',
      summary: '网络钩子列表 / Webhooks',
      access: owners,
      query: z.strictObject(pageQuery),
      success: { status: 200, description: '按建立时间倒序', json: listOf(webhookView) },
      handle: async ({ principal, query }) => ({
        body: listView(await webhooks.list(principal, pageOf(query)), view),
      }),
    }),

    route({
      method: 'post',
      path: '/webhooks',
      operationId: 'createWebhook',
      tag: 'webhooks',
      summary: '建立网络钩子；密钥只显示这一次 / Create a webhook',
      access: owners,
      isIdempotent: true,
      hasSecretAnswer: true,
      body: {
        json: z.strictObject({ ...fields, description: fields.description.optional() }),
      },
      problems: ['input-invalid', 'conflict', 'forbidden'],
      success: { status: 201, description: '已建立', json: withSecret },
      handle: async ({ principal, body }) => {
        const { webhook, secretText } = await webhooks.create(principal, present(body));
        return {
          body: { webhook: view(webhook), secret: secretText },
          revision: webhook.revision,
          location: `/api/v1/webhooks/${webhook.id}`,
        };
      },
    }),

    route({
      method: 'get',
      path: '/webhooks/{id}',
      operationId: 'getWebhook',
      tag: 'webhooks',
      summary: '网络钩子 / One webhook',
      access: owners,
      params,
      problems: ['not-found'],
      success: { status: 200, description: '网络钩子', json: webhookView },
      handle: async ({ principal, params: { id } }) => answer(await webhooks.get(principal, id)),
    }),

    route({
      method: 'patch',
      path: '/webhooks/{id}',
      operationId: 'updateWebhook',
      tag: 'webhooks',
      summary: '修改、停用或恢复 / Change, disable, enable',
      access: owners,
      params,
      ifMatch: 'required',
      body: {
        json: z.strictObject({
          url: fields.url.optional(),
          events: fields.events.optional(),
          description: fields.description.optional(),
          status: z.enum(['active', 'disabled']).optional(),
        }),
      },
      problems: ['not-found', 'input-invalid', 'record-version-conflict'],
      success: { status: 200, description: '修改后的网络钩子', json: webhookView },
      handle: async ({ principal, params: { id }, body, expectedRevision }) =>
        answer(await webhooks.update(principal, id, present(body), expectedRevision)),
    }),

    route({
      method: 'delete',
      path: '/webhooks/{id}',
      operationId: 'removeWebhook',
      tag: 'webhooks',
      summary: '删除；未送达的消息一并放弃 / Remove',
      access: owners,
      params,
      problems: ['not-found'],
      success: { status: 204, description: '已删除' },
      handle: async ({ principal, params: { id } }) => {
        await webhooks.remove(principal, id);
        return { body: undefined };
      },
    }),

    route({
      method: 'post',
      path: '/webhooks/{id}/secret',
      operationId: 'rotateWebhookSecret',
      tag: 'webhooks',
      summary: '更换密钥；旧密钥一天内仍参与签名 / Rotate the secret',
      access: owners,
      params,
      isIdempotent: true,
      hasSecretAnswer: true,
      body: { json: z.strictObject({}), isOptional: true },
      problems: ['not-found'],
      success: { status: 200, description: '新密钥', json: withSecret },
      handle: async ({ principal, params: { id } }) => {
        const { webhook, secretText } = await webhooks.rotate(principal, id);
        return { body: { webhook: view(webhook), secret: secretText }, revision: webhook.revision };
      },
    }),

    route({
      method: 'post',
      path: '/webhooks/{id}/test',
      operationId: 'testWebhook',
      tag: 'webhooks',
      summary: '发送一条 webhook.test / Send a test message',
      access: owners,
      params,
      isIdempotent: true,
      body: { json: z.strictObject({}), isOptional: true },
      problems: ['not-found'],
      success: { status: 202, description: '待发送的消息', json: deliveryView },
      handle: async ({ principal, params: { id } }) => ({
        body: deliveryOf(await webhooks.test(principal, id)),
      }),
    }),

    route({
      method: 'get',
      path: '/webhooks/{id}/deliveries',
      operationId: 'listWebhookDeliveries',
      tag: 'webhooks',
      summary: '发送记录，保留 30 天 / What was sent',
      access: owners,
      params,
      query: z.strictObject(pageQuery),
      problems: ['not-found'],
      success: { status: 200, description: '按时间倒序', json: listOf(deliveryView) },
      handle: async ({ principal, params: { id }, query }) => ({
        body: listView(await webhooks.deliveries(principal, id, pageOf(query)), deliveryOf),
      }),
    }),

    route({
      method: 'post',
      path: '/webhooks/{id}/deliveries/{deliveryId}/resend',
      operationId: 'resendWebhookDelivery',
      tag: 'webhooks',
      summary: '重发，编号不变 / Send again under the same id',
      access: owners,
      params: params.extend({ deliveryId: idSchema('msg', '消息编号') }),
      isIdempotent: true,
      body: { json: z.strictObject({}), isOptional: true },
      problems: ['not-found', 'record-version-conflict'],
      success: { status: 202, description: '待发送的消息', json: deliveryView },
      handle: async ({ principal, params: { id, deliveryId } }) => ({
        body: deliveryOf(await webhooks.resend(principal, id, deliveryId)),
      }),
    }),
  ];
}

function answer(webhook: WebhookRecord): { body: z.input<typeof webhookView>; revision: number } {
  return { body: view(webhook), revision: webhook.revision };
}

function view(webhook: WebhookRecord): z.input<typeof webhookView> {
  return {
    id: webhook.id,
    url: webhook.url,
    description: webhook.description ?? null,
    events: [...webhook.events],
    status: webhook.status,
    disabledBecause: webhook.disabledBecause ?? null,
    failingSince: webhook.failingSince ?? null,
    secrets: webhook.secrets.map(({ until }) => ({ until: until ?? null })),
    createdAt: webhook.createdAt,
  };
}

function deliveryOf(delivery: WebhookDelivery): z.input<typeof deliveryView> {
  return {
    id: delivery.id,
    type: delivery.type,
    state: delivery.state,
    body: delivery.bodyText,
    attemptCount: delivery.attemptCount,
    attempts: delivery.attempts.map(({ at, outcome }) => ({ at, outcome })),
    dueAt: delivery.dueAt ?? null,
    createdAt: delivery.createdAt,
  };
}

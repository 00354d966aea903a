/** Contract templates of units and regions. */
import { z } from 'zod';
import {
  CONTRACT_KINDS,
  OWN_TEMPLATE_STATES,
  templateDataSchema,
  templateKey,
  type OwnTemplateRecord,
} from '../../contract/index.js';
import { route, type Route } from '../route.js';
import { idSchema, listOf, listView, pageOf, pageQuery } from '../schemas.js';
import type { HttpServices } from '../services.js';

const OWNERS = ['unit-handler', 'system-administrator'] as const;
const READERS = ['unit-handler', 'unit-signer', 'budget-system', 'system-administrator'] as const;

const summary = z.strictObject({
  id: z.string(),
  key: z.string().meta({ description: '起草合同时填写的模板名', examples: ['school-goods@2'] }),
  kind: z.enum(CONTRACT_KINDS).nullable(),
  name: z.string(),
  owner: z.strictObject({ unitId: z.string().nullable(), regionCode: z.string().nullable() }),
  state: z.enum(OWN_TEMPLATE_STATES),
  createdAt: z.iso.datetime(),
});

const json = z.record(z.string(), z.unknown());

const detail = summary
  .extend({
    template: json.meta({ description: '模板全文' }),
    sample: json.meta({ description: '上传时试排所用的合同数据' }),
    schema: json.meta({ description: '合同数据须符合的 JSON Schema' }),
  })
  .meta({ id: 'OwnTemplate' });

const params = z.strictObject({ id: idSchema('tpl', '模板编号') });

export function ownTemplateRoutes({ ownTemplates }: HttpServices): readonly Route[] {
  const stateRoute = (state: 'active' | 'retired', verb: string, summaryText: string): Route =>
    route({
      method: 'post',
      path: `/own-templates/{id}/${verb}`,
      operationId: `${verb}OwnTemplate`,
      tag: 'contracts',
      summary: summaryText,
      access: OWNERS,
      params,
      isIdempotent: true,
      ifMatch: 'accepted',
      problems: ['not-found', 'forbidden', 'record-version-conflict'],
      success: { status: 200, description: '模板', json: detail },
      handle: async ({ principal, params: { id }, expectedRevision }) =>
        answer(await ownTemplates.setState(principal, { id, expectedRevision, state })),
    });

  return [
    route({
      method: 'post',
      path: '/own-templates',
      operationId: 'handInOwnTemplate',
      tag: 'contracts',
      summary: '上传本单位（管理员：本区划）的合同模板 / Hand in a template of the unit or region',
      access: OWNERS,
      isIdempotent: true,
      body: {
        json: z.strictObject({
          template: json.meta({ description: '模板，见 GET /templates/{key} 的 template' }),
          sample: json.meta({ description: '合同数据，用于试排 (data it is tried with)' }),
        }),
      },
      problems: [
        'forbidden',
        'template-invalid',
        'contract-data-invalid',
        'glyph-missing',
        'record-exists',
      ],
      success: { status: 201, description: '模板，尚未启用', json: detail },
      handle: async ({ principal, body }) => {
        const record = await ownTemplates.handIn(principal, body);
        return { ...answer(record), location: `/api/v1/own-templates/${record.id}` };
      },
    }),
    route({
      method: 'get',
      path: '/own-templates',
      operationId: 'listOwnTemplates',
      tag: 'contracts',
      summary: '本单位可用的自有模板，含旧版本 / Templates of the unit and its regions',
      access: READERS,
      query: z.strictObject(pageQuery),
      success: { status: 200, description: '模板', json: listOf(summary) },
      handle: async ({ principal, query }) => ({
        body: listView(await ownTemplates.list(principal, pageOf(query)), summaryOf),
      }),
    }),
    route({
      method: 'get',
      path: '/own-templates/{id}',
      operationId: 'getOwnTemplate',
      tag: 'contracts',
      summary: '自有模板全文 / One template',
      access: READERS,
      params,
      problems: ['not-found'],
      success: { status: 200, description: '模板', json: detail },
      handle: async ({ principal, params: { id } }) =>
        answer(await ownTemplates.get(principal, id)),
    }),
    stateRoute('active', 'activate', '启用模板 / Activate'),
    stateRoute('retired', 'retire', '停用模板；已用它起草的合同不受影响 / Retire'),
  ];
}

function summaryOf({ id, template, owner, state, createdAt }: OwnTemplateRecord) {
  return {
    id,
    key: templateKey(template),
    kind: template.kind ?? null,
    name: template.name,
    owner: { unitId: null, regionCode: null, ...owner },
    state,
    createdAt,
  };
}

function answer(record: OwnTemplateRecord) {
  const { template, sample, revision } = record;
  return {
    body: { ...summaryOf(record), template, sample, schema: templateDataSchema(template) },
    revision,
  };
}

/** Contract templates that documents can be made from. */
import { z } from 'zod';
import {
  CONTRACT_KINDS,
  contractTemplateSchema,
  templateDataSchema,
  templateKey,
  type ContractTemplate,
} from '../../contract/index.js';
import { AppError } from '../../kernel/index.js';
import { route, type Route } from '../route.js';
import type { HttpServices } from '../services.js';

const templateView = z.strictObject({
  id: z.string().meta({ examples: ['goods'] }),
  version: z.int(),
  kind: z.enum(CONTRACT_KINDS).nullable(),
  name: z.string(),
});

export function templateRoutes({ templates }: HttpServices): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/templates',
      operationId: 'listTemplates',
      tag: 'contracts',
      summary: '合同模板，含旧版本 / Contract templates, old versions too',
      access: 'authenticated',
      success: {
        status: 200,
        description: '模板',
        json: z.strictObject({ items: z.array(templateView) }),
      },
      handle: () => Promise.resolve({ body: { items: templates.map(viewOf) } }),
    }),

    route({
      method: 'get',
      path: '/templates/{key}',
      operationId: 'getTemplate',
      tag: 'contracts',
      summary: '模板全文及其数据的 JSON Schema / A template, and the schema of its data',
      access: 'authenticated',
      params: z.strictObject({
        key: z
          .string()
          .regex(/^[a-z][a-z0-9-]{0,39}(@[1-9][0-9]{0,3})?$/)
          .meta({ description: '模板，如 goods 或 goods@1', examples: ['goods'] }),
      }),
      problems: ['template-not-found'],
      success: {
        status: 200,
        description: '模板；schema 为合同数据须符合的 JSON Schema',
        json: templateView.extend({
          template: contractTemplateSchema,
          schema: z.record(z.string(), z.unknown()),
        }),
      },
      handle: ({ params: { key } }) => {
        const template = newest(
          templates.filter((each) => [each.id, templateKey(each)].includes(key)),
        );
        if (template === undefined) {
          throw new AppError('template-not-found', `no template ${key}`, {
            params: { template: key },
          });
        }
        const body = { ...viewOf(template), template, schema: templateDataSchema(template) };
        return Promise.resolve({ body });
      },
    }),
  ];
}

function viewOf({ id, version, kind, name }: ContractTemplate): z.infer<typeof templateView> {
  return { id, version, kind: kind ?? null, name };
}

function newest(found: readonly ContractTemplate[]): ContractTemplate | undefined {
  return [...found].sort((a, b) => b.version - a.version)[0];
}

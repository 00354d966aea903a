/** Contract templates that documents can be made from. */
import { z } from 'zod';
import { route, type Route } from '../route.js';
import type { HttpServices } from '../services.js';

const templateView = z.strictObject({
  id: z.string().meta({ examples: ['goods'] }),
  version: z.int(),
  name: z.string(),
});

export function templateRoutes({ templates }: HttpServices): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/templates',
      operationId: 'listTemplates',
      tag: 'contracts',
      summary: '合同模板 / Contract templates',
      access: 'authenticated',
      success: {
        status: 200,
        description: '模板',
        json: z.strictObject({ items: z.array(templateView) }),
      },
      handle: () =>
        Promise.resolve({
          body: { items: templates.map(({ id, version, name }) => ({ id, version, name })) },
        }),
    }),
  ];
}

import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Route } from '../../src/http/route.js';
import { declaredRoutes } from '../../src/http/routes/index.js';
import { ServiceFixture } from './service-fixture.js';

interface Media {
  readonly schema: object;
}
interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly security: readonly unknown[];
  readonly parameters?: readonly { name: string; in: string; required?: boolean; schema: object }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<
    Record<
      string,
      { readonly description: string; readonly content?: Readonly<Record<string, Media>> }
    >
  >;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

let fixture: ServiceFixture;
let document: Document;
let routes: readonly Route[];
const operations: (readonly [path: string, method: string, operation: Operation])[] = [];

beforeAll(async () => {
  fixture = await ServiceFixture.start();
  routes = declaredRoutes(fixture.service.services);
  document = (await fixture.call('GET', '/openapi.json')).body as unknown as Document;
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      operations.push([path, method, operation]);
    }
  }
});
afterAll(() => fixture.stop());

describe('the OpenAPI document', () => {
  it('has every declared route, and no other', () => {
    const described = operations.map(([path, method, { operationId }]) =>
      [operationId, method, path].join(' '),
    );
    const declared = routes.map(({ operationId, method, path }) =>
      [operationId, method, path].join(' '),
    );
    expect(described.sort()).toEqual(declared.sort());
    expect(new Set(operations.map(([, , each]) => each.operationId)).size).toBe(operations.length);
  });

  it('describes every parameter of a path', () => {
    for (const [path, , operation] of operations) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
      const described = (operation.parameters ?? []).filter((each) => each.in === 'path');
      expect(described.map((each) => each.name).sort()).toEqual(named.sort());
      for (const parameter of described) expect(parameter.required).toBe(true);
    }
  });

  it('points to nothing that is not there, and holds schemas a validator takes', () => {
    const text = JSON.stringify(document);
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      expect(document.components.schemas).toHaveProperty(name!);
    }
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema({ ...document, $id: 'https://qianyin.example/api' });
    const schemas = operations.flatMap(([, , operation]) => [
      ...(operation.parameters ?? []).map((each) => each.schema),
      ...Object.values(operation.requestBody?.content ?? {}).map((each) => each.schema),
      ...Object.values(operation.responses).flatMap((response) =>
        Object.values(response.content ?? {}).map((each) => each.schema),
      ),
    ]);
    expect(schemas.length).toBeGreaterThan(100);
    for (const schema of schemas) {
      const absolute = JSON.stringify(schema).replaceAll(
        '"#/components/',
        '"https://qianyin.example/api#/components/',
      );
      expect(() => ajv.compile(JSON.parse(absolute) as object)).not.toThrow();
    }
  });

  it('says who must be logged in, and which problems to expect', () => {
    const accessOf = new Map(routes.map((route) => [route.operationId, route.access]));
    for (const [, , operation] of operations) {
      const isPublic = accessOf.get(operation.operationId) === 'public';
      expect([operation.operationId, operation.security.length]).toEqual([
        operation.operationId,
        isPublic ? 0 : 1,
      ]);
      expect(Object.keys(operation.responses)).toEqual(
        expect.arrayContaining(['400', '429', '500', ...(isPublic ? [] : ['401'])]),
      );
    }
  });

  it('describes answers as the service gives them', async () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema({ ...document, $id: 'https://qianyin.example/api' });
    const asked = [
      ['/me', 'unit-handler', '/me'],
      ['/units', 'supervisor', '/units'],
      ['/templates', 'auditor', '/templates'],
      ['/accounts', 'system-administrator', '/accounts'],
    ] as const;
    for (const [path, as, described] of asked) {
      const { body } = await fixture.call('GET', path, { as });
      const pointer = `/paths/${described.replaceAll('/', '~1')}/get/responses/200/content/application~1json/schema`;
      const validate = ajv.getSchema(`https://qianyin.example/api#${pointer}`)!;
      expect([path, validate(body), validate.errors]).toEqual([path, true, null]);
    }
  });
});

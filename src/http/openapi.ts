/** The OpenAPI 3.1 document, made from the same declarations that the server enforces. */
import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi';
import { ERROR_CODES, ERROR_TEXTS, type ErrorCode } from '../kernel/index.js';
import { PROBLEMS } from './problem.js';
import { fileTypes } from './read-body.js';
import type { BodySpec, Route } from './route.js';

const problemSchema = z
  .object({
    type: z.string().meta({ description: '/problems/<code>' }),
    title: z.string().meta({ description: '中文' }),
    titleEn: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().meta({ description: 'urn:uuid:<request id>' }),
    code: z.enum(ERROR_CODES),
    retryable: z.boolean(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
    params: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' });

const problemContent = { 'application/problem+json': { schema: problemSchema } };

export interface OpenApiFacts {
  readonly version: string;
  readonly basePath: string;
}

export function openApiDocument(
  routes: readonly Route[],
  facts: OpenApiFacts,
): ReturnType<typeof createDocument> {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const route of routes) {
    (paths[route.path] ??= {})[route.method] = operationOf(route);
  }
  const document: ZodOpenApiObject = {
    openapi: '3.1.0',
    info: {
      title: '签印 qianyin',
      version: facts.version,
      description:
        '政府采购电子合同与电子印章签署服务。 E-contract and e-seal signing for government procurement.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: facts.basePath }],
    tags: [...new Set(routes.map((route) => route.tag))].map((name) => ({ name })),
    paths: paths,
    components: {
      securitySchemes: {
        accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      },
    },
  };
  return createDocument(document, { reused: 'inline' });
}

function operationOf(route: Route): ZodOpenApiOperationObject {
  const isPublic = route.access === 'public';
  const headers = headerParameters(route);
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    security: isPublic ? [] : [{ accessToken: [] }],
    ...(typeof route.access === 'string' ? {} : { 'x-roles': [...route.access] }),
    requestParams: {
      ...(route.params === undefined ? {} : { path: route.params }),
      ...(route.query === undefined ? {} : { query: route.query }),
      ...(headers === undefined ? {} : { header: headers }),
    },
    ...(route.body === undefined ? {} : { requestBody: requestBodyOf(route.body) }),
    responses: responsesOf(route),
  };
}

function headerParameters(route: Route): z.ZodObject | undefined {
  const shape: Record<string, z.ZodType> = {};
  if (route.isIdempotent === true) {
    shape['Idempotency-Key'] = z.string().min(1).max(255).optional().meta({
      description: '同一键与同一请求得到同一结果 (the same key and request give the same answer)',
    });
  }
  if (route.ifMatch !== undefined) {
    const tag = z.string().meta({ description: '读取时返回的 ETag (the ETag of the record)' });
    shape['If-Match'] = route.ifMatch === 'required' ? tag : tag.optional();
  }
  return Object.keys(shape).length === 0 ? undefined : z.object(shape);
}

function requestBodyOf(body: BodySpec): NonNullable<ZodOpenApiOperationObject['requestBody']> {
  const binary = (type: string) => z.string().meta({ format: 'binary', contentMediaType: type });
  const file = binary(fileTypes(body).join(', '));
  const form = z.object({
    document: documentPart(file, body.mostFiles),
    ...(body.json === undefined ? {} : { data: body.json }),
  });
  return {
    required: body.isOptional !== true,
    content: {
      ...(body.json === undefined ? {} : { 'application/json': { schema: body.json } }),
      ...(body.pdf === undefined
        ? {}
        : {
            ...Object.fromEntries(fileTypes(body).map((type) => [type, { schema: binary(type) }])),
            'multipart/form-data': { schema: form },
          }),
    },
  };
}

/** One file, or the part repeated. */
function documentPart(file: z.ZodType, mostFiles = 1): z.ZodType {
  return mostFiles === 1 ? file : z.array(file).min(1).max(mostFiles);
}

function responsesOf(route: Route): ZodOpenApiResponsesObject {
  const { status, description, json, media } = route.success;
  const responses: Record<string, ZodOpenApiResponsesObject[`${1 | 2 | 3 | 4 | 5}${string}`]> = {};
  responses[String(status)] = {
    description,
    ...(json === undefined && media === undefined
      ? {}
      : {
          content: {
            ...(json === undefined ? {} : { 'application/json': { schema: json } }),
            ...Object.fromEntries(
              (media ?? []).map((type) => [type, { schema: { type: 'string', format: 'binary' } }]),
            ),
          },
        }),
  };
  for (const [code, codes] of problemsByStatus(route)) {
    responses[String(code)] = {
      description: codes.map((each) => `\`${each}\`: ${ERROR_TEXTS[each].titleEn}`).join('; '),
      content: problemContent,
    };
  }
  return responses;
}

/** Codes by status, those that every route can answer included. */
function problemsByStatus(route: Route): ReadonlyMap<number, readonly ErrorCode[]> {
  const codes = new Set<ErrorCode>([
    'request-invalid',
    ...(route.access === 'public' ? [] : (['unauthenticated', 'account-disabled'] as const)),
    ...(typeof route.access === 'string' ? [] : (['forbidden'] as const)),
    ...(route.body === undefined ? [] : (['request-too-large', 'media-type-unsupported'] as const)),
    ...(route.ifMatch === undefined ? [] : (['record-version-conflict'] as const)),
    ...(route.ifMatch === 'required' ? (['precondition-required'] as const) : []),
    ...(route.isIdempotent === true
      ? (['idempotency-key-reused', 'idempotency-in-flight'] as const)
      : []),
    // A cursor of nobody; only the store can tell.
    ...(route.query !== undefined && 'cursor' in route.query.shape
      ? (['input-invalid'] as const)
      : []),
    ...(route.problems ?? []),
    'rate-limited',
    'internal',
    'store-unavailable',
  ]);
  const byStatus = new Map<number, ErrorCode[]>();
  const add = (status: number, code: ErrorCode): void => {
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  };
  for (const code of codes) {
    add(PROBLEMS[code].status, code);
    if (code === 'record-version-conflict') add(412, code);
  }
  return new Map([...byStatus].sort(([a], [b]) => a - b));
}

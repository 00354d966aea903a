/** What a template asks of contract data beyond what every contract has. */
import { z } from 'zod';
import { AppError } from '../kernel/index.js';
import type { ContractData } from './contract-data.js';
import { contractDataSchema } from './contract-data-schema.js';
import { YUAN_PATTERN } from './amount.js';
import type { ContractTemplate, TemplateExtraField } from './template.js';

const TYPES = {
  text: { fits: (value) => typeof value === 'string', schema: { type: 'string' } },
  date: {
    fits: (value) => z.iso.date().safeParse(value).success,
    schema: { type: 'string', format: 'date' },
  },
  yuan: {
    fits: (value) => typeof value === 'string' && YUAN_PATTERN.test(value),
    schema: { type: 'string', pattern: YUAN_PATTERN.source },
  },
  number: { fits: (value) => typeof value === 'number', schema: { type: 'number' } },
  boolean: { fits: (value) => typeof value === 'boolean', schema: { type: 'boolean' } },
} as const satisfies Record<
  TemplateExtraField['type'],
  { readonly fits: (value: unknown) => boolean; readonly schema: Readonly<Record<string, string>> }
>;

/** @throws AppError `contract-data-invalid`, params `errors` */
export function assertTemplateData(template: ContractTemplate, data: ContractData): void {
  const missing = (template.requires ?? [])
    .filter((path) => nodeAt(data, path) === undefined)
    .map((path) => `#/${path.replaceAll('.', '/')}: 模板需要此项，数据中没有`);
  const errors = [...missing, ...extraFaults(template.fields ?? [], data.extra ?? {})];
  if (errors.length === 0) return;
  throw new AppError('contract-data-invalid', 'the data do not suit the template', {
    params: { errors },
  });
}

function extraFaults(
  fields: readonly TemplateExtraField[],
  extra: Readonly<Record<string, unknown>>,
): readonly string[] {
  const unknown = Object.keys(extra)
    .filter((key) => !fields.some((field) => field.key === key))
    .map((key) => `#/extra/${key}: 模板没有这个数据项`);
  const wrong = fields.flatMap(({ key, label, type, isRequired }) => {
    const value = extra[key];
    if (value === undefined) return isRequired === true ? [`#/extra/${key}: 缺少${label}`] : [];
    return TYPES[type].fits(value) ? [] : [`#/extra/${key}: ${label}的格式不正确`];
  });
  return [...unknown, ...wrong];
}

function nodeAt(data: ContractData, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (node, key) =>
        typeof node === 'object' && node !== null
          ? (node as Readonly<Record<string, unknown>>)[key]
          : undefined,
      data,
    );
}

interface ObjectSchema {
  properties?: Record<string, ObjectSchema>;
  required?: string[];
  [key: string]: unknown;
}

/** JSON Schema (2020-12) of the data that a contract of this template is made from. */
export function templateDataSchema(template: ContractTemplate): Readonly<Record<string, unknown>> {
  const { $defs = {} } = z.toJSONSchema(contractDataSchema, { io: 'input' });
  // A named schema stands among the definitions, and so do the named ones within it.
  const { ContractData: root, ...definitions } = $defs as Record<string, ObjectSchema>;
  if (root === undefined) throw new AppError('internal', 'contract data without a schema');
  const schema: ObjectSchema = { ...root, $defs: definitions };
  for (const path of template.requires ?? []) {
    let node: ObjectSchema = schema;
    for (const key of path.split('.')) {
      if (node.properties?.[key] === undefined) break;
      node.required = [...new Set([...(node.required ?? []), key])];
      node = node.properties[key];
    }
  }
  const fields = template.fields ?? [];
  if (schema.properties !== undefined && fields.length > 0) {
    schema.properties['extra'] = {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(
        fields.map(({ key, label, type }) => [key, { ...TYPES[type].schema, description: label }]),
      ),
      required: fields.filter(({ isRequired }) => isRequired === true).map(({ key }) => key),
    };
  }
  return { ...schema, title: template.name };
}

/**
 * A contract template: what a document says and in what order, as data. How it looks is the layout's.
 * Nothing in a template is ever executed: placeholders name values, conditions compare them.
 */
import { z } from 'zod';
import { AppError } from '../kernel/index.js';
import { jsonPointer } from './contract-data-schema.js';
import { faultsOf } from './template-faults.js';

export const CONTRACT_KINDS = [
  'goods',
  'works',
  'services',
  'framework-order',
  'supplementary',
] as const;
export type ContractKind = (typeof CONTRACT_KINDS)[number];

const path = z.string().regex(/^[a-z][A-Za-z0-9]{0,39}(\.[a-z][A-Za-z0-9]{0,39}){0,4}$/);
const words = z.string().max(4000);
const label = z.string().min(1).max(200);

/** When a part is left in; all that are given must hold. */
const condition = z.strictObject({
  present: path.exactOptional(),
  absent: path.exactOptional(),
  above: z.tuple([path, z.number()]).exactOptional(),
  equals: z.tuple([path, z.union([words, z.number(), z.boolean()])]).exactOptional(),
});

const field = z.strictObject({
  label,
  value: words,
  when: condition.exactOptional(),
});

/** Numbered within its article: 3.2. */
const clause = z.strictObject({
  kind: z.literal('clause'),
  text: words,
  when: condition.exactOptional(),
});
/** Numbered within its clause: （2）. */
const point = z.strictObject({
  kind: z.literal('point'),
  text: words,
  when: condition.exactOptional(),
});
/** A clause for each element of a list of texts. */
const clauses = z.strictObject({
  kind: z.literal('clauses'),
  each: path,
  when: condition.exactOptional(),
});
const paragraph = z.strictObject({
  kind: z.literal('paragraph'),
  text: words,
  align: z.enum(['left', 'centre', 'right']).exactOptional(),
  when: condition.exactOptional(),
});
const fields = z.strictObject({
  kind: z.literal('fields'),
  title: label.exactOptional(),
  rows: z.array(field).min(1).max(60),
  when: condition.exactOptional(),
});
const column = z.strictObject({
  title: label,
  value: words,
  /** Share of the table's width, relative to the other columns. */
  width: z.number().positive().max(1000),
  align: z.enum(['left', 'centre', 'right']),
});
const table = z.strictObject({
  kind: z.literal('table'),
  /** One row for each element; `row.` in placeholders is the element, `row.no` its number. */
  each: z.enum(['items', 'payments']),
  columns: z.array(column).min(1).max(12),
  /** Rows across the whole width at the end. */
  footer: z.array(words).max(10).exactOptional(),
  when: condition.exactOptional(),
});
const article = z.strictObject({
  kind: z.literal('article'),
  title: label,
  content: z
    .array(z.discriminatedUnion('kind', [clause, point, clauses, paragraph, fields, table]))
    .min(1)
    .max(100),
  when: condition.exactOptional(),
});
/** 第一部分, 第二部分: articles are numbered anew in each. */
const part = z.strictObject({
  kind: z.literal('part'),
  title: label,
  startsPage: z.boolean().exactOptional(),
  when: condition.exactOptional(),
});
/** The contract's own annexes, each with its text where it has one. */
const attachments = z.strictObject({ kind: z.literal('attachments') });
const cover = z.strictObject({
  kind: z.literal('cover'),
  title: label,
  subtitle: label.exactOptional(),
  rows: z.array(field).min(1).max(30),
});
const signatures = z.strictObject({
  kind: z.literal('signatures'),
  /** Stands before the places for seals, so that nothing can be added between: （以下无正文）. */
  note: words,
  parties: z
    .array(
      z.strictObject({
        role: z.enum(['buyer', 'supplier']),
        title: label,
        name: words,
        rows: z.array(field).max(20),
      }),
    )
    .length(2),
});

/** A value that the template needs and contract data have no field of their own for. */
const extraField = z.strictObject({
  /** Stands at `extra.<key>` of the data. */
  key: z.string().regex(/^[a-z][A-Za-z0-9]{0,39}$/),
  /** The Chinese term. */
  label,
  type: z.enum(['text', 'date', 'yuan', 'number', 'boolean']),
  isRequired: z.boolean().exactOptional(),
});

export const contractTemplateSchema = z
  .strictObject({
    id: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,39}$/)
      .meta({ description: '模板标识', examples: ['goods'] }),
    version: z
      .int()
      .min(1)
      .max(9999)
      .meta({ description: '版本；文字一改就加一，合同记下所用的版本 (grows with every change)' }),
    kind: z.enum(CONTRACT_KINDS).meta({ description: '合同类型' }).exactOptional(),
    name: label.meta({ description: '模板名称' }),
    nameEn: label.meta({ description: '英文名称 (name in English)' }),
    requires: z
      .array(path)
      .max(100)
      .meta({ description: '除必填项外模板还需要的数据，如 works.scope (data needed besides)' })
      .exactOptional(),
    fields: z
      .array(extraField)
      .max(100)
      .meta({ description: '模板自有的数据项，放在 extra 下 (values under extra)' })
      .exactOptional(),
    blocks: z
      .array(
        z.discriminatedUnion('kind', [
          cover,
          part,
          paragraph,
          fields,
          table,
          article,
          attachments,
          signatures,
        ]),
      )
      .min(1)
      .max(200),
  })
  .meta({ id: 'ContractTemplate', description: '合同模板：数据，不含可执行内容' });

export type ContractTemplate = z.infer<typeof contractTemplateSchema>;
export type TemplateBlock = ContractTemplate['blocks'][number];
export type TemplateCondition = z.infer<typeof condition>;
export type TemplateField = z.infer<typeof field>;
export type TemplateTable = z.infer<typeof table>;
export type TemplateExtraField = z.infer<typeof extraField>;

/** At most this many faults are listed. */
const MAX_ERRORS = 50;

/**
 * Checks a template's form, and that all it names is there to be named.
 * @throws AppError `template-invalid`, params `errors`: one `JSON pointer: what is wrong` each
 */
export function parseTemplate(value: unknown): ContractTemplate {
  const parsed = contractTemplateSchema.safeParse(value, { error: z.locales.zhCN().localeError });
  const errors = parsed.success
    ? faultsOf(parsed.data)
    : parsed.error.issues.map((issue) => `${jsonPointer(issue.path)}: ${issue.message}`);
  if (parsed.success && errors.length === 0) return parsed.data;
  throw new AppError('template-invalid', 'the template is not one', {
    params: { errors: errors.slice(0, MAX_ERRORS) },
  });
}

/** How a contract names its template: `goods@1`. */
export function templateKey(template: Pick<ContractTemplate, 'id' | 'version'>): string {
  return `${template.id}@${template.version}`;
}

/** A contract template: what a document says and in what order, as data. How it looks is the layout's. */
import { z } from 'zod';
import { AppError } from '../kernel/index.js';
import { jsonPointer } from './contract-data-schema.js';

/** When a part is left in; all that are given must hold. Paths as in placeholders. */
const condition = z.strictObject({
  present: z.string().exactOptional(),
  absent: z.string().exactOptional(),
  above: z.tuple([z.string(), z.number()]).exactOptional(),
  equals: z.tuple([z.string(), z.union([z.string(), z.number()])]).exactOptional(),
});

const field = z.strictObject({
  label: z.string(),
  value: z.string(),
  when: condition.exactOptional(),
});

const clause = z.strictObject({
  kind: z.literal('clause'),
  text: z.string(),
  when: condition.exactOptional(),
});
const paragraph = z.strictObject({
  kind: z.literal('paragraph'),
  text: z.string(),
  align: z.enum(['left', 'centre', 'right']).exactOptional(),
  when: condition.exactOptional(),
});
const fields = z.strictObject({
  kind: z.literal('fields'),
  title: z.string().exactOptional(),
  rows: z.array(field).min(1),
  when: condition.exactOptional(),
});
const column = z.strictObject({
  title: z.string(),
  value: z.string(),
  /** Share of the table's width, relative to the other columns. */
  width: z.number().positive(),
  align: z.enum(['left', 'centre', 'right']),
});
const table = z.strictObject({
  kind: z.literal('table'),
  /** One row for each element; `row.` in placeholders is the element, `row.no` its number. */
  each: z.enum(['items', 'payments']),
  columns: z.array(column).min(1).max(12),
  /** Rows across the whole width at the end. */
  footer: z.array(z.string()).exactOptional(),
  when: condition.exactOptional(),
});
const article = z.strictObject({
  kind: z.literal('article'),
  title: z.string(),
  content: z.array(z.discriminatedUnion('kind', [clause, paragraph, fields, table])).min(1),
  when: condition.exactOptional(),
});
const cover = z.strictObject({
  kind: z.literal('cover'),
  title: z.string(),
  subtitle: z.string().exactOptional(),
  rows: z.array(field).min(1),
});
const signatures = z.strictObject({
  kind: z.literal('signatures'),
  /** Stands before the places for seals, so that nothing can be added between: （以下无正文）. */
  note: z.string(),
  parties: z
    .array(
      z.strictObject({
        role: z.enum(['buyer', 'supplier']),
        title: z.string(),
        name: z.string(),
        rows: z.array(field),
      }),
    )
    .length(2),
});

export const contractTemplateSchema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/),
  /** Grows with every change of wording; a contract names the version it was made with. */
  version: z.int().min(1),
  name: z.string(),
  nameEn: z.string(),
  blocks: z
    .array(z.discriminatedUnion('kind', [cover, paragraph, fields, table, article, signatures]))
    .min(1),
});

export type ContractTemplate = z.infer<typeof contractTemplateSchema>;
export type TemplateBlock = ContractTemplate['blocks'][number];
export type TemplateCondition = z.infer<typeof condition>;
export type TemplateField = z.infer<typeof field>;
export type TemplateTable = z.infer<typeof table>;

/**
 * Checks a template's form.
 * @throws AppError `input-invalid`, params `errors`: one `JSON pointer: what is wrong` each
 */
export function parseTemplate(value: unknown): ContractTemplate {
  const parsed = contractTemplateSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AppError('input-invalid', 'the template does not match the schema', {
    params: {
      field: 'template',
      errors: parsed.error.issues.map((issue) => `${jsonPointer(issue.path)}: ${issue.message}`),
    },
  });
}

/** How a contract names its template: `goods@1`. */
export function templateKey(template: Pick<ContractTemplate, 'id' | 'version'>): string {
  return `${template.id}@${template.version}`;
}

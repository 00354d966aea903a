/** What a form is made of, as the JSON Schema of its data says: labels are the schema's descriptions. */
import type { JsonSchema } from '../api/json-schema.js';

interface Common {
  readonly key: string;
  readonly label: string;
  readonly isRequired: boolean;
}

export interface Group extends Common {
  readonly kind: 'group';
  readonly fields: readonly Field[];
}

export interface Table extends Common {
  readonly kind: 'table';
  readonly columns: readonly Field[];
}

export interface TextField extends Common {
  readonly kind: 'text';
  readonly maxLength: number | undefined;
}

/** Several of a few words. */
export interface ChoicesField extends Common {
  readonly kind: 'choices';
  readonly options: readonly string[];
}

export interface ChoiceField extends Common {
  readonly kind: 'choice';
  readonly options: readonly string[];
}

/** Always the same value; nobody fills it in. */
export interface ConstantField extends Common {
  readonly kind: 'constant';
  readonly value: string;
}

/** `lines`: a list of texts, one a line. `money`: yuan with two decimals, as text. */
export interface PlainField extends Common {
  readonly kind: 'lines' | 'money' | 'date' | 'number' | 'yes-no';
}

export type Field =
  Group | Table | TextField | ChoicesField | ChoiceField | ConstantField | PlainField;

/** How the service writes down that a text is an amount of money. */
const MONEY_PATTERN = '^(0|[1-9][0-9]{0,12})\\.[0-9]{2}$';

/** The form of a whole schema. */
export function formOf(schema: JsonSchema): Group {
  const form = fieldOf('', schema, true, schema.$defs ?? {});
  if (form.kind !== 'group') throw new TypeError('the schema is not that of an object');
  return form;
}

function fieldOf(
  key: string,
  schema: JsonSchema,
  isRequired: boolean,
  definitions: Readonly<Record<string, JsonSchema>>,
): Field {
  const said = resolved(schema, definitions);
  const common = { key, label: said.description ?? key, isRequired };
  if (said.const !== undefined) return { ...common, kind: 'constant', value: said.const };
  if (said.enum !== undefined) return { ...common, kind: 'choice', options: said.enum };
  const { type } = said;
  if (type === 'object') return { ...common, kind: 'group', fields: fieldsOf(said, definitions) };
  if (type === 'array') return { ...common, ...listOf(said, definitions) };
  if (type === 'boolean') return { ...common, kind: 'yes-no' };
  if (type === 'number' || type === 'integer') return { ...common, kind: 'number' };
  if (said.format === 'date') return { ...common, kind: 'date' };
  if (said.pattern === MONEY_PATTERN) return { ...common, kind: 'money' };
  return { ...common, kind: 'text', maxLength: said.maxLength };
}

function fieldsOf(
  { properties = {}, required = [] }: JsonSchema,
  definitions: Readonly<Record<string, JsonSchema>>,
): readonly Field[] {
  return (
    Object.entries(properties)
      .map(([key, schema]) => fieldOf(key, schema, required.includes(key), definitions))
      // Whatever a template may add, this one adds nothing.
      .filter((field) => field.kind !== 'group' || field.fields.length > 0)
  );
}

function listOf(
  schema: JsonSchema,
  definitions: Readonly<Record<string, JsonSchema>>,
): Pick<Table, 'kind' | 'columns'> | Pick<ChoicesField, 'kind' | 'options'> | { kind: 'lines' } {
  const item = resolved(schema.items ?? {}, definitions);
  if (item.type === 'object') return { kind: 'table', columns: fieldsOf(item, definitions) };
  if (item.enum !== undefined) return { kind: 'choices', options: item.enum };
  return { kind: 'lines' };
}

function resolved(
  schema: JsonSchema,
  definitions: Readonly<Record<string, JsonSchema>>,
): JsonSchema {
  const name = schema.$ref?.replace('#/$defs/', '');
  return name === undefined ? schema : { ...definitions[name], ...schema };
}

/** What is wrong with a template that has the right form: names of nothing, formats nobody knows, too many places. */
import { z } from 'zod';
import { contractDataSchema, jsonPointer } from './contract-data-schema.js';
import { COMPUTED_NAMES } from './computed-values.js';
import type { ContractTemplate } from './template.js';
import { PLACEHOLDER } from './template-text.js';

const FILTERS = ['yuan', 'capitals', 'date', 'yesno', 'or'] as const;
const TEXT_LIMIT = 200_000;

type JsonSchema = Readonly<Record<string, unknown>>;

/** Every path of contract data, and in the elements of lists under their own names. */
interface KnownPaths {
  readonly data: ReadonlySet<string>;
  readonly rows: Readonly<Record<'items' | 'payments', ReadonlySet<string>>>;
}

let known: KnownPaths | undefined;

function knownPaths(): KnownPaths {
  if (known !== undefined) return known;
  const schema = z.toJSONSchema(contractDataSchema, { io: 'input', reused: 'inline' });
  const definitions = (schema.$defs ?? {}) as Readonly<Record<string, JsonSchema>>;
  const resolved = (node: JsonSchema): JsonSchema => {
    const reference = node['$ref'];
    if (typeof reference !== 'string') return node;
    return definitions[reference.replace(/^.*\//, '')] ?? {};
  };
  const propertiesOf = (node: JsonSchema): readonly (readonly [string, JsonSchema])[] =>
    Object.entries((resolved(node)['properties'] ?? {}) as Record<string, JsonSchema>);
  const data = new Set<string>();
  const visit = (node: JsonSchema, prefix: string): void => {
    for (const [key, child] of propertiesOf(node)) {
      data.add(prefix + key);
      visit(child, `${prefix}${key}.`);
    }
  };
  visit(schema, '');
  const rowsOf = (list: string): ReadonlySet<string> => {
    const node = propertiesOf(schema).find(([key]) => key === list)?.[1];
    const element = resolved(node ?? {})['items'] as JsonSchema | undefined;
    return new Set(['no', ...propertiesOf(element ?? {}).map(([key]) => key)]);
  };
  known = { data, rows: { items: rowsOf('items'), payments: rowsOf('payments') } };
  return known;
}

/** One `JSON pointer: what is wrong` each. */
export function faultsOf(template: ContractTemplate): readonly string[] {
  const { data, rows } = knownPaths();
  const own = new Set((template.fields ?? []).map(({ key }) => `extra.${key}`));
  const faults: string[] = [];
  let characters = 0;
  const isKnown = (path: string, row: ReadonlySet<string> | undefined): boolean =>
    data.has(path) ||
    own.has(path) ||
    (path.startsWith('computed.') && COMPUTED_NAMES.has(path.slice('computed.'.length))) ||
    (path.startsWith('row.') && row?.has(path.slice('row.'.length)) === true);

  const checkText = (
    text: string,
    pointer: readonly PropertyKey[],
    row: ReadonlySet<string> | undefined,
  ): void => {
    characters += text.length;
    for (const [, path = '', filter] of text.matchAll(PLACEHOLDER)) {
      if (!isKnown(path, row)) faults.push(`${jsonPointer(pointer)}: 数据中没有 ${path}`);
      if (filter !== undefined && !FILTERS.some((each) => each === filter)) {
        faults.push(`${jsonPointer(pointer)}: 没有 ${filter} 这种格式`);
      }
    }
    if (/\{\{|\}\}/.test(text.replace(PLACEHOLDER, ''))) {
      faults.push(`${jsonPointer(pointer)}: 占位符写法不正确，应为 {{路径}} 或 {{路径|格式}}`);
    }
  };
  const visit = (
    value: unknown,
    pointer: readonly PropertyKey[],
    row: ReadonlySet<string> | undefined,
  ): void => {
    if (typeof value === 'string') checkText(value, pointer, row);
    if (typeof value !== 'object' || value === null) return;
    const node = value as Readonly<Record<string, unknown>>;
    const list = node['kind'] === 'table' ? node['each'] : undefined;
    const inner = list === 'items' || list === 'payments' ? rows[list] : row;
    for (const [key, child] of Object.entries(node)) {
      if (key === 'when') checkCondition(child, [...pointer, key]);
      // A list that clauses are made of.
      else if (key === 'each' && node['kind'] === 'clauses') checkPath(child, [...pointer, key]);
      else visit(child, [...pointer, key], inner);
    }
  };
  const checkPath = (path: unknown, pointer: readonly PropertyKey[]): void => {
    if (typeof path === 'string' && !isKnown(path, undefined)) {
      faults.push(`${jsonPointer(pointer)}: 数据中没有 ${path}`);
    }
  };
  const checkCondition = (when: unknown, pointer: readonly PropertyKey[]): void => {
    for (const [key, value] of Object.entries(when ?? {})) {
      const path: unknown = Array.isArray(value) ? value[0] : value;
      checkPath(path, [...pointer, key]);
    }
  };

  (template.requires ?? []).forEach((path, index) => checkPath(path, ['requires', index]));
  visit(template.blocks, ['blocks'], undefined);
  const keys = (template.fields ?? []).map(({ key }) => key);
  if (new Set(keys).size < keys.length) faults.push('#/fields: 数据项重名');
  if (template.blocks.filter(({ kind }) => kind === 'signatures').length !== 1) {
    faults.push('#/blocks: 须有且只有一处签署页');
  }
  for (const block of template.blocks) {
    if (block.kind === 'signatures' && block.parties[0]?.role === block.parties[1]?.role) {
      faults.push('#/blocks: 签署页须有甲乙双方');
    }
  }
  if (characters > TEXT_LIMIT) faults.push(`#/blocks: 文字超过 ${TEXT_LIMIT} 字`);
  return faults;
}

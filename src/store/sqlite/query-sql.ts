/** SQL of lists and counts. Lists of values travel as JSON, so that the texts stay few and cached. */
import type { IndexValue } from '../collection.js';
import type { Bound, Predicate, QueryShape } from '../query-shape.js';
import type { Tables } from './tables.js';

export interface Sql {
  readonly text: string;
  readonly values: readonly IndexValue[];
}

/** One page of one scope, with one row more than asked for to tell whether more follow. */
export function pageSql(tables: Tables, shape: QueryShape, scope: number, within?: number): Sql {
  const column = shape.orderBy === undefined ? undefined : columnOf(tables, shape.orderBy);
  const direction = shape.isDescending ? 'DESC' : 'ASC';
  const comparison = shape.isDescending ? '<' : '>';
  const { found, rest } = lookupOf(tables, shape.predicates);
  const clauses = [...(found === undefined ? [] : ['v.value = ?', 'r.id = v.id']), 'r.scope = ?'];
  const values: IndexValue[] = [...(found === undefined ? [] : [found.value]), scope];
  addWithin(tables, within, clauses, values);
  addPredicates(tables, rest, clauses, values);
  if (column !== undefined) clauses.push(`${column} IS NOT NULL`);
  if (shape.after?.value !== undefined && column !== undefined) {
    clauses.push(`(${column}, r.id) ${comparison} (?, ?)`);
    values.push(shape.after.value, shape.after.id);
  } else if (shape.after !== undefined) {
    clauses.push(`r.id ${comparison} ?`);
    values.push(shape.after.id);
  }
  const order = column === undefined ? [] : [`${column} ${direction}`];
  // CROSS JOIN keeps the order: the walk along the index is outside, the look-up of bodies inside.
  return {
    text: `SELECT r.id AS id, ${column ?? 'NULL'} AS position, d.body AS body
      FROM ${found === undefined ? '' : `${found.table} v CROSS JOIN `}${tables.reach} r
      CROSS JOIN ${tables.documents} d ON d.id = r.id
      WHERE ${clauses.join(' AND ')}
      ORDER BY ${[...order, `r.id ${direction}`].join(', ')} LIMIT ?`,
    values: [...values, shape.limit + 1],
  };
}

/**
 * The predicate that a page starts from where it asks for one value of a many-valued index: few
 * documents share one, so they are looked up and sorted, not met along a walk through all.
 */
function lookupOf(
  tables: Tables,
  predicates: readonly Predicate[],
): {
  readonly found: { readonly table: string; readonly value: IndexValue } | undefined;
  readonly rest: readonly Predicate[];
} {
  for (const predicate of predicates) {
    if (!predicate.many || predicate.kind !== 'in' || predicate.values.length !== 1) continue;
    const [value] = predicate.values;
    const table = tables.valueTables.get(predicate.index);
    if (value === undefined || table === undefined) continue;
    return { found: { table, value }, rest: predicates.filter((each) => each !== predicate) };
  }
  return { found: undefined, rest: predicates };
}

/** The number of documents that any of the scopes reaches. */
export function countSql(
  tables: Tables,
  predicates: readonly Predicate[],
  scopes: readonly number[],
  within?: number,
): Sql {
  const clauses: string[] = [];
  const values: IndexValue[] = [];
  const [only] = scopes;
  const isOneScope = scopes.length === 1 && only !== undefined;
  if (isOneScope) {
    clauses.push('r.scope = ?');
    values.push(only);
  } else {
    clauses.push('r.scope IN (SELECT value FROM json_each(?))');
    values.push(JSON.stringify(scopes));
  }
  addWithin(tables, within, clauses, values);
  addPredicates(tables, predicates, clauses, values);
  return {
    text: `SELECT ${isOneScope ? 'count(*)' : 'count(DISTINCT r.id)'} AS n
      FROM ${tables.reach} r WHERE ${clauses.join(' AND ')}`,
    values,
  };
}

function addWithin(
  { reach }: Tables,
  within: number | undefined,
  clauses: string[],
  values: IndexValue[],
): void {
  if (within === undefined) return;
  clauses.push(`EXISTS (SELECT 1 FROM ${reach} w WHERE w.scope = ? AND w.id = r.id)`);
  values.push(within);
}

function addPredicates(
  tables: Tables,
  predicates: readonly Predicate[],
  clauses: string[],
  values: IndexValue[],
): void {
  for (const predicate of predicates) {
    if (!predicate.many) {
      addTests(columnOf(tables, predicate.index), predicate, clauses, values);
      continue;
    }
    const tests: string[] = [];
    addTests('value', predicate, tests, values);
    const table = tables.valueTables.get(predicate.index) ?? '';
    clauses.push(`r.id IN (SELECT id FROM ${table} WHERE ${tests.join(' AND ')})`);
  }
}

function addTests(
  column: string,
  predicate: Predicate,
  clauses: string[],
  values: IndexValue[],
): void {
  if (predicate.kind === 'range') {
    clauses.push(`${column} IS NOT NULL`);
    for (const bound of predicate.bounds) addBound(column, bound, clauses, values);
  } else if (predicate.values.length === 1) {
    clauses.push(`${column} = ?`);
    values.push(...predicate.values);
  } else {
    clauses.push(`${column} IN (SELECT value FROM json_each(?))`);
    values.push(JSON.stringify(predicate.values));
  }
}

/** SQLite puts every number below every string; the empty string is the border between them. */
function addBound(column: string, bound: Bound, clauses: string[], values: IndexValue[]): void {
  clauses.push(`${column} ${bound.operator} ?`);
  values.push(bound.value);
  const isLower = bound.operator.startsWith('>');
  if (typeof bound.value === 'number' && isLower) clauses.push(`${column} < ''`);
  if (typeof bound.value === 'string' && !isLower) clauses.push(`${column} >= ''`);
}

function columnOf(tables: Tables, index: string): string {
  return `r.${tables.columns.get(index) ?? ''}`;
}

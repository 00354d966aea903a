/**
 * How a collection lies in SQLite. Three kinds of tables:
 *
 * - `doc_NAME`: the documents as JSON.
 * - `reach_NAME`: for each document one row under each of its scope keys, and one under the empty
 *   key for readers of everything, with its single-valued indexes as columns; those that nobody lists
 *   within a scope are filled under the empty key only. Every list is a walk along one index of this
 *   table, in order, within one key: a unit's page costs the same however much the province stores.
 *   Indexes hold rows with a value only: most queues of work are empty most of the time.
 * - `index_NAME__INDEX`: value and id, for unique and for many-valued indexes.
 *
 * The last two are derived: they are rebuilt from the documents when the spec changes.
 */
import type Database from 'better-sqlite3';
import type { CollectionSpec, IndexValue, StoredDocument } from '../collection.js';
import { indexesOf, specSignature, type RecordShape } from '../record-shape.js';

export const INDEX_TABLE_SEPARATOR = '__';
/** Part of every collection's signature. */
const DERIVED_LAYOUT = '@2';

/** The scope key of the rows that a reader of everything walks along. */
export const EVERYONE = '';

/** Quoted names of a collection's tables and columns. */
export interface Tables {
  readonly documents: string;
  readonly reach: string;
  /** Columns of `reach`, by single-valued index. */
  readonly columns: ReadonlyMap<string, string>;
  /** Names of those of `columns` that are filled under {@link EVERYONE} only. */
  readonly unscoped: ReadonlySet<string>;
  /** Tables of unique and many-valued indexes. */
  readonly valueTables: ReadonlyMap<string, string>;
}

export function tablesOf<T extends StoredDocument, K extends string>(
  spec: CollectionSpec<T, K>,
): Tables {
  const indexes = indexesOf(spec);
  return {
    documents: quote(`doc_${spec.name}`),
    reach: quote(`reach_${spec.name}`),
    columns: new Map(
      indexes
        .filter(([, index]) => index.many !== true)
        .map(([name]) => [name, quote(`i_${name}`)] as const),
    ),
    unscoped: new Set(
      indexes
        .filter(([, index]) => index.many !== true && index.unscoped === true)
        .map(([name]) => name),
    ),
    valueTables: new Map(
      indexes
        .filter(([, index]) => index.many === true || index.unique === true)
        .map(([name]) => [name, quote(`${valueTablePrefix(spec.name)}${name}`)] as const),
    ),
  };
}

/** What `doc_NAME.placement` holds as JSON: where the document's derived rows are. */
export interface Placement {
  readonly scope: readonly string[];
  readonly values: Readonly<Record<string, readonly IndexValue[]>>;
}

export function placementOf(record: RecordShape): string {
  const placement: Placement = {
    scope: record.scopeKeys,
    values: Object.fromEntries(record.values),
  };
  return JSON.stringify(placement);
}

/** The derived tables' cells of `record` in its row under `scopeKey`, in the order of `columns`. */
export function cellsOf(
  { columns, unscoped }: Tables,
  record: RecordShape,
  scopeKey: string,
): readonly (IndexValue | null)[] {
  return [...columns.keys()].map((name) =>
    scopeKey !== EVERYONE && unscoped.has(name) ? null : (record.values.get(name)?.[0] ?? null),
  );
}

/** Changes where derived tables must be made anew: with the spec, and with how they lie. */
export function tablesSignature<T extends StoredDocument, K extends string>(
  spec: CollectionSpec<T, K>,
): string {
  return `${specSignature(spec)} ${DERIVED_LAYOUT}`;
}

/** Makes the table of documents where it is missing. */
export function createDocumentTable(database: Database.Database, tables: Tables): void {
  database.exec(
    `CREATE TABLE IF NOT EXISTS ${tables.documents} (
       id TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL,
       placement TEXT NOT NULL, body TEXT NOT NULL)`,
  );
}

/** Drops the derived tables, whatever indexes they were made for, and makes empty ones. */
export function recreateDerivedTables<T extends StoredDocument, K extends string>(
  database: Database.Database,
  spec: CollectionSpec<T, K>,
  tables: Tables,
): void {
  const prefix = valueTablePrefix(spec.name);
  const stale = database
    .prepare(
      `SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, length(?)) = ?`,
    )
    .pluck()
    .all(prefix, prefix) as string[];
  for (const table of stale) database.exec(`DROP TABLE ${quote(table)}`);
  database.exec(`DROP TABLE IF EXISTS ${tables.reach}`);

  const columns = [...tables.columns.values()];
  database.exec(
    `CREATE TABLE ${tables.reach} (
       scope TEXT NOT NULL, id TEXT NOT NULL${columns.map((column) => `, ${column}`).join('')},
       PRIMARY KEY (scope, id)) WITHOUT ROWID`,
  );
  for (const [name, column] of tables.columns) {
    const index = spec.indexes[name as K];
    const thenBy = index.many === true ? undefined : tables.columns.get(index.thenBy ?? '');
    const order = [column, ...(thenBy === undefined ? [] : [thenBy])].join(', ');
    const indexName = quote(`by_${spec.name}${INDEX_TABLE_SEPARATOR}${name}`);
    database.exec(
      `CREATE INDEX ${indexName} ON ${tables.reach} (scope, ${order}, id)
       WHERE ${column} IS NOT NULL`,
    );
  }
  for (const [name, table] of tables.valueTables) {
    const key = spec.indexes[name as K].unique === true ? 'value' : 'value, id';
    database.exec(
      `CREATE TABLE ${table} (value NOT NULL, id TEXT NOT NULL, PRIMARY KEY (${key})) WITHOUT ROWID`,
    );
  }
}

function valueTablePrefix(collection: string): string {
  return `index_${collection}${INDEX_TABLE_SEPARATOR}`;
}

function quote(identifier: string): string {
  return `"${identifier}"`;
}

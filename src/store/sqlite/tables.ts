/**
 * How a collection lies in SQLite. Three kinds of tables:
 *
 * - `doc_NAME`: the documents as JSON.
 * - `reach_NAME`: for each document one row under the number of each of its scope keys, and one under
 *   that of readers of everything, with its single-valued indexes as columns; those that nobody lists
 *   within a scope are filled in the latter only. Every list is a walk along one index of this
 *   table, in order, within one key: a unit's page costs the same however much the province stores.
 *   Indexes hold rows with a value only: most queues of work are empty most of the time.
 * - `index_NAME__INDEX`: value and id, for unique and for many-valued indexes.
 *
 * The last two are derived: they are rebuilt from the documents when the spec changes. Where the rows of
 * a document are is not written down: the spec says it of the stored document as it did when it was written.
 */
import type Database from 'better-sqlite3';
import type { CollectionSpec, IndexValue, StoredDocument } from '../collection.js';
import { indexesOf, specSignature, type RecordShape } from '../record-shape.js';
import { EVERYONE } from './scope-numbers.js';

export const INDEX_TABLE_SEPARATOR = '__';
/** Part of every collection's signature. */
const DERIVED_LAYOUT = '@3';

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

/** The one row that holds every column, or one that holds what is listed within a scope. */
export type RowKind = 'everyone' | 'scoped';

export function rowUnder(scope: number): RowKind {
  return scope === EVERYONE ? 'everyone' : 'scoped';
}

/**
 * The derived tables' cells of `record`, in the order of `columns`.
 * @param row - As {@link rowUnder}.
 */
export function cellsOf(
  { columns, unscoped }: Tables,
  record: RecordShape,
  row: RowKind,
): readonly (IndexValue | null)[] {
  return [...columns.keys()].map((name) =>
    row === 'scoped' && unscoped.has(name) ? null : (record.values.get(name)?.[0] ?? null),
  );
}

/** Changes where derived tables must be made anew: with the spec, and with how they lie. */
export function tablesSignature<T extends StoredDocument, K extends string>(
  spec: CollectionSpec<T, K>,
): string {
  return `${specSignature(spec)} ${DERIVED_LAYOUT}`;
}

/** Makes the table of documents where it is missing, and brings an older one up to date. */
export function createDocumentTable(database: Database.Database, tables: Tables): void {
  database.exec(
    `CREATE TABLE IF NOT EXISTS ${tables.documents} (
       id TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL, body TEXT NOT NULL)`,
  );
  // Until layout 2 it was written down where a document's rows are.
  const columns = database.prepare('SELECT name FROM pragma_table_info(?)').pluck();
  if (columns.all(nameOf(tables.documents)).includes('placement')) {
    database.exec(`ALTER TABLE ${tables.documents} DROP COLUMN placement`);
  }
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
       scope INTEGER NOT NULL, id TEXT NOT NULL${columns.map((column) => `, ${column}`).join('')},
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

function nameOf(quoted: string): string {
  return quoted.slice(1, -1);
}

function quote(identifier: string): string {
  return `"${identifier}"`;
}

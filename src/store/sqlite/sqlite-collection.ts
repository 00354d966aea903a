/** One collection in SQLite. Writes go through the group commit, reads run at once. */
import type Database from 'better-sqlite3';
import { AppError } from '../../kernel/index.js';
import type {
  Collection,
  CollectionSpec,
  IndexValue,
  Page,
  Query,
  Scope,
  StoredDocument,
} from '../collection.js';
import {
  sealCursor,
  shapeQuery,
  shapeWhere,
  type Position,
  type QueryShape,
} from '../query-shape.js';
import { recordNotFound, schemaNewer, versionConflict } from '../record-errors.js';
import { compareIndexValues, isInScope, shapeRecord, type RecordShape } from '../record-shape.js';
import { countSql, pageSql, type Sql } from './query-sql.js';
import { EVERYONE, type ScopeNumbers } from './scope-numbers.js';
import { toStoreError } from './sqlite-errors.js';
import {
  cellsOf,
  createDocumentTable,
  recreateDerivedTables,
  rowUnder,
  tablesOf,
  tablesSignature,
  type Tables,
} from './tables.js';
import type { WriteQueue } from './write-queue.js';

interface PageRow {
  readonly id: string;
  readonly position: IndexValue | null;
  readonly body: string;
}

/** What all collections of one database share. */
export interface SqliteDatabase {
  readonly database: Database.Database;
  readonly queue: WriteQueue;
  readonly scopes: ScopeNumbers;
}

const MAX_STATEMENTS = 500;

export class SqliteCollection<T extends StoredDocument, K extends string> implements Collection<
  T,
  K
> {
  readonly #database: Database.Database;
  readonly #queue: WriteQueue;
  readonly #scopes: ScopeNumbers;
  readonly #spec: CollectionSpec<T, K>;
  readonly #signature: string;
  readonly #tables: Tables;
  readonly #statements = new Map<string, Database.Statement>();

  constructor({ database, queue, scopes }: SqliteDatabase, spec: CollectionSpec<T, K>) {
    this.#database = database;
    this.#queue = queue;
    this.#scopes = scopes;
    this.#spec = spec;
    this.#signature = tablesSignature(spec);
    this.#tables = tablesOf(spec);
  }

  /**
   * Makes the tables, or rebuilds the derived ones where the spec changed.
   * @returns the number of documents whose index rows were rebuilt
   * @throws AppError `store-schema-newer` where a newer release has been here
   */
  prepare(): Promise<number> {
    return this.#write(() => {
      const stored = this.#storedSignature();
      if (stored === this.#signature) return 0;
      if (stored !== undefined && revisionOf(stored) > revisionOf(this.#signature)) {
        throw schemaNewer(`collection ${this.#spec.name}`);
      }
      createDocumentTable(this.#database, this.#tables);
      recreateDerivedTables(this.#database, this.#spec, this.#tables);
      const rebuilt = this.#rebuild();
      this.#statement(
        `INSERT INTO store_collections (name, signature) VALUES (?, ?)
         ON CONFLICT (name) DO UPDATE SET signature = excluded.signature`,
      ).run(this.#spec.name, this.#signature);
      return rebuilt;
    });
  }

  get(id: string, scope: Scope): Promise<T | undefined> {
    return this.#read(() => {
      const sql = `SELECT body FROM ${this.#tables.documents} WHERE id = ?`;
      return this.#reach(this.#statement(sql).get(id), scope);
    });
  }

  getBy(index: K, value: IndexValue, scope: Scope): Promise<T | undefined> {
    return this.#read(() => {
      const table = this.#tables.valueTables.get(index);
      if (table === undefined || this.#spec.indexes[index].unique !== true) {
        throw new AppError('internal', `${this.#spec.name}.${index} is not a unique index`);
      }
      const sql = `SELECT d.body FROM ${table} v
        CROSS JOIN ${this.#tables.documents} d ON d.id = v.id WHERE v.value = ?`;
      return this.#reach(this.#statement(sql).get(value), scope);
    });
  }

  async insert(document: T): Promise<void> {
    const record = this.#shapeNew(document);
    await this.#write(() => {
      this.#assertCurrent();
      this.#insert(record);
    });
  }

  async insertAll(documents: readonly T[]): Promise<void> {
    const failure = await this.#write((): { readonly error: unknown } | undefined => {
      this.#assertCurrent();
      for (const document of documents) {
        try {
          const record = this.#shapeNew(document);
          this.#queue.attempt(() => this.#insert(record));
        } catch (error) {
          if (!this.#database.inTransaction) throw error;
          // Handed on as a value, so that what was inserted before it is committed.
          return { error };
        }
      }
      return undefined;
    });
    if (failure !== undefined) throw toStoreError(this.#spec.name, 'an insert', failure.error);
  }

  async replace(document: T): Promise<void> {
    const record = shapeRecord(this.#spec, document);
    await this.#write(() => {
      this.#assertCurrent();
      const before = this.#expectVersion(record.id, record.version - 1);
      this.#statement(
        `UPDATE ${this.#tables.documents} SET version = ?, body = ? WHERE id = ?`,
      ).run(record.version, record.body, record.id);
      this.#moveDerived(record, before);
    });
  }

  async remove(id: string, version: number): Promise<void> {
    await this.#write(() => {
      this.#assertCurrent();
      const before = this.#expectVersion(id, version);
      this.#deleteDerived(before);
      this.#statement(`DELETE FROM ${this.#tables.documents} WHERE id = ?`).run(id);
    });
  }

  find(query: Query<K>, scope: Scope): Promise<Page<T>> {
    return this.#read(() => {
      const shape = shapeQuery(this.#spec, query, scope);
      const { scopes, within } = this.#walksOf(scope);
      const rows = mergePages(
        shape,
        scopes.map((each) => this.#rows<PageRow>(pageSql(this.#tables, shape, each, within))),
      );
      const items = rows.slice(0, shape.limit);
      const last = items.at(-1);
      return {
        items: items.map((row) => JSON.parse(row.body) as T),
        nextCursor:
          rows.length > items.length && last !== undefined
            ? sealCursor(shape, positionOf(last))
            : undefined,
      };
    });
  }

  count(query: Pick<Query<K>, 'where'>, scope: Scope): Promise<number> {
    return this.#read(() => {
      const predicates = shapeWhere(this.#spec, query.where, scope);
      const { scopes, within } = this.#walksOf(scope);
      const sql = countSql(this.#tables, predicates, scopes, within);
      return this.#rows<{ n: number }>(sql)[0]?.n ?? 0;
    });
  }

  #insert(record: RecordShape): void {
    this.#statement(
      `INSERT INTO ${this.#tables.documents} (id, version, body) VALUES (?, ?, ?)`,
    ).run(record.id, record.version, record.body);
    this.#insertDerived(record);
  }

  #insertDerived(record: RecordShape): void {
    const { reach, columns, valueTables } = this.#tables;
    const columnNames = ['scope', 'id', ...columns.values()];
    const insertReach = this.#statement(
      `INSERT INTO ${reach} (${columnNames.join(', ')})
       VALUES (${columnNames.map(() => '?').join(', ')})`,
    );
    for (const scope of this.#scopesOf(record)) {
      insertReach.run(scope, record.id, ...cellsOf(this.#tables, record, rowUnder(scope)));
    }
    for (const [name, table] of valueTables) {
      this.#insertValues(table, record.id, record.values.get(name) ?? []);
    }
  }

  /** Writes only what changed: each entry of an index is a page that has to reach the disk. */
  #moveDerived(record: RecordShape, before: RecordShape): void {
    if (!isSame(before.scopeKeys, record.scopeKeys)) {
      this.#deleteDerived(before);
      this.#insertDerived(record);
      return;
    }
    const { reach, columns, unscoped, valueTables } = this.#tables;
    const valuesBefore = (name: string): readonly IndexValue[] => before.values.get(name) ?? [];
    const values = (name: string): readonly IndexValue[] => record.values.get(name) ?? [];
    const isChanged = (name: string): boolean => !isSame(valuesBefore(name), values(name));
    const changed = [...columns].filter(([name]) => isChanged(name));
    for (const scope of changed.length === 0 ? [] : this.#scopesOf(record)) {
      const here = changed.filter(([name]) => scope === EVERYONE || !unscoped.has(name));
      if (here.length === 0) continue;
      const assignments = here.map(([, column]) => `${column} = ?`).join(', ');
      const cells = here.map(([name]) => values(name)[0] ?? null);
      this.#statement(`UPDATE ${reach} SET ${assignments} WHERE scope = ? AND id = ?`).run(
        ...cells,
        scope,
        record.id,
      );
    }
    for (const [name, table] of valueTables) {
      if (!isChanged(name)) continue;
      this.#deleteValues(table, record.id, valuesBefore(name));
      this.#insertValues(table, record.id, values(name));
    }
  }

  #insertValues(table: string, id: string, values: readonly IndexValue[]): void {
    const insert = this.#statement(`INSERT INTO ${table} (value, id) VALUES (?, ?)`);
    for (const value of values) insert.run(value, id);
  }

  #deleteValues(table: string, id: string, values: readonly IndexValue[]): void {
    const remove = this.#statement(`DELETE FROM ${table} WHERE value = ? AND id = ?`);
    for (const value of values) remove.run(value, id);
  }

  #deleteDerived(record: RecordShape): void {
    const deleteReach = this.#statement(
      `DELETE FROM ${this.#tables.reach} WHERE scope = ? AND id = ?`,
    );
    for (const scope of this.#scopesOf(record)) deleteReach.run(scope, record.id);
    for (const [name, table] of this.#tables.valueTables) {
      this.#deleteValues(table, record.id, record.values.get(name) ?? []);
    }
  }

  /** The numbers of the scopes that a record has rows under. Inside a transaction. */
  #scopesOf(record: RecordShape): readonly number[] {
    return [EVERYONE, ...record.scopeKeys.map((key) => this.#scopes.assign(key))];
  }

  /** The scopes to walk under, and the one that must reach the document besides. */
  #walksOf(scope: Scope): { readonly scopes: readonly number[]; readonly within?: number } {
    if (scope.kind === 'all') return { scopes: [EVERYONE] };
    const numbers = (keys: readonly string[]): readonly number[] =>
      [...new Set(keys)].flatMap((key) => this.#scopes.find(key) ?? []);
    const scopes = numbers(scope.keys);
    if (scope.within === undefined) return { scopes };
    const [within] = numbers([scope.within]);
    return within === undefined ? { scopes: [] } : { scopes, within };
  }

  #rebuild(): number {
    const { documents } = this.#tables;
    const next = this.#statement(
      `SELECT id, body FROM ${documents} WHERE id > ? ORDER BY id LIMIT 500`,
    );
    let count = 0;
    for (let after = ''; ;) {
      const rows = next.all(after) as { readonly id: string; readonly body: string }[];
      for (const row of rows) {
        this.#insertDerived(shapeRecord(this.#spec, JSON.parse(row.body) as T));
        after = row.id;
      }
      count += rows.length;
      if (rows.length === 0) return count;
    }
  }

  #shapeNew(document: T): RecordShape {
    const record = shapeRecord(this.#spec, document);
    if (record.version !== 1) {
      throw new AppError('internal', `${this.#spec.name}: a new document has version 1`);
    }
    return record;
  }

  /** @returns the stored document */
  #expectVersion(id: string, version: number): RecordShape {
    const stored = this.#statement(
      `SELECT version, body FROM ${this.#tables.documents} WHERE id = ?`,
    ).get(id) as { readonly version: number; readonly body: string } | undefined;
    if (stored === undefined) throw recordNotFound(this.#spec.name, id);
    if (stored.version !== version) throw versionConflict(this.#spec.name, id);
    return shapeRecord(this.#spec, JSON.parse(stored.body) as T);
  }

  #reach(row: unknown, scope: Scope): T | undefined {
    if (row === undefined) return undefined;
    const document = JSON.parse((row as { readonly body: string }).body) as T;
    return isInScope(scope, this.#spec.scopeKeys(document)) ? document : undefined;
  }

  /** A process of another release may have rebuilt the tables since we opened them. */
  #assertCurrent(): void {
    if (this.#storedSignature() !== this.#signature) {
      throw schemaNewer(`collection ${this.#spec.name}`);
    }
  }

  #storedSignature(): string | undefined {
    const row = this.#statement('SELECT signature FROM store_collections WHERE name = ?').get(
      this.#spec.name,
    ) as { readonly signature: string } | undefined;
    return row?.signature;
  }

  #rows<R>({ text, values }: Sql): R[] {
    return this.#statement(text).all(...values) as R[];
  }

  #statement(text: string): Database.Statement {
    let statement = this.#statements.get(text);
    if (statement === undefined) {
      if (this.#statements.size >= MAX_STATEMENTS) this.#statements.clear();
      statement = this.#database.prepare(text);
      this.#statements.set(text, statement);
    }
    return statement;
  }

  async #write<R>(action: () => R): Promise<R> {
    try {
      return await this.#queue.run(action);
    } catch (error) {
      throw toStoreError(this.#spec.name, 'a write', error);
    }
  }

  #read<R>(action: () => R): Promise<R> {
    return Promise.resolve()
      .then(action)
      .catch((error: unknown) => {
        throw toStoreError(this.#spec.name, 'a read', error);
      });
  }
}

function isSame(a: readonly IndexValue[], b: readonly IndexValue[]): boolean {
  return a.length === b.length && a.every((value, at) => value === b[at]);
}

function revisionOf(signature: string): number {
  return Number(/^r(\d+)/.exec(signature)?.[1] ?? 0);
}

function positionOf(row: PageRow): Position {
  return { value: row.position ?? undefined, id: row.id };
}

/** Pages of several scope keys as one, a document that is reached by two keys once. */
function mergePages(shape: QueryShape, pages: readonly (readonly PageRow[])[]): PageRow[] {
  if (pages.length === 1) return [...(pages[0] ?? [])];
  const byId = new Map(pages.flat().map((row) => [row.id, row]));
  const sign = shape.isDescending ? -1 : 1;
  return [...byId.values()].sort((a, b) => {
    const order =
      a.position === null || b.position === null ? 0 : compareIndexValues(a.position, b.position);
    return sign * (order === 0 ? compareIndexValues(a.id, b.id) : order);
  });
}

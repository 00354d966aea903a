/**
 * Rows into the store's own tables, fast: without fsync or journal, in big transactions, and with the indexes over
 * them made afterwards. Whoever is interrupted here throws the file away.
 */
import Database from 'better-sqlite3';
import { ScopeNumbers } from '../../../src/store/sqlite/scope-numbers.js';

type Row = readonly (string | number | null)[];

const CACHE_KIB = 2 * 1024 * 1024;

export class BulkWriter implements Disposable {
  readonly database: Database.Database;
  readonly #inserts = new Map<string, (row: Row) => void>();
  readonly #scopes: ScopeNumbers;
  readonly #scopeNumbers = new Map<string, number>();
  readonly #indexes: readonly { readonly name: string; readonly sql: string }[];

  constructor(path: string) {
    this.database = new Database(path);
    this.database.pragma('journal_mode = OFF');
    this.database.pragma('locking_mode = EXCLUSIVE');
    this.database.pragma('threads = 2');
    this.database.pragma('synchronous = OFF');
    this.database.pragma(`cache_size = -${String(CACHE_KIB)}`);
    this.#scopes = new ScopeNumbers(this.database);
    this.#indexes = this.database
      .prepare(`SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL`)
      .all() as { readonly name: string; readonly sql: string }[];
    for (const { name } of this.#indexes) this.database.exec(`DROP INDEX "${name}"`);
  }

  /** @param rows - How many rows one call writes, with all their cells in a row. */
  insert(table: string, columns: readonly string[], rows: number): (cells: Row) => void {
    const one = `(${columns.map(() => '?').join(', ')})`;
    const sql = `INSERT INTO ${table} (${columns.join(', ')})
      VALUES ${Array.from({ length: rows }, () => one).join(', ')}`;
    let insert = this.#inserts.get(sql);
    if (insert === undefined) {
      const statement = this.database.prepare(sql);
      insert = (row) => void statement.run(row);
      this.#inserts.set(sql, insert);
    }
    return insert;
  }

  /** As the store numbers scope keys. */
  scopeNumber(key: string): number {
    const number = this.#scopeNumbers.get(key) ?? this.#scopes.assign(key);
    this.#scopeNumbers.set(key, number);
    return number;
  }

  /** Does `work` in one transaction. */
  transaction(work: () => void): void {
    this.database.transaction(work)();
  }

  /** Makes the indexes; @param progress is told of each. */
  index(progress: (name: string) => void): void {
    this.#inserts.clear();
    for (const { name, sql } of this.#indexes) {
      progress(name);
      this.database.exec(sql);
    }
  }

  [Symbol.dispose](): void {
    this.database.close();
  }
}

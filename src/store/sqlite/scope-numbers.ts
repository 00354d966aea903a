/**
 * Small numbers for scope keys, which stand in every row of what they reach. Shared by all collections of
 * a database; a number is never given to another key.
 */
import type Database from 'better-sqlite3';

/** The scope of the rows that a reader of everything walks along. */
export const EVERYONE = 0;

export class ScopeNumbers {
  readonly #database: Database.Database;
  readonly #select: Database.Statement;
  readonly #insert: Database.Statement;
  readonly #known = new Map<string, number>();

  /** On a database that has the table: {@link createScopeTable}. */
  constructor(database: Database.Database) {
    this.#database = database;
    this.#select = database.prepare('SELECT number FROM store_scopes WHERE key = ?').pluck();
    this.#insert = database.prepare('INSERT INTO store_scopes (key) VALUES (?)');
  }

  /** The number of `key`; `undefined` where it reaches nothing in this database. */
  find(key: string): number | undefined {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const number = this.#select.get(key) as number | undefined;
    // What a transaction has given may yet be taken back.
    if (number !== undefined && !this.#database.inTransaction) this.#remember(key, number);
    return number;
  }

  /** The number of `key`, given now where it has none. Inside a transaction only. */
  assign(key: string): number {
    return this.find(key) ?? Number(this.#insert.run(key).lastInsertRowid);
  }

  #remember(key: string, number: number): void {
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(key, number);
  }
}

/** Some 50,000 units and regions; a few MB. */
const MAX_KNOWN = 100_000;

export function createScopeTable(database: Database.Database): void {
  // AUTOINCREMENT: numbers rise and are not given twice.
  database.exec(
    `CREATE TABLE IF NOT EXISTS store_scopes (
       number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE)`,
  );
}

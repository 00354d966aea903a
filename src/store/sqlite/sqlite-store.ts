/** Records in one SQLite file: the store of a single unit or county, and of tests. */
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { AppError, isAppError, type Logger } from '../../kernel/index.js';
import type { Collection, CollectionSpec, RecordStore, StoredDocument } from '../collection.js';
import { schemaNewer, storeUnavailable } from '../record-errors.js';
import { checkSpec } from '../record-shape.js';
import { createScopeTable, ScopeNumbers } from './scope-numbers.js';
import { SqliteCollection, type SqliteDatabase } from './sqlite-collection.js';
import { firstMisplaced } from './derived-check.js';
import { isBusy, toStoreError } from './sqlite-errors.js';
import { tablesOf } from './tables.js';
import { WriteQueue } from './write-queue.js';

export interface SqliteStoreOptions {
  /** The database file; made where missing, in a folder that exists. */
  readonly path: string;
  readonly logger: Logger;
}

/**
 * Grows with every change of how the tables lie that an older release cannot live with; collections have
 * their own signatures.
 */
const LAYOUT = 2;
/** How long one statement blocks the event loop for a lock; longer waits are asynchronous. */
const BUSY_TIMEOUT_MS = 100;
const OPEN_ATTEMPTS = 50;
const BACKUP_STEP_PAGES = 2048;

/**
 * Opens the file in WAL mode with an fsync for every commit. Several processes may open one file.
 * @throws AppError `store-unavailable`, `store-schema-newer`
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<RecordStore> {
  for (let attempt = 1; ; attempt++) {
    let database: Database.Database | undefined;
    try {
      database = new Database(options.path, { timeout: BUSY_TIMEOUT_MS });
      configure(database);
      migrate(database);
      return new SqliteRecords(database, options.logger);
    } catch (error) {
      database?.close();
      // Changing to WAL needs the file for itself for a moment, and does not wait for it.
      if (!isBusy(error) || attempt === OPEN_ATTEMPTS) {
        throw isAppError(error) ? error : storeUnavailable('opening the database', error);
      }
      await new Promise((resolve) => setTimeout(resolve, 5 * attempt));
    }
  }
}

class SqliteRecords implements RecordStore {
  readonly #database: Database.Database;
  readonly #queue: WriteQueue;
  readonly #scopes: ScopeNumbers;
  readonly #logger: Logger;
  readonly #collections = new Map<string, Promise<SqliteCollection<never, never>>>();

  constructor(database: Database.Database, logger: Logger) {
    this.#database = database;
    this.#queue = new WriteQueue(database);
    this.#scopes = new ScopeNumbers(database);
    this.#logger = logger;
  }

  get #shared(): SqliteDatabase {
    return { database: this.#database, queue: this.#queue, scopes: this.#scopes };
  }

  async open<T extends StoredDocument, K extends string>(
    spec: CollectionSpec<T, K>,
  ): Promise<Collection<T, K>> {
    checkSpec(spec);
    let opening = this.#collections.get(spec.name);
    if (opening === undefined) {
      opening = this.#prepare(spec);
      this.#collections.set(spec.name, opening);
      opening.catch(() => this.#collections.delete(spec.name));
    }
    return opening;
  }

  async firstMisplaced<T extends StoredDocument, K extends string>(
    spec: CollectionSpec<T, K>,
  ): Promise<string | undefined> {
    await this.open(spec);
    try {
      // One read transaction: what is written meanwhile does not show as a difference.
      return this.#database.transaction(() => firstMisplaced(this.#shared, spec, tablesOf(spec)))();
    } catch (error) {
      throw toStoreError(spec.name, 'a comparison', error);
    }
  }

  async ping(): Promise<void> {
    try {
      await this.#queue.run(() => {
        this.#database.exec('UPDATE store_schema SET beat = beat + 1');
      });
    } catch (error) {
      throw toStoreError('store', 'a ping', error);
    }
  }

  async backup(path: string): Promise<void> {
    const unfinished = `${path}.part`;
    try {
      if (await stat(path).catch(() => undefined)) {
        throw new AppError('file-exists', 'the backup file exists', { params: {} });
      }
      await rm(unfinished, { force: true });
      // The connection that writes also copies: its own writes go into the copy, so it ends.
      await this.#database.backup(unfinished, { progress: () => BACKUP_STEP_PAGES });
      await syncPath(unfinished);
      await rename(unfinished, path);
      await syncPath(dirname(path));
    } catch (error) {
      await rm(unfinished, { force: true }).catch(() => undefined);
      throw isAppError(error) ? error : storeUnavailable('a backup', error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue.idle();
    this.#database.close();
  }

  async #prepare<T extends StoredDocument, K extends string>(
    spec: CollectionSpec<T, K>,
  ): Promise<SqliteCollection<never, never>> {
    const collection = new SqliteCollection(this.#shared, spec);
    const rebuilt = await collection.prepare();
    if (rebuilt > 0) {
      this.#logger.info('store-indexes-rebuilt', { collection: spec.name, documents: rebuilt });
    }
    return collection as unknown as SqliteCollection<never, never>;
  }
}

function configure(database: Database.Database): void {
  database.pragma('journal_mode = WAL');
  // The driver is built with NORMAL for WAL: commits could be lost when the power fails.
  database.pragma('synchronous = FULL');
  database.pragma('trusted_schema = OFF');
  const mode: unknown = database.pragma('journal_mode', { simple: true });
  const synchronous: unknown = database.pragma('synchronous', { simple: true });
  if (mode !== 'wal' || synchronous !== 2) {
    throw storeUnavailable('asking the database for durable commits');
  }
}

function migrate(database: Database.Database): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    database.exec(
      `CREATE TABLE IF NOT EXISTS store_schema (
         id INTEGER PRIMARY KEY CHECK (id = 1), layout INTEGER NOT NULL, beat INTEGER NOT NULL);
       CREATE TABLE IF NOT EXISTS store_collections (
         name TEXT NOT NULL PRIMARY KEY, signature TEXT NOT NULL);
       INSERT OR IGNORE INTO store_schema (id, layout, beat) VALUES (1, ${String(LAYOUT)}, 0)`,
    );
    const layout = database.prepare('SELECT layout FROM store_schema').pluck().get() as number;
    if (layout > LAYOUT) throw schemaNewer('the database');
    createScopeTable(database);
    database.prepare('UPDATE store_schema SET layout = ?').run(LAYOUT);
    database.exec('COMMIT');
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

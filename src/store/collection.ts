/**
 * The port to records. One aggregate is one document in one collection; every change is one
 * conditional write of one document, so the same code holds on SQLite, a replica set and a sharded
 * cluster, and nothing needs a multi-document transaction.
 */

/** What every stored document carries. `version` starts at 1 and grows by 1 with each write. */
export interface StoredDocument {
  readonly id: string;
  readonly version: number;
}

/** A value that can be indexed and compared; strings compare by UTF-8 bytes, so instants are stored as RFC 3339. */
export type IndexValue = string | number;

export interface IndexSpec<T> {
  /** Value to index; `undefined` leaves the document out of this index. An array indexes each element. */
  readonly of: (document: T) => IndexValue | readonly IndexValue[] | undefined;
  /** At most one document for each value. */
  readonly unique?: boolean;
}

/**
 * An aggregate's collection: declared beside its record type in the domain, opened by an adapter.
 * `K` names the indexes. Index names are stable identifiers (a-z, A-Z), used in columns and keys.
 */
export interface CollectionSpec<T extends StoredDocument, K extends string> {
  readonly name: string;
  readonly indexes: Readonly<Record<K, IndexSpec<T>>>;
  /**
   * Who may see a document: keys such as `unit:…` and `region:37`. A scoped read returns it only
   * where one of the reader's keys is among them.
   */
  readonly scopeKeys: (document: T) => readonly string[];
}

/** Whose documents a read may return; `all` is for background work and the auditor. */
export type Scope =
  { readonly kind: 'all' } | { readonly kind: 'keys'; readonly keys: readonly string[] };

export const SCOPE_ALL: Scope = { kind: 'all' };

export type Condition =
  | { readonly eq: IndexValue }
  | { readonly in: readonly IndexValue[] }
  | {
      readonly gte?: IndexValue;
      readonly gt?: IndexValue;
      readonly lte?: IndexValue;
      readonly lt?: IndexValue;
    };

export interface Query<K extends string> {
  /** All conditions must hold. Only declared indexes can be asked for: no query without an index. */
  readonly where?: Partial<Readonly<Record<K, Condition>>>;
  /** Order by this single-valued index, then by id; by id alone when absent. */
  readonly orderBy?: K;
  readonly direction?: 'asc' | 'desc';
  /** 1 to 1000. */
  readonly limit: number;
  /** Opaque position from the page before. */
  readonly cursor?: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Present where more follow. */
  readonly nextCursor: string | undefined;
}

export interface Collection<T extends StoredDocument, K extends string> {
  /** @returns `undefined` where there is none or `scope` does not reach it: the caller cannot tell which. */
  get(id: string, scope: Scope): Promise<T | undefined>;
  /** The one document with `value` in a unique index. */
  getBy(index: K, value: IndexValue, scope: Scope): Promise<T | undefined>;
  /**
   * Stores a new document; its `version` must be 1. Durable when the promise resolves.
   * @throws AppError `record-exists` (params `index`) where the id or a unique index is taken
   */
  insert(document: T): Promise<void>;
  /**
   * Replaces the document of the same id, only if the stored version is `document.version - 1`.
   * @throws AppError `record-version-conflict`, `record-not-found`, `record-exists`
   */
  replace(document: T): Promise<void>;
  /**
   * Removes the document if its version is `version`.
   * @throws AppError `record-version-conflict`, `record-not-found`
   */
  remove(id: string, version: number): Promise<void>;
  find(query: Query<K>, scope: Scope): Promise<Page<T>>;
  count(query: Pick<Query<K>, 'where'>, scope: Scope): Promise<number>;
}

/** Opens collections on one database. Opening the same spec twice returns the same collection. */
export interface RecordStore extends AsyncDisposable {
  open<T extends StoredDocument, K extends string>(
    spec: CollectionSpec<T, K>,
  ): Promise<Collection<T, K>>;
  /** A round trip that proves that reads and writes work now. @throws AppError `store-unavailable` */
  ping(): Promise<void>;
  /**
   * A consistent copy of all records in one file, while the service runs.
   * @throws AppError `unavailable` where the adapter leaves backup to the database's own tools
   */
  backup(path: string): Promise<void>;
}

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

/**
 * One index. Every document costs one entry for each of its scope keys in a single-valued index, one
 * in an `unscoped` one, and one for each value in a many-valued one.
 */
export type IndexSpec<T> = SingleIndexSpec<T> | ManyIndexSpec<T>;

export interface SingleIndexSpec<T> {
  /** Value to index; `undefined` leaves the document out of this index. */
  readonly of: (document: T) => IndexValue | undefined;
  readonly many?: false;
  /** At most one document for each value. */
  readonly unique?: boolean;
  /**
   * The single-valued index that lists filtered by one value of this one are ordered by: such a page
   * is one walk, however many documents have the value. Nothing is ordered by this one itself then.
   */
  readonly thenBy?: string;
  /** Asked for with `SCOPE_ALL` only: by background work, not by lists that somebody reads. */
  readonly unscoped?: true;
}

/**
 * An index with several values a document: a condition holds where one of them meets it. Also the
 * cheapest index of one value that is only looked up and that few documents share: what is found is
 * sorted, not walked in order.
 */
export interface ManyIndexSpec<T> {
  readonly of: (document: T) => readonly IndexValue[] | undefined;
  readonly many: true;
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
  /**
   * 1 when absent. Grow it when `of` or `scopeKeys` comes to give other values for a document that
   * is stored already: the adapter then rebuilds. Added, removed and altered index declarations are noticed alone.
   */
  readonly revision?: number;
}

/**
 * Whose documents a read may return; `all` is for background work and the auditor. Of `keys` one must
 * reach the document; `within`, where it is there, must reach it too.
 */
export type Scope =
  | { readonly kind: 'all' }
  | { readonly kind: 'keys'; readonly keys: readonly string[]; readonly within?: string };

export const SCOPE_ALL: Scope = { kind: 'all' };

/**
 * What an index's value must be. A range compares within the type of its bounds (a number is
 * neither above nor below a string); `{}` asks only that the document is in the index.
 */
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
  /**
   * Order by this single-valued index, then by id; documents outside the index are left out.
   * By id alone when absent. Numbers come before strings.
   */
  readonly orderBy?: K;
  readonly direction?: 'asc' | 'desc';
  /** 1 to 1000. */
  readonly limit: number;
  /** Only ids behind this one; for lists by id alone, upwards. */
  readonly afterId?: string;
  /**
   * Opaque position from the page before, good for the same `orderBy` and `direction`.
   * Writes between two pages neither repeat nor skip a document whose order did not change.
   */
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
   * Inserts in the order given and stops at the first failure: those before it stay, those after
   * it are not tried. One round trip, and one fsync where the adapter can.
   * @throws AppError as `insert` does
   */
  insertAll(documents: readonly T[]): Promise<void>;
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

/**
 * Opens collections on one database. Opening the same spec twice returns the same collection.
 *
 * Documents are kept as JSON: a property that is `undefined` vanishes, an amount beyond 2^53 is a
 * string. Every method that meets a broken, full or closed database throws AppError
 * `store-unavailable`; after a failed write the caller reads to learn whether it happened.
 */
export interface RecordStore extends AsyncDisposable {
  open<T extends StoredDocument, K extends string>(
    spec: CollectionSpec<T, K>,
  ): Promise<Collection<T, K>>;
  /**
   * The first document, by id, whose place in what lists are made from is not that of its own content, the empty
   * text where such places belong to no document; `undefined` where all agree. Reads everything: for whoever
   * suspects that somebody altered one without the other.
   * @throws AppError `store-unavailable`
   */
  firstMisplaced<T extends StoredDocument, K extends string>(
    spec: CollectionSpec<T, K>,
  ): Promise<string | undefined>;
  /** A round trip that proves that reads and writes work now. @throws AppError `store-unavailable` */
  ping(): Promise<void>;
  /**
   * A consistent copy of all records in one file, while the service runs.
   * @throws AppError `unavailable` where the adapter leaves backup to the database's own tools
   */
  backup(path: string): Promise<void>;
}

/** Records in memory, for tests: the same answers as the databases, by scanning. Nothing is kept. */
import { AppError } from '../../kernel/index.js';
import type {
  Collection,
  CollectionSpec,
  IndexValue,
  Page,
  Query,
  RecordStore,
  Scope,
  StoredDocument,
} from '../collection.js';
import {
  sealCursor,
  shapeQuery,
  shapeWhere,
  type Bound,
  type Position,
  type Predicate,
} from '../query-shape.js';
import {
  recordExists,
  recordNotFound,
  storeUnavailable,
  versionConflict,
} from '../record-errors.js';
import {
  checkSpec,
  compareIndexValues,
  indexesOf,
  isInScope,
  shapeRecord,
  type RecordShape,
} from '../record-shape.js';

/** An empty store. */
export function openMemoryStore(): RecordStore {
  return new MemoryStore();
}

class MemoryStore implements RecordStore {
  readonly #collections = new Map<string, MemoryCollection<never, never>>();
  #isClosed = false;

  open<T extends StoredDocument, K extends string>(
    spec: CollectionSpec<T, K>,
  ): Promise<Collection<T, K>> {
    return Promise.resolve().then(() => {
      this.#assertOpen();
      checkSpec(spec);
      const known = this.#collections.get(spec.name);
      if (known !== undefined) return known;
      const collection = new MemoryCollection(spec, () => this.#assertOpen());
      this.#collections.set(spec.name, collection as unknown as MemoryCollection<never, never>);
      return collection;
    });
  }

  /** Nobody reaches a place in memory but by its document. */
  firstMisplaced(): Promise<undefined> {
    return Promise.resolve().then(() => {
      this.#assertOpen();
      return undefined;
    });
  }

  ping(): Promise<void> {
    return Promise.resolve().then(() => this.#assertOpen());
  }

  backup(): Promise<void> {
    return Promise.reject(new AppError('unavailable', 'a store in memory has no backup'));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  #assertOpen(): void {
    if (this.#isClosed) throw storeUnavailable('an access after closing');
  }
}

class MemoryCollection<T extends StoredDocument, K extends string> implements Collection<T, K> {
  readonly #spec: CollectionSpec<T, K>;
  readonly #assertOpen: () => void;
  readonly #records = new Map<string, RecordShape>();

  constructor(spec: CollectionSpec<T, K>, assertOpen: () => void) {
    this.#spec = spec;
    this.#assertOpen = assertOpen;
  }

  get(id: string, scope: Scope): Promise<T | undefined> {
    return this.#run(() => this.#reach(this.#records.get(id), scope));
  }

  getBy(index: K, value: IndexValue, scope: Scope): Promise<T | undefined> {
    return this.#run(() => {
      assertUnique(this.#spec, index);
      for (const record of this.#records.values()) {
        if (record.values.get(index)?.includes(value) === true) return this.#reach(record, scope);
      }
      return undefined;
    });
  }

  insert(document: T): Promise<void> {
    return this.#run(() => this.#insert(document));
  }

  insertAll(documents: readonly T[]): Promise<void> {
    return this.#run(() => {
      for (const document of documents) this.#insert(document);
    });
  }

  replace(document: T): Promise<void> {
    return this.#run(() => {
      const record = shapeRecord(this.#spec, document);
      this.#expectVersion(record.id, record.version - 1);
      this.#assertFree(record);
      this.#records.set(record.id, record);
    });
  }

  remove(id: string, version: number): Promise<void> {
    return this.#run(() => {
      this.#expectVersion(id, version);
      this.#records.delete(id);
    });
  }

  find(query: Query<K>, scope: Scope): Promise<Page<T>> {
    return this.#run(() => {
      const shape = shapeQuery(this.#spec, query, scope);
      const { orderBy, after } = shape;
      const positionOf = (record: RecordShape): Position => ({
        value: orderBy === undefined ? undefined : record.values.get(orderBy)?.[0],
        id: record.id,
      });
      const sign = shape.isDescending ? -1 : 1;
      const found = this.#matching(shape.predicates, scope)
        .map((record) => ({ record, position: positionOf(record) }))
        .filter(({ position }) => orderBy === undefined || position.value !== undefined)
        .filter(
          ({ position }) => after === undefined || sign * comparePositions(position, after) > 0,
        )
        .sort((a, b) => sign * comparePositions(a.position, b.position));
      const items = found.slice(0, shape.limit);
      const last = items.at(-1);
      return {
        items: items.map(({ record }) => parse(record) as T),
        nextCursor:
          found.length > items.length && last !== undefined
            ? sealCursor(shape, last.position)
            : undefined,
      };
    });
  }

  count(query: Pick<Query<K>, 'where'>, scope: Scope): Promise<number> {
    return this.#run(
      () => this.#matching(shapeWhere(this.#spec, query.where, scope), scope).length,
    );
  }

  #matching(predicates: readonly Predicate[], scope: Scope): RecordShape[] {
    return [...this.#records.values()].filter(
      (record) =>
        isInScope(scope, record.scopeKeys) &&
        predicates.every((predicate) =>
          (record.values.get(predicate.index) ?? []).some((value) => meets(value, predicate)),
        ),
    );
  }

  #insert(document: T): void {
    const record = shapeRecord(this.#spec, document);
    if (record.version !== 1) {
      throw new AppError('internal', `${this.#spec.name}: a new document has version 1`);
    }
    if (this.#records.has(record.id)) throw recordExists(this.#spec.name, 'id');
    this.#assertFree(record);
    this.#records.set(record.id, record);
  }

  #expectVersion(id: string, version: number): void {
    const stored = this.#records.get(id);
    if (stored === undefined) throw recordNotFound(this.#spec.name, id);
    if (stored.version !== version) throw versionConflict(this.#spec.name, id);
  }

  #assertFree(record: RecordShape): void {
    for (const [name, index] of indexesOf(this.#spec)) {
      if (index.unique !== true) continue;
      const taken = record.values.get(name) ?? [];
      for (const other of this.#records.values()) {
        if (other.id === record.id) continue;
        if (other.values.get(name)?.some((value) => taken.includes(value)) === true) {
          throw recordExists(this.#spec.name, name);
        }
      }
    }
  }

  #reach(record: RecordShape | undefined, scope: Scope): T | undefined {
    if (record === undefined || !isInScope(scope, record.scopeKeys)) return undefined;
    return parse(record) as T;
  }

  #run<R>(action: () => R): Promise<R> {
    return Promise.resolve().then(() => {
      this.#assertOpen();
      return action();
    });
  }
}

function parse(record: RecordShape): unknown {
  return JSON.parse(record.body);
}

function assertUnique<T extends StoredDocument, K extends string>(
  spec: CollectionSpec<T, K>,
  index: K,
): void {
  if (!Object.hasOwn(spec.indexes, index) || spec.indexes[index].unique !== true) {
    throw new AppError('internal', `${spec.name}.${index} is not a unique index`);
  }
}

function meets(value: IndexValue, predicate: Predicate): boolean {
  if (predicate.kind === 'in') return predicate.values.includes(value);
  return predicate.bounds.every((bound) => isWithin(value, bound));
}

function isWithin(value: IndexValue, { operator, value: limit }: Bound): boolean {
  if (typeof value !== typeof limit) return false;
  const order = compareIndexValues(value, limit);
  switch (operator) {
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
  }
}

function comparePositions(a: Position, b: Position): number {
  if (a.value !== undefined && b.value !== undefined) {
    const order = compareIndexValues(a.value, b.value);
    if (order !== 0) return order;
  }
  return compareIndexValues(a.id, b.id);
}

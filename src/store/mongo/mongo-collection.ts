/** One collection in MongoDB: single-document atomic writes, conditioned on the version. */
import type { Model } from 'mongoose';
import { AppError, type Logger } from '../../kernel/index.js';
import type {
  Collection,
  CollectionSpec,
  IndexValue,
  Page,
  Query,
  Scope,
  StoredDocument,
} from '../collection.js';
import { sealCursor, shapeQuery, shapeWhere } from '../query-shape.js';
import { recordNotFound, versionConflict } from '../record-errors.js';
import { indexesOf, shapeRecord, specSignature } from '../record-shape.js';
import { toStoreError } from './mongo-errors.js';
import { filterOf, pageFilter, scopeFilter } from './mongo-filter.js';
import { EVERYONE, isOwnIndex, mongoIndexesOf, pathOf } from './mongo-indexes.js';

/** A document as MongoDB keeps it. The JSON is a string: no property name or number is altered. */
export interface MongoRecord {
  readonly _id: string;
  readonly version: number;
  readonly body: string;
  /** The document's scope keys, and the key of those who read everything. */
  readonly scope: readonly string[];
  /** Values of the indexes; absent where the document is not in one. */
  readonly idx: Readonly<Record<string, IndexValue | readonly IndexValue[]>>;
  /** Signature of the spec that `scope` and `idx` were made by. */
  readonly spec: string;
}

const REBUILD_BATCH = 200;

export class MongoCollection<T extends StoredDocument, K extends string> implements Collection<
  T,
  K
> {
  readonly #model: Model<MongoRecord>;
  readonly #spec: CollectionSpec<T, K>;
  readonly #signature: string;

  constructor(model: Model<MongoRecord>, spec: CollectionSpec<T, K>) {
    this.#model = model;
    this.#spec = spec;
    this.#signature = specSignature(spec);
  }

  /**
   * Drops indexes that the spec no longer has, places documents that an older spec placed, makes
   * new indexes. Several processes may do so at once.
   */
  prepare(logger: Logger): Promise<void> {
    return this.#guard('preparing indexes', async () => {
      const wanted = mongoIndexesOf(this.#spec);
      await this.#model.createCollection();
      const present = (await this.#model.listIndexes()) as readonly { readonly name: string }[];
      for (const { name } of present) {
        const isStale = isOwnIndex(name) && !wanted.some((index) => index.name === name);
        if (isStale) await this.#model.collection.dropIndex(name);
      }
      const rebuilt = await this.#rebuild();
      await this.#model.collection.createIndexes(
        wanted.map(({ name, key, unique, sparse }) => ({
          name,
          key,
          ...(unique === undefined ? {} : { unique }),
          ...(sparse === undefined ? {} : { sparse }),
        })),
      );
      if (rebuilt > 0) {
        logger.info('store-indexes-rebuilt', { collection: this.#spec.name, documents: rebuilt });
      }
    });
  }

  get(id: string, scope: Scope): Promise<T | undefined> {
    return this.#guard('a read', () =>
      this.#one({ $and: [{ _id: { $eq: id } }, scopeFilter(scope)] }),
    );
  }

  getBy(index: K, value: IndexValue, scope: Scope): Promise<T | undefined> {
    return this.#guard('a read', () => {
      if (!Object.hasOwn(this.#spec.indexes, index) || !this.#spec.indexes[index].unique) {
        throw new AppError('internal', `${this.#spec.name}.${index} is not a unique index`);
      }
      return this.#one({ $and: [{ [pathOf(index)]: { $eq: value } }, scopeFilter(scope)] });
    });
  }

  insert(document: T): Promise<void> {
    return this.#guard('an insert', async () => {
      await this.#model.insertMany([this.#recordOf(document, true)]);
    });
  }

  insertAll(documents: readonly T[]): Promise<void> {
    return this.#guard('an insert', async () => {
      if (documents.length === 0) return;
      await this.#model.insertMany(
        documents.map((document) => this.#recordOf(document, true)),
        { ordered: true },
      );
    });
  }

  replace(document: T): Promise<void> {
    return this.#guard('a replace', async () => {
      const record = this.#recordOf(document, false);
      const result = await this.#model.replaceOne(
        { _id: record._id, version: record.version - 1 },
        record,
      );
      if (result.matchedCount === 0) throw await this.#whyNot(record._id);
    });
  }

  remove(id: string, version: number): Promise<void> {
    return this.#guard('a removal', async () => {
      const result = await this.#model.deleteOne({ _id: id, version });
      if (result.deletedCount === 0) throw await this.#whyNot(id);
    });
  }

  find(query: Query<K>, scope: Scope): Promise<Page<T>> {
    return this.#guard('a read', async () => {
      const shape = shapeQuery(this.#spec, query, scope);
      const { orderBy } = shape;
      const direction = shape.isDescending ? -1 : 1;
      const records = await this.#model
        .find(pageFilter(shape, scope))
        .sort({
          ...(orderBy === undefined ? {} : { [pathOf(orderBy)]: direction }),
          _id: direction,
        })
        .limit(shape.limit + 1)
        .lean<MongoRecord[]>();
      const items = records.slice(0, shape.limit);
      const last = items.at(-1);
      const hasMore = records.length > items.length && last !== undefined;
      return {
        items: items.map(({ body }) => JSON.parse(body) as T),
        nextCursor: hasMore
          ? sealCursor(shape, {
              value: orderBy === undefined ? undefined : (last.idx[orderBy] as IndexValue),
              id: last._id,
            })
          : undefined,
      };
    });
  }

  count(query: Pick<Query<K>, 'where'>, scope: Scope): Promise<number> {
    return this.#guard('a read', () =>
      this.#model.countDocuments(filterOf(shapeWhere(this.#spec, query.where, scope), scope)),
    );
  }

  /** As the port says; what belongs to no document cannot be, since all of one is one document. */
  firstMisplaced(): Promise<string | undefined> {
    return this.#guard('a comparison', async () => {
      for (let after = ''; ;) {
        const records = await this.#model
          .find({ _id: { $gt: after } })
          .sort({ _id: 1 })
          .limit(REBUILD_BATCH)
          .lean<MongoRecord[]>();
        for (const record of records) {
          const { _id, version, body, scope, idx, spec } = record;
          const own = this.#recordOf(JSON.parse(body) as T, false);
          const found: MongoRecord = { _id, version, body: own.body, scope, idx, spec };
          if (JSON.stringify(found) !== JSON.stringify(own)) return _id;
          after = _id;
        }
        if (records.length < REBUILD_BATCH) return undefined;
      }
    });
  }

  async #one(filter: Record<string, unknown>): Promise<T | undefined> {
    const record = await this.#model.findOne(filter).lean<MongoRecord | null>();
    return record === null ? undefined : (JSON.parse(record.body) as T);
  }

  async #whyNot(id: string): Promise<AppError> {
    const isThere = (await this.#model.exists({ _id: id })) !== null;
    return isThere ? versionConflict(this.#spec.name, id) : recordNotFound(this.#spec.name, id);
  }

  #recordOf(document: T, isNew: boolean): MongoRecord {
    const shape = shapeRecord(this.#spec, document);
    if (isNew && shape.version !== 1) {
      throw new AppError('internal', `${this.#spec.name}: a new document has version 1`);
    }
    const idx: Record<string, IndexValue | readonly IndexValue[]> = {};
    for (const [name, index] of indexesOf(this.#spec)) {
      const values = shape.values.get(name) ?? [];
      const [value] = values;
      if (value !== undefined) idx[name] = index.many === true ? values : value;
    }
    return {
      _id: shape.id,
      version: shape.version,
      body: shape.body,
      scope: [EVERYONE, ...shape.scopeKeys],
      idx,
      spec: this.#signature,
    };
  }

  /** @returns the number of documents placed anew */
  async #rebuild(): Promise<number> {
    let count = 0;
    for (let after = ''; ;) {
      const records = await this.#model
        .find({ _id: { $gt: after }, spec: { $ne: this.#signature } })
        .sort({ _id: 1 })
        .limit(REBUILD_BATCH)
        .lean<MongoRecord[]>();
      for (const { _id, version, body } of records) {
        const { scope, idx, spec } = this.#recordOf(JSON.parse(body) as T, false);
        // Where the version moved on, its writer has placed the document.
        await this.#model.updateOne({ _id, version }, { $set: { scope, idx, spec } });
        after = _id;
      }
      count += records.length;
      if (records.length === 0) return count;
    }
  }

  async #guard<R>(during: string, action: () => R | Promise<R>): Promise<R> {
    try {
      return await action();
    } catch (error) {
      throw toStoreError(this.#spec.name, during, error);
    }
  }
}

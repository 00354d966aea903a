/**
 * Records in MongoDB, for many processes: a replica set or a sharded cluster, by mongoose.
 *
 * A write is acknowledged when a majority of the members has it in the journal; reads see
 * majority-committed documents of the primary.
 */
import mongoose, { type Connection, type Model } from 'mongoose';
import { AppError, isAppError, type Logger } from '../../kernel/index.js';
import type { Collection, CollectionSpec, RecordStore, StoredDocument } from '../collection.js';
import { schemaNewer, storeUnavailable } from '../record-errors.js';
import { checkSpec, specSignature } from '../record-shape.js';
import { MongoCollection, type MongoRecord } from './mongo-collection.js';

export interface MongoStoreOptions {
  /** `mongodb://` or `mongodb+srv://`, with the database's name; may hold a password. */
  readonly uri: string;
  readonly logger: Logger;
}

/** What the store knows of itself: spec signatures by collection, and the beat of pings. */
interface StateRecord {
  readonly _id: string;
  readonly signature?: string;
  readonly beat?: number;
}

const SERVER_SELECTION_TIMEOUT_MS = 5_000;
const SOCKET_TIMEOUT_MS = 30_000;

const RECORD_SCHEMA = new mongoose.Schema<MongoRecord>(
  {
    _id: String,
    version: Number,
    body: String,
    scope: [String],
    idx: mongoose.Schema.Types.Mixed,
    spec: String,
  },
  { versionKey: false, minimize: false, autoIndex: false, autoCreate: false },
);

const STATE_SCHEMA = new mongoose.Schema<StateRecord>(
  { _id: String, signature: String, beat: Number },
  { versionKey: false, autoIndex: false, autoCreate: false },
);

/** @throws AppError `store-unavailable` where no server answers */
export async function openMongoStore(options: MongoStoreOptions): Promise<RecordStore> {
  const connection = mongoose.createConnection();
  try {
    await connection.openUri(options.uri, {
      appName: 'qianyin',
      bufferCommands: false,
      autoIndex: false,
      autoCreate: false,
      serverSelectionTimeoutMS: SERVER_SELECTION_TIMEOUT_MS,
      socketTimeoutMS: SOCKET_TIMEOUT_MS,
      readPreference: 'primary',
      readConcern: { level: 'majority' },
      writeConcern: { w: 'majority', journal: true },
    });
  } catch (error) {
    await connection.close(true).catch(() => undefined);
    throw storeUnavailable('connecting to MongoDB', error);
  }
  return new MongoStore(connection, options.logger);
}

class MongoStore implements RecordStore {
  readonly #connection: Connection;
  readonly #logger: Logger;
  readonly #state: Model<StateRecord>;
  readonly #collections = new Map<string, Promise<MongoCollection<never, never>>>();

  constructor(connection: Connection, logger: Logger) {
    this.#connection = connection;
    this.#logger = logger;
    this.#state = connection.model<StateRecord>('store_state', STATE_SCHEMA, 'store_state');
    connection.on('disconnected', () => logger.warn('store-disconnected'));
    connection.on('connected', () => logger.info('store-connected'));
    connection.on('error', (error: unknown) => logger.error('store-failed', { error }));
  }

  open<T extends StoredDocument, K extends string>(
    spec: CollectionSpec<T, K>,
  ): Promise<Collection<T, K>> {
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
    return this.#collections.get(spec.name)?.then((collection) => collection.firstMisplaced());
  }

  async ping(): Promise<void> {
    try {
      await this.#state.updateOne({ _id: 'ping' }, { $inc: { beat: 1 } }, { upsert: true });
    } catch (error) {
      throw storeUnavailable('a ping', error);
    }
  }

  backup(): Promise<void> {
    return Promise.reject(
      new AppError('unavailable', 'MongoDB is backed up with its own tools (mongodump, snapshots)'),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close();
  }

  async #prepare<T extends StoredDocument, K extends string>(
    spec: CollectionSpec<T, K>,
  ): Promise<MongoCollection<never, never>> {
    checkSpec(spec);
    const model = this.#connection.model<MongoRecord>(spec.name, RECORD_SCHEMA, spec.name);
    const collection = new MongoCollection(model, spec);
    try {
      const signature = specSignature(spec);
      const known = await this.#state.findById(spec.name).lean<StateRecord | null>();
      if (known?.signature !== undefined && revisionOf(known.signature) > (spec.revision ?? 1)) {
        throw schemaNewer(`collection ${spec.name}`);
      }
      if (known?.signature !== signature) {
        await collection.prepare(this.#logger);
        await this.#state.updateOne({ _id: spec.name }, { $set: { signature } }, { upsert: true });
      }
    } catch (error) {
      this.#connection.deleteModel(spec.name);
      throw isAppError(error) ? error : storeUnavailable('opening a collection', error);
    }
    return collection as unknown as MongoCollection<never, never>;
  }
}

function revisionOf(signature: string): number {
  return Number(/^r(\d+)/.exec(signature)?.[1] ?? 0);
}

/**
 * The append-only log: gap-free, each entry bound to the one before and to a Merkle tree over all.
 * Several processes may append; the store's unique ids decide who comes next.
 */
import { AppError, isAppError, toBase64, toHex, toRfc3339, type Clock } from '../kernel/index.js';
import { SCOPE_ALL, type Collection, type Page, type Query, type Scope } from '../store/index.js';
import {
  checkpointDigest,
  checkpointMessage,
  type AuditCheckpoint,
  type AuditCheckpointIndex,
  type CheckpointStatement,
  type CheckpointVerifier,
} from './checkpoint.js';
import { entryId, type AuditEntry, type AuditEntryIndex } from './entry.js';
import type { AuditEvent } from './event.js';
import { EMPTY_HEAD, follow, type Head } from './head.js';
import {
  consistencyProof,
  inclusionProof,
  treeRoot,
  type Hash,
  type SubtreeReader,
} from './merkle.js';
import {
  checkpointFault,
  entryFault,
  hashOf,
  verifyLog,
  type AuditVerification,
  type KeptCheckpoints,
} from './verify-log.js';

/** Signs checkpoints. */
export interface CheckpointKey extends CheckpointVerifier {
  readonly keyId: string;
  sign(message: Uint8Array): Uint8Array;
}

export interface AuditLogOptions {
  readonly entries: Collection<AuditEntry, AuditEntryIndex>;
  readonly checkpoints: Collection<AuditCheckpoint, AuditCheckpointIndex>;
  readonly key: CheckpointKey;
  readonly clock: Clock;
}

export interface AuditLog {
  /**
   * Appends events in order, each once whatever happens: an event whose id is there is skipped.
   * Durable when the promise resolves. Calls that wait at the same time share one write.
   * @throws AppError `audit-unavailable`
   */
  append(events: readonly AuditEvent[]): Promise<void>;
  find(query: Query<AuditEntryIndex>, scope: Scope): Promise<Page<AuditEntry>>;
  size(): Promise<number>;
  /** The entry, where `scope` reaches it. */
  entry(seq: number, scope: Scope): Promise<AuditEntry | undefined>;
  entryOf(eventId: string): Promise<AuditEntry | undefined>;
  /**
   * Signs the present root and keeps the statement; the last one where the log has not grown since.
   * @throws AppError `audit-unavailable`, `audit-corrupt` where the log no longer is what the last
   *   checkpoint says
   */
  checkpoint(): Promise<AuditCheckpoint>;
  lastCheckpoint(): Promise<AuditCheckpoint | undefined>;
  /**
   * The oldest checkpoint of a log that holds entry `seq`, so that who asks later gets the same; one
   * is made where there is none.
   * @throws AppError as {@link AuditLog.checkpoint}; `audit-unavailable` where there is no such entry
   */
  checkpointCovering(seq: number): Promise<AuditCheckpoint>;
  /** `listener` is waited for with each checkpoint that is made here, before it is handed out. */
  onCheckpoint(listener: () => Promise<void>): void;
  /** The newest checkpoint of exactly that size. */
  checkpointOfSize(size: number): Promise<AuditCheckpoint | undefined>;
  checkpoints(limit: number, cursor?: string): Promise<Page<AuditCheckpoint>>;
  /** Those after `number`, in order. */
  checkpointsAfter(number: number, limit: number): Promise<readonly AuditCheckpoint[]>;
  /**
   * Looks whether the log still begins with what a checkpoint says of it; a few reads.
   * @throws AppError `audit-corrupt`, params `checkpoint`, `what`: `rolled-back`
   */
  assertContinues(checkpoint: CheckpointStatement): Promise<void>;
  /** Hex hashes. @throws AppError `input-invalid` */
  inclusionProof(seq: number, size: number): Promise<readonly string[]>;
  consistencyProof(oldSize: number, size: number): Promise<readonly string[]>;
  /**
   * Reads the whole log and every checkpoint, and those kept outside.
   * @throws AppError `audit-corrupt`, as `verifyLog`
   */
  verify(kept?: KeptCheckpoints): Promise<AuditVerification>;
}

export function createAuditLog(options: AuditLogOptions): AuditLog {
  return new CollectionAuditLog(options);
}

const MAX_CONTENTION = 200;
/** Events that share one write; more wait for the next. */
const MAX_BATCH = 256;

/** A call of `append` that waits. */
interface Append {
  readonly events: readonly AuditEvent[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

class CollectionAuditLog implements AuditLog {
  readonly #options: AuditLogOptions;
  #head: Head | undefined;
  #waiting: Append[] = [];
  #draining: Promise<void> | undefined;
  readonly #listeners: (() => Promise<void>)[] = [];
  #nextCheckpoint: Promise<AuditCheckpoint> | undefined;

  constructor(options: AuditLogOptions) {
    this.#options = options;
  }

  append(events: readonly AuditEvent[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ events, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  /** One batch after the other within a process; between processes the store decides. */
  async #drain(): Promise<void> {
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch: Append[] = [];
      for (let count = 0; count < MAX_BATCH && this.#waiting.length > 0;) {
        const next = this.#waiting.shift();
        if (next === undefined) break;
        batch.push(next);
        count += next.events.length;
      }
      await this.#settle(batch);
    }
    this.#draining = undefined;
  }

  async #settle(batch: readonly Append[]): Promise<void> {
    try {
      await this.#appendAll(batch.flatMap(({ events }) => events));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      const isAllRefused = isAppError(error, 'store-unavailable', 'audit-corrupt');
      if (batch.length > 1 && !isAllRefused) {
        // One caller's event that cannot be kept is no fault of the others.
        for (const alone of batch) await this.#settle([alone]);
        return;
      }
      const failure = isAppError(error, 'audit-corrupt', 'audit-unavailable')
        ? error
        : new AppError('audit-unavailable', 'the log cannot be written', { cause: error });
      for (const { reject } of batch) reject(failure);
    }
  }

  async #appendAll(events: readonly AuditEvent[]): Promise<void> {
    const { entries } = this.#options;
    let missing = [...new Map(events.map((event) => [event.id, event])).values()];
    for (let tries = 0; tries < MAX_CONTENTION; tries++) {
      let head = (this.#head ??= await this.#loadHead());
      const added: AuditEntry[] = [];
      for (const event of missing) {
        const next = follow(head, event);
        added.push(next.entry);
        head = next.head;
      }
      // Unless all is well, what is there is read again.
      this.#head = undefined;
      try {
        await entries.insertAll(added);
        this.#head = head;
        return;
      } catch (error) {
        if (!isAppError(error, 'record-exists')) throw error;
      }
      // Another process took the place, or some of the events are there already.
      missing = await this.#notYetThere(missing);
    }
    throw new AppError('audit-unavailable', 'too many writers');
  }

  async #notYetThere(events: readonly AuditEvent[]): Promise<AuditEvent[]> {
    const missing: AuditEvent[] = [];
    for (const event of events) {
      const entry = await this.#options.entries.getBy('eventId', event.id, SCOPE_ALL);
      if (entry === undefined) missing.push(event);
    }
    return missing;
  }

  async #loadHead(): Promise<Head> {
    const last = await this.#last();
    if (last === undefined) return EMPTY_HEAD;
    const frontier = new Map<number, Hash>();
    // The left neighbours that the next leaves will need: one subtree for each bit of the size.
    for (let level = 0, end = last.seq; end > 0; level++) {
      if (Math.floor(last.seq / 2 ** level) % 2 === 1) {
        frontier.set(level, await this.#subtree(level, end - 1));
        end -= 2 ** level;
      }
    }
    return { seq: last.seq, hash: last.hash, frontier };
  }

  async #last(): Promise<AuditEntry | undefined> {
    const page = await this.#options.entries.find({ direction: 'desc', limit: 1 }, SCOPE_ALL);
    return page.items[0];
  }

  readonly #subtree: SubtreeReader = async (level, last) => {
    const entry = await this.#options.entries.get(entryId(last + 1), SCOPE_ALL);
    const hex = level === 0 ? entry?.hash : entry?.subtrees[level - 1];
    if (hex === undefined) throw entryFault(last + 1, 'missing');
    return hashOf(hex, last + 1);
  };

  find(query: Query<AuditEntryIndex>, scope: Scope): Promise<Page<AuditEntry>> {
    return this.#options.entries.find(query, scope);
  }

  async size(): Promise<number> {
    return (await this.#last())?.seq ?? 0;
  }

  entry(seq: number, scope: Scope): Promise<AuditEntry | undefined> {
    return this.#options.entries.get(entryId(seq), scope);
  }

  entryOf(eventId: string): Promise<AuditEntry | undefined> {
    return this.#options.entries.getBy('eventId', eventId, SCOPE_ALL);
  }

  async checkpoint(): Promise<AuditCheckpoint> {
    const { checkpoints, key, clock } = this.#options;
    for (let tries = 0; tries < MAX_CONTENTION; tries++) {
      const last = await this.lastCheckpoint();
      const size = await this.size();
      if (last !== undefined) {
        await this.assertContinues(last);
        if (last.size === size) return last;
      }
      const number = (last?.number ?? 0) + 1;
      const statement: CheckpointStatement = {
        number,
        previous: checkpointDigest(last),
        size,
        rootHash: toHex(await treeRoot(this.#subtree, size)),
        at: toRfc3339(clock.now()),
      };
      const checkpoint: AuditCheckpoint = {
        id: entryId(number),
        version: 1,
        ...statement,
        signature: toBase64(key.sign(checkpointMessage(statement))),
        keyId: key.keyId,
      };
      try {
        await checkpoints.insert(checkpoint);
      } catch (error) {
        // Another process made this one: the next look finds it.
        if (!isAppError(error, 'record-exists')) throw error;
        continue;
      }
      for (const listener of this.#listeners) await listener();
      return checkpoint;
    }
    throw new AppError('audit-unavailable', 'too many checkpoints at once');
  }

  async checkpointCovering(seq: number): Promise<AuditCheckpoint> {
    const covering = async (): Promise<AuditCheckpoint | undefined> => {
      const query = { where: { size: { gte: seq } }, orderBy: 'size', limit: 1 } as const;
      return (await this.#options.checkpoints.find(query, SCOPE_ALL)).items[0];
    };
    const known = await covering();
    if (known !== undefined) return known;
    // Those who ask meanwhile share the next one.
    this.#nextCheckpoint ??= Promise.resolve().then(() => {
      this.#nextCheckpoint = undefined;
      return this.checkpoint();
    });
    await this.#nextCheckpoint;
    const made = await covering();
    if (made === undefined) throw new AppError('audit-unavailable', `there is no entry ${seq}`);
    return made;
  }

  onCheckpoint(listener: () => Promise<void>): void {
    this.#listeners.push(listener);
  }

  async lastCheckpoint(): Promise<AuditCheckpoint | undefined> {
    return (await this.#checkpoints({ direction: 'desc', limit: 1 })).items[0];
  }

  async checkpointOfSize(size: number): Promise<AuditCheckpoint | undefined> {
    const where = { size: { eq: size } };
    return (await this.#checkpoints({ where, direction: 'desc', limit: 1 })).items[0];
  }

  checkpoints(limit: number, cursor?: string): Promise<Page<AuditCheckpoint>> {
    const from = cursor === undefined ? {} : { cursor };
    return this.#checkpoints({ direction: 'desc', limit, ...from });
  }

  async checkpointsAfter(number: number, limit: number): Promise<readonly AuditCheckpoint[]> {
    return (await this.#checkpoints({ where: { number: { gt: number } }, limit })).items;
  }

  async assertContinues({ number, size, rootHash }: CheckpointStatement): Promise<void> {
    const isContinued =
      size <= (await this.size()) && toHex(await treeRoot(this.#subtree, size)) === rootHash;
    if (!isContinued) throw checkpointFault(number, 'rolled-back');
  }

  #checkpoints(query: Query<AuditCheckpointIndex>): Promise<Page<AuditCheckpoint>> {
    return this.#options.checkpoints.find({ ...query, orderBy: 'number' }, SCOPE_ALL);
  }

  async inclusionProof(seq: number, size: number): Promise<readonly string[]> {
    return (await inclusionProof(this.#subtree, seq - 1, size)).map(toHex);
  }

  async consistencyProof(oldSize: number, size: number): Promise<readonly string[]> {
    return (await consistencyProof(this.#subtree, oldSize, size)).map(toHex);
  }

  verify(kept?: KeptCheckpoints): Promise<AuditVerification> {
    const { entries, checkpoints, key } = this.#options;
    return verifyLog({ entries, checkpoints, verifier: key }, kept);
  }
}

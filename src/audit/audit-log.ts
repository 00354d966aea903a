/**
 * The append-only log: gap-free, each entry bound to the one before and to a Merkle tree over all.
 * Several processes may append; the store's unique ids decide who comes next.
 */
import {
  AppError,
  fromHex,
  isAppError,
  newId,
  toBase64,
  toHex,
  toRfc3339,
  type Clock,
} from '../kernel/index.js';
import { SCOPE_ALL, type Collection, type Page, type Query, type Scope } from '../store/index.js';
import {
  checkpointMessage,
  entryHash,
  entryId,
  type AuditCheckpoint,
  type AuditCheckpointIndex,
  type AuditEntry,
  type AuditEntryIndex,
} from './entry.js';
import type { AuditEvent } from './event.js';
import {
  EMPTY_ROOT,
  consistencyProof,
  inclusionProof,
  nodeHash,
  treeRoot,
  type Hash,
  type SubtreeReader,
} from './merkle.js';

/** Signs checkpoints. */
export interface CheckpointKey {
  readonly keyId: string;
  sign(message: Uint8Array): Uint8Array;
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}

export interface AuditLogOptions {
  readonly entries: Collection<AuditEntry, AuditEntryIndex>;
  readonly checkpoints: Collection<AuditCheckpoint, AuditCheckpointIndex>;
  readonly key: CheckpointKey;
  readonly clock: Clock;
}

export interface AuditVerification {
  readonly size: number;
  /** Hex. */
  readonly rootHash: string;
  /** Checkpoints that the log agrees with. */
  readonly checkpoints: number;
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
  /** Signs the present root and keeps the statement. @throws AppError `audit-unavailable` */
  checkpoint(): Promise<AuditCheckpoint>;
  checkpoints(limit: number, cursor?: string): Promise<Page<AuditCheckpoint>>;
  /** Hex hashes. @throws AppError `input-invalid` */
  inclusionProof(seq: number, size: number): Promise<readonly string[]>;
  consistencyProof(oldSize: number, size: number): Promise<readonly string[]>;
  /**
   * Reads the whole log and every checkpoint, those of `exported` too.
   * @throws AppError `audit-corrupt`, params `seq`, `what`: `edited`, `missing`, `reordered`,
   *   `tree-altered`, `tail-cut`, `checkpoint-forged`, `checkpoint-contradicted`
   */
  verify(exported?: readonly AuditCheckpoint[]): Promise<AuditVerification>;
}

export function createAuditLog(options: AuditLogOptions): AuditLog {
  return new CollectionAuditLog(options);
}

interface Head {
  readonly seq: number;
  readonly hash: string;
  /** Roots of the complete subtrees of the log so far, by level; the newest of each. */
  readonly frontier: ReadonlyMap<number, Hash>;
}

const EMPTY_HEAD: Head = { seq: 0, hash: '', frontier: new Map() };
const MAX_CONTENTION = 200;
/** Events that share one write; more wait for the next. */
const MAX_BATCH = 256;

/** A call of `append` that waits. */
interface Append {
  readonly events: readonly AuditEvent[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

function corrupt(seq: number, what: string): AppError {
  return new AppError('audit-corrupt', `${what} at ${seq}`, { params: { seq, what } });
}

function hashOf(hex: string, seq: number): Hash {
  const hash = fromHex(hex);
  if (hash?.length !== 32) throw corrupt(seq, 'edited');
  return hash;
}

/** The subtrees that leaf `seq` completes, smallest first, from two leaves on. */
function completedBy(
  seq: number,
  leaf: Hash,
  frontier: ReadonlyMap<number, Hash>,
): readonly Hash[] {
  const completed: Hash[] = [];
  let hash = leaf;
  let rest = seq;
  for (let level = 0; rest % 2 === 0; level++, rest /= 2) {
    const left = frontier.get(level);
    if (left === undefined) throw new AppError('audit-corrupt', 'the frontier has a gap');
    hash = nodeHash(left, hash);
    completed.push(hash);
  }
  return completed;
}

function advance(head: Head, hash: Hash, completed: readonly Hash[]): Head {
  const frontier = new Map(head.frontier);
  [hash, ...completed].forEach((each, level) => frontier.set(level, each));
  return { seq: head.seq + 1, hash: toHex(hash), frontier };
}

/** The entry that holds `event` after `head`, and the head after it. */
function follow(head: Head, event: AuditEvent): { entry: AuditEntry; head: Head } {
  const seq = head.seq + 1;
  const hash = entryHash(seq, head.hash, event);
  const completed = completedBy(seq, hash, head.frontier);
  const entry: AuditEntry = {
    id: entryId(seq),
    version: 1,
    seq,
    event,
    prevHash: head.hash,
    hash: toHex(hash),
    subtrees: completed.map(toHex),
  };
  return { entry, head: advance(head, hash, completed) };
}

class CollectionAuditLog implements AuditLog {
  readonly #options: AuditLogOptions;
  #head: Head | undefined;
  #waiting: Append[] = [];
  #draining: Promise<void> | undefined;

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
    if (hex === undefined) throw corrupt(last + 1, 'missing');
    return hashOf(hex, last + 1);
  };

  find(query: Query<AuditEntryIndex>, scope: Scope): Promise<Page<AuditEntry>> {
    return this.#options.entries.find(query, scope);
  }

  async size(): Promise<number> {
    return (await this.#last())?.seq ?? 0;
  }

  async checkpoint(): Promise<AuditCheckpoint> {
    const { checkpoints, key, clock } = this.#options;
    const size = await this.size();
    const statement = {
      size,
      rootHash: toHex(await treeRoot(this.#subtree, size)),
      at: toRfc3339(clock.now()),
    };
    const checkpoint: AuditCheckpoint = {
      id: newId('chk'),
      version: 1,
      ...statement,
      signature: toBase64(key.sign(checkpointMessage(statement))),
      keyId: key.keyId,
    };
    await checkpoints.insert(checkpoint);
    return checkpoint;
  }

  checkpoints(limit: number, cursor?: string): Promise<Page<AuditCheckpoint>> {
    return this.#options.checkpoints.find(
      { orderBy: 'size', direction: 'desc', limit, ...(cursor === undefined ? {} : { cursor }) },
      SCOPE_ALL,
    );
  }

  async inclusionProof(seq: number, size: number): Promise<readonly string[]> {
    return (await inclusionProof(this.#subtree, seq - 1, size)).map(toHex);
  }

  async consistencyProof(oldSize: number, size: number): Promise<readonly string[]> {
    return (await consistencyProof(this.#subtree, oldSize, size)).map(toHex);
  }

  async verify(exported: readonly AuditCheckpoint[] = []): Promise<AuditVerification> {
    const claims = new Map<number, AuditCheckpoint[]>();
    for (const checkpoint of [...(await this.#allCheckpoints()), ...exported]) {
      this.#assertSigned(checkpoint);
      claims.set(checkpoint.size, [...(claims.get(checkpoint.size) ?? []), checkpoint]);
    }
    let head = EMPTY_HEAD;
    let agreed = assertRoot(claims.get(0), EMPTY_ROOT, 0);
    for await (const entry of this.#walk()) {
      head = assertFollows(head, entry);
      const claimed = claims.get(head.seq);
      if (claimed !== undefined) agreed += assertRoot(claimed, rootOf(head), head.seq);
    }
    for (const size of claims.keys()) {
      if (size > head.seq) throw corrupt(head.seq + 1, 'tail-cut');
    }
    return { size: head.seq, rootHash: toHex(rootOf(head)), checkpoints: agreed };
  }

  #assertSigned(checkpoint: AuditCheckpoint): void {
    const { key } = this.#options;
    const signature = new Uint8Array(Buffer.from(checkpoint.signature, 'base64'));
    if (checkpoint.keyId !== key.keyId || !key.verify(checkpointMessage(checkpoint), signature)) {
      throw corrupt(checkpoint.size, 'checkpoint-forged');
    }
  }

  async *#walk(): AsyncGenerator<AuditEntry> {
    let cursor: string | undefined;
    do {
      const page: Page<AuditEntry> = await this.#options.entries.find(
        { limit: 1000, ...(cursor === undefined ? {} : { cursor }) },
        SCOPE_ALL,
      );
      yield* page.items;
      cursor = page.nextCursor;
    } while (cursor !== undefined);
  }

  async #allCheckpoints(): Promise<readonly AuditCheckpoint[]> {
    const all: AuditCheckpoint[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.checkpoints(1000, cursor);
      all.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return all;
  }
}

/** The entry must be the next one, say what its hash says, and complete the subtrees it claims. */
function assertFollows(head: Head, entry: AuditEntry): Head {
  const seq = head.seq + 1;
  if (entry.seq !== seq || entry.id !== entryId(seq)) throw corrupt(seq, 'missing');
  if (entry.prevHash !== head.hash) throw corrupt(seq, 'reordered');
  const hash = entryHash(seq, entry.prevHash, entry.event);
  if (toHex(hash) !== entry.hash) throw corrupt(seq, 'edited');
  const completed = completedBy(seq, hash, head.frontier);
  if (completed.map(toHex).join() !== entry.subtrees.join()) throw corrupt(seq, 'tree-altered');
  return advance(head, hash, completed);
}

/** Root over everything up to `head`, from the newest complete subtrees, right to left. */
function rootOf(head: Head): Hash {
  let root: Hash | undefined;
  for (let level = 0; 2 ** level <= head.seq; level++) {
    if (Math.floor(head.seq / 2 ** level) % 2 === 0) continue;
    const subtree = head.frontier.get(level);
    if (subtree === undefined) throw corrupt(head.seq, 'tree-altered');
    root = root === undefined ? subtree : nodeHash(subtree, root);
  }
  return root ?? EMPTY_ROOT;
}

function assertRoot(
  claims: readonly AuditCheckpoint[] | undefined,
  root: Hash,
  seq: number,
): number {
  for (const claim of claims ?? []) {
    if (claim.rootHash !== toHex(root)) throw corrupt(seq, 'checkpoint-contradicted');
  }
  return claims?.length ?? 0;
}

/**
 * The whole log looked at as a stranger would: every entry in its place, every checkpoint agreeing
 * with it, those kept elsewhere too. The first thing that is wrong is named with its position.
 */
import { AppError, fromHex, toHex } from '../kernel/index.js';
import { SCOPE_ALL, type Collection, type Page, type Query } from '../store/index.js';
import {
  checkpointDigest,
  isCheckpointSigned,
  type AuditCheckpoint,
  type AuditCheckpointIndex,
  type CheckpointVerifier,
  type SignedCheckpoint,
} from './checkpoint.js';
import { entryHash, entryId, type AuditEntry, type AuditEntryIndex } from './entry.js';
import { EMPTY_HEAD, advance, completedBy, rootOf, type Head } from './head.js';
import type { Hash } from './merkle.js';

/** Faults of entries; `seq` of the params is the position. */
export const ENTRY_FAULTS = [
  'edited',
  'missing',
  'inserted',
  'reordered',
  'chain-broken',
  'tree-altered',
  /** Rewritten with hashes that fit each other: somewhere from `seq` to `until`. */
  'checkpoint-contradicted',
  'tail-cut',
  /** What lists are made from does not say what the entry says. */
  'index-altered',
] as const;
/** Faults of checkpoints; `checkpoint` of the params is the number. */
export const CHECKPOINT_FAULTS = [
  'checkpoint-forged',
  'checkpoint-missing',
  'checkpoint-replaced',
  /** The database does not hold a checkpoint that was exported or witnessed. */
  'rolled-back',
] as const;
/** Faults of what was handed out; `seq` is the entry's, or a statement's line. */
export const PROOF_FAULTS = ['proof-wrong', 'statement-broken', 'statement-totals'] as const;
export type AuditFault =
  | (typeof ENTRY_FAULTS)[number]
  | (typeof CHECKPOINT_FAULTS)[number]
  | (typeof PROOF_FAULTS)[number];

/** What was kept outside the database. */
export interface KeptCheckpoints {
  /** The file beside the data, in its order; absent where there is none to compare. */
  readonly exported?: readonly SignedCheckpoint[];
  /** Kept by others: any, in any order. */
  readonly witnessed?: readonly SignedCheckpoint[];
}

export interface AuditVerification {
  readonly size: number;
  /** Hex. */
  readonly rootHash: string;
  /** Checkpoints of the log, all of them found true. */
  readonly checkpoints: number;
  /** Of those kept outside: compared and found the same. */
  readonly exported: number;
  readonly witnessed: number;
}

export interface LogToVerify {
  readonly entries: Collection<AuditEntry, AuditEntryIndex>;
  readonly checkpoints: Collection<AuditCheckpoint, AuditCheckpointIndex>;
  readonly verifier: CheckpointVerifier;
}

/** A crash between the two writes of a checkpoint leaves the file one behind. */
const EXPORT_LAG = 1;

/**
 * @throws AppError `audit-corrupt`, params `what` ({@link AuditFault}) and `seq` (and `until`) or
 *   `checkpoint`
 */
export async function verifyLog(
  log: LogToVerify,
  kept: KeptCheckpoints = {},
): Promise<AuditVerification> {
  const { exported = [], witnessed = [] } = kept;
  const checkpoints = await readAll(log.checkpoints, { orderBy: 'number', limit: 1000 });
  assertChain(checkpoints, log.verifier);
  assertChain(exported, log.verifier);
  for (const checkpoint of witnessed) assertSigned(checkpoint, log.verifier);
  if (kept.exported !== undefined && exported.length < checkpoints.length - EXPORT_LAG) {
    throw checkpointFault(exported.length + 1, 'checkpoint-missing');
  }
  for (const checkpoint of [...exported, ...witnessed]) assertKnown(checkpoint, checkpoints);
  const head = await walk(log.entries, checkpoints);
  return {
    size: head.seq,
    rootHash: toHex(rootOf(head)),
    checkpoints: checkpoints.length,
    exported: exported.length,
    witnessed: witnessed.length,
  };
}

/** Gap-free from 1, each bound to the one before, sizes that never shrink. */
function assertChain(checkpoints: readonly SignedCheckpoint[], verifier: CheckpointVerifier): void {
  let before: SignedCheckpoint | undefined;
  for (const checkpoint of checkpoints) {
    const number = (before?.number ?? 0) + 1;
    if (checkpoint.number > number) throw checkpointFault(number, 'checkpoint-missing');
    assertSigned(checkpoint, verifier);
    const isNext =
      checkpoint.number === number &&
      checkpoint.previous === checkpointDigest(before) &&
      checkpoint.size >= (before?.size ?? 0);
    if (!isNext) throw checkpointFault(checkpoint.number, 'checkpoint-replaced');
    before = checkpoint;
  }
}

function assertSigned(checkpoint: SignedCheckpoint, verifier: CheckpointVerifier): void {
  if (!isCheckpointSigned(checkpoint, verifier)) {
    throw checkpointFault(checkpoint.number, 'checkpoint-forged');
  }
}

/** A checkpoint kept outside is one of the log's own. */
function assertKnown(kept: SignedCheckpoint, own: readonly SignedCheckpoint[]): void {
  const found = own[kept.number - 1];
  if (found === undefined) throw checkpointFault(own.length + 1, 'rolled-back');
  if (checkpointDigest(found) !== checkpointDigest(kept)) {
    throw checkpointFault(kept.number, 'checkpoint-replaced');
  }
}

/** From the first entry to the last; roots are compared where a checkpoint says one. */
async function walk(
  entries: LogToVerify['entries'],
  checkpoints: readonly SignedCheckpoint[],
): Promise<Head> {
  let head = EMPTY_HEAD;
  let next = 0;
  let agreed = 0;
  const compare = (): void => {
    for (; checkpoints[next]?.size === head.seq; next++) {
      if (checkpoints[next]?.rootHash !== toHex(rootOf(head))) {
        throw entryFault(Math.min(agreed + 1, head.seq), 'checkpoint-contradicted', head.seq);
      }
      agreed = head.seq;
    }
  };
  compare();
  let cursor: string | undefined;
  do {
    const page: Page<AuditEntry> = await entries.find(
      { limit: 1000, ...(cursor === undefined ? {} : { cursor }) },
      SCOPE_ALL,
    );
    for (const [index, entry] of page.items.entries()) {
      head = step(head, entry, page.items.slice(index + 1, index + 2));
      compare();
    }
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  if (next < checkpoints.length) throw entryFault(head.seq + 1, 'tail-cut');
  return head;
}

/** The entry must be the next one, say what its hash says, and complete the subtrees it claims. */
function step(head: Head, entry: AuditEntry, [after]: readonly AuditEntry[]): Head {
  const seq = head.seq + 1;
  if (entry.seq !== seq || entry.id !== entryId(seq)) {
    // What comes twice, or under a place that is not its own, was put in.
    const isLater = entry.seq > seq && entry.id === entryId(entry.seq);
    if (!isLater) throw entryFault(seq, 'inserted');
    throw entryFault(seq, after?.seq === seq ? 'reordered' : 'missing');
  }
  const hash = entryHash(seq, entry.prevHash, entry.event);
  if (toHex(hash) !== entry.hash) throw entryFault(seq, 'edited');
  if (entry.prevHash !== head.hash) throw entryFault(seq, 'chain-broken');
  const completed = completedBy(seq, hash, head.frontier);
  if (completed.map(toHex).join() !== entry.subtrees.join()) throw entryFault(seq, 'tree-altered');
  return advance(head, hash, completed);
}

async function readAll(
  collection: Collection<AuditCheckpoint, AuditCheckpointIndex>,
  query: Query<AuditCheckpointIndex>,
): Promise<readonly AuditCheckpoint[]> {
  const all: AuditCheckpoint[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<AuditCheckpoint> = await collection.find(
      { ...query, ...(cursor === undefined ? {} : { cursor }) },
      SCOPE_ALL,
    );
    all.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return all;
}

export function entryFault(seq: number, what: AuditFault, until?: number): AppError {
  return new AppError('audit-corrupt', `${what} at entry ${seq}`, {
    params: { what, seq, ...(until === undefined ? {} : { until }) },
  });
}

export function checkpointFault(checkpoint: number, what: AuditFault): AppError {
  return new AppError('audit-corrupt', `${what} at checkpoint ${checkpoint}`, {
    params: { what, checkpoint },
  });
}

/** @throws AppError `audit-corrupt` where the text is no hash */
export function hashOf(hex: string, seq: number): Hash {
  const hash = fromHex(hex);
  if (hash?.length !== 32) throw entryFault(seq, 'edited');
  return hash;
}

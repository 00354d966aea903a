/** Where a log ends: what the next entry is bound to, and the root over everything so far. Pure. */
import { AppError, toHex } from '../kernel/index.js';
import { entryHash, entryId, type AuditEntry } from './entry.js';
import type { AuditEvent } from './event.js';
import { EMPTY_ROOT, nodeHash, type Hash } from './merkle.js';

export interface Head {
  readonly seq: number;
  /** Leaf hash (hex) of the last entry. */
  readonly hash: string;
  /** Roots of the complete subtrees of the log so far, by level; the newest of each. */
  readonly frontier: ReadonlyMap<number, Hash>;
}

export const EMPTY_HEAD: Head = { seq: 0, hash: '', frontier: new Map() };

/** The subtrees that leaf `seq` completes, smallest first, from two leaves on. */
export function completedBy(
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

export function advance(head: Head, hash: Hash, completed: readonly Hash[]): Head {
  const frontier = new Map(head.frontier);
  [hash, ...completed].forEach((each, level) => frontier.set(level, each));
  return { seq: head.seq + 1, hash: toHex(hash), frontier };
}

/** The entry that holds `event` after `head`, and the head after it. */
export function follow(head: Head, event: AuditEvent): { entry: AuditEntry; head: Head } {
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

/** Root over everything up to `head`, from the newest complete subtrees, right to left. */
export function rootOf(head: Head): Hash {
  let root: Hash | undefined;
  for (let level = 0; 2 ** level <= head.seq; level++) {
    if (Math.floor(head.seq / 2 ** level) % 2 === 0) continue;
    const subtree = head.frontier.get(level);
    if (subtree === undefined) throw new AppError('audit-corrupt', 'the frontier has a gap');
    root = root === undefined ? subtree : nodeHash(subtree, root);
  }
  return root ?? EMPTY_ROOT;
}

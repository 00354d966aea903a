/**
 * Proofs as they are handed out: everything a stranger needs besides the published key.
 *
 * @see RFC 9162, 2.1.3 (inclusion), 2.1.4 (consistency)
 */
import { AppError } from '../kernel/index.js';
import type { AuditLog } from './audit-log.js';
import {
  isCheckpointSigned,
  signedCheckpoint,
  type CheckpointVerifier,
  type SignedCheckpoint,
} from './checkpoint.js';
import { entryHash, type AuditEntry } from './entry.js';
import type { AuditEvent } from './event.js';
import { verifyConsistency, verifyInclusion } from './merkle.js';
import { checkpointFault, entryFault, hashOf } from './verify-log.js';

/** That an entry is in the log that a checkpoint stands for. */
export interface InclusionProof {
  readonly kind: 'audit-inclusion';
  /** What the leaf hash is over. */
  readonly entry: { readonly seq: number; readonly prevHash: string; readonly event: AuditEvent };
  /** Hex, nearest sibling first. */
  readonly path: readonly string[];
  readonly checkpoint: SignedCheckpoint;
}

/** That the log of one checkpoint begins with all of the log of another. */
export interface ConsistencyProof {
  readonly kind: 'audit-consistency';
  readonly from: SignedCheckpoint;
  readonly to: SignedCheckpoint;
  /** Hex. */
  readonly path: readonly string[];
}

export type AuditProof = InclusionProof | ConsistencyProof;

type ProvingLog = Pick<
  AuditLog,
  'checkpoint' | 'lastCheckpoint' | 'checkpointOfSize' | 'inclusionProof' | 'consistencyProof'
>;

/** Under the newest checkpoint; one is made where the entry is younger than that. */
export async function proveInclusion(log: ProvingLog, entry: AuditEntry): Promise<InclusionProof> {
  const last = await log.lastCheckpoint();
  const checkpoint = last !== undefined && last.size >= entry.seq ? last : await log.checkpoint();
  const { seq, prevHash, event } = entry;
  return {
    kind: 'audit-inclusion',
    entry: { seq, prevHash, event },
    path: await log.inclusionProof(seq, checkpoint.size),
    checkpoint: signedCheckpoint(checkpoint),
  };
}

/** @throws AppError `not-found` where one of the sizes has no checkpoint, `input-invalid` */
export async function proveConsistency(
  log: ProvingLog,
  fromSize: number,
  toSize: number,
): Promise<ConsistencyProof> {
  const from = await log.checkpointOfSize(fromSize);
  const to = await log.checkpointOfSize(toSize);
  if (from === undefined || to === undefined) {
    throw new AppError('not-found', 'no checkpoint of that size');
  }
  return {
    kind: 'audit-consistency',
    from: signedCheckpoint(from),
    to: signedCheckpoint(to),
    path: await log.consistencyProof(fromSize, toSize),
  };
}

/**
 * Checks a proof with nothing but the published key.
 * @throws AppError `audit-corrupt`, params `what`: `checkpoint-forged`, `proof-wrong`
 */
export function assertProof(proof: AuditProof, verifier: CheckpointVerifier): void {
  if (proof.kind === 'audit-inclusion') assertIncluded(proof, verifier);
  else assertConsistent(proof, verifier);
}

function assertIncluded(proof: InclusionProof, verifier: CheckpointVerifier): void {
  const { entry, path, checkpoint } = proof;
  assertSigned(checkpoint, verifier);
  const { seq } = entry;
  const leaf = entryHash(seq, entry.prevHash, entry.event);
  const hashes = path.map((hex) => hashOf(hex, seq));
  const root = hashOf(checkpoint.rootHash, seq);
  if (seq < 1 || !verifyInclusion(leaf, seq - 1, checkpoint.size, hashes, root)) {
    throw entryFault(seq, 'proof-wrong');
  }
}

function assertConsistent(proof: ConsistencyProof, verifier: CheckpointVerifier): void {
  const { from, to } = proof;
  assertSigned(from, verifier);
  assertSigned(to, verifier);
  const hash = (hex: string): Uint8Array => hashOf(hex, to.size);
  const path = proof.path.map(hash);
  if (!verifyConsistency(from.size, to.size, hash(from.rootHash), hash(to.rootHash), path)) {
    throw checkpointFault(to.number, 'proof-wrong');
  }
}

function assertSigned(checkpoint: SignedCheckpoint, verifier: CheckpointVerifier): void {
  if (!isCheckpointSigned(checkpoint, verifier)) {
    throw checkpointFault(checkpoint.number, 'checkpoint-forged');
  }
}

/** A signed statement that the log had this root when it had this size. */
import { canonicalJson, fromBase64, sha256Hex, utf8ToBytes } from '../kernel/index.js';
import type { CollectionSpec, StoredDocument } from '../store/index.js';

/** What a checkpoint says; the signature is over the canonical JSON of this with its purpose. */
export interface CheckpointStatement {
  /** From 1, without gaps: a checkpoint that is missing shows. */
  readonly number: number;
  /** SHA-256 (hex) of the signed bytes of the checkpoint before; empty for the first. */
  readonly previous: string;
  /** Entries of the log. */
  readonly size: number;
  /** Hex. */
  readonly rootHash: string;
  /** RFC 3339 UTC. */
  readonly at: string;
}

export interface SignedCheckpoint extends CheckpointStatement {
  /** Base64 of the DER of an ECDSA P-256 signature with SHA-256. */
  readonly signature: string;
  readonly keyId: string;
}

export interface AuditCheckpoint extends SignedCheckpoint, StoredDocument {
  /** `number` in 12 digits: of two processes that make the same one, the store takes one. */
  readonly id: string;
  readonly version: number;
}

export type AuditCheckpointIndex = 'number' | 'size';

export const AUDIT_CHECKPOINTS: CollectionSpec<AuditCheckpoint, AuditCheckpointIndex> = {
  name: 'auditCheckpoints',
  indexes: {
    number: { of: (checkpoint) => checkpoint.number },
    size: { of: (checkpoint) => checkpoint.size },
  },
  scopeKeys: () => [],
};

/** Tells whether a value was signed by the named key. */
export interface CheckpointVerifier {
  /** @returns `false` for a key it does not know. */
  verify(keyId: string, message: Uint8Array, signature: Uint8Array): boolean;
}

/** The bytes that a checkpoint's signature is over. */
export function checkpointMessage(checkpoint: CheckpointStatement): Uint8Array {
  const { number, previous, size, rootHash, at } = checkpoint;
  const purpose = 'qianyin-audit-checkpoint-v1';
  return utf8ToBytes(canonicalJson({ at, number, previous, purpose, rootHash, size }));
}

/** What the next checkpoint names as `previous`. */
export function checkpointDigest(checkpoint: CheckpointStatement | undefined): string {
  return checkpoint === undefined ? '' : sha256Hex(checkpointMessage(checkpoint));
}

export function isCheckpointSigned(
  checkpoint: SignedCheckpoint,
  verifier: CheckpointVerifier,
): boolean {
  const signature = fromBase64(checkpoint.signature);
  return (
    signature !== undefined &&
    verifier.verify(checkpoint.keyId, checkpointMessage(checkpoint), signature)
  );
}

/** A checkpoint without what the store adds, as it is handed out. */
export function signedCheckpoint(checkpoint: SignedCheckpoint): SignedCheckpoint {
  const { number, previous, size, rootHash, at, signature, keyId } = checkpoint;
  return { number, previous, size, rootHash, at, signature, keyId };
}

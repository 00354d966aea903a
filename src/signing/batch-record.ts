/** A batch: contracts that one person signs with one token and one entry of its PIN. Holds no secret. */
import { unitKey } from '../access/index.js';
import type { ErrorCode } from '../kernel/index.js';
import type { CollectionSpec } from '../store/index.js';
import type { TokenSelector } from '../token/index.js';

export interface BatchItem {
  readonly contractId: string;
  readonly state: 'waiting' | 'signed' | 'failed';
  /** Why it was not signed; of `failed`. */
  readonly code?: ErrorCode;
  /** SHA-256 of the signed file; of `signed`. */
  readonly documentSha256?: string;
}

export interface SigningBatchRecord {
  readonly id: string;
  readonly version: number;
  /** Whoever entered the PIN; nobody else sees or resumes the batch. */
  readonly accountId: string;
  readonly unitId: string;
  readonly token: TokenSelector;
  /** A batch is resumed with this certificate only. */
  readonly certificateSha256: string;
  readonly sealId?: string;
  /** A slice of the seal on this edge of every page. */
  readonly crossPage?: 'left' | 'right';
  readonly state: 'running' | 'finished' | 'stopped';
  /** What ended it early; of `stopped`. */
  readonly stopCode?: ErrorCode;
  readonly items: readonly BatchItem[];
  /** RFC 3339, as all instants here. */
  readonly createdAt: string;
  readonly updatedAt: string;
  /** While `running`: after this whoever ran it is taken for dead. */
  readonly until: string;
}

export type SigningBatchIndex = 'updatedAt';

export const SIGNING_BATCHES: CollectionSpec<SigningBatchRecord, SigningBatchIndex> = {
  name: 'signing-batches',
  indexes: { updatedAt: { of: (batch) => batch.updatedAt } },
  scopeKeys: (batch) => [unitKey(batch.unitId)],
};

/** What became of a batch, as its owner sees it: one whose process died is `interrupted`. */
export function batchStateAt(
  batch: SigningBatchRecord,
  at: Date,
): SigningBatchRecord['state'] | 'interrupted' {
  const isDead = batch.state === 'running' && Date.parse(batch.until) <= at.getTime();
  return isDead ? 'interrupted' : batch.state;
}

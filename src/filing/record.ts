/** One filing of one signed contract: what is delivered, how often it was tried, what came back. */
import { regionKeys, unitKey } from '../access/index.js';
import { pendingSince, type AuditEvent, type EventCarrier } from '../audit/index.js';
import type { CollectionSpec, Lease } from '../store/index.js';
import type { ProvenReceipt } from './receipt.js';

export type FilingState = 'waiting' | 'in-progress' | 'filed' | 'failed';

export interface FilingAttempt {
  readonly at: string;
  /** HTTP status, or a code such as `timeout` where no answer came. */
  readonly outcome: string;
}

/** How many attempts a record names: trying goes on without an end, the record must not grow so. */
export const KEPT_ATTEMPTS = 50;

export interface FilingRecord extends EventCarrier {
  /** Derived from the contract and the signed document's digest: the same signed contract is the same filing. */
  readonly id: string;
  readonly version: number;
  readonly revision: number;
  readonly contractId: string;
  readonly contractNumber: string;
  readonly buyerUnitId: string;
  readonly regionCode: string;
  readonly state: FilingState;
  /** Sent with every attempt; never changes. */
  readonly idempotencyKey: string;
  readonly documentSha256: string;
  /** Set once the package is built; the same bytes are sent every time. */
  readonly packageBlobId?: string;
  /** The last {@link KEPT_ATTEMPTS}; `attemptCount` counts all. */
  readonly attempts: readonly FilingAttempt[];
  readonly attemptCount: number;
  /**
   * RFC 3339: when a worker is to take it up; while one works on it, the end of its lease, so that
   * whatever is due is free. Absent where nothing is left to do: failed, or filed and the contract
   * knows it.
   */
  readonly dueAt?: string;
  readonly lease?: Lease;
  readonly receipt?: ProvenReceipt;
  /** Receipts for what the budget system lost later, oldest first. */
  readonly earlierReceipts?: readonly ProvenReceipt[];
  /** Since when we know that the budget system has lost it: it is being filed again. */
  readonly lostAt?: string;
  readonly failure?: { readonly code: string; readonly detail: string };
  readonly createdAt: string;
  readonly pendingEvents: readonly AuditEvent[];
}

export type FilingIndex =
  'contractId' | 'state' | 'dueAt' | 'createdAt' | 'filingNumber' | 'pendingSince';

export const FILINGS: CollectionSpec<FilingRecord, FilingIndex> = {
  name: 'filings',
  indexes: {
    contractId: { of: (filing) => [filing.contractId], many: true },
    state: { of: (filing) => filing.state, thenBy: 'createdAt' },
    dueAt: { of: (filing) => filing.dueAt, unscoped: true },
    createdAt: { of: (filing) => filing.createdAt },
    filingNumber: { of: ({ receipt }) => receipt && [receipt.filingNumber], many: true },
    pendingSince: { of: pendingSince, unscoped: true },
  },
  scopeKeys: (filing) => [unitKey(filing.buyerUnitId), ...regionKeys(filing.regionCode)],
};

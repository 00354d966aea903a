/** Statements that were issued at a month's turn, and how far the issuing of a month has come. */
import { pendingSince, type AuditEvent, type EventCarrier } from '../../audit/index.js';
import type { CollectionSpec, Lease } from '../../store/index.js';
import { unitScopeKeys } from '../use/book-entry.js';
import type { UseTotals } from './statement.js';

export interface SealStatementRecord extends EventCarrier {
  /** {@link statementId}: a unit has one of each month. */
  readonly id: string;
  readonly version: number;
  readonly revision: number;
  readonly unitId: string;
  readonly regionCode: string;
  /** YYYY-MM, of Asia/Shanghai. */
  readonly month: string;
  /** SHA-256 (hex) of the statement's RFC 8785 JSON, and so the blob. */
  readonly sha256: string;
  /** Lines of the book in the month. */
  readonly lines: number;
  readonly totals: UseTotals;
  readonly issuedAt: string;
  readonly pendingEvents: readonly AuditEvent[];
}

export type SealStatementIndex = 'unitId' | 'month' | 'pendingSince';

export const SEAL_STATEMENTS: CollectionSpec<SealStatementRecord, SealStatementIndex> = {
  name: 'sealStatements',
  indexes: {
    unitId: { of: ({ unitId }) => unitId, thenBy: 'month' },
    month: { of: ({ month }) => month },
    pendingSince: { of: pendingSince, unscoped: true },
  },
  scopeKeys: ({ unitId, regionCode }) => unitScopeKeys(unitId, regionCode),
};

export function statementId(unitId: string, month: string): string {
  return `stm_${unitId.replace(/^[a-z]+_/, '')}-${month}`;
}

/** The issuing of one month's statements, unit by unit in the order of their ids. */
export interface StatementRunRecord {
  /** {@link runId} */
  readonly id: string;
  readonly version: number;
  readonly month: string;
  /** The last unit that has its statement, or needs none. */
  readonly afterUnitId?: string;
  readonly isDone: boolean;
  readonly lease?: Lease;
}

export type StatementRunIndex = 'month';

export const SEAL_STATEMENT_RUNS: CollectionSpec<StatementRunRecord, StatementRunIndex> = {
  name: 'sealStatementRuns',
  indexes: { month: { of: ({ month }) => month, unscoped: true } },
  scopeKeys: () => [],
};

export function runId(month: string): string {
  return `run_${month}`;
}

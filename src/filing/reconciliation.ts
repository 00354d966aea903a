/** One run of the comparison of both registers: how far it is, what it found. */
import {
  pendingSince,
  recordEvent,
  type AuditActor,
  type AuditEvent,
  type EventCarrier,
} from '../audit/index.js';
import { dueRfc3339, toRfc3339 } from '../kernel/index.js';
import { changed, type CollectionSpec, type Lease, type Changes } from '../store/index.js';

/** What came of each filing that was compared. */
export const RECONCILIATION_COUNTS = [
  /** Both sides say the same. */
  'matched',
  /** Filed there, and we did not know: the receipt was taken. */
  'receiptsTaken',
  /** Filed there, and the receipt does not count: on the work list. */
  'receiptsRefused',
  /** Lost there: being filed again. */
  'refiled',
  /** Not filed yet on either side: tried at once instead of later. */
  'hastened',
  /** Refused by the budget system: waits for a person. */
  'refused',
  /** Other bytes or another number there: on the work list. */
  'differing',
  /** Held there and unknown to us: on the work list. */
  'unknownHere',
  /** The same on both sides, under a number that another filing has, too: on the work list. */
  'numbersShared',
] as const;
export type ReconciliationCount = (typeof RECONCILIATION_COUNTS)[number];

export interface ReconciliationRecord extends EventCarrier {
  readonly id: string;
  readonly trigger: 'nightly' | 'requested';
  readonly requestedBy?: string;
  readonly state: 'running' | 'done' | 'failed';
  /** Everything up to this key has been compared. */
  readonly after: string;
  /** A run of an earlier release has no count of what it did not look for. */
  readonly counts: Readonly<Partial<Record<ReconciliationCount, number>>>;
  /** Steps in a row that came to nothing. */
  readonly failures: number;
  readonly lastFailure?: string;
  /** As of a filing: when a worker is to take it up, or the end of its lease. Absent once it is over. */
  readonly dueAt?: string;
  readonly lease?: Lease;
  readonly createdAt: string;
  readonly finishedAt?: string;
}

export type ReconciliationIndex = 'dueAt' | 'createdAt' | 'pendingSince';

export const RECONCILIATIONS: CollectionSpec<ReconciliationRecord, ReconciliationIndex> = {
  name: 'reconciliations',
  indexes: {
    dueAt: { of: (run) => run.dueAt, unscoped: true },
    createdAt: { of: (run) => run.createdAt, unscoped: true },
    pendingSince: { of: pendingSince, unscoped: true },
  },
  // Of the whole installation: who may read them is a matter of roles.
  scopeKeys: () => [],
};

/** After so many steps in a row that came to nothing a run gives up; the next night begins anew. */
export const MOST_FAILURES = 20;

/** Every count, 0 where the run has none. */
export function countsOf(
  counts: ReconciliationRecord['counts'],
): Readonly<Record<ReconciliationCount, number>> {
  return Object.fromEntries(
    RECONCILIATION_COUNTS.map((name) => [name, counts[name] ?? 0]),
  ) as Readonly<Record<ReconciliationCount, number>>;
}

/** @param id - Of the night, for a nightly one: two processes begin one run. */
export function newReconciliation(
  id: string,
  trigger: ReconciliationRecord['trigger'],
  at: Date,
  actor: AuditActor,
): ReconciliationRecord {
  const run: ReconciliationRecord = {
    id,
    version: 1,
    revision: 1,
    trigger,
    ...(trigger === 'requested' ? { requestedBy: actor.accountId } : {}),
    state: 'running',
    after: '',
    counts: countsOf({}),
    failures: 0,
    dueAt: dueRfc3339(at),
    createdAt: toRfc3339(at),
    pendingEvents: [],
  };
  return { ...run, pendingEvents: [eventOf(run, 'started', actor, at, { trigger })] };
}

export function withRunLease(
  run: ReconciliationRecord,
  holder: string,
  at: Date,
  leaseMs: number,
): ReconciliationRecord {
  const until = dueRfc3339(new Date(at.getTime() + leaseMs));
  return { ...run, version: run.version + 1, lease: { holder, until }, dueAt: until };
}

/** A step that was compared. Only for who still holds the lease: another walks on from where it was. */
export function withStep(
  run: ReconciliationRecord,
  holder: string,
  step: {
    readonly after: string;
    readonly counts: Readonly<Partial<Record<ReconciliationCount, number>>>;
    readonly isLast: boolean;
  },
  at: Date,
  actor: AuditActor,
): ReconciliationRecord {
  if (run.lease?.holder !== holder) return run;
  const counts = Object.fromEntries(
    RECONCILIATION_COUNTS.map((name) => [name, (run.counts[name] ?? 0) + (step.counts[name] ?? 0)]),
  );
  const { after, isLast } = step;
  const next = nextRun(run, { counts, after, failures: 0, lastFailure: undefined });
  return isLast ? ended(next, 'done', at, actor) : next;
}

/** A step that came to nothing: again at `dueAt`, from the same place. */
export function withFailedStep(
  run: ReconciliationRecord,
  holder: string,
  reason: string,
  dueAt: Date,
  at: Date,
  actor: AuditActor,
): ReconciliationRecord {
  if (run.lease?.holder !== holder) return run;
  const next = nextRun(run, {
    failures: run.failures + 1,
    lastFailure: reason,
    dueAt: dueRfc3339(dueAt),
    lease: undefined,
  });
  return next.failures < MOST_FAILURES ? next : ended(next, 'failed', at, actor);
}

function ended(
  run: ReconciliationRecord,
  state: 'done' | 'failed',
  at: Date,
  actor: AuditActor,
): ReconciliationRecord {
  const event = eventOf(
    run,
    state === 'done' ? 'finished' : 'failed',
    actor,
    at,
    countsOf(run.counts),
  );
  return changed(run, {
    state,
    dueAt: undefined,
    lease: undefined,
    finishedAt: toRfc3339(at),
    pendingEvents: [...run.pendingEvents, event],
  });
}

function nextRun(
  run: ReconciliationRecord,
  changes: Changes<ReconciliationRecord>,
): ReconciliationRecord {
  return { ...changed(run, changes), version: run.version + 1, revision: run.revision + 1 };
}

function eventOf(
  run: ReconciliationRecord,
  what: string,
  actor: AuditActor,
  at: Date,
  details: AuditEvent['details'],
): AuditEvent {
  return recordEvent({ kind: 'reconciliation', id: run.id }, [], { what, actor, at, details });
}

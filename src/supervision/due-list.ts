/** What is due and overdue, as lists and as counts. */
import { scopeWithin } from '../access/index.js';
import type { DeadlineKind } from '../contract/index.js';
import { AppError, toRfc3339 } from '../kernel/index.js';
import type { Collection, Condition, Page, Query, Scope } from '../store/index.js';
import type { DueIndex, DueRecord } from './due-record.js';

type Dues = Pick<Collection<DueRecord, DueIndex>, 'find'>;

export interface DueFilter {
  readonly kind?: DeadlineKind | undefined;
  readonly unitId?: string | undefined;
  /** Itself and all below. */
  readonly regionCode?: string | undefined;
  /** Missed at `at`, or not yet; both where absent. */
  readonly isOverdue?: boolean | undefined;
}

export interface DueQuery extends DueFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Open terms, soonest first. */
export function listDues(
  dues: Dues,
  query: DueQuery,
  at: Date,
  scope: Scope,
): Promise<Page<DueRecord>> {
  const { limit, cursor, regionCode } = query;
  return dues.find(
    { ...shapeOf(query, at), limit, ...(cursor === undefined ? {} : { cursor }) },
    regionCode === undefined ? scope : scopeWithin(scope, regionCode),
  );
}

/**
 * Filters join the order where one of them narrows most: a unit's terms, or those of one kind, are
 * read from an index of their own.
 */
function shapeOf(filter: DueFilter, at: Date): Pick<Query<DueIndex>, 'where' | 'orderBy'> {
  const { kind, unitId, isOverdue } = filter;
  const now = toRfc3339(at);
  const range = (prefix: string): Condition => ({
    gte: isOverdue === false ? `${prefix}${now}~` : prefix,
    lte: isOverdue === true ? `${prefix}${now}` : `${prefix}~`,
  });
  if (unitId !== undefined) {
    return {
      where: {
        unitDueAt: range(`${unitId} `),
        ...(kind === undefined ? {} : { kindDueAt: range(`${kind} `) }),
      },
      orderBy: 'unitDueAt',
    };
  }
  if (kind !== undefined) {
    return { where: { kindDueAt: range(`${kind} `) }, orderBy: 'kindDueAt' };
  }
  return { where: { openDueAt: range('') }, orderBy: 'openDueAt' };
}

export const OVERDUE_GROUPS = ['kind', 'region', 'unit'] as const;
export type OverdueGroup = (typeof OVERDUE_GROUPS)[number];

export interface OverdueRow {
  /** Kind of term, region code or unit id. */
  readonly key: string;
  readonly sign: number;
  readonly announce: number;
  readonly file: number;
}

const MOST_OVERDUE = 50_000;
const PAGE = 1000;

/**
 * Terms that are missed at `at`, counted. Only what is open and overdue is read.
 * @throws AppError `input-invalid`, params `field`, where that is too much for one answer
 */
export async function countOverdue(
  dues: Dues,
  query: Omit<DueFilter, 'isOverdue'> & { readonly groupBy: OverdueGroup },
  at: Date,
  scope: Scope,
): Promise<readonly OverdueRow[]> {
  const rows = new Map<string, { sign: number; announce: number; file: number }>();
  let read = 0;
  let cursor: string | undefined;
  do {
    const page = await listDues(
      dues,
      { ...query, isOverdue: true, limit: PAGE, cursor },
      at,
      scope,
    );
    read += page.items.length;
    if (read > MOST_OVERDUE) {
      throw new AppError('input-invalid', 'too much is overdue for one answer', {
        params: { field: 'regionCode', most: MOST_OVERDUE },
      });
    }
    for (const due of page.items) {
      const key = { kind: due.kind, region: due.regionCode, unit: due.buyerUnitId }[query.groupBy];
      const row = rows.get(key) ?? { sign: 0, announce: 0, file: 0 };
      row[due.kind]++;
      rows.set(key, row);
    }
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, row]) => ({ key, ...row }));
}

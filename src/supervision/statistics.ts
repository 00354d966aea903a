/** Statistics of signed contracts, read from totals: what is read grows with regions and months, not with contracts. */
import { scopeWithin } from '../access/index.js';
import { formatYuan } from '../contract/index.js';
import { AppError } from '../kernel/index.js';
import type { Collection, Query, Scope } from '../store/index.js';
import { NOTHING, sum, type Totals, type TotalsIndex, type TotalsRecord } from './totals.js';

export const STATISTICS_GROUPS = ['month', 'region', 'unit', 'kind'] as const;
export type StatisticsGroup = (typeof STATISTICS_GROUPS)[number];

export interface StatisticsQuery {
  readonly groupBy: StatisticsGroup;
  /** `YYYY-MM`, both included. */
  readonly from: string;
  readonly to: string;
  /** 6 digits; itself and all below. */
  readonly regionCode?: string | undefined;
  readonly unitId?: string | undefined;
  readonly kind?: string | undefined;
}

export interface StatisticsRow {
  /** Month, region code, unit id or kind. */
  readonly key: string;
  readonly contracts: number;
  /** Yuan with two decimals. */
  readonly amount: string;
  /** Days from award to signature; `null` where no award is known. */
  readonly averageDaysToSign: number | null;
  readonly mostDaysToSign: number | null;
  readonly signedLate: number;
  readonly announced: number;
  readonly announcedLate: number;
  readonly filed: number;
  readonly filedLate: number;
  readonly ended: number;
  /** Of all signatures, those that carry a seal; 0 to 1; `null` where there are none. */
  readonly sealCoverage: number | null;
}

export interface Statistics {
  readonly rows: readonly StatisticsRow[];
  readonly total: StatisticsRow;
}

/** Totals that one answer may be made of; a province has some 150 counties and 12 months a year. */
const MOST_TOTALS = 20_000;
const PAGE = 1000;

/**
 * @param isOfUnit - The reader sees units, not regions.
 * @throws AppError `input-invalid`, params `field`, for a span or a region that is too large for the grouping
 */
export async function statisticsOf(
  totals: Pick<Collection<TotalsRecord, TotalsIndex>, 'find'>,
  query: StatisticsQuery,
  scope: Scope,
  isOfUnit: boolean,
): Promise<Statistics> {
  if (query.from > query.to) {
    throw new AppError('input-invalid', 'from is after to', { params: { field: 'from' } });
  }
  const byUnit = isOfUnit || query.groupBy === 'unit' || query.unitId !== undefined;
  const months = { gte: query.from, lte: query.to };
  const index = byUnit ? 'unitMonth' : 'regionMonth';
  const seen = query.regionCode === undefined ? scope : scopeWithin(scope, query.regionCode);
  const groups = new Map<string, Totals>();
  let read = 0;
  let cursor: string | undefined;
  do {
    const page: Query<TotalsIndex> = {
      where: {
        [index]: months,
        ...(query.unitId === undefined ? {} : { unit: { eq: query.unitId } }),
      },
      orderBy: index,
      limit: PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    };
    const { items, nextCursor } = await totals.find(page, seen);
    read += items.length;
    if (read > MOST_TOTALS) {
      throw new AppError('input-invalid', 'too many months and units for one answer', {
        params: { field: 'from', most: MOST_TOTALS },
      });
    }
    for (const record of items) addTo(groups, record, query);
    cursor = nextCursor;
  } while (cursor !== undefined);
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    rows: sorted.map(([key, value]) => rowOf(key, value)),
    total: rowOf(
      'total',
      sorted.reduce((all, [, value]) => sum(all, value), NOTHING),
    ),
  };
}

function addTo(groups: Map<string, Totals>, record: TotalsRecord, query: StatisticsQuery): void {
  for (const [kind, value] of Object.entries(record.byKind)) {
    if (query.kind !== undefined && kind !== query.kind) continue;
    const key = {
      month: record.period,
      region: record.regionCode,
      unit: record.unitId ?? '',
      kind,
    }[query.groupBy];
    groups.set(key, sum(groups.get(key) ?? NOTHING, value));
  }
}

function rowOf(key: string, totals: Totals): StatisticsRow {
  const ratio = (part: number, whole: number, digits: number): number | null =>
    whole === 0 ? null : Number((part / whole).toFixed(digits));
  return {
    key,
    contracts: totals.contracts,
    amount: yuan(totals.amountFen),
    averageDaysToSign: ratio(totals.daysToSign, totals.timedContracts, 1),
    mostDaysToSign: totals.timedContracts === 0 ? null : totals.mostDaysToSign,
    signedLate: totals.signedLate,
    announced: totals.announced,
    announcedLate: totals.announcedLate,
    filed: totals.filed,
    filedLate: totals.filedLate,
    ended: totals.ended,
    sealCoverage: ratio(totals.sealedSignatures, totals.signatures, 4),
  };
}

/** A sum may be larger than one contract's amount can be. */
function yuan(fen: string): string {
  const value = BigInt(fen);
  if (value <= BigInt(Number.MAX_SAFE_INTEGER) / 10n) return formatYuan(Number(value));
  return `${value / 100n}.${String(value % 100n).padStart(2, '0')}`;
}

/**
 * Totals of signed contracts: of a region by day and month, of a unit by month. Each is counted anew
 * from the level below it, never added to, so that counting twice or after a crash gives the same.
 */
import { regionKeys, unitKey } from '../access/index.js';
import type { CollectionSpec, StoredDocument } from '../store/index.js';
import type { Overview } from './overview.js';

export interface Totals {
  readonly contracts: number;
  /** Decimal fen: a province's sum may pass 2^53. */
  readonly amountFen: string;
  /** Of those whose award is known. */
  readonly daysToSign: number;
  readonly timedContracts: number;
  readonly mostDaysToSign: number;
  readonly signedLate: number;
  readonly announced: number;
  readonly announcedLate: number;
  readonly filed: number;
  readonly filedLate: number;
  /** Voided or terminated since. */
  readonly ended: number;
  readonly signatures: number;
  readonly sealedSignatures: number;
}

export const NOTHING: Totals = {
  contracts: 0,
  amountFen: '0',
  daysToSign: 0,
  timedContracts: 0,
  mostDaysToSign: 0,
  signedLate: 0,
  announced: 0,
  announcedLate: 0,
  filed: 0,
  filedLate: 0,
  ended: 0,
  signatures: 0,
  sealedSignatures: 0,
};

export type TotalsByKind = Readonly<Record<string, Totals>>;

export type TotalsLevel = 'region-day' | 'region-month' | 'unit-month';

export interface TotalsRecord extends StoredDocument {
  /** `<level> <region or unit> <period>`. */
  readonly id: string;
  readonly version: number;
  readonly level: TotalsLevel;
  readonly regionCode: string;
  readonly unitId?: string;
  /** `YYYY-MM-DD` or `YYYY-MM`. */
  readonly period: string;
  readonly byKind: TotalsByKind;
}

export type TotalsIndex = 'regionDay' | 'regionMonth' | 'unitMonth' | 'unit';

const at =
  (level: TotalsLevel, value: (record: TotalsRecord) => string) =>
  (record: TotalsRecord): string | undefined =>
    record.level === level ? value(record) : undefined;

export const TOTALS: CollectionSpec<TotalsRecord, TotalsIndex> = {
  name: 'contractTotals',
  indexes: {
    regionDay: {
      of: at('region-day', ({ regionCode, period }) => `${regionCode} ${period}`),
      unscoped: true,
    },
    regionMonth: { of: at('region-month', ({ period }) => period) },
    unitMonth: { of: at('unit-month', ({ period }) => period) },
    unit: { of: (record) => record.unitId, thenBy: 'unitMonth' },
  },
  // A region's totals are for who sees the region; a unit's for the unit too.
  scopeKeys: ({ unitId, regionCode }) => [
    ...(unitId === undefined ? [] : [unitKey(unitId)]),
    ...regionKeys(regionCode),
  ],
};

/** What one signed contract adds. */
export function totalsOf(overview: Overview): Totals {
  const { sign, announce, file } = overview.terms;
  const one = (isTrue: boolean): number => (isTrue ? 1 : 0);
  const { daysToSign } = overview;
  const done = (state: string | undefined): boolean => state === 'met' || state === 'late';
  return {
    contracts: 1,
    amountFen: String(overview.amountFen),
    daysToSign: daysToSign ?? 0,
    timedContracts: one(daysToSign !== undefined),
    mostDaysToSign: daysToSign ?? 0,
    signedLate: one(sign === 'late'),
    announced: one(done(announce)),
    announcedLate: one(announce === 'late'),
    filed: one(done(file)),
    filedLate: one(file === 'late'),
    ended: one(overview.hasEnded),
    signatures: overview.signatures,
    sealedSignatures: overview.sealedSignatures,
  };
}

export function sum(a: Totals, b: Totals): Totals {
  return {
    contracts: a.contracts + b.contracts,
    amountFen: String(BigInt(a.amountFen) + BigInt(b.amountFen)),
    daysToSign: a.daysToSign + b.daysToSign,
    timedContracts: a.timedContracts + b.timedContracts,
    mostDaysToSign: Math.max(a.mostDaysToSign, b.mostDaysToSign),
    signedLate: a.signedLate + b.signedLate,
    announced: a.announced + b.announced,
    announcedLate: a.announcedLate + b.announcedLate,
    filed: a.filed + b.filed,
    filedLate: a.filedLate + b.filedLate,
    ended: a.ended + b.ended,
    signatures: a.signatures + b.signatures,
    sealedSignatures: a.sealedSignatures + b.sealedSignatures,
  };
}

/** Sums by kind over `parts`. */
export function sumByKind(parts: Iterable<TotalsByKind>): TotalsByKind {
  const totals = new Map<string, Totals>();
  for (const part of parts) {
    for (const [kind, value] of Object.entries(part)) {
      totals.set(kind, sum(totals.get(kind) ?? NOTHING, value));
    }
  }
  return Object.fromEntries([...totals].sort(([a], [b]) => (a < b ? -1 : 1)));
}

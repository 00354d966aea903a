/**
 * 用印月报: every line of a unit's book in one month, and what proves that none is left out.
 *
 * The book is a chain inside the audit log. A statement holds the line before the month and all lines
 * of the month; the line after them is proved to be in the log under a signed checkpoint. Each line
 * names the hash of the one before, so that one proof fixes everything before it, and a line that was
 * left out, added or altered breaks the chain.
 */
import {
  assertProof,
  type AuditEvent,
  type CheckpointVerifier,
  type InclusionProof,
} from '../../audit/index.js';
import { AppError, canonicalJson, startOfShanghaiDay } from '../../kernel/index.js';
import { bookLineHash } from '../use/book-entry.js';

export interface UseTotals {
  readonly intended: number;
  readonly completed: number;
  readonly failed: number;
  readonly interrupted: number;
  readonly refused: number;
}

export interface SealStatement {
  readonly kind: 'seal-statement';
  readonly unit: { readonly id: string; readonly name: string; readonly creditCode: string };
  /** YYYY-MM, of Asia/Shanghai. */
  readonly month: string;
  /** RFC 3339; up to, not including, `to`: the month's end, or when the statement was drawn up. */
  readonly from: string;
  readonly to: string;
  /** The last line before the month; `null` where the book begins in it. */
  readonly before: AuditEvent | null;
  readonly lines: readonly AuditEvent[];
  /** The first line after those, in the log. */
  readonly after: InclusionProof;
  readonly totals: UseTotals;
  /** By seal code; uses that came to no seal under the empty one. */
  readonly seals: readonly (UseTotals & { readonly sealCode: string })[];
}

export interface Month {
  readonly from: Date;
  readonly end: Date;
}

/** @throws AppError `input-invalid`, params `field`: `month` */
export function monthOf(month: string): Month {
  const match = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(month);
  if (match === null) {
    throw new AppError('input-invalid', 'not a month', { params: { field: 'month' } });
  }
  return {
    from: startOfShanghaiDay(`${month}-01`),
    end: startOfShanghaiDay(`${monthAfter(month)}-01`),
  };
}

/** @param month - YYYY-MM */
export function monthAfter(month: string): string {
  const [year, number] = [Number(month.slice(0, 4)), Number(month.slice(5))];
  return number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, '0')}`;
}

/** @param month - YYYY-MM */
export function monthBefore(month: string): string {
  const [year, number] = [Number(month.slice(0, 4)), Number(month.slice(5))];
  return number === 1 ? `${year - 1}-12` : `${year}-${String(number - 1).padStart(2, '0')}`;
}

const COUNTED = {
  'seal.use-intended': 'intended',
  'seal.use-completed': 'completed',
  'seal.use-failed': 'failed',
  'seal.use-interrupted': 'interrupted',
  'seal.use-refused': 'refused',
} as const satisfies Record<string, keyof UseTotals>;

export function totalsOf(lines: readonly AuditEvent[]): UseTotals {
  const totals = { intended: 0, completed: 0, failed: 0, interrupted: 0, refused: 0 };
  for (const { type } of lines) {
    if (Object.hasOwn(COUNTED, type)) totals[COUNTED[type as keyof typeof COUNTED]]++;
  }
  return totals;
}

export function totalsBySeal(lines: readonly AuditEvent[]): SealStatement['seals'] {
  const bySeal = new Map<string, AuditEvent[]>();
  for (const line of lines) {
    if (!Object.hasOwn(COUNTED, line.type)) continue;
    const { sealCode } = line.details;
    const code = typeof sealCode === 'string' ? sealCode : '';
    bySeal.set(code, [...(bySeal.get(code) ?? []), line]);
  }
  return [...bySeal]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([sealCode, of]) => ({ sealCode, ...totalsOf(of) }));
}

/**
 * Checks a statement with nothing but the published key.
 *
 * @throws AppError `audit-corrupt`, params `what`: `checkpoint-forged`, `proof-wrong`,
 *   `statement-broken` (`seq`: number of the line in the book), `statement-totals`
 */
export function assertStatement(statement: SealStatement, verifier: CheckpointVerifier): void {
  const { unit, lines, before, after } = statement;
  assertProof(after, verifier);
  const { from, end } = monthOf(statement.month);
  const last = after.entry.event;
  const to = new Date(Math.min(end.getTime(), Date.parse(last.at)));
  const isPeriod =
    Date.parse(statement.from) === from.getTime() && Date.parse(statement.to) === to.getTime();
  let previous = before;
  for (const line of [...lines, last]) {
    const number = previous === null ? 1 : numberOf(previous) + 1;
    const isNext =
      line.details['book'] === unit.id &&
      numberOf(line) === number &&
      line.details['previous'] === (previous === null ? '' : bookLineHash(previous)) &&
      (previous === null || previous.at <= line.at);
    if (!isNext) throw broken(number);
    previous = line;
  }
  const isBefore = before === null || Date.parse(before.at) < from.getTime();
  if (!isBefore || !isPeriod) throw broken(before === null ? 1 : numberOf(before));
  const outside = lines.find((line) => {
    const at = Date.parse(line.at);
    return at < from.getTime() || at >= end.getTime();
  });
  if (outside !== undefined) throw broken(numberOf(outside));
  // Before the month is over, only a line that closes the book says that nothing came after.
  if (to < end && last.type !== 'seal.use-book-closed') throw broken(numberOf(last));
  const isCounted =
    canonicalJson(totalsOf(lines)) === canonicalJson(statement.totals) &&
    canonicalJson(totalsBySeal(lines)) === canonicalJson(statement.seals);
  if (!isCounted) {
    throw new AppError('audit-corrupt', 'the totals are not those of the lines', {
      params: { what: 'statement-totals', seq: numberOf(last) },
    });
  }
}

function numberOf({ details }: AuditEvent): number {
  const { number } = details;
  return typeof number === 'number' ? number : 0;
}

function broken(seq: number): AppError {
  return new AppError('audit-corrupt', `the chain breaks at line ${seq}`, {
    params: { what: 'statement-broken', seq },
  });
}

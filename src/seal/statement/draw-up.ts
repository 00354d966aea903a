/** Draws a unit's statement up from its book, closing the book where no later line bounds the month. */
import {
  actorOf,
  scopeOf,
  type Principal,
  type UnitIndex,
  type UnitRecord,
} from '../../access/index.js';
import { proveInclusion, type AuditEvent, type AuditLog } from '../../audit/index.js';
import { AppError, newId, toRfc3339, type Clock } from '../../kernel/index.js';
import { SCOPE_ALL, type Collection, type Page } from '../../store/index.js';
import type { BookLine, BookLineIndex } from '../use/book-entry.js';
import type { SealUseBook } from '../use/use-book.js';
import { monthOf, totalsBySeal, totalsOf, type SealStatement } from './statement.js';

export interface SealStatements {
  /**
   * Of the present month up to now, of an earlier one in whole.
   * @throws AppError `not-found` (unit), `input-invalid` (params `field`: `month`) for a month that
   *   has not begun, `audit-unavailable`
   */
  drawUp(principal: Principal, unitId: string, month: string): Promise<SealStatement>;
}

export interface SealStatementsOptions {
  readonly book: SealUseBook;
  readonly lines: Collection<BookLine, BookLineIndex>;
  readonly units: Pick<Collection<UnitRecord, UnitIndex>, 'get'>;
  readonly log: Pick<
    AuditLog,
    | 'append'
    | 'entryOf'
    | 'checkpoint'
    | 'lastCheckpoint'
    | 'checkpointOfSize'
    | 'inclusionProof'
    | 'consistencyProof'
  >;
  readonly clock: Clock;
}

export function createSealStatements(options: SealStatementsOptions): SealStatements {
  const { book, lines, units, log, clock } = options;

  async function linesIn(unitId: string, from: Date, to: Date): Promise<BookLine[]> {
    const found: BookLine[] = [];
    let cursor: string | undefined;
    do {
      const page: Page<BookLine> = await lines.find(
        {
          where: {
            unitAt: { gte: `${unitId} ${toRfc3339(from)}`, lt: `${unitId} ${toRfc3339(to)}` },
          },
          orderBy: 'unitAt',
          limit: 1000,
          ...(cursor === undefined ? {} : { cursor }),
        },
        SCOPE_ALL,
      );
      found.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return found;
  }

  /** The nearest line on one side of `at`. */
  async function neighbour(
    unitId: string,
    at: Date,
    side: 'before' | 'from',
  ): Promise<BookLine | undefined> {
    const bound = `${unitId} ${toRfc3339(at)}`;
    const page = await lines.find(
      {
        where: {
          unitAt:
            side === 'before' ? { gte: `${unitId} `, lt: bound } : { gte: bound, lt: `${unitId}!` },
        },
        orderBy: 'unitAt',
        direction: side === 'before' ? 'desc' : 'asc',
        limit: 1,
      },
      SCOPE_ALL,
    );
    return page.items[0];
  }

  async function close(principal: Principal, unitId: string, month: string): Promise<BookLine> {
    const last = await book.last(unitId);
    // Nothing has happened since it was closed: that line says so.
    if (last?.kind === 'closed') return last;
    return book.append({
      unitId,
      kind: 'closed',
      useId: newId('use'),
      actor: actorOf(principal),
      details: { month },
      requestId: principal.requestId,
      isRelayed: true,
    });
  }

  async function prove(event: AuditEvent): Promise<SealStatement['after']> {
    if ((await log.entryOf(event.id)) === undefined) await log.append([event]);
    const entry = await log.entryOf(event.id);
    if (entry === undefined) throw new AppError('audit-unavailable', 'the line is not in the log');
    return proveInclusion(log, entry);
  }

  return {
    async drawUp(principal, unitId, month) {
      const unit = await units.get(unitId, scopeOf(principal));
      if (unit === undefined) throw new AppError('not-found', 'no such unit');
      const { from, end } = monthOf(month);
      if (from > clock.now()) {
        throw new AppError('input-invalid', 'the month has not begun', {
          params: { field: 'month' },
        });
      }
      const after =
        (await neighbour(unitId, end, 'from')) ?? (await close(principal, unitId, month));
      const before = await neighbour(unitId, from, 'before');
      const events = (await linesIn(unitId, from, end))
        .filter(({ number }) => number < after.number)
        .map(({ event }) => event);
      const at = new Date(after.event.at);
      return {
        kind: 'seal-statement',
        unit: { id: unit.id, name: unit.name, creditCode: unit.creditCode },
        month,
        from: toRfc3339(from),
        to: toRfc3339(at < end ? at : end),
        before: before?.event ?? null,
        lines: events,
        after: await prove(after.event),
        totals: totalsOf(events),
        seals: totalsBySeal(events),
      };
    },
  };
}

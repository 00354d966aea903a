/** Draws a unit's statement up from its book, closing the book where no later line bounds the month. */
import type { UnitRecord } from '../../access/index.js';
import {
  proveInclusion,
  type AuditActor,
  type AuditEvent,
  type AuditLog,
} from '../../audit/index.js';
import { AppError, newId, toRfc3339, type Clock } from '../../kernel/index.js';
import { SCOPE_ALL, type Collection, type Page } from '../../store/index.js';
import type { BookLine, BookLineIndex } from '../use/book-entry.js';
import type { SealUseBook } from '../use/use-book.js';
import { monthOf, totalsBySeal, totalsOf, type SealStatement } from './statement.js';

/** Draws up what is asked for; who may ask is decided before. */
export interface StatementDrawer {
  /**
   * Of the present month up to now, of an earlier one in whole.
   * @throws AppError `input-invalid` (params `field`: `month`) for a month that has not begun, `audit-unavailable`
   */
  drawUp(unit: StatementUnit, month: string, by: Requester): Promise<SealStatement>;
  /**
   * Sees to it that a line stands behind all lines of the month in each book, and in the log, so that one checkpoint
   * proves them all.
   */
  closeAll(unitIds: readonly string[], month: string, by: Requester): Promise<void>;
}

/** Who has it drawn up. */
export interface Requester {
  readonly actor: AuditActor;
  readonly requestId?: string | undefined;
}

export type StatementUnit = Pick<UnitRecord, 'id' | 'name' | 'creditCode'>;

export interface StatementDrawerOptions {
  readonly book: SealUseBook;
  readonly lines: Collection<BookLine, BookLineIndex>;
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

export function createStatementDrawer(options: StatementDrawerOptions): StatementDrawer {
  const { book, lines, log, clock } = options;

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

  /** The first line behind those of the month; of a month that is over it stays the first for ever. */
  async function close(unitId: string, month: string, by: Requester): Promise<BookLine> {
    const { end } = monthOf(month);
    const later = await neighbour(unitId, end, 'from');
    if (later !== undefined) return later;
    const isOver = clock.now() >= end;
    const last = await book.last(unitId);
    // Nothing has happened since it was closed: that line says so, as long as the month goes on.
    if (last?.kind === 'closed' && !isOver) return last;
    return book.append({
      unitId,
      kind: 'closed',
      // Of a month that is over there is one such act, whoever of several processes comes to it.
      useId: isOver ? `${unitId}-${month}` : newId('use'),
      actor: by.actor,
      details: { month },
      requestId: by.requestId,
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
    async closeAll(unitIds, month, by) {
      const events: AuditEvent[] = [];
      for (const unitId of unitIds) events.push((await close(unitId, month, by)).event);
      await log.append(events);
    },
    async drawUp({ id, name, creditCode }, month, by) {
      const { from, end } = monthOf(month);
      if (from > clock.now()) {
        throw new AppError('input-invalid', 'the month has not begun', {
          params: { field: 'month' },
        });
      }
      const after = await close(id, month, by);
      const before = await neighbour(id, from, 'before');
      const events = (await linesIn(id, from, end))
        .filter(({ number }) => number < after.number)
        .map(({ event }) => event);
      const at = new Date(after.event.at);
      return {
        kind: 'seal-statement',
        unit: { id, name, creditCode },
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

/** Writes a unit's book: every line in its turn, whatever else writes at the same time. */
import type { UnitIndex, UnitRecord } from '../../access/index.js';
import type { AuditActor, AuditEvent } from '../../audit/index.js';
import { AppError, isAppError, newId, toRfc3339, type Clock } from '../../kernel/index.js';
import { SCOPE_ALL, type Collection } from '../../store/index.js';
import {
  bookLineHash,
  bookLineId,
  shanghaiDay,
  unitScopeKeys,
  type BookLine,
  type BookLineIndex,
  type BookLineKind,
  type BookOutcome,
} from './book-entry.js';
import type { UseCounts } from './use-rules.js';

export interface SealUseBookOptions {
  readonly lines: Collection<BookLine, BookLineIndex>;
  readonly units: Pick<Collection<UnitRecord, UnitIndex>, 'get'>;
  readonly clock: Clock;
}

/** A line before it has its place. */
export interface BookDraft {
  readonly unitId: string;
  readonly kind: BookLineKind;
  readonly useId: string;
  readonly sealId?: string;
  readonly approvalId?: string;
  readonly actor: AuditActor;
  readonly details: AuditEvent['details'];
  readonly requestId?: string | undefined;
  readonly openUntil?: string;
  /** The relay brings the event to the log; otherwise the caller does, at once. */
  readonly isRelayed: boolean;
  /** Events that go to the log before this one's, unless they are there. */
  readonly after?: readonly AuditEvent[];
}

const MAX_TRIES = 200;

const EVENT_TYPES = {
  intended: 'seal.use-intended',
  refused: 'seal.use-refused',
  completed: 'seal.use-completed',
  failed: 'seal.use-failed',
  interrupted: 'seal.use-interrupted',
  closed: 'seal.use-book-closed',
} as const satisfies Record<BookLineKind, string>;

export class SealUseBook {
  readonly #options: SealUseBookOptions;

  constructor(options: SealUseBookOptions) {
    this.#options = options;
  }

  /**
   * Appends a line; an act has one of each kind, so the same draft twice is one line.
   *
   * @param admit - Asked with the book as it is right before the line is written; what it throws is
   *   thrown. Where another line comes first, it is asked again: so a count it makes is exact.
   * @throws AppError `store-unavailable`, `conflict`
   */
  async append(draft: BookDraft, admit: () => Promise<void> = noCondition): Promise<BookLine> {
    const { lines } = this.#options;
    const regionCode = await this.#regionOf(draft.unitId);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const last = await this.last(draft.unitId);
      await admit();
      const line = this.#lineAfter(last, draft, regionCode);
      try {
        await lines.insert(line);
        return line;
      } catch (error) {
        if (!isAppError(error, 'record-exists')) throw error;
        const own = await this.#lineOf(draft.useId, draft.kind);
        if (own !== undefined) return own;
        if (error.params['index'] === 'approval') {
          throw new AppError('seal-use-approval-required', 'the approval was used', {
            params: { why: 'used' },
          });
        }
      }
    }
    throw new AppError('conflict', 'too many lines at once', { params: { reason: 'busy' } });
  }

  /** The intent of an act, where there is one. */
  intent(useId: string): Promise<BookLine | undefined> {
    return this.#lineOf(useId, 'intended');
  }

  first(unitId: string): Promise<BookLine | undefined> {
    return this.#end(unitId, 'asc');
  }

  last(unitId: string): Promise<BookLine | undefined> {
    return this.#end(unitId, 'desc');
  }

  async #end(unitId: string, direction: 'asc' | 'desc'): Promise<BookLine | undefined> {
    const page = await this.#options.lines.find(
      {
        where: { unitNumber: { gte: `${unitId} `, lt: `${unitId}!` } },
        orderBy: 'unitNumber',
        direction,
        limit: 1,
      },
      SCOPE_ALL,
    );
    return page.items[0];
  }

  /** Uses of a seal that count, on the day and in the month of `at`. */
  async counts(sealId: string, at: Date): Promise<UseCounts> {
    const day = shanghaiDay(at);
    const month = day.slice(0, 7);
    const { lines } = this.#options;
    return {
      today: await lines.count({ where: { sealDay: { eq: `${sealId} ${day}` } } }, SCOPE_ALL),
      thisMonth: await lines.count(
        { where: { sealDay: { gte: `${sealId} ${month}-01`, lte: `${sealId} ${month}-31` } } },
        SCOPE_ALL,
      ),
    };
  }

  /** Writes beside the intent what became of it; a completed use stays completed. */
  async mark(intent: BookLine, outcome: BookOutcome): Promise<void> {
    for (;;) {
      const now = await this.#lineOf(intent.useId, 'intended');
      if (now === undefined || now.outcome?.kind === 'completed') return;
      if (now.outcome?.kind === outcome.kind) return;
      const next = {
        ...now,
        version: now.version + 1,
        revision: now.revision + 1,
        outcome,
      };
      delete next.openUntil;
      try {
        await this.#options.lines.replace(next);
        return;
      } catch (error) {
        if (!isAppError(error, 'record-version-conflict')) throw error;
      }
    }
  }

  #lineOf(useId: string, kind: BookLineKind): Promise<BookLine | undefined> {
    return this.#options.lines.getBy('useLine', `${useId} ${kind}`, SCOPE_ALL);
  }

  async #regionOf(unitId: string): Promise<string> {
    const unit = await this.#options.units.get(unitId, SCOPE_ALL);
    if (unit === undefined) throw new AppError('not-found', 'no such unit');
    return unit.regionCode;
  }

  #lineAfter(last: BookLine | undefined, draft: BookDraft, regionCode: string): BookLine {
    const { unitId, kind, useId, sealId, approvalId, actor, requestId, openUntil } = draft;
    const number = (last?.number ?? 0) + 1;
    const now = toRfc3339(this.#options.clock.now());
    const subject =
      sealId === undefined ? { kind: 'unit', id: unitId } : { kind: 'seal', id: sealId };
    const event: AuditEvent = {
      id: newId('evt'),
      // A clock that was set back does not put a line before the one it follows.
      at: last !== undefined && last.event.at > now ? last.event.at : now,
      type: EVENT_TYPES[kind],
      actor,
      subject,
      scopeKeys: unitScopeKeys(unitId, regionCode),
      details: {
        ...draft.details,
        useId,
        book: unitId,
        number,
        previous: last?.hash ?? '',
      },
      ...(requestId === undefined ? {} : { requestId }),
    };
    return {
      id: bookLineId(unitId, number),
      version: 1,
      revision: 1,
      unitId,
      regionCode,
      number,
      kind,
      useId,
      ...(sealId === undefined ? {} : { sealId }),
      ...(approvalId === undefined ? {} : { approvalId }),
      event,
      hash: bookLineHash(event),
      ...(openUntil === undefined ? {} : { openUntil }),
      pendingEvents: draft.isRelayed ? [...(draft.after ?? []), event] : [],
    };
  }
}

function noCondition(): Promise<void> {
  return Promise.resolve();
}

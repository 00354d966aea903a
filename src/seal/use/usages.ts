/** The uses and refusals of one seal, as its unit and those who watch read them. */
import { scopeOf, type Principal } from '../../access/index.js';
import { AppError, type Clock } from '../../kernel/index.js';
import type { Collection, Page } from '../../store/index.js';
import type { SealIndex, SealRecord } from '../record.js';
import type { BookLine, BookLineIndex, UseOutcome } from './book-entry.js';

/** An intent that nobody ended in its time is `interrupted`, before the sweep has written so too. */
export type UsageResult = 'refused' | 'under-way' | UseOutcome;

export interface SealUsage {
  readonly line: BookLine;
  readonly result: UsageResult;
}

export interface UsagesQuery {
  readonly limit: number;
  readonly cursor?: string;
  /** RFC 3339; from the one up to, not including, the other. */
  readonly from?: string;
  readonly to?: string;
}

export interface SealUsages {
  /** Newest first. @throws AppError `seal-not-found` */
  list(principal: Principal, sealId: string, query: UsagesQuery): Promise<Page<SealUsage>>;
}

export function createSealUsages(options: {
  readonly lines: Collection<BookLine, BookLineIndex>;
  readonly seals: Pick<Collection<SealRecord, SealIndex>, 'get'>;
  readonly clock: Clock;
}): SealUsages {
  const { lines, seals, clock } = options;
  return {
    async list(principal, sealId, { limit, cursor, from, to }) {
      const seal = await seals.get(sealId, scopeOf(principal));
      if (seal === undefined) throw new AppError('seal-not-found', 'no such seal');
      const page = await lines.find(
        {
          where: {
            sealUse: {
              gte: `${sealId} ${from ?? ''}`,
              lt: to === undefined ? `${sealId}!` : `${sealId} ${to}`,
            },
          },
          orderBy: 'sealUse',
          direction: 'desc',
          limit,
          ...(cursor === undefined ? {} : { cursor }),
        },
        scopeOf(principal),
      );
      const now = clock.now().toISOString();
      return {
        items: page.items.map((line) => ({ line, result: resultOf(line, now) })),
        nextCursor: page.nextCursor,
      };
    },
  };
}

function resultOf({ kind, outcome, openUntil }: BookLine, now: string): UsageResult {
  if (kind === 'refused') return 'refused';
  if (outcome !== undefined) return outcome.kind;
  return openUntil !== undefined && openUntil <= now ? 'interrupted' : 'under-way';
}

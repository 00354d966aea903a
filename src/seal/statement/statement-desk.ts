/** Statements as the API asks for them: those that were issued, and the month that is still going on. */
import {
  actorOf,
  scopeOf,
  type Principal,
  type UnitIndex,
  type UnitRecord,
} from '../../access/index.js';
import { AppError, bytesToUtf8 } from '../../kernel/index.js';
import type { BlobStore, Collection, Page } from '../../store/index.js';
import type { Requester, StatementDrawer } from './draw-up.js';
import type { SealStatement } from './statement.js';
import {
  statementId,
  type SealStatementIndex,
  type SealStatementRecord,
} from './statement-record.js';

export interface StatementQuery {
  readonly limit: number;
  readonly cursor?: string;
  readonly unitId?: string;
  readonly month?: string;
}

export interface SealStatements {
  /**
   * As it was issued; one that was not is drawn up: of the present month up to now, of an earlier one in whole.
   * @throws AppError `not-found` (unit), `input-invalid` (params `field`: `month`) for a month that
   *   has not begun, `audit-unavailable`
   */
  of(principal: Principal, unitId: string, month: string): Promise<SealStatement>;
  /** Those that were issued, the newest month first. */
  list(principal: Principal, query: StatementQuery): Promise<Page<SealStatementRecord>>;
}

export interface SealStatementsOptions {
  readonly drawer: Pick<StatementDrawer, 'drawUp'>;
  readonly statements: Pick<Collection<SealStatementRecord, SealStatementIndex>, 'get' | 'find'>;
  readonly units: Pick<Collection<UnitRecord, UnitIndex>, 'get'>;
  readonly blobs: Pick<BlobStore, 'read'>;
}

function requesterOf(principal: Principal): Requester {
  return { actor: actorOf(principal), requestId: principal.requestId };
}

export function createSealStatements(options: SealStatementsOptions): SealStatements {
  const { drawer, statements, units, blobs } = options;
  return {
    async of(principal, unitId, month) {
      const unit = await units.get(unitId, scopeOf(principal));
      if (unit === undefined) throw new AppError('not-found', 'no such unit');
      const issued = await statements.get(statementId(unitId, month), scopeOf(principal));
      if (issued === undefined) return drawer.drawUp(unit, month, requesterOf(principal));
      return JSON.parse(bytesToUtf8(await blobs.read(issued.sha256))) as SealStatement;
    },
    list(principal, { limit, cursor, unitId, month }) {
      return statements.find(
        {
          where: {
            ...(unitId === undefined ? {} : { unitId: { eq: unitId } }),
            ...(month === undefined ? {} : { month: { eq: month } }),
          },
          orderBy: 'month',
          direction: 'desc',
          limit,
          ...(cursor === undefined ? {} : { cursor }),
        },
        scopeOf(principal),
      );
    },
  };
}

/** Takes in award results: once for each reference, corrections as versions, ready for a contract. */
import { actorOf, regionKeys, scopeOf, type Principal } from '../../access/index.js';
import { recordEvent } from '../../audit/index.js';
import {
  AppError,
  canonicalJson,
  isAppError,
  newId,
  toRfc3339,
  type Clock,
} from '../../kernel/index.js';
import { SCOPE_ALL, type Collection, type Page } from '../../store/index.js';
import type { UnitRegister } from '../service/parties.js';
import { AWARDS, matterOf, type Award, type AwardIndex, type AwardRecord } from './award.js';

export interface AwardService {
  /**
   * The same reference with the same content is the same request; with other content it is a correction.
   * @throws AppError `forbidden` beyond the sender's region, `record-exists` where another reference has the
   *   project and package, `record-version-conflict` where two corrections come at once
   */
  take(principal: Principal, externalRef: string, award: Award): Promise<AwardRecord>;
  /** @throws AppError `not-found` */
  get(principal: Principal, id: string): Promise<AwardRecord>;
  list(
    principal: Principal,
    query: { readonly limit: number; readonly cursor?: string; readonly tenderId?: string },
  ): Promise<Page<AwardRecord>>;
  /** The award of a contract's project and package, whoever may see it. */
  awardOf(project: Parameters<typeof matterOf>[0]): Promise<AwardRecord | undefined>;
}

/** Corrections kept of one award. */
const MOST_EARLIER = 50;

export function createAwardService(parts: {
  readonly awards: Collection<AwardRecord, AwardIndex>;
  readonly units: UnitRegister;
  readonly clock: Clock;
}): AwardService {
  const { awards, units, clock } = parts;

  async function unitIdsOf({ buyer, supplier }: Award): Promise<readonly string[]> {
    const found = await Promise.all(
      [buyer, supplier].map(({ creditCode }) => units.getBy('creditCode', creditCode, SCOPE_ALL)),
    );
    return found.flatMap((unit) => (unit === undefined ? [] : [unit.id]));
  }

  function withEvent(record: AwardRecord, what: string, principal: Principal): AwardRecord {
    const event = recordEvent({ kind: 'award', id: record.id }, AWARDS.scopeKeys(record), {
      what,
      actor: actorOf(principal),
      at: clock.now(),
      details: { externalRef: record.externalRef, tenderId: record.award.tenderId },
      requestId: principal.requestId,
    });
    return { ...record, pendingEvents: [...record.pendingEvents, event] };
  }

  async function takeAgain(
    principal: Principal,
    before: AwardRecord,
    award: Award,
  ): Promise<AwardRecord> {
    if (canonicalJson(before.award) === canonicalJson(award)) return before;
    if (before.earlier.length >= MOST_EARLIER) {
      throw new AppError('conflict', 'the award was corrected too often');
    }
    const replaced = {
      award: before.award,
      replacedAt: toRfc3339(clock.now()),
      accountId: principal.accountId,
    };
    const corrected: AwardRecord = {
      ...before,
      version: before.version + 1,
      revision: before.revision + 1,
      award,
      earlier: [...before.earlier, replaced],
      unitIds: await unitIdsOf(award),
    };
    const stored = withEvent(corrected, 'corrected', principal);
    await awards.replace(stored);
    return stored;
  }

  async function existing(
    principal: Principal,
    externalRef: string,
  ): Promise<AwardRecord | undefined> {
    return awards.getBy('reference', `${principal.accountId}/${externalRef}`, SCOPE_ALL);
  }

  return {
    async take(principal, externalRef, award) {
      const scope = scopeOf(principal);
      const reaches =
        scope.kind === 'all' ||
        regionKeys(award.regionCode).some((key) => scope.keys.includes(key));
      if (!reaches) {
        throw new AppError('forbidden', 'the award is of another region', {
          params: { action: 'award' },
        });
      }
      const before = await existing(principal, externalRef);
      if (before !== undefined) {
        return await takeAgain(principal, before, award);
      }
      const record = withEvent(
        {
          id: newId('awd'),
          version: 1,
          revision: 1,
          externalRef,
          accountId: principal.accountId,
          award,
          earlier: [],
          unitIds: await unitIdsOf(award),
          createdAt: toRfc3339(clock.now()),
          pendingEvents: [],
        },
        'taken',
        principal,
      );
      try {
        await awards.insert(record);
        return record;
      } catch (error) {
        // Two requests of the same reference at once: the loser finds the winner's award.
        const winner = isAppError(error, 'record-exists')
          ? await existing(principal, externalRef)
          : undefined;
        if (winner === undefined) throw error;
        return await takeAgain(principal, winner, award);
      }
    },
    async get(principal, id) {
      const found = await awards.get(id, scopeOf(principal));
      if (found === undefined) throw new AppError('not-found', `no award ${id}`);
      return found;
    },
    list: (principal, { tenderId, limit, cursor }) =>
      awards.find(
        {
          where: tenderId === undefined ? {} : { matter: mattersOf(tenderId) },
          ...(tenderId === undefined
            ? { orderBy: 'createdAt', direction: 'desc' }
            : { orderBy: 'matter' }),
          limit,
          ...(cursor === undefined ? {} : { cursor }),
        },
        scopeOf(principal),
      ),
    awardOf: (project) => awards.getBy('matter', matterOf(project), SCOPE_ALL),
  };
}

/** All packages of a project: what begins with its number. */
function mattersOf(tenderId: string): { readonly gte: string; readonly lt: string } {
  const start = `[${JSON.stringify(tenderId)},`;
  return { gte: start, lt: `${start}\uffff` };
}

/**
 * Follows the audit log and keeps what supervision reads: overviews, terms and totals. The log is in
 * order and without gaps, so a place in it says all that was seen; every step can be repeated.
 */
import { entryId, type AuditEntry, type AuditEntryIndex } from '../audit/index.js';
import type { ContractIndex, ContractRecord, WorkingDayCalendar } from '../contract/index.js';
import { isAppError, newId, toRfc3339, type Clock, type Logger } from '../kernel/index.js';
import {
  SCOPE_ALL,
  type Collection,
  type CollectionSpec,
  type Lease,
  type Query,
  type StoredDocument,
} from '../store/index.js';
import { duesOf, recounted, type DueIndex, type DueRecord } from './due-record.js';
import { overviewOf, type Overview, type OverviewIndex } from './overview.js';
import {
  sumByKind,
  totalsOf,
  type TotalsByKind,
  type TotalsIndex,
  type TotalsRecord,
} from './totals.js';

/** How far the log was followed. */
export interface ProjectionPlace extends StoredDocument {
  readonly id: string;
  readonly version: number;
  readonly seq: number;
  readonly lease?: Lease;
}

export const PROJECTIONS: CollectionSpec<ProjectionPlace, never> = {
  name: 'projections',
  indexes: {},
  scopeKeys: () => [],
};

/** What supervision reads; opened by `app`. */
export interface SupervisionCollections {
  readonly overviews: Collection<Overview, OverviewIndex>;
  readonly dues: Collection<DueRecord, DueIndex>;
  readonly totals: Collection<TotalsRecord, TotalsIndex>;
  readonly projections: Collection<ProjectionPlace, never>;
}

export interface ProjectorOptions extends SupervisionCollections {
  readonly contracts: Pick<Collection<ContractRecord, ContractIndex>, 'get'>;
  readonly auditEntries: Pick<Collection<AuditEntry, AuditEntryIndex>, 'find'>;
  readonly calendar: WorkingDayCalendar;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly intervalMs: number;
}

export const PLACE = 'supervision';
const BATCH = 200;
const LEASE_MS = 60_000;
const MOST_ROUNDS = 10;
const PAGE = 1000;

/** After these, what is published of a contract is another. */
export const RELEASE_EVENTS: readonly string[] = [
  'contract.signed',
  'contract.announced',
  'contract.filed',
  'contract.changed',
  'contract.voided',
  'contract.terminated',
];

export class SupervisionProjector {
  readonly #options: ProjectorOptions;
  readonly #holder = newId('prj');
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<unknown> = Promise.resolve();
  #isRecounted = false;

  constructor(options: ProjectorOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer ??= setInterval(() => {
      this.#round = this.#round
        .then(() => this.runOnce())
        .catch((error: unknown) => {
          this.#options.logger.error('supervision.round-failed', { error });
        });
    }, this.#options.intervalMs).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#round;
  }

  /** Follows the log to its end, unless another process is at it. */
  async runOnce(): Promise<void> {
    for (;;) {
      const place = await this.#claim();
      if (place === undefined) return;
      if (!this.#isRecounted) {
        await this.#recount();
        this.#isRecounted = true;
      }
      const page = await this.#options.auditEntries.find(
        { afterId: entryId(place.seq), limit: BATCH },
        SCOPE_ALL,
      );
      const last = page.items.at(-1);
      if (last === undefined) {
        await this.#move(place, place.seq);
        return;
      }
      await this.#project(page.items);
      if (!(await this.#move(place, last.seq))) return;
    }
  }

  async #claim(): Promise<ProjectionPlace | undefined> {
    const { projections, clock } = this.#options;
    const now = clock.now();
    const lease = { holder: this.#holder, until: toRfc3339(new Date(now.getTime() + LEASE_MS)) };
    const place = await projections.get(PLACE, SCOPE_ALL);
    if (place?.lease !== undefined && place.lease.holder !== this.#holder) {
      if (Date.parse(place.lease.until) > now.getTime()) return undefined;
    }
    try {
      if (place === undefined) {
        const first = { id: PLACE, version: 1, seq: 0, lease };
        await projections.insert(first);
        return first;
      }
      const claimed = { ...place, version: place.version + 1, lease };
      await projections.replace(claimed);
      return claimed;
    } catch (error) {
      if (isAppError(error, 'record-version-conflict', 'record-exists')) return undefined;
      throw error;
    }
  }

  /** @returns false where the lease had run out and another process took over */
  async #move({ id, version }: ProjectionPlace, seq: number): Promise<boolean> {
    try {
      await this.#options.projections.replace({ id, version: version + 1, seq });
      return true;
    } catch (error) {
      if (isAppError(error, 'record-version-conflict')) return false;
      throw error;
    }
  }

  async #project(entries: readonly AuditEntry[]): Promise<void> {
    const seen = new Map<string, number>();
    for (const { seq, event } of entries) {
      if (event.subject.kind !== 'contract') continue;
      const { id } = event.subject;
      seen.set(id, RELEASE_EVENTS.includes(event.type) ? seq : (seen.get(id) ?? 0));
    }
    const days = new Map<string, Overview>();
    const months = new Map<string, Overview>();
    const unitMonths = new Map<string, Overview>();
    for (const [id, releaseSeq] of seen) {
      for (const overview of await this.#look(id, releaseSeq)) {
        const { regionCode, buyerUnitId, signedOn } = overview;
        if (signedOn === undefined) continue;
        days.set(`${regionCode} ${signedOn}`, overview);
        months.set(`${regionCode} ${signedOn.slice(0, 7)}`, overview);
        unitMonths.set(`${buyerUnitId} ${signedOn.slice(0, 7)}`, overview);
      }
    }
    for (const overview of days.values()) await this.#countDay(overview);
    for (const overview of months.values()) await this.#countMonth(overview);
    for (const overview of unitMonths.values()) await this.#countUnitMonth(overview);
  }

  /** Writes what is seen of the contract now. @returns The overviews whose totals have to be counted. */
  async #look(id: string, releaseSeq: number): Promise<readonly Overview[]> {
    const { contracts, overviews, calendar } = this.#options;
    const written = await settle(async () => {
      // Read before the contract, so that an older look never takes the place of a newer one.
      const before = await overviews.get(id, SCOPE_ALL);
      const contract = await contracts.get(id, SCOPE_ALL);
      if (contract === undefined) return undefined;
      const overview = overviewOf(contract, duesOf(contract, calendar), releaseSeq, before);
      await (before === undefined ? overviews.insert(overview) : overviews.replace(overview));
      return { before, overview };
    });
    if (written === undefined) return [];
    await settle(async () => {
      const before = new Map((await this.#duesOf(id)).map((due) => [due.id, due]));
      const contract = await contracts.get(id, SCOPE_ALL);
      if (contract === undefined) return;
      for (const due of duesOf(contract, calendar)) await this.#keepDue(before.get(due.id), due);
    });
    return written.before === undefined ? [written.overview] : [written.before, written.overview];
  }

  async #keepDue(before: DueRecord | undefined, due: Omit<DueRecord, 'version'>): Promise<void> {
    const { dues } = this.#options;
    const next = { ...due, version: (before?.version ?? 0) + 1 };
    if (before === undefined) await dues.insert(next);
    else if (
      JSON.stringify({ ...before, version: 0 }) !== JSON.stringify({ ...next, version: 0 })
    ) {
      await dues.replace(next);
    }
  }

  #duesOf(contractId: string): Promise<readonly DueRecord[]> {
    return all(this.#options.dues, { where: { contractId: { eq: contractId } } });
  }

  async #countDay({ regionCode, signedOn }: Overview): Promise<void> {
    const key = `${regionCode} ${signedOn ?? ''}`;
    await this.#count(
      { id: `region-day ${key}`, level: 'region-day', regionCode, period: signedOn ?? '' },
      async () => byKind(await all(this.#options.overviews, { where: { regionDay: { eq: key } } })),
    );
  }

  async #countMonth({ regionCode, signedOn }: Overview): Promise<void> {
    const month = (signedOn ?? '').slice(0, 7);
    await this.#count(
      {
        id: `region-month ${regionCode} ${month}`,
        level: 'region-month',
        regionCode,
        period: month,
      },
      async () => {
        const where = {
          regionDay: { gte: `${regionCode} ${month}-01`, lte: `${regionCode} ${month}-31` },
        };
        return sumByKind((await all(this.#options.totals, { where })).map((each) => each.byKind));
      },
    );
  }

  async #countUnitMonth({ regionCode, buyerUnitId, signedOn }: Overview): Promise<void> {
    const month = (signedOn ?? '').slice(0, 7);
    const where = { unitMonth: { eq: `${buyerUnitId} ${month}` } };
    await this.#count(
      {
        id: `unit-month ${buyerUnitId} ${month}`,
        level: 'unit-month',
        regionCode,
        unitId: buyerUnitId,
        period: month,
      },
      async () => byKind(await all(this.#options.overviews, { where })),
    );
  }

  /** The record is read before what it is counted from: an older count fails against a newer one. */
  async #count(
    cell: Omit<TotalsRecord, 'version' | 'byKind'>,
    count: () => Promise<TotalsByKind>,
  ): Promise<void> {
    const { totals } = this.#options;
    await settle(async () => {
      const before = await totals.get(cell.id, SCOPE_ALL);
      const next = { ...cell, version: (before?.version ?? 0) + 1, byKind: await count() };
      await (before === undefined ? totals.insert(next) : totals.replace(next));
    });
  }

  /** Terms that were counted without a plan, with the plans there are now. */
  async #recount(): Promise<void> {
    const { dues, calendar } = this.#options;
    for (const due of await all(dues, { where: { openProvisional: {} } })) {
      const next = recounted(due, calendar);
      if (next.dueAt === due.dueAt && next.isProvisional === due.isProvisional) continue;
      try {
        await dues.replace({ ...next, version: due.version + 1 });
      } catch (error) {
        if (!isAppError(error, 'record-version-conflict')) throw error;
      }
    }
  }
}

function byKind(overviews: readonly Overview[]): TotalsByKind {
  return sumByKind(overviews.map((overview) => ({ [overview.kind]: totalsOf(overview) })));
}

/** Runs `step` again while others write the same record. */
async function settle<T>(step: () => Promise<T>): Promise<T> {
  for (let round = 1; ; round++) {
    try {
      return await step();
    } catch (error) {
      const isRace = isAppError(error, 'record-version-conflict', 'record-exists');
      if (!isRace || round === MOST_ROUNDS) throw error;
    }
  }
}

async function all<T extends StoredDocument, K extends string>(
  collection: Pick<Collection<T, K>, 'find'>,
  query: Pick<Query<K>, 'where'>,
): Promise<readonly T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await collection.find(
      { ...query, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) },
      SCOPE_ALL,
    );
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return items;
}

/**
 * Issues every unit's statement when a month is over: once, whoever of several processes does it, and all the
 * months that nobody was there for.
 *
 * A month is walked through in the order of the units' ids under a lease, which is renewed with every page; where
 * its holder is gone, the next goes on from the last page. A statement's id is its unit and month, so that what
 * was issued twice is stored once.
 */
import type { UnitIndex, UnitRecord } from '../../access/index.js';
import { SYSTEM_ACTOR, recordEvent } from '../../audit/index.js';
import {
  canonicalJson,
  isAppError,
  newId,
  toRfc3339,
  utf8ToBytes,
  type Clock,
  type Logger,
} from '../../kernel/index.js';
import { SCOPE_ALL, type BlobStore, type Collection } from '../../store/index.js';
import type { SealIndex, SealRecord } from '../record.js';
import { shanghaiDay } from '../use/book-entry.js';
import type { SealUseBook } from '../use/use-book.js';
import type { StatementDrawer } from './draw-up.js';
import { monthAfter, monthBefore, monthOf, type SealStatement } from './statement.js';
import {
  SEAL_STATEMENTS,
  runId,
  statementId,
  type SealStatementIndex,
  type SealStatementRecord,
  type StatementRunIndex,
  type StatementRunRecord,
} from './statement-record.js';

export interface StatementWorkerOptions {
  readonly runs: Collection<StatementRunRecord, StatementRunIndex>;
  readonly statements: Collection<SealStatementRecord, SealStatementIndex>;
  readonly units: Pick<Collection<UnitRecord, UnitIndex>, 'find'>;
  readonly seals: Pick<Collection<SealRecord, SealIndex>, 'find'>;
  readonly book: Pick<SealUseBook, 'first'>;
  readonly drawer: StatementDrawer;
  readonly blobs: Pick<BlobStore, 'put'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onPublished: () => void;
  /** How long a page may take before another process takes the month up. */
  readonly leaseMs?: number;
}

const PAGE = 50;
const LEASE_MS = 10 * 60_000;

export class StatementWorker {
  readonly #options: StatementWorkerOptions;
  readonly #holder = newId('stw');

  constructor(options: StatementWorkerOptions) {
    this.#options = options;
  }

  /** @returns How many statements it issued. */
  async runOnce(): Promise<number> {
    const last = monthBefore(shanghaiDay(this.#options.clock.now()).slice(0, 7));
    let issued = 0;
    for (let month = await this.#firstOpen(last); month <= last; month = monthAfter(month)) {
      const run = await this.#claim(month);
      // Another process is at it; what follows waits, so that no month is left out.
      if (run === undefined) break;
      issued += await this.#carryOut(run);
    }
    if (issued > 0) this.#options.onPublished();
    return issued;
  }

  /** The month after the last one that is done; an installation begins with the last month. */
  async #firstOpen(last: string): Promise<string> {
    const page = await this.#options.runs.find(
      { where: { month: {} }, orderBy: 'month', direction: 'desc', limit: 1 },
      SCOPE_ALL,
    );
    const newest = page.items[0];
    if (newest === undefined) return last;
    return newest.isDone ? monthAfter(newest.month) : newest.month;
  }

  async #claim(month: string): Promise<StatementRunRecord | undefined> {
    const { runs, clock } = this.#options;
    const known = await runs.get(runId(month), SCOPE_ALL);
    if (known?.isDone === true) return undefined;
    const now = toRfc3339(clock.now());
    if (known?.lease !== undefined && known.lease.until > now) return undefined;
    const run: StatementRunRecord = {
      ...(known ?? { id: runId(month), month, isDone: false }),
      version: (known?.version ?? 0) + 1,
      lease: this.#lease(),
    };
    return this.#written(known === undefined ? runs.insert(run) : runs.replace(run), run);
  }

  async #carryOut(claimed: StatementRunRecord): Promise<number> {
    const { runs, units, logger } = this.#options;
    let run: StatementRunRecord | undefined = claimed;
    let issued = 0;
    while (run !== undefined && !run.isDone) {
      const { month, afterUnitId } = run;
      const page = await units.find(
        { limit: PAGE, ...(afterUnitId === undefined ? {} : { afterId: afterUnitId }) },
        SCOPE_ALL,
      );
      issued += await this.#issueAll(page.items, month);
      const lastId = page.items.at(-1)?.id ?? afterUnitId;
      const isDone = page.items.length < PAGE;
      const next: StatementRunRecord = {
        id: run.id,
        version: run.version + 1,
        month,
        isDone,
        ...(lastId === undefined ? {} : { afterUnitId: lastId }),
        ...(isDone ? {} : { lease: this.#lease() }),
      };
      run = await this.#written(runs.replace(next), next);
    }
    logger.info('seal-statement.month-issued', { month: claimed.month, issued });
    return issued;
  }

  async #issueAll(units: readonly UnitRecord[], month: string): Promise<number> {
    const { drawer } = this.#options;
    const due: UnitRecord[] = [];
    for (const unit of units) if (await this.#isDue(unit, month)) due.push(unit);
    if (due.length === 0) return 0;
    const by = { actor: SYSTEM_ACTOR };
    await drawer.closeAll(
      due.map(({ id }) => id),
      month,
      by,
    );
    let issued = 0;
    for (const unit of due) {
      const statement = await drawer.drawUp(unit, month, by);
      if (await this.#issue(unit, statement)) issued++;
    }
    return issued;
  }

  /** Units that had a seal by then, or a book; and no statement yet. */
  async #isDue({ id }: UnitRecord, month: string): Promise<boolean> {
    const { statements, seals, book } = this.#options;
    if ((await statements.get(statementId(id, month), SCOPE_ALL)) !== undefined) return false;
    const end = toRfc3339(monthOf(month).end);
    const first = await book.first(id);
    if (first !== undefined && first.event.at < end) return true;
    const found = await seals.find({ where: { unitId: { eq: id } }, limit: 100 }, SCOPE_ALL);
    return found.items.some(({ createdAt }) => createdAt < end);
  }

  /** @returns Whether it was not there. */
  async #issue(unit: UnitRecord, statement: SealStatement): Promise<boolean> {
    const { statements, blobs, clock } = this.#options;
    const { month, lines, totals } = statement;
    const sha256 = await blobs.put([utf8ToBytes(canonicalJson(statement))]);
    const at = clock.now();
    const bare: SealStatementRecord = {
      id: statementId(unit.id, month),
      version: 1,
      revision: 1,
      unitId: unit.id,
      regionCode: unit.regionCode,
      month,
      sha256,
      lines: lines.length,
      totals,
      issuedAt: toRfc3339(at),
      pendingEvents: [],
    };
    const subject = { kind: 'seal-statement', id: bare.id };
    const event = recordEvent(subject, SEAL_STATEMENTS.scopeKeys(bare), {
      what: 'issued',
      actor: SYSTEM_ACTOR,
      at,
      details: { unitId: unit.id, month, sha256, lines: lines.length, ...totals },
    });
    try {
      await statements.insert({ ...bare, pendingEvents: [event] });
      return true;
    } catch (error) {
      if (isAppError(error, 'record-exists')) return false;
      throw error;
    }
  }

  /** The record, or nothing where another process wrote it first. */
  async #written(
    write: Promise<void>,
    run: StatementRunRecord,
  ): Promise<StatementRunRecord | undefined> {
    try {
      await write;
      return run;
    } catch (error) {
      const isTaken =
        isAppError(error, 'record-exists') || isAppError(error, 'record-version-conflict');
      if (isTaken) return undefined;
      throw error;
    }
  }

  #lease() {
    const { clock, leaseMs = LEASE_MS } = this.#options;
    return {
      holder: this.#holder,
      until: toRfc3339(new Date(clock.now().getTime() + leaseMs)),
    };
  }
}

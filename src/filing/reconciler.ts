/**
 * Compares both registers, ours and the budget system's, as two lists in the order of one key: what
 * one of them does not have, and what differs, shows while walking along. All that is remembered of
 * the way is the last key, so another process goes on where one died.
 */
import { actorOf, idOfRequest, madeBefore, type Principal } from '../access/index.js';
import { SYSTEM_ACTOR } from '../audit/index.js';
import { dateInShanghai } from '../contract/index.js';
import {
  AppError,
  backoffMs,
  createRounds,
  idFrom,
  isAppError,
  newId,
  startDeadline,
  toRfc3339,
  type BackoffPolicy,
  type Clock,
  type Deadline,
  type Logger,
  type RandomBytes,
  type Rounds,
} from '../kernel/index.js';
import { SCOPE_ALL, change, type Collection, type Page } from '../store/index.js';
import type { BudgetSystem, HeldFiling, Receipt } from './budget-system.js';
import {
  newReconciliation,
  withFailedStep,
  withRunLease,
  withStep,
  type ReconciliationCount,
  type ReconciliationIndex,
  type ReconciliationRecord,
} from './reconciliation.js';
import type { FilingIndex, FilingRecord } from './record.js';
import { withLoss, withRefiling } from './transitions.js';
import { findingOf, numberShared } from './work-item.js';
import type { WorkList } from './work-list.js';

export interface ReconcilerOptions {
  readonly reconciliations: Collection<ReconciliationRecord, ReconciliationIndex>;
  readonly filings: Collection<FilingRecord, FilingIndex>;
  readonly workList: Pick<WorkList, 'raise'>;
  readonly budgetSystem: BudgetSystem;
  /** Records a receipt that we did not know, with all that follows from it. */
  readonly takeReceipt: (filing: FilingRecord, receipt: Receipt) => Promise<unknown>;
  /** Called where filings have become due. */
  readonly onRefiled: () => void;
  readonly onPublished: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: RandomBytes;
  readonly backoff: BackoffPolicy;
  /** Local hour of the nightly run, Asia/Shanghai. */
  readonly nightlyHour: number;
  readonly stepTimeoutMs: number;
  readonly leaseMs: number;
  readonly intervalMs: number;
  /** Filings of each side that one step compares. */
  readonly pageSize: number;
}

const RUN_MISSING = 'reconciliation-not-found';
const HOUR_MS = 3_600_000;

interface Pair {
  readonly ours?: FilingRecord;
  readonly theirs?: HeldFiling;
}

export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #rounds: Rounds;
  #stopping = new AbortController();

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#rounds = createRounds({
      run: () => this.runOnce(),
      onError: (error) => options.logger.error('reconciliation.round-failed', { error }),
      intervalMs: options.intervalMs,
    });
  }

  start(): void {
    if (this.#stopping.signal.aborted) this.#stopping = new AbortController();
    this.#rounds.start();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new AppError('unavailable', 'the worker stops'));
    await this.#rounds.stop();
  }

  /** Begins a run now, besides those of the nights. */
  async request(principal: Principal): Promise<ReconciliationRecord> {
    const { reconciliations, clock } = this.#options;
    const actor = actorOf(principal);
    const before = await madeBefore(reconciliations, 'rec', principal, () => true);
    if (before !== undefined) return before;
    const run = newReconciliation(idOfRequest('rec', principal), 'requested', clock.now(), actor);
    await reconciliations.insert(run);
    this.#options.onPublished();
    this.#rounds.kick();
    return run;
  }

  /** Newest first. */
  list(query: {
    readonly limit: number;
    readonly cursor?: string | undefined;
  }): Promise<Page<ReconciliationRecord>> {
    const { limit, cursor } = query;
    return this.#options.reconciliations.find(
      {
        orderBy: 'createdAt',
        direction: 'desc',
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      },
      SCOPE_ALL,
    );
  }

  /** @throws AppError `reconciliation-not-found` */
  async get(id: string): Promise<ReconciliationRecord> {
    const run = await this.#options.reconciliations.get(id, SCOPE_ALL);
    if (run === undefined) throw new AppError(RUN_MISSING, `no reconciliation ${id}`);
    return run;
  }

  /**
   * Begins the night's run where it is time, and takes one step of one run.
   * @returns whether there may be more to do at once
   */
  async runOnce(): Promise<boolean> {
    await this.#beginNightly();
    const { reconciliations, clock } = this.#options;
    const due = await reconciliations.find(
      { where: { dueAt: { lte: toRfc3339(clock.now()) } }, orderBy: 'dueAt', limit: 1 },
      SCOPE_ALL,
    );
    const [found] = due.items;
    return found !== undefined && (await this.#walk(found.id));
  }

  /** One a day, in the name of the day: whichever process comes first, also after an outage. */
  async #beginNightly(): Promise<void> {
    const { reconciliations, clock, nightlyHour } = this.#options;
    const at = clock.now();
    const night = dateInShanghai(new Date(at.getTime() - nightlyHour * HOUR_MS));
    const id = idFrom('rec', `reconciliation\n${night}`);
    if ((await reconciliations.get(id, SCOPE_ALL)) !== undefined) return;
    try {
      await reconciliations.insert(newReconciliation(id, 'nightly', at, SYSTEM_ACTOR));
      this.#options.onPublished();
    } catch (error) {
      if (!isAppError(error, 'record-exists')) throw error;
    }
  }

  /** Claims a run and walks until it ends, fails or is taken away. */
  async #walk(id: string): Promise<boolean> {
    const { reconciliations, clock, leaseMs, logger, onPublished } = this.#options;
    const holder = newId('wrk');
    const claim = (): Promise<ReconciliationRecord> =>
      change(reconciliations, id, RUN_MISSING, (current) => {
        const at = clock.now();
        const isFree = current.dueAt !== undefined && Date.parse(current.dueAt) <= at.getTime();
        const isOurs = current.lease?.holder === holder && current.state === 'running';
        return isFree || isOurs ? withRunLease(current, holder, at, leaseMs) : current;
      });
    for (let run = await claim(); run.lease?.holder === holder; run = await claim()) {
      try {
        const step = await this.#step(run.after);
        await change(reconciliations, id, RUN_MISSING, (current) =>
          withStep(current, holder, step, clock.now(), SYSTEM_ACTOR),
        );
      } catch (error) {
        if (!isAppError(error)) throw error;
        logger.warn('reconciliation.step-failed', { reconciliationId: id, error });
        await this.#backOff(id, holder, error);
      } finally {
        onPublished();
      }
    }
    return true;
  }

  async #backOff(id: string, holder: string, error: AppError): Promise<void> {
    const { reconciliations, clock, backoff, random } = this.#options;
    const reason = String(error.params['reason'] ?? error.code);
    await change(reconciliations, id, RUN_MISSING, (current) => {
      const at = clock.now();
      const pauseMs = reason === 'stopped' ? 0 : backoffMs(backoff, current.failures + 1, random);
      const dueAt = new Date(at.getTime() + pauseMs);
      return withFailedStep(current, holder, reason, dueAt, at, SYSTEM_ACTOR);
    });
  }

  /**
   * Compares what both sides have behind `after`, as far as both were read. Theirs is read first: what
   * it holds has been with us before.
   */
  async #step(after: string): Promise<{
    readonly after: string;
    readonly counts: Readonly<Partial<Record<ReconciliationCount, number>>>;
    readonly isLast: boolean;
  }> {
    const { budgetSystem, filings, pageSize } = this.#options;
    using deadline = this.#deadline();
    const theirs = await budgetSystem.holdings(after, pageSize, deadline.signal);
    if (theirs.kind === 'unanswered') throw unanswered(theirs.reason);
    const ours = await filings.find(
      { limit: pageSize, ...(after === '' ? {} : { afterId: after }) },
      SCOPE_ALL,
    );
    const ends = [
      ...(theirs.hasMore ? [theirs.items.at(-1)?.idempotencyKey ?? after] : []),
      ...(ours.nextCursor === undefined ? [] : [ours.items.at(-1)?.id ?? after]),
    ].sort();
    const [upTo] = ends;
    const pairs = new Map<string, Pair>();
    for (const held of theirs.items) pairs.set(held.idempotencyKey, { theirs: held });
    for (const filing of ours.items) {
      pairs.set(filing.id, { ...pairs.get(filing.id), ours: filing });
    }
    const shared = await this.#sharedNumbers(ours.items);
    const counts: Partial<Record<ReconciliationCount, number>> = {};
    for (const [key, pair] of pairs) {
      if (upTo !== undefined && key > upTo) continue;
      const outcome = await this.#compare(pair, shared);
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    }
    return { after: upTo ?? after, counts, isLast: upTo === undefined };
  }

  /**
   * Which numbers of these filings several filings have: a net under what is told with each receipt,
   * also for receipts of earlier releases.
   */
  async #sharedNumbers(compared: readonly FilingRecord[]): Promise<ReadonlySet<string>> {
    const numbers = [...new Set(compared.flatMap(numberOf))];
    if (numbers.length === 0) return new Set();
    const where = { filingNumber: { in: numbers } } as const;
    const found = await this.#options.filings.find({ where, limit: 1000 }, SCOPE_ALL);
    const holders = found.items.flatMap(numberOf);
    return new Set(holders.filter((number, index) => holders.indexOf(number) !== index));
  }

  async #compare(
    { ours, theirs }: Pair,
    shared: ReadonlySet<string>,
  ): Promise<ReconciliationCount> {
    if (ours === undefined) return this.#unknownHere(theirs);
    if (theirs === undefined) return this.#missingThere(ours);
    const { receipt } = theirs;
    const isSamePackage =
      ours.packageBlobId === undefined ||
      receipt.packageSha256.toLowerCase() === ours.packageBlobId;
    if (!isSamePackage || receipt.documentSha256.toLowerCase() !== ours.documentSha256) {
      await this.#options.workList.raise(
        findingOf(ours, 'package-differs', {
          'theirs.filingNumber': receipt.filingNumber,
          'theirs.documentSha256': receipt.documentSha256,
          'theirs.packageSha256': receipt.packageSha256,
          'ours.documentSha256': ours.documentSha256,
          'ours.packageSha256': ours.packageBlobId ?? '',
        }),
      );
      return 'differing';
    }
    const isKnown = ours.receipt?.filingNumber === receipt.filingNumber;
    if (isKnown && ours.lostAt === undefined) {
      if (!shared.has(receipt.filingNumber)) return 'matched';
      await this.#options.workList.raise(numberShared(ours));
      return 'numbersShared';
    }
    const isContradiction = ours.receipt !== undefined && !isKnown;
    try {
      await this.#options.takeReceipt(ours, receipt);
      return isKnown ? 'matched' : 'receiptsTaken';
    } catch (error) {
      // Told on the work list by whoever takes receipts.
      if (!isAppError(error, 'filing-receipt-invalid') && !isAppError(error, 'conflict')) {
        throw error;
      }
      return isContradiction ? 'differing' : 'receiptsRefused';
    }
  }

  async #unknownHere(theirs: HeldFiling | undefined): Promise<ReconciliationCount> {
    if (theirs === undefined) throw new AppError('internal', 'a pair of nothing');
    const { idempotencyKey, contractNumber, regionCode, receipt } = theirs;
    await this.#options.workList.raise({
      kind: 'unknown-here',
      contractNumber,
      regionCode,
      facts: {
        'theirs.idempotencyKey': idempotencyKey,
        'theirs.filingNumber': receipt.filingNumber,
        'theirs.documentSha256': receipt.documentSha256,
        'theirs.packageSha256': receipt.packageSha256,
      },
    });
    return 'unknownHere';
  }

  /**
   * A list may be behind; only what is not known under its key either counts as lost. It is filed
   * again with the same key and bytes.
   */
  async #missingThere(ours: FilingRecord): Promise<ReconciliationCount> {
    if (ours.receipt !== undefined) {
      using deadline = this.#deadline();
      const { budgetSystem } = this.#options;
      const known = await budgetSystem.lookup(ours.idempotencyKey, deadline.signal);
      if (known.kind === 'unanswered') throw unanswered(known.reason);
      if (known.kind === 'receipt') return 'matched';
      await this.#change(ours, (current, at) => withLoss(current, at));
      return 'refiled';
    }
    if (ours.state === 'failed') return 'refused';
    await this.#change(ours, (current, at) =>
      current.state === 'waiting' ? withRefiling(current, at, SYSTEM_ACTOR) : current,
    );
    return 'hastened';
  }

  async #change(
    { id }: FilingRecord,
    step: (current: FilingRecord, at: Date) => FilingRecord,
  ): Promise<void> {
    const { filings, clock, onRefiled } = this.#options;
    await change(filings, id, 'filing-not-found', (current) => step(current, clock.now()));
    onRefiled();
  }

  #deadline(): Deadline {
    return startDeadline(this.#options.stepTimeoutMs, this.#stopping.signal);
  }
}

function numberOf({ receipt }: FilingRecord): readonly string[] {
  return receipt === undefined ? [] : [receipt.filingNumber];
}

function unanswered(reason: string): AppError {
  return new AppError('unavailable', 'the budget system does not answer', { params: { reason } });
}

/**
 * Works filings off: claim → contract handed over → package → deliver → receipt → contract filed.
 *
 * Every arrow ends in one durable write and can be walked again: a claim lapses, the package and the
 * key are the same on every attempt, a receipt is recorded once. So a process may die anywhere.
 */
import { SYSTEM_ACTOR } from '../audit/index.js';
import { contractEvent, withFiled, withFiling, withFilingRenumbered } from '../contract/index.js';
import type { ContractIndex, ContractRecord } from '../contract/index.js';
import {
  AppError,
  backoffMs,
  createRounds,
  isAppError,
  newId,
  startDeadline,
  type BackoffPolicy,
  type Clock,
  type FaultHook,
  type Logger,
  type RandomBytes,
  type Rounds,
} from '../kernel/index.js';
import { SCOPE_ALL, change, type BlobId, type BlobStore, type Collection } from '../store/index.js';
import type { BudgetSystem, DeliveryOutcome, Receipt } from './budget-system.js';
import type { PackageBuilder } from './package-builder.js';
import type { ReceiptDesk } from './receipt-desk.js';
import type { FilingIndex, FilingRecord } from './record.js';
import {
  isDue,
  withFailedAttempt,
  withLease,
  withPackage,
  withRefusal,
  withSettled,
} from './transitions.js';
import { findingOf } from './work-item.js';
import type { WorkList } from './work-list.js';

export interface FilingWorkerOptions {
  readonly filings: Collection<FilingRecord, FilingIndex>;
  readonly contracts: Collection<ContractRecord, ContractIndex>;
  readonly blobs: BlobStore;
  readonly packages: PackageBuilder;
  readonly budgetSystem: BudgetSystem;
  readonly receipts: ReceiptDesk;
  readonly workList: Pick<WorkList, 'raise'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly faults: FaultHook;
  readonly random: RandomBytes;
  /** Called after writes that left events for the relay. */
  readonly onPublished: () => void;
  readonly backoff: BackoffPolicy;
  /** How long one attempt may take, all its calls together. */
  readonly attemptTimeoutMs: number;
  /** How long a claim keeps others away; longer than an attempt, or two would deliver at once. */
  readonly leaseMs: number;
  /** Pause between rounds without a kick. */
  readonly intervalMs: number;
  /** Filings worked on at the same time. */
  readonly concurrency: number;
}

type Unanswered = Extract<DeliveryOutcome, { kind: 'unanswered' }>;
type Settled = Exclude<DeliveryOutcome, { kind: 'known' }>;

/** The contract will not be filed as things are: not a fault of ours or of the network. */
const NO_LONGER_TO_BE_FILED = 'contract-not-filing';

export class FilingWorker {
  readonly #options: FilingWorkerOptions;
  readonly #rounds: Rounds;
  #stopping = new AbortController();

  constructor(options: FilingWorkerOptions) {
    if (options.leaseMs < 2 * options.attemptTimeoutMs) {
      throw new AppError('config-invalid', 'a lease must outlast two delivery attempts');
    }
    this.#options = options;
    this.#rounds = createRounds({
      // A full round may have left some; an empty or partial one has not.
      run: async () => (await this.runOnce()) === options.concurrency,
      onError: (error) => options.logger.error('filing.round-failed', { error }),
      intervalMs: options.intervalMs,
    });
  }

  start(): void {
    if (this.#stopping.signal.aborted) this.#stopping = new AbortController();
    this.#rounds.start();
  }

  kick(): void {
    this.#rounds.kick();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new AppError('unavailable', 'the worker stops'));
    await this.#rounds.stop();
  }

  /**
   * Takes up what is due now, at most `concurrency` filings.
   * @returns how many it worked on
   */
  async runOnce(): Promise<number> {
    const { filings, clock, concurrency } = this.#options;
    const due = await filings.find(
      {
        where: { dueAt: { lte: dueBound(clock.now()) } },
        orderBy: 'dueAt',
        limit: concurrency,
      },
      SCOPE_ALL,
    );
    const results = await Promise.allSettled(due.items.map((filing) => this.#takeUp(filing.id)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return results.filter((result) => result.status === 'fulfilled' && result.value).length;
  }

  /**
   * Tells the contract its filing number, and the work list where another filing has it too; whatever
   * is left of that. The filing is due until both are done.
   * @throws AppError `contract-not-found`, `store-unavailable`
   */
  async settle(filing: FilingRecord): Promise<FilingRecord> {
    const { filings, contracts, receipts, clock, logger } = this.#options;
    const filingNumber = filing.receipt?.filingNumber;
    if (filingNumber === undefined) return filing;
    const contract = await change(contracts, filing.contractId, 'contract-not-found', (current) => {
      if (current.state === 'signed') return this.#handedOver(current, filing.id);
      const at = clock.now();
      const details = { filingId: filing.id, filingNumber };
      if (isRenumbered(filing, current)) {
        const what = 'filing-renumbered';
        const event = contractEvent(current, { what, actor: SYSTEM_ACTOR, at, details });
        return withFilingRenumbered(current, filingNumber, [event]);
      }
      if (current.state !== 'filing') return current;
      const event = contractEvent(current, { what: 'filed', actor: SYSTEM_ACTOR, at, details });
      return withFiled(current, filingNumber, at, [event]);
    });
    if (contract.state === 'filing') return this.settle(filing);
    if (contract.filing?.filingNumber !== filingNumber) {
      logger.error('filing.contract-disagrees', { filingId: filing.id, state: contract.state });
    }
    await receipts.tellOfSharedNumber(filing);
    return change(filings, filing.id, 'filing-not-found', withSettled);
  }

  /**
   * The package of a filing that was not attempted yet, built for who asks and not kept: nothing
   * changes by looking at it, and it is the same bytes when it is delivered.
   * @throws AppError `conflict` (params `state`) where the contract is not to be filed any more
   */
  async preview(filing: FilingRecord): Promise<Uint8Array> {
    const { contracts, packages } = this.#options;
    const contract = await contracts.get(filing.contractId, SCOPE_ALL);
    if (contract === undefined) throw new AppError('contract-not-found', 'the contract is missing');
    assertToBeFiled(contract);
    return packages.build(filing, contract);
  }

  /**
   * Hands the contract over and keeps the package, for a receipt that comes before any attempt: the
   * budget system has pulled.
   * @throws AppError `conflict` (params `state`) where the contract is not to be filed any more
   */
  async prepare(filing: FilingRecord): Promise<BlobId> {
    const contract = await this.#handOver(filing);
    assertToBeFiled(contract);
    const packageBlobId = await this.#package(filing, contract);
    this.#options.onPublished();
    return packageBlobId;
  }

  async #takeUp(id: string): Promise<boolean> {
    const { logger, faults } = this.#options;
    const claimed = await this.#claim(id);
    if (claimed === undefined) return false;
    faults('filing:claimed');
    try {
      await this.#work(claimed);
    } catch (error) {
      // What is not an AppError is a defect or the end of the process: the lease lapses by itself.
      if (!isAppError(error)) throw error;
      logger.error('filing.attempt-failed', { filingId: id, error });
      await this.#backOff(claimed, { kind: 'unanswered', reason: error.code });
    } finally {
      this.#options.onPublished();
    }
    return true;
  }

  async #claim(id: string): Promise<FilingRecord | undefined> {
    const { filings, clock, leaseMs } = this.#options;
    // A name of its own for each claim: one that lapsed is not mistaken for the next.
    const holder = newId('wrk');
    const filing = await change(filings, id, 'filing-not-found', (current) => {
      const at = clock.now();
      return isDue(current, at) ? withLease(current, holder, at, leaseMs) : current;
    });
    return filing.lease?.holder === holder ? filing : undefined;
  }

  async #work(claimed: FilingRecord): Promise<void> {
    const { faults, filings, clock, logger } = this.#options;
    if (claimed.receipt !== undefined && claimed.lostAt === undefined) {
      await this.settle(claimed);
      return;
    }
    const outcome = await this.#deliver(claimed);
    faults('filing:sent');
    switch (outcome.kind) {
      case 'receipt':
        await this.#keepReceipt(claimed, outcome.receipt);
        return;
      case 'refused':
        logger.error('filing.refused', { filingId: claimed.id, code: outcome.code });
        if (claimed.receipt !== undefined) {
          await this.#options.workList.raise(
            findingOf(claimed, 'refiling-refused', {
              reason: outcome.code,
              'ours.filingNumber': claimed.receipt.filingNumber,
            }),
          );
          await this.#backOff(claimed, { kind: 'unanswered', reason: outcome.code });
          return;
        }
        await change(filings, claimed.id, 'filing-not-found', (current) =>
          withRefusal(current, clock.now(), { code: outcome.code, detail: outcome.detail }),
        );
        return;
      case 'unanswered':
        logger.warn('filing.unanswered', { filingId: claimed.id, reason: outcome.reason });
        await this.#backOff(claimed, outcome);
    }
  }

  async #deliver(claimed: FilingRecord): Promise<Settled> {
    const contract = await this.#handOver(claimed);
    if (contract.state !== 'filing' && claimed.receipt === undefined) {
      const detail = `contract is ${contract.state}`;
      return { kind: 'refused', code: NO_LONGER_TO_BE_FILED, detail };
    }
    if (claimed.packageBlobId !== undefined) {
      return this.#attempt(claimed, claimed.packageBlobId, true);
    }
    const packageBlobId = await this.#package(claimed, contract);
    return this.#attempt(claimed, packageBlobId, false);
  }

  /** From here on the contract cannot be voided any more; a voided one is not delivered. */
  #handOver(filing: FilingRecord): Promise<ContractRecord> {
    const { contracts } = this.#options;
    return change(contracts, filing.contractId, 'contract-not-found', (current) =>
      current.state === 'signed' ? this.#handedOver(current, filing.id) : current,
    );
  }

  #handedOver(contract: ContractRecord, filingId: string): ContractRecord {
    const at = this.#options.clock.now();
    const details = { filingId };
    const event = contractEvent(contract, {
      what: 'filing-started',
      actor: SYSTEM_ACTOR,
      at,
      details,
    });
    return withFiling(contract, filingId, [event]);
  }

  async #package(filing: FilingRecord, contract: ContractRecord): Promise<BlobId> {
    const { blobs, packages, filings, faults } = this.#options;
    const built = await blobs.put([await packages.build(filing, contract)]);
    const packaged = await change(filings, filing.id, 'filing-not-found', (current) =>
      withPackage(current, built),
    );
    faults('filing:packaged');
    return packaged.packageBlobId ?? built;
  }

  /**
   * One attempt. What may have arrived before is asked for first, and a receipt counts only once the
   * budget system names it again: an answer 200 that was lost behind it is found out here.
   */
  async #attempt(
    claimed: FilingRecord,
    packageBlobId: BlobId,
    mayHaveBeenSent: boolean,
  ): Promise<Settled> {
    const { budgetSystem, blobs, receipts, attemptTimeoutMs } = this.#options;
    const { idempotencyKey } = claimed;
    using deadline = startDeadline(attemptTimeoutMs, this.#stopping.signal);
    const { signal } = deadline;
    if (mayHaveBeenSent) {
      const known = await budgetSystem.lookup(idempotencyKey, signal);
      if (known.kind !== 'unknown') return known;
    }
    // Named by its SHA-256, and checked against it by the store.
    const packageBytes = await blobs.read(packageBlobId);
    const delivery = { idempotencyKey, packageBytes, packageSha256: packageBlobId };
    const answer = await budgetSystem.deliver(delivery, signal);
    if (answer.kind === 'refused' || answer.kind === 'unanswered') return answer;
    // Not relied on, but what is wrong with it is told.
    if (answer.kind === 'receipt') await receipts.inspect(claimed, answer.receipt);
    const readBack = await budgetSystem.lookup(idempotencyKey, signal);
    if (readBack.kind === 'unanswered') return readBack;
    if (readBack.kind === 'unknown') {
      return {
        kind: 'unanswered',
        reason: answer.kind === 'known' ? 'idempotency-in-flight' : 'receipt-not-kept',
      };
    }
    const isContradicted =
      answer.kind === 'receipt' && answer.receipt.filingNumber !== readBack.receipt.filingNumber;
    if (!isContradicted) return readBack;
    await receipts.contradicted(claimed, answer.receipt, readBack.receipt);
    return { kind: 'unanswered', reason: 'receipt-contradicted' };
  }

  async #keepReceipt(filing: FilingRecord, receipt: Receipt): Promise<void> {
    const { receipts, faults } = this.#options;
    const filed = await receipts.take(filing, receipt, SYSTEM_ACTOR, (unprepared) =>
      this.prepare(unprepared),
    );
    faults('filing:receipt');
    await this.settle(filed);
  }

  async #backOff(filing: FilingRecord, outcome: Unanswered): Promise<void> {
    const { filings, clock, backoff, random } = this.#options;
    const holder = filing.lease?.holder ?? '';
    await change(filings, filing.id, 'filing-not-found', (current) => {
      const at = clock.now();
      // Stopped by ourselves: another process may take it up at once.
      const pauseMs =
        outcome.reason === 'stopped'
          ? 0
          : backoffMs(backoff, current.attemptCount + 1, random, outcome.retryAfterMs);
      const dueAt = new Date(at.getTime() + pauseMs);
      return withFailedAttempt(current, holder, at, outcome.reason, dueAt);
    });
  }
}

/** Whether the contract still names a receipt that was for what got lost. */
function isRenumbered(filing: FilingRecord, contract: ContractRecord): boolean {
  const named = contract.filing?.filingNumber;
  return (
    named !== undefined &&
    (filing.earlierReceipts ?? []).some(({ filingNumber }) => filingNumber === named)
  );
}

/** @throws AppError `conflict` (params `state`) */
function assertToBeFiled({ state }: ContractRecord): void {
  if (state === 'signed' || state === 'filing') return;
  throw new AppError('conflict', `the contract is ${state}`, { params: { state } });
}

/** `dueAt` is whole seconds as text; so is the bound it is compared with. */
function dueBound(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}

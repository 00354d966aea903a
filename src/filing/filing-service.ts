/** Filings as the rest of the product sees them: begun by an event, worked off, read, confirmed from outside. */
import { actorOf, hasRole, scopeOf, type Principal } from '../access/index.js';
import { SYSTEM_ACTOR, type AuditActor, type EventSubscriber } from '../audit/index.js';
import type { ContractIndex, ContractRecord } from '../contract/index.js';
import {
  AppError,
  DEFAULT_BACKOFF,
  isAppError,
  noFaults,
  sha256Hex,
  systemRandom,
  type BackoffPolicy,
  type Clock,
  type FaultHook,
  type Logger,
  type RandomBytes,
} from '../kernel/index.js';
import type { SealIndex, SealRecord } from '../seal/index.js';
import { SCOPE_ALL, change, type BlobStore, type Collection, type Page } from '../store/index.js';
import type { BudgetSystem, Receipt } from './budget-system.js';
import { FilingWorker } from './filing-worker.js';
import { createPackageBuilder, type PackageProofs } from './package-builder.js';
import { ReceiptDesk } from './receipt-desk.js';
import type { ReceiptTerms } from './receipt.js';
import { Reconciler } from './reconciler.js';
import type { ReconciliationIndex, ReconciliationRecord } from './reconciliation.js';
import type { FilingIndex, FilingRecord, FilingState } from './record.js';
import { newFiling, withRefiling } from './transitions.js';
import type { WorkItemIndex, WorkItemRecord } from './work-item.js';
import { createWorkList, type WorkList } from './work-list.js';

export interface FilingServiceOptions {
  readonly filings: Collection<FilingRecord, FilingIndex>;
  readonly contracts: Collection<ContractRecord, ContractIndex>;
  readonly seals: Collection<SealRecord, SealIndex>;
  readonly workItems: Collection<WorkItemRecord, WorkItemIndex>;
  readonly reconciliations: Collection<ReconciliationRecord, ReconciliationIndex>;
  readonly blobs: BlobStore;
  /** Which receipts count. */
  readonly receipts: ReceiptTerms;
  /** What packages are made with. */
  readonly proofs: PackageProofs;
  /** Absent: filings wait until the service runs with one. */
  readonly budgetSystem?: BudgetSystem | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly faults?: FaultHook;
  readonly random?: RandomBytes;
  /** Called after a write that left events for the relay. */
  readonly onPublished?: () => void;
  readonly backoff?: BackoffPolicy;
  /** How long one attempt may take, all its calls together; default 60 000. */
  readonly timeoutMs?: number | undefined;
  /** Default three attempts; at least two. */
  readonly leaseMs?: number;
  /** Default 5 000. */
  readonly intervalMs?: number;
  /** Default 4. */
  readonly concurrency?: number;
  /** Local hour at which both registers are compared, Asia/Shanghai; default 2. */
  readonly reconcileHour?: number;
  /** Filings of each side that are compared at once; default 200. */
  readonly reconcilePageSize?: number;
}

export interface FilingQuery {
  readonly state?: FilingState | undefined;
  readonly contractId?: string | undefined;
  readonly filingNumber?: string | undefined;
  /** 1 to 1000. */
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Filings in the order in which they began, for who pulls them. */
export interface FilingFeed {
  readonly items: readonly FilingRecord[];
  /** What to ask for next, also where nothing follows yet. */
  readonly position: number;
}

export interface FilingPackage {
  readonly fileName: string;
  /** SHA-256, hex; also its blob id. */
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

export interface FilingService {
  /** For the relay: begins the filing of a contract that all parties have signed. Idempotent. */
  readonly subscriber: EventSubscriber;
  /** Newest first, as far as the principal may see. */
  list(principal: Principal, query: FilingQuery): Promise<Page<FilingRecord>>;
  /**
   * Filings that began after `position`, 0 for all. The order is that of the audit log, which has no
   * gaps and grows at its end only: whoever goes on from `position` misses none, however many write.
   */
  feed(principal: Principal, position: number, limit: number): Promise<FilingFeed>;
  /** @throws AppError `filing-not-found`, also where the principal may not see it */
  get(principal: Principal, id: string): Promise<FilingRecord>;
  /**
   * The archive package, byte for byte as it is delivered; changes nothing.
   * @throws AppError `filing-not-found`; `conflict` where the contract is not to be filed any more; `blob-corrupt`
   */
  packageOf(principal: Principal, id: string): Promise<FilingPackage>;
  /**
   * Files again after a refusal, or at once instead of at the next attempt's time.
   * @throws AppError `filing-not-found`, `forbidden`, `conflict` (params `state`)
   */
  refile(principal: Principal, id: string): Promise<FilingRecord>;
  /**
   * A receipt that the budget system sends by itself, also of a package that it pulled. The same one
   * again changes nothing.
   * @throws AppError `filing-not-found`, `forbidden`, `filing-receipt-invalid` (params `reason`);
   *   `conflict` where the contract is not to be filed any more
   */
  acceptReceipt(principal: Principal, id: string, receipt: Receipt): Promise<FilingRecord>;
  /** What a person has to look at. */
  readonly workList: WorkList;
  /** Begins a comparison of both registers now. @throws AppError `unavailable` without a budget system */
  reconcile(principal: Principal): Promise<ReconciliationRecord>;
  /** Comparisons, newest first. */
  reconciliations(query: {
    readonly limit: number;
    readonly cursor?: string | undefined;
  }): Promise<Page<ReconciliationRecord>>;
  /** @throws AppError `reconciliation-not-found` */
  reconciliation(id: string): Promise<ReconciliationRecord>;
  /** Starts working filings off, and the nightly comparison, in the background. */
  start(): void;
  /** Ends the attempts under way; they are taken up again by the next process. */
  stop(): Promise<void>;
  /** Something may be due: do not wait for the next round. */
  kick(): void;
  /** One round; resolves to the number of filings worked on. */
  runOnce(): Promise<number>;
  /** One round of comparing; resolves to whether there may be more to do at once. */
  reconcileOnce(): Promise<boolean>;
}

/** @throws AppError `config-invalid` where the lease is too short for an attempt */
export function createFilingService(options: FilingServiceOptions): FilingService {
  return new FilingDesk(options);
}

const SIGNED = 'contract.signed';
const DEFAULT_TIMEOUT_MS = 60_000;

class FilingDesk implements FilingService {
  readonly #options: FilingServiceOptions;
  readonly #worker: FilingWorker;
  readonly #receipts: ReceiptDesk;
  readonly #reconciler: Reconciler;
  readonly workList: WorkList;

  constructor(options: FilingServiceOptions) {
    this.#options = options;
    const attemptTimeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const onPublished = (): void => options.onPublished?.();
    this.workList = createWorkList({ items: options.workItems, clock: options.clock, onPublished });
    this.#receipts = new ReceiptDesk({
      ...options,
      terms: options.receipts,
      workList: this.workList,
    });
    const shared = {
      ...options,
      budgetSystem: options.budgetSystem ?? noBudgetSystem,
      workList: this.workList,
      random: options.random ?? systemRandom,
      onPublished,
      backoff: options.backoff ?? DEFAULT_BACKOFF,
      leaseMs: options.leaseMs ?? 3 * attemptTimeoutMs,
      intervalMs: options.intervalMs ?? 5_000,
    };
    this.#worker = new FilingWorker({
      ...shared,
      receipts: this.#receipts,
      packages: createPackageBuilder(options),
      faults: options.faults ?? noFaults,
      attemptTimeoutMs,
      concurrency: options.concurrency ?? 4,
    });
    this.#reconciler = new Reconciler({
      ...shared,
      takeReceipt: (filing, receipt) => this.#takeReceipt(filing, receipt, SYSTEM_ACTOR),
      onRefiled: () => this.#worker.kick(),
      stepTimeoutMs: attemptTimeoutMs,
      nightlyHour: options.reconcileHour ?? 2,
      pageSize: options.reconcilePageSize ?? 200,
    });
  }

  readonly subscriber: EventSubscriber = async (event) => {
    if (event.type !== SIGNED) return;
    const { contracts, filings, clock } = this.#options;
    const contract = await contracts.get(event.subject.id, SCOPE_ALL);
    // The event may be relayed again when the contract has long moved on.
    if (contract?.state !== 'signed') return;
    try {
      await filings.insert(newFiling(contract, clock.now()));
    } catch (error) {
      if (!isAppError(error, 'record-exists')) throw error;
      return;
    }
    this.#published();
  };

  async list(principal: Principal, query: FilingQuery): Promise<Page<FilingRecord>> {
    const { state, contractId, filingNumber, limit, cursor } = query;
    return this.#options.filings.find(
      {
        where: {
          ...(state === undefined ? {} : { state: { eq: state } }),
          ...(contractId === undefined ? {} : { contractId: { eq: contractId } }),
          ...(filingNumber === undefined ? {} : { filingNumber: { eq: filingNumber } }),
        },
        orderBy: 'createdAt',
        direction: 'desc',
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      },
      scopeOf(principal),
    );
  }

  async feed(principal: Principal, position: number, limit: number): Promise<FilingFeed> {
    const scope = scopeOf(principal);
    const { filings, proofs } = this.#options;
    const query = { where: { filingSeq: { gt: position } }, orderBy: 'filingSeq', limit } as const;
    const { items: entries } = await proofs.log.find(query, scope);
    const found = await Promise.all(
      entries.map(({ event }) => filings.get(event.subject.id, scope)),
    );
    return {
      items: found.filter((filing) => filing !== undefined),
      position: entries.at(-1)?.seq ?? position,
    };
  }

  async get(principal: Principal, id: string): Promise<FilingRecord> {
    const filing = await this.#options.filings.get(id, scopeOf(principal));
    if (filing === undefined) throw new AppError('filing-not-found', `no filing ${id} in reach`);
    return filing;
  }

  async packageOf(principal: Principal, id: string): Promise<FilingPackage> {
    const filing = await this.get(principal, id);
    const fileName = `${filing.id}.zip`;
    if (filing.packageBlobId === undefined) {
      const bytes = await this.#worker.preview(filing);
      return { fileName, sha256: sha256Hex(bytes), bytes };
    }
    const bytes = await this.#options.blobs.read(filing.packageBlobId);
    return { fileName, sha256: filing.packageBlobId, bytes };
  }

  async refile(principal: Principal, id: string): Promise<FilingRecord> {
    await this.get(principal, id);
    if (!hasRole(principal, 'unit-handler', 'unit-signer', 'budget-system')) {
      throw new AppError('forbidden', 'filing again is for the buyer and the budget system');
    }
    const { filings, clock } = this.#options;
    const refiled = await change(filings, id, 'filing-not-found', (current) =>
      withRefiling(current, clock.now(), actorOf(principal)),
    );
    this.#published();
    return refiled;
  }

  async acceptReceipt(principal: Principal, id: string, receipt: Receipt): Promise<FilingRecord> {
    const filing = await this.get(principal, id);
    if (!hasRole(principal, 'budget-system')) {
      throw new AppError('forbidden', 'receipts come from the budget system');
    }
    return this.#takeReceipt(filing, receipt, actorOf(principal));
  }

  async #takeReceipt(
    filing: FilingRecord,
    receipt: Receipt,
    actor: AuditActor,
  ): Promise<FilingRecord> {
    const filed = await this.#receipts.take(filing, receipt, actor, (unprepared) =>
      this.#worker.prepare(unprepared),
    );
    try {
      return await this.#worker.settle(filed);
    } catch (error) {
      // The receipt is durable and the filing still due: the worker tells the contract.
      this.#options.logger.warn('filing.settling-later', { filingId: filing.id, error });
      return filed;
    } finally {
      this.#published();
    }
  }

  async reconcile(principal: Principal): Promise<ReconciliationRecord> {
    if (this.#options.budgetSystem === undefined) {
      throw new AppError('unavailable', 'no budget system is configured', {
        params: { service: 'budget-system' },
      });
    }
    return this.#reconciler.request(principal);
  }

  reconciliations(query: {
    readonly limit: number;
    readonly cursor?: string | undefined;
  }): Promise<Page<ReconciliationRecord>> {
    return this.#reconciler.list(query);
  }

  reconciliation(id: string): Promise<ReconciliationRecord> {
    return this.#reconciler.get(id);
  }

  start(): void {
    if (this.#options.budgetSystem === undefined) return;
    this.#worker.start();
    this.#reconciler.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#worker.stop(), this.#reconciler.stop()]);
  }

  kick(): void {
    this.#worker.kick();
  }

  async runOnce(): Promise<number> {
    return this.#options.budgetSystem === undefined ? 0 : this.#worker.runOnce();
  }

  async reconcileOnce(): Promise<boolean> {
    return this.#options.budgetSystem !== undefined && (await this.#reconciler.runOnce());
  }

  #published(): void {
    this.#options.onPublished?.();
    this.#worker.kick();
  }
}

/** Never called: without a budget system nothing is worked on. */
const noBudgetSystem: BudgetSystem = {
  deliver: () => Promise.resolve({ kind: 'unanswered', reason: 'unavailable' }),
  lookup: () => Promise.resolve({ kind: 'unanswered', reason: 'unavailable' }),
  holdings: () => Promise.resolve({ kind: 'unanswered', reason: 'unavailable' }),
};

/**
 * Many contracts with one token and one entry of its PIN. Each contract is one act of signing of its
 * own (`signing-service.ts`), with its own intent, attempt and events; a batch is only their list and
 * how far it has come, so that it can be taken up again with the PIN entered anew.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { hasRole, idOfRequest, madeBefore, scopeOf, type Principal } from '../access/index.js';
import { currentBlobId, type ContractIndex, type ContractRecord } from '../contract/index.js';
import {
  AppError,
  isAppError,
  sha256Hex,
  toRfc3339,
  type Clock,
  type ErrorCode,
  type Logger,
  type Secret,
} from '../kernel/index.js';
import type { Collection } from '../store/index.js';
import type { SigningKey, TokenProvider, TokenSelector } from '../token/index.js';
import {
  batchStateAt,
  type BatchItem,
  type SigningBatchIndex,
  type SigningBatchRecord,
} from './batch-record.js';
import type { SigningService } from './signing-api.js';

export interface SigningBatchesOptions {
  readonly batches: Collection<SigningBatchRecord, SigningBatchIndex>;
  readonly contracts: Collection<ContractRecord, ContractIndex>;
  readonly tokens: TokenProvider;
  readonly signing: Pick<SigningService, 'signWithKey'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long one signature may take before the batch counts as interrupted. */
  readonly leaseMs: number;
}

/** How the token is opened; the PIN is used before the call returns. */
export interface PinEntry {
  readonly pin: Secret;
  readonly confirmFinalTry?: boolean;
  /**
   * A token that wants its PIN before every signature gets it from us, out of memory, for as long
   * as the batch runs.
   */
  readonly consentsToEachSignature?: boolean;
}

export interface StartBatchRequest extends PinEntry {
  readonly principal: Principal;
  readonly contractIds: readonly string[];
  readonly token: TokenSelector;
  readonly sealId?: string;
  readonly crossPage?: 'left' | 'right';
}

export interface ResumeBatchRequest extends PinEntry {
  readonly principal: Principal;
  readonly batchId: string;
}

export interface SigningBatches {
  /**
   * Opens the token, so that what is wrong with the PIN is said at once, and begins to sign.
   * @throws AppError as `TokenProvider.open`; `token-pin-each-signature`; `forbidden`
   */
  start(request: StartBatchRequest): Promise<SigningBatchRecord>;
  /**
   * Takes up what is not signed yet, failures included.
   * @throws AppError as `start`; `not-found`; `conflict` while it runs
   */
  resume(request: ResumeBatchRequest): Promise<SigningBatchRecord>;
  /** Waits at most `waitMs` for the batch to end. @throws AppError `not-found` */
  get(principal: Principal, batchId: string, waitMs: number): Promise<SigningBatchRecord>;
  /** Ends every batch after the contract in hand and gives the keys back. */
  stop(): Promise<void>;
}

const POLL_MS = 200;

/** What ends a batch: another contract would meet it too. */
function endsBatch(code: ErrorCode): boolean {
  return (
    code.startsWith('token-') ||
    code === 'internal' ||
    code === 'audit-unavailable' ||
    code === 'store-unavailable' ||
    code === 'algorithm-unsupported'
  );
}

export function createSigningBatches(options: SigningBatchesOptions): SigningBatches {
  return new Batches(options);
}

class Batches implements SigningBatches {
  readonly #options: SigningBatchesOptions;
  readonly #running = new Set<Promise<void>>();
  #isStopping = false;

  constructor(options: SigningBatchesOptions) {
    this.#options = options;
  }

  async start(request: StartBatchRequest): Promise<SigningBatchRecord> {
    const { principal, token, sealId, crossPage } = request;
    const unitId = signerUnit(principal);
    const { batches } = this.#options;
    const before = await madeBefore(batches, 'bat', principal, (made) => made.unitId === unitId);
    if (before !== undefined) return before;
    const key = await this.#openKey(token, request);
    try {
      const at = this.#now();
      const batch: SigningBatchRecord = {
        id: idOfRequest('bat', principal),
        version: 1,
        accountId: principal.accountId,
        unitId,
        token,
        certificateSha256: sha256Hex(key.certificateDer),
        ...(sealId === undefined ? {} : { sealId }),
        ...(crossPage === undefined ? {} : { crossPage }),
        state: 'running',
        items: [...new Set(request.contractIds)].map((contractId) => ({
          contractId,
          state: 'waiting',
        })),
        createdAt: at,
        updatedAt: at,
        until: this.#leaseEnd(),
      };
      await batches.insert(batch);
      this.#launch(principal, batch, key);
      return batch;
    } catch (error) {
      await key[Symbol.asyncDispose]();
      throw error;
    }
  }

  async resume(request: ResumeBatchRequest): Promise<SigningBatchRecord> {
    const { principal } = request;
    signerUnit(principal);
    const found = await this.#ownBatch(principal, request.batchId);
    const state = batchStateAt(found, this.#options.clock.now());
    if (state === 'running') throw new AppError('conflict', 'the batch is running');
    if (found.items.every((item) => item.state === 'signed')) return found;
    const key = await this.#openKey(
      { ...found.token, certificateSha256Hex: found.certificateSha256 },
      request,
    );
    try {
      // Whoever writes first has the batch; the other gets a version conflict.
      const batch = await this.#replace(withoutFailures(found));
      this.#launch(principal, batch, key);
      return batch;
    } catch (error) {
      await key[Symbol.asyncDispose]();
      throw error;
    }
  }

  async get(principal: Principal, batchId: string, waitMs: number): Promise<SigningBatchRecord> {
    const { clock } = this.#options;
    const untilMs = clock.monotonicMs() + waitMs;
    for (;;) {
      const batch = await this.#ownBatch(principal, batchId);
      const leftMs = untilMs - clock.monotonicMs();
      const isRunning = batchStateAt(batch, clock.now()) === 'running';
      if (!isRunning || leftMs <= 0 || this.#isStopping) return batch;
      await sleep(Math.min(POLL_MS, leftMs));
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#running);
  }

  async #openKey(token: TokenSelector, entry: PinEntry): Promise<SigningKey> {
    const key = await this.#options.tokens.open(token, {
      pin: entry.pin,
      confirmFinalTry: entry.confirmFinalTry ?? false,
    });
    if (key.authentication === 'once' || entry.consentsToEachSignature === true) return key;
    await key[Symbol.asyncDispose]();
    throw new AppError('token-pin-each-signature', 'the token wants its PIN for each signature');
  }

  #launch(principal: Principal, batch: SigningBatchRecord, key: SigningKey): void {
    const run = this.#run(principal, batch, key).catch((error: unknown) => {
      this.#options.logger.error('signing-batch.failed', { batchId: batch.id, error });
    });
    this.#running.add(run);
    void run.finally(() => this.#running.delete(run));
  }

  async #run(principal: Principal, started: SigningBatchRecord, key: SigningKey): Promise<void> {
    await using held = key;
    let batch = started;
    for (const [index, item] of started.items.entries()) {
      if (item.state === 'signed') continue;
      if (this.#isStopping) {
        await this.#replace({ ...batch, state: 'stopped', stopCode: 'unavailable' });
        return;
      }
      const outcome = await this.#signOne(principal, batch, item.contractId, held);
      if (outcome.code !== undefined && endsBatch(outcome.code)) {
        await this.#replace({ ...batch, state: 'stopped', stopCode: outcome.code });
        return;
      }
      batch = await this.#replace({ ...batch, items: batch.items.with(index, outcome) });
    }
    await this.#replace({ ...batch, state: 'finished' });
  }

  async #signOne(
    principal: Principal,
    batch: SigningBatchRecord,
    contractId: string,
    key: SigningKey,
  ): Promise<BatchItem> {
    try {
      const known = await this.#signedBefore(principal, batch, contractId);
      if (known !== undefined) return { contractId, state: 'signed', documentSha256: known };
      const { sealId, crossPage } = batch;
      const contract = await this.#options.signing.signWithKey({
        principal,
        contractId,
        key,
        ...(sealId === undefined ? {} : { sealId }),
        ...(crossPage === undefined ? {} : { placing: { crossPage } }),
      });
      const documentSha256 = currentBlobId(contract);
      return {
        contractId,
        state: 'signed',
        ...(documentSha256 === undefined ? {} : { documentSha256 }),
      };
    } catch (error) {
      const code = isAppError(error) ? error.code : 'internal';
      if (code === 'internal') {
        this.#options.logger.error('signing-batch.item', { batchId: batch.id, contractId, error });
      }
      return { contractId, state: 'failed', code };
    }
  }

  /** Signed by this batch before a crash that came ahead of the batch's own record. */
  async #signedBefore(
    principal: Principal,
    { unitId, certificateSha256, createdAt }: SigningBatchRecord,
    contractId: string,
  ): Promise<string | undefined> {
    const contract = await this.#options.contracts.get(contractId, scopeOf(principal));
    return contract?.signatures.find(
      (each) =>
        each.unitId === unitId &&
        each.certificateSha256 === certificateSha256 &&
        each.signedAt >= createdAt,
    )?.blobId;
  }

  async #replace(batch: SigningBatchRecord): Promise<SigningBatchRecord> {
    const next: SigningBatchRecord = {
      ...batch,
      version: batch.version + 1,
      updatedAt: this.#now(),
      until: this.#leaseEnd(),
    };
    await this.#options.batches.replace(next);
    return next;
  }

  async #ownBatch(principal: Principal, batchId: string): Promise<SigningBatchRecord> {
    const batch = await this.#options.batches.get(batchId, scopeOf(principal));
    if (batch?.accountId !== principal.accountId) {
      throw new AppError('not-found', 'no such signing batch');
    }
    return batch;
  }

  #now(): string {
    return toRfc3339(this.#options.clock.now());
  }

  #leaseEnd(): string {
    return toRfc3339(new Date(this.#options.clock.now().getTime() + this.#options.leaseMs));
  }
}

/** As it was when it began, but for what is signed. */
function withoutFailures(batch: SigningBatchRecord): SigningBatchRecord {
  const items = batch.items.map((item): BatchItem =>
    item.state === 'failed' ? { contractId: item.contractId, state: 'waiting' } : item,
  );
  const running = { ...batch, state: 'running' as const, items };
  delete running.stopCode;
  return running;
}

/** @throws AppError `forbidden`, `contract-party-mismatch` */
function signerUnit(principal: Principal): string {
  if (!hasRole(principal, 'unit-signer', 'supplier-signer')) {
    throw new AppError('forbidden', 'only signers sign');
  }
  if (principal.unitId === undefined) {
    throw new AppError('contract-party-mismatch', 'the account belongs to no unit');
  }
  return principal.unitId;
}

/**
 * Raises in the background what could not be raised when it was signed, and renews document
 * time-stamps before they lose their worth.
 *
 * The arrows: claimed (a lease on the contract) → raised → verified by our own verifier → blob
 * stored → published in one conditional write. A process that dies leaves a lease that runs out; a
 * contract that was signed or extended meanwhile wins, and the work is done again on top of it.
 */
import { SYSTEM_ACTOR } from '../audit/index.js';
import {
  contractEvent,
  currentBlobId,
  isSigningUnderWay,
  withExtension,
  withLevelState,
  type ContractIndex,
  type ContractRecord,
  type LevelState,
} from '../contract/index.js';
import {
  AppError,
  ConcatSource,
  MemorySource,
  isAppError,
  newId,
  toRfc3339,
  type ByteSource,
  type Clock,
  type FaultHook,
  type Logger,
} from '../kernel/index.js';
import { SCOPE_ALL, change, type BlobStore, type Collection } from '../store/index.js';
import { levelStateAfter, type LevelPolicy } from './level-policy.js';
import { isAtLeast, raiseLevel, type RaisedFile } from './levels/index.js';
import type { VerifyOwn } from './ports.js';

export interface LevelWorkerOptions {
  readonly contracts: Collection<ContractRecord, ContractIndex>;
  readonly blobs: BlobStore;
  readonly verifyOwn: VerifyOwn;
  readonly policy: LevelPolicy;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly faults: FaultHook;
  readonly onPublished: () => void;
  /** How long a claim keeps other processes away. */
  readonly leaseMs: number;
  readonly intervalMs: number;
}

export interface LevelWorker {
  start(): void;
  stop(): Promise<void>;
  /** @returns How many contracts it worked on. */
  runOnce(): Promise<number>;
}

/** Contracts taken up in one round. */
const BATCH = 4;
/** A contract that somebody is signing is looked at again so much later. */
const POSTPONED_MS = 60_000;

export function createLevelWorker(options: LevelWorkerOptions): LevelWorker {
  return new Worker(options);
}

class Worker implements LevelWorker {
  readonly #options: LevelWorkerOptions;
  readonly #holder = newId('lvl');
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<unknown> = Promise.resolve();
  #isRunning = false;

  constructor(options: LevelWorkerOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    clearTimeout(this.#timer);
    await this.#round;
  }

  async runOnce(): Promise<number> {
    const { contracts, clock } = this.#options;
    const due = await contracts.find(
      {
        where: { levelDueAt: { lte: toRfc3339(clock.now()) } },
        orderBy: 'levelDueAt',
        limit: BATCH,
      },
      SCOPE_ALL,
    );
    let count = 0;
    for (const contract of due.items) if (await this.#takeUp(contract)) count++;
    return count;
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      this.#round = this.runOnce()
        .catch((error: unknown) => this.#options.logger.error('level.round-failed', { error }))
        .then(() => {
          if (this.#isRunning) this.#schedule();
        });
    }, this.#options.intervalMs);
    this.#timer.unref();
  }

  async #takeUp(contract: ContractRecord): Promise<boolean> {
    const { logger, faults } = this.#options;
    try {
      const claimed = await this.#claim(contract);
      if (claimed === undefined) return false;
      faults('level:claimed');
      await this.#work(claimed.contract, claimed.state);
      return true;
    } catch (error) {
      // Another process, a signer or filing was quicker; what is left to do is still written down.
      if (isAppError(error, 'record-version-conflict')) {
        await this.#release(contract.id);
        return false;
      }
      if (!isAppError(error)) throw error;
      logger.warn('level.failed', { contractId: contract.id, code: error.code });
      return false;
    }
  }

  async #claim(
    contract: ContractRecord,
  ): Promise<{ readonly contract: ContractRecord; readonly state: LevelState } | undefined> {
    const { contracts, clock, leaseMs } = this.#options;
    const { level } = contract;
    const now = clock.now();
    if (level?.dueAt === undefined || Date.parse(level.dueAt) > now.getTime()) return undefined;
    const isBusy = isSigningUnderWay(contract, now);
    const dueAt = toRfc3339(new Date(now.getTime() + (isBusy ? POSTPONED_MS : leaseMs)));
    const state = isBusy ? { ...level, dueAt } : { ...level, dueAt, holder: this.#holder };
    const next = withLevelState(contract, state);
    await contracts.replace(next);
    return isBusy ? undefined : { contract: next, state: level };
  }

  /** A claim that came to nothing does not keep the contract waiting until it lapses. */
  async #release(contractId: string): Promise<void> {
    const { contracts, clock, policy } = this.#options;
    const dueAt = toRfc3339(new Date(clock.now().getTime() + policy.firstPauseMs));
    await change(contracts, contractId, 'contract-not-found', (current) => {
      const { level } = current;
      if (level?.holder !== this.#holder || level.dueAt === undefined) return current;
      return withLevelState(current, { ...level, dueAt });
    });
  }

  async #work(contract: ContractRecord, before: LevelState): Promise<void> {
    const { blobs, policy } = this.#options;
    const blobId = currentBlobId(contract);
    if (blobId === undefined) throw new AppError('internal', 'a level without a document');
    const base = new MemorySource(await blobs.read(blobId));
    const raised = await raiseLevel(base, {
      ...policy,
      fields: contract.signatures.map(({ fieldName }) => fieldName),
    });
    const isProgress =
      raised.appended.length > 0 &&
      (raised.failure === undefined || !isAtLeast(before.reached, raised.level));
    if (isProgress) await this.#publish(contract, before, base, raised);
    else await this.#reschedule(contract, before, raised);
  }

  async #publish(
    contract: ContractRecord,
    before: LevelState,
    base: ByteSource,
    raised: RaisedFile,
  ): Promise<void> {
    const { blobs, contracts, policy, clock, faults, verifyOwn } = this.#options;
    const { appended } = raised;
    await assertStillSound(verifyOwn, new ConcatSource(base, new MemorySource(appended)), raised);
    faults('level:verified');
    const blobId = await blobs.put([base, appended]);
    faults('level:blob-stored');
    const at = clock.now();
    const extension = {
      blobId,
      sizeBytes: base.size + appended.length,
      afterSignature: contract.signatures.length,
      level: raised.level,
      extendedAt: toRfc3339(at),
    };
    const event = contractEvent(contract, {
      what: before.state === 'kept' ? 'level-renewed' : 'level-raised',
      actor: SYSTEM_ACTOR,
      at,
      details: { documentSha256: blobId, level: raised.level, target: policy.target },
    });
    const state = levelStateAfter(policy, raised, at, before);
    await contracts.replace(withExtension(contract, extension, state, [event]));
    faults('level:published');
    this.#options.onPublished();
  }

  /** Nothing new came of it: the next try is written down, or that there will be none. */
  async #reschedule(
    contract: ContractRecord,
    before: LevelState,
    raised: RaisedFile,
  ): Promise<void> {
    const { contracts, policy, clock, logger } = this.#options;
    const at = clock.now();
    // A renewal that fails takes nothing away from what was reached.
    const reached = isAtLeast(before.reached, raised.level) ? before.reached : raised.level;
    const next = levelStateAfter(policy, { ...raised, level: raised.level }, at, before);
    const state: LevelState =
      before.state === 'kept' && next.state !== 'kept'
        ? { ...next, reached, state: 'kept', ...dueAgain(next, at) }
        : { ...next, reached };
    const isMissed = state.state === 'missed';
    const code = state.lastFailure ?? null;
    if (isMissed) {
      logger.error('level.missed', { contractId: contract.id, target: policy.target, code });
    }
    const event = contractEvent(contract, {
      what: 'level-missed',
      actor: SYSTEM_ACTOR,
      at,
      details: { target: policy.target, reached, code },
    });
    await contracts.replace(withLevelState(contract, state, isMissed ? [event] : []));
    if (isMissed) this.#options.onPublished();
  }
}

/** A renewal is tried for as long as there is something to be renewed. */
function dueAgain(next: LevelState, at: Date): Pick<LevelState, 'dueAt'> {
  return { dueAt: next.dueAt ?? toRfc3339(new Date(at.getTime() + POSTPONED_MS * 60)) };
}

/** @throws AppError `signature-not-verified` */
async function assertStillSound(
  verifyOwn: VerifyOwn,
  file: ByteSource,
  raised: RaisedFile,
): Promise<void> {
  const { signatures } = await verifyOwn(file);
  const own = signatures.filter(({ field }) => raised.fields.includes(field));
  const fault = signatures.find(({ indication }) => indication === 'TOTAL-FAILED');
  const low = own.find(({ level }) => level === null || !isAtLeast(level, raised.level));
  const isSound = fault === undefined && low === undefined && own.length === raised.fields.length;
  if (isSound) return;
  const worst = fault ?? low;
  throw new AppError('signature-not-verified', 'our own verification does not pass', {
    params: {
      reason: worst?.messages.map((each) => each.code) ?? [],
      subIndication: worst?.subIndication ?? null,
    },
  });
}

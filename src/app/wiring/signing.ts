/** Signing: one contract, a batch of them, and the levels that signatures reach afterwards. */
import type { AuditLog } from '../../audit/index.js';
import type { Config } from '../../config/index.js';
import type { HttpServices } from '../../http/index.js';
import type { Clock, FaultHook, Logger } from '../../kernel/index.js';
import type { SealUseControl } from '../../seal/index.js';
import {
  createLevelWorker,
  createSigningBatches,
  createSigningService,
  type LevelWorker,
  type SealSupply,
  type VerifyOwn,
} from '../../signing/index.js';
import type { BlobStore } from '../../store/index.js';
import type { TokenProvider } from '../../token/index.js';
import type { Collections } from '../data-folder/stores.js';
import type { TrustRoom } from './trust.js';

export interface SigningParts {
  readonly config: Pick<Config, 'signing'>;
  readonly collections: Pick<Collections, 'contracts' | 'units' | 'signingBatches'>;
  readonly blobs: BlobStore;
  readonly tokens: TokenProvider;
  readonly trust: Pick<TrustRoom, 'certificates' | 'levels'>;
  readonly seals: SealSupply;
  readonly uses: SealUseControl;
  readonly verifyOwn: VerifyOwn;
  readonly log: Pick<AuditLog, 'append'>;
  /** How long an attempt, a batch and a level that is sought block others after a crash. */
  readonly attemptMs: number | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly faults: FaultHook;
  /** Called after a write that left events for the relay. */
  readonly onPublished: () => void;
}

export interface SigningRoom {
  readonly api: Pick<HttpServices, 'signing' | 'batches'>;
  /** `undefined` where contracts stay at B-B. */
  readonly levelWorker: LevelWorker | undefined;
}

const ATTEMPT_MS = 2 * 60_000;
/** How often levels that are due are looked for, and how long one contract is claimed. */
const LEVEL_INTERVAL_MS = 15_000;
const LEVEL_LEASE_MS = 5 * 60_000;

export function wireSigning(parts: SigningParts): SigningRoom {
  const { config, collections, blobs, tokens, verifyOwn, clock, logger, faults, onPublished } =
    parts;
  const { certificates, levels } = parts.trust;
  const { contracts, units } = collections;
  const signing = createSigningService({
    contracts,
    units,
    blobs,
    tokens,
    seals: parts.seals,
    certificates,
    verifyOwn,
    levels,
    uses: parts.uses,
    recordIntent: (events) => parts.log.append(events),
    clock,
    logger,
    faults,
    attemptMs: parts.attemptMs ?? ATTEMPT_MS,
    sessionMs: config.signing.sessionSeconds * 1000,
    onPublished,
  });
  return {
    api: {
      signing,
      batches: createSigningBatches({
        batches: collections.signingBatches,
        contracts,
        tokens,
        signing,
        clock,
        logger,
        leaseMs: parts.attemptMs ?? ATTEMPT_MS,
      }),
    },
    levelWorker:
      levels === undefined
        ? undefined
        : createLevelWorker({
            contracts,
            blobs,
            verifyOwn,
            policy: levels,
            clock,
            logger,
            faults,
            onPublished,
            leaseMs: parts.attemptMs ?? LEVEL_LEASE_MS,
            intervalMs: Math.min(LEVEL_INTERVAL_MS, levels.firstPauseMs),
          }),
  };
}

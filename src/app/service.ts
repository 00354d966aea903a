/**
 * The composition root: configuration to wired services, room by room. Nothing here decides anything; it says
 * who is given what, in which order, and what runs in the background.
 */
import type { Config } from '../config/index.js';
import { createIdempotencyLedger, type HttpServices } from '../http/index.js';
import { noFaults, type Clock, type FaultHook, type Logger } from '../kernel/index.js';
import type { SealMakerKeys } from '../seal/index.js';
import type { TokenProvider } from '../token/index.js';
import { readFeatureAnnouncements } from './changelog.js';
import { createIsolatedReader, type IsolationOptions } from './isolation/index.js';
import { openingAll, type Opened } from './opened.js';
import { useSoftHsmConfiguration } from './pkcs11-modules.js';
import { repeating } from './repeating.js';
import { loadResources } from './resources.js';
import { openBlobs, openCollections, openRecords, type Collections } from './data-folder/stores.js';
import { wireAccess } from './wiring/access.js';
import { openAudit } from './wiring/audit.js';
import { wireContracts } from './wiring/contracts.js';
import { wireFiling, type FilingPace } from './wiring/filing.js';
import { openServiceKeys } from './wiring/keys.js';
import { readiness } from './wiring/readiness.js';
import { wireRelay } from './wiring/relay.js';
import { wireSealUses } from './wiring/seal-uses.js';
import { wireSeals } from './wiring/seals.js';
import { wireSigning } from './wiring/signing.js';
import { wireSupervision } from './wiring/supervision.js';
import { openTokens } from './wiring/tokens.js';
import { wireTrust } from './wiring/trust.js';
import { wireVerification } from './wiring/verification.js';
import { wireWebhooks } from './wiring/webhooks.js';

export interface ServiceOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly faults?: FaultHook;
  /** Instead of the configured PKCS#11 modules. */
  readonly tokens?: TokenProvider;
  /** Instead of the configured key that makes seals. */
  readonly sealMaker?: SealMakerKeys['open'];
  /** How long an attempt at the server, and a request's key, block others after a crash. */
  readonly attemptMs?: number;
  readonly relayIntervalMs?: number;
  /** How files that strangers send are read. */
  readonly isolation?: IsolationOptions;
  /** Pace of deliveries; the filing room's own where absent. */
  readonly filing?: FilingPace;
}

export interface Service extends AsyncDisposable {
  readonly services: HttpServices;
  readonly collections: Collections;
  /** Background work: relay, deliveries, checkpoints. */
  start(): void;
  stop(): Promise<void>;
  /** Relays and delivers until nothing is left that is due. */
  settle(): Promise<void>;
}

/** Work that goes on beside the requests. */
interface BackgroundWork {
  start(): void;
  /** Ends after the round under way. */
  stop(): Promise<void>;
}

/** How often uses of seals are looked for that nobody ended. */
const USE_SWEEP_INTERVAL_MS = 15_000;
/** How often seals are looked for whose day has come. */
const SEAL_LIFE_INTERVAL_MS = 60_000;
/** Used challenges and old idempotency keys are removed this often. */
const PURGE_INTERVAL_MS = 3_600_000;

/**
 * A start that fails leaves nothing open.
 * @throws AppError `config-invalid`, `store-unavailable`, `audit-corrupt`
 */
export function openService(options: ServiceOptions): Promise<Service> {
  return openingAll((opened) => openRooms(options, opened));
}

async function openRooms(options: ServiceOptions, opened: Opened): Promise<Service> {
  const { config, clock, logger, attemptMs } = options;
  const faults = options.faults ?? noFaults;
  useSoftHsmConfiguration(config.pkcs11.softhsmConf);

  const resources = loadResources(config);
  const keys = openServiceKeys(config);
  const trust = wireTrust({ config, clock });
  const blobs = await openBlobs(config);
  const records = opened.add(await openRecords(config, logger));
  const collections = await openCollections(records);
  const { log, checkpoints } = await openAudit({
    config,
    collections,
    key: keys.audit,
    clock,
    logger,
  });
  const tokens = options.tokens ?? opened.add(await openTokens({ config, clock, logger }));
  const reader = opened.add(createIsolatedReader(options.isolation));

  // The relay comes last: it is told who waits for events. Nothing is published before all is wired.
  const onPublished = (): void => relay.kick();
  const { access, accounts, units } = wireAccess({
    config,
    collections,
    certificates: trust.certificates,
    clock,
  });
  const seals = wireSeals({
    config,
    collections,
    blobs,
    resources,
    trust,
    tokens,
    reader,
    statementKey: keys.statements,
    openMaker: options.sealMaker,
    stoppedUsesLeaseMs: attemptMs,
    clock,
    logger,
    faults,
    onPublished,
  });
  const sealUses = wireSealUses({ collections, blobs, resources, log, clock, logger, onPublished });
  const verification = wireVerification({
    config,
    collections,
    resources,
    trust,
    seals: seals.desk.register,
    reader,
    keys,
    clock,
  });
  const contracts = wireContracts({
    config,
    collections,
    blobs,
    resources,
    reader,
    clock,
    logger,
    onPublished,
  });
  const signing = wireSigning({
    config,
    collections,
    blobs,
    tokens,
    trust,
    seals: seals.desk.supply,
    uses: sealUses.desk.control,
    verifyOwn: verification.verifyOwn,
    log,
    attemptMs,
    clock,
    logger,
    faults,
    onPublished,
  });
  const filing = wireFiling({
    config,
    collections,
    blobs,
    resources,
    trust,
    log,
    keys,
    verifyOwn: verification.verifyOwn,
    pace: options.filing,
    clock,
    logger,
    faults,
    onPublished,
  });
  const { outgoing } = trust;
  const webhooks = wireWebhooks({
    config,
    collections,
    outgoing,
    clock,
    logger,
    faults,
    onPublished,
  });
  const supervision = wireSupervision({ config, collections, resources, clock, logger });
  const relay = wireRelay({
    collections,
    log,
    subscribers: [
      sealUses.desk.subscriber,
      filing.service.subscriber,
      contracts.supplements.subscriber,
      webhooks.service.subscriber,
    ],
    logger,
    faults,
    intervalMs: options.relayIntervalMs,
  });
  const idempotency = createIdempotencyLedger(collections.idempotency, clock, attemptMs);

  const services: HttpServices = {
    access,
    accounts,
    units,
    ...seals.api,
    ...sealUses.api,
    ...contracts.api,
    ...signing.api,
    ...filing.api,
    webhooks: webhooks.service,
    verification: verification.api,
    supervision: supervision.api,
    audit: log,
    blobs,
    tokens,
    idempotency,
    features: readFeatureAnnouncements(),
    publishedKeys: () => [
      ...access.jwks().keys,
      keys.audit.published,
      keys.package.published,
      keys.statements.published,
    ],
    readiness: () =>
      readiness([
        ['store', () => records.ping()],
        ['audit', () => log.size()],
        ['trust', () => trust.trust.profiles()],
      ]),
    clock,
    logger,
  };

  const advanceSeals = async (): Promise<void> => {
    await seals.advanceLives();
    await sealUses.statementWorker.runOnce();
  };
  const sweepUses = async (): Promise<void> => {
    await seals.stoppedUses.runOnce();
    await sealUses.desk.sweep();
  };
  const purge = async (): Promise<void> => {
    await access.purge();
    await idempotency.purge();
  };
  const background: readonly BackgroundWork[] = [
    relay,
    filing.service,
    webhooks.worker,
    ...(signing.levelWorker === undefined ? [] : [signing.levelWorker]),
    contracts.timekeeper,
    supervision.projector,
    repeating('seal-use.sweep-failed', sweepUses, { intervalMs: USE_SWEEP_INTERVAL_MS, logger }),
    repeating('seal-life.round-failed', advanceSeals, {
      intervalMs: SEAL_LIFE_INTERVAL_MS,
      logger,
    }),
    checkpoints,
    repeating('service.sweep-failed', purge, { intervalMs: PURGE_INTERVAL_MS, logger }),
  ];
  const stop = async (): Promise<void> => {
    await signing.api.batches.stop();
    for (const work of background) await work.stop();
  };
  return {
    services,
    collections,
    start() {
      for (const work of background) work.start();
    },
    stop,
    async settle() {
      await contracts.timekeeper.runOnce();
      await sweepUses();
      await advanceSeals();
      await relay.runOnce();
      await filing.service.reconcileOnce();
      await filing.service.runOnce();
      await webhooks.worker.runOnce();
      await signing.levelWorker?.runOnce();
      await relay.runOnce();
      await supervision.projector.runOnce();
    },
    async [Symbol.asyncDispose]() {
      try {
        await stop();
      } finally {
        await opened[Symbol.asyncDispose]();
      }
    },
  };
}

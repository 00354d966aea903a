/**
 * The composition root: configuration to wired services. Nothing here decides anything; it says who
 * is given what.
 */
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createAccessService,
  createAccessTokens,
  createAccountService,
  createLoginChallenges,
  createLoginThrottle,
  createUnitService,
  generateAccessKeyPem,
  loadAccessKey,
} from '../access/index.js';
import { createAuditLog, createRelay, relaySource, type Relay } from '../audit/index.js';
import type { Config } from '../config/index.js';
import {
  SupplementLedger,
  allSignatures,
  createAwardService,
  createContractService,
  createOwnTemplateService,
  createTimekeeper,
  renderContract,
  setWord,
  type ContractRenderer,
} from '../contract/index.js';
import {
  createFilingService,
  createHttpBudgetSystem,
  evidenceOf,
  renderEvidence,
  type BudgetSystem,
  type FilingServiceOptions,
  type ReceiptTerms,
} from '../filing/index.js';
import { createIdempotencyLedger, type HttpServices, type ReadinessCheck } from '../http/index.js';
import {
  AppError,
  DEFAULT_BACKOFF,
  MemorySource,
  isAppError,
  looksLikeZip,
  noFaults,
  toRfc3339,
  type Clock,
  type FaultHook,
  type Logger,
} from '../kernel/index.js';
import {
  createRevocationImpacts,
  createSealApplications,
  createSealService,
  StatementWorker,
  createSealStatements,
  createStatementDrawer,
  createSealStatusList,
  createSealUseDesk,
  RevocationOrders,
  SealLifeWorker,
  StoppedUses,
  createSignedSealStatus,
  renderStatement,
  type SealMakerKeys,
} from '../seal/index.js';
import {
  appearanceDigest,
  createLevelWorker,
  createSigningBatches,
  createSigningService,
  type VerifyOwn,
} from '../signing/index.js';
import { SCOPE_ALL } from '../store/index.js';
import { SupervisionProjector, createSupervision } from '../supervision/index.js';
import { openPkcs11Provider } from '../token/pkcs11/index.js';
import type { TokenProvider } from '../token/index.js';
import { openTrustFolder } from '../trust/file/index.js';
import { asStandardFetch } from '../trust/http/index.js';
import { renderReport, verifyPdf, type VerifyOptions } from '../verification/index.js';
import { createWebhookService, createWebhookWorker } from '../webhook/index.js';
import { readFeatureAnnouncements } from './changelog.js';
import { createCertificateValidator } from './certificate-validator.js';
import { openCheckpoints } from './checkpoints.js';
import { checkpointKey, keyFile, readNamedKeys, secretBox, statementKey } from './keys.js';
import { jwsSigner } from './jws.js';
import { createOutgoing } from './outgoing.js';
import { admissionPolicy } from './admission-policy.js';
import { createIsolatedReader, type IsolationOptions } from './isolation/index.js';
import { signingMeans } from './signing-means.js';
import { evidencePictures } from './evidence-pictures.js';
import { repeating } from './repeating.js';
import { levelPolicyOf, timestampsOf } from './level-services.js';
import { assertMadeSound } from './made-seal.js';
import { loadResources } from './resources.js';
import { createSealDesk } from './seal-desk.js';
import { createSealMaker } from './seal-maker.js';
import { endSealUses } from './seal-uses.js';
import { moduleEnvironment, pkcs11Options, useSoftHsmConfiguration } from './pkcs11-modules.js';
import { openBlobs, openCollections, openRecords, type Collections } from './stores.js';
import { trustedServiceKeys } from './verify-package.js';
import { CHECKPOINT_FILE, CHECKPOINT_KEY_FILE, STATEMENT_KEY_FILE } from './verify-audit.js';

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
  readonly filing?: Pick<FilingServiceOptions, 'backoff' | 'intervalMs' | 'leaseMs' | 'timeoutMs'>;
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

const ATTEMPT_MS = 2 * 60_000;
const RELAY_INTERVAL_MS = 1000;
/** How often what supervisors see follows the audit log. */
const PROJECTION_INTERVAL_MS = 2000;
/** How often contracts that wait for a party are looked at. */
const TIMER_INTERVAL_MS = 60_000;
/** How often levels that are due are looked for, and how long one contract is claimed. */
const LEVEL_INTERVAL_MS = 15_000;
const LEVEL_LEASE_MS = 5 * 60_000;
/** How often uses of seals are looked for that nobody ended. */
const USE_SWEEP_INTERVAL_MS = 15_000;
/** How long whoever stops a seal has to end its uses before another process does. */
const STOPPED_USES_LEASE_MS = 30_000;
/** Used challenges and old idempotency keys are removed this often. */
const SEAL_LIFE_INTERVAL_MS = 60_000;
const SWEEP_INTERVAL_MS = 3_600_000;

function budgetSystemOf(
  config: Config,
  clock: Clock,
  fetchFn: typeof fetch,
): BudgetSystem | undefined {
  const peer = config.budgetSystem;
  if (peer === undefined) return undefined;
  return createHttpBudgetSystem({
    url: peer.url,
    fetchFn,
    clock,
    signer: {
      keyId: peer.keyId,
      privateKey: createPrivateKey(readFileSync(peer.signingKeyFile, 'utf8')),
    },
  });
}

/** @throws AppError `config-invalid` where the keys cannot be read */
function receiptTermsOf({ receipts }: Config): ReceiptTerms {
  const { keysFile, acceptsUnsigned } = receipts;
  if (keysFile === undefined) return { keys: new Map(), acceptsUnsigned };
  try {
    return { keys: readNamedKeys(readFileSync(keysFile, 'utf8')), acceptsUnsigned };
  } catch (error) {
    throw new AppError('config-invalid', 'budgetSystem.receiptKeysFile cannot be read', {
      params: { faults: ['budgetSystem.receiptKeysFile: no JWK set whose keys have a kid'] },
      cause: error,
    });
  }
}

function paceOf({
  budgetSystem: peer,
}: Config): Pick<FilingServiceOptions, 'backoff' | 'timeoutMs' | 'reconcileHour'> {
  if (peer === undefined) return {};
  return {
    timeoutMs: peer.timeoutMs,
    backoff: { ...DEFAULT_BACKOFF, firstMs: peer.retrySeconds * 1000 },
    reconcileHour: peer.reconcileHour,
  };
}

/** @throws AppError `config-invalid`, `store-unavailable` */
export async function openService(options: ServiceOptions): Promise<Service> {
  const { config, clock, logger } = options;
  const faults = options.faults ?? noFaults;
  useSoftHsmConfiguration(config.pkcs11.softhsmConf);
  const resources = loadResources(config);
  const isDevelopment = config.environment === 'development';
  const outgoing = createOutgoing({
    allowedHosts: config.outgoing.allowedHosts,
    allowsPrivate: config.outgoing.allowPrivateAddresses || isDevelopment,
    timeoutMs: config.outgoing.timeoutMs,
    ...(config.budgetSystem === undefined
      ? {}
      : { filingTimeoutMs: config.budgetSystem.timeoutMs }),
  });
  const blobs = await openBlobs(config);
  const records = await openRecords(config, logger);
  const collections = await openCollections(records);
  const { contracts, units, seals, filings } = collections;
  const trust = openTrustFolder(config.trustDirectory);
  const certificates = createCertificateValidator({ trust, revocation: outgoing.revocation });

  const auditKey = checkpointKey(join(config.dataDirectory, CHECKPOINT_KEY_FILE));
  const packageKey = statementKey(join(config.dataDirectory, 'keys', 'package.pem'));
  const statusKey = statementKey(join(config.dataDirectory, STATEMENT_KEY_FILE));
  const statusSigner = jwsSigner(statusKey);
  const log = createAuditLog({
    entries: collections.auditEntries,
    checkpoints: collections.auditCheckpoints,
    key: auditKey,
    clock,
  });
  const checkpoints = await openCheckpoints({
    log,
    path: join(config.dataDirectory, CHECKPOINT_FILE),
    logger,
  });
  const accessKey = loadAccessKey(keyFile(config.jwt.keyFile, generateAccessKeyPem));
  const accessTokens = createAccessTokens({
    keys: [accessKey],
    issuer: config.jwt.issuer,
    audience: config.jwt.audience,
    ttlSeconds: config.jwt.ttlSeconds,
    clock,
  });
  const access = createAccessService({
    accounts: collections.accounts,
    units,
    challenges: createLoginChallenges({
      records: collections.loginChallenges,
      origin: new URL(config.publicUrl).origin,
      clock,
    }),
    throttle: createLoginThrottle(collections.loginThrottles, clock),
    tokens: accessTokens,
    certificates,
    clock,
  });
  const stoppedUses = new StoppedUses({
    seals,
    endUses: (sealId) => endSealUses(contracts, sealId, clock),
    clock,
    faults,
    leaseMs: options.attemptMs ?? STOPPED_USES_LEASE_MS,
  });
  const sealService = createSealService({ seals, blobs, clock, stoppedUses });
  const sealRevocations = new RevocationOrders({
    orders: collections.sealRevocationOrders,
    seals,
    units,
    blobs,
    clock,
    stoppedUses,
  });
  const desk = createSealDesk({ seals, service: sealService });
  const tokens =
    options.tokens ??
    (await openPkcs11Provider({
      ...pkcs11Options(config),
      logger,
      clock,
      ...(config.pkcs11.isolated ? { host: { environment: moduleEnvironment() } } : {}),
    }));

  /** When this service itself took a signed file in: proof for exactly those bytes. */
  const provedAt = async (sha256: string): Promise<Date | undefined> => {
    const page = await contracts.find({ where: { blobId: { eq: sha256 } }, limit: 1 }, SCOPE_ALL);
    const found = page.items
      .flatMap(allSignatures)
      .find((each) => (each.signedSha256 ?? each.blobId) === sha256);
    return found === undefined ? undefined : new Date(found.signedAt);
  };
  const verifyOptions = (): Omit<VerifyOptions, 'fileName' | 'at'> => ({
    trust,
    seals: desk.register,
    revocation: outgoing.revocation,
  });
  /** Of services whose packages are believed: this one, and those that the trust folder names. */
  const believedKeys = [
    auditKey.publicKeyPem,
    packageKey.publicKeyPem,
    ...trustedServiceKeys(config.trustDirectory),
  ];
  // What strangers send is read in processes of their own.
  const admission = admissionPolicy(config.signing.allow);
  const reader = createIsolatedReader(options.isolation);
  const awards = createAwardService({ awards: collections.awards, units, clock });
  const renderer: ContractRenderer = (input) =>
    renderContract({ ...input, fonts: resources.fonts });
  const ownTemplates = createOwnTemplateService({
    templates: collections.ownTemplates,
    units,
    packagedIds: new Set([...resources.templates.values()].map(({ id }) => id)),
    renderer,
    clock,
  });
  const contractService = createContractService({
    ownTemplates,
    awardOf: async (project, awardId) => {
      const found =
        awardId === undefined
          ? await awards.awardOf(project)
          : await collections.awards.get(awardId, SCOPE_ALL);
      return found?.award;
    },
    awardNamed: async (principal, id) => (await awards.get(principal, id)).award,
    meansOf: signingMeans({ units, seals }),
    contracts,
    units,
    blobs,
    clock,
    calendar: resources.calendar,
    renderer,
    templates: resources.templates,
    inspectPdf: (pdf) => reader.inspect(pdf, admission),
    setWord: async (bytes, terms) =>
      setWord({ reading: await reader.word(bytes), bytes, fonts: resources.fonts, ...terms }),
    checkDocument: (pdf, input) => reader.check(pdf, admission, input),
    readPages: (pdf) => reader.lines(pdf),
  });
  const budgetSystem = budgetSystemOf(config, clock, asStandardFetch(outgoing.filingFetch));
  const filing = createFilingService({
    filings,
    contracts,
    seals,
    blobs,
    workItems: collections.filingWorkItems,
    reconciliations: collections.reconciliations,
    receipts: receiptTermsOf(config),
    proofs: { log, auditKeyPem: auditKey.publicKeyPem, signer: packageKey, trust },
    budgetSystem,
    clock,
    logger,
    faults,
    onPublished: () => relay.kick(),
    ...paceOf(config),
    ...(options.filing ?? {}),
  });
  const supplements = new SupplementLedger(contracts, clock);
  const projector = new SupervisionProjector({
    ...collections,
    calendar: resources.calendar,
    clock,
    logger,
    intervalMs: PROJECTION_INTERVAL_MS,
  });
  const uses = createSealUseDesk({
    lines: collections.sealUseBook,
    policies: collections.sealUsePolicies,
    requests: collections.sealUseRequests,
    seals,
    units,
    signedIn: async (contractId, attemptId) => {
      const contract = await contracts.get(contractId, SCOPE_ALL);
      const signatures = contract === undefined ? [] : allSignatures(contract);
      return signatures.find((each) => each.attemptId === attemptId)?.blobId;
    },
    clock,
    logger,
    onWritten: () => relay.kick(),
  });
  const webhookSecrets = secretBox(join(config.dataDirectory, 'keys', 'webhooks.key'));
  const webhooks = createWebhookService({
    webhooks: collections.webhooks,
    deliveries: collections.webhookDeliveries,
    secrets: webhookSecrets,
    allowsHttp: isDevelopment,
    clock,
    onPublished: () => {
      relay.kick();
      webhookWorker.kick();
    },
  });
  const webhookWorker = createWebhookWorker({
    webhooks: collections.webhooks,
    deliveries: collections.webhookDeliveries,
    secrets: webhookSecrets,
    fetchFn: asStandardFetch(outgoing.fetch),
    clock,
    logger,
    faults,
    onPublished: () => relay.kick(),
  });
  const relay: Relay = createRelay({
    sources: [
      relaySource('contracts', contracts),
      relaySource('awards', collections.awards),
      relaySource('own-templates', collections.ownTemplates),
      relaySource('seals', seals),
      relaySource('seal-applications', collections.sealApplications),
      relaySource('seal-revocation-orders', collections.sealRevocationOrders),
      relaySource('units', units),
      relaySource('accounts', collections.accounts),
      relaySource('filings', filings),
      relaySource('filing-work-items', collections.filingWorkItems),
      relaySource('reconciliations', collections.reconciliations),
      relaySource('webhooks', collections.webhooks),
      relaySource('sealUseBook', collections.sealUseBook),
      relaySource('sealUsePolicies', collections.sealUsePolicies),
      relaySource('sealUseRequests', collections.sealUseRequests),
      relaySource('sealStatements', collections.sealStatements),
    ],
    log,
    subscribers: [uses.subscriber, filing.subscriber, supplements.subscriber, webhooks.subscriber],
    logger,
    faults,
    intervalMs: options.relayIntervalMs ?? RELAY_INTERVAL_MS,
  });
  const verifyOwn: VerifyOwn = (file) =>
    verifyPdf(file, { ...verifyOptions(), fileName: 'contract', at: clock.now() });
  const levels = levelPolicyOf(config, { trust, outgoing, clock });
  const levelWorker =
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
          onPublished: () => relay.kick(),
          leaseMs: options.attemptMs ?? LEVEL_LEASE_MS,
          intervalMs: Math.min(LEVEL_INTERVAL_MS, levels.firstPauseMs),
        });
  const signing = createSigningService({
    contracts,
    units,
    blobs,
    tokens,
    seals: desk.supply,
    certificates,
    verifyOwn,
    levels,
    uses: uses.control,
    recordIntent: (events) => log.append(events),
    clock,
    logger,
    faults,
    attemptMs: options.attemptMs ?? ATTEMPT_MS,
    sessionMs: config.signing.sessionSeconds * 1000,
    onPublished: () => relay.kick(),
  });
  const timekeeper = createTimekeeper({
    contracts,
    clock,
    logger,
    intervalMs: TIMER_INTERVAL_MS,
    onPublished: () => relay.kick(),
  });
  const batches = createSigningBatches({
    batches: collections.signingBatches,
    contracts,
    tokens,
    signing,
    clock,
    logger,
    leaseMs: options.attemptMs ?? ATTEMPT_MS,
  });
  const sealApplications = createSealApplications({
    applications: collections.sealApplications,
    seals,
    units,
    blobs,
    clock,
    faults,
    font: resources.sealFont,
    cleanSpecimen: (scan, widthMm) => reader.cleanSpecimen(scan, widthMm),
    drawingDigest: appearanceDigest,
    maker: createSealMaker({
      config: config.seals,
      tokens,
      timestamps: timestampsOf(config, { trust, outgoing, clock }),
      open: options.sealMaker,
    }),
    assertUnitOpen: (unitId) => sealRevocations.assertOpen(unitId),
    verifyMade: (der) => assertMadeSound(der, { trust, outgoing, clock }),
  });
  const statementDrawer = createStatementDrawer({
    book: uses.book,
    lines: collections.sealUseBook,
    log,
    clock,
  });
  const { issuer } = config.jwt;
  const idempotency = createIdempotencyLedger(collections.idempotency, clock, options.attemptMs);
  const services: HttpServices = {
    access,
    accounts: createAccountService({ accounts: collections.accounts, units, clock }),
    awards,
    ownTemplates,
    units: createUnitService({ units, certificates, clock }),
    seals: sealService,
    sealUses: uses,
    sealRegister: {
      status: createSignedSealStatus({ seals, signer: statusSigner, issuer, clock }),
      statusList: createSealStatusList({
        lists: collections.sealStatusLists,
        seals,
        signer: statusSigner,
        issuer,
        clock,
      }),
      impacts: createRevocationImpacts({
        seals,
        contracts,
        now: () => toRfc3339(clock.now()),
      }),
    },
    statements: {
      ...createSealStatements({
        drawer: statementDrawer,
        statements: collections.sealStatements,
        units,
        blobs,
      }),
      render: (statement) => renderStatement(statement, resources.fonts),
    },
    sealApplications,
    sealRevocations,
    contracts: contractService,
    templates: [...new Set(resources.templates.values())],
    blobs,
    signing,
    batches,
    filings: filing,
    webhooks,
    evidence: {
      of: (contract) =>
        evidenceOf(contract, {
          blobs,
          seals,
          log,
          signer: packageKey,
          verify: (pdf) => verifyOwn(new MemorySource(pdf)),
          clock,
        }),
      render: async (found) =>
        renderEvidence(found, resources.fonts, await evidencePictures(found, seals, blobs)),
    },
    tokens,
    audit: log,
    features: readFeatureAnnouncements(),
    supervision: createSupervision({
      ...collections,
      clock,
      ...config.publication,
      publicUrl: config.publicUrl,
    }),
    verification: {
      verify: (bytes, request) => {
        const terms = {
          ...verifyOptions(),
          provedAt,
          fileName: request.fileName,
          at: request.at ?? clock.now(),
        };
        return looksLikeZip(bytes)
          ? reader.verifyPackage(bytes, believedKeys, terms)
          : reader.verify(bytes, terms);
      },
      render: (report, at) => renderReport({ report, at, fonts: resources.fonts }),
      comparePages: (bytes, revision) => reader.compare(bytes, revision),
      drawSignatures: (bytes) => reader.drawSignatures(bytes),
    },
    publishedKeys: () => [
      ...access.jwks().keys,
      auditKey.published,
      packageKey.published,
      statusKey.published,
    ],
    idempotency,
    readiness: () =>
      readiness([
        ['store', () => records.ping()],
        ['audit', () => log.size()],
        ['trust', () => trust.profiles()],
      ]),
    clock,
    logger,
  };

  const sealLife = new SealLifeWorker({
    seals,
    clock,
    logger,
    stoppedUses,
    onPublished: () => relay.kick(),
  });
  const statementWorker = new StatementWorker({
    runs: collections.sealStatementRuns,
    statements: collections.sealStatements,
    units,
    seals,
    book: uses.book,
    drawer: statementDrawer,
    blobs,
    clock,
    logger,
    onPublished: () => relay.kick(),
  });
  const liveSeals = async (): Promise<void> => {
    await sealRevocations.runOnce();
    await sealLife.runOnce();
    await statementWorker.runOnce();
  };
  const sealKeeper = repeating('seal-life.round-failed', liveSeals, {
    intervalMs: SEAL_LIFE_INTERVAL_MS,
    logger,
  });
  const sweepUses = async (): Promise<void> => {
    await stoppedUses.runOnce();
    await uses.sweep();
  };
  const useSweeper = repeating('seal-use.sweep-failed', sweepUses, {
    intervalMs: USE_SWEEP_INTERVAL_MS,
    logger,
  });
  let sweeper: NodeJS.Timeout | undefined;
  const sweep = (): void => {
    Promise.all([access.purge(), idempotency.purge()]).catch((error: unknown) => {
      logger.error('service.sweep-failed', { error });
    });
  };
  const stop = async (): Promise<void> => {
    clearInterval(sweeper);
    await batches.stop();
    await relay.stop();
    await filing.stop();
    await webhookWorker.stop();
    await levelWorker?.stop();
    await timekeeper.stop();
    await projector.stop();
    await useSweeper.stop();
    await sealKeeper.stop();
    await checkpoints.stop();
    reader[Symbol.dispose]();
  };
  return {
    services,
    collections,
    start() {
      relay.start();
      filing.start();
      webhookWorker.start();
      levelWorker?.start();
      timekeeper.start();
      projector.start();
      useSweeper.start();
      sealKeeper.start();
      checkpoints.start();
      sweeper = setInterval(sweep, SWEEP_INTERVAL_MS);
      sweeper.unref();
    },
    stop,
    async settle() {
      await timekeeper.runOnce();
      await sweepUses();
      await liveSeals();
      await relay.runOnce();
      await filing.reconcileOnce();
      await filing.runOnce();
      await webhookWorker.runOnce();
      await levelWorker?.runOnce();
      await relay.runOnce();
      await projector.runOnce();
    },
    async [Symbol.asyncDispose]() {
      await stop();
      if (options.tokens === undefined) await tokens[Symbol.asyncDispose]();
      await records[Symbol.asyncDispose]();
    },
  };
}

/** Each check is a real exchange; a failure is named by its code, without its cause. */
async function readiness(
  checks: readonly (readonly [name: string, run: () => Promise<unknown>])[],
): Promise<readonly ReadinessCheck[]> {
  return Promise.all(
    checks.map(async ([name, run]) => {
      try {
        await run();
        return { name, isReady: true };
      } catch (error) {
        return { name, isReady: false, detail: isAppError(error) ? error.code : 'internal' };
      }
    }),
  );
}

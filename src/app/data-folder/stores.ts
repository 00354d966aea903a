/** The stores of one installation, opened as the configuration says; every collection once. */
import { join } from 'node:path';
import { ACCOUNTS, LOGIN_CHALLENGES, LOGIN_THROTTLES, UNITS } from '../../access/index.js';
import { AUDIT_CHECKPOINTS, AUDIT_ENTRIES, carrierCollection } from '../../audit/index.js';
import type { Config } from '../../config/index.js';
import { AWARDS, CONTRACTS, OWN_TEMPLATES } from '../../contract/index.js';
import { FILINGS, FILING_WORK_ITEMS, RECONCILIATIONS } from '../../filing/index.js';
import { WEBHOOKS, WEBHOOK_DELIVERIES } from '../../webhook/index.js';
import { IDEMPOTENCY_KEYS } from '../../http/index.js';
import type { Logger } from '../../kernel/index.js';
import {
  SEALS,
  REVOCATION_ORDERS,
  SEAL_APPLICATIONS,
  SEAL_STATEMENTS,
  SEAL_STATEMENT_RUNS,
  SEAL_STATUS_LISTS,
  SEAL_USE_BOOK,
  SEAL_USE_POLICIES,
  SEAL_USE_REQUESTS,
} from '../../seal/index.js';
import { SIGNING_BATCHES } from '../../signing/index.js';
import { DUES, OVERVIEWS, PROJECTIONS, TOTALS } from '../../supervision/index.js';
import type { BlobStore, RecordStore } from '../../store/index.js';
import { openFileBlobStore } from '../../store/files/index.js';
import { openMongoStore } from '../../store/mongo/index.js';
import { openSqliteStore } from '../../store/sqlite/index.js';

export async function openRecords(config: Config, logger: Logger): Promise<RecordStore> {
  return config.store.kind === 'sqlite'
    ? openSqliteStore({ path: config.store.path, logger })
    : openMongoStore({ uri: config.store.uri.revealText(), logger });
}

export function openBlobs(config: Config): Promise<BlobStore> {
  return openFileBlobStore({ directory: join(config.dataDirectory, 'blobs') });
}

/** Every collection of the product. */
export async function openCollections(records: RecordStore) {
  return {
    accounts: carrierCollection(await records.open(ACCOUNTS)),
    units: carrierCollection(await records.open(UNITS)),
    loginChallenges: await records.open(LOGIN_CHALLENGES),
    loginThrottles: await records.open(LOGIN_THROTTLES),
    seals: carrierCollection(await records.open(SEALS)),
    sealRevocationOrders: carrierCollection(await records.open(REVOCATION_ORDERS)),
    sealApplications: carrierCollection(await records.open(SEAL_APPLICATIONS)),
    contracts: carrierCollection(await records.open(CONTRACTS)),
    ownTemplates: carrierCollection(await records.open(OWN_TEMPLATES)),
    awards: carrierCollection(await records.open(AWARDS)),
    filings: await records.open(FILINGS),
    filingWorkItems: await records.open(FILING_WORK_ITEMS),
    reconciliations: await records.open(RECONCILIATIONS),
    webhooks: carrierCollection(await records.open(WEBHOOKS)),
    webhookDeliveries: await records.open(WEBHOOK_DELIVERIES),
    sealUseBook: carrierCollection(await records.open(SEAL_USE_BOOK)),
    sealUsePolicies: carrierCollection(await records.open(SEAL_USE_POLICIES)),
    sealUseRequests: carrierCollection(await records.open(SEAL_USE_REQUESTS)),
    sealStatements: carrierCollection(await records.open(SEAL_STATEMENTS)),
    sealStatementRuns: await records.open(SEAL_STATEMENT_RUNS),
    sealStatusLists: await records.open(SEAL_STATUS_LISTS),
    signingBatches: await records.open(SIGNING_BATCHES),
    overviews: await records.open(OVERVIEWS),
    dues: await records.open(DUES),
    totals: await records.open(TOTALS),
    projections: await records.open(PROJECTIONS),
    auditEntries: await records.open(AUDIT_ENTRIES),
    auditCheckpoints: await records.open(AUDIT_CHECKPOINTS),
    idempotency: await records.open(IDEMPOTENCY_KEYS),
  };
}

export type Collections = Awaited<ReturnType<typeof openCollections>>;

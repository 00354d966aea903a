/** Filing: packages, their delivery to the budget system, receipts, and the completion report. */
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AuditLog } from '../../audit/index.js';
import type { Config } from '../../config/index.js';
import {
  createFilingService,
  createHttpBudgetSystem,
  evidenceOf,
  renderEvidence,
  type BudgetSystem,
  type FilingService,
  type FilingServiceOptions,
  type ReceiptTerms,
} from '../../filing/index.js';
import type { HttpServices } from '../../http/index.js';
import {
  AppError,
  DEFAULT_BACKOFF,
  MemorySource,
  type Clock,
  type FaultHook,
  type Logger,
} from '../../kernel/index.js';
import type { VerifyOwn } from '../../signing/index.js';
import type { BlobStore } from '../../store/index.js';
import { asStandardFetch } from '../../trust/http/index.js';
import { evidencePictures } from '../bridges/evidence-pictures.js';
import { readNamedKeys } from '../data-folder/keys.js';
import type { Resources } from '../resources.js';
import type { Collections } from '../data-folder/stores.js';
import type { ServiceKeys } from './keys.js';
import type { TrustRoom } from './trust.js';

/** Of deliveries; the filing room's own where absent. */
export type FilingPace = Pick<
  FilingServiceOptions,
  'backoff' | 'intervalMs' | 'leaseMs' | 'timeoutMs'
>;

export interface FilingParts {
  readonly config: Pick<Config, 'budgetSystem' | 'receipts'>;
  readonly collections: Pick<
    Collections,
    'filings' | 'filingWorkItems' | 'reconciliations' | 'contracts' | 'seals'
  >;
  readonly blobs: BlobStore;
  readonly resources: Pick<Resources, 'fonts'>;
  readonly trust: Pick<TrustRoom, 'trust' | 'outgoing'>;
  readonly log: AuditLog;
  readonly keys: Pick<ServiceKeys, 'audit' | 'package'>;
  readonly verifyOwn: VerifyOwn;
  /** Instead of the configured one. */
  readonly pace: FilingPace | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly faults: FaultHook;
  /** Called after a write that left events for the relay. */
  readonly onPublished: () => void;
}

export interface FilingRoom {
  readonly api: Pick<HttpServices, 'filings' | 'evidence'>;
  readonly service: FilingService;
}

/** @throws AppError `config-invalid` where the keys of receipts cannot be read */
export function wireFiling(parts: FilingParts): FilingRoom {
  const { config, collections, blobs, resources, log, keys, clock, logger, faults } = parts;
  const { contracts, filings, seals } = collections;
  const { trust, outgoing } = parts.trust;
  const signer = keys.package;
  const service = createFilingService({
    filings,
    contracts,
    seals,
    blobs,
    workItems: collections.filingWorkItems,
    reconciliations: collections.reconciliations,
    receipts: receiptTermsOf(config),
    proofs: { log, auditKeyPem: keys.audit.publicKeyPem, signer, trust },
    budgetSystem: budgetSystemOf(config, clock, asStandardFetch(outgoing.filingFetch)),
    clock,
    logger,
    faults,
    onPublished: parts.onPublished,
    ...paceOf(config),
    ...(parts.pace ?? {}),
  });
  return {
    api: {
      filings: service,
      evidence: {
        of: (contract) =>
          evidenceOf(contract, {
            blobs,
            seals,
            filings,
            log,
            signer,
            verify: (pdf) => parts.verifyOwn(new MemorySource(pdf)),
            clock,
          }),
        render: async (found) =>
          renderEvidence(found, resources.fonts, await evidencePictures(found, seals, blobs)),
      },
    },
    service,
  };
}

function budgetSystemOf(
  { budgetSystem: peer }: FilingParts['config'],
  clock: Clock,
  fetchFn: typeof fetch,
): BudgetSystem | undefined {
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
function receiptTermsOf({ receipts }: FilingParts['config']): ReceiptTerms {
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
}: FilingParts['config']): Pick<FilingServiceOptions, 'backoff' | 'timeoutMs' | 'reconcileHour'> {
  if (peer === undefined) return {};
  return {
    timeoutMs: peer.timeoutMs,
    backoff: { ...DEFAULT_BACKOFF, firstMs: peer.retrySeconds * 1000 },
    reconcileHour: peer.reconcileHour,
  };
}

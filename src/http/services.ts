/** What the API needs of the rest of the product, handed in by `app`. */
import type { AccessService, AccountService, UnitService } from '../access/index.js';
import type { AuditLog } from '../audit/index.js';
import type {
  AwardService,
  ContractRecord,
  ContractService,
  ContractTemplate,
  OwnTemplateService,
} from '../contract/index.js';
import type { FilingService, PackageFileReport, SignedEvidence } from '../filing/index.js';
import type { Clock, Logger } from '../kernel/index.js';
import type {
  RevocationOrders,
  SealApplications,
  RevocationImpacts,
  SignedSealStatus,
  StoredStatusList,
  SealService,
  SealStatement,
  SealStatements,
  SealUseDesk,
} from '../seal/index.js';
import type { SigningBatches, SigningService } from '../signing/index.js';
import type { BlobStore } from '../store/index.js';
import type { Supervision } from '../supervision/index.js';
import type { TokenProvider } from '../token/index.js';
import type { VerificationReport } from '../verification/index.js';
import type { WebhookService } from '../webhook/index.js';
import type { IdempotencyLedger } from './idempotency.js';

/** Of filings, what callers ask for; the worker behind is `app`'s. */
export type FilingApi = Pick<
  FilingService,
  | 'list'
  | 'feed'
  | 'get'
  | 'packageOf'
  | 'refile'
  | 'acceptReceipt'
  | 'workList'
  | 'reconcile'
  | 'reconciliations'
  | 'reconciliation'
>;

export interface VerificationApi {
  /** A PDF, or a filing package. */
  verify(
    bytes: Uint8Array,
    options: { readonly fileName: string; readonly at: Date | undefined },
  ): Promise<VerificationReport | PackageFileReport>;
  /** The report as a PDF for people. */
  render(report: VerificationReport, at: Date): Promise<Uint8Array>;
  /** The pages that look otherwise than in `revision`, counted from 1. */
  comparePages(bytes: Uint8Array, revision: number): Promise<ComparedPages>;
  /** What is seen of each signature, as it was signed. */
  drawSignatures(bytes: Uint8Array): Promise<readonly DrawnSignature[]>;
}

export interface DrawnPicture {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly png: Uint8Array;
}

export interface DrawnSignature extends DrawnPicture {
  readonly field: string;
  /** Counted from 1. */
  readonly page: number;
}

export interface ComparedPages {
  readonly revision: number;
  readonly revisions: number;
  readonly pagesCompared: number;
  /** Whether every page was compared, and every difference is among `pages`. */
  readonly isComplete: boolean;
  readonly pages: readonly {
    /** Counted from 1. */
    readonly page: number;
    readonly kind: 'changed' | 'resized' | 'added' | 'removed';
    readonly before: DrawnPicture | undefined;
    readonly after: DrawnPicture | undefined;
    /** In pixels of `after`, from the top left. */
    readonly areas: readonly {
      readonly left: number;
      readonly top: number;
      readonly width: number;
      readonly height: number;
    }[];
  }[];
}

/** One item of the changelog. */
export interface FeatureAnnouncement {
  readonly version: string;
  readonly releasedOn: string | null;
  /** `added`, `changed`, `fixed`, … */
  readonly kind: string;
  /** Chinese where the changelog has it. */
  readonly text: string;
  readonly textEn: string;
}

export interface ReadinessCheck {
  readonly name: string;
  readonly isReady: boolean;
  /** For the operator; holds no secret. */
  readonly detail?: string;
}

export interface HttpServices {
  readonly access: AccessService;
  readonly accounts: AccountService;
  readonly units: UnitService;
  readonly tokens: TokenProvider;
  readonly seals: SealService;
  readonly sealRegister: {
    /** @throws AppError `seal-not-found` */
    readonly status: (code: string, at: Date | undefined) => Promise<SignedSealStatus>;
    readonly statusList: () => Promise<StoredStatusList>;
    readonly impacts: RevocationImpacts;
  };
  readonly statements: SealStatements & {
    /** The statement as a PDF for people. */
    render(statement: SealStatement): Promise<Uint8Array>;
  };
  readonly sealUses: Pick<SealUseDesk, 'policies' | 'requests' | 'usages'>;
  readonly sealApplications: SealApplications;
  readonly sealRevocations: Pick<RevocationOrders, 'order'>;
  readonly awards: AwardService;
  readonly ownTemplates: Omit<OwnTemplateService, 'find' | 'byRecord'>;
  readonly contracts: ContractService;
  readonly templates: readonly ContractTemplate[];
  readonly blobs: Pick<BlobStore, 'read'>;
  readonly signing: SigningService;
  readonly batches: SigningBatches;
  readonly filings: FilingApi;
  readonly evidence: {
    of(contract: ContractRecord): Promise<SignedEvidence>;
    /** The completion report as a PDF. */
    render(evidence: SignedEvidence): Promise<Uint8Array>;
  };
  readonly webhooks: Omit<WebhookService, 'subscriber'>;
  readonly verification: VerificationApi;
  readonly audit: Omit<AuditLog, 'append' | 'verify' | 'assertContinues'>;
  /** Public keys as JWK: of access tokens and of what the service states in signed form. */
  readonly publishedKeys: () => readonly object[];
  readonly supervision: Supervision;
  /** What is new, newest version first. */
  readonly features: readonly FeatureAnnouncement[];
  readonly idempotency: IdempotencyLedger;
  readonly readiness: () => Promise<readonly ReadinessCheck[]>;
  readonly clock: Clock;
  readonly logger: Logger;
}

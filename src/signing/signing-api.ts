/** What the signing service is asked, and what it needs. */
import type { Principal, UnitIndex, UnitRecord } from '../access/index.js';
import type { AuditEvent } from '../audit/index.js';
import type { ContractIndex, ContractRecord, SigningDuty } from '../contract/index.js';
import type { Clock, FaultHook, Logger, Secret } from '../kernel/index.js';
import type { SealUseControl } from '../seal/index.js';
import type { BlobStore, Collection } from '../store/index.js';
import type { SigningKey, TokenProvider, TokenSelector } from '../token/index.js';
import type { LevelPolicy } from './level-policy.js';
import type { CertificateValidator, SealSupply, VerifyOwn } from './ports.js';
import type { SealPlacing } from './revision.js';

export interface SigningServiceOptions {
  readonly contracts: Collection<ContractRecord, ContractIndex>;
  readonly units: Collection<UnitRecord, UnitIndex>;
  readonly blobs: BlobStore;
  readonly tokens: TokenProvider;
  readonly seals: SealSupply;
  /** The unit's rules for its seals, and its book of their uses. */
  readonly uses: SealUseControl;
  readonly certificates: CertificateValidator;
  readonly verifyOwn: VerifyOwn;
  /** Signatures are B-B where absent. */
  readonly levels?: LevelPolicy | undefined;
  /** Appends to the audit log now; a failure stops the signing. */
  readonly recordIntent: (events: readonly AuditEvent[]) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly faults: FaultHook;
  /** How long an attempt at the server may take before another may replace it. */
  readonly attemptMs: number;
  /** How long a prepared signature waits for a key elsewhere. */
  readonly sessionMs: number;
  /** Told after each published change, so that the relay need not wait for its next round. */
  readonly onPublished: () => void;
}

export interface SignRequest {
  readonly principal: Principal;
  readonly contractId: string;
  readonly token: TokenSelector;
  readonly pin: Secret;
  readonly confirmFinalTry?: boolean;
  readonly sealId?: string;
  /** Which of the signatures that the party owes; the first open one where absent. */
  readonly duty?: SigningDuty;
  readonly placing?: SealPlacing;
  /** The revision the caller has seen (If-Match). */
  readonly expectedRevision?: number;
}

/** A signature with a key that somebody else opened and will close. */
export interface SignWithKeyRequest {
  readonly principal: Principal;
  readonly contractId: string;
  readonly key: SigningKey;
  readonly sealId?: string;
  readonly placing?: SealPlacing;
}

export interface StartSessionRequest {
  readonly principal: Principal;
  readonly contractId: string;
  readonly certificateDer: Uint8Array;
  readonly chainDer?: readonly Uint8Array[];
  readonly sealId?: string;
  readonly duty?: SigningDuty;
  readonly placing?: SealPlacing;
  readonly expectedRevision?: number;
}

export interface SigningSessionView {
  readonly sessionId: string;
  readonly expiresAt: string;
  /** What the key signs: DER SET OF attributes. */
  readonly signedAttributesB64: string;
  readonly digestAlgorithm: string;
  /** Digest of the signed attributes, for keys that take a digest. */
  readonly digestB64: string;
  readonly padding: string;
  /** SHA-256 of the prepared file, hole empty: what the signer's own check compares. */
  readonly preparedSha256: string;
  readonly fieldName: string;
}

export interface SigningService {
  /** Signs with a token at the server. @returns The contract as published. */
  sign(request: SignRequest): Promise<ContractRecord>;
  /** As `sign`, for one of many contracts. */
  signWithKey(request: SignWithKeyRequest): Promise<ContractRecord>;
  /** Prepares a signature for a key elsewhere. */
  startSession(request: StartSessionRequest): Promise<SigningSessionView>;
  /** The whole prepared file, so that the signer can check what it is asked to sign. */
  preparedFile(principal: Principal, sessionId: string): Promise<Uint8Array>;
  completeSession(request: {
    readonly principal: Principal;
    readonly sessionId: string;
    readonly signature: Uint8Array;
  }): Promise<ContractRecord>;
}

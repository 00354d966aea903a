/** A contract as it is kept: data, parties in order, the document and every signed revision of it. */
import { regionKeys, unitKey } from '../access/index.js';
import { pendingSince, type AuditEvent, type EventCarrier } from '../audit/index.js';
import type { CollectionSpec } from '../store/index.js';
import type { ContractData } from './contract-data.js';

export const CONTRACT_STATES = [
  'draft',
  'sent',
  'confirmed',
  'supplier-signed',
  'buyer-signed',
  'signed',
  'filing',
  'filed',
  'archived',
  'rejected',
  'withdrawn',
  'voided',
  'expired',
] as const;
export type ContractState = (typeof CONTRACT_STATES)[number];

export const PARTY_ROLES = ['buyer', 'supplier'] as const;
export type PartyRole = (typeof PARTY_ROLES)[number];

export interface ContractParty {
  readonly role: PartyRole;
  readonly unitId: string;
  readonly name: string;
  readonly creditCode: string;
  /** Parties sign in ascending order; equal numbers may sign in any order. */
  readonly order: number;
  /** RFC 3339, once signed. */
  readonly signedAt?: string;
}

/** The document that is signed, before the first signature. */
export interface ContractDocument {
  readonly blobId: string;
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly pageCount: number;
  readonly source: 'template' | 'upload';
  /** Where each party's seal goes, centre in points from the bottom left of the page (zero-based). */
  readonly sealPlaces: readonly SealPlace[];
}

export interface SealPlace {
  readonly role: PartyRole;
  readonly pageIndex: number;
  readonly xPt: number;
  readonly yPt: number;
}

/** One published signature: the whole file up to and with this revision is the blob. */
export interface SignedRevision {
  readonly number: number;
  readonly blobId: string;
  readonly sizeBytes: number;
  readonly role: PartyRole;
  readonly unitId: string;
  readonly fieldName: string;
  readonly sealId?: string;
  readonly sealVersion?: number;
  readonly certificateSha256: string;
  readonly signerSubject: string;
  readonly level: 'B-B' | 'B-T' | 'B-LT' | 'B-LTA';
  readonly signedAt: string;
  readonly attemptId: string;
}

/** What a two-step signature needs to be completed: the prepared bytes, and how they are to be signed. */
export interface SigningSession {
  /** Blob of the revision to append, with the hole still empty. */
  readonly preparedBlobId: string;
  /** The hole, in bytes from the start of the whole file. */
  readonly contentsStart: number;
  readonly contentsEnd: number;
  readonly fieldName: string;
  readonly padding: 'pkcs1-v1_5' | 'pss' | 'ecdsa' | 'eddsa' | 'sm2';
  readonly digest: 'sha256' | 'sha384' | 'sha512' | 'sm3';
  /** SHA-256 (hex) of the DER SET OF attributes that the key signs: binds the session to these bytes. */
  readonly signedAttributesSha256: string;
  readonly certificateB64: string;
  readonly chainB64: readonly string[];
}

/** A signature under way: recorded before the key is used, so that nothing is signed unseen. */
export interface SigningAttempt {
  readonly id: string;
  readonly role: PartyRole;
  readonly unitId: string;
  readonly accountId: string;
  readonly certificateSha256: string;
  readonly sealId?: string;
  readonly sealVersion?: number;
  /** The bytes that are being signed on top of. */
  readonly baseBlobId: string;
  readonly startedAt: string;
  /** After this instant another attempt may take its place. */
  readonly until: string;
  /** A two-step session for a key elsewhere; absent for a token at the server. */
  readonly session?: SigningSession;
}

/** One party's agreement to void: no party ends a signed contract alone (政府采购法 §50). */
export interface VoidConsent {
  readonly at: string;
  readonly unitId: string;
  readonly accountId: string;
  readonly reason: string;
}

export interface ContractTimes {
  readonly createdAt: string;
  readonly sentAt?: string;
  readonly confirmedAt?: string;
  /** The last party's signature (民法典 §490). */
  readonly signedAt?: string;
  readonly filedAt?: string;
}

export interface ContractRecord extends EventCarrier {
  readonly id: string;
  readonly version: number;
  readonly revision: number;
  /** 合同编号. */
  readonly number: string;
  readonly title: string;
  /** The caller's own reference; unique within the buyer's unit. */
  readonly externalRef?: string;
  readonly regionCode: string;
  readonly buyerUnitId: string;
  readonly state: ContractState;
  readonly templateId?: string;
  readonly data?: ContractData;
  /** Integer fen; absent where an uploaded document came without data. */
  readonly amountFen?: number;
  readonly parties: readonly ContractParty[];
  readonly document?: ContractDocument;
  readonly signatures: readonly SignedRevision[];
  readonly attempt?: SigningAttempt;
  readonly returns: readonly {
    readonly at: string;
    readonly unitId: string;
    readonly accountId: string;
    readonly kind: 'rejected' | 'withdrawn' | 'voided';
    readonly reason: string;
  }[];
  /** Parties that agreed to void a contract somebody has signed; it is void when all have. */
  readonly voidConsents?: readonly VoidConsent[];
  readonly times: ContractTimes;
  readonly filing?: {
    readonly filingId: string;
    readonly filingNumber?: string;
  };
  readonly pendingEvents: readonly AuditEvent[];
}

export type ContractIndex =
  | 'number'
  | 'externalRef'
  | 'state'
  | 'createdAt'
  | 'attemptId'
  | 'attemptUntil'
  | 'blobId'
  | 'pendingSince';

export const CONTRACTS: CollectionSpec<ContractRecord, ContractIndex> = {
  name: 'contracts',
  indexes: {
    number: { of: (contract) => contract.number, unique: true },
    externalRef: {
      of: (contract) =>
        contract.externalRef === undefined
          ? undefined
          : `${contract.buyerUnitId}/${contract.externalRef}`,
      unique: true,
    },
    state: { of: (contract) => contract.state },
    createdAt: { of: (contract) => contract.times.createdAt },
    attemptId: {
      of: (contract) => [
        ...(contract.attempt === undefined ? [] : [contract.attempt.id]),
        ...contract.signatures.map((signature) => signature.attemptId),
      ],
      many: true,
    },
    attemptUntil: { of: (contract) => contract.attempt?.until },
    blobId: {
      of: (contract) => contract.signatures.map((signature) => signature.blobId),
      many: true,
    },
    pendingSince: { of: pendingSince },
  },
  scopeKeys: (contract) => [
    ...contract.parties.map((party) => unitKey(party.unitId)),
    ...regionKeys(contract.regionCode),
  ],
};

/** The newest bytes of the contract: the last signed revision, or the unsigned document. */
export function currentBlobId(contract: ContractRecord): string | undefined {
  return contract.signatures.at(-1)?.blobId ?? contract.document?.blobId;
}

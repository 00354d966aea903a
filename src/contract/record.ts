/** A contract as it is kept: data, parties in order, the document and every signed revision of it. */
import { regionKeys, unitKey, type RequestsDone } from '../access/index.js';
import { pendingSince, type AuditEvent, type EventCarrier } from '../audit/index.js';
import type { CollectionSpec } from '../store/index.js';
import type { ContractData } from './contract-data.js';
import type {
  Announcement,
  ArchiveEntry,
  Consent,
  EarlierVersion,
  Freeze,
  Reminder,
} from './flow-record.js';
import type { SupplementEntry } from './supplements.js';
import { nextTimer } from './timers.js';
import type { ContractKind } from './template.js';

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
  'frozen',
  'changed',
  'terminated',
] as const;
export type ContractState = (typeof CONTRACT_STATES)[number];

export const PARTY_ROLES = ['buyer', 'supplier'] as const;
export type PartyRole = (typeof PARTY_ROLES)[number];

/** What a party puts under a contract: its contract or official seal, its legal representative's. */
export const SIGNING_DUTIES = ['unit-seal', 'legal-representative'] as const;
export type SigningDuty = (typeof SIGNING_DUTIES)[number];

/** What each party signs for, where it is more than its unit's seal. */
export type PartyDuties = Partial<Readonly<Record<PartyRole, readonly SigningDuty[]>>>;

/** A procurement agent that signs for the buyer, by an authorisation that is annexed (政府采购法 §43). */
export interface PartyAgent {
  readonly unitId: string;
  readonly name: string;
  readonly creditCode: string;
  readonly authorisation: {
    readonly blobId: string;
    readonly fileName: string;
    readonly sizeBytes: number;
    readonly addedAt: string;
  };
}

export interface ContractParty {
  readonly role: PartyRole;
  readonly unitId: string;
  readonly name: string;
  readonly creditCode: string;
  /** Parties sign in ascending order; equal numbers may sign in any order. */
  readonly order: number;
  /** A signature for each, in any order; the unit's seal alone where absent. */
  readonly duties?: readonly SigningDuty[];
  readonly agent?: PartyAgent;
  /** RFC 3339, once all its duties are done. */
  readonly signedAt?: string;
}

/** Who signs for the buyer, where the buyer does not itself. */
export function agentOf({ parties }: Pick<ContractRecord, 'parties'>): PartyAgent | undefined {
  return parties.find(({ role }) => role === 'buyer')?.agent;
}

/** The document that is signed, before the first signature. */
export interface ContractDocument {
  readonly blobId: string;
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly pageCount: number;
  /** `word`: set anew from a Word document. */
  readonly source: 'template' | 'upload' | 'word';
  /** The Word document that it was set from, as it came. */
  readonly original?: KeptFile;
  /**
   * What an uploaded document holds besides its pages, and was admitted with, or what looks otherwise than
   * in the Word document; absent where nothing.
   */
  readonly findings?: readonly DocumentFinding[];
  /** Where each party's seal goes, centre in points from the bottom left of the page (zero-based). */
  readonly sealPlaces: readonly SealPlace[];
}

export interface KeptFile {
  readonly blobId: string;
  readonly fileName: string;
  readonly sizeBytes: number;
}

export interface DocumentFinding {
  /** Stable name of the kind, such as `embedded-file`. */
  readonly kind: string;
  /** 1 is the first; absent where it concerns the whole document. */
  readonly page?: number;
  readonly text: string;
  readonly textEn: string;
}

/** A warning of the checks that somebody has taken note of before the contract was sent. */
export interface Acknowledgement {
  readonly code: string;
  readonly accountId: string;
  readonly at: string;
  readonly reason?: string;
}

export interface SealPlace {
  readonly role: PartyRole;
  /** The unit's seal where absent. */
  readonly duty?: SigningDuty;
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
  /** The unit's seal where absent. */
  readonly duty?: SigningDuty;
  /** Who signed: the party, or the agent that signs for it. */
  readonly unitId: string;
  readonly fieldName: string;
  readonly sealId?: string;
  readonly sealVersion?: number;
  readonly certificateSha256: string;
  readonly signerSubject: string;
  /** When it was published; evidence may have come since (`ContractRecord.level`). */
  readonly level: PadesLevel;
  /** SHA-256 (hex) of the file up to the end of this signature, where the blob goes on after it. */
  readonly signedSha256?: string;
  readonly signedAt: string;
  readonly attemptId: string;
}

export type PadesLevel = 'B-B' | 'B-T' | 'B-LT' | 'B-LTA';

/** A revision that adds time-stamps and evidence to the signatures before it. */
export interface ExtendedRevision {
  /** The whole file with it. */
  readonly blobId: string;
  readonly sizeBytes: number;
  /** Number of the last signature in the file. */
  readonly afterSignature: number;
  readonly level: PadesLevel;
  readonly extendedAt: string;
}

/** Where the signatures stand, and the work that is left. */
export interface LevelState {
  readonly target: PadesLevel;
  /** The lowest of the signatures. */
  readonly reached: PadesLevel;
  /** `waiting`: below target, tried again; `missed`: below target past the deadline; `kept`: at target. */
  readonly state: 'waiting' | 'missed' | 'kept';
  /** When the background looks at it next; absent where nothing is left to do. */
  readonly dueAt?: string;
  /** Until when the target is tried for. */
  readonly deadlineAt?: string;
  readonly attempts: number;
  /** Code of the last failure. */
  readonly lastFailure?: string;
  /** Who is at work on it. */
  readonly holder?: string;
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
  readonly duty?: SigningDuty;
  readonly unitId: string;
  readonly accountId: string;
  readonly certificateSha256: string;
  readonly sealId?: string;
  readonly sealVersion?: number;
  /** The seal was revoked or suspended meanwhile: nothing comes of it. */
  readonly sealStoppedAt?: string;
  /** The bytes that are being signed on top of. */
  readonly baseBlobId: string;
  readonly startedAt: string;
  /** After this instant another attempt may take its place. */
  readonly until: string;
  /** A two-step session for a key elsewhere; absent for a token at the server. */
  readonly session?: SigningSession;
}

export interface ContractTimes {
  readonly createdAt: string;
  readonly sentAt?: string;
  readonly confirmedAt?: string;
  /** The last party's signature (民法典 §490). */
  readonly signedAt?: string;
  readonly announcedAt?: string;
  readonly filedAt?: string;
  /** Voided, terminated or expired. */
  readonly endedAt?: string;
}

export interface ContractRecord extends EventCarrier, RequestsDone {
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
  /** Of a template that is not the product's: its record, which holds the exact version. */
  readonly ownTemplateId?: string;
  /** The award that it was drafted from, and is checked against. */
  readonly awardId?: string;
  /** Kind of contract that an own template is for. */
  readonly templateKind?: ContractKind;
  readonly data?: ContractData;
  /** Integer fen; absent where an uploaded document came without data. */
  readonly amountFen?: number;
  readonly parties: readonly ContractParty[];
  readonly document?: ContractDocument;
  /** Of the last sending; absent before. */
  readonly acknowledgements?: readonly Acknowledgement[];
  readonly signatures: readonly SignedRevision[];
  /** In order; absent where there are none. */
  readonly extensions?: readonly ExtendedRevision[];
  /** Absent where signatures are B-B and meant to be. */
  readonly level?: LevelState;
  readonly attempt?: SigningAttempt;
  readonly returns: readonly {
    readonly at: string;
    readonly unitId: string;
    readonly accountId: string;
    readonly kind: 'rejected' | 'withdrawn' | 'voided' | 'terminated';
    readonly reason: string;
  }[];
  /** Versions that were sent before this one, oldest first; absent where there are none. */
  readonly earlier?: readonly EarlierVersion[];
  /** Until when it may be confirmed and signed, once it is sent. */
  readonly signBy?: string;
  /** The last few, oldest first. */
  readonly reminders?: readonly Reminder[];
  /** Parties that agreed to void a contract somebody has signed; it is void when all have. */
  readonly voidConsents?: readonly Consent[];
  /** The same, of a contract that is filed: it ends, and what was performed stays. */
  readonly terminationConsents?: readonly Consent[];
  /** While it is frozen. */
  readonly frozen?: Freeze;
  /** The contract that this one supplements. */
  readonly supplementTo?: string;
  /** Agreements that supplement this one. */
  readonly supplements?: readonly SupplementEntry[];
  readonly announcement?: Announcement;
  readonly archive?: ArchiveEntry;
  readonly times: ContractTimes;
  readonly filing?: {
    readonly filingId: string;
    readonly filingNumber?: string;
  };
  readonly pendingEvents: readonly AuditEvent[];
}

/** What kind of contract its template makes; later versions of a template make the same kind. `undefined` for an upload. */
export function templateKindOf({
  templateKind,
  templateId,
}: Pick<ContractRecord, 'templateKind' | 'templateId'>): string | undefined {
  return templateKind ?? templateId?.split('@')[0];
}

export type ContractIndex =
  | 'number'
  | 'externalRef'
  | 'state'
  | 'createdAt'
  | 'attemptId'
  | 'attemptSealId'
  | 'blobId'
  | 'sealId'
  | 'levelDueAt'
  | 'timerAt'
  | 'pendingSince';

export const CONTRACTS: CollectionSpec<ContractRecord, ContractIndex> = {
  name: 'contracts',
  revision: 3,
  indexes: {
    number: { of: (contract) => [contract.number], many: true, unique: true },
    externalRef: {
      of: (contract) =>
        contract.externalRef === undefined
          ? undefined
          : [`${contract.buyerUnitId}/${contract.externalRef}`],
      many: true,
      unique: true,
    },
    state: { of: (contract) => contract.state, thenBy: 'createdAt' },
    createdAt: { of: (contract) => contract.times.createdAt },
    attemptId: {
      of: (contract) => [
        ...(contract.attempt === undefined ? [] : [contract.attempt.id]),
        ...allSignatures(contract).map((signature) => signature.attemptId),
      ],
      many: true,
    },
    attemptSealId: { of: (contract) => contract.attempt?.sealId, unscoped: true },
    blobId: {
      of: (contract) =>
        allSignatures(contract).flatMap(({ blobId, signedSha256 }) =>
          signedSha256 === undefined ? [blobId] : [blobId, signedSha256],
        ),
      many: true,
    },
    /** Seals that the contract was signed with. */
    sealId: {
      of: (contract) => allSignatures(contract).flatMap(({ sealId }) => sealId ?? []),
      many: true,
    },
    levelDueAt: { of: (contract) => contract.level?.dueAt, unscoped: true },
    timerAt: { of: (contract) => nextTimer(contract)?.at, unscoped: true },
    pendingSince: { of: pendingSince, unscoped: true },
  },
  scopeKeys: (contract) => [
    ...contract.parties.flatMap(({ unitId, agent }) =>
      agent === undefined ? [unitKey(unitId)] : [unitKey(unitId), unitKey(agent.unitId)],
    ),
    ...regionKeys(contract.regionCode),
  ],
};

/** Signatures of this version and, void by now, of those before it. */
export function allSignatures(contract: ContractRecord): readonly SignedRevision[] {
  return [
    ...(contract.earlier ?? []).flatMap((version) => version.signatures),
    ...contract.signatures,
  ];
}

/** Counts the versions that were sent, from 1; a draft has the number it will be sent with. */
export function versionNumber(contract: ContractRecord): number {
  return (contract.earlier?.at(-1)?.number ?? 0) + 1;
}

/** The newest bytes of the contract: the last signed or extended revision, or the unsigned document. */
export function currentBlobId(contract: ContractRecord): string | undefined {
  const extension = contract.extensions?.at(-1);
  return extension?.afterSignature === contract.signatures.length
    ? extension.blobId
    : (contract.signatures.at(-1)?.blobId ?? contract.document?.blobId);
}

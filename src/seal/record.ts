/** A seal as the register keeps it: an entry with versions; the picture and the certificates it is bound to belong to a version. */
import { regionKeys, unitKey, type RequestsDone } from '../access/index.js';
import { pendingSince, type AuditEvent, type EventCarrier } from '../audit/index.js';
import type { CollectionSpec } from '../store/index.js';
import { endOf, lifeDueAt } from './life/reminders.js';

/** 法定名称章, 合同专用章, 财务专用章, 法定代表人名章, 其他业务专用章. */
export const SEAL_KINDS = ['official', 'contract', 'finance', 'legal-person', 'other'] as const;
export type SealKind = (typeof SEAL_KINDS)[number];

export type SealStatus = 'active' | 'suspended' | 'revoked';
/** As a reader sees it: an active seal past its end is expired. */
export type EffectiveSealStatus = SealStatus | 'expired' | 'not-yet-valid';

/** The reasons of the notice: unit dissolved, merged, physical seal invalid, compromised key, other. */
export const REVOCATION_REASONS = [
  'unit-dissolved',
  'unit-merged',
  'physical-seal-invalid',
  'key-compromise',
  'other',
] as const;
export type RevocationReason = (typeof REVOCATION_REASONS)[number];

/** 挂失, 冻结, other. */
export const SUSPENSION_CAUSES = ['reported-lost', 'frozen', 'other'] as const;
export type SuspensionCause = (typeof SUSPENSION_CAUSES)[number];

export interface SealVersion {
  /** Counts from 1; renewal and rebinding make a new version, old ones stay for verification. */
  readonly number: number;
  /** As it stands on this version; absent: the seal's. */
  readonly name?: string;
  readonly validFrom: string;
  readonly validUntil: string;
  /** SHA-256 (hex) of each certificate the version may sign with. */
  readonly certificateSha256: readonly string[];
  /** When the first of them ends. */
  readonly certificatesUntil?: string;
  /** Blob of the structure (GB/T 38540) that the maker signed, and its version. */
  readonly structureBlobId?: string;
  readonly structureVersion?: 4 | 5;
  /** The application that was approved for it. */
  readonly applicationId?: string;
  /**
   * Blob of the picture, drawn (SVG) or scanned (PNG), and its true size. What was drawn stays: a later font
   * does not alter a seal that was issued.
   */
  readonly pictureBlobId: string;
  readonly widthMm: number;
  readonly heightMm: number;
  readonly madeAt: string;
}

/** One change of status, oldest first; the status at any time follows from it. */
export interface SealStatusChange {
  readonly at: string;
  readonly status: SealStatus;
  readonly cause?: SuspensionCause;
  readonly reason?: string;
}

export interface RevocationEvidence {
  /** SHA-256 (hex), and so the blob. */
  readonly sha256: string;
  readonly fileName: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
}

export interface Revocation {
  /** When it takes effect; may lie ahead. */
  readonly at: string;
  readonly reason: RevocationReason;
  /** The administrator's words; not public. */
  readonly note?: string;
  readonly recordedAt?: string;
  readonly evidence?: readonly RevocationEvidence[];
  /** The order that revoked all seals of the unit. */
  readonly orderId?: string;
}

/** One reminder that the seal, or the first of its certificates, ends. */
export interface SealReminder {
  readonly of: 'seal' | 'certificate';
  readonly daysBefore: number;
  readonly endsAt: string;
  readonly givenAt: string;
  /** The version it was given for: a new one begins anew. */
  readonly versionNumber: number;
}

/** What the write that stopped a seal leaves to do. */
export interface UsesToEnd {
  /** The seal's as that write left it. */
  readonly revision: number;
  /** Whoever is at it has until then (RFC 3339); afterwards anybody may take it up. */
  readonly until: string;
}

export interface SealRecord extends EventCarrier, RequestsDone {
  readonly id: string;
  readonly version: number;
  readonly revision: number;
  /** 印章编码: 13 digits, region code first; unique. */
  readonly code: string;
  /** 印章名称 as it stands on the seal: the unit's legal name, on a square seal the legal representative's. */
  readonly name: string;
  readonly kind: SealKind;
  readonly unitId: string;
  readonly regionCode: string;
  readonly status: SealStatus;
  readonly statusHistory: readonly SealStatusChange[];
  readonly versions: readonly SealVersion[];
  readonly revocation?: Revocation;
  /** Reminders that were given of the newest version's end, oldest first. */
  readonly reminders?: readonly SealReminder[];
  /** The signatures under way with it are still to be ended, since it was stopped. */
  readonly usesToEnd?: UsesToEnd;
  readonly createdAt: string;
  readonly pendingEvents: readonly AuditEvent[];
}

export type SealIndex =
  | 'code'
  | 'officialSealOf'
  | 'unitId'
  | 'status'
  | 'certificateSha256'
  | 'createdAt'
  | 'endsAt'
  | 'remindedAt'
  | 'lifeDueAt'
  | 'usesToEndAt'
  | 'pendingSince';

export const SEALS: CollectionSpec<SealRecord, SealIndex> = {
  name: 'seals',
  indexes: {
    code: { of: (seal) => seal.code, unique: true },
    /** A unit has one 法定名称章 at a time. */
    officialSealOf: {
      of: (seal) =>
        seal.kind === 'official' && seal.status !== 'revoked' ? seal.unitId : undefined,
      unique: true,
    },
    unitId: { of: (seal) => seal.unitId, thenBy: 'createdAt' },
    status: { of: (seal) => seal.status, thenBy: 'createdAt' },
    certificateSha256: { of: (seal) => seal.versions.at(-1)?.certificateSha256 ?? [], many: true },
    createdAt: { of: (seal) => seal.createdAt },
    /** When it can no longer sign: its own end, or that of the first of its certificates. */
    endsAt: { of: (seal) => (seal.status === 'revoked' ? undefined : endOf(seal)) },
    remindedAt: {
      of: (seal) => (seal.status === 'revoked' ? undefined : seal.reminders?.at(-1)?.givenAt),
    },
    /** When the background has something to do: a reminder, a revocation that takes effect. */
    lifeDueAt: { of: lifeDueAt, unscoped: true },
    usesToEndAt: { of: (seal) => seal.usesToEnd?.until, unscoped: true },
    pendingSince: { of: pendingSince, unscoped: true },
  },
  scopeKeys: (seal) => [unitKey(seal.unitId), ...regionKeys(seal.regionCode)],
};

/**
 * A unit's book of seal uses (用印登记簿): one line for each intent, refusal and outcome, numbered
 * without gaps and each bound to the line before. What a line says is an audit event and goes into the
 * log as it is; what stands beside the event is only for finding it.
 */
import { regionKeys, unitKey } from '../../access/index.js';
import { pendingSince, type AuditEvent, type EventCarrier } from '../../audit/index.js';
import { canonicalJson, sha256Hex, shanghaiClock, utf8ToBytes } from '../../kernel/index.js';
import type { CollectionSpec } from '../../store/index.js';

/** Outcomes of an intent; `interrupted`: the process ended, or nobody came back, before there was one. */
export const USE_OUTCOMES = ['completed', 'failed', 'interrupted'] as const;
export type UseOutcome = (typeof USE_OUTCOMES)[number];

/** `closed`: a statement was drawn up; nothing before it can be added any more. */
export type BookLineKind = 'intended' | 'refused' | UseOutcome | 'closed';

export interface BookLine extends EventCarrier {
  /** {@link bookLineId}: of two processes that write the same line, the store takes one. */
  readonly id: string;
  readonly version: number;
  readonly revision: number;
  readonly unitId: string;
  readonly regionCode: string;
  /** From 1, without gaps, within the unit. */
  readonly number: number;
  readonly kind: BookLineKind;
  /** The act that the line belongs to: an attempt to sign, or a refusal's own. */
  readonly useId: string;
  /** Absent where no seal was found or named. */
  readonly sealId?: string;
  /** The approved request that an intent stands on. */
  readonly approvalId?: string;
  /** Its `details` hold `book`, `number` and `previous`, so the chain is in the log itself. */
  readonly event: AuditEvent;
  /** {@link bookLineHash} of the event. */
  readonly hash: string;
  /** Of an intent: what became of it. */
  readonly outcome?: BookOutcome;
  /** Of an intent without outcome: after this instant it counts as interrupted. */
  readonly openUntil?: string;
  readonly pendingEvents: readonly AuditEvent[];
}

export interface BookOutcome {
  readonly kind: UseOutcome;
  readonly at: string;
  /** SHA-256 (hex) of the file with the signature; of `completed`. */
  readonly signedSha256?: string;
  /** Of `failed`. */
  readonly code?: string;
}

export type BookLineIndex =
  | 'unitNumber'
  | 'unitAt'
  | 'sealUse'
  | 'sealDay'
  | 'useLine'
  | 'approval'
  | 'openUntil'
  | 'pendingSince';

export const SEAL_USE_BOOK: CollectionSpec<BookLine, BookLineIndex> = {
  name: 'sealUseBook',
  indexes: {
    unitNumber: {
      of: ({ unitId, number }) => `${unitId} ${digits(number)}`,
      unique: true,
      unscoped: true,
    },
    unitAt: {
      of: ({ unitId, number, event }) => `${unitId} ${event.at} ${digits(number)}`,
      unscoped: true,
    },
    /** Intents and refusals of a seal, in order of time. */
    sealUse: {
      of: ({ sealId, kind, number, event }) =>
        sealId === undefined || (kind !== 'intended' && kind !== 'refused')
          ? undefined
          : `${sealId} ${event.at} ${digits(number)}`,
    },
    /** Uses that count against a quota. */
    sealDay: {
      of: (line) =>
        line.sealId !== undefined && isCounted(line)
          ? `${line.sealId} ${shanghaiDay(new Date(line.event.at))}`
          : undefined,
      unscoped: true,
    },
    /** An approval is used once: by the one act that counts. */
    approval: {
      of: (line) =>
        isCounted(line) && line.approvalId !== undefined ? [line.approvalId] : undefined,
      many: true,
      unique: true,
    },
    /** An act has one line of each kind. */
    useLine: { of: ({ useId, kind }) => [`${useId} ${kind}`], many: true, unique: true },
    openUntil: { of: ({ openUntil }) => openUntil, unscoped: true },
    pendingSince: { of: pendingSince, unscoped: true },
  },
  scopeKeys: ({ unitId, regionCode }) => unitScopeKeys(unitId, regionCode),
};

/** Completed or under way. */
function isCounted({ kind, outcome }: BookLine): boolean {
  return kind === 'intended' && (outcome === undefined || outcome.kind === 'completed');
}

/** Who may read what a unit does with its seals. */
export function unitScopeKeys(unitId: string, regionCode: string): readonly string[] {
  return [unitKey(unitId), ...regionKeys(regionCode)];
}

export function bookLineId(unitId: string, number: number): string {
  return `use_${unitId.replace(/^[a-z]+_/, '')}-${digits(number)}`;
}

/** SHA-256 (hex) of the event's RFC 8785 JSON: what the next line names as `previous`. */
export function bookLineHash(event: AuditEvent): string {
  return sha256Hex(utf8ToBytes(canonicalJson(event)));
}

/** Wall clock of Asia/Shanghai. */
export function shanghaiTime(at: Date): {
  readonly day: string;
  readonly time: string;
  /** 1 is Monday. */
  readonly weekday: number;
} {
  const text = shanghaiClock(at);
  const weekday = new Date(`${text}Z`).getUTCDay() || 7;
  return { day: text.slice(0, 10), time: text.slice(11, 16), weekday };
}

export function shanghaiDay(at: Date): string {
  return shanghaiTime(at).day;
}

function digits(number: number): string {
  return String(number).padStart(12, '0');
}

/**
 * What a person has to look at because the two registers, or two receipts, do not agree. An item
 * decides nothing and undoes nothing: it says what each side says.
 */
import { regionKeys, unitKey } from '../access/index.js';
import {
  pendingSince,
  recordEvent,
  type AuditActor,
  type AuditEvent,
  type EventCarrier,
} from '../audit/index.js';
import { AppError, canonicalJson, idFrom, toRfc3339 } from '../kernel/index.js';
import type { CollectionSpec } from '../store/index.js';
import type { FilingRecord } from './record.js';

export const WORK_ITEM_KINDS = [
  /** A receipt that does not count: unsigned, falsely signed, of other bytes. */
  'receipt-refused',
  /** A receipt with another filing number than the one on record. */
  'receipt-contradicts',
  /** The budget system holds another package or document under our key. */
  'package-differs',
  /** The budget system holds what we have never filed. */
  'unknown-here',
  /** The budget system gave the number of this filing to another one, too. */
  'number-shared',
  /** The budget system gave another number: to what it had lost, or in place of a shared one. */
  'number-changed',
  /** The budget system had lost a filing and does not want it again. */
  'refiling-refused',
  /** The budget system holds a contract that is not to be filed any more, such as a voided one. */
  'contract-not-filing',
] as const;
export type WorkItemKind = (typeof WORK_ITEM_KINDS)[number];

/** `corrected`: opens again where it is seen again; `accepted`: these facts stay as they are. */
export const WORK_ITEM_OUTCOMES = ['corrected', 'accepted'] as const;
export type WorkItemOutcome = (typeof WORK_ITEM_OUTCOMES)[number];

export interface WorkItemRecord extends EventCarrier {
  /** Derived from kind, subject and facts: the same finding again is the same item. */
  readonly id: string;
  readonly kind: WorkItemKind;
  readonly state: 'open' | 'resolved';
  readonly filingId?: string;
  readonly contractId?: string;
  readonly contractNumber: string;
  readonly buyerUnitId?: string;
  readonly regionCode: string;
  /** What the two sides say, by names such as `ours.filingNumber`. */
  readonly facts: Readonly<Record<string, string>>;
  readonly createdAt: string;
  readonly lastSeenAt: string;
  readonly seenCount: number;
  readonly resolution?: {
    readonly at: string;
    readonly accountId: string;
    readonly outcome: WorkItemOutcome;
    readonly reason: string;
  };
}

export type WorkItemIndex = 'state' | 'kind' | 'filingId' | 'createdAt' | 'pendingSince';

export const FILING_WORK_ITEMS: CollectionSpec<WorkItemRecord, WorkItemIndex> = {
  name: 'filingWorkItems',
  indexes: {
    state: { of: (item) => item.state, thenBy: 'createdAt' },
    kind: { of: (item) => item.kind, thenBy: 'createdAt' },
    filingId: { of: ({ filingId }) => (filingId ? [filingId] : undefined), many: true },
    createdAt: { of: (item) => item.createdAt },
    pendingSince: { of: pendingSince, unscoped: true },
  },
  scopeKeys: scopeKeysOf,
};

/** What was found, before it is an item. */
export type Finding = Pick<
  WorkItemRecord,
  'kind' | 'filingId' | 'contractId' | 'contractNumber' | 'buyerUnitId' | 'regionCode' | 'facts'
>;

/** A finding about a filing of ours. */
export function findingOf(
  filing: FilingRecord,
  kind: WorkItemKind,
  facts: Readonly<Record<string, string>>,
): Finding {
  const { id, contractId, contractNumber, buyerUnitId, regionCode } = filing;
  return { kind, filingId: id, contractId, contractNumber, buyerUnitId, regionCode, facts };
}

/** A filing whose number another one has, too; one finding, however many have it. */
export function numberShared(filing: FilingRecord): Finding {
  const filingNumber = filing.receipt?.filingNumber ?? '';
  return findingOf(filing, 'number-shared', { 'theirs.filingNumber': filingNumber });
}

export function newWorkItem(finding: Finding, at: Date, actor: AuditActor): WorkItemRecord {
  const { kind, filingId, facts } = finding;
  const subject = filingId ?? finding.contractNumber;
  const item: WorkItemRecord = {
    ...finding,
    id: idFrom('fwi', canonicalJson([kind, subject, facts])),
    version: 1,
    revision: 1,
    state: 'open',
    createdAt: toRfc3339(at),
    lastSeenAt: toRfc3339(at),
    seenCount: 1,
    pendingEvents: [],
  };
  return { ...item, pendingEvents: [eventOf(item, 'raised', actor, at, { kind, ...facts })] };
}

/** The same finding again. */
export function withSighting(item: WorkItemRecord, at: Date, actor: AuditActor): WorkItemRecord {
  const seen = {
    ...item,
    version: item.version + 1,
    lastSeenAt: toRfc3339(at),
    seenCount: item.seenCount + 1,
  };
  if (item.resolution?.outcome !== 'corrected') return seen;
  const { resolution, ...open } = seen;
  const event = eventOf(item, 'reopened', actor, at, { resolvedAt: resolution?.at ?? null });
  return {
    ...open,
    state: 'open',
    revision: item.revision + 1,
    pendingEvents: [...item.pendingEvents, event],
  };
}

/** @throws AppError `conflict` (params `state`) where it is resolved already */
export function withResolution(
  item: WorkItemRecord,
  resolution: { readonly outcome: WorkItemOutcome; readonly reason: string },
  at: Date,
  actor: AuditActor,
): WorkItemRecord {
  if (item.state === 'resolved') {
    throw new AppError('conflict', 'the item is resolved', { params: { state: item.state } });
  }
  return {
    ...item,
    version: item.version + 1,
    revision: item.revision + 1,
    state: 'resolved',
    resolution: { at: toRfc3339(at), accountId: actor.accountId, ...resolution },
    pendingEvents: [...item.pendingEvents, eventOf(item, 'resolved', actor, at, resolution)],
  };
}

function scopeKeysOf(item: Pick<WorkItemRecord, 'buyerUnitId' | 'regionCode'>): readonly string[] {
  const own = item.buyerUnitId === undefined ? [] : [unitKey(item.buyerUnitId)];
  return [...own, ...regionKeys(item.regionCode)];
}

function eventOf(
  item: WorkItemRecord,
  what: string,
  actor: AuditActor,
  at: Date,
  details: AuditEvent['details'],
): AuditEvent {
  return recordEvent({ kind: 'filing-work-item', id: item.id }, scopeKeysOf(item), {
    what,
    actor,
    at,
    details,
  });
}

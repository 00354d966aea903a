/** One entry of the audit log as it is stored: the event, its place, and the hashes that hold it there. */
import { canonicalJson, utf8ToBytes } from '../kernel/index.js';
import type { CollectionSpec, StoredDocument } from '../store/index.js';
import type { AuditEvent } from './event.js';
import { leafHash, type Hash } from './merkle.js';

export interface AuditEntry extends StoredDocument {
  /** `seq` in 12 digits, so that entries sort by it and no two can have the same. */
  readonly id: string;
  readonly version: number;
  /** From 1, without gaps. */
  readonly seq: number;
  readonly event: AuditEvent;
  /** Leaf hash (hex) of the entry before; empty for the first. */
  readonly prevHash: string;
  /** Leaf hash (hex): SHA-256 of 0x00 and the canonical JSON of `seq`, `prevHash` and `event`. */
  readonly hash: string;
  /** Roots (hex) of the complete subtrees that end with this leaf, smallest first, from two leaves on. */
  readonly subtrees: readonly string[];
}

export type AuditEntryIndex = 'eventId' | 'at' | 'type' | 'subject' | 'filingSeq';

/** Where filings began is walked by whoever pulls them: units their own. */
const FILING_BEGAN = 'filing.created';

/** Supervisors read the log by region, auditors whole: other rows for units would be read by nobody. */
function isReaders(scopeKey: string): boolean {
  return !scopeKey.startsWith('unit:');
}

export const AUDIT_ENTRIES: CollectionSpec<AuditEntry, AuditEntryIndex> = {
  name: 'auditEntries',
  indexes: {
    eventId: { of: (entry) => [entry.event.id], many: true, unique: true },
    at: { of: (entry) => entry.event.at },
    type: { of: (entry) => entry.event.type, thenBy: 'at' },
    subject: {
      of: ({ event: { subject } }) => [`${subject.kind}/${subject.id}`],
      many: true,
    },
    /** Positions at which filings began: the order in which they are pulled. */
    filingSeq: {
      of: (entry) => (entry.event.type === FILING_BEGAN ? entry.seq : undefined),
    },
  },
  scopeKeys: ({ event }) =>
    event.type === FILING_BEGAN ? event.scopeKeys : event.scopeKeys.filter(isReaders),
  revision: 2,
};

export function entryId(seq: number): string {
  return String(seq).padStart(12, '0');
}

export function entryHash(seq: number, prevHash: string, event: AuditEvent): Hash {
  return leafHash(utf8ToBytes(canonicalJson({ event, prevHash, seq })));
}

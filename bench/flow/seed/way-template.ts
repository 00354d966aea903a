/** All records of a contract's whole way on one day, with what differs from contract to contract taken out. */
import { AUDIT_ENTRIES, type AuditEntry } from '../../../src/audit/index.js';
import { CONTRACTS, type WorkingDayCalendar } from '../../../src/contract/index.js';
import { FILINGS } from '../../../src/filing/index.js';
import { IDEMPOTENCY_KEYS } from '../../../src/http/idempotency.js';
import { canonicalJson } from '../../../src/kernel/index.js';
import { SEAL_USE_BOOK } from '../../../src/seal/index.js';
import type { CollectionSpec, StoredDocument } from '../../../src/store/index.js';
import { duesOf } from '../../../src/supervision/due-record.js';
import { DUES, OVERVIEWS, type Overview } from '../../../src/supervision/index.js';
import { RELEASE_EVENTS } from '../../../src/supervision/projector.js';
import { overviewOf } from '../../../src/supervision/overview.js';
import type { BulkWriter } from './bulk-writer.js';
import { recordTemplate, type RecordTemplate } from './record-template.js';
import type { SampleWay } from './sample-way.js';
import { TextTemplate, Tokens, type Token } from './text-template.js';

/** Slots of what every copy has of its own. */
export const SLOT = {
  contract: 0,
  number: 1,
  filing: 2,
  filingNumber: 3,
  supplierAttempt: 4,
  buyerAttempt: 5,
  supplierSigned: 6,
  buyerSigned: 7,
  buyer: 8,
  buyerBare: 9,
  supplier: 10,
  supplierBare: 11,
  buyerSeal: 12,
  supplierSeal: 13,
  buyerSealCode: 14,
  supplierSealCode: 15,
  buyerCode: 16,
  supplierCode: 17,
  region: 18,
  regionKey: 19,
  cityKey: 20,
  previousEntry: 21,
  entry: 22,
  subtrees: 23,
  /** Three each: padded, after a colon, after a bracket. */
  sequence: 24,
  release: 27,
  /** Five for each of the four lines: its number as above, the hash of the line before, its own. */
  lines: 30,
  /** One for each event and each answer. */
  ids: 50,
} as const;

/** Numbers of twelve digits that no sample has. */
const SEQUENCE = 987_654_321_001;
const RELEASE = 987_654_321_002;
const LINE = 987_654_321_010;
const DAY_MS = 86_400_000;

const numberTokens = (value: number, slot: number): readonly Token[] => [
  { text: String(value), slot },
  { text: `:${String(value)}`, slot: slot + 1 },
  { text: `[${String(value)}`, slot: slot + 2 },
];

export interface EntryTemplate {
  /** What the leaf's hash is over. */
  readonly hashed: TextTemplate;
  readonly record: RecordTemplate;
  readonly isRelease: boolean;
}

export interface WayTemplate {
  readonly entries: readonly EntryTemplate[];
  /** In the order of `SLOT.lines`; `hashed` is what the line's hash is over. */
  readonly lines: readonly {
    readonly hashed: TextTemplate;
    readonly record: RecordTemplate;
    readonly isBuyers: boolean;
  }[];
  readonly others: readonly RecordTemplate[];
  readonly answers: readonly RecordTemplate[];
  readonly overview: Overview;
}

/**
 * @param tokens - As {@link tokensOf}.
 * @param days - How many days before the sample it happened.
 */
export function wayTemplate(
  writer: BulkWriter,
  sample: SampleWay,
  tokens: Tokens,
  calendar: WorkingDayCalendar,
  days: number,
): WayTemplate {
  const shifted = shiftDays(sample, -days);
  const record = <T extends StoredDocument, K extends string>(
    spec: CollectionSpec<T, K>,
    document: T,
  ): RecordTemplate => recordTemplate(writer, spec, document, tokens);

  const lines = shifted.lines.map((line, at) => {
    const number = LINE + at;
    const details = { ...line.event.details, number, previous: `@previous-${at}@` };
    return { ...line, number, event: { ...line.event, details }, hash: `@line-${at}@` };
  });
  const events = new Map(lines.map(({ event }) => [event.id, event]));
  const entries = shifted.entries.map((entry): AuditEntry => {
    const event = events.get(entry.event.id) ?? entry.event;
    const hashes = { prevHash: '@previous@', hash: '@entry@', subtrees: ['@subtrees@'] };
    return { ...entry, id: String(SEQUENCE), seq: SEQUENCE, event, ...hashes };
  });
  const dues = duesOf(shifted.contract, calendar);
  const overview = overviewOf(shifted.contract, dues, RELEASE, undefined);
  return {
    entries: entries.map((entry) => ({
      hashed: new TextTemplate(
        canonicalJson({ event: entry.event, prevHash: entry.prevHash, seq: entry.seq }),
        tokens,
      ),
      record: record(AUDIT_ENTRIES, entry),
      isRelease: RELEASE_EVENTS.includes(entry.event.type),
    })),
    lines: lines.map((line) => ({
      hashed: new TextTemplate(canonicalJson(line.event), tokens),
      record: record(SEAL_USE_BOOK, { ...line, id: lineId(line.unitId, line.number) }),
      isBuyers: line.unitId === sample.buyer.id,
    })),
    others: [
      record(CONTRACTS, shifted.contract),
      record(FILINGS, shifted.filing),
      record(OVERVIEWS, overview),
      ...dues.map((due) => record(DUES, { ...due, version: 1 })),
    ],
    answers: shifted.answers.map((answer) => record(IDEMPOTENCY_KEYS, answer)),
    overview,
  };
}

function lineId(unitId: string, number: number): string {
  return `use_${unitId.replace(/^[a-z]+_/, '')}-${String(number)}`;
}

/** What differs between copies of the sample, wherever it stands. */
export function tokensOf(sample: SampleWay): Tokens {
  const { contract, filing, buyer, supplier, buyerSeal, supplierSeal } = sample;
  const [first, second] = contract.signatures;
  const bare = (id: string): string => id.replace(/^[a-z]+_/, '');
  const known: readonly (readonly [text: string | undefined, slot: number])[] = [
    [contract.id, SLOT.contract],
    [contract.number, SLOT.number],
    [filing.id, SLOT.filing],
    [filing.receipt?.filingNumber, SLOT.filingNumber],
    [first?.attemptId, SLOT.supplierAttempt],
    [second?.attemptId, SLOT.buyerAttempt],
    [first?.blobId, SLOT.supplierSigned],
    [second?.blobId, SLOT.buyerSigned],
    [buyer.id, SLOT.buyer],
    [bare(buyer.id), SLOT.buyerBare],
    [supplier.id, SLOT.supplier],
    [bare(supplier.id), SLOT.supplierBare],
    [buyerSeal.id, SLOT.buyerSeal],
    [supplierSeal.id, SLOT.supplierSeal],
    [buyerSeal.code, SLOT.buyerSealCode],
    [supplierSeal.code, SLOT.supplierSealCode],
    [buyer.creditCode, SLOT.buyerCode],
    [supplier.creditCode, SLOT.supplierCode],
    [buyer.regionCode, SLOT.region],
    [`region:${buyer.regionCode}`, SLOT.regionKey],
    [`region:${buyer.regionCode.slice(0, 4)}`, SLOT.cityKey],
    ['@previous@', SLOT.previousEntry],
    ['@entry@', SLOT.entry],
    ['"@subtrees@"', SLOT.subtrees],
    ...sample.lines.flatMap((_, at) => [
      [`@previous-${at}@`, SLOT.lines + 5 * at + 3] as const,
      [`@line-${at}@`, SLOT.lines + 5 * at + 4] as const,
    ]),
    ...[...sample.entries.map(({ event }) => event.id), ...sample.answers.map(({ id }) => id)].map(
      (id, at) => [id, SLOT.ids + at] as const,
    ),
  ];
  return new Tokens([
    ...known.flatMap(([text, slot]) => (text === undefined ? [] : [{ text, slot }])),
    ...numberTokens(SEQUENCE, SLOT.sequence),
    ...numberTokens(RELEASE, SLOT.release),
    ...sample.lines.flatMap((_, at) => numberTokens(LINE + at, SLOT.lines + 5 * at)),
  ]);
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** The same values, all dates and instants moved by `days`. */
function shiftDays<T>(value: T, days: number): T {
  const shift = (each: unknown): unknown => {
    if (typeof each === 'string' && (INSTANT.test(each) || DATE.test(each))) {
      const moved = new Date(Date.parse(each) + days * DAY_MS).toISOString();
      if (DATE.test(each)) return moved.slice(0, 10);
      return each.includes('.') ? moved : `${moved.slice(0, 19)}Z`;
    }
    if (Array.isArray(each)) return each.map(shift);
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([key, inner]) => [key, shift(inner)]));
  };
  return shift(value) as T;
}

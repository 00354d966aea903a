/**
 * Fills a store as a province would in a year: of every contract all the records that a real one left
 * behind in the same store, under ids, numbers, units and days of its own. The audit log and the books go
 * on from where they are, hash by hash, and totals are what they would be counted to. Blobs are those of
 * the sample; the signed files that records name are not written.
 */
import { hash } from 'node:crypto';
import { statSync } from 'node:fs';
import type { AuditEntry } from '../../../src/audit/index.js';
import { completedBy } from '../../../src/audit/head.js';
import type { Hash } from '../../../src/audit/merkle.js';
import { UNITS } from '../../../src/access/index.js';
import type { WorkingDayCalendar } from '../../../src/contract/index.js';
import { toHex } from '../../../src/kernel/index.js';
import { SEALS } from '../../../src/seal/index.js';
import type { CollectionSpec, StoredDocument } from '../../../src/store/index.js';
import { TOTALS, type Overview } from '../../../src/supervision/index.js';
import { PLACE, type ProjectionPlace } from '../../../src/supervision/projector.js';
import {
  NOTHING,
  sum,
  totalsOf,
  type Totals,
  type TotalsLevel,
  type TotalsRecord,
} from '../../../src/supervision/totals.js';
import { BulkWriter } from './bulk-writer.js';
import { pairsOf, type Pair, type Party } from './parties.js';
import { recordTemplate } from './record-template.js';
import type { SampleWay } from './sample-way.js';
import { Tokens, type Slots } from './text-template.js';
import { SLOT, tokensOf, wayTemplate, type WayTemplate } from './way-template.js';

export interface SeedOptions {
  /** The database of a service that is stopped; the sample went its way there. */
  readonly path: string;
  readonly sample: SampleWay;
  readonly calendar: WorkingDayCalendar;
  readonly contracts: number;
  readonly progress: (line: string) => void;
}

export interface Seeded {
  readonly contracts: number;
  readonly auditEntries: number;
  readonly units: number;
  readonly seconds: number;
  readonly bytes: number;
}

const DAYS = 240;
const CONTRACTS_A_UNIT = 100;
/** Answers to Idempotency-Keys are kept for a week. */
const ANSWERED_DAYS = 7;
const BATCH = 20_000;

export function seedStore(options: SeedOptions): Seeded {
  const { path, sample, calendar, contracts, progress } = options;
  const beginMs = performance.now();
  using writer = new BulkWriter(path);
  const log = new LogEnd(writer);
  const totals = new TotalsByCell();
  const pairs = pairsOf(sample, Math.max(1, Math.round(contracts / CONTRACTS_A_UNIT)));
  writer.transaction(() => {
    for (const { buyer, supplier } of pairs) {
      for (const { unit, seal } of [buyer, supplier]) {
        writeOne(writer, UNITS, unit);
        writeOne(writer, SEALS, seal);
      }
    }
  });
  const tokens = tokensOf(sample);
  let template: WayTemplate | undefined;
  let day = 0;
  for (let from = 0; from < contracts; from += BATCH) {
    writer.transaction(() => {
      for (let at = from; at < Math.min(contracts, from + BATCH); at++) {
        const daysAgo = DAYS - Math.floor((at * (DAYS - 1)) / contracts);
        if (template === undefined || daysAgo !== day) {
          day = daysAgo;
          template = wayTemplate(writer, sample, tokens, calendar, daysAgo);
        }
        const pair = pairs[at % pairs.length];
        if (pair === undefined) throw new Error('there are no units');
        writeWay({ template, log, totals, slots: slotsOf(at, contracts, pair), pair, daysAgo });
      }
    });
    progress(`${Math.min(contracts, from + BATCH)} of ${contracts} contracts`);
  }
  writer.transaction(() => {
    totals.write(writer);
    follow(writer, log.size);
  });
  writer.index((name) => progress(`index ${name}`));
  return {
    contracts,
    auditEntries: log.size,
    units: 2 * pairs.length,
    seconds: (performance.now() - beginMs) / 1000,
    bytes: statSync(path).size,
  };
}

interface Way {
  readonly template: WayTemplate;
  readonly log: LogEnd;
  readonly totals: TotalsByCell;
  readonly slots: Slots;
  readonly pair: Pair;
  readonly daysAgo: number;
}

function writeWay({ template, log, totals, slots, pair, daysAgo }: Way): void {
  template.lines.forEach(({ hashed, isBuyers }, at) => {
    const party = isBuyers ? pair.buyer : pair.supplier;
    const slot = SLOT.lines + 5 * at;
    putNumber(slots, slot, ++party.lineNumber);
    slots[slot + 3] = party.lineHash;
    party.lineHash = hash('sha256', hashed.render(slots));
    slots[slot + 4] = party.lineHash;
  });
  let released = 0;
  for (const { hashed, record, isRelease } of template.entries) {
    log.append(slots, () => hashed.render(slots));
    record.write(slots);
    if (isRelease) released = log.size;
  }
  putNumber(slots, SLOT.release, released);
  for (const { record } of template.lines) record.write(slots);
  for (const record of template.others) record.write(slots);
  if (daysAgo <= ANSWERED_DAYS) for (const record of template.answers) record.write(slots);
  totals.add(template.overview, slots);
}

function putNumber(slots: Slots, slot: number, value: number): void {
  slots[slot] = String(value).padStart(12, '0');
  slots[slot + 1] = `:${String(value)}`;
  slots[slot + 2] = `[${String(value)}`;
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** `value` in the digits that ids are made of. */
function base32(value: number, length: number): string {
  let text = '';
  for (let rest = value; rest > 0; rest = Math.floor(rest / 32)) {
    text = (ALPHABET[rest % 32] ?? '') + text;
  }
  return text.padStart(length, '0');
}

function slotsOf(at: number, contracts: number, { buyer, supplier }: Pair): Slots {
  // Ids rise, so that pages fill in order, and cover the whole range, so that new ones come between.
  const stem = base32(Math.floor((at / contracts) * 2 ** 48), 10) + base32(at, 8);
  const id = (prefix: string, which: number): string => `${prefix}_${stem}${base32(which, 8)}`;
  const hex = Math.floor((at / contracts) * 2 ** 48)
    .toString(16)
    .padStart(12, '0');
  const sha256 = (which: number): string => `${hex}${String(which)}`.padEnd(64, '5');
  const { regionCode } = buyer.unit;
  const slots: Slots = [];
  slots[SLOT.contract] = id('ctr', 0);
  slots[SLOT.number] = `SEED-${stem}`;
  slots[SLOT.filing] = id('fil', 0);
  slots[SLOT.filingNumber] = `2026-${regionCode}-${String(at).padStart(7, '0')}`;
  slots[SLOT.supplierAttempt] = id('sgn', 1);
  slots[SLOT.buyerAttempt] = id('sgn', 2);
  slots[SLOT.supplierSigned] = sha256(1);
  slots[SLOT.buyerSigned] = sha256(2);
  putParty(slots, buyer, SLOT.buyer, SLOT.buyerSeal, SLOT.buyerSealCode, SLOT.buyerCode);
  putParty(
    slots,
    supplier,
    SLOT.supplier,
    SLOT.supplierSeal,
    SLOT.supplierSealCode,
    SLOT.supplierCode,
  );
  slots[SLOT.region] = regionCode;
  slots[SLOT.regionKey] = `region:${regionCode}`;
  slots[SLOT.cityKey] = `region:${regionCode.slice(0, 4)}`;
  for (let which = 0; which < 40; which++) slots[SLOT.ids + which] = id('evt', which);
  return slots;
}

function putParty(
  slots: Slots,
  { unit, seal }: Party,
  unitSlot: number,
  sealSlot: number,
  sealCodeSlot: number,
  codeSlot: number,
): void {
  slots[unitSlot] = unit.id;
  slots[unitSlot + 1] = unit.id.replace(/^[a-z]+_/, '');
  slots[sealSlot] = seal.id;
  slots[sealCodeSlot] = seal.code;
  slots[codeSlot] = unit.creditCode;
}

/** Where the audit log ends, and what the next entry is bound to. */
class LogEnd {
  size = 0;
  #hash = '';
  readonly #frontier = new Map<number, Hash>();

  constructor(writer: BulkWriter) {
    const bodies = writer.database
      .prepare('SELECT body FROM "doc_auditEntries" ORDER BY id')
      .pluck()
      .all() as string[];
    for (const body of bodies) {
      const entry = JSON.parse(body) as AuditEntry;
      const leaf = Buffer.from(entry.hash, 'hex');
      this.#advance(leaf, completedBy(this.size + 1, leaf, this.#frontier));
    }
  }

  /** @param hashed - Renders what the leaf is over, once place and predecessor are in `slots`. */
  append(slots: Slots, hashed: () => string): void {
    putNumber(slots, SLOT.sequence, this.size + 1);
    slots[SLOT.previousEntry] = this.#hash;
    const leaf = hash('sha256', `\0${hashed()}`, 'buffer');
    const completed = completedBy(this.size + 1, leaf, this.#frontier);
    slots[SLOT.entry] = toHex(leaf);
    slots[SLOT.subtrees] = completed.map((each) => `"${toHex(each)}"`).join(',');
    this.#advance(leaf, completed);
  }

  #advance(leaf: Hash, completed: readonly Hash[]): void {
    this.size++;
    this.#hash = toHex(leaf);
    [leaf, ...completed].forEach((each, level) => this.#frontier.set(level, each));
  }
}

type Cell = Omit<TotalsRecord, 'version' | 'byKind'> & { readonly kind: string };

/** Totals as the projector would count them. */
class TotalsByCell {
  readonly #cells = new Map<string, Cell & { totals: Totals }>();
  #last: { readonly overview: Overview; readonly totals: Totals } | undefined;

  add(overview: Overview, slots: Slots): void {
    if (this.#last?.overview !== overview) this.#last = { overview, totals: totalsOf(overview) };
    const { totals } = this.#last;
    const { kind, signedOn: day = '' } = overview;
    const month = day.slice(0, 7);
    const regionCode = slots[SLOT.region] ?? '';
    const unitId = slots[SLOT.buyer] ?? '';
    const count = (level: TotalsLevel, owner: string, period: string): void => {
      const id = `${level} ${owner} ${period}`;
      const ofUnit = level === 'unit-month' ? { unitId } : {};
      const cell = this.#cells.get(id) ?? {
        ...{ id, level, regionCode, period, kind, totals: NOTHING },
        ...ofUnit,
      };
      cell.totals = sum(cell.totals, totals);
      this.#cells.set(id, cell);
    };
    count('region-day', regionCode, day);
    count('region-month', regionCode, month);
    count('unit-month', unitId, month);
  }

  write(writer: BulkWriter): void {
    for (const { kind, totals, ...cell } of this.#cells.values()) {
      writeOne(writer, TOTALS, { ...cell, version: 1, byKind: { [kind]: totals } });
    }
  }
}

/** Supervision has seen all of the log. */
function follow(writer: BulkWriter, seq: number): void {
  const { database } = writer;
  const body = database
    .prepare('SELECT body FROM "doc_projections" WHERE id = ?')
    .pluck()
    .get(PLACE);
  const place = JSON.parse(String(body)) as ProjectionPlace;
  const next: ProjectionPlace = { id: place.id, version: place.version + 1, seq };
  database
    .prepare('UPDATE "doc_projections" SET version = ?, body = ? WHERE id = ?')
    .run(next.version, JSON.stringify(next), PLACE);
}

const NO_TOKENS = new Tokens([]);

function writeOne<T extends StoredDocument, K extends string>(
  writer: BulkWriter,
  spec: CollectionSpec<T, K>,
  document: T,
): void {
  recordTemplate(writer, spec, document, NO_TOKENS).write([]);
}

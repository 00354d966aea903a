/**
 * What must hold of every store, whatever happened to the processes that wrote it: read from the
 * records and blobs alone, so that no code under test vouches for itself. Returns what does not
 * hold, one line each; an empty list is what a test expects.
 */
import type { AuditEntry, AuditEntryIndex } from '../../src/audit/index.js';
import {
  allSignatures,
  takesPart,
  type ContractIndex,
  type ContractRecord,
  type SignedRevision,
} from '../../src/contract/index.js';
import type { FilingIndex, FilingRecord } from '../../src/filing/index.js';
import { sha256Hex } from '../../src/kernel/index.js';
import type { BookLine, BookLineIndex } from '../../src/seal/index.js';
import type { RegisteredFiling } from '../../src/sandbox/budget-system/index.js';
import { SCOPE_ALL, type BlobStore, type Collection } from '../../src/store/index.js';
import type { WebhookDelivery, WebhookDeliveryIndex } from '../../src/webhook/index.js';

export interface StoreUnderCheck {
  readonly contracts: Pick<Collection<ContractRecord, ContractIndex>, 'find'>;
  readonly filings: Pick<Collection<FilingRecord, FilingIndex>, 'find'>;
  readonly auditEntries: Pick<Collection<AuditEntry, AuditEntryIndex>, 'find'>;
  readonly blobs: Pick<BlobStore, 'read'>;
}

export interface CheckOptions {
  /** Whether the background has come to rest: then no event waits and no signature is under way. */
  readonly isSettled?: boolean;
}

/** What is at work in the background besides. */
export interface BackgroundUnderCheck {
  readonly contracts: Pick<Collection<ContractRecord, ContractIndex>, 'find'>;
  readonly filings: Pick<Collection<FilingRecord, FilingIndex>, 'find'>;
  readonly webhookDeliveries: Pick<Collection<WebhookDelivery, WebhookDeliveryIndex>, 'find'>;
  readonly sealUseBook: Pick<Collection<BookLine, BookLineIndex>, 'find'>;
}

/**
 * What is still at work, or was left behind by somebody who died at work: claims, attempts, messages,
 * open uses of seals, events that wait. It must go by itself; what stays is stuck.
 */
export async function unfinishedWork(store: BackgroundUnderCheck): Promise<readonly string[]> {
  const left: string[] = [];
  for (const { id, state, attempt, level, pendingEvents } of await allOf(store.contracts)) {
    if (attempt !== undefined) left.push(`${id} (${state}): an attempt to sign`);
    if (level?.state === 'waiting') left.push(`${id} (${state}): a level below ${level.reached}`);
    if (pendingEvents.length > 0) left.push(`${id} (${state}): events`);
    if (state === 'signed' || state === 'filing') left.push(`${id} (${state}): not filed`);
  }
  for (const filing of await allOf(store.filings)) {
    if (filing.dueAt !== undefined || filing.lease !== undefined) left.push(`${filing.id}: due`);
    if (filing.pendingEvents.length > 0) left.push(`${filing.id}: events`);
  }
  for (const { id, state, lease } of await allOf(store.webhookDeliveries)) {
    if (state === 'waiting' || lease !== undefined) left.push(`${id}: to be delivered`);
  }
  for (const line of await allOf(store.sealUseBook)) {
    if (line.openUntil !== undefined) left.push(`${line.id}: a use without an outcome`);
    if (line.pendingEvents.length > 0) left.push(`${line.id}: events`);
  }
  return left;
}

/** States in which all parties have signed, and stay so. */
const CONCLUDED: readonly string[] = [
  'signed',
  'filing',
  'filed',
  'archived',
  'changed',
  'terminated',
];
/** States that nobody has signed in. */
const UNSIGNED: readonly string[] = ['draft', 'sent', 'confirmed'];

/** Every invariant over every contract and filing. */
export async function brokenInvariants(
  store: StoreUnderCheck,
  options: CheckOptions = {},
): Promise<readonly string[]> {
  const contracts = await allOf(store.contracts);
  const filings = await allOf(store.filings);
  const entries = await allOf(store.auditEntries);
  const faults: string[] = [];
  for (const contract of contracts) {
    const say = (text: string): void => {
      faults.push(`${contract.id} (${contract.state}): ${text}`);
    };
    for (const fault of contractFaults(contract)) say(fault);
    for (const fault of await documentFaults(contract, store.blobs)) say(fault);
    const own = filings.filter((filing) => filing.contractId === contract.id);
    for (const fault of filingFaults(contract, own)) say(fault);
    const events = entries.flatMap(({ event }) =>
      event.subject.kind === 'contract' && event.subject.id === contract.id ? [event.type] : [],
    );
    const waiting = contract.pendingEvents.map((event) => event.type);
    for (const fault of eventFaults(contract, [...new Set(events), ...waiting], events)) say(fault);
    if (options.isSettled === true && waiting.length > 0) say(`events wait: ${waiting.join(' ')}`);
  }
  for (const fault of contracts.flatMap((each) => supplementFaults(each, contracts))) {
    faults.push(fault);
  }
  for (const number of repeated(filings.flatMap((each) => each.receipt?.filingNumber ?? []))) {
    faults.push(`filing number ${number} was given twice`);
  }
  for (const id of repeated(entries.map((entry) => entry.event.id))) {
    faults.push(`event ${id} is twice in the audit log`);
  }
  entries.forEach((entry, index) => {
    if (entry.seq !== index + 1) faults.push(`the audit log has a gap before ${entry.seq}`);
  });
  return faults;
}

/** Where our register and the budget system's ledger do not say the same. */
export async function disagreements(
  store: Pick<StoreUnderCheck, 'filings'>,
  ledger: readonly RegisteredFiling[],
): Promise<readonly string[]> {
  const filings = new Map((await allOf(store.filings)).map((filing) => [filing.id, filing]));
  const faults = [
    ...repeated(ledger.map((entry) => entry.idempotencyKey)).map((key) => `${key} is there twice`),
    ...repeated(ledger.map((entry) => entry.documentSha256)).map((it) => `${it} is filed twice`),
  ];
  for (const entry of ledger) {
    const ours = filings.get(entry.idempotencyKey);
    filings.delete(entry.idempotencyKey);
    const said = [ours?.receipt?.filingNumber, ours?.packageBlobId, ours?.documentSha256];
    const held = [entry.filingNumber, entry.packageSha256, entry.documentSha256];
    if (said.join() !== held.join()) {
      faults.push(`${entry.idempotencyKey}: we say ${said.join(' ')}, they hold ${held.join(' ')}`);
    }
  }
  for (const { id, receipt } of filings.values()) {
    if (receipt !== undefined) faults.push(`${id} is filed as ${receipt.filingNumber}, not there`);
  }
  return faults;
}

/** What the record says of itself. */
function contractFaults(contract: ContractRecord): readonly string[] {
  const { parties, signatures, times } = contract;
  const state = contract.frozen?.from ?? contract.state;
  const owesSeveral = parties.some((party) => (party.duties ?? []).length > 1);
  const faults: string[] = [];
  const isSigned = (role: string): boolean =>
    parties.every((party) => party.role !== role || party.signedAt !== undefined);
  const signed = { buyer: isSigned('buyer'), supplier: isSigned('supplier') };
  if (CONCLUDED.includes(state) && !(signed.buyer && signed.supplier)) {
    faults.push('concluded without every party');
  }
  if (CONCLUDED.includes(state) !== (times.signedAt !== undefined) && state !== 'voided') {
    faults.push(`times.signedAt is ${times.signedAt ?? 'absent'}`);
  }
  if ((contract.state === 'frozen') !== (contract.frozen !== undefined)) {
    faults.push('frozen, and nothing says from where, or the reverse');
  }
  // A party that owes two signatures and made one leaves the state as it was.
  if (
    UNSIGNED.includes(state) &&
    signatures.length > 0 &&
    !(owesSeveral && state === 'confirmed')
  ) {
    faults.push('signed before its time');
  }
  for (const version of contract.earlier ?? []) {
    if (
      version.signatures.some(({ blobId }) => signatures.some((each) => each.blobId === blobId))
    ) {
      faults.push(`a void signature of version ${version.number} counts again`);
    }
  }
  if (state === 'supplier-signed' && (!signed.supplier || signed.buyer)) {
    faults.push('not the supplier alone has signed');
  }
  if (state === 'buyer-signed' && (!signed.buyer || signed.supplier)) {
    faults.push('not the buyer alone has signed');
  }
  if (signatures.some((signature, index) => signature.number !== index + 1)) {
    faults.push('signatures are not numbered in order');
  }
  for (const id of repeated(allSignatures(contract).map((signature) => signature.attemptId))) {
    faults.push(`attempt ${id} made two signatures`);
  }
  for (const party of parties) {
    const own = signatures.filter((each) => each.role === party.role);
    if (party.signedAt !== undefined && own.at(-1)?.signedAt !== party.signedAt) {
      faults.push(`${party.role} signed at ${party.signedAt}, its signature says otherwise`);
    }
  }
  const order = [
    times.createdAt,
    times.sentAt,
    times.confirmedAt,
    ...signatures.map((signature) => signature.signedAt),
    times.signedAt,
    times.filedAt,
  ].flatMap((time) => (time === undefined ? [] : [time.slice(0, 19)]));
  if (order.some((time, index) => time < (order[index - 1] ?? time))) {
    faults.push(`times run backwards: ${order.join(' ')}`);
  }
  if (contract.version < contract.revision) faults.push('version is behind revision');
  return faults;
}

/** Agreements that are sent or signed are at most a tenth of their contract, which knows them all. */
function supplementFaults(
  original: ContractRecord,
  contracts: readonly ContractRecord[],
): readonly string[] {
  const active = contracts.filter(
    (each) => each.supplementTo === original.id && takesPart(each.state),
  );
  const total = active.reduce((sum, each) => sum + BigInt(each.amountFen ?? 0), 0n);
  const known = new Map(original.supplements?.map((each) => [each.contractId, each.amountFen]));
  return [
    ...(total * 10n > BigInt(original.amountFen ?? 0) && active.length > 0
      ? [`${original.id}: supplements of ${total} fen are more than a tenth`]
      : []),
    ...active
      .filter((each) => known.get(each.id) !== each.amountFen)
      .map((each) => `${original.id}: does not know its supplement ${each.id}`),
  ];
}

/** Bytes that were signed are there, are what they are named, and were only appended to. */
async function documentFaults(
  contract: ContractRecord,
  blobs: Pick<BlobStore, 'read'>,
): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const version of [...(contract.earlier ?? []), contract]) {
    faults.push(...(await versionFaults(version, blobs)));
  }
  return faults;
}

async function versionFaults(
  {
    document,
    signatures,
    extensions,
  }: Pick<ContractRecord, 'document' | 'signatures' | 'extensions'>,
  blobs: Pick<BlobStore, 'read'>,
): Promise<readonly string[]> {
  if (document === undefined) return signatures.length === 0 ? [] : ['signatures on no document'];
  const faults: string[] = [];
  const later: Pick<SignedRevision, 'blobId' | 'sizeBytes'>[] = [
    ...signatures,
    ...(extensions ?? []),
  ].sort((a, b) => a.sizeBytes - b.sizeBytes);
  let before = await blobs.read(document.blobId).catch(() => undefined);
  if (before === undefined) return ['the document is gone'];
  for (const { blobId, sizeBytes } of later) {
    const bytes = await blobs.read(blobId).catch(() => undefined);
    if (bytes === undefined) return [...faults, `revision ${blobId} is gone`];
    if (bytes.length !== sizeBytes || sha256Hex(bytes) !== blobId) {
      faults.push(`revision ${blobId} is not what it is named`);
    }
    if (Buffer.compare(bytes.subarray(0, before.length), before) !== 0) {
      faults.push(`revision ${blobId} rewrites what was there`);
    }
    before = bytes;
  }
  return faults;
}

/** A contract is filed once, under the number of its receipt, and as it was signed last. */
function filingFaults(
  contract: ContractRecord,
  filings: readonly FilingRecord[],
): readonly string[] {
  const faults: string[] = [];
  if (filings.length > 1) faults.push(`${filings.length} filings`);
  for (const filing of filings) {
    if (filing.documentSha256 !== contract.signatures.at(-1)?.blobId) {
      faults.push(`${filing.id} files other bytes than were signed last`);
    }
    const { receipt } = filing;
    if ((filing.state === 'filed') !== (receipt !== undefined)) {
      faults.push(`${filing.id} is ${filing.state}, receipt ${receipt?.filingNumber ?? 'absent'}`);
    }
    const { packageSha256 } = receipt ?? {};
    if (packageSha256 !== undefined && packageSha256 !== filing.packageBlobId) {
      faults.push(`${filing.id} has a receipt of another package`);
    }
    const numbers = [...(filing.earlierReceipts ?? []), receipt].map((each) => each?.filingNumber);
    if (new Set(numbers).size !== numbers.length) {
      faults.push(`${filing.id} has the same number twice: ${numbers.join(' ')}`);
    }
    if (filing.lostAt !== undefined && (receipt === undefined || filing.dueAt === undefined)) {
      faults.push(`${filing.id} is lost, and nobody files it again`);
    }
  }
  if (contract.times.filedAt !== undefined) {
    const filing = filings.find((each) => each.id === contract.filing?.filingId);
    const number = contract.filing?.filingNumber;
    if (number === undefined || filing?.receipt?.filingNumber !== number) {
      faults.push(`filed as ${number ?? 'nothing'}, the receipt says otherwise`);
    }
  } else if (contract.state === 'filed' || contract.state === 'archived') {
    faults.push('filed at no time');
  }
  return faults;
}

/** What happened is in the log: each signature and the conclusion once. */
function eventFaults(
  contract: ContractRecord,
  known: readonly string[],
  logged: readonly string[],
): readonly string[] {
  const faults: string[] = [];
  const count = (type: string): number => logged.filter((each) => each === type).length;
  const expected: readonly (readonly [type: string, isDue: boolean])[] = [
    ['contract.created', true],
    ['contract.sent', contract.times.sentAt !== undefined],
    ['contract.signed', contract.times.signedAt !== undefined],
    ['contract.filed', contract.times.filedAt !== undefined],
  ];
  for (const [type, isDue] of expected) {
    if (isDue && !known.includes(type)) faults.push(`no event ${type}`);
  }
  if (count('contract.party-signed') > allSignatures(contract).length) {
    faults.push('more signatures in the audit log than in the contract');
  }
  for (const type of ['contract.created', 'contract.signed', 'contract.filed']) {
    if (count(type) > 1) faults.push(`${type} ${count(type)} times`);
  }
  return faults;
}

export function repeated(values: readonly string[]): readonly string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}

/** Every record of a collection. */
export async function allOf<T>(collection: {
  find: (
    query: { readonly limit: number; readonly cursor?: string },
    scope: typeof SCOPE_ALL,
  ) => Promise<{ readonly items: readonly T[]; readonly nextCursor: string | undefined }>;
}): Promise<readonly T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await collection.find(
      { limit: 500, ...(cursor === undefined ? {} : { cursor }) },
      SCOPE_ALL,
    );
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return items;
}

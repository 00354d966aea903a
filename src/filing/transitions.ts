/**
 * What happens to a filing, as pure functions from one record to the next, for a single conditional
 * write each. State only moves forward: nothing undoes a receipt. A function that finds its work
 * done returns the record it was given.
 */
import { SYSTEM_ACTOR, recordEvent, type AuditActor, type AuditEvent } from '../audit/index.js';
import type { ContractRecord } from '../contract/index.js';
import { AppError, dueRfc3339, idFrom, toRfc3339 } from '../kernel/index.js';
import { changed, type Changes } from '../store/index.js';
import { receiptInvalid, type ProvenReceipt } from './receipt.js';
import { FILINGS, KEPT_ATTEMPTS, type FilingRecord } from './record.js';

const LONGEST_FILING_NUMBER = 64;

/** The id under which this signed contract is filed, whoever computes it. */
export function filingIdOf(contractId: string, documentSha256: string): string {
  return idFrom('fil', `filing\n${contractId}\n${documentSha256}`);
}

/**
 * The filing of a contract that all parties have signed, due at once.
 * @throws AppError `contract-transition-refused` where nobody has signed it
 */
export function newFiling(contract: ContractRecord, at: Date): FilingRecord {
  const documentSha256 = contract.signatures.at(-1)?.blobId;
  if (documentSha256 === undefined) {
    throw new AppError('contract-transition-refused', 'a contract nobody signed cannot be filed', {
      params: { from: contract.state, to: 'filing', action: 'file' },
    });
  }
  const id = filingIdOf(contract.id, documentSha256);
  const filing: FilingRecord = {
    id,
    version: 1,
    revision: 1,
    contractId: contract.id,
    contractNumber: contract.number,
    buyerUnitId: contract.buyerUnitId,
    regionCode: contract.regionCode,
    state: 'waiting',
    idempotencyKey: id,
    documentSha256,
    attempts: [],
    attemptCount: 0,
    dueAt: toRfc3339(at),
    createdAt: toRfc3339(at),
    pendingEvents: [],
  };
  const details = { contractId: contract.id, documentSha256 };
  return { ...filing, pendingEvents: [eventOf(filing, 'created', SYSTEM_ACTOR, at, details)] };
}

/** Tells whether a worker may take the filing up. */
export function isDue(filing: FilingRecord, at: Date): boolean {
  return filing.dueAt !== undefined && Date.parse(filing.dueAt) <= at.getTime();
}

/** `holder` works on it until `at` + `leaseMs`; then it is due again. */
export function withLease(
  filing: FilingRecord,
  holder: string,
  at: Date,
  leaseMs: number,
): FilingRecord {
  const until = dueRfc3339(new Date(at.getTime() + leaseMs));
  return next(filing, {
    lease: { holder, until },
    dueAt: until,
    state: filing.state === 'waiting' ? 'in-progress' : filing.state,
  });
}

/** Keeps the package; the first one stays, and every later attempt sends it. */
export function withPackage(filing: FilingRecord, packageBlobId: string): FilingRecord {
  if (filing.packageBlobId !== undefined) return filing;
  return next(filing, { packageBlobId });
}

/** An attempt that proved nothing: due again at `dueAt`. Only for who still holds the lease. */
export function withFailedAttempt(
  filing: FilingRecord,
  holder: string,
  at: Date,
  outcome: string,
  dueAt: Date,
): FilingRecord {
  if (filing.lease?.holder !== holder) return filing;
  return next(filing, {
    ...attempted(filing, at, outcome),
    // A receipt that came meanwhile stays; what is left is to tell the contract.
    state: filing.state === 'in-progress' ? 'waiting' : filing.state,
    dueAt: dueRfc3339(dueAt),
    lease: undefined,
  });
}

/** The budget system wants something put right first; a command files again. */
export function withRefusal(
  filing: FilingRecord,
  at: Date,
  failure: { readonly code: string; readonly detail: string },
): FilingRecord {
  if (filing.receipt !== undefined || filing.state === 'failed') return filing;
  return next(
    filing,
    {
      ...attempted(filing, at, failure.code),
      state: 'failed',
      failure,
      dueAt: undefined,
      lease: undefined,
    },
    [eventOf(filing, 'refused', SYSTEM_ACTOR, at, { ...failure })],
  );
}

/**
 * What a receipt says, in our spelling.
 * @throws AppError `filing-receipt-invalid` (params `reason`) where it is of other bytes, or has no
 *   usable number or time
 */
export function checkedReceipt(filing: FilingRecord, receipt: ProvenReceipt): ProvenReceipt {
  const filingNumber = checkedNumber(receipt.filingNumber);
  const documentSha256 = receipt.documentSha256.toLowerCase();
  if (documentSha256 !== filing.documentSha256) {
    throw receiptInvalid('document', 'the receipt is of another document');
  }
  const receivedAt = new Date(receipt.receivedAt);
  if (Number.isNaN(receivedAt.getTime())) {
    throw receiptInvalid('receivedAt', 'the receipt has no time');
  }
  const packageSha256 = receipt.packageSha256?.toLowerCase();
  const { packageBlobId = packageSha256 } = filing;
  if (packageSha256 !== undefined && packageSha256 !== packageBlobId) {
    throw receiptInvalid('package', 'the receipt is of another package');
  }
  return {
    ...receipt,
    filingNumber,
    documentSha256,
    ...(packageSha256 === undefined ? {} : { packageSha256 }),
    receivedAt: toRfc3339(receivedAt),
  };
}

/**
 * Records that the budget system has the contract. The same receipt again changes nothing, unless it
 * is signed and the first was not; it counts also where the filing had failed. Another number counts
 * only where the budget system is known to have lost the filing, or gave the number on record to
 * another filing as well: both receipts are kept then.
 *
 * @param sharedNumber - A filing number that several filings are known to have
 * @throws AppError `filing-receipt-invalid` as {@link checkedReceipt}, and where it contradicts the
 *   receipt that is there or comes before there is a package
 */
export function withReceipt(
  filing: FilingRecord,
  receipt: ProvenReceipt,
  at: Date,
  actor: AuditActor,
  sharedNumber?: string,
): FilingRecord {
  const checked = checkedReceipt(filing, receipt);
  const { filingNumber } = checked;
  const known = filing.receipt;
  if (filing.packageBlobId === undefined) {
    throw receiptInvalid('early', 'nothing has been sent yet');
  }
  const isSame = known?.filingNumber === filingNumber;
  const isStronger = known?.signature === undefined && checked.signature !== undefined;
  if (isSame && filing.lostAt === undefined && !isStronger) return filing;
  const mayChange = filing.lostAt !== undefined || known?.filingNumber === sharedNumber;
  if (known !== undefined && !isSame && !mayChange) {
    throw receiptInvalid('contradiction', 'another filing number is on record');
  }
  const details = {
    filingNumber,
    contractId: filing.contractId,
    receiptKeyId: checked.signature?.keyId ?? null,
  };
  const what = known === undefined ? 'filed' : isSame ? 'receipt-confirmed' : 'renumbered';
  return next(
    filing,
    {
      ...attempted(filing, at, 'receipt'),
      state: 'filed',
      receipt: isSame && !isStronger ? known : checked,
      ...(known === undefined || isSame
        ? {}
        : { earlierReceipts: [...(filing.earlierReceipts ?? []), known] }),
      failure: undefined,
      lostAt: undefined,
      dueAt: toRfc3339(at),
      lease: undefined,
    },
    [eventOf(filing, what, actor, at, details)],
  );
}

/** The budget system does not have what it gave a receipt for: due again, with the same key and bytes. */
export function withLoss(filing: FilingRecord, at: Date): FilingRecord {
  if (filing.receipt === undefined || filing.lostAt !== undefined) return filing;
  const { filingNumber } = filing.receipt;
  return next(filing, { lostAt: toRfc3339(at), dueAt: toRfc3339(at), lease: undefined }, [
    eventOf(filing, 'lost-there', SYSTEM_ACTOR, at, { filingNumber }),
  ]);
}

/** The contract knows its filing number: nothing is left to do. */
export function withSettled(filing: FilingRecord): FilingRecord {
  if (filing.receipt === undefined || filing.lostAt !== undefined) return filing;
  if (filing.dueAt === undefined) return filing;
  return next(filing, { dueAt: undefined, lease: undefined });
}

/**
 * Files again by command: at once, with the same key and bytes, so that it cannot become a second
 * filing.
 *
 * @throws AppError `conflict` (params `state`) where it is filed, or being delivered now
 */
export function withRefiling(filing: FilingRecord, at: Date, actor: AuditActor): FilingRecord {
  if (filing.state !== 'failed' && filing.state !== 'waiting') {
    throw new AppError('conflict', `the filing is ${filing.state}`, {
      params: { state: filing.state },
    });
  }
  return next(filing, { state: 'waiting', failure: undefined, dueAt: toRfc3339(at) }, [
    eventOf(filing, 'refiled', actor, at, { attemptCount: filing.attemptCount }),
  ]);
}

function next(
  filing: FilingRecord,
  changes: Changes<FilingRecord>,
  events: readonly AuditEvent[] = [],
): FilingRecord {
  return {
    ...changed(filing, changes),
    version: filing.version + 1,
    revision: filing.revision + 1,
    pendingEvents: [...filing.pendingEvents, ...events],
  };
}

function attempted(
  filing: FilingRecord,
  at: Date,
  outcome: string,
): Pick<FilingRecord, 'attempts' | 'attemptCount'> {
  return {
    attempts: [...filing.attempts, { at: toRfc3339(at), outcome }].slice(-KEPT_ATTEMPTS),
    attemptCount: filing.attemptCount + 1,
  };
}

function eventOf(
  filing: FilingRecord,
  what: string,
  actor: AuditActor,
  at: Date,
  details: AuditEvent['details'],
): AuditEvent {
  return recordEvent({ kind: 'filing', id: filing.id }, FILINGS.scopeKeys(filing), {
    what,
    actor,
    at,
    details,
  });
}

function checkedNumber(text: string): string {
  const number = text.trim();
  if (number === '' || number.length > LONGEST_FILING_NUMBER || /\p{C}/u.test(number)) {
    throw receiptInvalid('filingNumber', 'the receipt has no usable filing number');
  }
  return number;
}

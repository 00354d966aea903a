/** Where every receipt comes in, by whatever way: proven, recorded once, or put on the work list. */
import type { AuditActor } from '../audit/index.js';
import { isAppError, type AppError, type Clock } from '../kernel/index.js';
import { SCOPE_ALL, change, type Collection } from '../store/index.js';
import type { Receipt } from './budget-system.js';
import { proveReceipt, type ProvenReceipt, type ReceiptTerms } from './receipt.js';
import type { FilingIndex, FilingRecord } from './record.js';
import { checkedReceipt, withReceipt } from './transitions.js';
import { findingOf, numberShared, type WorkItemKind } from './work-item.js';
import type { WorkList } from './work-list.js';

export interface ReceiptDeskOptions {
  readonly filings: Collection<FilingRecord, FilingIndex>;
  readonly terms: ReceiptTerms;
  readonly workList: Pick<WorkList, 'raise'>;
  readonly clock: Clock;
}

/** Of the filings that share a number, so many are told at once; each one is told by its own receipt. */
const MOST_TOLD = 10;

export class ReceiptDesk {
  readonly #options: ReceiptDeskOptions;

  constructor(options: ReceiptDeskOptions) {
    this.#options = options;
  }

  /**
   * Looks at a receipt that is not relied on.
   * @returns whether it would count; where not, it is on the work list
   */
  async inspect(filing: FilingRecord, receipt: Receipt): Promise<boolean> {
    return this.#reporting(filing, receipt, () => {
      checkedReceipt(filing, proveReceipt(filing.id, receipt, this.#options.terms));
      return Promise.resolve(true);
    }).catch((error: unknown) => {
      if (isAppError(error, 'filing-receipt-invalid')) return false;
      throw error;
    });
  }

  /**
   * Records a receipt.
   * @param prepare - Makes the package where there is none yet
   * @throws AppError `filing-receipt-invalid` (params `reason`), `conflict` where the contract is not
   *   to be filed any more: both are on the work list then
   */
  async take(
    filing: FilingRecord,
    receipt: Receipt,
    actor: AuditActor,
    prepare: (filing: FilingRecord) => Promise<unknown>,
  ): Promise<FilingRecord> {
    const { filings, terms, clock } = this.#options;
    return this.#reporting(filing, receipt, async () => {
      const proven = proveReceipt(filing.id, receipt, terms);
      checkedReceipt(filing, proven);
      if (filing.packageBlobId === undefined) await prepare(filing);
      const sharedNumber = await this.#sharedNumber(filing, proven);
      const taken = await change(filings, filing.id, 'filing-not-found', (current) =>
        withReceipt(current, proven, clock.now(), actor, sharedNumber),
      );
      if (taken.receipt?.filingNumber !== filing.receipt?.filingNumber) {
        await this.#tellOfNewNumber(filing, taken);
      }
      return taken;
    });
  }

  /**
   * Looks whether other filings have the number of this one, and puts each of them on the work list.
   * To be called after the receipt is written, until it has returned once: of two that are given one
   * number at the same time, whoever looks last sees both.
   */
  async tellOfSharedNumber(filing: FilingRecord): Promise<void> {
    if (filing.receipt === undefined) return;
    const sharing = await this.#filedUnder(filing.receipt.filingNumber, MOST_TOLD);
    const others = sharing.filter(({ id }) => id !== filing.id);
    if (others.length === 0) return;
    for (const each of [filing, ...others]) {
      await this.#options.workList.raise(numberShared(each));
    }
  }

  /** The number on record, where a receipt names another and the budget system owes a correction. */
  async #sharedNumber(
    { receipt: known }: FilingRecord,
    { filingNumber }: ProvenReceipt,
  ): Promise<string | undefined> {
    if (known === undefined || known.filingNumber === filingNumber) return undefined;
    const sharing = await this.#filedUnder(known.filingNumber, 2);
    return sharing.length < 2 ? undefined : known.filingNumber;
  }

  async #filedUnder(filingNumber: string, limit: number): Promise<readonly FilingRecord[]> {
    const { filings } = this.#options;
    return (await filings.find({ where: { filingNumber: { eq: filingNumber } }, limit }, SCOPE_ALL))
      .items;
  }

  async #tellOfNewNumber(before: FilingRecord, after: FilingRecord): Promise<void> {
    const earlier = before.receipt?.filingNumber;
    const now = after.receipt?.filingNumber;
    if (earlier === undefined || now === undefined) return;
    const facts = { 'ours.earlier': earlier, 'theirs.filingNumber': now };
    await this.#options.workList.raise(findingOf(after, 'number-changed', facts));
  }

  /** Two receipts of the budget system name two numbers. */
  async contradicted(filing: FilingRecord, one: Receipt, other: Receipt): Promise<void> {
    const facts = { 'theirs.answered': one.filingNumber, 'theirs.holds': other.filingNumber };
    await this.#options.workList.raise(findingOf(filing, 'receipt-contradicts', facts));
  }

  async #reporting<T>(filing: FilingRecord, receipt: Receipt, step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      if (!isAppError(error)) throw error;
      const kind = kindOf(error);
      if (kind !== undefined) {
        const facts = { reason: reasonOf(error), ...saidBy(filing, receipt) };
        await this.#options.workList.raise(findingOf(filing, kind, facts));
      }
      throw error;
    }
  }
}

function kindOf({ code, params }: AppError): WorkItemKind | undefined {
  if (code === 'conflict') return 'contract-not-filing';
  if (code !== 'filing-receipt-invalid') return undefined;
  return params['reason'] === 'contradiction' ? 'receipt-contradicts' : 'receipt-refused';
}

function reasonOf({ code, params }: AppError): string {
  return String(params['reason'] ?? params['state'] ?? code);
}

/** Cut: what the other side says may be anything. */
function saidBy(filing: FilingRecord, receipt: Receipt): Readonly<Record<string, string>> {
  const ours = filing.receipt?.filingNumber;
  return {
    'theirs.filingNumber': receipt.filingNumber.slice(0, 100),
    'theirs.documentSha256': receipt.documentSha256.slice(0, 64),
    'ours.documentSha256': filing.documentSha256,
    ...(ours === undefined ? {} : { 'ours.filingNumber': ours }),
  };
}

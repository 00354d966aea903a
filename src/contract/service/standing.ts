/** What happens to a contract that stands: announced, archived, held by an order and let go. */
import type { Principal } from '../../access/index.js';
import { AppError, toRfc3339, type Clock } from '../../kernel/index.js';
import type { ArchiveEntry } from '../flow-record.js';
import type { ContractRecord } from '../record.js';
import { withFreeze, withoutFreeze } from '../waiting-transitions.js';
import { factsOf, type ContractChange, type ContractChanges } from './contract-changes.js';
import { checkedReason, type ReasonedChange } from './endings.js';

/** Clocks of the platform and ours differ by less. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;
/** 政府采购法 §42. */
const LEAST_RETENTION_YEARS = 15;

export interface AnnounceChange extends ContractChange {
  /** When it was announced; now where absent. */
  readonly announcedAt?: Date;
  readonly url?: string;
}

export interface ArchiveChange extends ContractChange {
  readonly entry: ArchiveEntry;
}

export class Standing {
  readonly #changes: ContractChanges;
  readonly #clock: Clock;

  constructor(changes: ContractChanges, clock: Clock) {
    this.#changes = changes;
    this.#clock = clock;
  }

  /** Records that the disclosure platform shows the contract. @throws AppError `input-invalid`, params `field` */
  async announce(principal: Principal, change: AnnounceChange): Promise<ContractRecord> {
    const contract = await this.#changes.begin(principal, change, 'announce');
    const now = this.#clock.now();
    const { signedAt, announcedAt } = contract.times;
    if (announcedAt !== undefined) {
      throw new AppError('contract-transition-refused', 'announced already', {
        params: { from: contract.state, to: contract.state, action: 'announce', announcedAt },
      });
    }
    const at = change.announcedAt ?? now;
    const isBefore = signedAt !== undefined && at.getTime() < Date.parse(signedAt);
    if (isBefore || at.getTime() > now.getTime() + CLOCK_TOLERANCE_MS) {
      throw new AppError('input-invalid', 'announced before it was signed, or in the future', {
        params: { field: 'announcedAt' },
      });
    }
    const { url } = change;
    const time = toRfc3339(at);
    return this.#changes.commit(
      contract,
      {
        announcement: { at: time, ...(url === undefined ? {} : { url }) },
        times: { ...contract.times, announcedAt: time },
      },
      factsOf(principal, 'announced', now, { announcedAt: time, url: url ?? null }),
    );
  }

  /**
   * Records where the contract lies in the archive; again where it has changed since.
   * @throws AppError `input-invalid`, params `field`, for a term under 15 years
   */
  async archive(
    principal: Principal,
    { entry, ...change }: ArchiveChange,
  ): Promise<ContractRecord> {
    const contract = await this.#changes.begin(principal, change, 'archive');
    if (entry.retentionYears < LEAST_RETENTION_YEARS) {
      throw new AppError('input-invalid', 'procurement documents are kept for 15 years', {
        params: { field: 'retentionYears', least: LEAST_RETENTION_YEARS },
      });
    }
    return this.#changes.commit(
      contract,
      { state: contract.state === 'terminated' ? 'terminated' : 'archived', archive: entry },
      factsOf(principal, 'archived', this.#clock.now(), { fileNumber: entry.fileNumber }),
    );
  }

  async freeze(principal: Principal, change: ReasonedChange): Promise<ContractRecord> {
    const reason = checkedReason(change.reason);
    const contract = await this.#changes.begin(principal, change, 'freeze');
    const at = this.#clock.now();
    const { accountId } = principal;
    return this.#changes.commitNext(
      (events) => withFreeze(contract, { at: toRfc3339(at), accountId, reason }, events),
      contract,
      factsOf(principal, 'frozen', at, { reason, from: contract.state }),
    );
  }

  async unfreeze(principal: Principal, change: ReasonedChange): Promise<ContractRecord> {
    const reason = checkedReason(change.reason);
    const contract = await this.#changes.begin(principal, change, 'unfreeze');
    const at = this.#clock.now();
    return this.#changes.commitNext(
      (events) => withoutFreeze(contract, at, events),
      contract,
      factsOf(principal, 'unfrozen', at, { reason }),
    );
  }
}

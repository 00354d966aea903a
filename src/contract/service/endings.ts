/** Ways on which a contract ends before its time: returned, withdrawn, void by consent. */
import type { Principal } from '../../access/index.js';
import { AppError, toRfc3339, type Clock } from '../../kernel/index.js';
import { CONTRACT_TRANSITIONS } from '../flow.js';
import type { ContractRecord } from '../record.js';
import { factsOf, type ContractChange, type ContractChanges } from './contract-changes.js';
import { partyOf } from './contract-rights.js';

const MAX_REASON_LENGTH = 1000;

export type ReasonedChange = ContractChange & { readonly reason: string };

export class Endings {
  readonly #changes: ContractChanges;
  readonly #clock: Clock;

  constructor(changes: ContractChanges, clock: Clock) {
    this.#changes = changes;
    this.#clock = clock;
  }

  reject(principal: Principal, change: ReasonedChange): Promise<ContractRecord> {
    return this.#close(principal, change, 'rejected', 'reject');
  }

  withdraw(principal: Principal, change: ReasonedChange): Promise<ContractRecord> {
    return this.#close(principal, change, 'withdrawn', 'withdraw');
  }

  /** One party's consent; the contract is void once both have given it. */
  async void(principal: Principal, change: ReasonedChange): Promise<ContractRecord> {
    const reason = checkedReason(change.reason);
    const contract = await this.#changes.begin(principal, change, 'void');
    const at = this.#clock.now();
    const { unitId } = partyOf(principal, contract, 'void');
    const consents = contract.voidConsents ?? [];
    if (consents.some((consent) => consent.unitId === unitId)) {
      throw new AppError('contract-transition-refused', 'the party has agreed already', {
        params: { from: contract.state, to: 'voided', action: 'void' },
      });
    }
    const consent = { at: toRfc3339(at), unitId, accountId: principal.accountId, reason };
    const voidConsents = [...consents, consent];
    const isAgreed = contract.parties.every((party) =>
      voidConsents.some((each) => each.unitId === party.unitId),
    );
    if (!isAgreed) {
      return this.#changes.commit(
        contract,
        { voidConsents },
        factsOf(principal, 'void-requested', at, { reason }),
      );
    }
    return this.#changes.commit(
      contract,
      {
        state: CONTRACT_TRANSITIONS.void.to[0],
        voidConsents,
        returns: [...contract.returns, { ...consent, kind: 'voided' }],
      },
      factsOf(principal, 'voided', at, { reason }),
    );
  }

  async #close(
    principal: Principal,
    change: ReasonedChange,
    kind: 'rejected' | 'withdrawn',
    action: 'reject' | 'withdraw',
  ): Promise<ContractRecord> {
    const reason = checkedReason(change.reason);
    const contract = await this.#changes.begin(principal, change, action);
    const at = this.#clock.now();
    const { unitId, signedAt } = partyOf(principal, contract, action);
    if (signedAt !== undefined) {
      // Who has signed is bound; what is left is to void, with the other party's consent.
      throw new AppError('contract-transition-refused', 'the party has signed', {
        params: { from: contract.state, to: kind, action },
      });
    }
    const entry = { at: toRfc3339(at), unitId, accountId: principal.accountId, kind, reason };
    return this.#changes.commit(
      contract,
      { state: kind, returns: [...contract.returns, entry] },
      factsOf(principal, kind, at, { reason }),
    );
  }
}

/** @throws AppError `input-invalid`, params `field`, `maxLength` */
function checkedReason(reason: string): string {
  const text = reason.trim();
  if (text !== '' && text.length <= MAX_REASON_LENGTH) return text;
  throw new AppError('input-invalid', 'a reason is needed', {
    params: { field: 'reason', maxLength: MAX_REASON_LENGTH },
  });
}

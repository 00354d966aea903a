/** Ways on which a contract ends before its time: returned, withdrawn, void or terminated by consent. */
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
  void(principal: Principal, change: ReasonedChange): Promise<ContractRecord> {
    return this.#consent(principal, change, 'void', 'voidConsents');
  }

  /** The same for a contract that is filed; what was performed stays. */
  terminate(principal: Principal, change: ReasonedChange): Promise<ContractRecord> {
    return this.#consent(principal, change, 'terminate', 'terminationConsents');
  }

  /** The other party's consent is asked for by the first, given by the second; each of its own signer. */
  async #consent(
    principal: Principal,
    change: ReasonedChange,
    action: 'void' | 'terminate',
    kept: 'voidConsents' | 'terminationConsents',
  ): Promise<ContractRecord> {
    const reason = checkedReason(change.reason);
    const contract = await this.#changes.begin(principal, change, action);
    const at = this.#clock.now();
    const { unitId } = partyOf(principal, contract, action);
    const [state] = CONTRACT_TRANSITIONS[action].to;
    const before = contract[kept] ?? [];
    if (before.some((consent) => consent.unitId === unitId)) {
      throw new AppError('contract-transition-refused', 'the party has agreed already', {
        params: { from: contract.state, to: state, action },
      });
    }
    const consent = { at: toRfc3339(at), unitId, accountId: principal.accountId, reason };
    const consents = [...before, consent];
    const isAgreed = contract.parties.every((party) =>
      consents.some((each) => each.unitId === party.unitId),
    );
    if (!isAgreed) {
      return this.#changes.commit(
        contract,
        { [kept]: consents },
        factsOf(principal, `${action}-requested`, at, { reason }),
      );
    }
    return this.#changes.commit(
      contract,
      {
        state,
        [kept]: consents,
        returns: [...contract.returns, { ...consent, kind: state }],
        times: { ...contract.times, endedAt: consent.at },
      },
      factsOf(principal, state, at, { reason }),
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
export function checkedReason(reason: string): string {
  const text = reason.trim();
  if (text !== '' && text.length <= MAX_REASON_LENGTH) return text;
  throw new AppError('input-invalid', 'a reason is needed', {
    params: { field: 'reason', maxLength: MAX_REASON_LENGTH },
  });
}

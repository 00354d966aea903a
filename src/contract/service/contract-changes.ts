/** One change of one contract: read with its rights, then written with its event in one write. */
import {
  actorOf,
  isRequestDone,
  scopeOf,
  withRequestDone,
  type Principal,
} from '../../access/index.js';
import type { AuditEvent } from '../../audit/index.js';
import { AppError, type Clock } from '../../kernel/index.js';
import type { Collection } from '../../store/index.js';
import { contractEvent, type ContractEventFacts } from '../events.js';
import { assertActionPossible } from '../flow.js';
import type { ContractIndex, ContractRecord } from '../record.js';
import { assertNotBeingSigned, nextContract } from '../signing-transitions.js';
import { assertRight, type PersonAction } from './contract-rights.js';

/** A change names the `revision` it was made from (If-Match). */
export interface ContractChange {
  readonly id: string;
  readonly expectedRevision: number;
}

export class ContractChanges {
  readonly #contracts: Collection<ContractRecord, ContractIndex>;
  readonly #clock: Clock;

  constructor(contracts: Collection<ContractRecord, ContractIndex>, clock: Clock) {
    this.#contracts = contracts;
    this.#clock = clock;
  }

  /** @throws AppError `contract-not-found`, also where the principal may not see it */
  async load(principal: Principal, id: string): Promise<ContractRecord> {
    const contract = await this.#contracts.get(id, scopeOf(principal));
    if (contract === undefined) throw new AppError('contract-not-found', `no contract ${id}`);
    return contract;
  }

  /** `act`, unless the same request has been here before and only its answer was lost. */
  once<C extends ContractChange>(
    act: (principal: Principal, change: C) => Promise<ContractRecord>,
  ): (principal: Principal, change: C) => Promise<ContractRecord> {
    return async (principal, change) => {
      if (principal.requestKey === undefined) return act(principal, change);
      const contract = await this.load(principal, change.id);
      return isRequestDone(contract, principal) ? contract : act(principal, change);
    };
  }

  /**
   * Checks right, revision and state: everything that can refuse before something is made.
   * @throws AppError `contract-not-found`, `forbidden`, `contract-party-mismatch`,
   *   `record-version-conflict`, `contract-transition-refused`, `contract-signing-in-progress`
   */
  async begin(
    principal: Principal,
    change: ContractChange,
    action: PersonAction,
  ): Promise<ContractRecord> {
    const contract = await this.load(principal, change.id);
    assertRight(principal, contract, action);
    if (contract.revision !== change.expectedRevision) {
      throw new AppError('record-version-conflict', 'the contract was changed meanwhile', {
        params: { expected: change.expectedRevision, actual: contract.revision },
      });
    }
    assertActionPossible(contract, action);
    assertNotBeingSigned(contract, this.#clock.now());
    return contract;
  }

  /** @throws AppError `record-version-conflict` where somebody was faster */
  commit(
    contract: ContractRecord,
    changes: Parameters<typeof nextContract>[1],
    facts: ContractEventFacts,
  ): Promise<ContractRecord> {
    return this.commitNext(
      (events) => nextContract(contract, { ...changes, attempt: undefined }, events),
      contract,
      facts,
    );
  }

  /** As `commit`, for a change that is a function of its own. @throws AppError as `commit`, and as `next` */
  async commitNext(
    next: (events: readonly AuditEvent[]) => ContractRecord,
    contract: ContractRecord,
    facts: ContractEventFacts,
  ): Promise<ContractRecord> {
    const changed = withRequestDone(next([contractEvent(contract, facts)]), facts.requestKey);
    await this.#contracts.replace(changed);
    return changed;
  }
}

/** What `principal` did at `at`, as an event. */
export function factsOf(
  principal: Principal,
  what: string,
  at: Date,
  details: ContractEventFacts['details'] = {},
): ContractEventFacts {
  const { requestId, requestKey } = principal;
  return { what, actor: actorOf(principal), at, details, requestId, requestKey };
}

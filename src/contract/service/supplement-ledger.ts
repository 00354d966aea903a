/**
 * Keeps all supplementary agreements of a contract together within their bound, however many are
 * sent at once. The contract itself holds an entry for each that is sent: one record, one conditional
 * write, so two cannot both take the last of the tenth.
 *
 * An agreement that was returned, withdrawn or never sent after its entry was made still holds its
 * part; it is let go of when another needs it. Before a draft's entry goes, the draft is written too:
 * a submission under way has begun from an older revision and fails.
 */
import { SYSTEM_ACTOR, type EventSubscriber } from '../../audit/index.js';
import { AppError, isAppError, toRfc3339, type Clock } from '../../kernel/index.js';
import { SCOPE_ALL, type Collection } from '../../store/index.js';
import { contractEvent, type ContractEventFacts } from '../events.js';
import { isActionPossible } from '../flow.js';
import type { ContractIndex, ContractRecord } from '../record.js';
import { nextContract } from '../signing-transitions.js';
import {
  assertSupplements,
  assertWithinTenth,
  takesPart,
  type SupplementEntry,
} from '../supplements.js';

type Contracts = Collection<ContractRecord, ContractIndex>;

/** Others that write the same contract are other agreements and the relay: a few rounds are plenty. */
const MOST_ROUNDS = 20;

export class SupplementLedger {
  readonly #contracts: Contracts;
  readonly #clock: Clock;

  constructor(contracts: Contracts, clock: Clock) {
    this.#contracts = contracts;
    this.#clock = clock;
  }

  /**
   * Takes the part of `supplement` in its original's tenth, before it is sent.
   * @throws AppError `supplement-refused`, params `errors`
   */
  async reserve(supplement: ContractRecord): Promise<void> {
    if (supplement.supplementTo === undefined) return;
    const own: SupplementEntry = {
      contractId: supplement.id,
      amountFen: supplement.amountFen ?? 0,
      reservedAt: toRfc3339(this.#clock.now()),
    };
    await changeContract(this.#contracts, supplement.supplementTo, async (original) => {
      assertSupplements(original, supplement);
      const others = (original.supplements ?? []).filter(
        (each) => each.contractId !== own.contractId,
      );
      let kept: readonly SupplementEntry[] = others;
      try {
        assertWithinTenth(original, [...kept, own]);
      } catch (error) {
        kept = await this.#withoutIdle(others);
        if (kept.length === others.length) throw error;
        assertWithinTenth(original, [...kept, own]);
      }
      // Written even where the same entry is there: whoever is about to let go of it must see this.
      return nextContract(original, { supplements: [...kept, own] }, [
        this.#event(original, 'supplement-reserved', { supplementId: own.contractId }),
      ]);
    });
  }

  /** The entries whose agreements take part; drafts among the others are fenced off. */
  async #withoutIdle(entries: readonly SupplementEntry[]): Promise<readonly SupplementEntry[]> {
    const kept: SupplementEntry[] = [];
    for (const entry of entries) {
      if (entry.concludedAt !== undefined || (await this.#holds(entry.contractId)))
        kept.push(entry);
    }
    return kept;
  }

  async #holds(id: string): Promise<boolean> {
    const supplement = await this.#contracts.get(id, SCOPE_ALL);
    if (supplement === undefined) return false;
    if (takesPart(supplement.state)) return true;
    if (supplement.state !== 'draft') return false;
    try {
      await this.#contracts.replace(
        nextContract(supplement, {}, [this.#event(supplement, 'supplement-released', {})]),
      );
      return false;
    } catch (error) {
      if (isAppError(error, 'record-version-conflict')) return true;
      throw error;
    }
  }

  /** For the relay: an agreement that is signed changes its contract, once that is filed. Idempotent. */
  readonly subscriber: EventSubscriber = async (event) => {
    const { type, subject } = event;
    if (type === 'contract.signed') {
      const supplement = await this.#contracts.get(subject.id, SCOPE_ALL);
      if (supplement?.supplementTo === undefined) return;
      const concludedAt = supplement.times.signedAt ?? event.at;
      await this.#apply(supplement.supplementTo, supplement.id, concludedAt);
    } else if (type === 'contract.filed' || type === 'contract.unfrozen') {
      await this.#apply(subject.id, undefined, event.at);
    }
  };

  async #apply(
    originalId: string,
    concludedId: string | undefined,
    concludedAt: string,
  ): Promise<void> {
    await changeContract(this.#contracts, originalId, (original) => {
      const supplements = (original.supplements ?? []).map((entry) =>
        entry.contractId === concludedId && entry.concludedAt === undefined
          ? { ...entry, concludedAt }
          : entry,
      );
      const isMarked = supplements.some((entry, index) => entry !== original.supplements?.[index]);
      const isChange =
        supplements.some((entry) => entry.concludedAt !== undefined) &&
        isActionPossible(original, 'change') &&
        (isMarked || original.state !== 'changed');
      if (!isMarked && !isChange) return original;
      return nextContract(
        original,
        { supplements, ...(isChange ? { state: 'changed' } : {}) },
        isChange ? [this.#event(original, 'changed', { supplementId: concludedId ?? null })] : [],
      );
    });
  }

  #event(contract: ContractRecord, what: string, details: ContractEventFacts['details'] & object) {
    return contractEvent(contract, {
      what,
      actor: SYSTEM_ACTOR,
      at: this.#clock.now(),
      details,
    });
  }
}

/** Read, compute, replace; again where another was faster. Nothing is written where `step` returns what it got. */
async function changeContract(
  contracts: Contracts,
  id: string,
  step: (current: ContractRecord) => ContractRecord | Promise<ContractRecord>,
): Promise<void> {
  for (let round = 1; ; round++) {
    const current = await contracts.get(id, SCOPE_ALL);
    if (current === undefined) throw new AppError('contract-not-found', `no contract ${id}`);
    const next = await step(current);
    if (next === current) return;
    try {
      await contracts.replace(next);
      return;
    } catch (error) {
      if (!isAppError(error, 'record-version-conflict') || round === MOST_ROUNDS) throw error;
    }
  }
}

/**
 * The signatures under way with a seal that was stopped, ended whatever becomes of the process that stopped it.
 *
 * The write that stops the seal says in the same record that its uses are still to be ended, and until when whoever
 * wrote it is at that. The note is taken off afterwards; where it is left past that time, a worker claims it.
 * Ending uses again is harmless, so a claim need not be exact.
 */
import { isAppError, toRfc3339, type Clock, type FaultHook } from '../../kernel/index.js';
import { SCOPE_ALL, change, type Collection } from '../../store/index.js';
import type { SealIndex, SealRecord } from '../record.js';

export interface StoppedUsesParts {
  readonly seals: Collection<SealRecord, SealIndex>;
  /**
   * Ends the signatures under way with the seal: each is published before this has looked at it, or never.
   */
  readonly endUses: (sealId: string) => Promise<void>;
  readonly clock: Clock;
  readonly faults: FaultHook;
  /** How long others leave it to whoever stopped the seal, or claimed its uses. */
  readonly leaseMs: number;
}

const BATCH = 50;

export class StoppedUses {
  readonly #parts: StoppedUsesParts;

  constructor(parts: StoppedUsesParts) {
    this.#parts = parts;
  }

  /** For the write that stops `seal`: it grows the revision by one. */
  noted({ revision }: SealRecord): Required<Pick<SealRecord, 'usesToEnd'>> {
    return { usesToEnd: { revision: revision + 1, until: this.#leaseEnd() } };
  }

  /** Ends what `seal`, as it was stored, says is to be ended, and takes the note off. */
  async end({ id, usesToEnd }: SealRecord): Promise<void> {
    if (usesToEnd === undefined) return;
    const { seals, endUses, faults } = this.#parts;
    faults('seal:stopped');
    await endUses(id);
    faults('seal:uses-ended');
    await change(seals, id, 'seal-not-found', (now) =>
      // Stopped once more meanwhile: that is for whoever did it.
      now.usesToEnd?.revision === usesToEnd.revision ? withoutNote(now) : now,
    );
  }

  /** Takes up what others left. @returns How many seals' uses it ended. */
  async runOnce(): Promise<number> {
    const due = await this.#parts.seals.find(
      {
        where: { usesToEndAt: { lt: toRfc3339(this.#parts.clock.now()) } },
        orderBy: 'usesToEndAt',
        limit: BATCH,
      },
      SCOPE_ALL,
    );
    let ended = 0;
    for (const seal of due.items) {
      const claimed = await this.#claim(seal);
      if (claimed === undefined) continue;
      await this.end(claimed);
      ended++;
    }
    return ended;
  }

  async #claim(seal: SealRecord): Promise<SealRecord | undefined> {
    if (seal.usesToEnd === undefined) return undefined;
    const claimed: SealRecord = {
      ...seal,
      version: seal.version + 1,
      usesToEnd: { ...seal.usesToEnd, until: this.#leaseEnd() },
    };
    try {
      await this.#parts.seals.replace(claimed);
      return claimed;
    } catch (error) {
      if (isAppError(error, 'record-version-conflict')) return undefined;
      throw error;
    }
  }

  #leaseEnd(): string {
    const { clock, leaseMs } = this.#parts;
    return toRfc3339(new Date(clock.now().getTime() + leaseMs));
  }
}

/** Housekeeping: nobody who has read the seal is told that it was changed. */
function withoutNote(seal: SealRecord): SealRecord {
  const next = { ...seal, version: seal.version + 1 };
  Reflect.deleteProperty(next, 'usesToEnd');
  return next;
}

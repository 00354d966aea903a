/**
 * What time does to seals: reminders that one ends, and revocations that take effect.
 *
 * Each is the one conditional write of the seal's own record, so the version number is the lease: of several
 * processes that see the same seal, one writes, the others meet a conflict and leave it.
 */
import { SYSTEM_ACTOR } from '../../audit/index.js';
import { isAppError, toRfc3339, type Clock, type Logger } from '../../kernel/index.js';
import { SCOPE_ALL, type Collection } from '../../store/index.js';
import { sealEvent } from '../events.js';
import type { SealIndex, SealRecord, SealReminder } from '../record.js';
import { dueReminders } from './reminders.js';
import type { StoppedUses } from './stopped-uses.js';

export interface SealLifeWorkerOptions {
  readonly seals: Collection<SealRecord, SealIndex>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly stoppedUses: StoppedUses;
  readonly onPublished: () => void;
}

const BATCH = 50;

export class SealLifeWorker {
  readonly #options: SealLifeWorkerOptions;

  constructor(options: SealLifeWorkerOptions) {
    this.#options = options;
  }

  /** @returns How many seals it changed. */
  async runOnce(): Promise<number> {
    const { seals, clock, onPublished } = this.#options;
    let changed = 0;
    for (;;) {
      const due = await seals.find(
        {
          where: { lifeDueAt: { lte: toRfc3339(clock.now()) } },
          orderBy: 'lifeDueAt',
          limit: BATCH,
        },
        SCOPE_ALL,
      );
      let worked = 0;
      for (const seal of due.items) if (await this.#takeUp(seal)) worked++;
      changed += worked;
      // What another process took is not looked at again in this round.
      if (worked === 0 || due.items.length < BATCH) break;
    }
    if (changed > 0) onPublished();
    return changed;
  }

  async #takeUp(seal: SealRecord): Promise<boolean> {
    const { seals, clock, logger, stoppedUses } = this.#options;
    const grown = advanced(seal, clock.now());
    if (grown === undefined) return false;
    const isRevoked = grown.status === 'revoked';
    const next = isRevoked ? { ...grown, ...stoppedUses.noted(seal) } : grown;
    try {
      await seals.replace(next);
    } catch (error) {
      if (isAppError(error, 'record-version-conflict')) return false;
      throw error;
    }
    if (isRevoked) await stoppedUses.end(next);
    logger.debug('seal.life-advanced', { sealId: seal.id, status: next.status });
    return true;
  }
}

/** The record as time has made it; `undefined` where nothing is due. */
function advanced(seal: SealRecord, now: Date): SealRecord | undefined {
  const grown = { version: seal.version + 1, revision: seal.revision + 1 };
  if (seal.status !== 'revoked' && seal.revocation !== undefined) {
    // The revocation is in the log since it was recorded; the record now says so too.
    return seal.revocation.at <= toRfc3339(now)
      ? { ...seal, ...grown, status: 'revoked' }
      : undefined;
  }
  const reminders = dueReminders(seal, now);
  if (reminders.length === 0) return undefined;
  return {
    ...seal,
    ...grown,
    reminders: [...(seal.reminders ?? []), ...reminders],
    pendingEvents: [
      ...seal.pendingEvents,
      ...reminders.map((each) => remindedEvent(seal, each, now)),
    ],
  };
}

function remindedEvent(seal: SealRecord, reminder: SealReminder, at: Date) {
  const { of, daysBefore, endsAt } = reminder;
  return sealEvent(seal, {
    what: 'expiring',
    actor: SYSTEM_ACTOR,
    at,
    details: { of, daysBefore, endsAt },
    requestId: undefined,
  });
}

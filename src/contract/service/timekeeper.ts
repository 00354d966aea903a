/**
 * Does what the clock is due to do: reminds the parties in turn, and ends what was not signed in
 * time. The reminder and its event are one conditional write of the contract, so that any number of
 * processes may run this and each reminder is given once; there is no claim that could be lost.
 */
import { SYSTEM_ACTOR } from '../../audit/index.js';
import { isAppError, toRfc3339, type Clock, type Logger } from '../../kernel/index.js';
import { SCOPE_ALL, type Collection } from '../../store/index.js';
import { contractEvent } from '../events.js';
import type { ContractIndex, ContractRecord } from '../record.js';
import { isSigningUnderWay } from '../signing-transitions.js';
import { nextTimer, turnOf } from '../timers.js';
import { withExpiry, withReminder } from '../waiting-transitions.js';

const BATCH = 200;

export interface TimekeeperOptions {
  readonly contracts: Collection<ContractRecord, ContractIndex>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly intervalMs: number;
  /** Told after a round that wrote something. */
  readonly onPublished: () => void;
}

export interface Timekeeper {
  start(): void;
  stop(): Promise<void>;
  /** One round over everything that is due. @returns how many contracts were changed */
  runOnce(): Promise<number>;
}

export function createTimekeeper(options: TimekeeperOptions): Timekeeper {
  const { contracts, clock, logger } = options;
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<unknown> = Promise.resolve();

  const runOnce = async (): Promise<number> => {
    let changed = 0;
    let cursor: string | undefined;
    do {
      const page = await contracts.find(
        {
          where: { timerAt: { lte: toRfc3339(clock.now()) } },
          orderBy: 'timerAt',
          limit: BATCH,
          ...(cursor === undefined ? {} : { cursor }),
        },
        SCOPE_ALL,
      );
      for (const contract of page.items) {
        const next = afterTimer(contract, clock.now());
        if (next === undefined) continue;
        try {
          await contracts.replace(next);
          changed++;
        } catch (error) {
          // Somebody acted, or another process was quicker; what is still due comes up again.
          if (!isAppError(error, 'record-version-conflict')) throw error;
        }
      }
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    if (changed > 0) options.onPublished();
    return changed;
  };

  const tick = (): void => {
    round = round.then(runOnce).catch((error: unknown) => {
      logger.error('contract.timers-failed', { error });
    });
  };

  return {
    runOnce,
    start() {
      if (timer !== undefined) return;
      timer = setInterval(tick, options.intervalMs).unref();
      // What fell due while no process ran does not wait for the first interval.
      tick();
    },
    async stop() {
      clearInterval(timer);
      timer = undefined;
      await round;
    },
  };
}

/** The contract after what is due at `at`; `undefined` where nothing is, or a signature is under way. */
function afterTimer(contract: ContractRecord, at: Date): ContractRecord | undefined {
  const due = nextTimer(contract);
  const turn = turnOf(contract);
  if (due === undefined || turn === undefined || Date.parse(due.at) > at.getTime())
    return undefined;
  if (isSigningUnderWay(contract, at)) return undefined;
  const event = (what: string, details: Record<string, string | null>) =>
    contractEvent(contract, { what, actor: SYSTEM_ACTOR, at, details });
  const roles = turn.roles.join(' ');
  // After a long pause a contract may be past its last day and still have a reminder due.
  const isOver = contract.signBy !== undefined && Date.parse(contract.signBy) <= at.getTime();
  if (due.kind === 'expire' || isOver) {
    return withExpiry(contract, at, [
      event('expired', { waitedFor: roles, signBy: contract.signBy ?? null }),
    ]);
  }
  return withReminder(contract, { at: toRfc3339(at), roles: turn.roles, cause: 'due' }, [
    event('reminded', { roles, cause: 'due', signBy: contract.signBy ?? null }),
  ]);
}

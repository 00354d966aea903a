/**
 * Group commit: writes that arrive together share one transaction and one fsync, each in its own
 * savepoint, so that one's refusal leaves the others alone.
 */
import { randomInt } from 'node:crypto';
import type Database from 'better-sqlite3';
import { isAppError, systemClock } from '../../kernel/index.js';
import { storeUnavailable } from '../record-errors.js';
import { isBusy, isUniqueViolation } from './sqlite-errors.js';

interface Write {
  readonly action: () => unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Outcome = { readonly result: unknown } | { readonly error: unknown };

/** How many writes one transaction takes: bounds how long the event loop and other processes wait. */
const MAX_BATCH = 256;
/** How long another process may hold the write lock before we give up. */
const LOCK_DEADLINE_MS = 10_000;

export class WriteQueue {
  readonly #database: Database.Database;
  #waiting: Write[] = [];
  #draining: Promise<void> | undefined;

  constructor(database: Database.Database) {
    this.#database = database;
  }

  /**
   * Runs `action` inside a transaction, synchronously; its changes are on disk when the promise
   * resolves. An action that throws is undone alone.
   * @throws AppError `store-unavailable`, and what `action` throws where it concerns this write only
   */
  run<R>(action: () => R): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      this.#waiting.push({ action, resolve: resolve as (result: unknown) => void, reject });
      this.#draining ??= this.#drain();
    });
  }

  /** Resolves when no write is waiting or under way. */
  async idle(): Promise<void> {
    while (this.#draining !== undefined) await this.#draining;
  }

  /** Runs `action` so that a throw undoes it and nothing else. Inside a transaction only. */
  attempt<R>(action: () => R): R {
    this.#database.exec('SAVEPOINT write');
    try {
      const result = action();
      this.#database.exec('RELEASE write');
      return result;
    } catch (error) {
      // A full disk rolls the whole transaction back on its own.
      if (this.#database.inTransaction) {
        this.#database.exec('ROLLBACK TO write');
        this.#database.exec('RELEASE write');
      }
      throw error;
    }
  }

  async #drain(): Promise<void> {
    // Let the callers of this turn of the event loop join the first transaction.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MAX_BATCH);
      await this.#commit(batch);
    }
    this.#draining = undefined;
  }

  async #commit(batch: readonly Write[]): Promise<void> {
    let outcomes: readonly Outcome[];
    try {
      await this.#begin();
      outcomes = batch.map(({ action }) => this.#perform(action));
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#rollBack();
      const failure = isAppError(error) ? error : storeUnavailable('a write', error);
      for (const write of batch) write.reject(failure);
      return;
    }
    for (const [at, write] of batch.entries()) {
      const outcome = outcomes[at];
      if (outcome !== undefined && 'result' in outcome) write.resolve(outcome.result);
      else write.reject(outcome?.error);
    }
  }

  #perform(action: () => unknown): Outcome {
    try {
      return { result: this.attempt(action) };
    } catch (error) {
      if (isAppError(error) || isUniqueViolation(error)) return { error };
      // The database itself failed: nothing of this transaction may be reported as done.
      throw error;
    }
  }

  /** Waits for other processes without holding up the event loop. */
  async #begin(): Promise<void> {
    const deadlineMs = systemClock.monotonicMs() + LOCK_DEADLINE_MS;
    for (;;) {
      try {
        this.#database.exec('BEGIN IMMEDIATE');
        return;
      } catch (error) {
        if (!isBusy(error) || systemClock.monotonicMs() > deadlineMs) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, randomInt(1, 10)));
    }
  }

  #rollBack(): void {
    try {
      if (this.#database.open && this.#database.inTransaction) this.#database.exec('ROLLBACK');
    } catch {
      // The failure that led here is the one to report.
    }
  }
}

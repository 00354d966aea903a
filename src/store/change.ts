/** One change of one record by conditional writes: read, compute, replace; again if another was faster. */
import { AppError, isAppError, type ErrorCode } from '../kernel/index.js';
import { SCOPE_ALL, type Collection, type StoredDocument } from './collection.js';

/** Others that write the same record are the relay and another worker: a few rounds are plenty. */
const MOST_ROUNDS = 10;

/**
 * Applies `step` to the record as it is now. Nothing is written where `step` returns what it got.
 *
 * @returns the record as stored
 * @throws AppError `missing` where there is none, `record-version-conflict` where it never settles,
 *   and whatever `step` throws
 */
export async function change<T extends StoredDocument, K extends string>(
  collection: Collection<T, K>,
  id: string,
  missing: ErrorCode,
  step: (current: T) => T,
): Promise<T> {
  for (let round = 1; ; round++) {
    const current = await collection.get(id, SCOPE_ALL);
    if (current === undefined) throw new AppError(missing, `${id} does not exist`);
    const next = step(current);
    if (next === current) return current;
    try {
      await collection.replace(next);
      return next;
    } catch (error) {
      if (!isAppError(error, 'record-version-conflict') || round === MOST_ROUNDS) throw error;
    }
  }
}

/** The errors that every adapter of the record port raises in the same words. */
import { AppError } from '../kernel/index.js';

/** @param index - the unique index that is taken, or `id` */
export function recordExists(collection: string, index: string, cause?: unknown): AppError {
  return new AppError('record-exists', `${collection}: ${index} is taken`, {
    params: { collection, index },
    cause,
  });
}

export function recordNotFound(collection: string, id: string): AppError {
  return new AppError('record-not-found', `${collection}: ${id} does not exist`, {
    params: { collection },
  });
}

export function versionConflict(collection: string, id: string): AppError {
  return new AppError('record-version-conflict', `${collection}: ${id} was changed meanwhile`, {
    params: { collection },
  });
}

/** @param during - what was being done, for the log */
export function storeUnavailable(during: string, cause?: unknown): AppError {
  return new AppError('store-unavailable', `the store failed during ${during}`, { cause });
}

/** The database was written by a newer release, or is being changed by one now. */
export function schemaNewer(what: string): AppError {
  return new AppError('store-schema-newer', `${what} is newer than this release`);
}

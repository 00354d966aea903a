/** From the driver's errors to the codes of the port. */
import { isAppError, type AppError } from '../../kernel/index.js';
import { recordExists, storeUnavailable } from '../record-errors.js';
import { UNIQUE_INDEX_PREFIX } from './mongo-indexes.js';

const DUPLICATE_KEY = 11000;
const VIOLATED_INDEX = /index: (?:\S+\.\$)?(\S+)/;

/** @param during - what was being done, for the log */
export function toStoreError(collection: string, during: string, error: unknown): AppError {
  if (isAppError(error)) return error;
  if (!isDuplicateKey(error)) return storeUnavailable(during, error);
  const index = VIOLATED_INDEX.exec(error.message)?.[1] ?? '';
  const isOurs = index.startsWith(UNIQUE_INDEX_PREFIX);
  return recordExists(collection, isOurs ? index.slice(UNIQUE_INDEX_PREFIX.length) : 'id', error);
}

function isDuplicateKey(error: unknown): error is Error {
  return (error as { readonly code?: unknown } | undefined)?.code === DUPLICATE_KEY;
}

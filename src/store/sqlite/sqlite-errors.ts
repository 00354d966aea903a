/** From the driver's errors to the codes of the port. */
import { isAppError, type AppError } from '../../kernel/index.js';
import { recordExists, storeUnavailable } from '../record-errors.js';
import { INDEX_TABLE_SEPARATOR } from './tables.js';

const VIOLATED_TABLE = /^UNIQUE constraint failed: (\S+)\.\w+/;

/**
 * The driver's result code such as `SQLITE_BUSY`; `undefined` for any other error.
 *
 * Asks the properties, not the class: the native driver keeps the error class of whoever loaded it first.
 */
export function sqliteCode(error: unknown): string | undefined {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : undefined;
}

/** Another process is writing; trying again is all that is needed. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code?.startsWith('SQLITE_BUSY') === true || code?.startsWith('SQLITE_LOCKED') === true;
}

/** A unique value is taken: the fault of one write, not of the database. */
export function isUniqueViolation(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY';
}

/** @param during - what was being done, for the log */
export function toStoreError(collection: string, during: string, error: unknown): AppError {
  if (isAppError(error)) return error;
  if (isUniqueViolation(error)) {
    const table = VIOLATED_TABLE.exec((error as { readonly message: string }).message)?.[1] ?? '';
    const at = table.indexOf(INDEX_TABLE_SEPARATOR);
    const index = at < 0 ? 'id' : table.slice(at + INDEX_TABLE_SEPARATOR.length);
    return recordExists(collection, index, error);
  }
  return storeUnavailable(during, error);
}

/** How malformed input is reported in this room: one constructor for errors, one wrapper that renames them a layer up. */
import { AppError, isAppError, type ErrorCode } from '../../kernel/index.js';

/** The error for bytes that are not what they should be; `offset` counts from the start of the array read. */
export function asn1Error(message: string, offset: number): AppError {
  return new AppError('asn1-malformed', `${message} at offset ${offset}`, { params: { offset } });
}

/**
 * Runs `parse` and turns `asn1-malformed` into the code of the structure that was being read.
 *
 * @throws AppError `code`, params `offset`; other errors pass unchanged
 */
export function parsedAs<T>(code: ErrorCode, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!isAppError(error, 'asn1-malformed')) throw error;
    throw new AppError(code, error.message, { params: error.params, cause: error });
  }
}

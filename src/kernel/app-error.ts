/** The one error class that crosses room borders. What it is called outside is decided in `http/problem.ts` and `cli/exit-codes.ts`. */
import type { ErrorCode } from './error-codes.js';

/** A value that may be shown to a client: never a PIN, a key, a path of the server or a stack. */
export type ErrorParam = string | number | boolean | null | readonly string[];

export interface AppErrorOptions {
  /** Facts of this occurrence; everything in here may reach the caller. */
  readonly params?: Readonly<Record<string, ErrorParam>>;
  /** The underlying failure; logged, never shown. */
  readonly cause?: unknown;
}

/**
 * A failure with a stable code. The sentence a user reads comes from the code's row in
 * `error-texts.ts`, filled with `params`; `message` is for logs and English-speaking developers.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly params: Readonly<Record<string, ErrorParam>>;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.params = options.params ?? {};
  }
}

/**
 * Tells whether `error` is an AppError, with one of `codes` where any are given.
 *
 * Compares by name and code, not by class: under a test runner two realms may load this module.
 */
export function isAppError(error: unknown, ...codes: readonly ErrorCode[]): error is AppError {
  if (!(error instanceof Error) || error.name !== 'AppError' || !('code' in error)) return false;
  return codes.length === 0 || codes.includes(error.code as ErrorCode);
}

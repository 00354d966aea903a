/** The one mapping from error codes to HTTP: status, whether to try again, and the problem document (RFC 9457). */
import { ERROR_TEXTS, isAppError, type AppError, type ErrorCode } from '../kernel/index.js';

export interface ProblemRow {
  readonly status: number;
  /** The same request may succeed later without the caller changing anything. */
  readonly isRetryable?: true;
  /** Facts of the occurrence stay inside. */
  readonly hidesParams?: true;
}

export const PROBLEMS = {
  internal: { status: 500, hidesParams: true },
  'input-invalid': { status: 422 },
  'not-found': { status: 404 },
  conflict: { status: 409 },
  'precondition-required': { status: 428 },
  unavailable: { status: 503, isRetryable: true },
  'pdf-not-a-pdf': { status: 422 },
  'pdf-malformed': { status: 422 },
  'pdf-encrypted': { status: 422 },
  'pdf-password-incorrect': { status: 422 },
  'pdf-unsupported': { status: 422 },
  'pdf-not-admitted': { status: 422 },
  'pdf-limit-exceeded': { status: 422 },
  'pdf-field-exists': { status: 409 },
  'pdf-page-out-of-range': { status: 422 },
  'pdf-page-not-separate': { status: 422 },
  'pdf-signing-not-permitted': { status: 409 },
  'pdf-text-not-found': { status: 422 },
  'pdf-text-ambiguous': { status: 422 },
  'asn1-malformed': { status: 422 },
  'certificate-malformed': { status: 422 },
  'cms-malformed': { status: 422 },
  'revocation-malformed': { status: 422 },
  'timestamp-malformed': { status: 422 },
  'algorithm-unsupported': { status: 422 },
  'eseal-malformed': { status: 422 },
  'eseal-not-genuine': { status: 422 },
  'signature-too-large': { status: 422 },
  'signature-hole-too-small': { status: 422 },
  'signature-not-verified': { status: 422 },
  'signature-session-mismatch': { status: 409 },
  'appearance-outside-page': { status: 422 },
  'picture-malformed': { status: 422 },
  'picture-unsupported': { status: 422 },
  'picture-too-large': { status: 413 },
  'renderer-missing': { status: 503 },
  'token-library-missing': { status: 503 },
  'token-no-slot': { status: 503, isRetryable: true },
  'token-absent': { status: 503, isRetryable: true },
  'token-ambiguous': { status: 409 },
  'token-no-signing-certificate': { status: 409 },
  'token-pin-incorrect': { status: 403 },
  'token-pin-final-try': { status: 409 },
  'token-pin-locked': { status: 409 },
  'token-pin-expired': { status: 409 },
  'token-pin-paused': { status: 429, isRetryable: true },
  'token-pin-required': { status: 422 },
  'token-pin-each-signature': { status: 409 },
  'token-exchanged': { status: 409 },
  'token-failed': { status: 503, isRetryable: true },
  'token-not-enrolled': { status: 409 },
  'p12-password-incorrect': { status: 403 },
  'p12-malformed': { status: 422 },
  'trust-anchors-missing': { status: 503 },
  'trust-profile-invalid': { status: 503 },
  'tsa-unavailable': { status: 503, isRetryable: true },
  'tsa-response-invalid': { status: 502 },
  'revocation-unavailable': { status: 503, isRetryable: true },
  'certificate-chain-incomplete': { status: 422 },
  'certificate-revoked': { status: 422 },
  'record-not-found': { status: 404, hidesParams: true },
  'record-exists': { status: 409 },
  'record-version-conflict': { status: 409, hidesParams: true },
  'store-unavailable': { status: 503, isRetryable: true, hidesParams: true },
  'store-schema-newer': { status: 503, hidesParams: true },
  'blob-not-found': { status: 500, hidesParams: true },
  'blob-corrupt': { status: 500, hidesParams: true },
  'seal-not-found': { status: 404, hidesParams: true },
  'seal-not-active': { status: 409 },
  'seal-expired': { status: 409 },
  'seal-not-yet-valid': { status: 409 },
  'seal-revoked': { status: 409 },
  'seal-certificate-mismatch': { status: 409 },
  'seal-kind-mismatch': { status: 409 },
  'seal-transition-refused': { status: 409 },
  'specimen-unsuitable': { status: 422 },
  'spreadsheet-unreadable': { status: 422 },
  'seal-name-unsuitable': { status: 422 },
  'seal-use-refused': { status: 403 },
  'seal-use-approval-required': { status: 403 },
  'seal-use-self-approval': { status: 403 },
  'seal-application-not-found': { status: 404, hidesParams: true },
  'seal-application-transition-refused': { status: 409 },
  'seal-application-incomplete': { status: 422 },
  'seal-application-changed': { status: 409 },
  'seal-attachment-refused': { status: 422 },
  'seal-change-under-way': { status: 409 },
  'seal-dual-control': { status: 403 },
  'seal-maker-unavailable': { status: 503 },
  'seal-unit-closed': { status: 409 },
  'glyph-missing': { status: 422 },
  'contract-not-found': { status: 404, hidesParams: true },
  'contract-transition-refused': { status: 409 },
  'contract-data-invalid': { status: 422 },
  'contract-checks-failed': { status: 422 },
  'contract-not-your-turn': { status: 409 },
  'contract-party-mismatch': { status: 403 },
  'contract-signing-in-progress': { status: 409, isRetryable: true },
  'contract-signing-closed': { status: 409 },
  'contract-signatures-at-stake': { status: 409 },
  'supplement-refused': { status: 422 },
  'template-invalid': { status: 422 },
  'template-not-found': { status: 422 },
  'certificate-expired': { status: 409 },
  'certificate-not-yet-valid': { status: 409 },
  'certificate-not-for-signing': { status: 409 },
  'certificate-not-of-unit': { status: 409 },
  'signing-session-expired': { status: 410 },
  'signing-session-used': { status: 409 },
  'filing-not-found': { status: 404, hidesParams: true },
  'filing-refused': { status: 409 },
  'filing-receipt-invalid': { status: 422 },
  'word-unreadable': { status: 422 },
  'word-not-admitted': { status: 422 },
  'filing-work-item-not-found': { status: 404, hidesParams: true },
  'reconciliation-not-found': { status: 404, hidesParams: true },
  'package-malformed': { status: 422 },
  'audit-unavailable': { status: 503, isRetryable: true },
  'audit-corrupt': { status: 500 },
  unauthenticated: { status: 401 },
  'credentials-incorrect': { status: 401 },
  'challenge-invalid': { status: 401 },
  forbidden: { status: 403 },
  'account-disabled': { status: 403 },
  'request-invalid': { status: 400 },
  'request-too-large': { status: 413 },
  'media-type-unsupported': { status: 415 },
  'method-not-allowed': { status: 405 },
  'rate-limited': { status: 429, isRetryable: true },
  'idempotency-key-reused': { status: 422 },
  'idempotency-in-flight': { status: 409, isRetryable: true },
  usage: { status: 500, hidesParams: true },
  'file-not-found': { status: 500, hidesParams: true },
  'file-exists': { status: 500, hidesParams: true },
  'config-invalid': { status: 500, hidesParams: true },
  'package-missing': { status: 500, hidesParams: true },
} as const satisfies Record<ErrorCode, ProblemRow>;

/** One thing that is wrong with a request. */
export interface RequestFault {
  /** JSON pointer into the body (`#/parties/0`), or `query/limit`, `path/id`, `header/If-Match`. */
  readonly pointer: string;
  readonly detail: string;
}

/** A problem document as it is sent. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly titleEn: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly errors?: readonly RequestFault[];
  readonly params?: AppError['params'];
}

export interface ProblemContext {
  readonly requestId: string;
  /** The caller named the version it wanted to change: a conflict is then a failed precondition. */
  readonly hasIfMatch?: boolean;
}

/** The problem document of any error; one that is no AppError is `internal` and says nothing more. */
export function problemOf(error: unknown, context: ProblemContext): Problem {
  const code = isAppError(error) ? error.code : 'internal';
  const row: ProblemRow = PROBLEMS[code];
  const text = ERROR_TEXTS[code];
  const { params, errors } = shownFacts(error, row);
  const isFailedPrecondition = code === 'record-version-conflict' && context.hasIfMatch === true;
  return {
    type: `/problems/${code}`,
    title: text.title,
    titleEn: text.titleEn,
    status: isFailedPrecondition ? 412 : row.status,
    detail: `${text.hint} (${text.titleEn}: ${text.hintEn})`,
    instance: `urn:uuid:${context.requestId}`,
    code,
    retryable: row.isRetryable === true,
    ...(errors.length === 0 ? {} : { errors }),
    ...(Object.keys(params).length === 0 ? {} : { params }),
  };
}

/** Seconds after which a retryable problem is worth another try. */
export function retryAfterSeconds(problem: Problem): number | undefined {
  if (!problem.retryable) return undefined;
  const told = problem.params?.['retryAfterSeconds'];
  return typeof told === 'number' ? told : 5;
}

/** `params.errors` (texts of the form `pointer: what is wrong`) become the list that RFC 9457 callers know. */
function shownFacts(
  error: unknown,
  row: ProblemRow,
): { readonly params: AppError['params']; readonly errors: readonly RequestFault[] } {
  if (!isAppError(error) || row.hidesParams === true) return { params: {}, errors: [] };
  const { errors, ...params } = error.params;
  if (!Array.isArray(errors)) return { params: error.params, errors: [] };
  const faults = (errors as readonly string[]).map((line) => {
    const at = line.indexOf(': ');
    return at < 0
      ? { pointer: '#', detail: line }
      : { pointer: line.slice(0, at), detail: line.slice(at + 2) };
  });
  return { params, errors: faults };
}

/**
 * Every error code of the product, by the room that raises it. Codes are part of the interface:
 * add, never rename. A code without a text, an HTTP row or an exit code does not compile.
 */
export const ERROR_CODES = [
  // kernel
  'internal',
  'input-invalid',
  'not-found',
  'conflict',
  'precondition-required',
  'unavailable',
  // pdf
  'pdf-not-a-pdf',
  'pdf-malformed',
  'pdf-encrypted',
  'pdf-password-incorrect',
  'pdf-unsupported',
  'pdf-limit-exceeded',
  'pdf-field-exists',
  'pdf-page-out-of-range',
  'pdf-signing-not-permitted',
  'pdf-text-not-found',
  // pki
  'asn1-malformed',
  'certificate-malformed',
  'cms-malformed',
  'revocation-malformed',
  'timestamp-malformed',
  'algorithm-unsupported',
  // eseal
  'eseal-malformed',
  // pades
  'signature-too-large',
  'signature-not-verified',
  'signature-session-mismatch',
  // token
  'token-library-missing',
  'token-no-slot',
  'token-absent',
  'token-ambiguous',
  'token-no-signing-certificate',
  'token-pin-incorrect',
  'token-pin-final-try',
  'token-pin-locked',
  'token-pin-expired',
  'token-pin-paused',
  'token-pin-required',
  'token-pin-each-signature',
  'token-exchanged',
  'token-failed',
  'token-not-enrolled',
  'p12-password-incorrect',
  'p12-malformed',
  // trust
  'trust-anchors-missing',
  'trust-profile-invalid',
  'tsa-unavailable',
  'tsa-response-invalid',
  'revocation-unavailable',
  // store
  'record-not-found',
  'record-exists',
  'record-version-conflict',
  'store-unavailable',
  'store-schema-newer',
  'blob-not-found',
  'blob-corrupt',
  // seal
  'seal-not-found',
  'seal-not-active',
  'seal-expired',
  'seal-not-yet-valid',
  'seal-revoked',
  'seal-certificate-mismatch',
  'seal-transition-refused',
  'seal-name-unsuitable',
  'glyph-missing',
  // contract
  'contract-not-found',
  'contract-transition-refused',
  'contract-data-invalid',
  'contract-checks-failed',
  'contract-not-your-turn',
  'contract-party-mismatch',
  'contract-signing-in-progress',
  'template-not-found',
  // signing
  'certificate-expired',
  'certificate-not-yet-valid',
  'certificate-not-for-signing',
  'certificate-not-of-unit',
  'signing-session-expired',
  'signing-session-used',
  // filing
  'filing-not-found',
  'filing-refused',
  'filing-receipt-invalid',
  // audit
  'audit-unavailable',
  'audit-corrupt',
  // access
  'unauthenticated',
  'credentials-incorrect',
  'challenge-invalid',
  'forbidden',
  'account-disabled',
  // http
  'request-invalid',
  'request-too-large',
  'media-type-unsupported',
  'method-not-allowed',
  'rate-limited',
  'idempotency-key-reused',
  'idempotency-in-flight',
  // cli, config
  'usage',
  'file-not-found',
  'file-exists',
  'config-invalid',
  'package-missing',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

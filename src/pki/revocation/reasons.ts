/** CRLReason, RFC 5280 5.3.1. */
export const REVOCATION_REASONS = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  // 7 is not used
  undefined,
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
] as const;

export type RevocationReason = Exclude<(typeof REVOCATION_REASONS)[number], undefined>;

/** A number no reason has counts as `unspecified`: revoked is revoked. */
export function revocationReason(code: number): RevocationReason {
  return REVOCATION_REASONS[code] ?? 'unspecified';
}

export function revocationReasonCode(reason: RevocationReason): number {
  return REVOCATION_REASONS.indexOf(reason);
}

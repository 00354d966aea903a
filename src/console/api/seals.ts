/** The public register of seals. */
import { requestJson } from './request.js';

export interface SealStatus {
  readonly code: string;
  readonly name: string;
  readonly kind: string;
  readonly status: 'active' | 'suspended' | 'revoked' | 'expired' | 'not-yet-valid';
  readonly validFrom: string;
  readonly validUntil: string;
  /** The instant that was asked about. */
  readonly at: string;
}

export const SEAL_CODE = /^\d{13}$/;

/** @param at - RFC 3339; now unless given */
export function sealStatus(
  code: string,
  options: { readonly at?: string | undefined; readonly signal?: AbortSignal } = {},
): Promise<SealStatus> {
  const query = options.at === undefined ? '' : `?at=${encodeURIComponent(options.at)}`;
  const { signal } = options;
  return requestJson('GET', `/public/seals/${encodeURIComponent(code)}/status${query}`, { signal });
}

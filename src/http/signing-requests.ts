/** What every request to sign with a UKey at the server has in common. */
import { z } from 'zod';
import type { ErrorCode } from '../kernel/index.js';
import type { TokenSelector } from '../token/index.js';
import { present, sha256 } from './schemas.js';

/** Which UKey; at least one property. */
export const tokenSelector = z
  .strictObject({
    label: z.string().min(1).max(64).optional(),
    serial: z.string().min(1).max(64).optional(),
    certificateIdHex: z
      .string()
      .regex(/^(?:[0-9a-f]{2}){1,64}$/)
      .optional(),
    certificateSha256: sha256.optional(),
  })
  .refine((selector) => Object.values(selector).some((each) => each !== undefined), {
    error: '请指定 UKey (name a token)',
  });

export function selectorOf(selector: z.output<typeof tokenSelector>): TokenSelector {
  const { certificateSha256, ...rest } = selector;
  return { ...present(rest), ...present({ certificateSha256Hex: certificateSha256 }) };
}

/** Properties of a body that brings a PIN; `pin` belongs into its `secretFields`. */
export const pinEntry = {
  pin: z.string().min(1).max(64).meta({ format: 'password' }),
  confirmFinalTry: z
    .boolean()
    .optional()
    .meta({ description: '确认使用锁定前最后一次机会 (use the last try)' }),
};

/** Codes of signing itself. */
export const signingProblems: readonly ErrorCode[] = [
  'contract-not-found',
  'contract-transition-refused',
  'contract-not-your-turn',
  'contract-party-mismatch',
  'contract-signing-in-progress',
  'certificate-malformed',
  'certificate-expired',
  'certificate-not-yet-valid',
  'certificate-not-for-signing',
  'certificate-not-of-unit',
  'seal-not-found',
  'seal-not-active',
  'seal-expired',
  'seal-not-yet-valid',
  'seal-revoked',
  'seal-certificate-mismatch',
  'pdf-signing-not-permitted',
  'algorithm-unsupported',
  'signature-not-verified',
  'audit-unavailable',
];

/** Codes of the UKey. */
export const tokenProblems: readonly ErrorCode[] = [
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
  'token-exchanged',
  'token-failed',
];

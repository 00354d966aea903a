/** What every request to sign with a UKey at the server has in common. */
import { z } from 'zod';
import type { ErrorCode } from '../kernel/index.js';
import type { SealPlacing } from '../signing/index.js';
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

/** 骑缝章: on the right edge unless said. */
export const crossPage = z
  .union([z.literal(true), z.strictObject({ edge: z.enum(['left', 'right']) })])
  .optional()
  .meta({ description: '骑缝章：每页边缘盖一条；true 为右边 (a slice of the seal on every page)' });

export function edgeOf(asked: z.output<typeof crossPage>): 'left' | 'right' | undefined {
  return asked === true ? 'right' : asked?.edge;
}

/** Properties of a body that says where the seal is shown besides the contract's own place. */
export const placing = {
  places: z
    .array(
      z.strictObject({
        pageIndex: z.int().min(0).meta({ description: '页码，从 0 起' }),
        xPt: z.number().min(0).meta({ description: '印章中心，距所见页面左下角，点' }),
        yPt: z.number().min(0),
      }),
    )
    .max(20)
    .optional()
    .meta({
      description: '合同约定位置之外，同一签名再盖几处 (more places of the same signature)',
    }),
  crossPage,
};

export function placingOf(body: {
  readonly places?: SealPlacing['places'] | undefined;
  readonly crossPage?: z.output<typeof crossPage>;
}): SealPlacing {
  return present({ places: body.places, crossPage: edgeOf(body.crossPage) });
}

/** Codes of signing itself. */
export const signingProblems: readonly ErrorCode[] = [
  'contract-not-found',
  'contract-transition-refused',
  'contract-not-your-turn',
  'contract-party-mismatch',
  'contract-signing-in-progress',
  'contract-signing-closed',
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
  'seal-use-refused',
  'seal-use-approval-required',
  'seal-kind-mismatch',
  'appearance-outside-page',
  'pdf-page-out-of-range',
  'pdf-signing-not-permitted',
  'algorithm-unsupported',
  'signature-not-verified',
  // Of levels above B-B.
  'tsa-unavailable',
  'tsa-response-invalid',
  'revocation-unavailable',
  'certificate-revoked',
  'certificate-chain-incomplete',
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

/** Whether a seal may be used for one signature, and if not, why. */
import { AppError } from '../kernel/index.js';
import type { RevocationReason, SealRecord } from './record.js';
import { effectiveStatus } from './status.js';

export const REVOCATION_REASON_TEXTS = {
  'unit-dissolved': '单位撤销',
  'unit-merged': '单位合并',
  'physical-seal-invalid': '实物印章失效',
  'key-compromise': '密钥泄露',
  other: '其他原因',
} as const satisfies Record<RevocationReason, string>;

export interface SealUse {
  readonly seal: SealRecord;
  readonly unitId: string;
  /** SHA-256 (hex) of the certificate that will sign. */
  readonly certificateSha256: string;
  readonly at: Date;
}

/**
 * @throws AppError `seal-not-found` for another unit's seal, `seal-revoked` (params `revokedAt`,
 *   `reason`), `seal-not-active`, `seal-not-yet-valid` (params `validFrom`), `seal-expired` (params
 *   `validUntil`), `seal-certificate-mismatch`
 */
export function assertUsable({ seal, unitId, certificateSha256, at }: SealUse): void {
  if (seal.unitId !== unitId) throw new AppError('seal-not-found', 'the seal is of another unit');
  const version = seal.versions.at(-1);
  const code = seal.code;
  switch (effectiveStatus(seal, at)) {
    case 'revoked':
      throw new AppError('seal-revoked', 'the seal is revoked', {
        params: {
          code,
          revokedAt: seal.revocation?.at ?? '',
          reason: REVOCATION_REASON_TEXTS[seal.revocation?.reason ?? 'other'],
        },
      });
    case 'suspended':
      throw new AppError('seal-not-active', 'the seal is suspended', { params: { code } });
    case 'not-yet-valid':
      throw new AppError('seal-not-yet-valid', 'the seal is not valid yet', {
        params: { code, validFrom: version?.validFrom ?? '' },
      });
    case 'expired':
      throw new AppError('seal-expired', 'the seal has expired', {
        params: { code, validUntil: version?.validUntil ?? '' },
      });
    case 'active':
      break;
  }
  if (version?.certificateSha256.includes(certificateSha256) !== true) {
    throw new AppError('seal-certificate-mismatch', 'the seal is bound to other certificates', {
      params: { code },
    });
  }
}

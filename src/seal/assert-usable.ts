/** Whether a seal may be used in one act of sealing. Pure; asked again right before the key is used. */
import { AppError } from '../kernel/index.js';
import type { SealRecord } from './record.js';
import { REVOCATION_REASON_TEXTS } from './revocation-reasons.js';
import { effectiveStatus, versionAt } from './status.js';

export interface SealUse {
  readonly seal: SealRecord;
  /** SHA-256 (hex) of the certificate whose key is to sign. */
  readonly certificateSha256: string;
  /** The unit that seals. */
  readonly unitId: string;
  readonly at: Date;
}

/**
 * Refuses a use of a seal, with params that say why; final reasons come before those that pass.
 *
 * @throws AppError `seal-not-found` (another unit's seal), `seal-revoked` (params `revokedAt`,
 *   `reason`, `reasonText`, `reasonTextEn`), `seal-not-active` (`status`, `since`, `reason`),
 *   `seal-not-yet-valid` (`validFrom`), `seal-expired` (`validUntil`), `seal-certificate-mismatch`
 *   (`certificateSha256`, `boundCertificateSha256`); all but the first with `code`
 */
export function assertUsable({ seal, certificateSha256, unitId, at }: SealUse): void {
  if (seal.unitId !== unitId) throw new AppError('seal-not-found', "another unit's seal");
  const version = versionAt(seal, at);
  const code = seal.code;
  const status = effectiveStatus(seal, at);
  switch (status) {
    case 'revoked':
      throw revoked(seal);
    case 'suspended':
      throw suspended(seal, at);
    case 'not-yet-valid':
      throw new AppError('seal-not-yet-valid', 'the seal is not valid yet', {
        params: { code, validFrom: version?.validFrom ?? seal.createdAt },
      });
    case 'expired':
      throw new AppError('seal-expired', 'the seal has expired', {
        params: { code, validUntil: version?.validUntil ?? seal.createdAt },
      });
    case 'active':
      break;
  }
  const bound = version?.certificateSha256 ?? [];
  if (!bound.includes(certificateSha256)) {
    throw new AppError('seal-certificate-mismatch', 'the seal is bound to another certificate', {
      params: { code, certificateSha256, boundCertificateSha256: bound },
    });
  }
}

function revoked(seal: SealRecord): AppError {
  const { at, reason } = seal.revocation ?? { at: seal.createdAt, reason: 'other' as const };
  const { text, textEn } = REVOCATION_REASON_TEXTS[reason];
  return new AppError('seal-revoked', `the seal was revoked: ${reason}`, {
    params: { code: seal.code, revokedAt: at, reason, reasonText: text, reasonTextEn: textEn },
  });
}

function suspended(seal: SealRecord, at: Date): AppError {
  const change = seal.statusHistory.filter((each) => new Date(each.at) <= at).at(-1);
  return new AppError('seal-not-active', 'the seal is suspended', {
    params: {
      code: seal.code,
      status: 'suspended',
      since: change?.at ?? null,
      reason: change?.reason ?? null,
    },
  });
}

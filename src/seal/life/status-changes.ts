/** What suspending, resuming and revoking do to a seal's record. Pure: each returns the fields that change. */
import { AppError, toRfc3339 } from '../../kernel/index.js';
import type {
  RevocationEvidence,
  RevocationReason,
  SealRecord,
  SealStatusChange,
  SuspensionCause,
} from '../record.js';
import { lifeStateAt, statusAfter } from '../status.js';

type Changes = Pick<SealRecord, 'status' | 'statusHistory'> &
  Pick<Partial<SealRecord>, 'revocation'>;

export interface RevocationFacts {
  readonly reason: RevocationReason;
  readonly note?: string;
  /** Not in the past; now where absent. */
  readonly effectiveAt?: Date;
  readonly evidence: readonly RevocationEvidence[];
  /** The order that revokes all seals of a unit. */
  readonly orderId?: string;
}

/** @throws AppError `seal-transition-refused` */
export function withSuspension(
  seal: SealRecord,
  facts: { readonly cause: SuspensionCause; readonly reason?: string },
  now: Date,
): Changes {
  const status = statusAfter(lifeStateAt(seal, now), 'suspend');
  return withStatus(seal, { ...facts, at: toRfc3339(now), status });
}

/** @throws AppError `seal-transition-refused` */
export function withResumption(seal: SealRecord, reason: string | undefined, now: Date): Changes {
  const status = statusAfter(lifeStateAt(seal, now), 'resume');
  const why = reason === undefined ? {} : { reason };
  return withStatus(seal, { ...why, at: toRfc3339(now), status });
}

/**
 * A revocation that is to take effect later may be brought forward, never put off.
 *
 * @throws AppError `seal-transition-refused`, `input-invalid` (params `field`) for a time in the past or later
 *   than the one that stands
 */
export function withRevocation(seal: SealRecord, facts: RevocationFacts, now: Date): Changes {
  const status = statusAfter(lifeStateAt(seal, now), 'revoke');
  const { effectiveAt, orderId, note, reason, evidence } = facts;
  const at = toRfc3339(effectiveAt ?? now);
  const standing = seal.revocation?.at;
  const isPast = effectiveAt !== undefined && effectiveAt < now;
  if (isPast || (standing !== undefined && at > standing)) {
    throw new AppError('input-invalid', 'a revocation takes effect now or later, never earlier', {
      params: { field: 'effectiveAt' },
    });
  }
  const changes = withStatus(seal, { at, status, reason });
  return {
    ...changes,
    // The record says so once it is true; until then the history alone knows.
    status: at <= toRfc3339(now) ? status : seal.status,
    revocation: {
      at,
      reason,
      recordedAt: toRfc3339(now),
      evidence,
      ...(note === undefined ? {} : { note }),
      ...(orderId === undefined ? {} : { orderId }),
    },
  };
}

/** The history in order of time; a revocation to come gives way to an earlier one, and stays behind others. */
function withStatus(seal: SealRecord, change: SealStatusChange): Changes {
  const others =
    change.status === 'revoked'
      ? seal.statusHistory.filter(({ status }) => status !== 'revoked')
      : seal.statusHistory;
  const earlier = others.filter(({ at }) => at <= change.at);
  const later = others.filter(({ at }) => at > change.at);
  return { status: change.status, statusHistory: [...earlier, change, ...later] };
}

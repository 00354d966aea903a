/** The life of a seal: which change is possible from where, and what a seal is at a given time. */
import { AppError, toRfc3339 } from '../kernel/index.js';
import type { EffectiveSealStatus, SealRecord, SealStatus, SealVersion } from './record.js';

export const SEAL_ACTIONS = ['renew', 'rebind', 'suspend', 'resume', 'revoke'] as const;
export type SealAction = (typeof SEAL_ACTIONS)[number];

/** Status before → action → status after; what is not here is refused. Revocation is final. */
export const SEAL_TRANSITIONS = {
  active: { renew: 'active', rebind: 'active', suspend: 'suspended', revoke: 'revoked' },
  suspended: { resume: 'active', revoke: 'revoked' },
  revoked: {},
} as const satisfies Record<SealStatus, Partial<Record<SealAction, SealStatus>>>;

/** @throws AppError `seal-transition-refused`, params `action`, `from`, `to` (where it would have led) */
export function statusAfter(seal: Pick<SealRecord, 'status'>, action: SealAction): SealStatus {
  const row: Partial<Record<SealAction, SealStatus>> = SEAL_TRANSITIONS[seal.status];
  const next = row[action];
  if (next === undefined) {
    throw new AppError('seal-transition-refused', `${action} is not possible`, {
      params: { action, from: seal.status, to: targetOf(action) },
    });
  }
  return next;
}

function targetOf(action: SealAction): SealStatus | null {
  const rows: readonly Partial<Record<SealAction, SealStatus>>[] = Object.values(SEAL_TRANSITIONS);
  return rows.map((row) => row[action]).find((to) => to !== undefined) ?? null;
}

/** The status at `at`, by the history; `undefined` before the seal was made. */
export function statusAt(seal: SealRecord, at: Date): SealStatus | undefined {
  const instant = toRfc3339(at);
  return seal.statusHistory.filter((change) => change.at <= instant).at(-1)?.status;
}

/** The version in force at `at`: the newest made by then, or the first where none was. */
export function versionAt(seal: SealRecord, at: Date): SealVersion | undefined {
  const instant = toRfc3339(at);
  return seal.versions.findLast((version) => version.madeAt <= instant) ?? seal.versions[0];
}

/** As a reader sees the seal at `at`: an active seal past the end of its version is expired. */
export function effectiveStatus(seal: SealRecord, at: Date): EffectiveSealStatus {
  const status = statusAt(seal, at) ?? 'not-yet-valid';
  const version = versionAt(seal, at);
  if (status !== 'active' || version === undefined) return status;
  const instant = toRfc3339(at);
  if (instant < version.validFrom) return 'not-yet-valid';
  return instant > version.validUntil ? 'expired' : 'active';
}

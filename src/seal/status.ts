/** The life of a seal: which change is possible from where, and what a seal is at a given time. */
import { AppError, toRfc3339 } from '../kernel/index.js';
import type { EffectiveSealStatus, SealRecord, SealStatus, SealVersion } from './record.js';

export const SEAL_ACTIONS = ['renew', 'rebind', 'alter', 'suspend', 'resume', 'revoke'] as const;
export type SealAction = (typeof SEAL_ACTIONS)[number];

/** What decides on a change: the status of the record, and whether the end has passed. */
export const SEAL_LIFE_STATES = ['active', 'expired', 'suspended', 'revoked'] as const;
export type SealLifeState = (typeof SEAL_LIFE_STATES)[number];

/**
 * State before → action → status after; what is not here is refused. Revocation is final. A seal is renewed
 * before it ends (延期须在到期前确认), afterwards another is applied for. Whoever has lost a UKey binds the
 * suspended seal to the next one before it is resumed.
 */
export const SEAL_TRANSITIONS = {
  active: {
    renew: 'active',
    rebind: 'active',
    alter: 'active',
    suspend: 'suspended',
    revoke: 'revoked',
  },
  expired: { suspend: 'suspended', revoke: 'revoked' },
  suspended: { rebind: 'suspended', resume: 'active', revoke: 'revoked' },
  revoked: {},
} as const satisfies Record<SealLifeState, Partial<Record<SealAction, SealStatus>>>;

/** @throws AppError `seal-transition-refused`, params `action`, `from`, `to` (where it would have led) */
export function statusAfter(from: SealLifeState, action: SealAction): SealStatus {
  const row: Partial<Record<SealAction, SealStatus>> = SEAL_TRANSITIONS[from];
  const next = row[action];
  if (next === undefined) {
    throw new AppError('seal-transition-refused', `${action} is not possible`, {
      params: { action, from, to: targetOf(action) },
    });
  }
  return next;
}

function targetOf(action: SealAction): SealStatus | null {
  const rows: readonly Partial<Record<SealAction, SealStatus>>[] = Object.values(SEAL_TRANSITIONS);
  return rows.map((row) => row[action]).find((to) => to !== undefined) ?? null;
}

/** The status of the record, but for an active seal past its end. */
export function lifeStateAt(seal: SealRecord, at: Date): SealLifeState {
  return effectiveStatus(seal, at) === 'expired' ? 'expired' : seal.status;
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

/** Roles, and what a caller is allowed to see. Managing, using and auditing seals are never one person (三权分立). */
import type { AuditActor } from '../audit/index.js';
import type { Scope } from '../store/index.js';

export const ROLES = [
  'system-administrator',
  'unit-handler',
  'unit-signer',
  'unit-seal-approver',
  'supplier-signer',
  'seal-administrator',
  'seal-reviewer',
  'budget-system',
  'trading-system',
  'supervisor',
  'auditor',
] as const;

export type Role = (typeof ROLES)[number];

/** Who calls, as established by a verified access token and the account as it is now. */
export interface Principal {
  readonly accountId: string;
  readonly roles: readonly Role[];
  /** The unit or supplier the account belongs to. */
  readonly unitId: string | undefined;
  /** 6-digit administrative code of the account's region, for roles that work by region. */
  readonly regionCode: string | undefined;
  /** SHA-256 of the certificate that logged in, where a UKey did. */
  readonly certificateSha256: string | undefined;
  readonly requestId: string | undefined;
  /** Names a request that may be repeated: the same each time. */
  readonly requestKey?: string;
}

export function hasRole(principal: Principal, ...roles: readonly Role[]): boolean {
  return roles.some((role) => principal.roles.includes(role));
}

/** The scope key of a unit's or supplier's own records. */
export function unitKey(unitId: string): string {
  return `unit:${unitId}`;
}

/**
 * Scope keys of a region and of every region above it: 370102 → 370102, 3701, 37. A record carries
 * all three, a supervisor of 3701 reads by the one key of its region.
 *
 * @param regionCode - 6-digit administrative code (GB/T 2260)
 */
export function regionKeys(regionCode: string): readonly string[] {
  return [
    ...new Set([
      regionCode,
      regionPrefix(regionCode),
      regionCode.slice(0, 4),
      regionCode.slice(0, 2),
    ]),
  ].map((code) => `region:${code}`);
}

/** 370000 → 37, 370100 → 3701, 370102 → 370102: the part that everything below the region starts with. */
export function regionPrefix(regionCode: string): string {
  if (regionCode.endsWith('0000')) return regionCode.slice(0, 2);
  if (regionCode.endsWith('00')) return regionCode.slice(0, 4);
  return regionCode;
}

/** Roles that work by region; the others work for one unit. */
export const REGIONAL_ROLES: readonly Role[] = [
  'system-administrator',
  'seal-administrator',
  'seal-reviewer',
  'budget-system',
  'trading-system',
  'supervisor',
  'auditor',
];

/**
 * What a principal may read: its region and below, or its own unit. An auditor of no region reads
 * everything; no such account is made over the API, where an administrator gives out the own region only.
 */
export function scopeOf(principal: Principal): Scope {
  if (hasRole(principal, 'auditor') && principal.regionCode === undefined) return { kind: 'all' };
  const keys: string[] = [];
  if (principal.unitId !== undefined) keys.push(unitKey(principal.unitId));
  if (principal.regionCode !== undefined && hasRole(principal, ...REGIONAL_ROLES)) {
    keys.push(`region:${regionPrefix(principal.regionCode)}`);
  }
  return { kind: 'keys', keys };
}

/**
 * `scope`, but only what is in a region and below. Who reads a larger region walks along the smaller one
 * instead; who reads some units is told of them what is in the region.
 */
export function scopeWithin(scope: Scope, regionCode: string): Scope {
  const within = `region:${regionPrefix(regionCode)}`;
  if (scope.kind === 'all') return { kind: 'keys', keys: [within] };
  const units = scope.keys.filter((key) => key.startsWith('unit:'));
  const regions = scope.keys.flatMap((key) => {
    if (units.includes(key)) return [];
    if (within.startsWith(key)) return [within];
    return key.startsWith(within) ? [key] : [];
  });
  const keys = [...units, ...regions];
  return units.length === 0 ? { kind: 'keys', keys } : { kind: 'keys', keys, within };
}

/** The principal as the audit log names it; the first role stands for all. */
export function actorOf(principal: Principal): AuditActor {
  return {
    accountId: principal.accountId,
    role: principal.roles[0] ?? 'none',
    ...(principal.unitId === undefined ? {} : { unitId: principal.unitId }),
    ...(principal.certificateSha256 === undefined
      ? {}
      : { certificateSha256: principal.certificateSha256 }),
  };
}

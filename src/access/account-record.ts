/** Accounts: who may call, as what. A person's name and phone are not kept here: an account is a login name and roles. */
import { pendingSince, type AuditEvent, type EventCarrier } from '../audit/index.js';
import type { CollectionSpec } from '../store/index.js';
import { regionKeys, unitKey, type Role } from './roles.js';

export interface AccountRecord extends EventCarrier {
  readonly id: string;
  readonly version: number;
  readonly revision: number;
  /** Login name, lower case; unique. */
  readonly name: string;
  /** A person at a browser, or another system. */
  readonly kind: 'person' | 'machine';
  readonly roles: readonly Role[];
  readonly unitId?: string;
  /** 6-digit administrative code: the unit's, or that of a role that works by region. */
  readonly regionCode?: string;
  readonly isDisabled: boolean;
  /** As `password.ts` writes it; absent where only a UKey may log in. */
  readonly passwordHash?: string;
  /** SHA-256 (hex) of the certificates that may log in as this account; each is of one account only. */
  readonly certificateSha256: readonly string[];
  /** Access tokens of an earlier epoch are refused: grows when all sessions are ended. */
  readonly sessionEpoch: number;
  readonly createdAt: string;
  readonly pendingEvents: readonly AuditEvent[];
}

export type AccountIndex = 'name' | 'certificateSha256' | 'unitId' | 'createdAt' | 'pendingSince';

export const ACCOUNTS: CollectionSpec<AccountRecord, AccountIndex> = {
  name: 'accounts',
  indexes: {
    name: { of: (account) => account.name, unique: true },
    certificateSha256: { of: (account) => account.certificateSha256, many: true, unique: true },
    unitId: { of: (account) => account.unitId },
    createdAt: { of: (account) => account.createdAt },
    pendingSince: { of: pendingSince, unscoped: true },
  },
  scopeKeys: (account) => [
    ...(account.unitId === undefined ? [] : [unitKey(account.unitId)]),
    ...(account.regionCode === undefined ? [] : regionKeys(account.regionCode)),
  ],
};

/** Sessions, and who is logged in. A test holds these types against the service. */

export type Role =
  | 'system-administrator'
  | 'unit-handler'
  | 'unit-signer'
  | 'unit-seal-approver'
  | 'supplier-signer'
  | 'seal-administrator'
  | 'seal-reviewer'
  | 'budget-system'
  | 'trading-system'
  | 'supervisor'
  | 'auditor';

export interface Session {
  readonly accessToken: string;
  readonly expiresAt: string;
}

export interface Me {
  readonly accountId: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly unitId: string | null;
}

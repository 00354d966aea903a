/** Who may do what to a contract: as whose party, in which roles. What a state allows is `flow.ts`'s. */
import { hasRole, regionKeys, scopeOf, type Principal, type Role } from '../../access/index.js';
import { AppError } from '../../kernel/index.js';
import type { ContractAction } from '../flow.js';
import type { ContractParty, ContractRecord, PartyRole } from '../record.js';

/** What people and systems ask for; `sign`, `expire`, `change` and the filing steps come about otherwise. */
export type PersonAction = Exclude<
  ContractAction,
  'sign' | 'expire' | 'change' | 'file' | 'finish-filing'
>;

interface Right {
  readonly as: readonly PartyRole[];
  readonly roles: readonly Role[];
}

/**
 * Machines act for the buyers of their region. A supervisor reads only: what the supervising
 * department orders, the budget system carries out.
 */
export const CONTRACT_RIGHTS = {
  update: { as: ['buyer'], roles: ['unit-handler', 'budget-system'] },
  revise: { as: ['buyer'], roles: ['unit-handler', 'budget-system'] },
  submit: { as: ['buyer'], roles: ['unit-handler', 'budget-system'] },
  confirm: { as: ['supplier'], roles: ['supplier-signer'] },
  reject: { as: ['buyer', 'supplier'], roles: ['supplier-signer', 'unit-signer'] },
  withdraw: { as: ['buyer'], roles: ['unit-handler', 'budget-system'] },
  remind: { as: ['buyer'], roles: ['unit-handler', 'budget-system'] },
  void: { as: ['buyer', 'supplier'], roles: ['unit-signer', 'supplier-signer'] },
  announce: { as: ['buyer'], roles: ['unit-handler', 'budget-system'] },
  archive: { as: ['buyer'], roles: ['unit-handler', 'budget-system'] },
  terminate: { as: ['buyer', 'supplier'], roles: ['unit-signer', 'supplier-signer'] },
  freeze: { as: ['buyer'], roles: ['budget-system'] },
  unfreeze: { as: ['buyer'], roles: ['budget-system'] },
} as const satisfies Record<PersonAction, Right>;

const CREATORS: readonly Role[] = ['unit-handler', 'budget-system'];

/** @throws AppError `forbidden` */
export function assertMayCreate(principal: Principal): void {
  if (!hasRole(principal, ...CREATORS)) throw forbidden('create');
}

/** @throws AppError `forbidden` where a machine reaches beyond its region */
export function assertReachesRegion(
  principal: Principal,
  regionCode: string,
  action: 'create' | PersonAction,
): void {
  if (!hasRole(principal, 'budget-system')) return;
  const scope = scopeOf(principal);
  const isWithin =
    scope.kind === 'keys' && regionKeys(regionCode).some((key) => scope.keys.includes(key));
  if (!isWithin) throw forbidden(action);
}

/** @throws AppError `forbidden` by role, `contract-party-mismatch` by unit */
export function assertRight(
  principal: Principal,
  contract: ContractRecord,
  action: PersonAction,
): void {
  if (!hasRole(principal, ...CONTRACT_RIGHTS[action].roles)) throw forbidden(action);
  partyOf(principal, contract, action);
}

/**
 * The party the principal acts as; the budget system acts for the buyer.
 * @throws AppError `contract-party-mismatch`
 */
export function partyOf(
  principal: Principal,
  contract: ContractRecord,
  action: PersonAction,
): ContractParty {
  const { as, roles }: Right = CONTRACT_RIGHTS[action];
  const actsForBuyer = hasRole(principal, 'budget-system') && roles.includes('budget-system');
  const party = contract.parties.find(
    (candidate) =>
      as.includes(candidate.role) &&
      (candidate.unitId === principal.unitId || (actsForBuyer && candidate.role === 'buyer')),
  );
  if (party === undefined) {
    throw new AppError('contract-party-mismatch', `no party of the contract that may ${action}`);
  }
  return party;
}

function forbidden(action: string): AppError {
  return new AppError('forbidden', `not allowed to ${action} contracts`, { params: { action } });
}

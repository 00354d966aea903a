/** What this page offers to whom: what a role may not do is not shown. The service decides; a test holds both together. */
import type { Me, Role } from '../api/me.js';
import type { Contract, PartyRole } from '../api/contract.js';

export type OfferedAction =
  'update' | 'confirm' | 'reject' | 'withdraw' | 'remind' | 'void' | 'terminate';

interface Right {
  readonly as: readonly PartyRole[];
  readonly roles: readonly Role[];
}

export const RIGHTS: Readonly<Record<OfferedAction, Right>> = {
  update: { as: ['buyer'], roles: ['unit-handler'] },
  confirm: { as: ['supplier'], roles: ['supplier-signer'] },
  reject: { as: ['buyer', 'supplier'], roles: ['supplier-signer', 'unit-signer'] },
  withdraw: { as: ['buyer'], roles: ['unit-handler'] },
  remind: { as: ['buyer'], roles: ['unit-handler'] },
  void: { as: ['buyer', 'supplier'], roles: ['unit-signer', 'supplier-signer'] },
  terminate: { as: ['buyer', 'supplier'], roles: ['unit-signer', 'supplier-signer'] },
};

export function mayDraft(me: Me): boolean {
  return me.roles.includes('unit-handler');
}

export function offeredActions(contract: Contract, me: Me): readonly OfferedAction[] {
  const { possibleActions, parties } = contract;
  return (Object.keys(RIGHTS) as OfferedAction[]).filter((action) => {
    const { as, roles } = RIGHTS[action];
    // A contract that was signed in part is changed by a new version: the service calls that `revise`.
    const isPossible =
      possibleActions.includes(action) || (action === 'update' && mayRevise(contract));
    return (
      isPossible &&
      roles.some((role) => me.roles.includes(role)) &&
      parties.some((party) => as.includes(party.role) && party.unitId === me.unitId)
    );
  });
}

export function mayRevise({ possibleActions }: Contract): boolean {
  return possibleActions.includes('revise');
}

/**
 * A contract's way as one table: which action is possible in which state. Pure; who may act is
 * decided by the service, what a signature does to the record by `signing-transitions.ts`.
 */
import { AppError } from '../kernel/index.js';
import type { ContractRecord, ContractState } from './record.js';

export const CONTRACT_ACTIONS = [
  'update',
  'revise',
  'submit',
  'confirm',
  'reject',
  'withdraw',
  'remind',
  'sign',
  'expire',
  'void',
  'file',
  'finish-filing',
  'announce',
  'archive',
  'change',
  'terminate',
  'freeze',
  'unfreeze',
] as const;
export type ContractAction = (typeof CONTRACT_ACTIONS)[number];

export interface Transition {
  readonly from: readonly ContractState[];
  /**
   * Every state the action can lead to, or `stay`. Which of several, the record decides: `sign` and
   * the consents by who has signed or agreed, `unfreeze` by where the contract was.
   */
  readonly to: readonly [ContractState | 'stay', ...(ContractState | 'stay')[]];
  /** What the present version must be; either where absent. */
  readonly needs?: 'no-signature' | 'signatures';
}

/** States in which a contract may be held: not while it is handed over to be filed. */
const FREEZABLE = [
  'sent',
  'confirmed',
  'supplier-signed',
  'buyer-signed',
  'filed',
  'archived',
  'changed',
] as const;

/**
 * The one table of the contract's states. After the first signature nothing in the content changes:
 * `update` needs a version that nobody has signed, and `revise` makes a new version whose signing
 * starts again.
 */
export const CONTRACT_TRANSITIONS = {
  update: { from: ['draft', 'rejected', 'withdrawn'], to: ['draft'], needs: 'no-signature' },
  revise: {
    from: ['confirmed', 'supplier-signed', 'rejected', 'withdrawn'],
    to: ['draft'],
    needs: 'signatures',
  },
  submit: { from: ['draft'], to: ['sent'] },
  confirm: { from: ['sent'], to: ['confirmed'] },
  reject: { from: ['sent', 'confirmed', 'supplier-signed', 'buyer-signed'], to: ['rejected'] },
  withdraw: { from: ['draft', 'sent', 'confirmed'], to: ['withdrawn'] },
  remind: { from: ['sent', 'confirmed', 'supplier-signed', 'buyer-signed'], to: ['stay'] },
  sign: {
    from: ['confirmed', 'supplier-signed', 'buyer-signed'],
    to: ['stay', 'supplier-signed', 'buyer-signed', 'signed'],
  },
  expire: { from: ['sent', 'confirmed', 'supplier-signed', 'buyer-signed'], to: ['expired'] },
  void: { from: ['supplier-signed', 'buyer-signed', 'signed'], to: ['voided', 'stay'] },
  file: { from: ['signed'], to: ['filing'] },
  'finish-filing': { from: ['filing'], to: ['filed'] },
  announce: { from: ['signed', 'filing', 'filed', 'archived', 'changed'], to: ['stay'] },
  // What is terminated stays so, and is kept like the rest.
  archive: { from: ['filed', 'changed', 'terminated'], to: ['archived', 'stay'] },
  change: { from: ['filed', 'archived', 'changed'], to: ['changed'] },
  terminate: { from: ['filed', 'archived', 'changed'], to: ['terminated', 'stay'] },
  freeze: { from: FREEZABLE, to: ['frozen'] },
  unfreeze: { from: ['frozen'], to: FREEZABLE },
} as const satisfies Record<ContractAction, Transition>;

/** Whether the table lets `action` start in the contract's present state. */
export function isActionPossible(
  contract: Pick<ContractRecord, 'state' | 'signatures'>,
  action: ContractAction,
): boolean {
  const { from, needs }: Transition = CONTRACT_TRANSITIONS[action];
  if (!from.includes(contract.state)) return false;
  return needs === undefined || (needs === 'signatures') === contract.signatures.length > 0;
}

/** Actions possible in the contract's present state, whoever asks; for showing buttons. */
export function possibleActions(
  contract: Pick<ContractRecord, 'state' | 'signatures'>,
): readonly ContractAction[] {
  return CONTRACT_ACTIONS.filter((action) => isActionPossible(contract, action));
}

/**
 * @throws AppError `contract-transition-refused`, params `from`, `to`, `action`, where the table
 *   does not let `action` start in the contract's present state
 */
export function assertActionPossible(
  contract: Pick<ContractRecord, 'state' | 'signatures'>,
  action: ContractAction,
): void {
  if (isActionPossible(contract, action)) return;
  const [to] = CONTRACT_TRANSITIONS[action].to;
  throw new AppError(
    'contract-transition-refused',
    `contract is ${contract.state}: ${action} is not possible`,
    { params: { from: contract.state, to, action } },
  );
}

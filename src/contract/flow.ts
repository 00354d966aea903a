/**
 * A contract's way as one table: which action is possible in which state. Pure; who may act is
 * decided by the service, what a signature does to the record by `signing-transitions.ts`.
 */
import { AppError } from '../kernel/index.js';
import type { ContractRecord, ContractState } from './record.js';

export const CONTRACT_ACTIONS = [
  'update',
  'submit',
  'confirm',
  'reject',
  'withdraw',
  'void',
  'sign',
  'file',
  'finish-filing',
  'archive',
  'expire',
] as const;
export type ContractAction = (typeof CONTRACT_ACTIONS)[number];

interface Transition {
  readonly from: readonly ContractState[];
  /** Every state the action can lead to; `sign` and `void` choose by who has signed or agreed. */
  readonly to: readonly [ContractState, ...ContractState[]];
}

/**
 * The one table of the contract's states. After the first signature nothing in the content changes:
 * `update` needs a state in which nobody has signed, and a contract returned after a signature is
 * replaced by a new one.
 */
export const CONTRACT_TRANSITIONS = {
  update: { from: ['draft', 'rejected', 'withdrawn'], to: ['draft'] },
  submit: { from: ['draft'], to: ['sent'] },
  confirm: { from: ['sent'], to: ['confirmed'] },
  reject: { from: ['sent', 'confirmed', 'supplier-signed', 'buyer-signed'], to: ['rejected'] },
  withdraw: { from: ['draft', 'sent', 'confirmed'], to: ['withdrawn'] },
  void: {
    from: ['supplier-signed', 'buyer-signed', 'signed'],
    to: ['voided', 'supplier-signed', 'buyer-signed', 'signed'],
  },
  sign: {
    from: ['confirmed', 'supplier-signed', 'buyer-signed'],
    to: ['signed', 'supplier-signed', 'buyer-signed'],
  },
  file: { from: ['signed'], to: ['filing'] },
  'finish-filing': { from: ['filing'], to: ['filed'] },
  archive: { from: ['filed'], to: ['archived'] },
  expire: {
    from: ['draft', 'sent', 'confirmed', 'supplier-signed', 'buyer-signed'],
    to: ['expired'],
  },
} as const satisfies Record<ContractAction, Transition>;

/** Whether the table lets `action` start in the contract's present state. */
export function isActionPossible(
  contract: Pick<ContractRecord, 'state' | 'signatures'>,
  action: ContractAction,
): boolean {
  const { from }: Transition = CONTRACT_TRANSITIONS[action];
  if (!from.includes(contract.state)) return false;
  return action !== 'update' || contract.signatures.length === 0;
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

/** A contract's state in words; the colour says no more than they do. */
import type { ContractState } from '../api/contract.js';
import { useContractTexts } from '../text/contracts/language.js';

const TONES: Readonly<Partial<Record<ContractState, string>>> = {
  signed: 'good',
  filing: 'good',
  filed: 'good',
  archived: 'good',
  changed: 'good',
  rejected: 'bad',
  voided: 'bad',
  expired: 'bad',
  terminated: 'bad',
  draft: 'none',
  withdrawn: 'none',
};

export function StateChip({ state }: { readonly state: ContractState }) {
  const { states } = useContractTexts();
  return <span className={`chip state-${TONES[state] ?? 'open'}`}>{states[state]}</span>;
}

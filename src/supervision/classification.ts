/** What kind of contract it is for the statistics, and whether it is for the public. */
import { templateKindOf, type ContractRecord } from '../contract/index.js';

/** `supplement`, the category of procurement, the template's name, or `uploaded`. */
export function kindOf(contract: ContractRecord): string {
  if (contract.supplementTo !== undefined) return 'supplement';
  return contract.data?.category ?? templateKindOf(contract) ?? 'uploaded';
}

/** 涉密: such a contract is neither announced nor exported (政府采购法实施条例 §50). */
export function isSecret({ data }: Pick<ContractRecord, 'data'>): boolean {
  return data?.secrecy?.isSecret === true;
}

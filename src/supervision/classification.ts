/** What kind of contract it is for the statistics, and whether it is for the public. */
import type { ContractRecord } from '../contract/index.js';

/** `supplement`, the category of procurement, the template's name, or `uploaded`. */
export function kindOf({ supplementTo, templateId, templateKind, data }: ContractRecord): string {
  if (supplementTo !== undefined) return 'supplement';
  return data?.category ?? templateKind ?? templateId?.split('@')[0] ?? 'uploaded';
}

/** 涉密: such a contract is neither announced nor exported (政府采购法实施条例 §50). */
export function isSecret({ data }: Pick<ContractRecord, 'data'>): boolean {
  return data?.secrecy?.isSecret === true;
}

/** Structured data of a procurement contract, as `contractDataSchema` describes them. */
import type { z } from 'zod';
import type { contractDataSchema } from './contract-data-schema.js';

/** Money on the wire: yuan with two decimals as a string, CNY. */
export type Yuan = string;

type Immutable<T> = T extends readonly (infer Element)[]
  ? readonly Immutable<Element>[]
  : T extends object
    ? { readonly [Key in keyof T]: Immutable<T[Key]> }
    : T;

export type ContractData = Immutable<z.infer<typeof contractDataSchema>>;
export type ContractPartyData = Omit<ContractData['buyer'], 'budgetCode'>;
export type ContractItem = ContractData['items'][number];
export type PaymentStage = ContractData['payments'][number];

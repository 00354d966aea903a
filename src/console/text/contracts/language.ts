/** The words of the contract pages, in the language of the reader. */
import { useLanguage, type Language } from '../language.js';
import { en } from './en.js';
import { zh, type ContractTexts } from './zh.js';

const TEXTS: Readonly<Record<Language, ContractTexts>> = { zh, en };

export function useContractTexts(): ContractTexts {
  return TEXTS[useLanguage().language];
}

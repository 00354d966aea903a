/** The unified social credit code (统一社会信用代码): 17 characters and a check character, modulo 31. */
import { isAssignedProvince } from './region-code.js';

/** Digits and capitals without I, O, S, V, Z; the value of a character is its place. */
const CHARACTERS = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const LENGTH = 18;

/** Registering department, kind of body, 6-digit region, 9 characters of the body's code, check character. */
export const CREDIT_CODE_PATTERN = /^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$/;

/** Which kinds of body a registering department has. @see GB 32100-2015, amendment 1, table 1 */
const BODY_KINDS: Readonly<Record<string, string>> = {
  '1': '1239',
  '2': '19',
  '3': '123459',
  '4': '19',
  '5': '1239',
  '6': '129',
  '7': '129',
  '8': '19',
  '9': '1239',
  A: '19',
  N: '1239',
  Y: '1',
};

/** Why a text is no credit code; positions count from 1. */
export type CreditCodeFault =
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'character'; readonly position: number; readonly character: string }
  | { readonly kind: 'check' };

/** What a sound code seldom has: such codes exist, so this refuses none. */
export type CreditCodeDoubt = 'department' | 'region' | 'organisation';

/**
 * Whether `code` has the form of a credit code and its check character is right.
 * @see GB 32100-2015
 */
export function isCreditCode(code: string): boolean {
  return creditCodeFault(code) === undefined;
}

/** The first thing that is wrong, from left to right; the check character last. */
export function creditCodeFault(code: string): CreditCodeFault | undefined {
  const characters = Array.from(code);
  const odd = characters.findIndex((character, index) =>
    index >= 2 && index < 8 ? !/^[0-9]$/.test(character) : !CHARACTERS.includes(character),
  );
  if (odd >= 0 && odd < LENGTH) {
    return { kind: 'character', position: odd + 1, character: characters[odd] ?? '' };
  }
  if (characters.length !== LENGTH) return { kind: 'length', length: characters.length };
  return checkCharacter(code.slice(0, 17)) === code.charAt(17) ? undefined : { kind: 'check' };
}

/** @param code - A code that `isCreditCode` accepts */
export function creditCodeDoubts(code: string): readonly CreditCodeDoubt[] {
  const doubts: CreditCodeDoubt[] = [];
  if (BODY_KINDS[code.charAt(0)]?.includes(code.charAt(1)) !== true) doubts.push('department');
  // 100000 stands for departments of the State Council.
  if (code.slice(2, 8) !== '100000' && !isAssignedProvince(code.slice(2, 4))) doubts.push('region');
  if (organisationCheckCharacter(code.slice(8, 16)) !== code.charAt(16))
    doubts.push('organisation');
  return doubts;
}

/**
 * The 18th character to the first 17: weights are the powers of 3 modulo 31.
 * @param body - 17 characters of the code's alphabet
 */
export function checkCharacter(body: string): string {
  let sum = 0;
  let weight = 1;
  for (const character of body) {
    sum += CHARACTERS.indexOf(character) * weight;
    weight = (weight * 3) % 31;
  }
  return CHARACTERS.charAt((31 - (sum % 31)) % 31);
}

const ORGANISATION_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2] as const;

/**
 * The check character of an organisation code (组织机构代码), modulo 11.
 * @see GB 11714-1997
 */
function organisationCheckCharacter(body: string): string {
  const sum = ORGANISATION_WEIGHTS.reduce(
    (total, weight, index) => total + weight * Number.parseInt(body.charAt(index), 36),
    0,
  );
  return '0X987654321'.charAt(sum % 11);
}

/** The unified social credit code (统一社会信用代码): 17 characters and a check character, modulo 31. */

/** Digits and capitals without I, O, S, V, Z; the value of a character is its place. */
const CHARACTERS = '0123456789ABCDEFGHJKLMNPQRTUWXY';

/** Registering department, kind of body, 6-digit region, 9 characters of the body's code, check character. */
export const CREDIT_CODE_PATTERN = /^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$/;

/**
 * Whether `code` has the form of a credit code and its check character is right.
 * @see GB 32100-2015
 */
export function isCreditCode(code: string): boolean {
  return CREDIT_CODE_PATTERN.test(code) && checkCharacter(code.slice(0, 17)) === code.charAt(17);
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

/** Character classes of PDF syntax. @see ISO 32000-1:2008, 7.2.2 */

/** Digits of an integer that a double holds whatever they are. */
export const EXACT_DIGITS = 15;

const WHITESPACE = 1;
const DELIMITER = 2;
const DIGIT = 4;

const CLASS = new Uint8Array(256);
for (const c of [0x00, 0x09, 0x0a, 0x0c, 0x0d, 0x20]) CLASS[c] = WHITESPACE;
for (const c of '()<>[]{}/%') CLASS[c.charCodeAt(0)] = DELIMITER;
for (let c = 0x30; c <= 0x39; c++) CLASS[c] = DIGIT;

export function isWhitespace(byte: number): boolean {
  return CLASS[byte] === WHITESPACE;
}

/** Anything that continues a token: neither white space, delimiter nor the end (-1). */
export function isRegular(byte: number): boolean {
  const found = CLASS[byte];
  return found !== undefined && (found & (WHITESPACE | DELIMITER)) === 0;
}

export function isDigit(byte: number): boolean {
  return CLASS[byte] === DIGIT;
}

/** Value of a hex digit, or -1. */
export function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

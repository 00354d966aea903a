/** 公民身份号码: region, date of birth, sequence and a check character (ISO 7064 MOD 11-2). */

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const;

/** Why a text is no identity number. */
export type IdentityNumberFault = 'form' | 'birth-date' | 'check';

/** @see GB 11643-1999 */
export function identityNumberFault(text: string): IdentityNumberFault | undefined {
  if (!/^[1-9][0-9]{16}[0-9X]$/.test(text)) return 'form';
  if (!isDay(text.slice(6, 14))) return 'birth-date';
  return hasIdentityCheck(text) ? undefined : 'check';
}

/**
 * Whether the check character of 18 is right. Enough to hide a number by, whatever day it names; people
 * also write a small x.
 */
export function hasIdentityCheck(text: string): boolean {
  const sum = WEIGHTS.reduce((total, weight, i) => total + weight * Number(text.charAt(i)), 0);
  return '10X98765432'.charAt(sum % 11) === text.charAt(17).toUpperCase();
}

/** A day of the calendar, written YYYYMMDD. */
function isDay(digits: string): boolean {
  const iso = `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
  const day = new Date(`${iso}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(iso);
}

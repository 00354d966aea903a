/**
 * Personal data made unreadable before anything is published, by class: ID numbers, mobile phones,
 * bank accounts, and names of natural persons that the data name. What is left tells that something
 * was there. A unit's name, address and fixed line are no personal data.
 */
import { hasIdentityCheck } from '../../access/index.js';

/** 18 digits of GB 11643, the last one checked, or the 15 of old; not within longer numbers. */
const ID_NUMBER = /(?<![0-9])([1-9][0-9]{5}(?:19|20)[0-9]{9}[0-9Xx]|[1-9][0-9]{14})(?![0-9])/gu;
const MOBILE = /(?<![0-9])((?:\+?86[- ]?)?1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4})(?![0-9])/gu;
const ACCOUNT = /(?<![0-9])([0-9]{4}(?:[ -]?[0-9]{4}){2,3}[ -]?[0-9]{1,7})(?![0-9])/gu;

/** The text without ID numbers, mobile phones, bank accounts and the names in `persons`. */
export function maskText(text: string, persons: readonly string[] = []): string {
  const withoutNumbers = text
    .replace(ID_NUMBER, (number) => (isIdNumber(number) ? maskMiddle(number, 1, 1) : number))
    .replace(MOBILE, (number) => maskPhone(number))
    .replace(ACCOUNT, (number) => (isBankAccount(number) ? maskAccount(number) : number));
  return persons
    .filter((name) => isNaturalPerson(name))
    .reduce((masked, name) => masked.replaceAll(name, maskName(name)), withoutNumbers);
}

/** 张*, 欧阳**: the family name stays. */
export function maskName(name: string): string {
  const characters = Array.from(name.trim());
  const family = COMPOUND_FAMILY_NAMES.has(characters.slice(0, 2).join('')) ? 2 : 1;
  if (characters.length <= family) return '*';
  return characters.slice(0, family).join('') + '*'.repeat(characters.length - family);
}

/** 138****5678; a fixed line is a unit's and stays. */
export function maskPhone(phone: string): string {
  const digits = phone.replace(/[^0-9]/g, '').replace(/^86(?=1[3-9][0-9]{9}$)/, '');
  if (!/^1[3-9][0-9]{9}$/.test(digits)) return phone;
  return `${digits.slice(0, 3)}****${digits.slice(-4)}`;
}

function maskAccount(account: string): string {
  return `****${account.replace(/[^0-9]/g, '').slice(-4)}`;
}

const COMPOUND_FAMILY_NAMES = new Set([
  '欧阳',
  '太史',
  '端木',
  '上官',
  '司马',
  '东方',
  '独孤',
  '南宫',
  '万俟',
  '闻人',
  '夏侯',
  '诸葛',
  '尉迟',
  '公羊',
  '赫连',
  '澹台',
  '皇甫',
  '宗政',
  '濮阳',
  '公冶',
  '太叔',
  '申屠',
  '公孙',
  '慕容',
  '仲孙',
  '钟离',
  '长孙',
  '宇文',
  '司徒',
  '鲜于',
  '司空',
  '令狐',
  '轩辕',
]);

/** Two to four ideographs, or ideographs joined by the dot of minority names. */
function isNaturalPerson(name: string): boolean {
  return /^(?:\p{Script=Han}{2,4}|\p{Script=Han}{1,12}(?:[·•]\p{Script=Han}{1,12})+)$/u.test(name);
}

/** Numbers of 15 have no check. */
function isIdNumber(number: string): boolean {
  return number.length === 15 || hasIdentityCheck(number);
}

/** Cards have a Luhn digit; other accounts of 16 to 19 digits are masked where they say what they are. */
function isBankAccount(number: string): boolean {
  const digits = number.replace(/[^0-9]/g, '');
  if (digits.length < 16 || digits.length > 19) return false;
  const total = Array.from(digits)
    .reverse()
    .reduce((sum, digit, index) => {
      const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
      return sum + (value > 9 ? value - 9 : value);
    }, 0);
  return total % 10 === 0;
}

function maskMiddle(text: string, head: number, tail: number): string {
  return text.slice(0, head) + '*'.repeat(text.length - head - tail) + text.slice(-tail);
}

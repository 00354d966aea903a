/** Checks of what is written, in the data and on the pages alike. */
import { isCreditCode, hasIdentityCheck } from '../../access/index.js';
import type { ContractData } from '../contract-data.js';
import { FORBIDDEN_CHARACTERS } from '../data/values.js';
import { CONFUSED_WORDS, TRADITIONAL_CHARACTERS } from './confusions.js';
import { error, warning, type CheckFinding, type FindingPlace } from './finding.js';

export interface CheckedText {
  readonly text: string;
  readonly place: FindingPlace;
}

/** Every text of the data with its pointer. */
export function textsOfData(data: ContractData): readonly CheckedText[] {
  const texts: CheckedText[] = [];
  const visit = (value: unknown, pointer: string): void => {
    if (typeof value === 'string') texts.push({ text: value, place: { pointer } });
    else if (typeof value === 'object' && value !== null) {
      for (const [key, child] of Object.entries(value)) visit(child, `${pointer}/${key}`);
    }
  };
  visit(data, '#');
  return texts;
}

/** @param data - Whose names and numbers are known to be right; absent for a document alone. */
export function checkTexts(
  texts: readonly CheckedText[],
  data: ContractData | undefined,
): readonly CheckFinding[] {
  return texts.flatMap((each) => [
    ...checkPlaceholders(each),
    ...checkLinks(each),
    ...checkWords(each),
    ...checkNames(each, data),
    ...checkCharacters(each),
    ...checkPersonalData(each, data),
  ]);
}

const PLACEHOLDER = /_{3,}|＿{2,}|(?<![A-Za-z0-9])[Xx×]{2,}(?![A-Za-z0-9])|【\s*】|\{\{|待定|待填/;

function checkPlaceholders({ text, place }: CheckedText): readonly CheckFinding[] {
  const found = PLACEHOLDER.exec(text)?.[0];
  if (found === undefined) return [];
  return [
    warning('placeholder-left', `仍有未填写的占位内容“${found}”`, 'a placeholder is left', place),
  ];
}

/** An address with its scheme, or a domain name alone; not the domain of a mail address. */
const LINK =
  /https?:\/\/[^\s，。；）)”]+|(?<![@A-Za-z0-9.-])(?:[a-z0-9-]{1,63}\.){1,8}(?:com|cn|net|org|gov|edu|info|biz|top|xyz|vip|cc|io|me|site|online|shop|club)(?![A-Za-z0-9-])(?:\/[^\s，。；）)”]*)?/gi;

/** Government sites are left alone; anything else in a contract is looked at by a person. */
function checkLinks({ text, place }: CheckedText): readonly CheckFinding[] {
  return (text.match(LINK) ?? [])
    .filter((link) => !isGovernmentLink(link))
    .map((link) => warning('link-present', `含有外部链接 ${link}`, 'an external link', place));
}

export function isGovernmentLink(link: string): boolean {
  const absolute = /^[a-z][a-z0-9+.-]*:/i.test(link) ? link : `http://${link}`;
  return URL.canParse(absolute) && /(^|\.)gov\.cn$/.test(new URL(absolute).hostname);
}

function checkWords({ text, place }: CheckedText): readonly CheckFinding[] {
  const isWrong = (wrong: string, unless: RegExp | undefined): boolean =>
    text.includes(wrong) && (unless === undefined || text.replace(unless, '').includes(wrong));
  return CONFUSED_WORDS.filter(([wrong, , unless]) => isWrong(wrong, unless)).map(
    ([wrong, right]) =>
      warning(
        'word-confused',
        `“${wrong}”疑应为“${right}”`,
        'a word that is often confused',
        place,
      ),
  );
}

const SHORTEST_NAME = 5;

/** A name that is known from the data, with one character wrong. */
function checkNames(
  { text, place }: CheckedText,
  data: ContractData | undefined,
): readonly CheckFinding[] {
  if (data === undefined) return [];
  const names = [data.buyer.name, data.supplier.name, data.title, data.tenderTitle];
  return names
    .filter((name) => name.length >= SHORTEST_NAME)
    .flatMap((name) => {
      const near = nearMiss(text, name);
      // One party's name may differ from the other's in one character only.
      if (near === undefined || names.some((known) => known.includes(near))) return [];
      return [
        warning(
          'name-differs',
          `“${near}”与“${name}”差一个字`,
          'a name with one character wrong',
          place,
        ),
      ];
    });
}

function nearMiss(text: string, name: string): string | undefined {
  for (let at = 0; at + name.length <= text.length; at++) {
    let differing = 0;
    for (let i = 0; i < name.length && differing < 2; i++) {
      if (text.charCodeAt(at + i) !== name.charCodeAt(i)) differing++;
    }
    if (differing === 1) return text.slice(at, at + name.length);
  }
  return undefined;
}

const TRADITIONAL = new RegExp(`[${TRADITIONAL_CHARACTERS}]`, 'u');
/** Radicals, compatibility ideographs and letters of other scripts that look like what they are not. */
const UNUSUAL = /[\u2e80-\u2fdf\uf900-\ufaff\u{2f800}-\u{2fa1f}\p{Script=Cyrillic}]/u;

function checkCharacters({ text, place }: CheckedText): readonly CheckFinding[] {
  const findings: CheckFinding[] = [];
  const find = (pattern: RegExp, report: (character: string) => CheckFinding): void => {
    const character = pattern.exec(text)?.[0];
    if (character !== undefined) findings.push(report(character));
  };
  find(FORBIDDEN_CHARACTERS, (character) =>
    error(
      'invisible-character',
      `含有不可见字符 ${codeOf(character)}`,
      'an invisible character',
      place,
    ),
  );
  find(UNUSUAL, (character) =>
    warning(
      'unusual-character',
      `“${character}”（${codeOf(character)}）不是通常所用的字符`,
      'a character that looks like another',
      place,
    ),
  );
  find(TRADITIONAL, (character) =>
    warning(
      'traditional-character',
      `简体文本中有繁体字“${character}”`,
      'a traditional character',
      place,
    ),
  );
  find(/[０-９Ａ-Ｚａ-ｚ]/u, (character) =>
    warning(
      'full-width-figure',
      `含有全角数字或字母“${character}”`,
      'full-width figures or letters',
      place,
    ),
  );
  return findings;
}

function codeOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Numbers of the matter itself: long ones look like an account or a telephone and are neither. */
function ownNumbers(data: ContractData): readonly string[] {
  const { id, tenderId, lot, plan, award, framework, supplement } = data;
  const numbers = [lot?.id, plan?.id, award.noticeId, framework?.id, supplement?.contractId];
  return [id, tenderId, ...numbers.filter((number) => number !== undefined)];
}

/** Fields whose very purpose is such a number. */
const PERSONAL_POINTERS = /\/(contactPhone|bankAccount|creditCode)$/;

function checkPersonalData(
  { text, place }: CheckedText,
  data: ContractData | undefined,
): readonly CheckFinding[] {
  if (place.pointer !== undefined && PERSONAL_POINTERS.test(place.pointer)) return [];
  const known =
    data === undefined
      ? []
      : [data.supplier.bankAccount, data.buyer.contactPhone, data.supplier.contactPhone];
  const own = data === undefined ? [] : ownNumbers(data);
  const isOther = (number: string): boolean =>
    !known.includes(number) && !own.some((text) => text.includes(number));
  const identities = (text.match(/(?<![0-9A-Z])[1-9][0-9]{16}[0-9Xx](?![0-9A-Z])/g) ?? []).filter(
    (number) => hasIdentityCheck(number) && !isCreditCode(number) && isOther(number),
  );
  const phones = (text.match(/(?<![0-9])1[3-9][0-9]{9}(?![0-9])/g) ?? []).filter(isOther);
  const accounts = (text.match(/(?<![0-9])6[0-9]{15,18}(?![0-9])/g) ?? []).filter(isOther);
  return [
    ...identities.map(() => ['身份证号码', 'an identity number'] as const),
    ...phones.map(() => ['手机号码', 'a mobile phone number'] as const),
    ...accounts.map(() => ['银行账号', 'a bank account'] as const),
  ].map(([what, whatEn]) =>
    warning(
      'personal-data',
      `含有${what}，公告前须遮盖`,
      `${whatEn}: mask it before publication`,
      place,
    ),
  );
}

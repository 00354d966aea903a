/** What the glyph names and single-byte codes of Latin fonts read as. */

/** Windows code page 1252 where it differs from Latin-1, from 0x80. */
const WIN_ANSI_0X80 =
  '\u20ac\u2022\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u2022\u017d\u2022' +
  '\u2022\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u2022\u017e\u0178';

const NAMES: Readonly<Record<string, string>> = {
  space: ' ',
  exclam: '!',
  quotedbl: '"',
  numbersign: '#',
  dollar: '$',
  percent: '%',
  ampersand: '&',
  quotesingle: "'",
  quoteright: '\u2019',
  quoteleft: '\u2018',
  quotedblleft: '\u201c',
  quotedblright: '\u201d',
  parenleft: '(',
  parenright: ')',
  asterisk: '*',
  plus: '+',
  comma: ',',
  hyphen: '-',
  minus: '-',
  period: '.',
  slash: '/',
  zero: '0',
  one: '1',
  two: '2',
  three: '3',
  four: '4',
  five: '5',
  six: '6',
  seven: '7',
  eight: '8',
  nine: '9',
  colon: ':',
  semicolon: ';',
  less: '<',
  equal: '=',
  greater: '>',
  question: '?',
  at: '@',
  bracketleft: '[',
  backslash: '\\',
  bracketright: ']',
  underscore: '_',
  braceleft: '{',
  bar: '|',
  braceright: '}',
  asciitilde: '~',
  bullet: '\u2022',
  endash: '\u2013',
  emdash: '\u2014',
  ellipsis: '\u2026',
  yen: '\u00a5',
  section: '\u00a7',
  fi: 'fi',
  fl: 'fl',
};

/** The text of a glyph name; empty where it is not one of those that Latin text is made of. */
export function glyphNameText(name: string): string {
  const known = NAMES[name];
  if (known !== undefined) return known;
  if (/^[A-Za-z]$/.test(name)) return name;
  const unicode = /^(?:uni|u)([0-9A-F]{4,6})(?:[.].*)?$/.exec(name)?.[1];
  const codePoint = unicode === undefined ? NaN : parseInt(unicode, 16);
  return codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : '';
}

/** The text of a code in WinAnsiEncoding, which agrees with the other encodings on ASCII. */
export function singleByteText(code: number): string {
  if (code >= 0x80 && code < 0xa0) return WIN_ANSI_0X80[code - 0x80] ?? '';
  return String.fromCharCode(code);
}

/** Codes of ZapfDingbats that stand elsewhere in Unicode than the others, which are in order from U+2701. */
const DINGBATS: Readonly<Record<number, string>> = {
  0x25: '\u260e',
  0x2a: '\u261b',
  0x2b: '\u261e',
  0x48: '\u2605',
  0x6c: '\u25cf',
  0x6e: '\u25a0',
  0x73: '\u25b2',
  0x74: '\u25bc',
  0x75: '\u25c6',
  0x77: '\u25d7',
};

/** The text of a code in the encoding of ZapfDingbats. @see ISO 32000-2:2020, D.7 */
export function dingbatText(code: number): string {
  if (code === 0x20) return ' ';
  const isThere = code > 0x20 && code < 0x7f;
  return DINGBATS[code] ?? (isThere ? String.fromCharCode(0x2700 + code - 0x20) : '');
}

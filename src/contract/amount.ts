/**
 * Money: yuan as written, integer fen as counted, and the amount in Chinese capitals (大写金额) by
 * the basic rules for filling in bills and settlement vouchers (正确填写票据和结算凭证的基本规定).
 */
import { AppError } from '../kernel/index.js';
import type { Yuan } from './contract-data.js';

/** Yuan with two decimals; at most 13 digits before the point, so that fen stay a safe integer. */
export const YUAN_PATTERN = /^(0|[1-9][0-9]{0,12})\.[0-9]{2}$/;

const MAX_FEN = 999_999_999_999_999;

/**
 * `"1409.50"` → 140950.
 * @throws AppError `input-invalid` where `yuan` is not yuan with two decimals
 */
export function parseYuan(yuan: Yuan): number {
  if (!YUAN_PATTERN.test(yuan)) {
    throw new AppError('input-invalid', 'an amount is yuan with two decimals', {
      params: { field: 'amount' },
    });
  }
  return Number(yuan.replace('.', ''));
}

/**
 * 140950 → `"1409.50"`.
 * @throws AppError `input-invalid` where `fen` is no integer of 0 to 10^15 − 1
 */
export function formatYuan(fen: number): Yuan {
  assertFen(fen);
  const digits = String(fen).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** 140950 → `"1,409.50"`, as printed in a document. @throws AppError `input-invalid` */
export function formatYuanGrouped(fen: number): string {
  const [whole = '', decimals = ''] = formatYuan(fen).split('.');
  return `${whole.replace(/\B(?=(?:[0-9]{3})+$)/g, ',')}.${decimals}`;
}

function assertFen(fen: number): void {
  if (Number.isInteger(fen) && fen >= 0 && fen <= MAX_FEN) return;
  throw new AppError('input-invalid', 'fen are an integer of 0 to 10^15 - 1', {
    params: { field: 'amount' },
  });
}

const DIGITS = '零壹贰叁肆伍陆柒捌玖';
const PLACES = ['', '拾', '佰', '仟'] as const;
const SECTIONS = ['', '万', '亿', '万亿'] as const;

/**
 * 140950 → `人民币壹仟肆佰零玖元伍角`. 整 follows 元 where no 角 or 分 do, and follows 角 never;
 * zeros between digits are one 零, also between 元 and 分.
 *
 * @throws AppError `input-invalid` where `fen` is no integer of 0 to 10^15 − 1
 */
export function formatCapitals(fen: number): string {
  assertFen(fen);
  const yuan = Math.floor(fen / 100);
  const jiao = Math.floor(fen / 10) % 10;
  const rest = fen % 10;
  let text = yuan > 0 ? `${wholeInCapitals(yuan)}元` : '';
  if (jiao > 0) text += `${digit(jiao)}角`;
  if (rest > 0) text += `${jiao === 0 && yuan > 0 ? '零' : ''}${digit(rest)}分`;
  if (text === '') text = '零元';
  return `人民币${text}${jiao === 0 && rest === 0 ? '整' : ''}`;
}

function digit(value: number): string {
  return DIGITS.charAt(value);
}

function wholeInCapitals(whole: number): string {
  let text = '';
  let skippedZero = false;
  let above = 0;
  for (let section = SECTIONS.length - 1; section >= 0; section--) {
    const value = Math.floor(whole / 10_000 ** section) % 10_000;
    if (value === 0) {
      skippedZero = text !== '';
      continue;
    }
    // 零 stands for zeros at the end of the section above and at the head of this one alike.
    if (text !== '' && (skippedZero || value < 1000 || above % 10 === 0)) text += '零';
    skippedZero = false;
    above = value;
    // 万亿 before a further 亿 section is written 万 alone: 壹万零贰亿.
    const hasYi = section === 3 && Math.floor(whole / 10_000 ** 2) % 10_000 > 0;
    text += sectionInCapitals(value) + (hasYi ? '万' : (SECTIONS[section] ?? ''));
  }
  return text;
}

function sectionInCapitals(value: number): string {
  let text = '';
  let zero = false;
  for (let place = 3; place >= 0; place--) {
    const figure = Math.floor(value / 10 ** place) % 10;
    if (figure === 0) {
      zero = text !== '';
      continue;
    }
    text += (zero ? '零' : '') + digit(figure) + (PLACES[place] ?? '');
    zero = false;
  }
  return text;
}

const FIGURES: Readonly<Record<string, number>> = Object.fromEntries(
  Array.from(DIGITS, (character, value) => [character, value]),
);
const UNITS: Readonly<Record<string, number>> = { 拾: 10, 佰: 100, 仟: 1000 };

/**
 * Reads an amount in capitals back to integer fen. Accepts the spellings the rules leave open: with
 * or without 人民币, 圆 for 元, 正 for 整, 零 between 元 and 角, 整 after 角, 壹 left out before 拾.
 *
 * @returns `undefined` where `text` is no amount in capitals
 */
export function parseCapitals(text: string): number | undefined {
  const shape =
    /^(?:人民币)?(?:([零壹贰叁肆伍陆柒捌玖拾佰仟万亿]{1,40})[元圆])?(零)?(?:([壹贰叁肆伍陆柒捌玖])角)?(零)?(?:([壹贰叁肆伍陆柒捌玖])分)?[整正]?$/;
  const match = shape.exec(text.trim());
  if (match === null) return undefined;
  const [, whole, , jiao, , fen] = match;
  if (whole === undefined && jiao === undefined && fen === undefined) return undefined;
  if (fen !== undefined && /[整正]$/.test(text.trim())) return undefined;
  const yuan = whole === undefined ? 0 : parseWhole(whole);
  if (yuan === undefined) return undefined;
  const total = yuan * 100 + figureOf(jiao) * 10 + figureOf(fen);
  return total <= MAX_FEN ? total : undefined;
}

function figureOf(character: string | undefined): number {
  return character === undefined ? 0 : (FIGURES[character] ?? 0);
}

/** `whole` = [high 亿] low, each of at most 万-scale. */
function parseWhole(whole: string): number | undefined {
  if (whole === '零') return 0;
  const at = whole.lastIndexOf('亿');
  if (at === -1) return parseBelowYi(whole);
  const high = parseBelowYi(whole.slice(0, at));
  const low = at === whole.length - 1 ? 0 : parseBelowYi(whole.slice(at + 1));
  return high === undefined || low === undefined || high === 0 ? undefined : high * 1e8 + low;
}

function parseBelowYi(text: string): number | undefined {
  const at = text.indexOf('万');
  if (at === -1) return parseSection(text);
  const high = parseSection(text.slice(0, at));
  const low = at === text.length - 1 ? 0 : parseSection(text.slice(at + 1));
  return high === undefined || low === undefined || high === 0 ? undefined : high * 10_000 + low;
}

/** Up to four places, falling: `[壹仟][零][贰佰][叁拾][肆]`. */
function parseSection(text: string): number | undefined {
  if (
    !/^零?(?:[壹贰叁肆伍陆柒捌玖]仟)?零?(?:[壹贰叁肆伍陆柒捌玖]佰)?零?(?:[壹贰叁肆伍陆柒捌玖]?拾)?零?[壹贰叁肆伍陆柒捌玖]?零?$/.test(
      text,
    )
  ) {
    return undefined;
  }
  let total = 0;
  let figure: number | undefined;
  for (const character of text) {
    const unit = UNITS[character];
    if (unit !== undefined) {
      total += (figure ?? 1) * unit;
      figure = undefined;
    } else if (character !== '零') {
      figure = FIGURES[character];
    }
  }
  total += figure ?? 0;
  return total === 0 ? undefined : total;
}

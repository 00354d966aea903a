/**
 * The kinds of values that contract data are made of. Every description is the official Chinese term;
 * `x-ocds` is where the value stands in an OCDS release, below `contracts/0` unless it begins with `/`.
 *
 * @see 财办库〔2020〕50号 (contract announcement) and the filing record of the budget system
 * @see Open Contracting Data Standard 1.1.5
 */
import { z } from 'zod';
import { YUAN_PATTERN } from '../amount.js';

/**
 * What must not be in a text that is signed: control characters, lone surrogates, and the invisible
 * or direction-changing characters with which a document can show something other than it says.
 */
export const FORBIDDEN_CHARACTERS =
  /[\p{Cc}\p{Cs}\p{Co}\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/u;

/** Meta of a field: its official term, and its place in an OCDS release where it has one. */
export function term(description: string, ocds?: string): Record<string, string> {
  return { description, ...(ocds === undefined ? {} : { 'x-ocds': ocds }) };
}

/** One line of text, trimmed. */
export function text(name: string, maxLength: number, ocds?: string) {
  return z
    .string()
    .trim()
    .min(1, { error: '不能为空' })
    .max(maxLength, { error: `不能超过 ${maxLength} 个字` })
    .refine((value) => !FORBIDDEN_CHARACTERS.test(value), {
      error: '含有不可见字符或控制字符',
    })
    .meta(term(name, ocds));
}

/** Yuan with two decimals, as a string. */
export function yuan(name: string, ocds?: string) {
  return z
    .string()
    .regex(YUAN_PATTERN, { error: '金额应为两位小数的元，如 1409.50' })
    .meta({ ...term(`${name}（元）`, ocds), examples: ['1409.50'] });
}

/** `YYYY-MM-DD`. */
export function date(name: string, ocds?: string) {
  return z.iso.date({ error: '日期应为 YYYY-MM-DD' }).meta(term(name, ocds));
}

/** More than 0, at most 100. */
export function percent(name: string, ocds?: string) {
  return z
    .number()
    .positive({ error: '比例应大于 0' })
    .max(100, { error: '比例不能超过 100' })
    .meta(term(`${name}（%）`, ocds));
}

export function wholeNumber(name: string, min: number, max: number, ocds?: string) {
  return z
    .int({ error: `${name}应为整数` })
    .min(min, { error: `${name}不能小于 ${min}` })
    .max(max, { error: `${name}不能大于 ${max}` })
    .meta(term(name, ocds));
}

export function choice<const T extends readonly [string, ...string[]]>(
  name: string,
  values: T,
  ocds?: string,
) {
  return z.enum(values).meta(term(name, ocds));
}

export function yesNo(name: string, ocds?: string) {
  return z.boolean().meta(term(name, ocds));
}

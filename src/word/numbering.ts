/** Numbers of paragraphs, counted as a word processor counts them. @see ISO/IEC 29500-1:2016, 17.9 */
import { childOf, elementsOf, isOn, valueOf, type XmlElement } from './xml.js';

interface Level {
  readonly start: number;
  readonly format: string;
  /** `第%1条`: `%n` stands for the number of level n, from 1. */
  readonly text: string;
  readonly suffix: string;
  readonly isLegal: boolean;
}

export type NumberLabel =
  | { readonly text: string; readonly isBullet: boolean }
  /** A format that cannot be set. */
  | { readonly unknownFormat: string };

const LEVELS = 9;

export class Numbering {
  /** Levels of each list. */
  readonly #lists = new Map<string, ReadonlyMap<number, Level>>();
  /** Lists of one definition go on counting together unless one starts anew. */
  readonly #abstractOf = new Map<string, string>();
  readonly #restarts = new Map<string, ReadonlyMap<number, number>>();
  readonly #counts = new Map<string, (number | undefined)[]>();
  readonly #begun = new Set<string>();

  constructor(part: XmlElement | undefined) {
    if (part === undefined) return;
    const abstracts = new Map<string, ReadonlyMap<number, Level>>();
    for (const element of elementsOf(part)) {
      if (element.name === 'w:abstractNum') {
        abstracts.set(element.attributes.get('w:abstractNumId') ?? '', levelsOf(element));
      }
    }
    for (const element of elementsOf(part)) {
      if (element.name !== 'w:num') continue;
      const id = element.attributes.get('w:numId') ?? '';
      const abstractId = valueOf(element, 'w:abstractNumId') ?? '';
      const levels = new Map(abstracts.get(abstractId));
      const restarts = new Map<number, number>();
      for (const override of elementsOf(element)) {
        if (override.name !== 'w:lvlOverride') continue;
        const level = Number(override.attributes.get('w:ilvl') ?? 0);
        for (const [at, own] of levelsOf(override)) levels.set(at, own);
        const start = valueOf(override, 'w:startOverride');
        if (start !== undefined) restarts.set(level, Number(start));
      }
      this.#lists.set(id, levels);
      this.#abstractOf.set(id, abstractId);
      this.#restarts.set(id, restarts);
    }
  }

  /** The next number of `list` at `level`, from 0; `undefined` where there is no such list. */
  next(list: string, level: number): NumberLabel | undefined {
    const levels = this.#lists.get(list);
    const own = levels?.get(level);
    if (levels === undefined || own === undefined) return undefined;
    const counts = this.#countsOf(list);
    const restart = this.#begun.has(`${list}/${level}`)
      ? undefined
      : this.#restarts.get(list)?.get(level);
    this.#begun.add(`${list}/${level}`);
    counts[level] = restart ?? (counts[level] === undefined ? own.start : counts[level] + 1);
    counts.fill(undefined, level + 1);
    if (own.format === 'bullet') return { text: '•　', isBullet: true };
    let unknownFormat: string | undefined;
    const text = own.text.replace(/%([1-9])/g, (_, digit: string) => {
      const at = Number(digit) - 1;
      const shown = levels.get(at);
      const format = own.isLegal ? 'decimal' : (shown?.format ?? 'decimal');
      const set = FORMATS[format];
      if (set === undefined) unknownFormat = format;
      return set?.(counts[at] ?? shown?.start ?? 1) ?? '';
    });
    if (unknownFormat !== undefined) return { unknownFormat };
    const gap = text === '' || own.suffix === 'nothing' ? '' : own.suffix === 'space' ? ' ' : '　';
    return { text: `${text}${gap}`, isBullet: false };
  }

  #countsOf(list: string): (number | undefined)[] {
    const key = this.#abstractOf.get(list) ?? list;
    const counts = this.#counts.get(key) ?? new Array<number | undefined>(LEVELS).fill(undefined);
    this.#counts.set(key, counts);
    return counts;
  }
}

function levelsOf(element: XmlElement): ReadonlyMap<number, Level> {
  const levels = elementsOf(element).filter(({ name }) => name === 'w:lvl');
  return new Map(
    levels.map((level) => [
      Number(level.attributes.get('w:ilvl') ?? 0),
      {
        start: Number(valueOf(level, 'w:start') ?? 1),
        format: valueOf(level, 'w:numFmt') ?? 'decimal',
        text: childOf(level, 'w:lvlText')?.attributes.get('w:val') ?? '',
        suffix: valueOf(level, 'w:suff') ?? 'tab',
        isLegal: isOn(level, 'w:isLgl'),
      },
    ]),
  );
}

const DIGITS = '〇一二三四五六七八九';

/** 1 to 9999 in Chinese: 十二, 一百零三. */
function chineseCounting(value: number): string {
  if (value <= 0 || value > 9999) return String(value);
  const digits = Array.from(String(value), Number);
  let text = '';
  let skipped = false;
  digits.forEach((digit, index) => {
    const place = digits.length - 1 - index;
    if (digit === 0) {
      skipped = true;
      return;
    }
    if (skipped) text += '零';
    skipped = false;
    const isTen = digit === 1 && place === 1 && text === '';
    text += `${isTen ? '' : DIGITS.charAt(digit)}${['', '十', '百', '千'][place] ?? ''}`;
  });
  return text;
}

/** A, B, … Z, AA, BB. */
function letters(value: number): string {
  const letter = String.fromCharCode(97 + ((value - 1) % 26));
  return letter.repeat(Math.ceil(value / 26));
}

const ROMAN = [
  ['m', 1000],
  ['cm', 900],
  ['d', 500],
  ['cd', 400],
  ['c', 100],
  ['xc', 90],
  ['l', 50],
  ['xl', 40],
  ['x', 10],
  ['ix', 9],
  ['v', 5],
  ['iv', 4],
  ['i', 1],
] as const;

function roman(value: number): string {
  let rest = value;
  let text = '';
  for (const [sign, worth] of ROMAN) {
    while (rest >= worth) {
      text += sign;
      rest -= worth;
    }
  }
  return text;
}

const CIRCLED = '①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳';

/** @see ISO/IEC 29500-1:2016, 17.18.59 (ST_NumberFormat) */
const FORMATS: Readonly<Record<string, (value: number) => string | undefined>> = {
  decimal: String,
  decimalZero: (value) => String(value).padStart(2, '0'),
  chineseCounting,
  chineseCountingThousand: chineseCounting,
  taiwaneseCountingThousand: chineseCounting,
  japaneseCounting: chineseCounting,
  ideographDigital: (value) => Array.from(String(value), (each) => DIGITS[Number(each)]).join(''),
  lowerLetter: letters,
  upperLetter: (value) => letters(value).toUpperCase(),
  lowerRoman: roman,
  upperRoman: (value) => roman(value).toUpperCase(),
  decimalEnclosedCircle: (value) => CIRCLED[value - 1] ?? String(value),
  decimalEnclosedCircleChinese: (value) => CIRCLED[value - 1] ?? String(value),
  decimalFullWidth: String,
  none: () => '',
};

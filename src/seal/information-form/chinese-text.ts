/** Oddities of Chinese text that an eye passes over and a comparison does not. */
import { Converter } from 'opencc-js/t2cn';

/** Something odd at a character; positions count from 1. */
export interface TextOddity {
  readonly kind: 'space' | 'invisible' | 'width' | 'lookalike' | 'traditional';
  readonly position: number;
  readonly character: string;
  /** What was probably meant; absent where nothing was. */
  readonly meant?: string;
}

const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\ufe00-\ufe0f\u115f\u3164]/u;
const SPACE = /\p{Zs}/u;
const LETTER = /[A-Za-z\u00c0-\u024f.,'-]/;
/** Radicals and compatibility ideographs: another code for a character that has one. */
const LOOKALIKE = /[\u2e80-\u2fdf\uf900-\ufaff]|[\u{2f800}-\u{2fa1f}]/u;
/** Full-width letters and digits, half-width katakana and hangul. */
const WRONG_WIDTH = /[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff61-\uffdc]/;
/** Radicals that have no compatibility form, and what they look like. */
const RADICALS: Readonly<Record<string, string>> = {
  '⺠': '民',
  '⻓': '长',
  '⻄': '西',
  '⻋': '车',
  '⻅': '见',
  '⻔': '门',
  '⻛': '风',
  '⻢': '马',
  '⻝': '食',
};

/** Every oddity of a text, from left to right. */
export function textOddities(text: string): readonly TextOddity[] {
  const characters = Array.from(text);
  return characters.flatMap((character, index): readonly TextOddity[] => {
    const at = { position: index + 1, character };
    if (INVISIBLE.test(character)) return [{ ...at, kind: 'invisible' }];
    if (SPACE.test(character)) {
      const isBetweenWords =
        character === ' ' &&
        LETTER.test(characters[index - 1] ?? '') &&
        LETTER.test(characters[index + 1] ?? '');
      return isBetweenWords ? [] : [{ ...at, kind: 'space' }];
    }
    if (LOOKALIKE.test(character)) {
      const meant = RADICALS[character] ?? character.normalize('NFKC');
      return [{ ...at, kind: 'lookalike', ...(meant === character ? {} : { meant }) }];
    }
    if (WRONG_WIDTH.test(character)) {
      return [{ ...at, kind: 'width', meant: character.normalize('NFKC') }];
    }
    const meant = simplifiedOf(character);
    return meant === undefined ? [] : [{ ...at, kind: 'traditional', meant }];
  });
}

interface Writing {
  /** Characters of simplified writing. */
  readonly simplified: ReadonlySet<string>;
  readonly simplify: (text: string) => string;
}

let writing: Writing | undefined;

/** What a traditional character is in simplified writing; `undefined` where it is none. */
function simplifiedOf(character: string): string | undefined {
  if (!/\p{Script=Han}/u.test(character)) return undefined;
  // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- its types import without an extension, so that nodenext loses them
  writing ??= { simplified: readGb2312(), simplify: Converter({ from: 't', to: 'cn' }) };
  // 乾, 後 and others live on in simplified writing with one of their meanings.
  if (writing.simplified.has(character)) return undefined;
  const meant = writing.simplify(character);
  return meant === character ? undefined : meant;
}

/** The characters of GB/T 2312, the set of simplified writing: rows 16 to 87. */
function readGb2312(): ReadonlySet<string> {
  const decoder = new TextDecoder('gb18030');
  const rows = Array.from({ length: 72 }, (_, row) => 0xb0 + row);
  const cells = Array.from({ length: 94 }, (_, cell) => 0xa1 + cell);
  return new Set(
    rows.flatMap((row) => cells.map((cell) => decoder.decode(Uint8Array.of(row, cell)))),
  );
}

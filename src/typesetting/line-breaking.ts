/**
 * Chinese line breaking: between any two ideographs, but never before a closing and never after an
 * opening mark (避头尾), never inside a number or a Latin word; a closing full-width mark may stand
 * at the line's end with its empty half beyond the margin.
 *
 * @see GB/T 15834-2011, 5.1 (position of punctuation marks)
 */

/** One line: pieces between which space may be spread, left to right. */
export interface Line {
  readonly pieces: readonly string[];
  /** Natural width in points, without the empty half of a mark at the end. */
  readonly widthPt: number;
  /** The paragraph goes on: such a line may be spread to the full measure. */
  readonly isContinued: boolean;
}

/** Width of a text in points. */
export type Measure = (text: string) => number;

const NOT_AT_START = new Set('，。、；：？！）》」』】〕〉］｝…—～·％‰℃°”’,.;:?!)]}%');
const NOT_AT_END = new Set('（《「『【〔〈［｛“‘￥¥$([{');
/** Marks whose right half is empty in a full-width font. */
const TRIMMABLE = new Set('，。、；：）》」』】〕〉］｝”’');

const WORD = /[\p{Script=Latin}\p{Nd}\p{M}#&+_@/\\.,:'*=~%-]/u;

/**
 * Breaks `text` into lines.
 *
 * @param measurePt - width of a line in points; a first line's indent is taken off it
 * @returns at least one line; a word wider than the measure is broken inside
 */
export function breakLines(
  text: string,
  measure: Measure,
  measurePt: number,
  indentPt = 0,
): readonly Line[] {
  const lines: Line[] = [];
  let pieces: string[] = [];
  let width = 0;
  const available = (): number => measurePt - (lines.length === 0 ? indentPt : 0);
  const endLine = (isContinued: boolean): void => {
    while (pieces.at(-1) === ' ') pieces.pop();
    const line = pieces.join('');
    lines.push({ pieces, widthPt: measure(line) - overhang(line, measure), isContinued });
    pieces = [];
    width = 0;
  };
  const add = (part: readonly string[], partText: string, partWidth: number): void => {
    const closing = overhang(partText, measure);
    if (pieces.length > 0 && width + partWidth - closing > available() + 0.01) endLine(true);
    if (pieces.length === 0 && lines.length > 0 && partText === ' ') return;
    pieces.push(...part);
    width += partWidth;
  };
  for (const unit of unitsOf(text)) {
    const unitText = unit.join('');
    const unitWidth = measure(unitText);
    if (unitWidth <= measurePt) add(unit, unitText, unitWidth);
    // Wider than the whole measure it is cut between characters; nothing else would show it.
    else for (const character of unitText) add([character], character, measure(character));
  }
  endLine(false);
  return lines;
}

/** Width of the widest unit of `text` that a line does not break: a number, a word, a character with its marks. */
export function widestUnit(text: string, measure: Measure): number {
  return Math.max(0, ...unitsOf(text).map((unit) => measure(unit.join(''))));
}

/** Where spread lines end with a mark, its empty half stands beyond the margin. */
function overhang(text: string, measure: Measure): number {
  const last = text.slice(-1);
  return TRIMMABLE.has(last) ? measure(last) / 2 : 0;
}

/** Units that are not broken: opening marks, a character or word, closing marks. */
function unitsOf(text: string): readonly (readonly string[])[] {
  const atoms: string[] = [];
  for (const character of text) {
    const last = atoms.at(-1);
    const joins =
      last !== undefined &&
      ((WORD.test(character) && WORD.test(last.slice(-1))) ||
        (character === '—' && last.endsWith('—')) ||
        (character === '…' && last.endsWith('…')));
    if (joins) atoms[atoms.length - 1] = last + character;
    else atoms.push(character);
  }
  const units: string[][] = [];
  let holdsNext = false;
  for (const atom of atoms) {
    const unit = units.at(-1);
    const joins = unit !== undefined && (holdsNext || NOT_AT_START.has(atom.charAt(0)));
    if (joins) unit.push(atom);
    else units.push([atom]);
    holdsNext = NOT_AT_END.has(atom);
  }
  return units;
}

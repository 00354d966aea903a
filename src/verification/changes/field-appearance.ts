/**
 * Whether what a filled field shows is what its value says. A look that shows something else passes
 * off as signed what nobody filled in.
 *
 * @see Mainka, Mladenov, Rohlmann, "Shadow Attacks", NDSS 2021 (replace)
 */
import { isAppError } from '../../kernel/index.js';
import {
  PdfArray,
  PdfDict,
  PdfName,
  PdfStream,
  PdfString,
  appearancePaints,
  appearanceText,
  decodeText,
  isName,
  readFont,
  readRectangle,
  type FormField,
  type PdfDocument,
  type PdfValue,
} from '../../pdf/index.js';
import { reach } from './reach.js';
import type { StepComparison } from './step-comparison.js';
import { sameValue } from './values.js';

const PASSWORD_FLAG = 1 << 13;
const PUSH_BUTTON_FLAG = 1 << 16;

/** What is wrong with the look of a field filled in by this revision; undefined where nothing is. */
export function appearanceFault(
  step: StepComparison,
  old: FormField,
  field: FormField,
): string | undefined {
  if (field.type === 'Btn') return buttonFault(step, old, field);
  if (field.type !== 'Tx' && field.type !== 'Ch') return 'FT';
  if (field.widgets.some(({ dict }) => isPictured(step.after, dict))) return 'drawing';
  if ((field.flags & PASSWORD_FLAG) !== 0) return undefined;
  return textFault(step, field, wantedTexts(step.after, field));
}

/** The looks of a button are drawn before it is pressed; pressing it chooses one. */
function buttonFault(step: StepComparison, old: FormField, field: FormField): string | undefined {
  if ((field.flags & PUSH_BUTTON_FLAG) !== 0) return 'push button';
  const value = step.after.resolve(field.value);
  const chosen = value instanceof PdfName ? value.value : 'Off';
  for (const [index, { dict }] of field.widgets.entries()) {
    const oldLook = old.widgets[index]?.dict.get('AP');
    if (oldLook !== undefined && !sameValue(oldLook, dict.get('AP'))) return 'AP';
    for (const ref of reach(step.after, dict.get('AP'))) {
      if (step.open.has(ref.num) && step.existedBefore(ref.num)) return 'AP';
    }
    const state = step.after.resolve(dict.get('AS'));
    if (state instanceof PdfName && state.value !== 'Off' && state.value !== chosen) return 'AS';
  }
  return undefined;
}

/** A text is shown by text: pictures and outlines in its place can show anything. */
function isPictured(document: PdfDocument, widget: PdfDict): boolean {
  const rect = readRectangle(document, widget.get('Rect'));
  const look = document.resolveDict(widget.get('AP'))?.get('N');
  if (rect === undefined || look === undefined) return false;
  return appearancePaints(document, look, rect).some(({ kind, rect: area }) => {
    // Backgrounds and borders span the field, dividers one of its sides; what is smaller may be a digit.
    const isWide = area.x2 - area.x1 > 0.8 * (rect.x2 - rect.x1);
    const isHigh = area.y2 - area.y1 > 0.8 * (rect.y2 - rect.y1);
    return kind === 'image' || (kind === 'fill' ? !(isWide && isHigh) : !(isWide || isHigh));
  });
}

/** @param wanted - The texts that the look may show; spaces and line breaks do not count. */
function textFault(
  step: StepComparison,
  field: FormField,
  wanted: readonly string[],
): string | undefined {
  for (const { dict } of field.widgets) {
    const look = step.after.resolveDict(dict.get('AP'))?.get('N');
    const shown = shownBy(step.after, dict);
    const isReadable = shown !== '' && !shown.includes('\ufffd');
    if (isReadable && !wanted.some((text) => bare(text) === shown)) return 'text';
    // A font that came with the filling and whose text cannot be read may show anything.
    if (!isReadable && look !== undefined && hasNewFont(step, look)) return 'font';
    if (hasDrawnFont(step, look) || hasLyingFont(step, look)) return 'font';
  }
  return undefined;
}

function* fontsOf(step: StepComparison, look: PdfValue | undefined): Generator<PdfValue> {
  const stream = step.after.resolve(look);
  if (!(stream instanceof PdfStream)) return;
  const resources = step.after.resolveDict(stream.dict.get('Resources'));
  for (const [, font] of step.after.resolveDict(resources?.get('Font'))?.entries() ?? [])
    yield font;
}

function hasNewFont(step: StepComparison, look: PdfValue): boolean {
  const fonts = [...fontsOf(step, look)];
  return fonts.some((font) => {
    if (step.after.resolveDict(font)?.has('Type') !== true) return true;
    for (const ref of reach(step.after, font)) if (step.added.has(ref.num)) return true;
    return font instanceof PdfDict;
  });
}

/** Type 3 fonts draw each character by a program of their own. */
function hasDrawnFont(step: StepComparison, look: PdfValue | undefined): boolean {
  for (const font of fontsOf(step, look)) {
    const dict = step.after.resolveDict(font);
    if (isName(step.after.resolve(dict?.get('Subtype')), 'Type3')) return true;
  }
  return false;
}

/** A font that names one character by its glyph and another by its map to Unicode, or has only signs. */
function hasLyingFont(step: StepComparison, look: PdfValue | undefined): boolean {
  for (const font of fontsOf(step, look)) {
    const dict = step.after.resolveDict(font);
    const name = step.after.resolve(dict?.get('BaseFont'));
    if (name instanceof PdfName && SIGNS.test(name.value)) return true;
    const encoding = step.after.resolveDict(dict?.get('Encoding'));
    if (dict === undefined || encoding?.has('Differences') !== true) continue;
    const codes = Uint8Array.from({ length: 256 }, (_each, code) => code);
    const mapped = readFont(step.after, dict).decode(codes);
    const named = readFont(step.after, dict.with({ ToUnicode: undefined })).decode(codes);
    const plain = readFont(
      step.after,
      dict.with({ ToUnicode: undefined, Encoding: undefined }),
    ).decode(codes);
    for (const [code, { text }] of named.entries()) {
      const isNamed = text !== '' && text !== plain[code]?.text;
      if (isNamed && bare(text) !== bare(mapped[code]?.text ?? '')) return true;
    }
  }
  return false;
}

const SIGNS = /(?:ZapfDingbats|Symbol|Wingdings\d?|Webdings)$/;

function textValues(document: PdfDocument, field: FormField): readonly string[] {
  const value = document.resolve(field.value);
  return value instanceof PdfString ? [decodeText(value)] : [''];
}

/** A choice shows its display texts: the chosen one, or in a list all of them. */
function choiceTexts(document: PdfDocument, field: FormField): readonly string[] {
  const value = document.resolve(field.value);
  const chosen = (value instanceof PdfArray ? value.items : [value]).flatMap((item) => {
    const text = document.resolve(item);
    return text instanceof PdfString ? [decodeText(text)] : [];
  });
  const options = (document.resolveArray(field.dict.get('Opt'))?.items ?? []).map((item) => {
    const option = document.resolve(item);
    const pair = option instanceof PdfArray ? option.items : [option, option];
    const [key = '', shown = ''] = pair.map((each) => {
      const text = document.resolve(each);
      return text instanceof PdfString ? decodeText(text) : '';
    });
    return { key, shown };
  });
  const displayed = chosen.map((each) => options.find(({ key }) => key === each)?.shown ?? each);
  return [...displayed, displayed.join(''), options.map(({ shown }) => shown).join('')];
}

const bare = (text: string): string => text.normalize('NFKC').replace(/\s+/g, '');

/** What the look of a widget reads as; empty where it cannot be read. */
function shownBy(document: PdfDocument, widget: PdfDict): string {
  const rect = readRectangle(document, widget.get('Rect'));
  if (rect === undefined) return '';
  try {
    const look = document.resolveDict(widget.get('AP'))?.get('N');
    const { placed } = appearanceText(document, look, rect);
    return bare(placed.map(({ text }) => text).join(''));
  } catch (error) {
    if (isAppError(error)) return '';
    throw error;
  }
}

/**
 * Whether the looks of a form say what its values say, where readers have drawn them anew so far: what
 * was seen when it was signed is not what its looks show.
 */
export function hasLooksOfItsValues(document: PdfDocument): boolean {
  return document.fields.every((field) => {
    const isText = field.type === 'Tx' || field.type === 'Ch';
    if (!isText || (field.flags & PASSWORD_FLAG) !== 0) return true;
    const wanted = wantedTexts(document, field).map(bare);
    return field.widgets.every(({ dict }) => {
      if (document.resolveDict(dict.get('AP'))?.has('N') !== true) return true;
      return wanted.includes(shownBy(document, dict)) && !isPictured(document, dict);
    });
  });
}

function wantedTexts(document: PdfDocument, field: FormField): readonly string[] {
  return field.type === 'Tx' ? textValues(document, field) : choiceTexts(document, field);
}

/**
 * Whether what a filled field shows is what its value says. A look that shows something else passes
 * off as signed what nobody filled in.
 *
 * @see Mainka, Mladenov, Rohlmann, "Shadow Attacks", NDSS 2021 (replace)
 */
import {
  PdfDict,
  PdfName,
  PdfStream,
  PdfString,
  decodeText,
  isName,
  readFont,
  readRectangle,
  type FormField,
  type PdfDocument,
  type PdfValue,
} from '../../pdf/index.js';
import { bare, isPictured, readLook } from './field-look.js';
import { wantedTexts } from './field-values.js';
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
  if ((field.flags & PASSWORD_FLAG) !== 0) return passwordFault(step, field);
  return textFault(step, field, wantedTexts(step.after, field));
}

/** A mark that a product draws where there was none yet: in a box no larger than boxes are. */
const LARGEST_BOX_PT = 40;

function isSmall(step: StepComparison, widget: PdfDict): boolean {
  const rect = readRectangle(step.after, widget.get('Rect'));
  if (!widget.has('AP') || rect === undefined) return true;
  return Math.max(rect.x2 - rect.x1, rect.y2 - rect.y1) <= LARGEST_BOX_PT;
}

/** A password is shown by dots, or by nothing. */
function passwordFault(step: StepComparison, field: FormField): string | undefined {
  const isDrawn = field.widgets.some(({ dict }) =>
    isPictured(step.after, field, dict, step.after.resolveDict(dict.get('AP'))?.get('N')),
  );
  return isDrawn ? 'drawing' : undefined;
}

/** The looks of a button are drawn before it is pressed; pressing it chooses one. */
function buttonFault(step: StepComparison, old: FormField, field: FormField): string | undefined {
  if ((field.flags & PUSH_BUTTON_FLAG) !== 0) return 'push button';
  const value = step.after.resolve(field.value);
  const chosen = value instanceof PdfName ? value.value : 'Off';
  for (const [index, { dict }] of field.widgets.entries()) {
    const oldLook = old.widgets[index]?.dict.get('AP');
    if (oldLook === undefined ? !isSmall(step, dict) : !sameValue(oldLook, dict.get('AP'))) {
      return 'AP';
    }
    for (const ref of reach(step.after, dict.get('AP'))) {
      if (step.open.has(ref.num) && step.existedBefore(ref.num)) return 'AP';
    }
    const state = step.after.resolve(dict.get('AS'));
    if (state instanceof PdfName && state.value !== 'Off' && state.value !== chosen) return 'AS';
  }
  return undefined;
}

/** @param wanted - The texts that the looks may show; spaces and line breaks do not count. */
function textFault(
  step: StepComparison,
  field: FormField,
  wanted: readonly string[],
): string | undefined {
  for (const { dict } of field.widgets) {
    // The looks while it is pointed at and pressed are seen, too.
    for (const [, look] of step.after.resolveDict(dict.get('AP'))?.entries() ?? []) {
      const fault = lookFault(step, field, dict, look, wanted);
      if (fault !== undefined) return fault;
    }
  }
  return isRichTextFor(step.after, field, wanted) ? undefined : 'RV';
}

function lookFault(
  step: StepComparison,
  field: FormField,
  widget: PdfDict,
  look: PdfValue,
  wanted: readonly string[],
): string | undefined {
  const shown = readLook(step.after, widget, look);
  if (shown === undefined || shown.isIncomplete || shown.hasAnyUnread) return 'font';
  if (isPictured(step.after, field, widget, look)) return 'drawing';
  if (shown.isUnread) {
    // A font that came with the filling and whose text cannot be read may show anything.
    if (hasNewFont(step, look) || !wanted.some((text) => bare(text).length === shown.codes)) {
      return 'font';
    }
  } else if (shown.text !== '' && !wanted.some((text) => bare(text) === shown.text)) return 'text';
  return hasDrawnFont(step, look) || hasLyingFont(step, look) ? 'font' : undefined;
}

/** The rich text of a field, which readers show in place of its value, says the same. @see ISO 32000-2:2020, 12.7.4.3 */
function isRichTextFor(
  document: PdfDocument,
  field: FormField,
  wanted: readonly string[],
): boolean {
  const rich = document.resolve(field.dict.get('RV'));
  if (rich === null) return true;
  const text =
    rich instanceof PdfString
      ? decodeText(rich)
      : rich instanceof PdfStream
        ? decodeText(new PdfString(rich.data()))
        : '';
  const shown = text
    .replace(/<[^>]*>/g, '')
    .replace(/&#(\d+);/g, (_all, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&#x([0-9a-f]+);/gi, (_all, code: string) => String.fromCodePoint(parseInt(code, 16)))
    .replace(/&(lt|gt|quot|apos|amp);/g, (_all, name: string) => ENTITIES[name] ?? '');
  return wanted.some((each) => bare(each) === bare(shown));
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  amp: '&',
};

function* fontsOf(step: StepComparison, look: PdfValue | undefined): Generator<PdfValue> {
  const stream = step.after.resolve(look);
  if (!(stream instanceof PdfStream)) return;
  const resources = step.after.resolveDict(stream.dict.get('Resources'));
  for (const [, font] of step.after.resolveDict(resources?.get('Font'))?.entries() ?? [])
    yield font;
}

function hasNewFont(step: StepComparison, look: PdfValue): boolean {
  const fonts = [...fontsOf(step, look)];
  // Without a font of its own, which one a reader takes cannot be told.
  if (fonts.length === 0) return true;
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
    if (dict !== undefined && isMappedAway(step.after, dict)) return true;
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

/** Whether letters and digits of a standard encoding are mapped to others. */
function isMappedAway(document: PdfDocument, font: PdfDict): boolean {
  const encoding = document.resolve(font.get('Encoding'));
  const name =
    encoding instanceof PdfDict ? document.resolve(encoding.get('BaseEncoding')) : encoding;
  const isStandard = name instanceof PdfName && STANDARD.includes(name.value);
  const isBuiltIn = document.resolve(font.get('FontDescriptor')) === null;
  const isSimple = !isName(document.resolve(font.get('Subtype')), 'Type0');
  if (!isSimple || !(isStandard || isBuiltIn) || !font.has('ToUnicode')) return false;
  const codes = Uint8Array.from(ALPHANUMERIC, (character) => character.charCodeAt(0));
  const named = readFont(document, font.with({ ToUnicode: undefined })).decode(codes);
  const mapped = readFont(document, font).decode(codes);
  return mapped.some(({ text }, at) => bare(text) !== bare(named[at]?.text ?? ''));
}

const STANDARD: readonly string[] = ['WinAnsiEncoding', 'MacRomanEncoding', 'StandardEncoding'];
const ALPHANUMERIC = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

const SIGNS = /(?:ZapfDingbats|Symbol|Wingdings\d?|Webdings)$/;

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
      const look = document.resolveDict(dict.get('AP'))?.get('N');
      if (look === undefined) return true;
      const shown = readLook(document, dict, look);
      if (shown === undefined || shown.isIncomplete || shown.codes > 0) return false;
      return wanted.includes(shown.text) && !isPictured(document, field, dict, look);
    });
  });
}

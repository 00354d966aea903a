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
  decodeText,
  isName,
  pageText,
  readRectangle,
  type FormField,
  type Page,
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
  const fault = pictureFault(step, field);
  if (fault !== undefined || (field.flags & PASSWORD_FLAG) !== 0) return fault;
  const wanted =
    field.type === 'Tx' ? textValues(step.after, field) : choiceTexts(step.after, field);
  return textFault(step, field, wanted);
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
function pictureFault(step: StepComparison, field: FormField): string | undefined {
  for (const { dict } of field.widgets) {
    const rect = readRectangle(step.after, dict.get('Rect'));
    const look = step.after.resolveDict(dict.get('AP'))?.get('N');
    if (rect === undefined || look === undefined) continue;
    for (const { kind, rect: area } of appearancePaints(step.after, look, rect)) {
      if (kind === 'image') return 'image';
      // Backgrounds and borders span the field; what is smaller may be a drawn digit.
      const isWide = area.x2 - area.x1 > 0.8 * (rect.x2 - rect.x1);
      const isHigh = area.y2 - area.y1 > 0.8 * (rect.y2 - rect.y1);
      if (kind === 'fill' && !(isWide && isHigh)) return 'drawing';
    }
  }
  return undefined;
}

/** @param wanted - The texts that the look may show; spaces and line breaks do not count. */
function textFault(
  step: StepComparison,
  field: FormField,
  wanted: readonly string[],
): string | undefined {
  for (const { dict } of field.widgets) {
    const look = step.after.resolveDict(dict.get('AP'))?.get('N');
    const shown = bare(appearanceText(step.after, look));
    const isReadable = shown !== '' && !shown.includes('\ufffd');
    if (isReadable && !wanted.some((text) => bare(text) === shown)) return 'text';
    // A font that came with the filling and whose text cannot be read may show anything.
    if (!isReadable && look !== undefined && hasNewFont(step, look)) return 'font';
    if (hasDrawnFont(step, look)) return 'font';
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

/** The text an appearance paints; empty where it cannot be read. */
function appearanceText(document: PdfDocument, appearance: PdfValue | undefined): string {
  const stream = document.resolve(appearance);
  if (!(stream instanceof PdfStream)) return '';
  const box = { x1: 0, y1: 0, x2: 0, y2: 0 };
  const page: Page = {
    index: 0,
    ref: undefined,
    listedIn: { node: undefined, at: 0 },
    dict: PdfDict.of({ Contents: stream }),
    mediaBox: box,
    cropBox: box,
    rotate: 0,
    resources: stream.dict.get('Resources') ?? null,
  };
  try {
    return pageText(document, page)
      .map(({ text }) => text)
      .join('');
  } catch (error) {
    if (isAppError(error)) return '';
    throw error;
  }
}

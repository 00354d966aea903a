/** Signature fields that a later revision adds or signs. */
import {
  PdfDict,
  PdfRef,
  PdfString,
  intersection,
  isInteger,
  isName,
  readRectangle,
  type FormField,
} from '../../pdf/index.js';
import { coversSigned } from './covering.js';
import { hidesSigned } from './hiding.js';
import type { OwnerTest, StepComparison } from './step-comparison.js';
import { areLooks, changedKeys, isTypeKept } from './values.js';

/** Entries that signing an empty field changes. */
const SIGNED_KEYS: readonly string[] = [
  'V',
  'AP',
  'AS',
  'M',
  'F',
  'P',
  'Lock',
  'Type',
  'Subtype',
  'Rect',
  'DA',
  'MK',
];
/** Those of them that stay what they were where they were there. */
const SETTLED_KEYS: readonly string[] = ['Rect', 'Lock', 'P', 'Subtype'];

/** Entries of a signature field and its widget that do nothing by themselves: no actions among them. */
const NEW_FIELD_KEYS: readonly string[] = [
  ...SIGNED_KEYS,
  'FT',
  'T',
  'TU',
  'TM',
  'Ff',
  'Q',
  'BS',
  'Border',
  'H',
  'Kids',
  'Parent',
  'NM',
  'SV',
  'Contents',
  'StructParent',
  'Lang',
  // Some products repeat the form's resources here; nothing draws by them.
  'DR',
];

export function compareNewField(step: StepComparison, field: FormField): void {
  const { ref, dict, name } = field;
  const isTopLevel = field.path.length === 1;
  if (field.type !== 'Sig' || ref === undefined || step.existedBefore(ref.num) || !isTopLevel) {
    step.forbid({ what: 'field-added', detail: name });
    return;
  }
  if (step.before.fields.some((each) => each.name === name)) {
    // Of two fields of one name, which was meant cannot be told.
    step.forbid({ what: 'field-replaced', detail: name });
    return;
  }
  const dicts = [dict, ...field.widgets.map((widget) => widget.dict)];
  const unexpected = dicts.flatMap((each) =>
    [...each.keys()].filter((key) => !NEW_FIELD_KEYS.includes(key)),
  );
  if (unexpected.length > 0) {
    step.forbid({ what: 'field-added', detail: `${name}: ${unexpected.join(', ')}` });
    return;
  }
  const isSeen = [field, ...field.widgets].some((each) => isShown(step, each));
  if (isSeen && !isSigned(step, field)) {
    // Shown, but signed by nobody: it can cover what was signed.
    step.forbid({ what: 'unsigned-field-with-appearance', detail: name });
    return;
  }
  explainSigning(step, undefined, field);
}

/** Whether a signature stands behind the field, one that covers this revision; its value is judged by itself. */
function isSigned(step: StepComparison, field: FormField): boolean {
  const signature = step.after.resolveDict(field.value);
  const contents = step.after.resolve(signature?.get('Contents'));
  const range = step.after.resolveArray(signature?.get('ByteRange'))?.items ?? [];
  const [, , start, length] = range.map((item) => Number(step.after.resolve(item)));
  return contents instanceof PdfString && (start ?? 0) + (length ?? 0) > step.before.source.size;
}

/** `/F` bit 2. @see ISO 32000-2:2020, table 167 */
const HIDDEN = 0b10;

/** Whether a widget has a place on its page and anything to show there. */
function isShown(step: StepComparison, { ref, dict }: Pick<FormField, 'ref' | 'dict'>): boolean {
  const flags = step.after.resolve(dict.get('F'));
  const isHidden = isInteger(flags) && (flags & HIDDEN) !== 0;
  if (isHidden || !(dict.has('AP') || isFilled(step, dict))) return false;
  const rect = readRectangle(step.after, dict.get('Rect'));
  if (rect === undefined || rect.x2 <= rect.x1 || rect.y2 <= rect.y1) return false;
  const pageIndex = ref === undefined ? undefined : step.after.pages.indexOfAnnotation(ref);
  // A settled place outside the page stays there.
  const page = pageIndex === undefined ? undefined : step.after.pages.get(pageIndex);
  return page === undefined || intersection(rect, page.cropBox) !== undefined;
}

/** Whether readers would draw a background or a border of their own. */
function isFilled(step: StepComparison, widget: PdfDict): boolean {
  const characteristics = step.after.resolveDict(widget.get('MK'));
  return characteristics?.has('BG') === true || characteristics?.has('BC') === true;
}

export function compareSignedField(
  step: StepComparison,
  old: FormField,
  field: FormField,
  touched: readonly PdfRef[],
): void {
  const detail = field.name;
  if (old.value !== undefined) {
    step.forbid({ what: 'signature-replaced', detail });
    return;
  }
  if (field.value === undefined) {
    step.forbid({ what: 'field-changed', detail });
    return;
  }
  const unexpected = touched.flatMap((ref) => {
    const before = step.before.resolve(ref);
    const now = step.after.resolve(ref);
    if (!(before instanceof PdfDict) || !(now instanceof PdfDict)) return ['type'];
    // A place that was there may not move: only what was nowhere gets one.
    return changedKeys(before, now).filter(
      (key) =>
        !SIGNED_KEYS.includes(key) ||
        (SETTLED_KEYS.includes(key) && before.has(key)) ||
        (key === 'Type' && !isTypeKept(before, now, 'Annot')),
    );
  });
  if (unexpected.length > 0) {
    step.forbid({ what: 'field-changed', detail: `${detail}: ${unexpected.join(', ')}` });
    return;
  }
  for (const ref of touched) {
    const before = step.before.resolveDict(ref);
    const now = step.after.resolveDict(ref);
    const pageIndex = step.after.pages.indexOfAnnotation(ref);
    if (before === undefined || now === undefined || pageIndex === undefined) continue;
    const page = step.before.pages.get(pageIndex);
    // Where a field lies was seen by those who signed before; what it would show was not.
    const isPlaced = !before.has('Rect');
    if (
      hidesSigned(step.before, step.after, page, now, ref) ||
      (isPlaced && coversSigned(step.before, page, now))
    ) {
      step.forbid({ what: 'signature-covers', detail, pageIndex });
    }
  }
  for (const { num } of touched) step.open.delete(num);
  explainSigning(step, old, field);
}

/** A signature field that is new or was empty: its dictionary, appearance and value are the signer's. */
function explainSigning(step: StepComparison, old: FormField | undefined, field: FormField): void {
  if (field.value instanceof PdfRef && step.existedBefore(field.value.num)) {
    // A signature that was there, shown once more where its signer never put it.
    step.forbid({ what: 'signature-borrowed', detail: field.name });
    return;
  }
  if (field.ref !== undefined) {
    step.open.delete(field.ref.num);
    step.newWidgets.add(field.ref.num);
  }
  for (const [index, { ref, dict }] of field.widgets.entries()) {
    if (ref !== undefined) {
      if (!step.existedBefore(ref.num)) step.open.delete(ref.num);
      step.newWidgets.add(ref.num);
    }
    for (const key of ['MK', 'BS', 'Border']) step.closeOver(dict.get(key), undefined);
    const isOwner: OwnerTest = ({ from, topKey }) => from === ref?.num && topKey === 'AP';
    step.closeOver(dict.get('AP'), old?.widgets[index]?.dict.get('AP'), areLooks, isOwner);
  }
  step.closeOver(field.value, undefined);
  for (const key of ['Kids', 'Lock', 'SV', 'DR']) step.closeOver(field.dict.get(key), undefined);
  const signature = step.after.resolveDict(field.value);
  const isTimestamp = isName(step.after.resolve(signature?.get('SubFilter')), 'ETSI.RFC3161');
  if (isTimestamp && field.widgets.some((each) => isShown(step, each))) {
    // Anybody gets a time-stamp: with a look, anybody could write on what others signed.
    step.forbid({ what: 'timestamp-shown', detail: field.name, ...placeOf(step, field) });
    return;
  }
  step.permit({
    kind:
      signature === undefined
        ? 'signature-field'
        : isTimestamp
          ? 'document-timestamp'
          : 'signature',
    field: field.name,
    ...placeOf(step, field),
  });
}

function placeOf(step: StepComparison, field: FormField): { readonly pageIndex?: number } {
  const [widget] = field.widgets;
  const pageIndex =
    widget?.ref === undefined ? undefined : step.after.pages.indexOfAnnotation(widget.ref);
  return pageIndex === undefined ? {} : { pageIndex };
}

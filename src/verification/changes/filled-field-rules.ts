/** Filling in a form field: its value and its look change together, and say the same. */
import { PdfDict, type FormField, type PdfRef } from '../../pdf/index.js';
import { changesVisibility } from './covering.js';
import { appearanceFault } from './field-appearance.js';
import { hidesMore } from './hiding.js';
import type { OwnerTest, StepComparison } from './step-comparison.js';
import { areLooks, changedKeys, sameValue } from './values.js';

/** Entries of a field that filling it changes. */
const FILLED_KEYS: readonly string[] = ['V', 'AP', 'AS', 'I', 'M', 'F', 'P', 'RV'];

export function compareFilledField(
  step: StepComparison,
  old: FormField,
  field: FormField,
  touched: readonly PdfRef[],
): void {
  const detail = field.name;
  const unexpected = unexpectedKeys(step, touched);
  if (unexpected.length > 0) {
    step.forbid({ what: 'field-changed', detail: `${detail}: ${unexpected.join(', ')}` });
    return;
  }
  if (sameValue(step.before.resolve(old.value), step.after.resolve(field.value))) {
    // A new look without a new value: what is shown is not what was filled in.
    step.forbid({ what: 'field-appearance', detail });
    return;
  }
  const isVisibilityChanged = touched.some((ref) => {
    const before = step.before.resolveDict(ref);
    const now = step.after.resolveDict(ref);
    return before !== undefined && now !== undefined && changesVisibility(before, now);
  });
  if (isVisibilityChanged) {
    step.forbid({ what: 'field-visibility', detail });
    return;
  }
  if (field.widgets.some(({ ref }) => ref !== undefined && hidesWhatItDidNot(step, ref))) {
    step.forbid({ what: 'field-covers', detail });
    return;
  }
  const fault = appearanceFault(step, old, field);
  if (fault !== undefined) {
    step.forbid({ what: 'field-appearance', detail: `${detail}: ${fault}` });
    return;
  }
  for (const { num } of touched) step.open.delete(num);
  for (const [index, { dict, ref }] of field.widgets.entries()) {
    const isOwner: OwnerTest = ({ from, topKey }) => from === ref?.num && topKey === 'AP';
    step.closeOver(dict.get('AP'), old.widgets[index]?.dict.get('AP'), areLooks, isOwner);
  }
  step.closeOver(
    field.value,
    old.value,
    () => true,
    ({ from, topKey }) => from === field.ref?.num && topKey === 'V',
  );
  const [widget] = field.widgets;
  const pageIndex =
    widget?.ref === undefined ? undefined : step.after.pages.indexOfAnnotation(widget.ref);
  step.permit({
    kind: 'form-filling',
    field: field.name,
    ...(pageIndex === undefined ? {} : { pageIndex }),
  });
}

/** Whether a widget lies on signed text that was seen through it before. */
function hidesWhatItDidNot(step: StepComparison, ref: PdfRef): boolean {
  const old = step.before.resolveDict(ref);
  const now = step.after.resolveDict(ref);
  const pageIndex = step.before.pages.indexOfAnnotation(ref);
  if (old === undefined || now === undefined || pageIndex === undefined) return false;
  return hidesMore(step.before, step.after, step.before.pages.get(pageIndex), [old, now], ref);
}

function unexpectedKeys(step: StepComparison, touched: readonly PdfRef[]): readonly string[] {
  return touched.flatMap((ref) => {
    const old = step.before.resolve(ref);
    const now = step.after.resolve(ref);
    if (!(old instanceof PdfDict) || !(now instanceof PdfDict)) return ['type'];
    // A place is given when the form is made, and was signed.
    return changedKeys(old, now).filter(
      (key) => !FILLED_KEYS.includes(key) || (key === 'P' && old.has(key)),
    );
  });
}

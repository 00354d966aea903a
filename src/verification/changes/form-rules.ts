/** What a later revision may change in the interactive form as a whole: its list of fields grows. */
import {
  PdfDict,
  PdfRef,
  isInteger,
  type FormField,
  type PdfDocument,
  type PdfValue,
} from '../../pdf/index.js';
import { ownedBy } from './catalog-rules.js';
import { compareFilledField } from './filled-field-rules.js';
import { reach, type Referrer } from './reach.js';
import { compareNewField, compareSignedField } from './signature-field-rules.js';
import type { OwnerTest, StepComparison } from './step-comparison.js';
import { changedKeys, sameValue } from './values.js';

export function compareFields(step: StepComparison): void {
  const oldValue = step.before.catalog.get('AcroForm');
  const value = step.after.catalog.get('AcroForm');
  const oldForm = step.before.resolveDict(oldValue);
  const form = step.after.resolveDict(value);
  if (oldForm !== undefined && form === undefined) {
    step.forbid({ what: 'form-removed' });
    return;
  }
  if (form === undefined) return;
  compareEntries(step, oldForm, form);
  const isForm = ownedBy(step, 'AcroForm');
  if (oldForm === undefined || sameValue(value, oldValue)) step.explain(value, isForm);
  const formNum = oldValue instanceof PdfRef ? oldValue.num : -1;
  compareFieldLists(step, oldForm, form, (each) => each.from === formNum || isForm(each));
  for (const field of step.after.fields) compareField(step, field);
  const present = new Set(step.after.fields.map(({ ref }) => ref?.num));
  for (const [num, { name }] of step.fieldsBefore) {
    if (!present.has(num)) step.forbid({ what: 'field-removed', detail: name });
  }
}

function compareEntries(step: StepComparison, old: PdfDict | undefined, now: PdfDict): void {
  if (old === undefined) {
    for (const key of ['XFA', 'NeedAppearances']) {
      if (now.has(key)) step.forbid({ what: 'form-entry', detail: key });
    }
    return;
  }
  for (const key of changedKeys(old, now)) {
    if (!isEntryPermitted(step, key, old, now)) step.forbid({ what: 'form-entry', detail: key });
  }
  step.closeOver(now.get('DR'), old.get('DR'));
}

function isEntryPermitted(step: StepComparison, key: string, old: PdfDict, now: PdfDict): boolean {
  switch (key) {
    case 'Fields':
      return true;
    case 'SigFlags': {
      const flags = (document: PdfDocument, dict: PdfDict): number => {
        const value = document.resolve(dict.get('SigFlags'));
        return isInteger(value) ? value : 0;
      };
      // A flag taken back would have readers forget that there are signatures.
      const had = flags(step.before, old);
      return (flags(step.after, now) & had) === had;
    }
    case 'DA':
      return !old.has('DA');
    case 'DR':
      return onlyGrows(step, old.get('DR'), now.get('DR'));
    case 'NeedAppearances':
      // Signing products take it away, so that nothing is drawn anew; adding it is another matter.
      return step.after.resolve(now.get(key)) !== true;
    default:
      return false;
  }
}

/** Whether resources only gained names: what was there is what it was. */
function onlyGrows(
  step: StepComparison,
  oldValue: PdfValue | undefined,
  newValue: PdfValue | undefined,
): boolean {
  const old = step.before.resolve(oldValue);
  const now = step.after.resolve(newValue);
  if (old === null) return true;
  if (!(old instanceof PdfDict) || !(now instanceof PdfDict)) return sameValue(old, now);
  return [...old.entries()].every(([key, value]) => {
    if (sameValue(value, now.get(key))) return true;
    return (
      step.before.resolve(value) instanceof PdfDict &&
      step.after.resolve(now.get(key)) instanceof PdfDict &&
      onlyGrows(step, value, now.get(key))
    );
  });
}

/** `/Fields` may only grow at its end. */
function compareFieldLists(
  step: StepComparison,
  oldForm: PdfDict | undefined,
  form: PdfDict,
  isOwner: OwnerTest,
): void {
  const oldList = step.before.resolveArray(oldForm?.get('Fields'))?.items ?? [];
  const list = form.get('Fields');
  const newList = step.after.resolveArray(list)?.items ?? [];
  if (!oldList.every((item, index) => sameValue(item, newList[index]))) {
    step.forbid({ what: 'field-list-reordered' });
  }
  const isNew = list instanceof PdfRef && !step.existedBefore(list.num);
  if (isNew || sameValue(list, oldForm?.get('Fields'))) step.explain(list, isOwner);
}

function compareField(step: StepComparison, field: FormField): void {
  const { ref } = field;
  const old = ref === undefined ? undefined : step.fieldsBefore.get(ref.num);
  if (old === undefined) {
    // A field that stands directly in the list is compared with the list.
    const isSame = step.before.fields.some(
      (each) =>
        each.ref === undefined && each.name === field.name && sameValue(each.dict, field.dict),
    );
    if (ref !== undefined || !isSame) compareNewField(step, field);
    return;
  }
  if (old.name !== field.name || old.type !== field.type) {
    step.forbid({ what: 'field-replaced', detail: old.name });
    return;
  }
  const own = [ref, ...field.widgets.map((widget) => widget.ref)];
  const byNumber = new Map(own.flatMap((each) => (each === undefined ? [] : [[each.num, each]])));
  const touched = [...byNumber.values()].filter(({ num }) => step.open.has(num));
  const isValueTouched = field.value instanceof PdfRef && step.open.has(field.value.num);
  if (touched.length === 0 && !isValueTouched && !hasOpenAppearance(step, field)) return;
  const shared = touched.filter(({ num }) => !step.isOnlySeenBy(num, isFieldPlace(step)));
  if (shared.length > 0) {
    step.forbid({ what: 'object-shared', detail: field.name, objectNumber: shared[0]?.num ?? 0 });
  } else if (field.type === 'Sig') compareSignedField(step, old, field, touched);
  else compareFilledField(step, old, field, touched);
}

/** Keys under which fields and widgets are referred to. */
const FIELD_KEYS: readonly string[] = ['Fields', 'Kids', 'Annots', 'Parent', 'Obj', 'CO', 'T', 'A'];

/** Whether a place refers to a field as a field; one that shows it in another role does not. */
function isFieldPlace(step: StepComparison): OwnerTest {
  const isNamed = ({ key }: Referrer): boolean => FIELD_KEYS.includes(key);
  return (each) =>
    isNamed(each) || (each.key === '' && step.isOnlySeenBy(each.from, (outer) => isNamed(outer)));
}

function hasOpenAppearance(step: StepComparison, field: FormField): boolean {
  return field.widgets.some(({ dict }) => {
    for (const ref of reach(step.after, dict.get('AP'))) if (step.open.has(ref.num)) return true;
    return false;
  });
}

/** What a later revision may change in the interactive form as a whole: its list of fields grows. */
import { bytesToLatin1 } from '../../kernel/index.js';
import {
  PdfDict,
  PdfRef,
  PdfStream,
  PdfString,
  isInteger,
  isName,
  type FormField,
  type PdfDocument,
  type PdfValue,
} from '../../pdf/index.js';
import { ownedBy } from './catalog-rules.js';
import { hasLooksOfItsValues } from './field-appearance.js';
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
      return !old.has('DA') && !isStillDrawnAnew(step, old, now);
    case 'DR':
      // A font that readers draw fields by decides what they show.
      if (isStillDrawnAnew(step, old, now) || bringsFontOfField(step, old, now)) return false;
      return onlyGrows(step, old.get('DR'), now.get('DR'), (name, value) =>
        isLayerOfSignature(step, old, name, value),
      );
    case 'NeedAppearances':
      // Signing products take it away, so that nothing is drawn anew; adding it is another matter.
      return step.after.resolve(now.get(key)) !== true && hasLooksOfItsValues(step.before);
    default:
      return false;
  }
}

/** Whether readers draw the fields by the form's entries, before and after. */
function isStillDrawnAnew(step: StepComparison, old: PdfDict, now: PdfDict): boolean {
  return (
    step.before.resolve(old.get('NeedAppearances')) === true &&
    step.after.resolve(now.get('NeedAppearances')) === true
  );
}

/**
 * Whether the form gains a font by which a field without a look is drawn, and that was not there when it
 * was signed.
 */
function bringsFontOfField(step: StepComparison, old: PdfDict, now: PdfDict): boolean {
  const fontsOf = (document: PdfDocument, form: PdfDict): PdfDict | undefined =>
    document.resolveDict(document.resolveDict(form.get('DR'))?.get('Font'));
  const had = fontsOf(step.before, old);
  const added = [...(fontsOf(step.after, now)?.keys() ?? [])].filter(
    (name) => had?.has(name) !== true,
  );
  if (added.length === 0) return false;
  const drawn = step.before.fields.flatMap(({ dict, widgets }) =>
    widgets
      .filter((widget) => step.before.resolveDict(widget.dict.get('AP'))?.has('N') !== true)
      .map((widget) => widget.dict.get('DA') ?? dict.get('DA') ?? old.get('DA')),
  );
  return drawn.some((value) => {
    const look = step.before.resolve(value);
    const text = look instanceof PdfString ? bytesToLatin1(look.bytes) : '';
    return added.some((name) => text.includes(`/${name} `));
  });
}

/**
 * Whether a resource of the form is the look of a signature, which Acrobat's scheme of layers names
 * `/FRM`, and shown by nothing but signatures. Each signing by some products names its own look so
 * and leaves those before as they were.
 *
 * @see Adobe, Digital Signature Appearances, 2 (layers)
 */
function isLayerOfSignature(
  step: StepComparison,
  form: PdfDict,
  name: string,
  value: PdfValue,
): boolean {
  if (name !== 'FRM' || !(value instanceof PdfRef) || step.open.has(value.num)) return false;
  const resources = form.get('DR');
  const formRef = step.before.catalog.get('AcroForm');
  const holders = new Set<number>();
  // The dictionaries of resources, where these are objects of their own.
  const xobjects = step.before.resolveDict(resources)?.get('XObject');
  for (const each of [resources, xobjects]) if (each instanceof PdfRef) holders.add(each.num);
  const isForm = ownedBy(step, 'AcroForm');
  const isHeldByForm: OwnerTest = (each) =>
    each.key === name &&
    (isForm(each) ||
      (formRef instanceof PdfRef && each.from === formRef.num && each.topKey === 'DR'));
  const looks = new Set<number>();
  for (const field of step.before.fields) {
    if (field.type !== 'Sig') continue;
    // Some products name the look in resources of the field, too.
    if (field.ref !== undefined) looks.add(field.ref.num);
    for (const { dict } of field.widgets) {
      for (const ref of reach(step.before, dict.get('AP'))) looks.add(ref.num);
    }
  }
  return step.isOnlySeenBy(
    value.num,
    (each) => isHeldByForm(each) || holders.has(each.from) || looks.has(each.from),
  );
}

/** Whether resources only gained names: what was there is what it was, or `mayChange` lets it go. */
function onlyGrows(
  step: StepComparison,
  oldValue: PdfValue | undefined,
  newValue: PdfValue | undefined,
  mayChange: (name: string, value: PdfValue) => boolean,
): boolean {
  const old = step.before.resolve(oldValue);
  const now = step.after.resolve(newValue);
  if (old === null) return true;
  if (!(old instanceof PdfDict) || !(now instanceof PdfDict)) return sameValue(old, now);
  return [...old.entries()].every(([key, value]) => {
    if (sameValue(value, now.get(key))) return true;
    if (mayChange(key, value)) return isNewForm(step, now.get(key));
    return (
      step.before.resolve(value) instanceof PdfDict &&
      step.after.resolve(now.get(key)) instanceof PdfDict &&
      onlyGrows(step, value, now.get(key), mayChange)
    );
  });
}

/** Whether a name now leads to a form XObject that was not there before. */
function isNewForm(step: StepComparison, value: PdfValue | undefined): boolean {
  if (!(value instanceof PdfRef) || step.existedBefore(value.num)) return false;
  const now = step.after.resolve(value);
  return now instanceof PdfStream && isName(now.dict.get('Subtype'), 'Form');
}

/** `/Fields` may only grow: their order in the list is shown nowhere. @see ISO 32000-2:2020, table 224 */
function compareFieldLists(
  step: StepComparison,
  oldForm: PdfDict | undefined,
  form: PdfDict,
  isOwner: OwnerTest,
): void {
  const oldList = step.before.resolveArray(oldForm?.get('Fields'))?.items ?? [];
  const list = form.get('Fields');
  const newList = step.after.resolveArray(list)?.items ?? [];
  const places = new Map<number, number>();
  for (const item of newList) {
    if (item instanceof PdfRef) places.set(item.num, (places.get(item.num) ?? 0) + 1);
  }
  const isKept = oldList.every(
    (item, index) =>
      sameValue(item, newList[index]) ||
      // Read twice, a field would be two to some readers.
      (item instanceof PdfRef && places.get(item.num) === 1),
  );
  if (!isKept) step.forbid({ what: 'field-list-changed' });
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

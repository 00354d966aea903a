/**
 * Compares a document with the one that one more revision makes of it. Rejects by default: every
 * object that the revision defines must be explained by a rule below, on the path by which it is
 * reached; whatever is left unexplained is forbidden.
 *
 * @see ISO 32000-2:2020, 12.8.2.2.2, table 257 (what DocMDP permits)
 */
import {
  PdfArray,
  PdfDict,
  PdfRef,
  PdfStream,
  changedObjects,
  isName,
  type FormField,
  type PdfDocument,
  type PdfValue,
} from '../../pdf/index.js';
import { annotationFault, changesVisibility, coversSigned, showsAnotherText } from './covering.js';
import type { ForbiddenChange, PermissibleChange, StepChanges } from './step.js';
import { changedKeys, referencesIn, sameValue } from './values.js';

/** Catalog entries with a rule of their own. */
const CATALOG_RULES: readonly string[] = [
  'AcroForm',
  'DSS',
  'Extensions',
  'Metadata',
  'Perms',
  'Type',
];
const FORM_RULES: readonly string[] = ['Fields', 'SigFlags'];
/** Entries of a field that filling it changes. */
const FILLED_KEYS: readonly string[] = ['V', 'AP', 'AS', 'I', 'M', 'Rect', 'F', 'P'];
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

/** @throws AppError as reading the documents does */
export function compareStep(
  before: PdfDocument,
  after: PdfDocument,
  revisionIndex: number,
): StepChanges {
  return new StepComparison(before, after, revisionIndex).run();
}

class StepComparison {
  readonly #before: PdfDocument;
  readonly #after: PdfDocument;
  readonly #revisionIndex: number;
  /** Objects that the revision defines and no rule has explained yet. */
  readonly #open: Set<number>;
  /** Objects that the revision defines and that were not there before. */
  readonly #added: ReadonlySet<number>;
  readonly #permissible: PermissibleChange[] = [];
  readonly #forbidden: ForbiddenChange[] = [];
  readonly #fieldsBefore: ReadonlyMap<number, FormField>;
  /** Widgets that belong to signature fields which this revision added or signed. */
  readonly #newWidgets = new Set<number>();

  constructor(before: PdfDocument, after: PdfDocument, revisionIndex: number) {
    this.#before = before;
    this.#after = after;
    this.#revisionIndex = revisionIndex;
    // By both states and not by the revision's own table: an object stream written anew changes
    // objects that no entry of the revision names.
    this.#open = new Set([...changedObjects(before, after)].map(({ num }) => num));
    this.#added = new Set([...this.#open].filter((num) => !this.#existedBefore(num)));
    this.#fieldsBefore = new Map(
      before.fields.flatMap((field) => (field.ref === undefined ? [] : [[field.ref.num, field]])),
    );
  }

  run(): StepChanges {
    this.#dropUnchanged();
    this.#compareTrailer();
    this.#compareCatalog();
    this.#compareFields();
    this.#comparePages();
    this.#explainRest();
    return {
      revisionIndex: this.#revisionIndex,
      permissible: this.#permissible,
      forbidden: this.#forbidden,
    };
  }

  #existedBefore(num: number): boolean {
    const entry = this.#before.lookup(num);
    return entry !== undefined && entry.kind !== 'free';
  }

  #forbid(change: ForbiddenChange): void {
    this.#forbidden.push(change);
  }

  /** Objects written again as they were. */
  #dropUnchanged(): void {
    for (const num of [...this.#open]) {
      if (!this.#existedBefore(num)) continue;
      const old = this.#before.getObject(num);
      const now = this.#after.getObject(num);
      if (old === undefined && now === undefined) this.#open.delete(num);
      if (old === undefined || now === undefined) continue;
      if (old.gen === now.gen && sameValue(old.value, now.value)) this.#open.delete(num);
    }
  }

  #compareTrailer(): void {
    const { trailer: old } = this.#before;
    const { trailer: now } = this.#after;
    if (!sameValue(old.get('Root'), now.get('Root'))) this.#forbid({ what: 'catalog-replaced' });
    if (!sameValue(old.get('Encrypt'), now.get('Encrypt'))) {
      this.#forbid({ what: 'encryption-changed' });
    }
    const permanentId = (document: PdfDocument): PdfValue | undefined =>
      document.resolveArray(document.trailer.get('ID'))?.items[0];
    const oldId = permanentId(this.#before);
    const newId = permanentId(this.#after);
    if (oldId !== undefined && newId !== undefined && !sameValue(oldId, newId)) {
      this.#forbid({ what: 'file-identifier-changed' });
    }
    const info = now.get('Info');
    if (info instanceof PdfRef && this.#open.has(info.num)) {
      // The information dictionary is not shown on any page, unless something else refers to it.
      const oldInfo = old.get('Info');
      if (!this.#existedBefore(info.num) || info.equals(oldInfo)) {
        this.#open.delete(info.num);
        this.#permissible.push({ kind: 'metadata' });
      }
    }
  }

  #compareCatalog(): void {
    const old = this.#before.catalog;
    const now = this.#after.catalog;
    for (const key of changedKeys(old, now)) {
      if (!CATALOG_RULES.includes(key) || (key === 'Perms' && old.has('Perms'))) {
        this.#forbid({ what: 'catalog-entry', detail: key });
      }
    }
    const { catalogRef } = this.#after;
    if (catalogRef.equals(this.#before.catalogRef)) this.#open.delete(catalogRef.num);
    if (changedKeys(old, now).includes('Perms')) {
      // A certification has to be the first signature; one that comes later grants nothing.
      this.#forbid({ what: 'permissions-added' });
    }
    this.#compareMetadata(old, now);
    this.#compareValidationData(old, now);
    this.#closeOver(now.get('Extensions'), old.get('Extensions'));
  }

  #compareMetadata(old: PdfDict, now: PdfDict): void {
    const ref = now.get('Metadata');
    if (!(ref instanceof PdfRef) || !this.#open.has(ref.num)) return;
    const stream = this.#after.resolve(ref);
    if (stream instanceof PdfStream && isName(stream.dict.get('Type'), 'Metadata')) {
      const oldStream = this.#before.resolve(old.get('Metadata'));
      if (this.#existedBefore(ref.num) && !(oldStream instanceof PdfStream)) return;
      this.#open.delete(ref.num);
      this.#permissible.push({ kind: 'metadata' });
    }
  }

  #compareValidationData(old: PdfDict, now: PdfDict): void {
    const oldDss = this.#before.resolveDict(old.get('DSS'));
    const newDss = this.#after.resolveDict(now.get('DSS'));
    if (oldDss !== undefined && newDss === undefined) {
      this.#forbid({ what: 'validation-data-removed' });
      return;
    }
    if (newDss === undefined) return;
    for (const key of ['Certs', 'OCSPs', 'CRLs']) {
      const had = this.#before.resolveArray(oldDss?.get(key))?.items ?? [];
      const has = this.#after.resolveArray(newDss.get(key))?.items ?? [];
      if (!had.every((item) => has.some((other) => sameValue(item, other)))) {
        this.#forbid({ what: 'validation-data-removed', detail: key });
      }
    }
    const explained = this.#closeOver(now.get('DSS'), old.get('DSS'), isValidationObject);
    if (explained > 0) this.#permissible.push({ kind: 'validation-data' });
  }

  /**
   * Explains objects reached from `value`: new ones, and with `mayChange` also old ones that were
   * reached from `oldValue` and still are of the same nature. Returns how many were explained.
   */
  #closeOver(
    value: PdfValue | undefined,
    oldValue: PdfValue | undefined,
    mayChange: (old: PdfValue, now: PdfValue) => boolean = () => false,
  ): number {
    const reachedBefore = new Set<number>();
    for (const ref of reach(this.#before, oldValue)) reachedBefore.add(ref.num);
    let explained = 0;
    for (const ref of reach(this.#after, value, (num) => !this.#isShared(num, reachedBefore))) {
      if (!this.#open.has(ref.num)) continue;
      const isNew = !this.#existedBefore(ref.num);
      const isChanged =
        reachedBefore.has(ref.num) &&
        mayChange(this.#before.resolve(ref), this.#after.resolve(ref));
      if (!isNew && !isChanged) continue;
      this.#open.delete(ref.num);
      explained++;
    }
    return explained;
  }

  /** An object of the document before that the closure only refers to (a page, a parent, a font). */
  #isShared(num: number, reachedBefore: ReadonlySet<number>): boolean {
    return this.#existedBefore(num) && !reachedBefore.has(num);
  }

  #compareFields(): void {
    const oldForm = this.#before.resolveDict(this.#before.catalog.get('AcroForm'));
    const formValue = this.#after.catalog.get('AcroForm');
    const newForm = this.#after.resolveDict(formValue);
    if (oldForm !== undefined && newForm === undefined) {
      this.#forbid({ what: 'form-removed' });
      return;
    }
    if (newForm === undefined) return;
    for (const key of oldForm === undefined ? [] : changedKeys(oldForm, newForm)) {
      const isAdded = oldForm?.has(key) === false && (key === 'DR' || key === 'DA');
      if (!FORM_RULES.includes(key) && !isAdded) this.#forbid({ what: 'form-entry', detail: key });
    }
    if (newForm.has('XFA') && oldForm?.has('XFA') !== true)
      this.#forbid({ what: 'form-entry', detail: 'XFA' });
    if (formValue instanceof PdfRef)
      this.#explainFormObject(formValue, oldForm, this.#before.catalog.get('AcroForm'));
    this.#compareFieldLists(oldForm, newForm);
    for (const field of this.#after.fields) this.#compareField(field);
    const names = new Set(this.#after.fields.map((field) => field.ref?.num));
    for (const field of this.#fieldsBefore.values()) {
      if (!names.has(field.ref?.num)) {
        this.#forbid({ what: 'field-removed', detail: field.name });
      }
    }
  }

  #explainFormObject(
    ref: PdfRef,
    oldForm: PdfDict | undefined,
    oldValue: PdfValue | undefined,
  ): void {
    if (oldForm === undefined ? !this.#existedBefore(ref.num) : ref.equals(oldValue)) {
      this.#open.delete(ref.num);
    }
  }

  /** `/Fields` may only grow at its end, by signature fields. */
  #compareFieldLists(oldForm: PdfDict | undefined, newForm: PdfDict): void {
    const oldList = this.#before.resolveArray(oldForm?.get('Fields'))?.items ?? [];
    const list = newForm.get('Fields');
    const newList = this.#after.resolveArray(list)?.items ?? [];
    if (!oldList.every((item, index) => sameValue(item, newList[index]))) {
      this.#forbid({ what: 'field-list-reordered' });
    }
    if (
      list instanceof PdfRef &&
      (list.equals(oldForm?.get('Fields')) || !this.#existedBefore(list.num))
    ) {
      this.#open.delete(list.num);
    }
  }

  #compareField(field: FormField): void {
    const { ref } = field;
    const old = ref === undefined ? undefined : this.#fieldsBefore.get(ref.num);
    if (old === undefined) {
      this.#compareNewField(field);
      return;
    }
    if (old.name !== field.name || old.type !== field.type) {
      this.#forbid({ what: 'field-replaced', detail: old.name });
      return;
    }
    const own = [ref, ...field.widgets.map((widget) => widget.ref)];
    const byNumber = new Map(own.flatMap((each) => (each === undefined ? [] : [[each.num, each]])));
    const touched = [...byNumber.values()].filter(({ num }) => this.#open.has(num));
    const valueTouched = field.value instanceof PdfRef && this.#open.has(field.value.num);
    if (touched.length === 0 && !valueTouched && !this.#hasOpenAppearance(field)) return;
    if (field.type === 'Sig') this.#compareSignedField(old, field, touched);
    else this.#compareFilledField(old, field, touched);
  }

  #hasOpenAppearance(field: FormField): boolean {
    return field.widgets.some(({ dict }) => {
      for (const ref of reach(this.#after, dict.get('AP')))
        if (this.#open.has(ref.num)) return true;
      return false;
    });
  }

  #compareNewField(field: FormField): void {
    const { ref, dict } = field;
    if (field.type !== 'Sig' || ref === undefined || this.#existedBefore(ref.num)) {
      this.#forbid({ what: 'field-added', detail: field.name });
      return;
    }
    if (field.value === undefined && dict.has('AP')) {
      // Shown, but signed by nobody: it can cover what was signed.
      this.#forbid({ what: 'unsigned-field-with-appearance', detail: field.name });
      return;
    }
    if (field.path.length > 1) {
      this.#forbid({ what: 'field-added', detail: field.name });
      return;
    }
    this.#explainSigning(field);
  }

  #compareSignedField(old: FormField, field: FormField, touched: readonly PdfRef[]): void {
    if (old.value !== undefined) {
      this.#forbid({ what: 'signature-replaced', detail: field.name });
      return;
    }
    if (field.value === undefined) {
      this.#forbid({ what: 'field-changed', detail: field.name });
      return;
    }
    const unexpected = this.#unexpectedKeys(touched, SIGNED_KEYS);
    if (unexpected.length > 0) {
      this.#forbid({ what: 'field-changed', detail: `${field.name}: ${unexpected.join(', ')}` });
      return;
    }
    for (const ref of touched) this.#open.delete(ref.num);
    this.#explainSigning(field);
  }

  #compareFilledField(old: FormField, field: FormField, touched: readonly PdfRef[]): void {
    const unexpected = this.#unexpectedKeys(touched, FILLED_KEYS);
    if (unexpected.length > 0) {
      this.#forbid({ what: 'field-changed', detail: `${field.name}: ${unexpected.join(', ')}` });
      return;
    }
    if (sameValue(this.#before.resolve(old.value), this.#after.resolve(field.value))) {
      // A new look without a new value: what is shown is not what was filled in.
      this.#forbid({ what: 'field-appearance', detail: field.name });
      return;
    }
    if (this.#isVisibilityChanged(touched)) {
      this.#forbid({ what: 'field-visibility', detail: field.name });
      return;
    }
    if (showsAnotherText(this.#after, field)) {
      this.#forbid({ what: 'field-appearance', detail: field.name });
      return;
    }
    for (const ref of touched) this.#open.delete(ref.num);
    for (const [index, widget] of field.widgets.entries()) {
      const oldAppearance = old.widgets[index]?.dict.get('AP');
      this.#closeOver(widget.dict.get('AP'), oldAppearance, (a, b) => isForm(a) && isForm(b));
    }
    this.#closeOver(field.value, old.value, () => true);
    this.#permissible.push({ kind: 'form-filling', field: field.name });
  }

  #isVisibilityChanged(touched: readonly PdfRef[]): boolean {
    return touched.some((ref) => {
      const old = this.#before.resolveDict(ref);
      const now = this.#after.resolveDict(ref);
      return old !== undefined && now !== undefined && changesVisibility(old, now);
    });
  }

  #unexpectedKeys(touched: readonly PdfRef[], allowed: readonly string[]): readonly string[] {
    return touched.flatMap((ref) => {
      const old = this.#before.resolve(ref);
      const now = this.#after.resolve(ref);
      if (!(old instanceof PdfDict) || !(now instanceof PdfDict)) return ['type'];
      // A place that was there may not move: only what was nowhere gets one.
      return changedKeys(old, now).filter(
        (key) => !allowed.includes(key) || (['Rect', 'Lock', 'P'].includes(key) && old.has(key)),
      );
    });
  }

  /** A signature field that is new or was empty: its dictionary, appearance and value are the signer's. */
  #explainSigning(field: FormField): void {
    if (field.ref !== undefined) {
      this.#open.delete(field.ref.num);
      this.#newWidgets.add(field.ref.num);
    }
    for (const widget of field.widgets) {
      if (widget.ref !== undefined) {
        if (!this.#existedBefore(widget.ref.num)) this.#open.delete(widget.ref.num);
        this.#newWidgets.add(widget.ref.num);
      }
      this.#closeOver(widget.dict.get('AP'), undefined);
      this.#closeOver(widget.dict.get('MK'), undefined);
    }
    this.#closeOver(field.value, undefined);
    this.#closeOver(field.dict.get('Lock'), undefined);
    this.#closeOver(field.dict.get('SV'), undefined);
    const signature = this.#after.resolveDict(field.value);
    const isTimestamp = isName(signature?.get('SubFilter'), 'ETSI.RFC3161');
    this.#permissible.push({
      kind: isTimestamp ? 'document-timestamp' : 'signature',
      field: field.name,
    });
  }

  #comparePages(): void {
    const oldPages = this.#before.pages;
    const isTreeTouched = this.#isPageTreeTouched();
    if (!isTreeTouched && this.#open.size === 0) return;
    const touched = [...this.#open];
    // The tree's own nodes are looked at only where one was redefined.
    if (isTreeTouched) {
      const a = [...oldPages].map((page) => page.ref?.num);
      const b = [...this.#after.pages].map((page) => page.ref?.num);
      if (a.length !== b.length || a.some((num, index) => num !== b[index])) {
        this.#forbid({ what: 'pages-changed' });
      }
    }
    for (const num of touched) {
      const now = this.#after.getObject(num)?.value;
      if (now instanceof PdfDict && isName(this.#after.resolve(now.get('Type')), 'Page')) {
        this.#comparePage(num, now);
      }
    }
    this.#compareSharedAnnotationLists();
  }

  #isPageTreeTouched(): boolean {
    for (const num of this.#open) {
      const value = this.#after.getObject(num)?.value;
      const old = this.#before.getObject(num)?.value;
      for (const each of [value, old]) {
        if (each instanceof PdfDict && (each.has('Kids') || isName(each.get('Type'), 'Pages'))) {
          return true;
        }
      }
    }
    return false;
  }

  #comparePage(num: number, now: PdfDict): void {
    const old = this.#before.getObject(num)?.value;
    const pageIndex = this.#before.pages.indexOf(new PdfRef(num));
    if (!(old instanceof PdfDict) || pageIndex === undefined) return;
    for (const key of changedKeys(old, now)) {
      if (key !== 'Annots')
        this.#forbid({ what: 'page-entry', pageIndex, detail: key, objectNumber: num });
    }
    this.#open.delete(num);
    if (now.get('Annots') instanceof PdfRef && sameValue(old.get('Annots'), now.get('Annots')))
      return;
    this.#compareAnnotations(old.get('Annots'), now.get('Annots'), pageIndex);
  }

  /** Annotation arrays that are objects of their own change without their page. */
  #compareSharedAnnotationLists(): void {
    if (![...this.#open].some((num) => this.#after.getObject(num)?.value instanceof PdfArray))
      return;
    for (const page of this.#before.pages) {
      const annots = page.dict.get('Annots');
      if (annots instanceof PdfRef && this.#open.has(annots.num)) {
        this.#compareAnnotations(annots, annots, page.index);
      }
    }
  }

  /** Annotations may be added at the end; those that were there stay, in order. */
  #compareAnnotations(
    oldValue: PdfValue | undefined,
    newValue: PdfValue | undefined,
    pageIndex: number,
  ): void {
    const old = this.#before.resolveArray(oldValue)?.items ?? [];
    const now = this.#after.resolveArray(newValue)?.items ?? [];
    const page = this.#before.pages.get(pageIndex);
    if (
      newValue instanceof PdfRef &&
      (newValue.equals(oldValue) || !this.#existedBefore(newValue.num))
    ) {
      this.#open.delete(newValue.num);
    }
    if (!old.every((item, index) => sameValue(item, now[index]))) {
      this.#forbid({ what: 'annotations-removed', pageIndex });
      return;
    }
    for (const item of now.slice(old.length)) {
      const dict = this.#after.resolveDict(item);
      if (item instanceof PdfRef && this.#newWidgets.has(item.num)) {
        if (dict !== undefined && coversSigned(this.#before, page, dict)) {
          this.#forbid({ what: 'signature-covers', pageIndex });
        }
        continue;
      }
      if (dict === undefined || isName(dict.get('Subtype'), 'Widget')) {
        this.#forbid({ what: 'widget-added', pageIndex });
        continue;
      }
      this.#closeOver(item, undefined);
      const fault = annotationFault(this.#before, this.#after, page, dict);
      if (fault !== undefined) {
        this.#forbid({ what: fault, pageIndex });
        continue;
      }
      this.#permissible.push({ kind: 'annotation', pageIndex });
    }
  }

  #explainRest(): void {
    if (this.#open.size === 0) {
      this.#checkDanglingReferences();
      return;
    }
    for (const num of [...this.#open]) {
      const value = this.#after.getObject(num)?.value;
      const isContainer =
        value instanceof PdfStream &&
        (isName(value.dict.get('Type'), 'XRef') || isName(value.dict.get('Type'), 'ObjStm'));
      if (isContainer && !this.#existedBefore(num)) this.#open.delete(num);
    }
    this.#checkDanglingReferences();
    if (this.#open.size === 0) return;
    const reached = new Set<number>();
    for (const ref of reach(this.#after, this.#after.trailer.get('Root'))) reached.add(ref.num);
    for (const num of this.#open) {
      if (!this.#existedBefore(num) && !reached.has(num)) {
        this.#permissible.push({ kind: 'unreachable' });
        continue;
      }
      this.#forbid(this.#describe(num));
    }
  }

  /** A number that was referred to before it was defined must not come to life: it would change what was signed. */
  #checkDanglingReferences(): void {
    const added = this.#added;
    if (added.size === 0) return;
    for (const ref of reach(this.#before, this.#before.trailer.get('Root'))) {
      if (added.has(ref.num))
        this.#forbid({ what: 'dangling-reference-filled', objectNumber: ref.num });
    }
  }

  #describe(num: number): ForbiddenChange {
    const object = this.#after.getObject(num);
    if (object === undefined) return { what: 'object-removed', objectNumber: num };
    for (const page of this.#before.pages) {
      const inPage = (key: string): boolean => {
        for (const ref of reach(this.#before, page.dict.get(key))) if (ref.num === num) return true;
        return false;
      };
      if (inPage('Contents'))
        return { what: 'page-content', objectNumber: num, pageIndex: page.index };
      for (const ref of reach(this.#before, page.resources)) {
        if (ref.num === num)
          return { what: 'page-resources', objectNumber: num, pageIndex: page.index };
      }
      if (inPage('Annots'))
        return { what: 'annotation-changed', objectNumber: num, pageIndex: page.index };
    }
    return {
      what: this.#existedBefore(num) ? 'object-replaced' : 'object-added',
      objectNumber: num,
    };
  }
}

/** Every reference reached from `value`; `follow` says whether to go on into an object. Each object once. */
function* reach(
  document: PdfDocument,
  value: PdfValue | undefined,
  follow: (num: number) => boolean = () => true,
): Generator<PdfRef> {
  const visited = new Set<number>();
  const stack: (PdfValue | undefined)[] = [value];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    for (const ref of referencesIn(next)) {
      if (visited.has(ref.num)) continue;
      visited.add(ref.num);
      yield ref;
      if (follow(ref.num)) stack.push(document.resolve(ref));
    }
  }
}

const isForm = (value: PdfValue): boolean => value instanceof PdfStream || value instanceof PdfDict;

/** DSS dictionaries and arrays may grow; the streams of evidence in them never change. */
const isValidationObject = (old: PdfValue, now: PdfValue): boolean =>
  (old instanceof PdfDict && now instanceof PdfDict) ||
  (old instanceof PdfArray && now instanceof PdfArray);

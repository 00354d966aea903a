/** Adds a signature field, or fills an empty one: structure only, the signature dictionary comes from the caller. */
import { AppError } from '../kernel/index.js';
import type { FormField } from './form-fields.js';
import { PdfArray, PdfDict, PdfRef, isInteger, pdfName, type PdfValue } from './objects.js';
import { anyPageObject, separatePageObject } from './page-object.js';
import type { Rectangle } from './page-tree.js';
import { malformed } from './pdf-errors.js';
import type { RevisionWriter } from './revision-writer.js';
import { pdfText } from './text-string.js';

/** `/F` of a widget that is shown, printed and cannot be moved: print, locked. */
const WIDGET_FLAGS = 4 | 128;
/** `/SigFlags`: signatures exist, append only. */
const SIG_FLAGS = 3;

/** One place where a field is seen. */
export interface FieldWidget {
  /** 0 is the first page. */
  readonly pageIndex: number;
  /** In default user space. */
  readonly rect: Rectangle;
  /** The form XObject of the normal appearance. */
  readonly appearance: PdfRef;
}

export interface SignatureFieldOptions {
  /** Partial name of a new top-level field; no period. */
  readonly name: string;
  /** 0 is the first page. */
  readonly pageIndex: number;
  /** Where on the page, in default user space; left out: invisible, a zero rectangle. */
  readonly rect?: Rectangle;
  /** The signature dictionary, usually a reference; left out: an empty field to be signed later. */
  readonly value?: PdfValue;
  /** The form XObject of the normal appearance. */
  readonly appearance?: PdfRef;
  /** A `/Lock` dictionary, as a reference or direct. */
  readonly lock?: PdfValue;
  /** Further entries of the field dictionary. */
  readonly entries?: Readonly<Record<string, PdfValue>>;
}

/**
 * Adds a signature field with one widget, merged into one object, to the page and to the form.
 *
 * @returns the field's reference
 * @throws AppError `pdf-field-exists`, `pdf-page-out-of-range`, `pdf-page-not-separate`, `input-invalid` (an empty
 * name, or one with a period), `pdf-malformed`
 */
export function addSignatureField(writer: RevisionWriter, options: SignatureFieldOptions): PdfRef {
  assertNameIsFree(writer, options.name);
  const isSeen = options.rect !== undefined;
  const page = (isSeen ? separatePageObject : anyPageObject)(writer, options.pageIndex);
  const ref = writer.reserve();
  writer.set(
    ref,
    PdfDict.of({
      Type: pdfName('Annot'),
      Subtype: pdfName('Widget'),
      FT: pdfName('Sig'),
      T: pdfText(options.name),
      F: WIDGET_FLAGS,
      Rect: rectangleArray(options.rect),
      P: page,
      V: options.value,
      AP: options.appearance === undefined ? undefined : PdfDict.of({ N: options.appearance }),
      Lock: options.lock,
      ...options.entries,
    }),
  );
  addToPage(writer, page, ref);
  addToForm(writer, ref);
  return ref;
}

/**
 * Adds a signature field that is seen in several places: a field dictionary with one widget a place.
 *
 * ISO 32000-2 says that a signature field refers to one annotation only; docs/decisions/0028 tells why
 * one signature is shown in several places all the same, and why this way.
 *
 * @param widgets - At least one.
 * @returns the field's reference
 * @throws AppError as {@link addSignatureField}
 */
export function addSignatureFieldInPlaces(
  writer: RevisionWriter,
  options: Pick<SignatureFieldOptions, 'name' | 'value' | 'lock' | 'entries'>,
  widgets: readonly FieldWidget[],
): PdfRef {
  assertNameIsFree(writer, options.name);
  const field = writer.reserve();
  const kids = widgets.map(({ pageIndex, rect, appearance }) => {
    const page = separatePageObject(writer, pageIndex);
    const widget = writer.add(
      PdfDict.of({
        Type: pdfName('Annot'),
        Subtype: pdfName('Widget'),
        Parent: field,
        // Inherited anyway; some readers look for it here only.
        V: options.value,
        F: WIDGET_FLAGS,
        Rect: rectangleArray(rect),
        P: page,
        AP: PdfDict.of({ N: appearance }),
      }),
    );
    addToPage(writer, page, widget);
    return widget;
  });
  writer.set(
    field,
    PdfDict.of({
      FT: pdfName('Sig'),
      T: pdfText(options.name),
      V: options.value,
      Kids: new PdfArray(kids),
      Lock: options.lock,
      ...options.entries,
    }),
  );
  addToForm(writer, field);
  return field;
}

/**
 * Signs an empty signature field that is there.
 *
 * @param appearances - Normal appearances, in the order of the field's widgets; where there are fewer, the
 *   remaining widgets stay as they are.
 * @throws AppError `pdf-field-exists` where it is signed already, `input-invalid` where it is no signature field,
 * `pdf-malformed` where the field is not an indirect object
 */
export function fillSignatureField(
  writer: RevisionWriter,
  field: FormField,
  value: PdfValue,
  appearances: readonly PdfRef[] = [],
): PdfRef {
  if (field.type !== 'Sig') {
    throw new AppError('input-invalid', 'not a signature field', { params: { field: field.name } });
  }
  if (field.value !== undefined) {
    throw new AppError('pdf-field-exists', 'the field is signed already', {
      params: { field: field.name },
    });
  }
  if (field.ref === undefined) throw malformed('field is not an indirect object');
  writer.set(field.ref, (writer.resolveDict(field.ref) ?? field.dict).with({ V: value }));
  for (const [index, widget] of field.widgets.entries()) {
    const appearance = appearances[index];
    if (widget.ref === undefined) {
      if (appearance === undefined) continue;
      throw malformed('widget is not an indirect object');
    }
    const dict = writer.resolveDict(widget.ref) ?? widget.dict;
    writer.set(
      widget.ref,
      dict.with({
        // Inherited where the widget is not the field; some readers look for it here only.
        V: value,
        // The state belongs to the appearance that was there.
        ...(appearance === undefined ? {} : { AP: PdfDict.of({ N: appearance }), AS: undefined }),
      }),
    );
  }
  setSigFlags(writer);
  return field.ref;
}

/** `base` with a number after it that no field has: `Signature1`, `Signature2`, … */
export function unusedFieldName(writer: RevisionWriter, base: string): string {
  const taken = takenNames(writer);
  let i = 1;
  while (taken.has(`${base}${i}`)) i++;
  return `${base}${i}`;
}

function assertNameIsFree(writer: RevisionWriter, name: string): void {
  if (name === '' || name.includes('.')) {
    throw new AppError('input-invalid', 'a partial field name is not empty and has no period', {
      params: { field: name },
    });
  }
  if (takenNames(writer).has(name)) {
    throw new AppError('pdf-field-exists', 'a field of this name exists', {
      params: { field: name },
    });
  }
}

/** Names of top-level fields, in the file and in this revision, and fully qualified names. */
function takenNames(writer: RevisionWriter): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { name, path } of writer.document.fields) {
    names.add(name);
    if (path[0] !== undefined) names.add(path[0]);
  }
  for (const name of writer.newFieldNames) names.add(name);
  return names;
}

/** The rectangle as an array; zero where there is none. */
function rectangleArray(rect: Rectangle | undefined): PdfArray {
  return new PdfArray(rect === undefined ? [0, 0, 0, 0] : [rect.x1, rect.y1, rect.x2, rect.y2]);
}

function addToPage(writer: RevisionWriter, pageRef: PdfRef, widget: PdfRef): void {
  const dict = writer.resolveDict(pageRef);
  if (dict === undefined) throw malformed('page is not a dictionary');
  const annots = dict.get('Annots');
  const array = writer.resolve(annots);
  const items = array instanceof PdfArray ? array.items : [];
  const extended = new PdfArray([...items, widget]);
  const isOwn = annots instanceof PdfRef && !isShared(writer, annots, pageRef);
  if (isOwn && array instanceof PdfArray) writer.set(annots, extended);
  else writer.set(pageRef, dict.with({ Annots: extended }));
}

/** Whether another page than `pageRef` shows the same array of annotations. */
function isShared(writer: RevisionWriter, annots: PdfRef, pageRef: PdfRef): boolean {
  for (const { ref, dict } of writer.document.pages) {
    const shown = dict.get('Annots');
    if (shown instanceof PdfRef && shown.equals(annots) && ref?.equals(pageRef) !== true) {
      return true;
    }
  }
  return false;
}

function addToForm(writer: RevisionWriter, field: PdfRef): void {
  changeForm(writer, (form) => {
    const fields = form.get('Fields');
    const array = writer.resolve(fields);
    const extended = new PdfArray([...(array instanceof PdfArray ? array.items : []), field]);
    if (fields instanceof PdfRef && array instanceof PdfArray) {
      writer.set(fields, extended);
      return withSigFlags(writer, form);
    }
    return withSigFlags(writer, form).with({ Fields: extended });
  });
}

function setSigFlags(writer: RevisionWriter): void {
  changeForm(writer, (form) => withSigFlags(writer, form));
}

function withSigFlags(writer: RevisionWriter, form: PdfDict): PdfDict {
  const flags = writer.resolve(form.get('SigFlags'));
  const present = isInteger(flags) ? flags : 0;
  return (present & SIG_FLAGS) === SIG_FLAGS ? form : form.with({ SigFlags: present | SIG_FLAGS });
}

/** Rewrites the form where it stands: in its own object, or in the catalog. Untouched where nothing changes. */
function changeForm(writer: RevisionWriter, change: (form: PdfDict) => PdfDict): void {
  const catalogRef = writer.document.catalogRef;
  const catalog = writer.resolveDict(catalogRef) ?? writer.document.catalog;
  const value = catalog.get('AcroForm');
  const form = writer.resolveDict(value);
  if (form === undefined) {
    const created = change(PdfDict.of({ Fields: new PdfArray([]) }));
    writer.set(catalogRef, catalog.with({ AcroForm: writer.add(created) }));
    return;
  }
  const changed = change(form);
  if (changed === form) return;
  if (value instanceof PdfRef) writer.set(value, changed);
  else writer.set(catalogRef, catalog.with({ AcroForm: changed }));
}

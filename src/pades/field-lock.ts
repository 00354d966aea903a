/**
 * Which fields a signature locks: what a field's `/Lock` asks for, the FieldMDP and DocMDP references
 * that make it so, and what earlier signatures have locked.
 *
 * @see ISO 32000-2:2020, 12.7.5.5 (table 236, /Lock) and 12.8.2.4 (FieldMDP)
 */
import {
  PdfArray,
  PdfDict,
  PdfName,
  PdfString,
  decodeText,
  isName,
  pdfName,
  pdfText,
  type PdfDocument,
  type PdfRef,
} from '../pdf/index.js';

/** Fields by their whole hierarchical names: a name stands for the field and all below it, never for a prefix. */
export interface FieldLock {
  readonly action: 'All' | 'Include' | 'Exclude';
  readonly fields: readonly string[];
  /** DocMDP permission in force once the signature is there. */
  readonly level?: 1 | 2 | 3;
}

/** What the `/Lock` of a signature field asks for; one that cannot be read locks everything. */
export function readFieldLock(document: PdfDocument, field: PdfDict): FieldLock | undefined {
  const lock = document.resolveDict(field.get('Lock'));
  if (lock === undefined) return undefined;
  const level = document.resolve(lock.get('P'));
  const isLevel = level === 1 || level === 2 || level === 3;
  return { ...readAction(document, lock), ...(isLevel ? { level } : {}) };
}

/** `/Lock` of a field that is to lock others when it is signed. */
export function lockDictionary(lock: FieldLock): PdfDict {
  return PdfDict.of({
    Type: pdfName('SigFieldLock'),
    ...actionEntries(lock),
    P: lock.level,
  });
}

/** The signature reference that locks fields. @param catalog - What its digest would be of, which readers expect. */
export function fieldMdpReference(lock: FieldLock, catalog: PdfRef): PdfDict {
  return PdfDict.of({
    Type: pdfName('SigRef'),
    TransformMethod: pdfName('FieldMDP'),
    TransformParams: PdfDict.of({
      Type: pdfName('TransformParams'),
      ...actionEntries(lock),
      V: pdfName('1.2'),
    }),
    Data: catalog,
  });
}

/** The signature reference that limits later changes. */
export function docMdpReference(level: 1 | 2 | 3): PdfDict {
  return PdfDict.of({
    Type: pdfName('SigRef'),
    TransformMethod: pdfName('DocMDP'),
    TransformParams: PdfDict.of({ Type: pdfName('TransformParams'), P: level, V: pdfName('1.2') }),
  });
}

/** Whether a name is locked by the FieldMDP of any signature in `document`. */
export function lockedFields(document: PdfDocument): (fieldName: string) => boolean {
  const locks: FieldLock[] = [];
  for (const field of document.fields) {
    if (field.type !== 'Sig') continue;
    const signature = document.resolveDict(field.value);
    for (const item of document.resolveArray(signature?.get('Reference'))?.items ?? []) {
      const reference = document.resolveDict(item);
      if (!isName(document.resolve(reference?.get('TransformMethod')), 'FieldMDP')) continue;
      const parameters = document.resolveDict(reference?.get('TransformParams'));
      locks.push(readAction(document, parameters));
    }
  }
  return (name) => locks.some((lock) => isLockedBy(lock, name));
}

function isLockedBy({ action, fields }: FieldLock, name: string): boolean {
  if (action === 'All') return true;
  const isNamed = fields.some((each) => name === each || name.startsWith(`${each}.`));
  return isNamed === (action === 'Include');
}

function readAction(
  document: PdfDocument,
  dict: PdfDict | undefined,
): Pick<FieldLock, 'action' | 'fields'> {
  const action = document.resolve(dict?.get('Action'));
  const fields = (document.resolveArray(dict?.get('Fields'))?.items ?? []).flatMap((item) => {
    const value = document.resolve(item);
    return value instanceof PdfString ? [decodeText(value)] : [];
  });
  const named = action instanceof PdfName ? action.value : 'All';
  return { action: named === 'Include' || named === 'Exclude' ? named : 'All', fields };
}

function actionEntries({ action, fields }: FieldLock): Record<string, PdfName | PdfArray> {
  return {
    Action: pdfName(action),
    ...(action === 'All' ? {} : { Fields: new PdfArray(fields.map(pdfText)) }),
  };
}

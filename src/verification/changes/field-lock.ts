/**
 * Which fields the signatures of a document lock. @see ISO 32000-2:2020, 12.8.2.4 (FieldMDP)
 */
import {
  PdfName,
  PdfString,
  decodeText,
  isName,
  type PdfDict,
  type PdfDocument,
} from '../../pdf/index.js';

type Lock = (fieldName: string) => boolean;

/** Whether a name is locked by any FieldMDP of the signatures in `document`. */
export function lockedFields(document: PdfDocument): Lock {
  const locks: Lock[] = [];
  for (const field of document.fields) {
    if (field.type !== 'Sig') continue;
    const signature = document.resolveDict(field.value);
    for (const item of document.resolveArray(signature?.get('Reference'))?.items ?? []) {
      const reference = document.resolveDict(item);
      if (!isName(document.resolve(reference?.get('TransformMethod')), 'FieldMDP')) continue;
      const parameters = document.resolveDict(reference?.get('TransformParams'));
      locks.push(lockOf(document, parameters));
    }
  }
  return (name) => locks.some((isLocked) => isLocked(name));
}

/** A lock that cannot be read locks everything. */
function lockOf(document: PdfDocument, parameters: PdfDict | undefined): Lock {
  const action = document.resolve(parameters?.get('Action'));
  const names = (document.resolveArray(parameters?.get('Fields'))?.items ?? []).flatMap((item) => {
    const value = document.resolve(item);
    return value instanceof PdfString ? [decodeText(value)] : [];
  });
  // A name stands for the field and everything below it: whole partial names, never prefixes.
  const isNamed: Lock = (field) =>
    names.some((name) => field === name || field.startsWith(`${name}.`));
  const kind = action instanceof PdfName ? action.value : 'All';
  if (kind === 'Include') return isNamed;
  if (kind === 'Exclude') return (field) => !isNamed(field);
  return () => true;
}

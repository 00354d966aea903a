/** Which fields of a document are signed, also where the signature cannot be read. */
import { isAppError } from '../kernel/index.js';
import type { FormField, PdfDocument } from '../pdf/index.js';
import { signatureDict } from './locate.js';

/** A signature field with a value, or with one that cannot be read. */
export function isSigned(document: PdfDocument, field: FormField): boolean {
  if (field.type !== 'Sig') return false;
  return isUnreadable(document, field) || signatureDict(document, field) !== undefined;
}

function isUnreadable(document: PdfDocument, field: FormField): boolean {
  try {
    signatureDict(document, field);
    return false;
  } catch (error) {
    if (isAppError(error)) return true;
    throw error;
  }
}

/** The fields of a state, none where it cannot be read alone. */
export function fieldsOf(state: () => PdfDocument): readonly FormField[] {
  try {
    return state().fields;
  } catch (error) {
    if (isAppError(error)) return [];
    throw error;
  }
}

/** Revision, counted from 1, that wrote the signature in `field`; 0 where that cannot be told. */
export function revisionOf(document: PdfDocument, field: FormField): number {
  const { origin } = isUnreadable(document, field) ? {} : (signatureDict(document, field) ?? {});
  if (origin === undefined) return 0;
  const offset = origin.span.start;
  const found = document.revisions.find(({ endOffset }) => offset < endOffset);
  return (found?.index ?? 0) + 1;
}

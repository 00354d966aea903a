/** Whether a file allows one more signature: certification (DocMDP) and locks of the signatures that are there. */
import { AppError } from '../kernel/index.js';
import { PdfDict, PdfRef, isName, type PdfDocument } from '../pdf/index.js';

/** Whether any signature field carries a signature. */
export function hasSignature(document: PdfDocument): boolean {
  return document.fields.some((field) => field.type === 'Sig' && field.value !== undefined);
}

/**
 * The access permission of the certification signature, or `undefined` where the file is not certified.
 * A certification that cannot be read is taken as the strictest.
 *
 * @see ISO 32000-2:2020, 12.8.2.2 (DocMDP) and 12.8.6 (permissions)
 */
export function certificationOf(document: PdfDocument): 1 | 2 | 3 | undefined {
  const permissions = document.resolveDict(document.catalog.get('Perms'));
  const signature = document.resolveDict(permissions?.get('DocMDP'));
  return signature === undefined ? undefined : (docMdpOf(document, signature) ?? 1);
}

/** `P` of a signature dictionary's DocMDP reference; 2 where it names none, undefined without a reference. */
export function docMdpOf(document: PdfDocument, signature: PdfDict): 1 | 2 | 3 | undefined {
  for (const item of document.resolveArray(signature.get('Reference'))?.items ?? []) {
    const reference = document.resolveDict(item);
    if (!isName(document.resolve(reference?.get('TransformMethod')), 'DocMDP')) continue;
    const level = document.resolve(
      document.resolveDict(reference?.get('TransformParams'))?.get('P'),
    );
    if (level === 1 || level === 2 || level === 3) return level;
    return level === null ? 2 : 1;
  }
  return undefined;
}

/**
 * @param field - Whether a field that is there is signed, or a new one has to be made.
 * @throws AppError `pdf-signing-not-permitted`, params `reason`; `pdf-encrypted`, `pdf-unsupported`
 */
export function assertSigningPermitted(
  document: PdfDocument,
  field: 'existing' | 'new' = 'new',
): void {
  assertPasswordPermits(document, field);
  if (certificationOf(document) === 1) {
    throw new AppError('pdf-signing-not-permitted', 'certified: no changes allowed', {
      params: { reason: 'certified-no-changes' },
    });
  }
  for (const field of document.fields) {
    if (field.type !== 'Sig' || field.value === undefined) continue;
    const lock = document.resolveDict(field.dict.get('Lock'));
    if (lock?.get('P') === 1) {
      throw new AppError('pdf-signing-not-permitted', 'locked by a signature field', {
        params: { reason: 'locked-by-field', field: field.name },
      });
    }
    if (field.value instanceof PdfRef || field.value instanceof PdfDict) {
      const signature = document.resolveDict(field.value);
      if (signature !== undefined && docMdpOf(document, signature) === 1) {
        throw new AppError('pdf-signing-not-permitted', 'certified: no changes allowed', {
          params: { reason: 'certified-no-changes', field: field.name },
        });
      }
    }
  }
}

/** @see ISO 32000-2:2020, table 22 (bits 4, 6 and 9); whoever opened the file as its owner may do anything */
function assertPasswordPermits(document: PdfDocument, field: 'existing' | 'new'): void {
  const { rights } = document;
  if (rights === undefined || rights.isOwner) return;
  const isPermitted =
    field === 'existing' ? rights.mayFillForms : rights.mayModify && rights.mayAnnotate;
  if (isPermitted) return;
  throw new AppError(
    'pdf-signing-not-permitted',
    'the password that was given does not permit it',
    {
      params: { reason: 'encryption-permissions' },
    },
  );
}

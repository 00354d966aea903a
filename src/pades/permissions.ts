/** Whether a file allows one more signature: certification (DocMDP) and locks of the signatures that are there. */
import { AppError } from '../kernel/index.js';
import { isName, type FormField, type PdfDict, type PdfDocument } from '../pdf/index.js';
import { lockedFields, readFieldLock } from './field-lock.js';

/** Whether any signature field carries a signature. */
export function hasSignature(document: PdfDocument): boolean {
  return document.fields.some((field) => field.type === 'Sig' && field.value !== undefined);
}

/** The signature dictionary that `/Perms` names as the certification. */
export function certificationSignature(document: PdfDocument): PdfDict | undefined {
  const permissions = document.resolveDict(document.catalog.get('Perms'));
  return document.resolveDict(permissions?.get('DocMDP'));
}

/**
 * The access permission of the certification signature, or `undefined` where the file is not certified.
 * A certification that cannot be read is taken as the strictest.
 *
 * @see ISO 32000-2:2020, 12.8.2.2 (DocMDP) and 12.8.6 (permissions)
 */
export function certificationOf(document: PdfDocument): 1 | 2 | 3 | undefined {
  const signature = certificationSignature(document);
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

/** What later changes may be at most: the strictest that the certification and any other signature ask for. */
export function changeLimitOf(document: PdfDocument): 1 | 2 | 3 | undefined {
  const asked = document.fields.map((field) => {
    const signature = field.type === 'Sig' ? document.resolveDict(field.value) : undefined;
    return signature === undefined ? undefined : docMdpOf(document, signature);
  });
  const certified = certificationOf(document);
  return ([1, 2, 3] as const).find((level) => certified === level || asked.includes(level));
}

/** The field that is to be signed: one that is there, or a new one of this name. */
export interface FieldInQuestion {
  readonly name: string;
  readonly existing: FormField | undefined;
}

const READ_ONLY = 1;

/**
 * @param field - Left out: whether any field could be signed.
 * @throws AppError `pdf-signing-not-permitted`, params `reason`, `field`; `pdf-encrypted`, `pdf-unsupported`
 */
export function assertSigningPermitted(document: PdfDocument, field?: FieldInQuestion): void {
  const isNew = field?.existing === undefined;
  assertPasswordPermits(document, isNew);
  assertUsageRightsPermit(document, isNew);
  if (certificationOf(document) === 1) throw notPermitted('certified-no-changes');
  for (const signed of document.fields) {
    if (signed.type !== 'Sig' || signed.value === undefined) continue;
    const signature = document.resolveDict(signed.value);
    if (signature === undefined) continue;
    if (docMdpOf(document, signature) === 1)
      throw notPermitted('certified-no-changes', signed.name);
    const isClosed = readFieldLock(document, signed.dict)?.level === 1;
    if (isClosed) throw notPermitted('locked-by-field', signed.name);
  }
  if (field === undefined) return;
  if (lockedFields(document)(field.name)) throw notPermitted('field-locked', field.name);
  const flags = field.existing?.flags ?? 0;
  if ((flags & READ_ONLY) !== 0) throw notPermitted('field-read-only', field.name);
}

/** A certification is the first signature and the only one. @see ISO 32000-2:2020, 12.8.2.2.1 */
export function assertMayCertify(document: PdfDocument): void {
  if (!hasSignature(document) && certificationOf(document) === undefined) return;
  throw notPermitted('not-first');
}

function notPermitted(reason: string, field?: string): AppError {
  return new AppError('pdf-signing-not-permitted', `signing is not permitted: ${reason}`, {
    params: { reason, ...(field === undefined ? {} : { field }) },
  });
}

/** @see ISO 32000-2:2020, table 22 (bits 4, 6 and 9); whoever opened the file as its owner may do anything */
function assertPasswordPermits(document: PdfDocument, isNew: boolean): void {
  const { rights } = document;
  if (rights === undefined || rights.isOwner) return;
  const isPermitted = isNew ? rights.mayModify && rights.mayAnnotate : rights.mayFillForms;
  if (!isPermitted) throw notPermitted('encryption-permissions');
}

/**
 * Usage rights grant a viewer more, and take nothing from others, unless their `/P` says that every
 * product is bound by them.
 *
 * @see ISO 32000-1:2008, 12.8.2.3, table 255
 */
function assertUsageRightsPermit(document: PdfDocument, isNew: boolean): void {
  const permissions = document.resolveDict(document.catalog.get('Perms'));
  for (const key of ['UR3', 'UR']) {
    const signature = document.resolveDict(permissions?.get(key));
    for (const item of document.resolveArray(signature?.get('Reference'))?.items ?? []) {
      const parameters = document.resolveDict(document.resolveDict(item)?.get('TransformParams'));
      if (parameters === undefined || document.resolve(parameters.get('P')) !== true) continue;
      const grants = (entry: string, right: string): boolean =>
        (document.resolveArray(parameters.get(entry))?.items ?? []).some((granted) =>
          isName(document.resolve(granted), right),
        );
      const isGranted = grants('Signature', 'Modify') && (!isNew || grants('Form', 'Add'));
      if (!isGranted) throw notPermitted('usage-rights');
    }
  }
}

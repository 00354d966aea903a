/**
 * First half of a PDF signature: appends a revision with the signature field, its appearance, and a
 * signature dictionary whose `/Contents` is a hole. Later steps only fill the hole.
 *
 * @see ISO 32000-2:2020, 12.8.1 (signature dictionary, ByteRange)
 * @see ETSI EN 319 142-1, 6.3 (entries at level B-B)
 */
import {
  AppError,
  ConcatSource,
  MemorySource,
  digestSpans,
  type ByteSource,
  type DigestAlgorithm,
} from '../kernel/index.js';
import type { PdfRef } from '../pdf/index.js';
import {
  PdfArray,
  PdfDict,
  PdfString,
  addSignatureField,
  addSignatureFieldInPlaces,
  beginRevision,
  fillSignatureField,
  pdfName,
  pdfText,
  unusedFieldName,
  type ByteSpan,
  type FieldWidget,
  type FormField,
  type PdfDocument,
  type PdfValue,
  type Rectangle,
  type RevisionWriter,
} from '../pdf/index.js';
import { declarePades } from './extension.js';
import {
  docMdpReference,
  fieldMdpReference,
  lockDictionary,
  readFieldLock,
  type FieldLock,
} from './field-lock.js';
import { Hole } from './hole.js';
import { assertMayCertify, assertSigningPermitted } from './permissions.js';
import { sealDictionary, type SealReference } from './seal-entry.js';

/** DocMDP access permissions. @see ISO 32000-2:2020, table 257 */
export type CertificationLevel = 1 | 2 | 3;

export interface PrepareOptions {
  /** Fully qualified name of an empty field to fill, or the partial name of a new one; found where absent. */
  readonly fieldName?: string;
  /** Where a new field without an appearance goes; absent: invisible, on the first page. */
  readonly place?: { readonly pageIndex: number; readonly rect: Rectangle };
  /** What is seen of the signature. */
  readonly appearance?: Appearance;
  /** The time the signer claims; whole seconds. */
  readonly claimedAt: Date;
  /** Room for the CMS, in bytes. */
  readonly contentsBytes: number;
  readonly reason?: string;
  readonly location?: string;
  readonly name?: string;
  readonly certify?: CertificationLevel;
  /** Fields that the signature locks; the `/Lock` of an existing field goes before it. */
  readonly lock?: FieldLock;
  /** Nothing may be changed once this signature is there. */
  readonly closesDocument?: boolean;
  readonly seal?: SealReference;
  /** Second part of the file's new `/ID`; found from what is written where absent. Sets files apart that are prepared alike. */
  readonly changingId?: Uint8Array;
}

/**
 * Adds to the revision what the appearances need, and says where the new field is seen; at least one
 * place. For a field that is there, place i gives the appearance of its widget i.
 */
export type Appearance = (writer: RevisionWriter) => readonly FieldWidget[];

/** A revision that lacks only its CMS. */
export interface PreparedSignature {
  /** What comes after the base file; `/ByteRange` filled, `/Contents` all zeros. */
  readonly appended: Uint8Array;
  /** Length of the base file in bytes. */
  readonly baseSize: number;
  /** From `<` to past `>` in the whole file. */
  readonly contents: ByteSpan;
  readonly fieldName: string;
}

/**
 * @throws AppError `pdf-signing-not-permitted` where an earlier certification or lock forbids it,
 *   `pdf-field-exists`, `pdf-page-out-of-range`, `pdf-encrypted`, `pdf-malformed`, `input-invalid`
 */
export function prepareSignature(
  document: PdfDocument,
  options: PrepareOptions,
): PreparedSignature {
  const writer = beginRevision(document);
  const existing = document.fields.find((field) => field.name === options.fieldName);
  const fieldName = options.fieldName ?? unusedFieldName(writer, 'Signature');
  assertSigningPermitted(document, { name: fieldName, existing });
  if (options.certify !== undefined) assertMayCertify(document);
  const lock = (existing && readFieldLock(document, existing.dict)) ?? options.lock;
  const hole = new Hole(options.contentsBytes);
  const signature = writer.reserve();
  const limits = references(options, lock, document.catalogRef);
  writer.set(signature, signatureDictionary(options, hole, limits));
  placeField(writer, options, { name: fieldName, value: signature, existing, lock });
  if (options.certify !== undefined) grantPermissions(writer, signature);
  declarePades(writer);
  const { changingId } = options;
  const finished = writer.finish(changingId === undefined ? {} : { changingId });
  return {
    appended: finished.appended,
    baseSize: finished.baseSize,
    contents: hole.close(finished),
    fieldName,
  };
}

/** Digest of the prepared file without its hole: what `message-digest` carries. */
export function digestPrepared(
  base: ByteSource,
  prepared: PreparedSignature,
  algorithm: DigestAlgorithm,
): Uint8Array {
  const whole = new ConcatSource(base, new MemorySource(prepared.appended));
  return digestSpans(algorithm, whole, [
    [0, prepared.contents.start],
    [prepared.contents.end, whole.size],
  ]);
}

const HEX = '0123456789abcdef';

/**
 * Writes a CMS into the hole. Bytes outside the hole stay as they are; the rest of it stays zeros.
 *
 * @returns A new array in place of `prepared.appended`.
 * @throws AppError `signature-too-large`, params `needBytes`, `haveBytes`
 */
export function embedCms(prepared: PreparedSignature, cmsDer: Uint8Array): Uint8Array {
  const haveBytes = (prepared.contents.end - prepared.contents.start - 2) / 2;
  if (cmsDer.length > haveBytes) {
    throw new AppError('signature-too-large', 'the CMS does not fit the hole', {
      params: { needBytes: cmsDer.length, haveBytes },
    });
  }
  const filled = prepared.appended.slice();
  let at = prepared.contents.start - prepared.baseSize + 1;
  for (const byte of cmsDer) {
    filled[at++] = HEX.charCodeAt(byte >> 4);
    filled[at++] = HEX.charCodeAt(byte & 15);
  }
  return filled;
}

function signatureDictionary(
  options: PrepareOptions,
  hole: Hole,
  references: readonly PdfDict[],
): PdfDict {
  const text = (value: string | undefined): PdfValue | undefined =>
    value === undefined ? undefined : pdfText(value);
  return PdfDict.of({
    Type: pdfName('Sig'),
    Filter: pdfName('Adobe.PPKLite'),
    SubFilter: pdfName('ETSI.CAdES.detached'),
    ...hole.entries,
    M: pdfDate(options.claimedAt),
    Name: text(options.name),
    Reason: text(options.reason),
    Location: text(options.location),
    Reference: references.length === 0 ? undefined : new PdfArray(references),
    // A third-class name (ISO 32000-2, annex E): private data of this product.
    XXQianyinSeal: options.seal === undefined ? undefined : sealDictionary(options.seal),
  });
}

/** What the signature forbids from now on: the strictest of what is asked for. */
function references(
  { certify, closesDocument }: PrepareOptions,
  lock: FieldLock | undefined,
  catalog: PdfRef,
): readonly PdfDict[] {
  const levels = [certify, lock?.level, closesDocument === true ? 1 : undefined].filter(
    (level) => level !== undefined,
  );
  const strictest = ([1, 2, 3] as const).find((level) => levels.includes(level));
  return [
    ...(strictest === undefined ? [] : [docMdpReference(strictest)]),
    ...(lock === undefined ? [] : [fieldMdpReference(lock, catalog)]),
  ];
}

function grantPermissions(writer: RevisionWriter, signature: PdfRef): void {
  const { catalogRef } = writer.document;
  const catalog = writer.resolveDict(catalogRef) ?? writer.document.catalog;
  const permissions = writer.resolveDict(catalog.get('Perms')) ?? PdfDict.of({});
  writer.set(catalogRef, catalog.with({ Perms: permissions.with({ DocMDP: signature }) }));
}

interface FieldToSign {
  readonly name: string;
  readonly value: PdfRef;
  readonly existing: FormField | undefined;
  readonly lock: FieldLock | undefined;
}

function placeField(
  writer: RevisionWriter,
  options: PrepareOptions,
  { name, value, existing, lock }: FieldToSign,
): void {
  const widgets = options.appearance?.(writer) ?? [];
  if (existing !== undefined) {
    const appearances = widgets.map(({ appearance }) => appearance);
    fillSignatureField(writer, existing, value, appearances);
    return;
  }
  const field = {
    name,
    value,
    ...(lock === undefined ? {} : { lock: writer.add(lockDictionary(lock)) }),
  };
  if (widgets.length > 1) addSignatureFieldInPlaces(writer, field, widgets);
  else addSignatureField(writer, { ...field, pageIndex: 0, ...(widgets[0] ?? options.place) });
}

/** `D:YYYYMMDDHHmmSS+00'00'`. @see ISO 32000-2:2020, 7.9.4 */
export function pdfDate(instant: Date): PdfString {
  const digits = instant.toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return new PdfString(new TextEncoder().encode(`D:${digits}+00'00'`));
}

/** The instant in a {@link pdfDate} of ours; undefined for any other notation. */
export function parsePreparedDate({ bytes }: PdfString): Date | undefined {
  const text = new TextDecoder('latin1').decode(bytes);
  const found = /^D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\+00'00'$/.exec(text);
  if (found === null) return undefined;
  const [, year, month, day, hour, minute, second] = found;
  const instant = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(instant.getTime()) ? undefined : instant;
}

/**
 * Finds a signature in the raw bytes and proves what it covers: two ranges around exactly the
 * `/Contents` token of this very dictionary, ending where a revision ends.
 *
 * @see ISO 32000-2:2020, 12.8.1, table 255
 */
import { bytesToLatin1, fromHex, type ByteSource } from '../kernel/index.js';
import {
  PdfArray,
  PdfName,
  PdfRef,
  PdfString,
  type ByteSpan,
  type FormField,
  type PdfDict,
  type PdfDocument,
} from '../pdf/index.js';
import { sameValue } from './changes/values.js';
import type { MessageCode } from './messages.js';

export interface LocatedSignature {
  readonly field: FormField;
  readonly dict: PdfDict;
  readonly subFilter: string;
  /** From `<` to past `>`. */
  readonly contents: ByteSpan;
  /** The decoded hole, padding included. */
  readonly contentsBytes: Uint8Array;
  /** Where the signed bytes end. */
  readonly signedEnd: number;
  /** Index, from 0, of the revision that the signature closes. */
  readonly revisionIndex: number;
  readonly coverage: 'whole-file' | 'whole-revision';
}

/** Why a signature's bytes cannot be what they claim; `coverage` is then partial. */
export interface LocateFault {
  readonly fault: MessageCode;
  readonly detail?: string;
}

const fault = (code: MessageCode, detail?: string): LocateFault =>
  detail === undefined ? { fault: code } : { fault: code, detail };

/** The signature dictionary of a signed field; undefined where `/V` is not a dictionary. */
export function signatureDict(document: PdfDocument, field: FormField): PdfDict | undefined {
  return document.resolveDict(field.value);
}

/** @throws AppError as reading the document does */
export function locateSignature(
  document: PdfDocument,
  field: FormField,
): LocatedSignature | LocateFault {
  const dict = signatureDict(document, field);
  if (dict === undefined) return fault('contents-malformed', 'V');
  if (dict.origin === undefined || dict.origin.container !== undefined) {
    return fault('contents-malformed', 'compressed');
  }
  if (dict.duplicateKeys.length > 0) {
    return fault('contents-malformed', dict.duplicateKeys.join(', '));
  }
  const subFilter = document.resolve(dict.get('SubFilter'));
  const range = readByteRange(dict, document.source.size);
  if (range === undefined) return fault('byte-range-malformed');
  const contents = contentsSpan(document, dict);
  const value = dict.get('Contents');
  if (contents === undefined || !(value instanceof PdfString) || !value.isHex) {
    return fault('contents-malformed');
  }
  if (contents.start !== range.gapStart || contents.end !== range.gapEnd) {
    return fault('signature-gap-mismatch');
  }
  const contentsBytes = decodeGap(document.source, contents);
  if (contentsBytes === undefined) return fault('contents-malformed', 'hex');
  const revision = document.revisions.find(
    ({ eofOffset, endOffset }) => range.end >= eofOffset && range.end <= endOffset,
  );
  if (revision?.hasProperEnd !== true) return fault('not-a-revision');
  if (!isSignedRevision(document, range.end, field, dict)) return fault('signature-moved');
  return {
    field,
    dict,
    subFilter: subFilter instanceof PdfName ? subFilter.value : '',
    contents,
    contentsBytes,
    signedEnd: range.end,
    revisionIndex: revision.index,
    coverage: range.end >= document.source.size ? 'whole-file' : 'whole-revision',
  };
}

/** Four direct integers: from 0, around one gap, no overlap, inside the file. */
function readByteRange(
  dict: PdfDict,
  fileSize: number,
): { readonly gapStart: number; readonly gapEnd: number; readonly end: number } | undefined {
  const array = dict.get('ByteRange');
  if (!(array instanceof PdfArray) || array.items.length !== 4) return undefined;
  const numbers: number[] = [];
  for (const item of array.items) {
    if (typeof item !== 'number' || !Number.isSafeInteger(item) || item < 0) return undefined;
    numbers.push(item);
  }
  const [first = -1, gapStart = 0, gapEnd = 0, rest = 0] = numbers;
  if (first !== 0 || gapStart === 0 || rest === 0) return undefined;
  if (gapEnd < gapStart + 2 || gapEnd + rest > fileSize) return undefined;
  return { gapStart, gapEnd, end: gapEnd + rest };
}

/** The raw token of `/Contents`, read again from the dictionary's own bytes. */
function contentsSpan(document: PdfDocument, dict: PdfDict): ByteSpan | undefined {
  const entries = document.entrySpans(dict).filter(({ key }) => key === 'Contents');
  return entries.length === 1 ? entries[0]?.valueSpan : undefined;
}

/**
 * Hex digits between the angle brackets, nothing else: white space there is a place to hide, and so
 * is the case of the digits, which every producer keeps to one.
 */
function decodeGap(source: ByteSource, span: ByteSpan): Uint8Array | undefined {
  const text = bytesToLatin1(source.read(span.start, span.end - span.start));
  if (!text.startsWith('<') || !text.endsWith('>')) return undefined;
  if (/[a-f]/.test(text) && /[A-F]/.test(text)) return undefined;
  return fromHex(text.slice(1, -1));
}

/** Whether the signed bytes, read alone, hold the same field with the same signature at the same place. */
function isSignedRevision(
  document: PdfDocument,
  signedEnd: number,
  field: FormField,
  dict: PdfDict,
): boolean {
  const signed = signedEnd >= document.source.size ? document : document.atRevision(signedEnd);
  const same = signed.fields.find(({ name, type }) => name === field.name && type === 'Sig');
  if (same === undefined) return false;
  const own = signed.resolveDict(same.value);
  if (own?.origin?.span.start !== dict.origin?.span.start) return false;
  const isSameReference =
    same.value instanceof PdfRef && field.value instanceof PdfRef
      ? same.value.equals(field.value)
      : sameValue(same.value, field.value);
  return own !== undefined && isSameReference && sameValue(own, dict);
}

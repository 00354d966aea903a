/** The signatures and time-stamps of a file as far as raising their level needs them; whether they hold is not judged. */
import {
  PdfArray,
  PdfName,
  PdfString,
  isInteger,
  type PdfDict,
  type PdfDocument,
} from '../pdf/index.js';

export interface EmbeddedSignature {
  readonly fieldName: string;
  readonly kind: 'signature' | 'document-timestamp';
  /** The value of `/Contents`, padding included. */
  readonly contents: Uint8Array;
  /** What the signature covers, in bytes of the file: before and after its hole. */
  readonly spans: readonly (readonly [start: number, end: number])[];
  /** Where the covered part ends. */
  readonly coveredEnd: number;
}

const KINDS: Readonly<Record<string, EmbeddedSignature['kind']>> = {
  'ETSI.CAdES.detached': 'signature',
  'adbe.pkcs7.detached': 'signature',
  'ETSI.RFC3161': 'document-timestamp',
};

/** In the order in which they were made. What is not well formed, or of a kind not known here, is left out. */
export function embeddedSignatures(document: PdfDocument): readonly EmbeddedSignature[] {
  return document.fields
    .flatMap((field) => {
      if (field.type !== 'Sig') return [];
      const dict = document.resolveDict(field.value);
      return dict === undefined ? [] : read(document, field.name, dict);
    })
    .sort((a, b) => a.coveredEnd - b.coveredEnd);
}

function read(document: PdfDocument, fieldName: string, dict: PdfDict): EmbeddedSignature[] {
  const subFilter = document.resolve(dict.get('SubFilter'));
  const kind = subFilter instanceof PdfName ? KINDS[subFilter.value] : undefined;
  const contents = document.resolve(dict.get('Contents'));
  const range = document.resolve(dict.get('ByteRange'));
  if (kind === undefined || !(contents instanceof PdfString) || !(range instanceof PdfArray)) {
    return [];
  }
  const [zero, gapStart, gapEnd, rest, ...more] = range.items;
  if (zero !== 0 || !isInteger(gapStart) || !isInteger(gapEnd) || !isInteger(rest)) return [];
  const coveredEnd = gapEnd + rest;
  const isSound =
    more.length === 0 && gapStart < gapEnd && rest >= 0 && coveredEnd <= document.source.size;
  if (!isSound) return [];
  const spans = [
    [0, gapStart],
    [gapEnd, coveredEnd],
  ] as const;
  return [{ fieldName, kind, contents: contents.bytes, spans, coveredEnd }];
}

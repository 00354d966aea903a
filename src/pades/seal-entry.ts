/**
 * The reference to the seal that a signature shows. It stands in the signature dictionary, so the
 * signature covers it: verification finds which entry of the register, in which version, was used.
 */
import {
  PdfDict,
  PdfString,
  decodeText,
  isInteger,
  pdfName,
  pdfText,
  type PdfDocument,
} from '../pdf/index.js';

export interface SealReference {
  /** 印章编码. */
  readonly code: string;
  readonly name: string;
  /** Version of the seal in the register. */
  readonly version: number;
  /** SHA-256 of the appearance's decoded content stream. */
  readonly appearanceSha256: Uint8Array;
}

export function sealDictionary(seal: SealReference): PdfDict {
  return PdfDict.of({
    Type: pdfName('XXQianyinSeal'),
    Code: pdfText(seal.code),
    Name: pdfText(seal.name),
    Version: seal.version,
    AppearanceSHA256: new PdfString(seal.appearanceSha256, true),
  });
}

/** The reference in a signature dictionary; undefined where there is none or it is not well formed. */
export function readSealReference(
  document: PdfDocument,
  signature: PdfDict,
): SealReference | undefined {
  const dict = document.resolveDict(signature.get('XXQianyinSeal'));
  if (dict === undefined) return undefined;
  const text = (key: string): string | undefined => {
    const value = document.resolve(dict.get(key));
    return value instanceof PdfString ? decodeText(value) : undefined;
  };
  const code = text('Code');
  const name = text('Name');
  const version = document.resolve(dict.get('Version'));
  const digest = document.resolve(dict.get('AppearanceSHA256'));
  if (code === undefined || name === undefined || !isInteger(version)) return undefined;
  if (!(digest instanceof PdfString) || digest.bytes.length !== 32) return undefined;
  return { code, name, version, appearanceSha256: digest.bytes };
}

/**
 * The reference to the seal that a signature shows. It stands in the signature dictionary, so the
 * signature covers it: verification finds which entry of the register, in which version, was used.
 */
import {
  PdfDict,
  PdfStream,
  PdfString,
  decodeText,
  isInteger,
  pdfName,
  pdfText,
  type PdfDocument,
  type PdfValue,
} from '../pdf/index.js';

export interface SealReference {
  /** 印章编码. */
  readonly code: string;
  readonly name: string;
  /** Version of the seal in the register. */
  readonly version: number;
  /** SHA-256 of the picture, as `pictureSha256` takes it. */
  readonly appearanceSha256: Uint8Array;
  /** The seal's structure (GB/T 38540), so that the seal can be verified by the file alone. */
  readonly structureDer?: Uint8Array;
}

/**
 * The entry of the signature dictionary. The structure stands in it as a string: a stream would be an
 * object of its own, which other validators take for a change of what was signed before.
 */
export function sealDictionary(seal: SealReference): PdfDict {
  const { structureDer } = seal;
  return PdfDict.of({
    Structure: structureDer === undefined ? undefined : new PdfString(structureDer),
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
  const structure = readStructure(document.resolve(dict.get('Structure')));
  return {
    code,
    name,
    version,
    appearanceSha256: digest.bytes,
    ...(structure === undefined ? {} : { structureDer: structure }),
  };
}

function readStructure(value: PdfValue): Uint8Array | undefined {
  if (value instanceof PdfString) return value.bytes;
  // As it was written before.
  return value instanceof PdfStream ? value.data() : undefined;
}

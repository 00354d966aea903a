/** What a font tells about the text it shows: characters and widths. Not what its glyphs look like. */
import { isAppError } from '../../kernel/index.js';
import type { PdfDocument } from '../document.js';
import type { PdfDict } from '../objects.js';
import { PdfArray, PdfName, PdfStream, isInteger, type PdfValue } from '../objects.js';
import { glyphNameText, singleByteText } from './glyph-names.js';
import { codeOf, readCMap, utf16, type CMap } from './to-unicode.js';

/** One character code of a shown string. */
export interface ShownCode {
  /** What it reads as; empty where the font does not say. */
  readonly text: string;
  /** Advance in text space units of a font of size 1. */
  readonly width: number;
  /** Whether word spacing applies: the one-byte code 32. */
  readonly isSpace: boolean;
}

export interface TextFont {
  /** Splits a shown string into its codes. */
  decode(bytes: Uint8Array): readonly ShownCode[];
}

/** Width taken where a font does not give one, as the standard 14 fonts need not. */
const GUESSED_WIDTH = 0.5;
const MOST_WIDTHS = 1 << 17;

/** @throws AppError `pdf-limit-exceeded`, `pdf-encrypted` */
export function readFont(document: PdfDocument, font: PdfDict): TextFont {
  const subtype = document.resolve(font.get('Subtype'));
  const toUnicode = readOptionalCMap(document, font.get('ToUnicode'));
  return subtype instanceof PdfName && subtype.value === 'Type0'
    ? compositeFont(document, font, toUnicode)
    : simpleFont(document, font, toUnicode);
}

function readOptionalCMap(document: PdfDocument, value: PdfValue | undefined): CMap | undefined {
  const stream = document.resolve(value);
  if (!(stream instanceof PdfStream)) return undefined;
  try {
    return readCMap(stream.data(), document.limits);
  } catch (error) {
    // Text without its map is text not found, not a document that cannot be used.
    if (isAppError(error, 'pdf-malformed', 'pdf-unsupported')) return undefined;
    throw error;
  }
}

function compositeFont(
  document: PdfDocument,
  font: PdfDict,
  toUnicode: CMap | undefined,
): TextFont {
  const encoding = document.resolve(font.get('Encoding'));
  const encodingName = encoding instanceof PdfName ? encoding.value : '';
  const embedded = readOptionalCMap(document, font.get('Encoding'));
  const descendant = document.resolveDict(
    document.resolveArray(font.get('DescendantFonts'))?.items[0],
  );
  const widths = cidWidths(document, descendant);
  const defaultWidth = numberOr(document, descendant?.get('DW'), 1000);
  const gbk = /^GBK|^GB-EUC/.test(encodingName) ? new TextDecoder('gbk') : undefined;
  const isUtf16 = /^Uni.*-(UCS2|UTF16)-/.test(encodingName);
  const textOf = (code: number, bytes: Uint8Array): string => {
    const mapped = toUnicode?.text.get(code);
    if (mapped !== undefined) return mapped;
    if (gbk !== undefined) return gbk.decode(bytes);
    return isUtf16 ? utf16(bytes) : '';
  };
  return {
    decode: (bytes) => {
      const codes: ShownCode[] = [];
      for (let at = 0; at < bytes.length;) {
        const length = codeLength(bytes, at, gbk !== undefined, embedded);
        const codeBytes = bytes.subarray(at, at + length);
        const code = codeOf(codeBytes);
        const cid = embedded?.cids.get(code) ?? code;
        const width = (widths.get(cid) ?? defaultWidth) / 1000;
        codes.push({ text: textOf(code, codeBytes), width, isSpace: length === 1 && code === 32 });
        at += length;
      }
      return codes;
    },
  };
}

function codeLength(bytes: Uint8Array, at: number, isGbk: boolean, embedded: CMap | undefined) {
  if (isGbk) return (bytes[at] ?? 0) < 0x81 ? 1 : 2;
  const lengths = embedded?.codeLengths ?? [];
  return lengths.length === 1 ? Math.max(1, lengths[0] ?? 2) : 2;
}

/** `/W`: `c [w…]` or `first last w`. */
function cidWidths(document: PdfDocument, descendant: PdfDict | undefined): Map<number, number> {
  const widths = new Map<number, number>();
  const items = document.resolveArray(descendant?.get('W'))?.items ?? [];
  for (let i = 0; i < items.length && widths.size < MOST_WIDTHS;) {
    const first = document.resolve(items[i]);
    const second = document.resolve(items[i + 1]);
    if (!isInteger(first)) break;
    if (second instanceof PdfArray) {
      second.items.forEach((item, n) => {
        widths.set(first + n, numberOr(document, item, 0));
      });
      i += 2;
    } else {
      if (!isInteger(second)) break;
      const width = numberOr(document, items[i + 2], 0);
      const last = Math.min(second, first + MOST_WIDTHS);
      for (let cid = first; cid <= last; cid++) widths.set(cid, width);
      i += 3;
    }
  }
  return widths;
}

function simpleFont(document: PdfDocument, font: PdfDict, toUnicode: CMap | undefined): TextFont {
  const first = numberOr(document, font.get('FirstChar'), 0);
  const widths = document.resolveArray(font.get('Widths'))?.items;
  const descriptor = document.resolveDict(font.get('FontDescriptor'));
  const missing = numberOr(document, descriptor?.get('MissingWidth'), 0);
  // The glyph space of a Type 3 font is its own; all others count in thousandths.
  const matrix = document.resolveArray(font.get('FontMatrix'));
  const unit = matrix === undefined ? 0.001 : numberOr(document, matrix.items[0], 0.001);
  const differences = readDifferences(document, font);
  return {
    decode: (bytes) =>
      Array.from(bytes, (code) => ({
        text: toUnicode?.text.get(code) ?? differences.get(code) ?? singleByteText(code),
        width:
          widths === undefined
            ? GUESSED_WIDTH
            : numberOr(document, widths[code - first], missing) * unit,
        isSpace: code === 32,
      })),
  };
}

function readDifferences(document: PdfDocument, font: PdfDict): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  const encoding = document.resolveDict(font.get('Encoding'));
  let code = 0;
  for (const item of document.resolveArray(encoding?.get('Differences'))?.items ?? []) {
    const value = document.resolve(item);
    if (isInteger(value)) code = value;
    else if (value instanceof PdfName) found.set(code++, glyphNameText(value.value));
  }
  return found;
}

function numberOr(document: PdfDocument, value: PdfValue | undefined, otherwise: number): number {
  const found = document.resolve(value);
  return typeof found === 'number' ? found : otherwise;
}

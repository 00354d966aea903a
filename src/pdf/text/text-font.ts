/** What a font tells about the text it shows: characters and widths. Not what its glyphs look like. */
import { isAppError } from '../../kernel/index.js';
import type { PdfDocument } from '../document.js';
import type { PdfDict } from '../objects.js';
import { PdfArray, PdfName, PdfStream, isInteger, isName, type PdfValue } from '../objects.js';
import { dingbatText, glyphNameText, singleByteText } from './glyph-names.js';
import { standardWidth } from './standard-widths.js';
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
  /** Written downwards: a glyph hangs from the middle of its top. */
  readonly isVertical: boolean;
  /** Type 3: each glyph is content of its own, which may paint anything anywhere. */
  readonly isDrawn: boolean;
  /** Splits a shown string into its codes. */
  decode(bytes: Uint8Array): readonly ShownCode[];
}

/** Width taken where neither a font nor its name gives one. */
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
  const legacy = legacyEncoding(encodingName);
  const isUtf16 = /^Uni.*-(UCS2|UTF16)-/.test(encodingName);
  const textOf = (code: number, bytes: Uint8Array): string => {
    const mapped = toUnicode?.text.get(code);
    if (mapped !== undefined) return mapped;
    if (legacy !== undefined) return legacy.decode(bytes);
    return isUtf16 ? utf16(bytes) : '';
  };
  return {
    isVertical: /-V$/.test(encodingName),
    isDrawn: false,
    decode: (bytes) => {
      const codes: ShownCode[] = [];
      for (let at = 0; at < bytes.length;) {
        const length = legacy?.lengthAt(bytes, at) ?? codeLength(embedded);
        const codeBytes = bytes.subarray(at, at + length);
        const code = codeOf(codeBytes);
        const cid = embedded?.cids.get(code) ?? code;
        // The widths of a legacy encoding go by CIDs that only the CMap knows; its one-byte codes are half as wide.
        const isHalf = legacy !== undefined && length === 1;
        const width = isHalf ? 0.5 : (widths.get(cid) ?? defaultWidth) / 1000;
        codes.push({ text: textOf(code, codeBytes), width, isSpace: length === 1 && code === 32 });
        at += length;
      }
      return codes;
    },
  };
}

/** A predefined CMap that is a character encoding of its own. @see ISO 32000-1:2008, table 118 */
interface LegacyEncoding {
  decode(bytes: Uint8Array): string;
  lengthAt(bytes: Uint8Array, at: number): number;
}

const LEGACY: readonly (readonly [pattern: RegExp, label: string])[] = [
  [/^GBK2K-/, 'gb18030'],
  [/^GB(K|Kp|pc)?-EUC-/, 'gbk'],
  [/^(B5pc|ETen-B5|ETenms-B5|HKscs-B5)-/, 'big5'],
  [/^(83pv|90ms|90msp|90pv|Add|Ext)-RKSJ-/, 'shift_jis'],
  [/^KSC(ms|pc)?-(EUC|UHC)-/, 'euc-kr'],
];

function legacyEncoding(name: string): LegacyEncoding | undefined {
  const label = LEGACY.find(([pattern]) => pattern.test(name))?.[1];
  if (label === undefined) return undefined;
  const decoder = new TextDecoder(label);
  return {
    decode: (bytes) => decoder.decode(bytes),
    lengthAt(bytes, at) {
      const lead = bytes[at] ?? 0;
      if (lead < 0x81 || (label === 'shift_jis' && lead >= 0xa0 && lead < 0xe0)) return 1;
      const next = bytes[at + 1] ?? 0;
      return label === 'gb18030' && next >= 0x30 && next <= 0x39 ? 4 : 2;
    },
  };
}

function codeLength(embedded: CMap | undefined): number {
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
  const name = document.resolve(font.get('BaseFont'));
  const baseFont = name instanceof PdfName ? name.value : '';
  const builtIn = /ZapfDingbats$/.test(baseFont) ? dingbatText : singleByteText;
  return {
    isVertical: false,
    isDrawn: isName(document.resolve(font.get('Subtype')), 'Type3'),
    decode: (bytes) =>
      Array.from(bytes, (code) => ({
        text: toUnicode?.text.get(code) ?? differences.get(code) ?? builtIn(code),
        width:
          widths === undefined
            ? (standardWidth(baseFont, code) ?? GUESSED_WIDTH)
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

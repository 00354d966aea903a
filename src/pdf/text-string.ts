/** Text strings: UTF-16BE, UTF-8 and PDFDocEncoding. @see ISO 32000-2:2020, 7.9.2.2 */
import { bytesToUtf8 } from '../kernel/index.js';
import { PdfString } from './objects.js';

/** PDFDocEncoding where it differs from Latin-1. @see ISO 32000-1:2008, D.2 */
const PDF_DOC_0X18 = '\u02d8\u02c7\u02c6\u02d9\u02dd\u02db\u02da\u02dc';
const PDF_DOC_0X80 =
  '\u2022\u2020\u2021\u2026\u2014\u2013\u0192\u2044\u2039\u203a\u2212\u2030\u201e\u201c\u201d\u2018' +
  '\u2019\u201a\u2122\ufb01\ufb02\u0141\u0152\u0160\u0178\u017d\u0131\u0142\u0153\u0161\u017e\ufffd\u20ac';

/** A text string: printable ASCII as it is, anything else as UTF-16BE with a byte order mark. */
export function pdfText(text: string): PdfString {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e) return utf16(text);
    bytes[i] = code;
  }
  return new PdfString(bytes);
}

/** The text of a text string; bytes that stand for nothing become U+FFFD. */
export function decodeText(string: PdfString): string {
  const { bytes } = string;
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return fromUtf16(bytes, 0);
  // Little-endian is not allowed, but written by some and understood by readers.
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return fromUtf16(bytes, 1);
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    return bytesToUtf8(bytes.subarray(3));
  }
  let text = '';
  for (const byte of bytes) {
    if (byte >= 0x18 && byte < 0x20) text += PDF_DOC_0X18[byte - 0x18] ?? '';
    else if (byte >= 0x80 && byte <= 0xa0) text += PDF_DOC_0X80[byte - 0x80] ?? '';
    else text += String.fromCharCode(byte);
  }
  return text;
}

/** `text` in PDFDocEncoding; undefined where a character has no place in it. */
export function encodePdfDoc(text: string): Uint8Array | undefined {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const low = PDF_DOC_0X18.indexOf(character);
    const high = character === '\ufffd' ? -1 : PDF_DOC_0X80.indexOf(character);
    if (low >= 0) bytes.push(0x18 + low);
    else if (high >= 0) bytes.push(0x80 + high);
    else if (code < 0x18 || (code > 0x1f && code < 0x7f) || (code > 0xa0 && code < 0x100)) {
      bytes.push(code);
    } else {
      return undefined;
    }
  }
  return Uint8Array.from(bytes);
}

function utf16(text: string): PdfString {
  const bytes = new Uint8Array(2 + 2 * text.length);
  bytes[0] = 0xfe;
  bytes[1] = 0xff;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    bytes[2 + 2 * i] = code >> 8;
    bytes[3 + 2 * i] = code & 0xff;
  }
  return new PdfString(bytes, true);
}

function fromUtf16(bytes: Uint8Array, low: 0 | 1): string {
  let text = '';
  for (let i = 2; i + 1 < bytes.length; i += 2) {
    const high = bytes[i + low] ?? 0;
    text += String.fromCharCode((high << 8) | (bytes[i + 1 - low] ?? 0));
  }
  return text;
}

/** From the content octets of one element to a JavaScript value. Every function throws AppError `asn1-malformed`. */
import { asn1Error } from './asn1-error.js';
import type { Asn1Element } from './asn1-reader.js';
import { TAG } from './tags.js';

/** A longer object identifier or integer has no use here and would only cost quadratic time. */
const MAX_OID_OCTETS = 64;
const MAX_INTEGER_OCTETS = 4096;

/** Dotted decimal text. */
export function readOid(element: Asn1Element): string {
  requirePrimitive(element);
  const { bytes, contentStart, contentEnd } = element;
  if (contentStart === contentEnd || contentEnd - contentStart > MAX_OID_OCTETS) {
    throw asn1Error('object identifier of impossible length', element.start);
  }
  if (((bytes[contentEnd - 1] as number) & 0x80) !== 0) {
    throw asn1Error('object identifier is cut off', element.start);
  }
  let text = '';
  let arc = 0;
  let isArcStart = true;
  for (let at = contentStart; at < contentEnd; at++) {
    const octet = bytes[at] as number;
    if (isArcStart && octet === 0x80) throw asn1Error('arc is not minimal', at);
    isArcStart = false;
    if (arc > 2 ** 45) return readOidWithLargeArcs(element);
    arc = arc * 128 + (octet & 0x7f);
    if (octet >= 0x80) continue;
    if (text === '') {
      const first = arc < 40 ? 0 : arc < 80 ? 1 : 2;
      text = `${first}.${arc - first * 40}`;
    } else {
      text += `.${arc}`;
    }
    arc = 0;
    isArcStart = true;
  }
  return text;
}

/** UUID-derived identifiers (2.25.…) have arcs of 128 bits. */
function readOidWithLargeArcs(element: Asn1Element): string {
  const arcs: bigint[] = [];
  let arc = 0n;
  for (const octet of element.content) {
    arc = (arc << 7n) | BigInt(octet & 0x7f);
    if (octet >= 0x80) continue;
    if (arcs.length === 0) {
      const first = arc < 40n ? 0n : arc < 80n ? 1n : 2n;
      arcs.push(first, arc - first * 40n);
    } else {
      arcs.push(arc);
    }
    arc = 0n;
  }
  return arcs.join('.');
}

/** INTEGER or ENUMERATED of any size. */
export function readBigInteger(element: Asn1Element): bigint {
  const content = integerContent(element);
  let value = 0n;
  for (const octet of content) value = (value << 8n) | BigInt(octet);
  const isNegative = ((content[0] as number) & 0x80) !== 0;
  return isNegative ? value - (1n << BigInt(content.length * 8)) : value;
}

/** INTEGER or ENUMERATED that fits 32 bits, as versions, lengths and reasons do. */
export function readInteger(element: Asn1Element): number {
  const content = integerContent(element);
  if (content.length > 4) throw asn1Error('integer out of range', element.start);
  let value = (content[0] as number) & 0x80 ? -1 : 0;
  for (const octet of content) value = (value << 8) | octet;
  return value;
}

/**
 * An INTEGER as lower-case hex of its content octets, without a leading zero octet: the usual text
 * of a serial number. A negative one is a minus sign and its two's complement octets.
 */
export function readIntegerHex(element: Asn1Element): string {
  const content = integerContent(element);
  let hex = ((content[0] ?? 0) & 0x80) === 0 ? '' : '-';
  for (let i = content.length > 1 && content[0] === 0 ? 1 : 0; i < content.length; i++) {
    hex += HEX[content[i] as number] as string;
  }
  return hex;
}

const HEX = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'));

/** Content octets of an INTEGER; minimal in DER, tolerated otherwise. */
export function integerContent(element: Asn1Element): Uint8Array {
  requirePrimitive(element);
  const content = element.content;
  if (content.length === 0 || content.length > MAX_INTEGER_OCTETS) {
    throw asn1Error('integer of impossible length', element.start);
  }
  if (element.rules === 'der' && content.length > 1) {
    const first = content[0] as number;
    const sign = (content[1] as number) & 0x80;
    if ((first === 0 && sign === 0) || (first === 0xff && sign !== 0)) {
      throw asn1Error('integer is not minimal', element.start);
    }
  }
  return content;
}

export function readBoolean(element: Asn1Element): boolean {
  requirePrimitive(element);
  if (element.contentLength !== 1) throw asn1Error('boolean of impossible length', element.start);
  const octet = element.bytes[element.contentStart] as number;
  if (element.rules === 'der' && octet !== 0 && octet !== 0xff) {
    throw asn1Error('boolean is neither 00 nor ff', element.start);
  }
  return octet !== 0;
}

/** Octets of an OCTET STRING (or an IMPLICIT one); aliases the input unless BER split it. */
export function readOctets(element: Asn1Element): Uint8Array {
  if (!element.isConstructed) return element.content;
  if (element.rules === 'der') throw asn1Error('constructed string', element.start);
  const parts = element.children().map((part) => {
    if ((part.tag & ~0x20) !== TAG.octetString) throw asn1Error('odd string part', part.start);
    return readOctets(part);
  });
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export interface BitString {
  /** Padding bits at the end of the last octet. */
  readonly unusedBits: number;
  /** Aliases the input. */
  readonly octets: Uint8Array;
}

export function readBitString(element: Asn1Element): BitString {
  requirePrimitive(element);
  const unusedBits = element.bytes[element.contentStart] ?? 8;
  if (element.contentLength === 0 || unusedBits > 7) {
    throw asn1Error('malformed bit string', element.start);
  }
  if (unusedBits > 0 && element.contentLength === 1) {
    throw asn1Error('malformed bit string', element.start);
  }
  return {
    unusedBits,
    octets: element.bytes.subarray(element.contentStart + 1, element.contentEnd),
  };
}

/** Octets of a BIT STRING that must have no padding bits, as keys and signatures have. */
export function readBitStringOctets(element: Asn1Element): Uint8Array {
  const { unusedBits, octets } = readBitString(element);
  if (unusedBits !== 0) throw asn1Error('bit string is not octet-aligned', element.start);
  return octets;
}

/** Numbers of the bits set in a named-bit list, first bit 0. Trailing zero bits are tolerated. */
export function readNamedBits(element: Asn1Element): number[] {
  const { octets } = readBitString(element);
  const bits: number[] = [];
  for (let i = 0; i < octets.length && i < 8; i++) {
    for (let bit = 0; bit < 8; bit++) {
      if ((octets[i] as number) & (0x80 >> bit)) bits.push(i * 8 + bit);
    }
  }
  return bits;
}

/**
 * UTCTime or GeneralizedTime, whichever the element is; fractions are kept to milliseconds.
 * Offsets other than Z are accepted only outside DER.
 * @see RFC 5280 4.1.2.5 (two-digit years: 50 and above are 19xx)
 */
export function readTime(element: Asn1Element): Date {
  requirePrimitive(element);
  const text = latin1(element.content);
  const isUtc = element.tag === TAG.utcTime;
  const match = (isUtc ? UTC_TIME : GENERALIZED_TIME).exec(text);
  if (match === null) throw asn1Error('malformed time', element.start);
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  if (element.rules === 'der' && (zone !== 'Z' || second === undefined)) {
    throw asn1Error('time is not in UTC to the second', element.start);
  }
  const yearNumber = Number(year);
  const fullYear = isUtc ? (yearNumber >= 50 ? 1900 : 2000) + yearNumber : yearNumber;
  const milliseconds = fraction === undefined ? 0 : Math.floor(Number(`0.${fraction}`) * 1000);
  const date = new Date(0);
  date.setUTCFullYear(fullYear, Number(month) - 1, Number(day));
  date.setUTCHours(Number(hour), Number(minute), Number(second ?? 0), milliseconds);
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) {
    throw asn1Error('no such date', element.start);
  }
  return zone === 'Z' || zone === undefined ? date : new Date(date.getTime() - offsetMs(zone));
}

const CLOCK = '([01]\\d|2[0-3])([0-5]\\d)(?:([0-5]\\d)';
const MONTH_DAY = '(0[1-9]|1[0-2])(0[1-9]|[12]\\d|3[01])';
const UTC_TIME = new RegExp(`^(\\d{2})${MONTH_DAY}${CLOCK})?()?(Z|[+-]\\d{4})$`);
const GENERALIZED_TIME = new RegExp(
  `^(\\d{4})${MONTH_DAY}${CLOCK}(?:[.,](\\d{1,9}))?)?(Z|[+-]\\d{4})?$`,
);

function offsetMs(zone: string): number {
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

/**
 * Text of any string type. Malformed text is not an error: issuers do write GB 18030 into
 * TeletexString, so what is not UTF-8 is tried as that, then taken octet by octet.
 */
export function readString(element: Asn1Element): string {
  const content = readOctets(element);
  switch (element.tag & ~0x20) {
    case TAG.utf8String:
    case TAG.teletexString:
      return isAscii(content) ? latin1(content) : decodeText(content);
    case TAG.bmpString:
      return utf16be(content);
    case TAG.universalString:
      return utf32be(content);
    default:
      return isAscii(content) ? latin1(content) : decodeText(content);
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const gb18030 = new TextDecoder('gb18030', { fatal: true });

function decodeText(octets: Uint8Array): string {
  for (const decoder of [utf8, gb18030]) {
    try {
      return decoder.decode(octets);
    } catch {
      continue;
    }
  }
  return latin1(octets);
}

function isAscii(octets: Uint8Array): boolean {
  for (const octet of octets) if (octet >= 0x80) return false;
  return true;
}

function latin1(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) text += String.fromCharCode(octet);
  return text;
}

function utf16be(octets: Uint8Array): string {
  let text = '';
  for (let i = 0; i + 1 < octets.length; i += 2) {
    text += String.fromCharCode(((octets[i] as number) << 8) | (octets[i + 1] as number));
  }
  return text;
}

function utf32be(octets: Uint8Array): string {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  let text = '';
  for (let i = 0; i + 3 < octets.length; i += 4) {
    const point = view.getUint32(i);
    text += point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd';
  }
  return text;
}

function requirePrimitive(element: Asn1Element): void {
  if (element.isConstructed)
    throw asn1Error('constructed encoding of a simple type', element.start);
}

/**
 * Builds DER from the inside out: each function returns a finished element as a new array.
 * Arguments come from our own code, so wrong ones are programming errors; the few that can carry
 * foreign text (`oid`, `printable`) throw AppError `input-invalid`.
 */
import { AppError, fromHex, latin1ToBytes, utf8ToBytes } from '../../kernel/index.js';
import { contextConstructed, contextPrimitive, TAG } from './tags.js';

/** An element from its identifier octet and the pieces of its content. */
export function derElement(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return derElementOf(tag, parts);
}

/** The same from an array, for counts that foreign input decides: arguments are limited by the stack. */
export function derElementOf(tag: number, parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const head =
    length < 0x80 ? 2 : length < 0x100 ? 3 : length < 0x10000 ? 4 : lengthOctets(length) + 2;
  const out = new Uint8Array(head + length);
  out[0] = tag;
  if (head === 2) {
    out[1] = length;
  } else {
    out[1] = 0x80 | (head - 2);
    for (let i = head - 1, rest = length; i > 1; i--) {
      out[i] = rest & 0xff;
      rest = Math.floor(rest / 256);
    }
  }
  let at = head;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function lengthOctets(length: number): number {
  let octets = 0;
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets++;
  return octets;
}

/** SEQUENCE or SEQUENCE OF; `undefined` stands for an absent optional member. */
export function derSequence(...members: readonly (Uint8Array | undefined)[]): Uint8Array {
  return derSequenceOf(members.filter((member) => member !== undefined));
}

/** SEQUENCE OF any number of members. */
export function derSequenceOf(members: readonly Uint8Array[]): Uint8Array {
  return derElementOf(TAG.sequence, members);
}

/** SET OF: members in ascending order of their encodings (X.690 11.6). */
export function derSetOf(members: readonly Uint8Array[], tag: number = TAG.set): Uint8Array {
  return derElementOf(tag, sortSetOf(members));
}

/** Members of a SET OF in DER order; a new array. */
export function sortSetOf(members: readonly Uint8Array[]): Uint8Array[] {
  return [...members].sort(compareOctets);
}

/** Order of a SET OF: octet by octet, the shorter one first where it is a prefix. */
export function compareOctets(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** @throws AppError `input-invalid` where `dotted` is not an object identifier */
export function derOid(dotted: string): Uint8Array {
  const known = oidCache.get(dotted);
  if (known !== undefined) return known.slice();
  if (!/^[0-2](\.(0|[1-9]\d{0,38})){1,31}$/.test(dotted)) throw notAnOid();
  const arcs = dotted.split('.').map(BigInt);
  const [first, second, ...rest] = arcs as [bigint, bigint, ...bigint[]];
  if (first < 2n && second > 39n) throw notAnOid();
  const octets: number[] = [];
  for (const arc of [first * 40n + second, ...rest]) {
    const groups: number[] = [];
    for (let left = arc; groups.length === 0 || left > 0n; left >>= 7n) {
      groups.unshift(Number(left & 0x7fn) | (groups.length === 0 ? 0 : 0x80));
    }
    octets.push(...groups);
  }
  const encoded = derElement(TAG.oid, Uint8Array.from(octets));
  if (oidCache.size < 256) oidCache.set(dotted, encoded);
  return encoded.slice();
}

const oidCache = new Map<string, Uint8Array>();

function notAnOid(): AppError {
  return new AppError('input-invalid', 'not an object identifier');
}

/** INTEGER of a safe integer or a bigint. */
export function derInteger(value: number | bigint, tag: number = TAG.integer): Uint8Array {
  if (typeof value === 'number' && value >= 0 && value < 0x80) return Uint8Array.of(tag, 1, value);
  const octets: number[] = [];
  let rest = BigInt(value);
  for (;;) {
    octets.unshift(Number(rest & 0xffn));
    rest >>= 8n;
    const sign = (octets[0] as number) & 0x80;
    if ((rest === 0n && sign === 0) || (rest === -1n && sign !== 0)) break;
  }
  return derElement(tag, Uint8Array.from(octets));
}

/** Non-negative INTEGER from big-endian octets, as serial numbers and nonces are drawn. */
export function derUnsigned(octets: Uint8Array): Uint8Array {
  let start = 0;
  while (start < octets.length - 1 && octets[start] === 0) start++;
  const trimmed = octets.subarray(start);
  if (trimmed.length === 0) return Uint8Array.of(TAG.integer, 1, 0);
  return (trimmed[0] as number) & 0x80
    ? derElement(TAG.integer, Uint8Array.of(0), trimmed)
    : derElement(TAG.integer, trimmed);
}

/**
 * INTEGER from the hex that `serialHex` fields carry.
 * @throws AppError `input-invalid` where it is not hex
 */
export function derIntegerHex(hex: string): Uint8Array {
  if (hex.startsWith('-'))
    return derElement(TAG.integer, fromHex(hex.slice(1)) ?? new Uint8Array(1));
  const octets = fromHex(hex.length % 2 === 0 ? hex : `0${hex}`);
  if (octets === undefined || octets.length === 0) {
    throw new AppError('input-invalid', 'serial number is not hex');
  }
  return derUnsigned(octets);
}

export function derBoolean(value: boolean): Uint8Array {
  return Uint8Array.of(TAG.boolean, 1, value ? 0xff : 0);
}

export function derNull(): Uint8Array {
  return Uint8Array.of(TAG.null, 0);
}

export function derEnumerated(value: number): Uint8Array {
  return derInteger(value, TAG.enumerated);
}

export function derOctets(octets: Uint8Array, tag: number = TAG.octetString): Uint8Array {
  return derElement(tag, octets);
}

export function derBitString(octets: Uint8Array, tag: number = TAG.bitString): Uint8Array {
  return derElement(tag, Uint8Array.of(0), octets);
}

/** BIT STRING of a named-bit list, without trailing zero bits (X.690 11.2.2). */
export function derNamedBits(bits: readonly number[], tag: number = TAG.bitString): Uint8Array {
  if (bits.length === 0) return derElement(tag, Uint8Array.of(0));
  const last = Math.max(...bits);
  const octets = new Uint8Array((last >> 3) + 2);
  octets[0] = 7 - (last & 7);
  for (const bit of bits) {
    const index = (bit >> 3) + 1;
    octets[index] = (octets[index] as number) | (0x80 >> (bit & 7));
  }
  return derElement(tag, octets);
}

export function derUtf8(text: string, tag: number = TAG.utf8String): Uint8Array {
  return derElement(tag, utf8ToBytes(text));
}

/** @throws AppError `input-invalid` where a character is outside PrintableString's alphabet */
export function derPrintable(text: string): Uint8Array {
  if (!isPrintable(text)) throw new AppError('input-invalid', 'not a PrintableString');
  return derElement(TAG.printableString, latin1ToBytes(text));
}

export function isPrintable(text: string): boolean {
  return /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text);
}

/** @throws AppError `input-invalid` where a character is not ASCII */
export function derIa5(text: string, tag: number = TAG.ia5String): Uint8Array {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) >= 0x80) throw new AppError('input-invalid', 'not an IA5String');
  }
  return derElement(tag, latin1ToBytes(text));
}

/**
 * Time as certificates, CRLs and signing-time write it: UTCTime through 2049, then GeneralizedTime.
 * Milliseconds are dropped.
 * @see RFC 5280 4.1.2.5
 */
export function derTime(at: Date): Uint8Array {
  const year = at.getUTCFullYear();
  if (year < 1950 || year > 2049) return derGeneralizedTime(at);
  return derElement(TAG.utcTime, latin1ToBytes(compactTime(at).slice(2)));
}

/** GeneralizedTime in UTC to the second, or to the millisecond where `withFraction` is set and it is not zero. */
export function derGeneralizedTime(
  at: Date,
  withFraction = false,
  tag: number = TAG.generalizedTime,
): Uint8Array {
  let text = compactTime(at);
  const milliseconds = at.getUTCMilliseconds();
  if (withFraction && milliseconds !== 0) {
    const fraction = String(milliseconds).padStart(3, '0').replace(/0+$/, '');
    text = `${text.slice(0, -1)}.${fraction}Z`;
  }
  return derElement(tag, latin1ToBytes(text));
}

function compactTime(at: Date): string {
  if (Number.isNaN(at.getTime()) || at.getUTCFullYear() < 0 || at.getUTCFullYear() > 9999) {
    throw new AppError('input-invalid', 'not a time that can be written');
  }
  return at.toISOString().replace(/[-:T]|\.\d{3}/g, '');
}

/** `[number] EXPLICIT`, or `[number] IMPLICIT` over the members of a SEQUENCE. */
export function derContext(number: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return derElement(contextConstructed(number), ...parts);
}

/** `[number] IMPLICIT` over a primitive type, from its content octets. */
export function derContextPrimitive(number: number, content: Uint8Array): Uint8Array {
  return derElement(contextPrimitive(number), content);
}

/** The element with another identifier octet, as IMPLICIT tagging asks; a new array. */
export function retag(element: Uint8Array, tag: number): Uint8Array {
  const out = element.slice();
  out[0] = tag;
  return out;
}

/** Identifiers: a typed prefix and 128 random bits, so that an id can neither be guessed nor mistaken for another kind. */
import { randomBytes } from 'node:crypto';
import { utf8ToBytes } from './bytes.js';
import { digestBytes } from './digest.js';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Source of random bytes, replaceable in tests. */
export type RandomBytes = (length: number) => Uint8Array;

export const systemRandom: RandomBytes = (length) => new Uint8Array(randomBytes(length));

/** An id that is the same each time for the same `name`, as unguessable as `name` is. */
export function idFrom(prefix: string, name: string): string {
  return newId(prefix, (length) => digestBytes('sha256', utf8ToBytes(name)).subarray(0, length));
}

/**
 * A new id such as `ctr_01hv…`: `prefix`, an underscore and 26 characters of Crockford base 32
 * (lower case) that carry 128 random bits.
 */
export function newId(prefix: string, random: RandomBytes = systemRandom): string {
  let value = 0n;
  for (const byte of random(16)) value = (value << 8n) | BigInt(byte);
  let text = '';
  for (let i = 0; i < 26; i++) {
    text = `${ALPHABET[Number(value & 31n)] ?? ''}${text}`;
    value >>= 5n;
  }
  return `${prefix}_${text}`;
}

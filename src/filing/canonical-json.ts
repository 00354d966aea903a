/** JSON in the one spelling of RFC 8785, so that the same facts are always the same bytes. */
import { AppError, utf8ToBytes } from '../kernel/index.js';

export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: unknown };

// With the `u` flag this matches lone surrogates only.
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * UTF-8 bytes of `value`: keys sorted by UTF-16 code units, no white space, numbers and strings as
 * ECMAScript writes them. A property that is `undefined` is left out.
 *
 * @throws AppError `input-invalid` for what JSON or UTF-8 cannot carry: NaN, infinity, a lone surrogate, a function
 * @see RFC 8785, 3.2
 */
export function canonicalJson(value: JsonValue): Uint8Array {
  return utf8ToBytes(write(value));
}

function write(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (typeof value === 'string') {
    if (LONE_SURROGATE.test(value)) throw unsuitable('a lone surrogate');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  if (typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${write(key)}:${write(member)}`);
    return `{${members.join(',')}}`;
  }
  throw unsuitable(typeof value);
}

function unsuitable(what: string): AppError {
  return new AppError('input-invalid', `JSON cannot carry ${what}`);
}

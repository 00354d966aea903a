/** JSON in one spelling, so that the same facts are always the same bytes. @see RFC 8785 */
import { AppError } from './app-error.js';
import { isWellFormed } from './bytes.js';

/**
 * `value` as text whose UTF-8 is hashed or signed: keys sorted by UTF-16 code units, no white space, numbers and strings as
 * ECMAScript writes them. A property that is `undefined` is left out.
 *
 * @throws AppError `input-invalid` for what JSON or UTF-8 cannot carry: NaN, infinity, a lone
 *   surrogate, a function
 * @see RFC 8785, 3.2
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${quoted(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  throw unsuitable(typeof value);
}

function quoted(text: string): string {
  if (!isWellFormed(text)) throw unsuitable('a lone surrogate');
  return JSON.stringify(text);
}

function unsuitable(what: string): AppError {
  return new AppError('input-invalid', `JSON cannot carry ${what}`);
}

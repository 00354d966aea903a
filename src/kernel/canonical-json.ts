/** One byte sequence for one JSON value, so that values can be hashed and signed. @see RFC 8785 */
import { AppError } from './app-error.js';

/**
 * JSON with sorted keys and no white space. Numbers are safe integers only: RFC 8785 also fixes how
 * fractions are written, but nothing here hashes any. Properties that are `undefined` are left out.
 *
 * @throws AppError `input-invalid` for a value that is not JSON, or a number that is no safe integer
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') {
    return JSON.stringify(value);
  }
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new AppError('input-invalid', 'not a safe integer');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object') {
    // Code units in order, which is what RFC 8785 3.2.3 asks for and what `<` compares.
    const entries = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`;
  }
  throw new AppError('input-invalid', `${typeof value} is not JSON`);
}

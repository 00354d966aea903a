/** The Content-Digest field: which bytes a signed request carries. */
import { digestBytes, equalBytes, fromHex, toBase64, AppError } from '../kernel/index.js';
import { parseDictionary } from './structured-fields.js';

/**
 * @param sha256 - SHA-256 of the content, hex
 * @see RFC 9530, 2
 */
export function contentDigestField(sha256: string): string {
  return `sha-256=:${toBase64(fromHex(sha256) ?? new Uint8Array())}:`;
}

/**
 * Tells whether the field names these bytes by SHA-256 or SHA-512; every digest of these two kinds
 * must agree, other kinds are passed over.
 *
 * @throws AppError `input-invalid` where the field is malformed or names neither
 */
export function matchesContentDigest(field: string, content: Uint8Array): boolean {
  const members = parseDictionary(field);
  let isKnown = false;
  for (const [name, algorithm] of [
    ['sha-256', 'sha256'],
    ['sha-512', 'sha512'],
  ] as const) {
    const member = members.get(name);
    if (member === undefined) continue;
    if (member.kind !== 'item' || member.bare.type !== 'bytes') {
      throw new AppError('input-invalid', 'Content-Digest holds no byte sequence');
    }
    if (!equalBytes(member.bare.value, digestBytes(algorithm, content))) return false;
    isKnown = true;
  }
  if (!isKnown) throw new AppError('input-invalid', 'Content-Digest names no digest we know');
  return true;
}

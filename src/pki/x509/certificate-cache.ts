/**
 * Parsed certificates by their bytes. The same few certificates come with thousands of signatures;
 * parsing one costs as much as checking a signature with it.
 */
import { bytesToLatin1, equalBytes } from '../../kernel/index.js';
import { parseCertificate, type Certificate } from './certificate.js';

const CAPACITY = 512;
/** Where a certificate's own numbers begin: serial, names, dates. */
const KEY_START = 8;
const KEY_LENGTH = 48;

const cache = new Map<string, Certificate>();

/**
 * The certificate in `der`, from the cache where the same bytes were parsed before. Copies what it
 * keeps, so that a small certificate does not hold a large file in memory.
 *
 * @throws AppError `certificate-malformed`
 */
export function cachedCertificate(der: Uint8Array): Certificate {
  const key = `${der.length}:${bytesToLatin1(der.subarray(KEY_START, KEY_START + KEY_LENGTH))}`;
  const known = cache.get(key);
  if (known !== undefined && equalBytes(known.der, der)) {
    cache.delete(key);
    cache.set(key, known);
    return known;
  }
  const certificate = parseCertificate(der.slice());
  cache.set(key, certificate);
  if (cache.size > CAPACITY) {
    const oldest = cache.keys().next();
    if (oldest.done !== true) cache.delete(oldest.value);
  }
  return certificate;
}

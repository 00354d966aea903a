/** Digests by name, over arrays and over parts of a source too large to hold. */
import { createHash } from 'node:crypto';
import { toHex } from './bytes.js';
import { readChunks, type ByteSource } from './byte-source.js';

export type DigestAlgorithm = 'sha1' | 'sha256' | 'sha384' | 'sha512' | 'sm3';

export function digestBytes(
  algorithm: DigestAlgorithm,
  ...parts: readonly Uint8Array[]
): Uint8Array {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/** Digest of `[start, end)` spans of `source`, in the order given. */
export function digestSpans(
  algorithm: DigestAlgorithm,
  source: ByteSource,
  spans: readonly (readonly [start: number, end: number])[],
): Uint8Array {
  const hash = createHash(algorithm);
  for (const [start, end] of spans) {
    for (const chunk of readChunks(source, start, end)) hash.update(chunk);
  }
  return new Uint8Array(hash.digest());
}

/** SHA-256 in lower-case hex: the name of a blob. */
export function sha256Hex(bytes: Uint8Array): string {
  return toHex(digestBytes('sha256', bytes));
}

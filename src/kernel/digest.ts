/** Digests by name, over arrays and over parts of a source too large to hold. */
import { createHash, type Hash } from 'node:crypto';
import { toHex } from './bytes.js';
import { scanBytes, type ByteSource } from './byte-source.js';

/** MD5 and SHA-1 are here for files of the past: what they are worth is for policy. */
export type DigestAlgorithm = 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512' | 'sm3';

/** A hash over the first `end` bytes of a source. */
export interface PrefixHash {
  /** The caller's own: it goes on from here. */
  readonly hash: Hash;
  readonly end: number;
}

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
  const [first] = spans;
  const known = first?.[0] === 0 ? source.prefixHash?.(algorithm, first[1]) : undefined;
  const hash = known?.hash ?? createHash(algorithm);
  let from = known?.end ?? first?.[0] ?? 0;
  for (const [index, [start, end]] of spans.entries()) {
    if (index > 0) from = start;
    updateFrom(hash, source, from, end);
  }
  return new Uint8Array(hash.digest());
}

/** Feeds `[start, end)` to `hash`. */
function updateFrom(hash: Hash, source: ByteSource, start: number, end: number): void {
  scanBytes(source, start, end, (chunk) => void hash.update(chunk));
}

/**
 * Hashes a source once, however many digests are taken that begin with the same bytes: the state of
 * the hash is kept wherever one was taken. A file's signatures, in the order they were made, and the
 * digest of the whole then come to one pass.
 *
 * For bytes that nobody changes while it lives: a state stands for the bytes as they were read.
 */
export class HashedSource implements ByteSource {
  readonly size: number;
  readonly #source: ByteSource;
  /** By algorithm, ascending by `end`. */
  readonly #kept = new Map<DigestAlgorithm, PrefixHash[]>();

  /** @param known - States taken elsewhere while the same bytes passed by. */
  constructor(source: ByteSource, known: ReadonlyMap<DigestAlgorithm, PrefixHash> = new Map()) {
    this.#source = source;
    this.size = source.size;
    for (const [algorithm, state] of known) this.#kept.set(algorithm, [state]);
  }

  read(offset: number, length: number): Uint8Array {
    return this.#source.read(offset, length);
  }

  scan(start: number, end: number, visit: (chunk: Uint8Array) => void): void {
    scanBytes(this.#source, start, end, visit);
  }

  prefixHash(algorithm: DigestAlgorithm, end: number): PrefixHash {
    const until = Math.min(end, this.size);
    const kept = this.#kept.get(algorithm) ?? [];
    const index = kept.findLastIndex((each) => each.end <= until);
    const nearest = kept[index] ?? this.#source.prefixHash?.(algorithm, until);
    if (nearest?.end === until) return { hash: nearest.hash.copy(), end: until };
    const hash = nearest?.hash.copy() ?? createHash(algorithm);
    updateFrom(hash, this.#source, nearest?.end ?? 0, until);
    this.#kept.set(algorithm, kept.toSpliced(index + 1, 0, { hash, end: until }));
    return { hash: hash.copy(), end: until };
  }
}

/** SHA-256 in lower-case hex: the name of a blob. */
export function sha256Hex(bytes: Uint8Array): string {
  return toHex(digestBytes('sha256', bytes));
}

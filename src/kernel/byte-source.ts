import type { DigestAlgorithm, PrefixHash } from './digest.js';

/**
 * Random access to bytes that may be too many to hold: a file, a blob, or an array.
 *
 * Reading is synchronous on purpose: a PDF parser makes thousands of small reads, and a promise a
 * read would cost more than the read. Large files are read off the event loop by their owner.
 */
export interface ByteSource {
  /** Total length in bytes. */
  readonly size: number;
  /**
   * Bytes `[offset, offset + length)`, cut at the end of the source. The result may alias the
   * source's memory: callers do not write to it.
   */
  read(offset: number, length: number): Uint8Array;
  /**
   * Shows the bytes of `[start, end)` to `visit`, in order; each chunk is good only during the call, so
   * that a pass over a large file needs one buffer. Absent where {@link read} copies nothing.
   */
  scan?(start: number, end: number, visit: (chunk: Uint8Array) => void): void;
  /**
   * A hash over the first bytes, `end` at the most, for the caller to go on with; undefined where none
   * is kept. Only a source whose bytes cannot change keeps one.
   */
  prefixHash?(algorithm: DigestAlgorithm, end: number): PrefixHash | undefined;
}

/** A ByteSource over an array, without copying. */
export class MemorySource implements ByteSource {
  readonly size: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.size = bytes.length;
  }

  read(offset: number, length: number): Uint8Array {
    return this.#bytes.subarray(offset, offset + length);
  }
}

/** Two sources one after the other: a signed file and the revision appended to it. */
export class ConcatSource implements ByteSource {
  readonly size: number;
  readonly #head: ByteSource;
  readonly #tail: ByteSource;

  constructor(head: ByteSource, tail: ByteSource) {
    this.#head = head;
    this.#tail = tail;
    this.size = head.size + tail.size;
  }

  read(offset: number, length: number): Uint8Array {
    const split = this.#head.size;
    const end = Math.min(offset + length, this.size);
    if (end <= split) return this.#head.read(offset, end - offset);
    if (offset >= split) return this.#tail.read(offset - split, end - offset);
    const out = new Uint8Array(end - offset);
    out.set(this.#head.read(offset, split - offset), 0);
    out.set(this.#tail.read(0, end - split), split - offset);
    return out;
  }

  scan(start: number, end: number, visit: (chunk: Uint8Array) => void): void {
    const split = this.#head.size;
    if (start < split) scanBytes(this.#head, start, Math.min(end, split), visit);
    if (end > split) scanBytes(this.#tail, Math.max(start - split, 0), end - split, visit);
  }

  prefixHash(algorithm: DigestAlgorithm, end: number): PrefixHash | undefined {
    return this.#head.prefixHash?.(algorithm, Math.min(end, this.#head.size));
  }
}

/** The first `size` bytes of `source`: one revision of a file, read alone. */
export class PrefixSource implements ByteSource {
  readonly size: number;
  readonly #source: ByteSource;

  constructor(source: ByteSource, size: number) {
    this.#source = source;
    this.size = Math.min(size, source.size);
  }

  read(offset: number, length: number): Uint8Array {
    return this.#source.read(offset, Math.max(0, Math.min(length, this.size - offset)));
  }

  scan(start: number, end: number, visit: (chunk: Uint8Array) => void): void {
    scanBytes(this.#source, start, Math.min(end, this.size), visit);
  }

  prefixHash(algorithm: DigestAlgorithm, end: number): PrefixHash | undefined {
    return this.#source.prefixHash?.(algorithm, Math.min(end, this.size));
  }
}

/** All bytes of `source` in one array; aliases it where the source is in memory. */
export function readAll(source: ByteSource): Uint8Array {
  return source.read(0, source.size);
}

/** The bytes of `[start, end)` in chunks of at most `chunkBytes`, in order. */
export function* readChunks(
  source: ByteSource,
  start: number,
  end: number,
  chunkBytes = 1 << 16,
): Generator<Uint8Array> {
  for (let at = start; at < end; at += chunkBytes) {
    yield source.read(at, Math.min(chunkBytes, end - at));
  }
}

const SCAN_BYTES = 1 << 18;

/** Shows the bytes of `[start, end)` to `visit`, in order; each chunk is good only during the call. */
export function scanBytes(
  source: ByteSource,
  start: number,
  end: number,
  visit: (chunk: Uint8Array) => void,
): void {
  if (source.scan !== undefined) source.scan(start, end, visit);
  else for (const chunk of readChunks(source, start, end, SCAN_BYTES)) visit(chunk);
}

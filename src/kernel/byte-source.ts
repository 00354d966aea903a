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

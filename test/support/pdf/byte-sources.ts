/** Byte sources for tests: one that counts what is read, one that shows bytes in odd pieces, one that pretends to be huge. */
import type { ByteSource } from '../../../src/kernel/index.js';

/** Copies every read, so that aliasing shows, and counts the bytes. */
export class CountingSource implements ByteSource {
  readonly size: number;
  bytesRead = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.size = bytes.length;
  }

  read(offset: number, length: number): Uint8Array {
    const found = this.#bytes.slice(offset, offset + length);
    this.bytesRead += found.length;
    return found;
  }
}

/** Copies every read; shows passes in pieces of the given lengths, in a buffer that is spoilt after each. */
export class PiecewiseSource implements ByteSource {
  readonly size: number;
  readonly #bytes: Uint8Array;
  readonly #pieces: readonly number[];

  /** @param pieces - At least one, each at least 1; taken in turn. */
  constructor(bytes: Uint8Array, pieces: readonly number[]) {
    this.#bytes = bytes;
    this.size = bytes.length;
    this.#pieces = pieces;
  }

  read(offset: number, length: number): Uint8Array {
    return this.#bytes.slice(offset, offset + length);
  }

  scan(start: number, end: number, visit: (chunk: Uint8Array) => void): void {
    const until = Math.min(end, this.size);
    for (let at = start, turn = 0; at < until; turn++) {
      const next = Math.min(at + this.#pieces[turn % this.#pieces.length]!, until);
      const chunk = this.#bytes.slice(at, next);
      visit(chunk);
      chunk.fill(0xee);
      at = next;
    }
  }
}

/** `head`, then zeros, then `tail`, in `size` bytes that are never held. */
export class SparseSource implements ByteSource {
  readonly size: number;
  bytesRead = 0;
  readonly #head: Uint8Array;
  readonly #tail: Uint8Array;

  constructor(head: Uint8Array, tail: Uint8Array, size: number) {
    this.#head = head;
    this.#tail = tail;
    this.size = size;
  }

  read(offset: number, length: number): Uint8Array {
    const end = Math.min(offset + length, this.size);
    const out = new Uint8Array(Math.max(0, end - offset));
    const copy = (bytes: Uint8Array, at: number): void => {
      for (let i = Math.max(at, offset); i < Math.min(at + bytes.length, end); i++) {
        out[i - offset] = bytes[i - at]!;
      }
    };
    copy(this.#head, 0);
    copy(this.#tail, this.size - this.#tail.length);
    this.bytesRead += out.length;
    return out;
  }
}

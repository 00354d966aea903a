/** A cursor over a ByteSource that reads in windows, so that a parser can ask for one byte at a time. */
import type { ByteSource } from '../kernel/index.js';

const FIRST_WINDOW = 4096;
const LARGEST_WINDOW = 1 << 18;

const NOTHING = new Uint8Array(0);

export class ByteReader {
  readonly source: ByteSource;
  /** Position of the next byte. */
  pos = 0;
  #window: Uint8Array = NOTHING;
  #start = 0;

  constructor(source: ByteSource, pos = 0) {
    this.source = source;
    this.pos = pos;
  }

  get size(): number {
    return this.source.size;
  }

  /** The byte at the cursor, or -1 at the end. */
  peek(): number {
    const at = this.pos - this.#start;
    if (at >= 0 && at < this.#window.length) return this.#window[at] ?? -1;
    return this.#load(this.pos);
  }

  /** The byte at the cursor, which moves on; -1 at the end, where it stays. */
  next(): number {
    const byte = this.peek();
    if (byte >= 0) this.pos++;
    return byte;
  }

  /** The byte `distance` after the cursor, or -1 past the end. */
  peekAt(distance: number): number {
    const at = this.pos + distance - this.#start;
    if (at >= 0 && at < this.#window.length) return this.#window[at] ?? -1;
    return this.#load(this.pos + distance);
  }

  /** The bytes at hand, for loops too tight for a call a byte; the cursor may stand outside of them. */
  get window(): Uint8Array {
    return this.#window;
  }

  /** Index of the cursor in {@link window}; below zero or beyond its end where that does not hold it. */
  get windowPos(): number {
    return this.pos - this.#start;
  }

  /** Whether the bytes at the cursor are the ASCII `text`. */
  startsWith(text: string): boolean {
    for (let i = 0; i < text.length; i++) {
      if (this.peekAt(i) !== text.charCodeAt(i)) return false;
    }
    return true;
  }

  #load(at: number): number {
    if (at < 0 || at >= this.source.size) return -1;
    const sequential = at === this.#start + this.#window.length && this.#window.length > 0;
    const length = sequential ? Math.min(this.#window.length * 2, LARGEST_WINDOW) : FIRST_WINDOW;
    this.#window = this.source.read(at, length);
    this.#start = at;
    return this.#window[0] ?? -1;
  }
}

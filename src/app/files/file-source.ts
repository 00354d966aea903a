/** A file as a ByteSource: read where it is asked for, so that memory does not grow with its size. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { AppError, type ByteSource } from '../../kernel/index.js';

const SCAN_BYTES = 1 << 18;
const BLOCK_BYTES = 1 << 14;
/** Four megabytes: the whole of a contract, the cross-reference of anything larger. */
const KEPT_BLOCKS = 256;

export class FileSource implements ByteSource, Disposable {
  readonly size: number;
  readonly #descriptor: number;
  /** By index, oldest first: a parser asks for the same few thousand bytes again and again. */
  readonly #blocks = new Map<number, Uint8Array>();

  /** @throws AppError `file-not-found` */
  constructor(path: string) {
    this.#descriptor = openFile(path, 'r');
    const stat = fstatSync(this.#descriptor);
    if (!stat.isFile()) {
      closeSync(this.#descriptor);
      throw new AppError('file-not-found', 'not a file', { params: { file: path } });
    }
    this.size = stat.size;
  }

  read(offset: number, length: number): Uint8Array {
    const wanted = Math.max(0, Math.min(length, this.size - offset));
    const index = Math.floor(offset / BLOCK_BYTES);
    const from = offset - index * BLOCK_BYTES;
    if (from + wanted <= BLOCK_BYTES) return this.#block(index).subarray(from, from + wanted);
    return this.#readFresh(offset, wanted);
  }

  #block(index: number): Uint8Array {
    const known = this.#blocks.get(index);
    if (known !== undefined) return known;
    const start = index * BLOCK_BYTES;
    const block = this.#readFresh(start, Math.max(0, Math.min(BLOCK_BYTES, this.size - start)));
    const oldest = this.#blocks.size < KEPT_BLOCKS ? undefined : this.#blocks.keys().next();
    if (oldest?.done === false) this.#blocks.delete(oldest.value);
    this.#blocks.set(index, block);
    return block;
  }

  #readFresh(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    const count = this.readInto(bytes, offset);
    return count === length ? bytes : bytes.subarray(0, count);
  }

  /** Fills `target` from `offset` on. @returns How many bytes there were. */
  readInto(target: Uint8Array, offset: number): number {
    let done = 0;
    while (done < target.length) {
      const count = readSync(this.#descriptor, target, done, target.length - done, offset + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  scan(start: number, end: number, visit: (chunk: Uint8Array) => void): void {
    const until = Math.min(end, this.size);
    const buffer = new Uint8Array(Math.min(SCAN_BYTES, Math.max(0, until - start)));
    for (let at = start; at < until;) {
      const count = this.readInto(buffer.subarray(0, Math.min(buffer.length, until - at)), at);
      if (count === 0) return;
      visit(buffer.subarray(0, count));
      at += count;
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }
}

/** @throws AppError `file-not-found` where it was to be read, `input-invalid` where written */
export function openFile(path: string, flags: string, mode?: number): number {
  try {
    return openSync(path, flags, mode);
  } catch (error) {
    const code = flags === 'r' ? 'file-not-found' : 'input-invalid';
    throw new AppError(code, 'the file cannot be opened', { params: { file: path }, cause: error });
  }
}

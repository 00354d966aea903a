/** A file as a ByteSource: read where it is asked for, so that memory does not grow with its size. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { AppError, type ByteSource } from '../kernel/index.js';

const SCAN_BYTES = 1 << 18;

export class FileSource implements ByteSource, Disposable {
  readonly size: number;
  readonly #descriptor: number;

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
    const bytes = new Uint8Array(wanted);
    const count = this.readInto(bytes, offset);
    return count === wanted ? bytes : bytes.subarray(0, count);
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

/** Files of the command line: read, opened for random access, written so that a crash leaves the old or the new one. */
import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError, newId, readChunks, type ByteSource } from '../kernel/index.js';
import type { FileAccess } from '../cli/index.js';

/** A file read where it is asked for; memory does not grow with its size. */
export class FileSource implements ByteSource, Disposable {
  readonly size: number;
  readonly #descriptor: number;

  /** @throws AppError `file-not-found` */
  constructor(path: string) {
    this.#descriptor = open(path, 'r');
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
    let done = 0;
    while (done < wanted) {
      const count = readSync(this.#descriptor, bytes, done, wanted - done, offset + done);
      if (count === 0) break;
      done += count;
    }
    return done === wanted ? bytes : bytes.subarray(0, done);
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }
}

function open(path: string, flags: string, mode?: number): number {
  try {
    return openSync(path, flags, mode);
  } catch (error) {
    const code = flags === 'r' ? 'file-not-found' : 'input-invalid';
    throw new AppError(code, 'the file cannot be opened', { params: { file: path }, cause: error });
  }
}

/** Writes `chunks` beside `path`, then takes its place. */
function replaceFile(path: string, chunks: Iterable<Uint8Array>, mode: number): void {
  const temporary = join(dirname(path), `.${newId('tmp')}`);
  const descriptor = open(temporary, 'wx', mode);
  try {
    for (const chunk of chunks) {
      let done = 0;
      while (done < chunk.length) done += writeSync(descriptor, chunk, done);
    }
    fsyncSync(descriptor);
    closeSync(descriptor);
    renameSync(temporary, path);
  } catch (error) {
    unlinkSync(temporary);
    throw new AppError('store-unavailable', 'the file cannot be written', {
      params: { file: path },
      cause: error,
    });
  }
}

function* withAppended(base: ByteSource, appended: Uint8Array): Generator<Uint8Array> {
  yield* readChunks(base, 0, base.size);
  yield appended;
}

export const fileAccess: FileAccess = {
  read(path) {
    try {
      return new Uint8Array(readFileSync(path));
    } catch (error) {
      throw new AppError('file-not-found', 'the file cannot be read', {
        params: { file: path },
        cause: error,
      });
    }
  },
  open: (path) => new FileSource(path),
  writeAppended: (path, base, appended) => replaceFile(path, withAppended(base, appended), 0o644),
  write: (path, bytes, mode = 0o644) => replaceFile(path, [bytes], mode),
  makeDirectory: (path) => void mkdirSync(path, { recursive: true }),
};

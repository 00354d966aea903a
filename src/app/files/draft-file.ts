/**
 * A file on its way to its name: first a copy of another one, hashed while it is made, then what is
 * appended. All that is read of it is read from the copy, so what was checked is what is handed out.
 */
import { closeSync, fsync, ftruncateSync, renameSync, unlinkSync, write, writeSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import {
  AppError,
  HashedSource,
  newId,
  type ByteSource,
  type DigestAlgorithm,
} from '../../kernel/index.js';
import type { DraftFile } from '../../cli/index.js';
import { FileSource, openFile } from './file-source.js';

const writeAt = promisify(write);
const sync = promisify(fsync);

const CHUNK_BYTES = 1 << 20;

class FileDraft implements DraftFile {
  readonly #path: string;
  readonly #temporary: string;
  readonly #original: FileSource;
  #descriptor: number | undefined;
  #copy: FileSource | undefined;
  #isKept = false;

  constructor(originalPath: string, path: string) {
    this.#original = new FileSource(originalPath);
    this.#path = path;
    this.#temporary = join(dirname(path), `.${newId('tmp')}`);
  }

  async fill(algorithms: readonly DigestAlgorithm[]): Promise<ByteSource> {
    const descriptor = openFile(this.#temporary, 'wx', 0o644);
    this.#descriptor = descriptor;
    const hashes = algorithms.map((algorithm) => ({ algorithm, hash: createHash(algorithm) }));
    const size = await this.#guard(() =>
      copy(this.#original, descriptor, (chunk) => {
        for (const { hash } of hashes) hash.update(chunk);
      }),
    );
    this.#copy = new FileSource(this.#temporary);
    return new HashedSource(
      this.#copy,
      new Map(hashes.map(({ algorithm, hash }) => [algorithm, { hash, end: size }])),
    );
  }

  async commit(appended: Uint8Array): Promise<void> {
    const descriptor = this.#descriptor;
    const size = this.#copy?.size;
    if (descriptor === undefined || size === undefined) {
      throw new AppError('internal', 'a draft is committed before it is filled');
    }
    await this.#guard(async () => {
      ftruncateSync(descriptor, size);
      for (let done = 0; done < appended.length;) {
        done += writeSync(descriptor, appended, done, appended.length - done, size + done);
      }
      await sync(descriptor);
      renameSync(this.#temporary, this.#path);
    });
    this.#isKept = true;
  }

  async #guard<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw new AppError('store-unavailable', 'the file cannot be written', {
        params: { file: this.#path },
        cause: error,
      });
    }
  }

  [Symbol.dispose](): void {
    this.#original[Symbol.dispose]();
    this.#copy?.[Symbol.dispose]();
    if (this.#descriptor === undefined) return;
    closeSync(this.#descriptor);
    if (!this.#isKept) unlinkSync(this.#temporary);
  }
}

/** Writes one chunk while the next is read and both are hashed. @returns Bytes copied. */
async function copy(
  from: FileSource,
  to: number,
  visit: (chunk: Uint8Array) => void,
): Promise<number> {
  const buffers = [new Uint8Array(CHUNK_BYTES), new Uint8Array(CHUNK_BYTES)] as const;
  let writing = Promise.resolve();
  let size = 0;
  for (let turn = 0; ; turn++) {
    const buffer = buffers[turn % 2 === 0 ? 0 : 1];
    const chunk = buffer.subarray(0, from.readInto(buffer, size));
    if (chunk.length === 0) break;
    await writing;
    writing = writeFully(to, chunk, size);
    visit(chunk);
    size += chunk.length;
  }
  await writing;
  return size;
}

async function writeFully(descriptor: number, chunk: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < chunk.length;) {
    const { bytesWritten } = await writeAt(descriptor, chunk, done, chunk.length - done, at + done);
    done += bytesWritten;
  }
}

/** @throws AppError `file-not-found` */
export function draftFile(originalPath: string, path: string): DraftFile {
  return new FileDraft(originalPath, path);
}

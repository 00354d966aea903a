/** Files of the command line: read, opened for random access, written so that a crash leaves the old or the new one. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError, newId, readChunks, type ByteSource } from '../../kernel/index.js';
import type { FileAccess } from '../../cli/index.js';
import { draftFile } from './draft-file.js';
import { FileSource, openFile } from './file-source.js';

/** Writes `chunks` beside `path`, then takes its place. */
function replaceFile(path: string, chunks: Iterable<Uint8Array>, mode: number): void {
  const temporary = join(dirname(path), `.${newId('tmp')}`);
  const descriptor = openFile(temporary, 'wx', mode);
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
  exists: (path) => existsSync(path),
  open: (path) => new FileSource(path),
  draft: (original, path) => draftFile(original, path),
  writeAppended: (path, base, appended) => replaceFile(path, withAppended(base, appended), 0o644),
  write: (path, bytes, mode = 0o644) => replaceFile(path, [bytes], mode),
  makeDirectory: (path) => void mkdirSync(path, { recursive: true }),
};

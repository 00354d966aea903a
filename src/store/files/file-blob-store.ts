/**
 * Blobs as files named by their SHA-256, in 4096 folders: `abc/abcd…`. One level, since a new folder
 * costs an fsync of its own and 80 million blobs are 20,000 a folder.
 *
 * A name appears only when its content is on disk: write to a temporary file of the same file
 * system, fsync, rename, fsync the folder. A crash at any point leaves at most a temporary file.
 */
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  AppError,
  isAppError,
  MemorySource,
  readChunks,
  type ByteSource,
} from '../../kernel/index.js';
import type { BlobId, BlobStore } from '../blob-store.js';
import { storeUnavailable } from '../record-errors.js';

export interface FileBlobStoreOptions {
  /** Created where missing; used by this service alone. */
  readonly directory: string;
}

const BLOB_ID = /^[0-9a-f]{64}$/;
const SHARD = /^[0-9a-f]{3}$/;
const TEMPORARY = '.incoming';
const ABANDONED_MS = 24 * 3600_000;
const CHUNK_BYTES = 1 << 20;

/**
 * Opens the folder, proves that it can be written, and clears what crashed writers left a day ago
 * or earlier.
 * @throws AppError `store-unavailable`
 */
export async function openFileBlobStore(options: FileBlobStoreOptions): Promise<BlobStore> {
  const { directory } = options;
  try {
    await makeDurableDirectory(join(directory, TEMPORARY));
    await sweepAbandoned(join(directory, TEMPORARY));
  } catch (error) {
    throw storeUnavailable('opening the blob folder', error);
  }
  return new FileBlobStore(directory);
}

class FileBlobStore implements BlobStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async put(parts: readonly (Uint8Array | ByteSource)[]): Promise<BlobId> {
    const sources = parts.map((part) => (ArrayBuffer.isView(part) ? new MemorySource(part) : part));
    const temporary = join(
      this.#directory,
      TEMPORARY,
      `${String(process.pid)}-${randomBytes(12).toString('hex')}`,
    );
    try {
      const id = await hashChunks(sources);
      const path = this.#path(id);
      // An existing file that no longer has its content is written anew.
      if (await isIntact(path, id)) {
        await syncDirectory(dirname(path));
        return id;
      }
      await writeNew(temporary, sources, id);
      await makeDurableDirectory(dirname(path));
      await rename(temporary, path);
      await syncDirectory(dirname(path));
      return id;
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw isAppError(error) ? error : storeUnavailable('writing a blob', error);
    }
  }

  async has(id: BlobId): Promise<boolean> {
    if (!BLOB_ID.test(id)) return false;
    try {
      return (await stat(this.#path(id))).isFile();
    } catch (error) {
      if (isMissing(error)) return false;
      throw storeUnavailable('looking for a blob', error);
    }
  }

  async read(id: BlobId): Promise<Uint8Array> {
    const hash = createHash('sha256');
    const chunks: Uint8Array[] = [];
    let length = 0;
    const handle = await this.#openFor(id);
    try {
      for await (const chunk of chunksOf(handle)) {
        hash.update(chunk);
        chunks.push(chunk);
        length += chunk.length;
      }
    } catch (error) {
      throw storeUnavailable('reading a blob', error);
    } finally {
      await handle.close();
    }
    if (hash.digest('hex') !== id) {
      throw new AppError('blob-corrupt', `the content of blob ${id} has changed`);
    }
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }

  open(id: BlobId): Promise<ByteSource & AsyncDisposable> {
    return Promise.resolve().then(() => {
      assertId(id);
      try {
        return new FileSource(openSync(this.#path(id), 'r'));
      } catch (error) {
        if (isMissing(error)) throw blobNotFound(id);
        throw storeUnavailable('opening a blob', error);
      }
    });
  }

  async *list(): AsyncIterable<BlobId> {
    for (const shard of await namesIn(this.#directory, SHARD)) {
      yield* await namesIn(join(this.#directory, shard), BLOB_ID);
    }
  }

  async remove(id: BlobId): Promise<void> {
    if (!(await this.has(id))) return;
    try {
      await rm(this.#path(id), { force: true });
      await syncDirectory(dirname(this.#path(id)));
    } catch (error) {
      throw storeUnavailable('removing a blob', error);
    }
  }

  async #openFor(id: BlobId): Promise<FileHandle> {
    assertId(id);
    try {
      return await open(this.#path(id), 'r');
    } catch (error) {
      if (isMissing(error)) throw blobNotFound(id);
      throw storeUnavailable('opening a blob', error);
    }
  }

  #path(id: BlobId): string {
    return join(this.#directory, id.slice(0, 3), id);
  }
}

/** Synchronous random access to an open file. */
class FileSource implements ByteSource, AsyncDisposable {
  readonly size: number;
  #descriptor: number | undefined;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
    this.size = fstatSync(descriptor).size;
  }

  read(offset: number, length: number): Uint8Array {
    if (this.#descriptor === undefined) throw storeUnavailable('a read after closing');
    const start = Math.min(Math.max(offset, 0), this.size);
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - start)));
    let filled = 0;
    try {
      while (filled < bytes.length) {
        const count = readSync(
          this.#descriptor,
          bytes,
          filled,
          bytes.length - filled,
          start + filled,
        );
        if (count === 0) throw new Error('the file became shorter');
        filled += count;
      }
    } catch (error) {
      throw storeUnavailable('reading a blob', error);
    }
    return bytes;
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
    return Promise.resolve();
  }
}

/** Digest of the sources; lets other work run between chunks, since documents may be large. */
async function hashChunks(sources: readonly ByteSource[]): Promise<BlobId> {
  const hash = createHash('sha256');
  for (const source of sources) {
    for (const chunk of readChunks(source, 0, source.size, CHUNK_BYTES)) {
      hash.update(chunk);
      if (chunk.length === CHUNK_BYTES) await new Promise(setImmediate);
    }
  }
  return hash.digest('hex');
}

/** Writes and syncs a new file, then reads it back: a disk that lies is found before the name exists. */
async function writeNew(path: string, sources: readonly ByteSource[], id: BlobId): Promise<void> {
  const handle = await open(path, 'wx+', 0o600);
  try {
    for (const source of sources) {
      for (const chunk of readChunks(source, 0, source.size, CHUNK_BYTES)) {
        await writeFully(handle, chunk);
      }
    }
    await handle.sync();
    if ((await hashFile(handle)) !== id) {
      throw new AppError('store-unavailable', 'the disk does not return what was written');
    }
  } finally {
    await handle.close();
  }
}

async function writeFully(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  let written = 0;
  while (written < chunk.length) {
    const { bytesWritten } = await handle.write(chunk, written, chunk.length - written);
    if (bytesWritten === 0) throw new Error('the disk takes no more bytes');
    written += bytesWritten;
  }
}

async function* chunksOf(handle: FileHandle): AsyncGenerator<Uint8Array> {
  for (let at = 0; ;) {
    const { bytesRead, buffer } = await handle.read(
      new Uint8Array(CHUNK_BYTES),
      0,
      CHUNK_BYTES,
      at,
    );
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

async function hashFile(handle: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of chunksOf(handle)) hash.update(chunk);
  return hash.digest('hex');
}

async function isIntact(path: string, id: BlobId): Promise<boolean> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
  try {
    return (await hashFile(handle)) === id;
  } finally {
    await handle.close();
  }
}

/** Makes `path` and its missing parents, each durable in the folder above it. */
async function makeDurableDirectory(path: string): Promise<void> {
  const topmost = await mkdir(path, { recursive: true, mode: 0o700 });
  if (topmost === undefined) return;
  for (let at = path; ; at = dirname(at)) {
    await syncDirectory(dirname(at));
    if (at === topmost || at === dirname(at)) return;
  }
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Ages are measured by the file system's own clock, with a probe that also proves it can be written. */
async function sweepAbandoned(directory: string): Promise<void> {
  const probe = join(directory, `probe-${randomBytes(12).toString('hex')}`);
  await (await open(probe, 'wx', 0o600)).close();
  const nowMs = (await stat(probe)).mtimeMs;
  await rm(probe);
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const entry = await stat(path).catch(() => undefined);
    if (entry?.isFile() === true && nowMs - entry.mtimeMs > ABANDONED_MS) {
      await rm(path, { force: true });
    }
  }
}

async function namesIn(directory: string, pattern: RegExp): Promise<string[]> {
  try {
    return (await readdir(directory)).filter((name) => pattern.test(name)).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw storeUnavailable('listing blobs', error);
  }
}

/** An id that is not a digest names no blob, and never a path. */
function assertId(id: BlobId): void {
  if (!BLOB_ID.test(id)) throw blobNotFound(id);
}

function blobNotFound(id: BlobId): AppError {
  return new AppError('blob-not-found', `no blob ${id}`);
}

function isMissing(error: unknown): boolean {
  return (error as { readonly code?: unknown } | undefined)?.code === 'ENOENT';
}

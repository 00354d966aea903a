/** Blobs in memory, for tests. */
import {
  AppError,
  concatBytes,
  MemorySource,
  readAll,
  sha256Hex,
  type ByteSource,
} from '../../kernel/index.js';
import type { BlobId, BlobStore } from '../blob-store.js';

/** An empty blob store. */
export function openMemoryBlobStore(): BlobStore {
  return new MemoryBlobStore();
}

class MemoryBlobStore implements BlobStore {
  readonly #blobs = new Map<BlobId, Uint8Array>();

  put(parts: readonly (Uint8Array | ByteSource)[]): Promise<BlobId> {
    return Promise.resolve().then(() => {
      const bytes = concatBytes(
        parts.map((part) => (ArrayBuffer.isView(part) ? part : readAll(part))),
      );
      const id = sha256Hex(bytes);
      this.#blobs.set(id, bytes);
      return id;
    });
  }

  has(id: BlobId): Promise<boolean> {
    return Promise.resolve(this.#blobs.has(id));
  }

  read(id: BlobId): Promise<Uint8Array> {
    return Promise.resolve().then(() => this.#bytes(id).slice());
  }

  open(id: BlobId): Promise<ByteSource & AsyncDisposable> {
    return Promise.resolve().then(() => {
      const source = new MemorySource(this.#bytes(id));
      return Object.assign(source, { [Symbol.asyncDispose]: () => Promise.resolve() });
    });
  }

  async *list(): AsyncIterable<BlobId> {
    await Promise.resolve();
    yield* [...this.#blobs.keys()].sort();
  }

  remove(id: BlobId): Promise<void> {
    this.#blobs.delete(id);
    return Promise.resolve();
  }

  #bytes(id: BlobId): Uint8Array {
    const bytes = this.#blobs.get(id);
    if (bytes === undefined) throw new AppError('blob-not-found', `no blob ${id}`);
    return bytes;
  }
}

/** The port to documents' bytes: immutable, named by their SHA-256. */
import type { ByteSource } from '../kernel/index.js';

/** SHA-256 of the content, lower-case hex. */
export type BlobId = string;

export interface BlobStore {
  /**
   * Stores the concatenation of `parts`; durable (content and name) when the promise resolves.
   * Storing the same bytes again is a success without a second copy.
   * @throws AppError `store-unavailable` on a full or failing disk; nothing is left under the name
   */
  put(parts: readonly (Uint8Array | ByteSource)[]): Promise<BlobId>;
  has(id: BlobId): Promise<boolean>;
  /** All bytes, checked against the id. @throws AppError `blob-not-found`, `blob-corrupt` */
  read(id: BlobId): Promise<Uint8Array>;
  /** Random access without reading the whole; the caller closes it. @throws AppError `blob-not-found` */
  open(id: BlobId): Promise<ByteSource & AsyncDisposable>;
  /** All ids, for backup and for finding bytes no record names. */
  list(): AsyncIterable<BlobId>;
  remove(id: BlobId): Promise<void>;
}

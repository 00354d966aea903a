export { change } from './change.js';
export { changed, type Changes } from './changed.js';
export { SCOPE_ALL } from './collection.js';
export type {
  Collection,
  CollectionSpec,
  Condition,
  IndexSpec,
  IndexValue,
  ManyIndexSpec,
  Page,
  Query,
  RecordStore,
  Scope,
  SingleIndexSpec,
  StoredDocument,
} from './collection.js';
export type { BlobId, BlobStore } from './blob-store.js';
export type { Lease } from './leases.js';

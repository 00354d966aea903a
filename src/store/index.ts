export { SCOPE_ALL } from './collection.js';
export type {
  Collection,
  CollectionSpec,
  Condition,
  IndexSpec,
  IndexValue,
  Page,
  Query,
  RecordStore,
  Scope,
  StoredDocument,
} from './collection.js';
export type { BlobId, BlobStore } from './blob-store.js';
export type { Lease } from './leases.js';

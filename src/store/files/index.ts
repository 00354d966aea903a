export { openFileBlobStore } from './file-blob-store.js';
export type { FileBlobStoreOptions } from './file-blob-store.js';

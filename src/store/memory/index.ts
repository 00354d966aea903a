export { openMemoryStore } from './memory-store.js';
export { openMemoryBlobStore } from './memory-blob-store.js';

import { openMemoryBlobStore, openMemoryStore } from '../../src/store/memory/index.js';
import { blobStoreContract } from './blob-store-contract.js';
import { recordStoreContract } from './record-store-contract.js';

recordStoreContract('memory', {
  open: () => Promise.resolve(openMemoryStore()),
  isPersistent: false,
});

blobStoreContract('memory', () => Promise.resolve(openMemoryBlobStore()));

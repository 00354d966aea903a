import { openMemoryBlobStore, openMemoryStore } from '../../src/store/memory/index.js';
import { blobStoreContract } from './blob-store-contract.js';
import { recordStoreContract } from './record-store-contract.js';
import { sealUseBookContract } from './seal-use-book-contract.js';

recordStoreContract('memory', {
  open: () => Promise.resolve(openMemoryStore()),
  isPersistent: false,
});

sealUseBookContract('memory', () => Promise.resolve(openMemoryStore()));

blobStoreContract('memory', () => Promise.resolve(openMemoryBlobStore()));

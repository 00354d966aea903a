/** Runs where MONGODB_URI names a server; `npm test` starts one (scripts/mongo-test-server.mjs). */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../src/kernel/index.js';
import { openMongoStore } from '../../src/store/mongo/index.js';
import { recordStoreContract } from './record-store-contract.js';
import { sealUseBookContract } from './seal-use-book-contract.js';

const server = process.env['MONGODB_URI'];

if (server === undefined) {
  describe('record store: mongo', () => {
    it.skip('needs MONGODB_URI', () => undefined);
  });
} else {
  // A database of its own each time: what an earlier run left is not seen.
  const database = `qianyin-test-${randomBytes(6).toString('hex')}`;
  const uri = server.replace(/^([a-z+]+:\/\/[^/?]+)(?:\/[^?]*)?/, `$1/${database}`);
  recordStoreContract('mongo', {
    open: () => openMongoStore({ uri, logger: silentLogger }),
    isPersistent: true,
  });
  sealUseBookContract('mongo', () => openMongoStore({ uri, logger: silentLogger }));
}

describe('mongo store', () => {
  it('says that it is unavailable where nobody listens', async () => {
    const uri = 'mongodb://127.0.0.1:9/none?serverSelectionTimeoutMS=300';
    await expect(openMongoStore({ uri, logger: silentLogger })).rejects.toMatchObject({
      name: 'AppError',
      code: 'store-unavailable',
    });
  });
});

/** Runs where MONGODB_URI names a server; `npm test` starts one (scripts/mongo-test-server.mjs). */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { silentLogger } from '../../src/kernel/index.js';
import { openMongoStore } from '../../src/store/mongo/index.js';
import { recordStoreContract } from './record-store-contract.js';
import { sample, sampleSpec } from './sample-records.js';
import { sealUseBookContract } from './seal-use-book-contract.js';

interface Stored {
  readonly _id: string;
  readonly [name: string]: unknown;
}
type UpdateQuery = mongoose.mongo.UpdateFilter<Stored>;

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
  describe('what somebody altered in MongoDB itself', () => {
    const changes: readonly (readonly [what: string, name: string, change: UpdateQuery])[] = [
      ['hides a document from its unit', 'hidden', { $set: { scope: ['*'] } }],
      ['moves it in a list', 'moved', { $set: { 'idx.rank': 9 } }],
      ['takes it out of one', 'taken', { $unset: { 'idx.rank': 1 } }],
      [
        'changes its content',
        'edited',
        { $set: { body: JSON.stringify(sample('b', { rank: 7 })) } },
      ],
    ];
    it.each(changes)('%s, and is found', async (_, name, change) => {
      await using store = await openMongoStore({ uri, logger: silentLogger });
      const spec = sampleSpec(name);
      const samples = await store.open(spec);
      await samples.insertAll(
        ['a', 'b', 'c'].map((id, rank) => sample(id, { rank, units: ['x'] })),
      );
      expect(await store.firstMisplaced(spec)).toBeUndefined();
      const connection = await mongoose.createConnection(uri).asPromise();
      await connection.collection<Stored>(spec.name).updateOne({ _id: 'b' }, change);
      await connection.close();
      expect(await store.firstMisplaced(spec)).toBe('b');
    });
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

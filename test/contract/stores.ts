/** The stores that suites of the domain run on: in memory, SQLite on disk, MongoDB where there is a server. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../src/kernel/index.js';
import type { RecordStore } from '../../src/store/index.js';
import { openMemoryStore } from '../../src/store/memory/index.js';
import { openMongoStore } from '../../src/store/mongo/index.js';
import { openSqliteStore } from '../../src/store/sqlite/index.js';

export interface OpenStore {
  readonly store: RecordStore;
  close(): Promise<void>;
}

const mongo = process.env['MONGODB_URI'];

async function opened(
  store: RecordStore,
  cleanUp: () => void = () => undefined,
): Promise<OpenStore> {
  return Promise.resolve({
    store,
    close: async () => {
      await store[Symbol.asyncDispose]();
      cleanUp();
    },
  });
}

/** Each opens an empty database of its own. */
export const STORES: readonly (readonly [name: string, open: () => Promise<OpenStore>])[] = [
  ['memory', () => opened(openMemoryStore())],
  [
    'sqlite',
    async () => {
      const directory = mkdtempSync(join(tmpdir(), 'qianyin-suite-'));
      const path = join(directory, 'records.sqlite');
      const store = await openSqliteStore({ path, logger: silentLogger });
      return opened(store, () => rmSync(directory, { recursive: true, force: true }));
    },
  ],
  ...(mongo === undefined
    ? []
    : [
        [
          'mongo',
          async () => {
            const database = `qianyin-suite-${randomBytes(6).toString('hex')}`;
            const uri = mongo.replace(/^([a-z+]+:\/\/[^/?]+)(?:\/[^?]*)?/, `$1/${database}`);
            return opened(await openMongoStore({ uri, logger: silentLogger }));
          },
        ] as const,
      ]),
];

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { silentLogger } from '../../src/kernel/index.js';
import { openSqliteStore } from '../../src/store/sqlite/index.js';
import { recordStoreContract } from './record-store-contract.js';
import { sealUseBookContract } from './seal-use-book-contract.js';

const directory = mkdtempSync(join(tmpdir(), 'qianyin-store-'));
afterAll(() => rmSync(directory, { recursive: true }));

recordStoreContract('sqlite file', {
  open: () => openSqliteStore({ path: join(directory, 'records.db'), logger: silentLogger }),
  isPersistent: true,
});

sealUseBookContract('sqlite file', () =>
  openSqliteStore({ path: join(directory, 'book.db'), logger: silentLogger }),
);

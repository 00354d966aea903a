import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { silentLogger } from '../../src/kernel/index.js';
import type { CollectionSpec, StoredDocument } from '../../src/store/index.js';
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

interface Note extends StoredDocument {
  readonly owner: string;
  readonly name: string;
}

const NOTES: CollectionSpec<Note, 'name'> = {
  name: 'notes',
  indexes: { name: { of: (note) => note.name, unique: true } },
  scopeKeys: (note) => [note.owner],
};

const ofOwner = (owner: string) => ({ kind: 'keys', keys: [owner] }) as const;

describe('scope keys in SQLite', () => {
  it('gives a key no number by a write that is undone', async () => {
    const path = join(directory, 'scopes.db');
    const note = (id: string, owner: string, name: string): Note => ({
      ...{ id, owner, name },
      version: 1,
    });
    await using store = await openSqliteStore({ path, logger: silentLogger });
    const notes = await store.open(NOTES);
    // Together, so that they share a transaction.
    const outcomes = await Promise.allSettled([
      notes.insert(note('1', 'unit:a', 'first')),
      notes.insert(note('2', 'unit:b', 'first')),
      notes.insert(note('3', 'unit:c', 'third')),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await notes.insert(note('4', 'unit:b', 'fourth'));
    const seen = async (owner: string): Promise<readonly string[]> =>
      (await notes.find({ limit: 10 }, ofOwner(owner))).items.map(({ id }) => id);
    expect([await seen('unit:a'), await seen('unit:b'), await seen('unit:c')]).toEqual([
      ['1'],
      ['4'],
      ['3'],
    ]);
    expect(await seen('unit:d')).toEqual([]);
  });

  it('brings a database of the first layout up to date', async () => {
    const path = join(directory, 'first-layout.db');
    const database = new Database(path);
    database.exec(`
      CREATE TABLE store_schema (
        id INTEGER PRIMARY KEY CHECK (id = 1), layout INTEGER NOT NULL, beat INTEGER NOT NULL);
      CREATE TABLE store_collections (name TEXT NOT NULL PRIMARY KEY, signature TEXT NOT NULL);
      INSERT INTO store_schema VALUES (1, 1, 0);
      INSERT INTO store_collections VALUES ('notes', 'r1 name! @2');
      CREATE TABLE doc_notes (id TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL,
        placement TEXT NOT NULL, body TEXT NOT NULL);
      INSERT INTO doc_notes VALUES ('1', 1, '{"scope":["unit:a"],"values":{"name":["x"]}}',
        '{"id":"1","version":1,"owner":"unit:a","name":"x"}');
      CREATE TABLE reach_notes (scope TEXT NOT NULL, id TEXT NOT NULL, i_name,
        PRIMARY KEY (scope, id)) WITHOUT ROWID;
      INSERT INTO reach_notes VALUES ('', '1', 'x'), ('unit:a', '1', 'x');
      CREATE TABLE index_notes__name (value NOT NULL, id TEXT NOT NULL, PRIMARY KEY (value)) WITHOUT ROWID;
      INSERT INTO index_notes__name VALUES ('x', '1')`);
    database.close();
    await using store = await openSqliteStore({ path, logger: silentLogger });
    const notes = await store.open(NOTES);
    expect(await store.firstMisplaced(NOTES)).toBeUndefined();
    expect(await notes.get('1', ofOwner('unit:a'))).toMatchObject({ name: 'x' });
    await notes.replace({ id: '1', version: 2, owner: 'unit:b', name: 'y' });
    expect((await notes.find({ limit: 10 }, ofOwner('unit:a'))).items).toEqual([]);
    expect((await notes.find({ limit: 10 }, ofOwner('unit:b'))).items).toHaveLength(1);
    await notes.insert({ id: '2', version: 1, owner: 'unit:a', name: 'x' });
  });
});

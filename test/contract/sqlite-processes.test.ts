/** SQLite and the outside: other processes, kills, other connections' plans and pragmas. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { silentLogger } from '../../src/kernel/index.js';
import { SCOPE_ALL } from '../../src/store/index.js';
import { openSqliteStore } from '../../src/store/sqlite/index.js';
import { startChild } from '../support/child-process.js';
import { allPages, sample, sampleSpec, unitScope } from './sample-records.js';

const WRITER = 'test/contract/sqlite-writer.ts';
const root = mkdtempSync(join(tmpdir(), 'qianyin-sqlite-'));
afterAll(() => rmSync(root, { recursive: true }));
const open = (file: string) => openSqliteStore({ path: join(root, file), logger: silentLogger });

describe('several processes on one SQLite file', () => {
  it('all write: no insert is lost, refused or doubled', async () => {
    const path = join(root, 'two.db');
    const writers = ['p', 'q', 'r'].map((name) =>
      startChild(WRITER, ['insert', path, name, '200']),
    );
    expect(await Promise.all(writers.map(({ exit }) => exit))).toEqual([0, 0, 0]);
    await using store = await open('two.db');
    const samples = await store.open(sampleSpec('shared'));
    expect(await samples.count({}, SCOPE_ALL)).toBe(600);
    expect(await samples.count({}, unitScope('q'))).toBe(200);
    expect(await samples.count({ where: { tags: { eq: 't' } } }, SCOPE_ALL)).toBe(600);
  });

  it('count together by optimistic replaces', async () => {
    {
      await using store = await open('counter.db');
      await (await store.open(sampleSpec('shared'))).insert(sample('counter', { rank: 0 }));
    }
    const path = join(root, 'counter.db');
    const writers = ['p', 'q'].map((name) => startChild(WRITER, ['count', path, name, '150']));
    expect(await Promise.all(writers.map(({ exit }) => exit))).toEqual([0, 0]);
    await using store = await open('counter.db');
    const counter = await (await store.open(sampleSpec('shared'))).get('counter', SCOPE_ALL);
    expect(counter).toMatchObject({ rank: 300, version: 301 });
  });

  it('keep every acknowledged write through kill -9', async () => {
    const path = join(root, 'killed.db');
    for (let round = 0; round < 4; round++) {
      const name = `k${String(round)}`;
      const writer = startChild(WRITER, ['insert', path, name, '1000000']);
      await writer.printed(30 + 70 * round);
      writer.process.kill('SIGKILL');
      expect(await writer.exit).toBeNull();
      await using store = await open('killed.db');
      const samples = await store.open(sampleSpec('shared'));
      const stored = await allPages(samples, { limit: 500 }, unitScope(name));
      const ids = new Set(stored.map(({ id }) => id));
      expect(writer.lines.length).toBeGreaterThanOrEqual(30);
      expect(writer.lines.filter((id) => !ids.has(id))).toEqual([]);
      // Whole or not at all: the derived rows of every document are there.
      for (const { id } of stored) {
        expect((await samples.getBy('number', id, SCOPE_ALL))?.id).toBe(id);
      }
      expect(await samples.count({ where: { tags: { eq: 't' } } }, unitScope(name))).toBe(ids.size);
    }
    const database = new Database(path, { readonly: true });
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    database.close();
  });
});

describe('sqlite store', () => {
  it('opens at the same moment many times', async () => {
    const stores = await Promise.all(Array.from({ length: 8 }, () => open('at-once.db')));
    await Promise.all(stores.map((store) => store.open(sampleSpec('shared'))));
    await Promise.all(stores.map((store) => store[Symbol.asyncDispose]()));
  });

  it('waits for a lock without stopping the event loop', async () => {
    await using store = await open('locked.db');
    const samples = await store.open(sampleSpec('shared'));
    const other = new Database(join(root, 'locked.db'));
    other.exec('BEGIN IMMEDIATE');
    let ticks = 0;
    const timer = setInterval(() => ticks++, 10);
    setTimeout(() => {
      other.exec('COMMIT');
      other.close();
    }, 800);
    await samples.insert(sample('a'));
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(3);
    expect(await samples.count({}, SCOPE_ALL)).toBe(1);
  });

  it('refuses a database of a newer release, and a file that is none', async () => {
    await (await open('newer.db'))[Symbol.asyncDispose]();
    const database = new Database(join(root, 'newer.db'));
    database.exec('UPDATE store_schema SET layout = 99');
    database.close();
    await expect(open('newer.db')).rejects.toMatchObject({ code: 'store-schema-newer' });
    writeFileSync(join(root, 'text.db'), 'not a database, but longer than a header would be');
    await expect(open('text.db')).rejects.toMatchObject({ code: 'store-unavailable' });
    await expect(open('no/folder.db')).rejects.toMatchObject({ code: 'store-unavailable' });
  });

  it('refuses to write after another release has rebuilt the tables', async () => {
    await using before = await open('rolling.db');
    const old = await before.open(sampleSpec('shared'));
    await using after = await open('rolling.db');
    await after.open({ ...sampleSpec('shared'), revision: 2 });
    await expect(old.insert(sample('a'))).rejects.toMatchObject({ code: 'store-schema-newer' });
  });

  it('copies itself while it is written to', async () => {
    await using store = await open('source.db');
    const samples = await store.open(sampleSpec('shared'));
    await samples.insertAll(
      Array.from({ length: 500 }, (_, at) =>
        sample(`s${String(at)}`, { content: 'x'.repeat(5000) }),
      ),
    );
    const copy = join(root, 'copy.db');
    const backup = store.backup(copy);
    for (let at = 0; at < 50; at++) await samples.insert(sample(`during${String(at)}`));
    await backup;
    expect(existsSync(`${copy}.part`)).toBe(false);
    await expect(store.backup(copy)).rejects.toMatchObject({ code: 'file-exists' });
    await using restored = await open('copy.db');
    const count = await (await restored.open(sampleSpec('shared'))).count({}, SCOPE_ALL);
    expect(count).toBeGreaterThanOrEqual(500);
    expect(count).toBeLessThanOrEqual(550);
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { AppError } from '../../../src/kernel/index.js';
import { WriteQueue } from '../../../src/store/sqlite/write-queue.js';

describe('WriteQueue', () => {
  let directory: string;
  let database: Database.Database;
  let queue: WriteQueue;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'qianyin-queue-'));
    database = new Database(join(directory, 'q.db'));
    database.pragma('journal_mode = WAL');
    database.exec('CREATE TABLE t (id TEXT PRIMARY KEY, body TEXT)');
    queue = new WriteQueue(database);
  });
  afterEach(() => {
    database.close();
    rmSync(directory, { recursive: true });
  });
  const insert = (id: string, body = ''): Promise<unknown> =>
    queue.run(() => database.prepare('INSERT INTO t VALUES (?, ?)').run(id, body));
  const ids = (): unknown => database.prepare('SELECT id FROM t ORDER BY id').pluck().all();

  it('commits writes that arrive together in one transaction', async () => {
    let commits = 0;
    const counting = new Proxy(database, {
      get(target, property) {
        if (property === 'exec') {
          return (sql: string) => {
            if (sql === 'COMMIT') commits++;
            return target.exec(sql);
          };
        }
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    queue = new WriteQueue(counting);
    await Promise.all(Array.from({ length: 40 }, (_, at) => insert(`i${String(at)}`)));
    expect(commits).toBe(1);
    expect(ids()).toHaveLength(40);
  });

  it('undoes a refused write alone', async () => {
    const results = await Promise.allSettled([
      insert('a'),
      queue.run(() => {
        database.exec(`INSERT INTO t VALUES ('half', '')`);
        throw new AppError('conflict', 'refused');
      }),
      insert('a'),
      insert('b'),
    ]);
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ]);
    expect(ids()).toEqual(['a', 'b']);
  });

  it('reports none of a transaction as done when the disk is full, and goes on when there is room', async () => {
    const pages = database.pragma('page_count', { simple: true }) as number;
    database.pragma(`max_page_count = ${String(pages + 3)}`);
    const results = await Promise.allSettled([insert('a'), insert('huge', 'x'.repeat(1 << 20))]);
    for (const result of results) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'store-unavailable' } });
    }
    expect(ids()).toEqual([]);
    database.pragma('max_page_count = 100000');
    await insert('huge', 'x'.repeat(1 << 20));
    expect(ids()).toEqual(['huge']);
  });

  it('reports a closed database to every waiting write', async () => {
    const waiting = [insert('a'), insert('b')];
    database.close();
    for (const result of await Promise.allSettled(waiting)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'store-unavailable' } });
    }
    await queue.idle();
  });
});

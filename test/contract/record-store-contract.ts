/** What every adapter of the record port must do; run by one test file an adapter. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ErrorCode } from '../../src/kernel/index.js';
import {
  SCOPE_ALL,
  type Collection,
  type Query,
  type RecordStore,
  type Scope,
} from '../../src/store/index.js';
import {
  allPages,
  sample,
  sampleSpec,
  unitScope,
  type Sample,
  type SampleIndex,
} from './sample-records.js';

export interface StoreUnderTest {
  /** Opens the same database each time. */
  readonly open: () => Promise<RecordStore>;
  /** Whether records are still there after the store was closed and opened again. */
  readonly isPersistent: boolean;
}

const ids = (samples: readonly Sample[]): string[] => samples.map(({ id }) => id);
const coded = (code: ErrorCode, params: Record<string, unknown> = {}): unknown =>
  expect.objectContaining({
    name: 'AppError',
    code,
    params: expect.objectContaining(params) as unknown,
  });

export function recordStoreContract(name: string, under: StoreUnderTest): void {
  describe(`record store: ${name}`, () => {
    let store: RecordStore;
    let serial = 0;
    const fresh = (): Promise<Collection<Sample, SampleIndex>> =>
      store.open(sampleSpec(`samples${String(++serial)}`));

    beforeAll(async () => {
      store = await under.open();
    });
    afterAll(async () => {
      await store[Symbol.asyncDispose]();
    });

    it('answers a ping', async () => {
      await expect(store.ping()).resolves.toBeUndefined();
    });

    it('has every document in its place after any write', async () => {
      const samples = await fresh();
      const spec = sampleSpec(`samples${String(serial)}`);
      await samples.insertAll([
        sample('a', { number: '1', tags: ['t', 'u'], units: ['x'] }),
        sample('b', { codes: ['c'], dueAt: '1' }),
        sample('c', { rank: 3 }),
      ]);
      await samples.replace(sample('a', { version: 2, rank: 1, tags: ['u'], units: ['x', 'y'] }));
      await samples.remove('b', 1);
      expect(await store.firstMisplaced(spec)).toBeUndefined();
    });

    it('opens the same spec twice as the same records', async () => {
      const first = await fresh();
      await first.insert(sample('a'));
      const second = await store.open(sampleSpec(`samples${String(serial)}`));
      expect(await second.get('a', SCOPE_ALL)).toEqual(sample('a'));
    });

    it('keeps what JSON can say: Chinese, rare characters, depth, long numbers as text', async () => {
      const collection = await fresh();
      let deep: unknown = '底';
      for (let depth = 0; depth < 300; depth++) deep = depth % 2 === 0 ? [deep] : { 层: deep };
      const content = {
        name: '某市公共资源交易中心（签印）𠮷𬱟㐂',
        amount: '123456789012345678901234567890.12',
        float: 0.1,
        big: Number.MAX_SAFE_INTEGER,
        yes: true,
        none: null,
        empty: {},
        list: [],
        'key.with.dots': 1,
        $dollar: 2,
        __proto: 'p',
        nul: 'a\u0000b',
        lone: '\ud800',
        deep,
      };
      const document = sample('采购-1', { number: '号𠮷', content });
      await collection.insert(document);
      expect(await collection.get('采购-1', SCOPE_ALL)).toEqual(document);
      expect(await collection.getBy('number', '号𠮷', SCOPE_ALL)).toEqual(document);
    });

    it('drops undefined properties', async () => {
      const collection = await fresh();
      await collection.insert(sample('a', { number: undefined, content: { gone: undefined } }));
      const stored = await collection.get('a', SCOPE_ALL);
      expect(Object.keys(stored ?? {})).not.toContain('number');
      expect(stored?.content).toEqual({});
    });

    it('hands out copies', async () => {
      const collection = await fresh();
      await collection.insert(sample('a', { tags: ['x'] }));
      ((await collection.get('a', SCOPE_ALL))!.tags as string[]).push('y');
      expect((await collection.get('a', SCOPE_ALL))!.tags).toEqual(['x']);
    });

    it('returns undefined for what is not there', async () => {
      const collection = await fresh();
      expect(await collection.get('none', SCOPE_ALL)).toBeUndefined();
      expect(await collection.getBy('number', 'none', SCOPE_ALL)).toBeUndefined();
      expect(await collection.find({ limit: 10 }, SCOPE_ALL)).toEqual({
        items: [],
        nextCursor: undefined,
      });
      expect(await collection.count({}, SCOPE_ALL)).toBe(0);
    });

    it('refuses to replace or remove what is not there', async () => {
      const collection = await fresh();
      await expect(collection.replace(sample('none', { version: 2 }))).rejects.toEqual(
        coded('record-not-found'),
      );
      await expect(collection.remove('none', 1)).rejects.toEqual(coded('record-not-found'));
    });

    it('refuses a taken id and taken unique values, and names which', async () => {
      const collection = await fresh();
      await collection.insert(sample('a', { number: 'n1', codes: ['c1', 'c2'] }));
      await expect(collection.insert(sample('a'))).rejects.toEqual(
        coded('record-exists', { index: 'id' }),
      );
      await expect(collection.insert(sample('b', { number: 'n1' }))).rejects.toEqual(
        coded('record-exists', { index: 'number' }),
      );
      await expect(collection.insert(sample('b', { codes: ['c0', 'c2'] }))).rejects.toEqual(
        coded('record-exists', { index: 'codes' }),
      );
      // Nothing of a refused insert stays behind.
      await collection.insert(sample('b', { codes: ['c0'] }));
      await collection.insert(sample('c'));
      await collection.insert(sample('d'));
      expect(await collection.count({}, SCOPE_ALL)).toBe(4);
    });

    it('guards unique indexes on replace and frees a value that is given up', async () => {
      const collection = await fresh();
      await collection.insert(sample('a', { number: 'n1' }));
      await collection.insert(sample('b', { number: 'n2' }));
      await expect(collection.replace(sample('b', { version: 2, number: 'n1' }))).rejects.toEqual(
        coded('record-exists', { index: 'number' }),
      );
      expect((await collection.get('b', SCOPE_ALL))?.version).toBe(1);
      await collection.replace(sample('a', { version: 2, number: 'n3' }));
      await collection.replace(sample('b', { version: 2, number: 'n1' }));
      expect((await collection.getBy('number', 'n1', SCOPE_ALL))?.id).toBe('b');
      await collection.remove('b', 2);
      expect(await collection.getBy('number', 'n1', SCOPE_ALL)).toBeUndefined();
      await collection.insert(sample('c', { number: 'n1' }));
    });

    it('replaces and removes by version only', async () => {
      const collection = await fresh();
      await collection.insert(sample('a'));
      await collection.replace(sample('a', { version: 2, state: 'sent' }));
      for (const version of [1, 2, 4]) {
        await expect(collection.replace(sample('a', { version }))).rejects.toEqual(
          coded('record-version-conflict'),
        );
      }
      await expect(collection.remove('a', 1)).rejects.toEqual(coded('record-version-conflict'));
      expect((await collection.get('a', SCOPE_ALL))?.state).toBe('sent');
      await collection.remove('a', 2);
      expect(await collection.get('a', SCOPE_ALL)).toBeUndefined();
    });

    it('lets one of 50 concurrent replaces win', async () => {
      const collection = await fresh();
      await collection.insert(sample('a'));
      for (let version = 2; version <= 4; version++) {
        const results = await Promise.allSettled(
          Array.from({ length: 50 }, (_, writer) =>
            collection.replace(sample('a', { version, state: `w${String(writer)}` })),
          ),
        );
        const winners = results.flatMap((result, writer) =>
          result.status === 'fulfilled' ? [`w${String(writer)}`] : [],
        );
        expect(winners).toHaveLength(1);
        for (const result of results) {
          if (result.status === 'rejected') {
            expect(result.reason).toEqual(coded('record-version-conflict'));
          }
        }
        expect(await collection.get('a', SCOPE_ALL)).toMatchObject({ version, state: winners[0] });
      }
    });

    it('lets one of many concurrent inserts have a unique value', async () => {
      const collection = await fresh();
      const results = await Promise.allSettled(
        Array.from({ length: 20 }, (_, at) =>
          collection.insert(sample(`s${String(at)}`, { number: 'same' })),
        ),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await collection.count({}, SCOPE_ALL)).toBe(1);
    });

    it('inserts many in order and stops at the first that is refused', async () => {
      const collection = await fresh();
      await collection.insert(sample('c'));
      await expect(
        collection.insertAll([sample('a'), sample('b'), sample('c'), sample('d')]),
      ).rejects.toEqual(coded('record-exists', { index: 'id' }));
      expect(ids((await collection.find({ limit: 10 }, SCOPE_ALL)).items)).toEqual(['a', 'b', 'c']);
      await collection.insertAll([]);
      await collection.insertAll([sample('d'), sample('e')]);
      expect(await collection.count({}, SCOPE_ALL)).toBe(5);
    });

    it('finds by an unscoped index what is due, before and after a change, for all only', async () => {
      const collection = await fresh();
      await collection.insert(sample('a', { dueAt: '2', units: ['x'] }));
      await collection.insert(sample('b', { units: ['x', 'y'] }));
      const due = async (): Promise<string[]> =>
        ids(
          await allPages(collection, {
            where: { dueAt: { lte: '5' } },
            orderBy: 'dueAt',
            limit: 1,
          }),
        );
      expect(await due()).toEqual(['a']);
      await collection.replace(sample('b', { version: 2, dueAt: '1', units: ['x', 'y'] }));
      await collection.replace(sample('a', { version: 2, units: ['x'] }));
      expect(await due()).toEqual(['b']);
      await collection.replace(sample('b', { version: 3, dueAt: '3', units: ['z'] }));
      expect(await due()).toEqual(['b']);
      await collection.remove('b', 3);
      expect(await due()).toEqual([]);
      for (const query of [
        { where: { dueAt: {} }, limit: 1 },
        { orderBy: 'dueAt', limit: 1 },
      ]) {
        await expect(collection.find(query as Query<SampleIndex>, unitScope('x'))).rejects.toEqual(
          coded('internal'),
        );
      }
      await expect(collection.count({ where: { dueAt: {} } }, unitScope('x'))).rejects.toEqual(
        coded('internal'),
      );
    });

    it('refuses values that cannot be indexed', async () => {
      const collection = await fresh();
      for (const bad of [
        sample(''),
        sample('\udc00'),
        sample('a', { rank: Number.NaN }),
        sample('a', { rank: Infinity }),
        sample('a', { number: 'x\ud800' }),
        sample('a', { units: ['\ud800'] }),
      ]) {
        await expect(collection.insert(bad)).rejects.toEqual(coded('input-invalid'));
      }
    });

    describe('lists', () => {
      let collection: Collection<Sample, SampleIndex>;
      beforeAll(async () => {
        collection = await fresh();
        for (let at = 0; at < 30; at++) {
          await collection.insert(
            sample(`s${String(at).padStart(2, '0')}`, {
              rank: at < 25 ? Math.floor(at / 5) : undefined,
              state: at % 3 === 0 ? 'signed' : 'draft',
              tags: at % 2 === 0 ? ['even', `t${String(at)}`] : [`t${String(at)}`],
              units: at % 10 === 0 ? ['x', 'y'] : at % 2 === 0 ? ['x'] : ['y'],
              number: `n${String(99 - at)}`,
            }),
          );
        }
      });

      it('orders by id, both ways, in pages of any size', async () => {
        for (const limit of [1, 7, 30, 1000]) {
          const up = ids(await allPages(collection, { limit }));
          expect(up).toEqual([...up].sort());
          expect(up).toHaveLength(30);
          expect(ids(await allPages(collection, { limit, direction: 'desc' }))).toEqual(
            [...up].reverse(),
          );
        }
      });

      it('starts behind an id, in pages too', async () => {
        const after = await allPages(collection, { afterId: 's12', limit: 5 }, unitScope('x'));
        expect(ids(after)).toEqual(['s14', 's16', 's18', 's20', 's22', 's24', 's26', 's28']);
        expect((await collection.find({ afterId: 's29', limit: 5 }, SCOPE_ALL)).items).toEqual([]);
        for (const query of [{ orderBy: 'rank' }, { direction: 'desc' }] as const) {
          await expect(
            collection.find({ ...query, afterId: 's12', limit: 5 }, SCOPE_ALL),
          ).rejects.toEqual(coded('input-invalid'));
        }
      });

      it('orders what has one value by another index', async () => {
        const query = { where: { state: { eq: 'signed' } }, orderBy: 'rank', limit: 3 } as const;
        const up = ids(await allPages(collection, query));
        expect(up).toEqual(['s00', 's03', 's06', 's09', 's12', 's15', 's18', 's21', 's24']);
        const down = await allPages(collection, { ...query, direction: 'desc' });
        expect(ids(down)).toEqual(up.reverse());
        const tagged = { where: { tags: { eq: 'even' } }, orderBy: 'rank', limit: 4 } as const;
        const even = ids(await allPages(collection, tagged, unitScope('x')));
        expect(even).toEqual([...even].sort());
        expect(even).toHaveLength(13);
      });

      it('orders by an index, ties by id, and leaves out what is not in it', async () => {
        const up = await allPages(collection, { orderBy: 'rank', limit: 4 });
        expect(up).toHaveLength(25);
        expect(ids(up)).toEqual(ids(up).sort());
        const down = await allPages(collection, { orderBy: 'rank', direction: 'desc', limit: 4 });
        expect(ids(down)).toEqual(ids(up).reverse());
        expect(
          (await collection.find({ orderBy: 'number', limit: 1 }, SCOPE_ALL)).items[0]?.id,
        ).toBe('s29');
      });

      it('says whether more follow', async () => {
        const exact = await collection.find({ limit: 30 }, SCOPE_ALL);
        expect(exact.nextCursor).toBeUndefined();
        const part = await collection.find({ limit: 29 }, SCOPE_ALL);
        expect(part.nextCursor).toEqual(expect.any(String));
      });

      it('meets conditions', async () => {
        const find = async (where: Query<SampleIndex>['where']): Promise<number> => {
          const items = await allPages(collection, { where: where ?? {}, limit: 3 });
          expect(await collection.count({ where: where ?? {} }, SCOPE_ALL)).toBe(items.length);
          return items.length;
        };
        expect(await find({})).toBe(30);
        expect(await find({ state: { eq: 'signed' } })).toBe(10);
        expect(await find({ state: { eq: 'signed' }, rank: { gte: 1, lt: 3 } })).toBe(3);
        expect(await find({ rank: { in: [0, 4, 9] } })).toBe(10);
        expect(await find({ rank: { in: [] } })).toBe(0);
        expect(await find({ rank: { gt: 3 } })).toBe(5);
        expect(await find({ rank: { lte: 0 } })).toBe(5);
        expect(await find({ rank: {} })).toBe(25);
        expect(await find({ rank: { eq: '0' } })).toBe(0);
        expect(await find({ rank: { gte: '0' } })).toBe(0);
        expect(await find({ state: { gt: 5 } })).toBe(0);
        expect(await find({ state: { lt: 5 } })).toBe(0);
        expect(await find({ rank: { lt: 'z' } })).toBe(0);
      });

      it('meets conditions on indexes of several values', async () => {
        const count = (where: Query<SampleIndex>['where']): Promise<number> =>
          collection.count({ where: where ?? {} }, SCOPE_ALL);
        expect(await count({ tags: { eq: 'even' } })).toBe(15);
        expect(await count({ tags: { in: ['even', 't1'] } })).toBe(16);
        expect(await count({ tags: { eq: 't3' }, state: { eq: 'signed' } })).toBe(1);
        // One value must meet both bounds: `even` and `t…` together do not.
        expect(await count({ tags: { gt: 'even', lt: 't' } })).toBe(0);
        expect(await count({ tags: {} })).toBe(30);
        expect(await count({ codes: {} })).toBe(0);
      });

      it('shows a reader what another key reaches too', async () => {
        const within = (...of: readonly string[]): Scope => ({
          kind: 'keys',
          keys: of.map((each) => `unit:${each}`),
          within: 'unit:y',
        });
        const both = ['s00', 's10', 's20'];
        expect(ids(await allPages(collection, { limit: 2 }, within('x')))).toEqual(both);
        const up = await allPages(collection, { orderBy: 'rank', limit: 2 }, within('x'));
        expect(ids(up)).toEqual(both);
        expect(await collection.count({}, within('x'))).toBe(3);
        expect(await collection.count({}, within('x', 'z'))).toBe(3);
        expect(await collection.count({}, { kind: 'keys', keys: [] })).toBe(0);
        expect((await collection.find({ limit: 1 }, { kind: 'keys', keys: [] })).items).toEqual([]);
        expect(await collection.get('s02', within('x'))).toBeUndefined();
        expect((await collection.get('s10', within('x')))?.id).toBe('s10');
      });

      it('lets a scoped reader see only its own', async () => {
        const x = unitScope('x');
        expect(await collection.count({}, x)).toBe(15);
        expect(await collection.count({}, unitScope('x', 'y'))).toBe(30);
        expect(await collection.count({}, unitScope('z'))).toBe(0);
        expect(await collection.count({}, unitScope())).toBe(0);
        expect((await collection.find({ limit: 9 }, unitScope())).items).toEqual([]);
        const mine = await allPages(collection, { orderBy: 'number', limit: 4 }, x);
        expect(mine).toHaveLength(15);
        expect(mine.every(({ units }) => units.includes('x'))).toBe(true);
        expect(await collection.get('s01', x)).toBeUndefined();
        expect((await collection.get('s02', x))?.id).toBe('s02');
        expect(await collection.getBy('number', 'n98', x)).toBeUndefined();
        expect((await collection.getBy('number', 'n98', unitScope('y')))?.id).toBe('s01');
        expect(await collection.count({ where: { tags: { eq: 'even' } } }, unitScope('y'))).toBe(3);
      });

      it('shows a document reached by several keys once, in order', async () => {
        const both = unitScope('x', 'y');
        for (const direction of ['asc', 'desc'] as const) {
          const merged = await allPages(collection, { orderBy: 'rank', direction, limit: 3 }, both);
          const plain = await allPages(collection, { orderBy: 'rank', direction, limit: 1000 });
          expect(ids(merged)).toEqual(ids(plain));
        }
      });

      it('refuses what cannot be asked for', async () => {
        const page = await collection.find({ orderBy: 'rank', limit: 2 }, SCOPE_ALL);
        const cursor = page.nextCursor!;
        const bad: Query<SampleIndex>[] = [
          { limit: 0 },
          { limit: 1001 },
          { limit: 1.5 },
          { limit: 1, orderBy: 'tags' },
          { limit: 1, orderBy: 'nothing' as SampleIndex },
          { limit: 1, orderBy: 'constructor' as SampleIndex },
          { limit: 1, where: { nothing: { eq: 1 } } as never },
          { limit: 1, where: { rank: { eq: Number.NaN } } },
          { limit: 1, where: { rank: { eq: { $ne: 1 } } } as never },
          { limit: 1, where: { rank: { gt: [] } } as never },
          { limit: 1, cursor },
          { limit: 1, orderBy: 'rank', direction: 'desc', cursor },
          { limit: 1, cursor: 'x' },
          { limit: 1, cursor: Buffer.from('{"a":1}').toString('base64url') },
          { limit: 1, cursor: Buffer.from('["",0,{"$gt":""}]').toString('base64url') },
        ];
        for (const query of bad) {
          await expect(collection.find(query, SCOPE_ALL)).rejects.toEqual(coded('input-invalid'));
        }
      });
    });

    it('keeps pages stable while others write', async () => {
      const collection = await fresh();
      for (let at = 10; at < 20; at++)
        await collection.insert(sample(`s${String(at)}`, { rank: at }));
      const first = await collection.find({ orderBy: 'rank', limit: 4 }, SCOPE_ALL);
      await collection.insert(sample('early', { rank: 1 }));
      await collection.insert(sample('late', { rank: 100 }));
      await collection.remove('s13', 1);
      const rest = await allPages(collection, {
        orderBy: 'rank',
        limit: 4,
        cursor: first.nextCursor!,
      });
      expect(ids([...first.items, ...rest])).toEqual([
        ...Array.from({ length: 10 }, (_, at) => `s${String(at + 10)}`),
        'late',
      ]);
    });

    it('moves a document when its order, tags or scope change', async () => {
      const collection = await fresh();
      await collection.insert(sample('a', { rank: 1, tags: ['p', 'q'], units: ['x'] }));
      await collection.insert(sample('b', { rank: 2, tags: ['q'], units: ['x'] }));
      await collection.replace(sample('a', { version: 2, rank: 3, tags: ['r'], units: ['y'] }));
      expect(ids((await collection.find({ orderBy: 'rank', limit: 9 }, SCOPE_ALL)).items)).toEqual([
        'b',
        'a',
      ]);
      expect(await collection.count({ where: { tags: { eq: 'p' } } }, SCOPE_ALL)).toBe(0);
      expect(await collection.count({ where: { tags: { eq: 'r' } } }, unitScope('y'))).toBe(1);
      expect(await collection.get('a', unitScope('x'))).toBeUndefined();
      await collection.replace(sample('a', { version: 3, tags: [], units: [] }));
      expect(await collection.count({ where: { rank: {} } }, SCOPE_ALL)).toBe(1);
      expect(await collection.count({}, unitScope('y'))).toBe(0);
    });

    it('orders text by its UTF-8 bytes', async () => {
      const collection = await fresh();
      const texts = ['', ' ', '10', '9', 'Z', 'a', 'é', '中', '签', '\uff21'];
      for (const [at, number] of texts.entries()) {
        await collection.insert(sample(`s${String(texts.length - at)}`, { number }));
      }
      const found = await allPages(collection, { orderBy: 'number', limit: 3 });
      expect(found.map(({ number }) => number)).toEqual(texts);
    });

    it('is unavailable after it was closed', async () => {
      const other = await under.open();
      const collection = await other.open(sampleSpec('closing'));
      await other[Symbol.asyncDispose]();
      await expect(collection.insert(sample('a'))).rejects.toEqual(coded('store-unavailable'));
      await expect(collection.get('a', SCOPE_ALL)).rejects.toEqual(coded('store-unavailable'));
      await expect(other.ping()).rejects.toEqual(coded('store-unavailable'));
    });

    if (under.isPersistent) {
      it('has everything after it was opened again', async () => {
        const first = await under.open();
        const before = await first.open(sampleSpec('reopened'));
        await before.insert(sample('a', { number: 'n', tags: ['t'], units: ['x'] }));
        await first[Symbol.asyncDispose]();
        const second = await under.open();
        const after = await second.open(sampleSpec('reopened'));
        expect((await after.getBy('number', 'n', unitScope('x')))?.id).toBe('a');
        expect(await after.count({ where: { tags: { eq: 't' } } }, SCOPE_ALL)).toBe(1);
        await second[Symbol.asyncDispose]();
      });

      it('rebuilds its indexes when a spec changes', async () => {
        const first = await under.open();
        const before = await first.open({ ...sampleSpec('rebuilt'), indexes: {} });
        await before.insert(sample('a', { number: 'n', rank: 7, units: ['x'] }));
        await first[Symbol.asyncDispose]();
        const second = await under.open();
        const after = await second.open({
          ...sampleSpec('rebuilt'),
          scopeKeys: (document) => document.units.map((unit) => `office:${unit}`),
          revision: 2,
        });
        expect((await after.getBy('number', 'n', SCOPE_ALL))?.id).toBe('a');
        expect(await after.count({ where: { rank: { eq: 7 } } }, SCOPE_ALL)).toBe(1);
        expect(await after.count({}, { kind: 'keys', keys: ['office:x'] })).toBe(1);
        expect(await after.count({}, unitScope('x'))).toBe(0);
        await second[Symbol.asyncDispose]();
        const older = await under.open();
        await expect(older.open(sampleSpec('rebuilt'))).rejects.toEqual(
          coded('store-schema-newer'),
        );
        await older[Symbol.asyncDispose]();
      });

      it('shares its records with a second connection', async () => {
        const spec = sampleSpec(`samples${String(++serial)}`);
        const other = await under.open();
        const [mine, theirs] = await Promise.all([store.open(spec), other.open(spec)]);
        await Promise.all(
          Array.from({ length: 60 }, (_, at) =>
            (at % 2 === 0 ? mine : theirs).insert(sample(`s${String(at)}`, { rank: at })),
          ),
        );
        expect(await mine.count({}, SCOPE_ALL)).toBe(60);
        const results = await Promise.allSettled(
          [mine, theirs].map((writer) => writer.replace(sample('s1', { version: 2 }))),
        );
        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        await other[Symbol.asyncDispose]();
      });
    }
  });
}

/**
 * No query without an index: what SQLite says it will do for every statement the adapter makes on every
 * collection of the product, and which indexes MongoDB is given for the same lists.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { openCollections } from '../../src/app/data-folder/stores.js';
import { silentLogger } from '../../src/kernel/index.js';
import {
  SCOPE_ALL,
  type Collection,
  type CollectionSpec,
  type Condition,
  type Query,
  type RecordStore,
  type StoredDocument,
} from '../../src/store/index.js';
import { mongoIndexesOf, pathOf } from '../../src/store/mongo/mongo-indexes.js';
import { shapeQuery, shapeWhere } from '../../src/store/query-shape.js';
import { indexesOf } from '../../src/store/record-shape.js';
import { openSqliteStore } from '../../src/store/sqlite/index.js';
import { countSql, pageSql } from '../../src/store/sqlite/query-sql.js';
import { tablesOf } from '../../src/store/sqlite/tables.js';
import { sample, sampleSpec, unitScope } from './sample-records.js';

type AnySpec = CollectionSpec<StoredDocument, string>;

const directory = mkdtempSync(join(tmpdir(), 'qianyin-plans-'));
const path = join(directory, 'records.sqlite');
let store: RecordStore;
let database: Database.Database;
const specs: AnySpec[] = [];

beforeAll(async () => {
  store = await openSqliteStore({ path, logger: silentLogger });
  await openCollections({
    open<T extends StoredDocument, K extends string>(
      spec: CollectionSpec<T, K>,
    ): Promise<Collection<T, K>> {
      specs.push(spec as unknown as AnySpec);
      return store.open(spec);
    },
    firstMisplaced: (spec) => store.firstMisplaced(spec),
    ping: () => store.ping(),
    backup: (to) => store.backup(to),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
  database = new Database(path);
});
afterAll(async () => {
  database.close();
  await store[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

const plans = new Map<string, readonly string[]>();
/** Values have no part in a plan. */
function planOf(text: string): readonly string[] {
  let plan = plans.get(text);
  if (plan === undefined) {
    plan = database
      .prepare(`EXPLAIN QUERY PLAN ${text}`)
      .all(...new Array<null>(text.split('?').length - 1).fill(null))
      .map((row) => (row as { detail: string }).detail);
    plans.set(text, plan);
  }
  return plan;
}
const scansOf = (plan: readonly string[]): string[] =>
  plan.filter((step) => /SCAN (?!json_each)/.test(step));
const sortsOf = (plan: readonly string[]): string[] =>
  plan.filter((step) => step.includes('TEMP B-TREE'));

const CONDITIONS: readonly Condition[] = [
  { eq: 'x' },
  { in: ['x', 'y'] },
  { gte: 'a', lt: 'b' },
  { gt: 1 },
];

/** Of a many-valued index one cannot ask for any value: that would be all there is. */
const conditionsOf = (spec: AnySpec, name: string): readonly Condition[] =>
  spec.indexes[name]?.many === true ? CONDITIONS : [...CONDITIONS, {}];

interface Asked {
  readonly spec: AnySpec;
  readonly query: Query<string>;
  readonly scopeKey: string;
}

function pagePlan({ spec, query, scopeKey }: Asked, isContinued: boolean): readonly string[] {
  const scope = scopeKey === '' ? SCOPE_ALL : ({ kind: 'keys', keys: [scopeKey] } as const);
  const after = { value: query.orderBy && 'v', id: 'i' };
  const shape = { ...shapeQuery(spec, query, scope), ...(isContinued ? { after } : {}) };
  return planOf(pageSql(tablesOf(spec), shape, 1).text);
}

/** The keys of those who may ask for an index. */
function askersOf(spec: AnySpec, ...names: readonly (string | undefined)[]): readonly string[] {
  const isUnscoped = names.some((name) => {
    const index = name === undefined ? undefined : spec.indexes[name];
    return index?.many !== true && index?.unscoped === true;
  });
  return isUnscoped ? [''] : ['', 'unit:x'];
}

/** Each index asked for in each way, in each order. */
function* allQueries(): Generator<Asked> {
  for (const spec of specs) {
    const names = indexesOf(spec).map(([name]) => name);
    const orders = [
      undefined,
      ...indexesOf(spec).flatMap(([name, index]) => (index.many ? [] : [name])),
    ];
    for (const name of [undefined, ...names]) {
      for (const condition of name === undefined ? [{}] : conditionsOf(spec, name)) {
        for (const orderBy of orders) {
          for (const direction of ['asc', 'desc'] as const) {
            for (const scopeKey of askersOf(spec, name, orderBy)) {
              const where = name === undefined ? {} : { where: { [name]: condition } };
              const order = orderBy === undefined ? {} : { orderBy };
              yield { spec, query: { ...where, ...order, direction, limit: 20 }, scopeKey };
            }
          }
        }
      }
    }
  }
}

describe('SQLite', () => {
  it('has every collection of the product', () => {
    expect(specs.length).toBeGreaterThan(20);
  });

  it('scans no table for any page of any collection', () => {
    const scans: string[] = [];
    for (const asked of allQueries()) {
      for (const isContinued of [false, true]) {
        for (const step of scansOf(pagePlan(asked, isContinued))) {
          scans.push(`${asked.spec.name} ${JSON.stringify(asked.query)}: ${step}`);
        }
      }
    }
    expect(scans).toEqual([]);
  });

  it('scans no table to count', () => {
    const scans: string[] = [];
    for (const spec of specs) {
      for (const [name] of indexesOf(spec)) {
        for (const condition of conditionsOf(spec, name)) {
          const predicates = shapeWhere(spec, { [name]: condition }, SCOPE_ALL);
          for (const scopes of [[1], [1, 2]]) {
            for (const within of [undefined, 3]) {
              const { text } = countSql(tablesOf(spec), predicates, scopes, within);
              scans.push(...scansOf(planOf(text)).map((step) => `${spec.name}: ${step}`));
            }
          }
        }
      }
    }
    expect(scans).toEqual([]);
  });

  it('takes a page in the order of an index without sorting, from where the cursor is', () => {
    for (const spec of specs) {
      for (const [name, index] of indexesOf(spec)) {
        if (index.many === true || index.thenBy !== undefined) continue;
        for (const condition of [undefined, { eq: 'x' }, { gte: 'a', lt: 'b' }]) {
          for (const scopeKey of askersOf(spec, name)) {
            for (const direction of ['asc', 'desc'] as const) {
              const where = condition === undefined ? {} : { where: { [name]: condition } };
              const query = { ...where, orderBy: name, direction, limit: 20 };
              const plan = pagePlan({ spec, query, scopeKey }, true);
              expect({ spec: spec.name, query, sorts: sortsOf(plan) }).toMatchObject({ sorts: [] });
              expect(plan[0]).toContain(`INDEX by_${spec.name}__${name} (scope=?`);
            }
          }
        }
      }
    }
  });

  it('takes a page of one value in the order declared for it without sorting', () => {
    let count = 0;
    for (const spec of specs) {
      for (const [name, index] of indexesOf(spec)) {
        if (index.many === true || index.thenBy === undefined) continue;
        count++;
        for (const direction of ['asc', 'desc'] as const) {
          const query = {
            where: { [name]: { eq: 'x' } },
            orderBy: index.thenBy,
            direction,
            limit: 20,
          };
          const plan = pagePlan({ spec, query, scopeKey: 'region:37' }, true);
          expect(sortsOf(plan)).toEqual([]);
          expect(plan[0]).toMatch(
            new RegExp(`INDEX by_${spec.name}__${name} \\(scope=\\? AND i_${name}=\\? AND`),
          );
        }
      }
    }
    expect(count).toBeGreaterThan(3);
  });

  it('starts from the value that few documents share, whatever the order', () => {
    for (const spec of specs) {
      for (const [name, index] of indexesOf(spec)) {
        if (index.many !== true) continue;
        const query = { where: { [name]: { eq: 'x' } }, limit: 20 };
        const plan = pagePlan({ spec, query, scopeKey: 'region:37' }, false);
        expect(plan[0]).toMatch(/^SEARCH v USING (?:COVERING INDEX|PRIMARY KEY)/);
      }
    }
  });

  it('scans no table to read or write one document', async () => {
    const prepared = new Set<string>();
    const { prepare } = Database.prototype;
    Database.prototype.prepare = function (this: Database.Database, text: string) {
      prepared.add(text);
      return prepare.call(this, text);
    } as typeof prepare;
    try {
      const samples = await store.open(sampleSpec('planned'));
      await samples.insertAll([sample('a', { number: '1', tags: ['t'], units: ['x'] })]);
      await samples.insert(sample('b', { codes: ['c'], dueAt: '1' }));
      await samples.replace(sample('a', { version: 2, rank: 1, tags: ['u'], units: ['x'] }));
      await samples.replace(sample('a', { version: 3, rank: 1, dueAt: '2', units: ['x', 'y'] }));
      await samples.get('a', unitScope('x'));
      await samples.getBy('number', '1', SCOPE_ALL);
      await samples.remove('b', 1);
    } finally {
      Database.prototype.prepare = prepare;
    }
    const statements = [...prepared].filter((text) => text.includes('planned'));
    expect(statements.length).toBeGreaterThan(10);
    const scans = statements.flatMap((text) => scansOf(planOf(text)));
    expect(scans).toEqual([]);
  });
});

describe('MongoDB', () => {
  it('is given an index that begins with what is asked and goes on with the order', () => {
    for (const spec of specs) {
      const keys = mongoIndexesOf(spec).map(({ key }) => Object.keys(key).join(' '));
      for (const [name, index] of indexesOf(spec)) {
        const value = pathOf(name);
        if (index.many === true) {
          expect(keys).toContain(index.unique === true ? value : `${value} _id`);
        } else if (index.unscoped === true) {
          expect(keys).toContain(`${value} _id`);
        } else {
          const order = index.thenBy === undefined ? '' : `${pathOf(index.thenBy)} `;
          expect(keys).toContain(`scope ${value} ${order}_id`);
        }
      }
    }
  });
});

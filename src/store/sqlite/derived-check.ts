/** Looks whether the derived tables say what the documents say: who altered one alone hides a document from lists. */
import type Database from 'better-sqlite3';
import type { CollectionSpec, StoredDocument } from '../collection.js';
import { shapeRecord } from '../record-shape.js';
import { EVERYONE, type ScopeNumbers } from './scope-numbers.js';
import { cellsOf, rowUnder, type Tables } from './tables.js';

interface DocumentRow {
  readonly id: string;
  readonly body: string;
}

const PAGE = 500;

/**
 * The first document, by id, whose rows in the derived tables are not those of its body; the empty
 * text where a derived table has rows of no document; `undefined` where all agree.
 */
export function firstMisplaced<T extends StoredDocument, K extends string>(
  { database, scopes }: { readonly database: Database.Database; readonly scopes: ScopeNumbers },
  spec: CollectionSpec<T, K>,
  tables: Tables,
): string | undefined {
  const next = database.prepare<[string], DocumentRow>(
    `SELECT id, body FROM ${tables.documents} WHERE id > ? ORDER BY id LIMIT ${PAGE}`,
  );
  const cells = [...tables.columns.values()].map((column) => `, ${column}`).join('');
  const reached = database
    .prepare(`SELECT scope${cells} FROM ${tables.reach} WHERE scope = ? AND id = ?`)
    .raw();
  const valueRows = [...tables.valueTables].map(([name, table]) => ({
    name,
    table,
    has: database.prepare(`SELECT 1 FROM ${table} WHERE value = ? AND id = ?`).pluck(),
    rows: 0,
  }));
  let reachRows = 0;
  for (let after = ''; ;) {
    const page = next.all(after);
    for (const { id, body } of page) {
      const record = shapeRecord(spec, JSON.parse(body) as T);
      const numbers = [EVERYONE, ...record.scopeKeys.map((key) => scopes.find(key))];
      const isReached = numbers.every((scope) => {
        reachRows++;
        return (
          scope !== undefined &&
          JSON.stringify(reached.get(scope, id)) ===
            JSON.stringify([scope, ...cellsOf(tables, record, rowUnder(scope))])
        );
      });
      const isIndexed = valueRows.every((each) => {
        const values = record.values.get(each.name) ?? [];
        each.rows += values.length;
        return values.every((value) => each.has.get(value, id) !== undefined);
      });
      if (record.id !== id || !isReached || !isIndexed) return id;
      after = id;
    }
    if (page.length < PAGE) break;
  }
  const count = (table: string): number =>
    database.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;
  const isExact =
    count(tables.reach) === reachRows &&
    valueRows.every(({ table, rows }) => count(table) === rows);
  return isExact ? undefined : '';
}

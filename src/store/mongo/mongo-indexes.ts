/** The indexes of a collection in MongoDB. */
import type { CollectionSpec, StoredDocument } from '../collection.js';
import { indexesOf } from '../record-shape.js';

export const UNIQUE_INDEX_PREFIX = 'unique_';
const OWN_INDEX = /^(?:reach$|by_|any_|all_|unique_)/;

/** The scope key under which a reader of everything finds each document. */
export const EVERYONE = '';

export interface MongoIndex {
  readonly name: string;
  readonly key: Readonly<Record<string, 1>>;
  readonly unique?: true;
  readonly sparse?: true;
}

/**
 * - `by_X`, `by_X_Y`: scope key, value, what lists of one value are ordered by, id: every list is a
 *   walk in order under one scope key.
 * - `any_X`: an index of several values; it cannot join the scope, which is an array too.
 * - `all_X`: an index that is asked for without a scope.
 * - `unique_X`: sparse, since documents may have no value.
 */
export function mongoIndexesOf<T extends StoredDocument, K extends string>(
  spec: CollectionSpec<T, K>,
): readonly MongoIndex[] {
  const indexes: MongoIndex[] = [{ name: 'reach', key: { scope: 1, _id: 1 } }];
  for (const [name, index] of indexesOf(spec)) {
    const path = pathOf(name);
    if (index.unique === true) {
      indexes.push({
        name: `${UNIQUE_INDEX_PREFIX}${name}`,
        key: { [path]: 1 },
        unique: true,
        sparse: true,
      });
    }
    if (index.many !== true && index.unscoped === true) {
      indexes.push({ name: `all_${name}`, key: { [path]: 1, _id: 1 } });
    } else if (index.many !== true) {
      const { thenBy } = index;
      indexes.push({
        name: `by_${name}${thenBy === undefined ? '' : `_${thenBy}`}`,
        key: {
          scope: 1,
          [path]: 1,
          ...(thenBy === undefined ? {} : { [pathOf(thenBy)]: 1 }),
          _id: 1,
        },
      });
    } else if (index.unique !== true) {
      indexes.push({ name: `any_${name}`, key: { [path]: 1, _id: 1 } });
    }
  }
  return indexes;
}

/** Whether an index of this name is one that we make, and may drop. */
export function isOwnIndex(name: string): boolean {
  return OWN_INDEX.test(name);
}

/** Where a document keeps the value of index `name`. */
export function pathOf(name: string): string {
  return `idx.${name}`;
}

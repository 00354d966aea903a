/** Records that the contract suite keeps, with an index of every kind. */
import {
  SCOPE_ALL,
  type Collection,
  type CollectionSpec,
  type Query,
  type Scope,
  type StoredDocument,
} from '../../src/store/index.js';

export interface Sample extends StoredDocument {
  readonly number?: string | undefined;
  readonly rank?: number | undefined;
  readonly state: string;
  readonly dueAt?: string | undefined;
  readonly tags: readonly string[];
  readonly codes?: readonly string[];
  readonly units: readonly string[];
  readonly content?: unknown;
}

export type SampleIndex = 'number' | 'rank' | 'state' | 'dueAt' | 'tags' | 'codes';

export function sampleSpec(name: string): CollectionSpec<Sample, SampleIndex> {
  return {
    name,
    indexes: {
      number: { of: (sample) => sample.number, unique: true },
      rank: { of: (sample) => sample.rank },
      state: { of: (sample) => sample.state, thenBy: 'rank' },
      dueAt: { of: (sample) => sample.dueAt, unscoped: true },
      tags: { of: (sample) => sample.tags, many: true },
      codes: { of: (sample) => sample.codes, many: true, unique: true },
    },
    scopeKeys: (sample) => sample.units.map((unit) => `unit:${unit}`),
  };
}

export function sample(id: string, fields: Partial<Sample> = {}): Sample {
  return { id, version: 1, state: 'draft', tags: [], units: [], ...fields };
}

export function unitScope(...units: readonly string[]): Scope {
  return { kind: 'keys', keys: units.map((unit) => `unit:${unit}`) };
}

/** Every page of `query`, by its cursors. */
export async function allPages<T extends StoredDocument, K extends string>(
  collection: Collection<T, K>,
  query: Query<K>,
  scope: Scope = SCOPE_ALL,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await collection.find(cursor === undefined ? query : { ...query, cursor }, scope);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return items;
}

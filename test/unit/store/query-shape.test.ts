import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isAppError } from '../../../src/kernel/index.js';
import { SCOPE_ALL, type CollectionSpec, type StoredDocument } from '../../../src/store/index.js';
import { sealCursor, shapeQuery } from '../../../src/store/query-shape.js';
import {
  checkSpec,
  compareIndexValues,
  shapeRecord,
  specSignature,
} from '../../../src/store/record-shape.js';

interface Row extends StoredDocument {
  readonly rank: number;
}
const spec: CollectionSpec<Row, 'rank'> = {
  name: 'rows',
  indexes: { rank: { of: (row) => row.rank } },
  scopeKeys: () => [],
};

describe('cursors', () => {
  it('come back as they were made', () => {
    const value = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    fc.assert(
      fc.property(
        value,
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.boolean(),
        (at, id, isDescending) => {
          const query = {
            orderBy: 'rank',
            direction: isDescending ? 'desc' : 'asc',
            limit: 1,
          } as const;
          const position = { value: Object.is(at, -0) ? 0 : at, id };
          const cursor = sealCursor(shapeQuery(spec, query, SCOPE_ALL), position);
          expect(shapeQuery(spec, { ...query, cursor }, SCOPE_ALL).after).toEqual(position);
        },
      ),
    );
  });

  it('that somebody made up are refused with a code', () => {
    const made = fc.oneof(
      fc.string(),
      fc.json().map((json) => Buffer.from(json).toString('base64url')),
    );
    fc.assert(
      fc.property(made, (cursor) => {
        try {
          shapeQuery(spec, { limit: 1, cursor }, SCOPE_ALL);
        } catch (error) {
          if (!isAppError(error, 'input-invalid')) throw error;
        }
      }),
    );
  });
});

describe('specs', () => {
  it('with unsuitable names are refused', () => {
    for (const bad of [
      { ...spec, name: 'Rows' },
      { ...spec, name: 'rows"; DROP TABLE x' },
      { ...spec, indexes: { 'a b': { of: () => 1 } } },
      { ...spec, indexes: { id: { of: () => 1 } } },
      { ...spec, indexes: { unitId: { of: () => 1 }, unitID: { of: () => 1 } } },
    ]) {
      expect(() => checkSpec(bad as unknown as typeof spec)).toThrow(
        expect.objectContaining({ code: 'internal' }),
      );
    }
    expect(() => checkSpec(spec)).not.toThrow();
  });

  it('have another signature when stored indexes would differ', () => {
    const signatures = [
      spec,
      { ...spec, revision: 2 },
      { ...spec, indexes: {} },
      { ...spec, indexes: { rank: { ...spec.indexes.rank, unique: true } } },
      { ...spec, indexes: { rank: { of: () => [], many: true } } },
    ].map((each) => specSignature(each as typeof spec));
    expect(new Set(signatures).size).toBe(signatures.length);
  });

  it('must say which indexes have several values', () => {
    const wrong = { ...spec, indexes: { rank: { of: () => ['a'] } } } as unknown as typeof spec;
    expect(() => shapeRecord(wrong, { id: 'a', version: 1, rank: 1 })).toThrow(
      expect.objectContaining({ code: 'internal' }),
    );
  });
});

describe('compareIndexValues', () => {
  it('orders as the bytes of UTF-8 do, beyond the basic plane too', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareIndexValues(a, b))).toBe(
          Math.sign(Buffer.from(a).compare(Buffer.from(b))),
        );
      }),
    );
    expect(compareIndexValues('\uff21', '𠮷')).toBeLessThan(0);
    expect(compareIndexValues(1e300, '')).toBeLessThan(0);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from '../../../src/kernel/index.js';

describe('canonicalJson', () => {
  it('writes the sample of RFC 8785, 3.2.2 in its one spelling', () => {
    const sample = {
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '€$\u000f\nA\'B"\\\\"/',
      literals: [null, true, false],
    };
    expect(canonicalJson(sample)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('sorts keys by UTF-16 code units (RFC 8785, 3.2.3)', () => {
    const sorted = canonicalJson({
      '\u20ac': 1,
      '\r': 2,
      '\ufb33': 3,
      '1': 4,
      '\u{1f600}': 5,
      '\u0080': 6,
    });
    const keys = Object.values(JSON.parse(sorted) as Record<string, number>);
    // JSON.parse moves integer keys first, which is where "1" would come after "\r".
    expect(sorted.startsWith('{"\\r":2,"1":4,')).toBe(true);
    expect(keys.slice(-4)).toEqual([6, 1, 5, 3]);
  });

  it('leaves out what is undefined', () => {
    expect(canonicalJson({ b: undefined, a: 1 })).toBe('{"a":1}');
  });

  it.each([
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    ['\ud800'],
    [{ '\udc00': 1 }],
    [{ a: () => 1 }],
    [{ a: 1n }],
    [[undefined]],
  ])('refuses %p', (value) => {
    expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ code: 'input-invalid' }));
  });

  it('gives the same bytes for the same value in any order, and back the value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (record) => {
        const reversed = Object.fromEntries(Object.entries(record).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(record));
        const normalised: unknown = JSON.parse(JSON.stringify(record));
        expect(JSON.parse(canonicalJson(record))).toEqual(normalised);
      }),
      { numRuns: 200 },
    );
  });
});

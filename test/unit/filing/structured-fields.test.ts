import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  parseDictionary,
  serializeInnerList,
  type InnerList,
} from '../../../src/filing/structured-fields.js';
import { isAppError } from '../../../src/kernel/index.js';

describe('parseDictionary', () => {
  it('reads inner lists with parameters and writes them back', () => {
    const text = '("@method" "date";req "x" );created=-16;a;b=?0;k="q\\"u\\\\";t=tok/en:1;s=:AQI=:';
    const list = parseDictionary(`sig1=${text}, b=?1,\tc`).get('sig1') as InnerList;
    expect(serializeInnerList(list)).toBe(
      '("@method" "date";req "x");created=-16;a;b=?0;k="q\\"u\\\\";t=tok/en:1;s=:AQI=:',
    );
  });

  it('keeps the last of a repeated key, in its place', () => {
    const members = parseDictionary('a=1, b=2, a=3');
    expect([...members.keys()]).toEqual(['b', 'a']);
    expect(members.get('a')).toMatchObject({ bare: { type: 'integer', value: 3 } });
  });

  it('has nothing in an empty field', () => {
    expect(parseDictionary('  ').size).toBe(0);
  });

  it.each([
    'a=',
    'a=1,',
    'a=1 b=2',
    'A=1',
    'a=1.5',
    'a=1234567890123456',
    'a="x',
    'a="é"',
    'a=:A:',
    'a=:AQI',
    'a=("x""y")',
    'a=("x"',
    'a=1;',
    'a=?2',
    ',a',
    `a="${'x'.repeat(20_000)}"`,
  ])('refuses %s', (text) => {
    expect(() => parseDictionary(text)).toThrow(expect.objectContaining({ code: 'input-invalid' }));
  });

  it('ends in members or an AppError, whatever comes', () => {
    const piece = fc.constantFrom(
      'a',
      '=',
      '(',
      ')',
      '"',
      ';',
      ',',
      ' ',
      ':',
      '?',
      '1',
      '-',
      '\\',
      'é',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          parseDictionary(pieces.join(''));
        } catch (error) {
          expect(isAppError(error, 'input-invalid')).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

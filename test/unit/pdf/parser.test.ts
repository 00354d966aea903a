import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemorySource, isAppError, latin1ToBytes } from '../../../src/kernel/index.js';
import {
  DEFAULT_LIMITS,
  PdfArray,
  PdfDict,
  PdfName,
  PdfRef,
  PdfString,
  equalValues,
  serialize,
  type PdfValue,
} from '../../../src/pdf/index.js';
import { Parser, type EntrySpan } from '../../../src/pdf/parser.js';
import { CountingSource } from '../../support/pdf/byte-sources.js';

function parse(text: string): PdfValue {
  return new Parser(new MemorySource(latin1ToBytes(text)), DEFAULT_LIMITS).parseValue();
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return isAppError(error) ? error.code : `not an AppError: ${String(error)}`;
  }
  return 'no error';
}

describe('Parser', () => {
  it.each([
    ['0', 0],
    ['-17', -17],
    ['+3', 3],
    ['.5', 0.5],
    ['-.25', -0.25],
    ['4.', 4],
    ['00012', 12],
    ['0.1', 0.1],
    ['true', true],
    ['false', false],
    ['null', null],
    ['% a comment\r\n 7', 7],
  ])('reads %s', (text, value) => {
    expect(parse(text)).toBe(value);
  });

  it.each([
    '--5',
    '1e5',
    '1.2.3',
    '.',
    'nil',
    '',
    '<12',
    '(a',
    '[1',
    '<</A',
    '<</A 1',
    '<<1 2>>',
    '>>',
    'R',
  ])('refuses %s', (text) => {
    expect(codeOf(() => parse(text))).toBe('pdf-malformed');
  });

  it('resolves the escapes of literal strings', () => {
    const value = parse('(a\\n\\050(b)\\\\\\7\\\r\nc\rd\\q\\400)');
    expect(value).toBeInstanceOf(PdfString);
    expect(Array.from((value as PdfString).bytes)).toEqual([
      ...latin1ToBytes('a\n((b)\\\x07c\ndq'),
      0,
    ]);
  });

  it('reads hex strings with white space and an odd digit', () => {
    const value = parse('<48 65\n6C6c 6>');
    expect(Array.from((value as PdfString).bytes)).toEqual([0x48, 0x65, 0x6c, 0x6c, 0x60]);
    expect((value as PdfString).isHex).toBe(true);
  });

  it('tells references from numbers', () => {
    const value = parse('[1 0 R 2 3 4 0 R 5 0 Rx]'.replace(' 5 0 Rx', ' 5 0'));
    expect(value).toBeInstanceOf(PdfArray);
    const items = (value as PdfArray).items;
    expect(items).toHaveLength(6);
    expect(items[0]).toEqual(new PdfRef(1, 0));
    expect(items.slice(1, 3)).toEqual([2, 3]);
    expect(items[3]).toEqual(new PdfRef(4, 0));
  });

  it('does not take 1.0 0 R for a reference', () => {
    expect(codeOf(() => parse('[1.0 0 R]'))).toBe('pdf-malformed');
  });

  it('keeps the last of duplicate keys and names them', () => {
    const dict = parse('<</A 1/B 2/A 3>>') as PdfDict;
    expect(dict.get('A')).toBe(3);
    expect(dict.duplicateKeys).toEqual(['A']);
    expect(dict.origin?.span).toEqual({ start: 0, end: 16 });
  });

  it('takes an escaped key for the key it spells', () => {
    const dict = parse('<</Contents <00>/#43ontents <01>>>') as PdfDict;
    expect(dict.duplicateKeys).toEqual(['Contents']);
  });

  it.each([
    ['/Version/1.5/Version/1.5', []],
    ['/Size 7/Size 7', []],
    ['/Pages 1 0 R/Pages 1 0 R', []],
    ['/P#61ges 1 0 R/Pages 2 0 R', ['Pages']],
    ['/Size 7/Size 8', ['Size']],
    ['/Version/1.5/Version(1.5)', ['Version']],
    ['/Contents<30>/Contents<30>', ['Contents']],
    ['/ByteRange[0 1]/ByteRange[0 1]', ['ByteRange']],
  ])('calls a key double only where readers may disagree: %s', (entries, expected) => {
    expect((parse(`<<${entries}>>`) as PdfDict).duplicateKeys).toEqual(expected);
  });

  it('reports the bytes of every token of a dictionary', () => {
    const text = '<< /A  1 0 R /B<</C 2>>/D(x)>>';
    const parser = new Parser(new MemorySource(latin1ToBytes(text)), DEFAULT_LIMITS);
    const entries: EntrySpan[] = [];
    parser.parseDict(1, (entry) => entries.push(entry));
    const tokens = entries.map((entry) => [
      text.slice(entry.keySpan.start, entry.keySpan.end),
      text.slice(entry.valueSpan.start, entry.valueSpan.end),
    ]);
    expect(tokens).toEqual([
      ['/A', '1 0 R'],
      ['/B', '<</C 2>>'],
      ['/D', '(x)'],
    ]);
  });

  it('is bounded in depth, name length and string length', () => {
    expect(codeOf(() => parse('['.repeat(200_000)))).toBe('pdf-limit-exceeded');
    expect(codeOf(() => parse('<</A'.repeat(200_000)))).toBe('pdf-limit-exceeded');
    expect(codeOf(() => parse(`/${'a'.repeat(10_000)}`))).toBe('pdf-limit-exceeded');
    const limits = { ...DEFAULT_LIMITS, maxStringBytes: 1000 };
    const parser = new Parser(new MemorySource(latin1ToBytes(`(${'a'.repeat(5000)})`)), limits);
    expect(codeOf(() => parser.parseValue())).toBe('pdf-limit-exceeded');
  });

  const latin1 = fc
    .uint8Array({ maxLength: 12 })
    .map((bytes) => String.fromCharCode(...bytes.map((byte) => byte || 1)));
  const { value: anyValue } = fc.letrec<{ value: PdfValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constant(null),
      fc.boolean(),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (n === 0 ? 0 : n)),
      latin1.map((text) => new PdfName(text)),
      fc.tuple(fc.uint8Array(), fc.boolean()).map(([bytes, hex]) => new PdfString(bytes, hex)),
      fc.tuple(fc.nat(100_000), fc.nat(65535)).map(([num, gen]) => new PdfRef(num, gen)),
      fc.array(tie('value'), { maxLength: 5 }).map((items) => new PdfArray(items)),
      fc
        .array(fc.tuple(latin1, tie('value')), { maxLength: 5 })
        .map((entries) => new PdfDict(new Map(entries))),
    ),
  }));

  it('reads back what serialize writes, from any source', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const bytes = serialize(value);
        const parser = new Parser(new CountingSource(bytes), DEFAULT_LIMITS);
        const read = parser.parseValue();
        expect(equalValues(read, value)).toBe(true);
        expect(parser.pos).toBe(bytes.length);
        expect(serialize(read)).toEqual(bytes);
      }),
      { numRuns: 500 },
    );
  });

  it('ends in a value or an AppError on any bytes', () => {
    const soup = fc.array(
      fc.constantFrom(
        '<<',
        '>>',
        '[',
        ']',
        '(',
        ')',
        '<',
        '>',
        '/',
        '#',
        '1',
        ' ',
        'R',
        '.',
        '-',
        '\\',
        '%',
        'null',
        '\n',
        'ÿ',
      ),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(soup, (parts) => {
        const code = codeOf(() => parse(parts.join('')));
        expect(['no error', 'pdf-malformed', 'pdf-limit-exceeded']).toContain(code);
      }),
      { numRuns: 2000 },
    );
  });
});

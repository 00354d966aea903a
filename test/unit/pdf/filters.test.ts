import { deflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isAppError, latin1ToBytes, utf8ToBytes } from '../../../src/kernel/index.js';
import {
  DEFAULT_LIMITS,
  PdfArray,
  PdfDict,
  pdfName,
  type PdfValue,
} from '../../../src/pdf/index.js';
import { decodeFilters, flate } from '../../../src/pdf/filters.js';
import { undoPredictor } from '../../../src/pdf/predictors.js';

function decode(filters: readonly string[], raw: Uint8Array, parms?: PdfValue): Uint8Array {
  const dict = PdfDict.of({
    Filter: new PdfArray(filters.map((name) => pdfName(name))),
    DecodeParms: parms === undefined ? undefined : new PdfArray([parms]),
  });
  return decodeFilters(dict, raw, (value) => value ?? null, {
    ...DEFAULT_LIMITS,
    maxDecodedBytes: 1 << 20,
  });
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return isAppError(error) ? error.code : `not an AppError: ${String(error)}`;
  }
  return 'no error';
}

/** LZW as PDF writes it: most significant bit first, clear at the start, codes widened as soon as the table needs it. */
function lzw(bytes: Uint8Array): Uint8Array {
  const codes: [number, number][] = [[256, 9]];
  let table = new Map<string, number>();
  let next = 258;
  let width = 9;
  let prefix = '';
  const codeOfRun = (run: string): number =>
    run.length === 1 ? run.charCodeAt(0) : table.get(run)!;
  for (const byte of bytes) {
    const run = prefix + String.fromCharCode(byte);
    if (run.length === 1 || table.has(run)) {
      prefix = run;
      continue;
    }
    codes.push([codeOfRun(prefix), width]);
    table.set(run, next++);
    prefix = String.fromCharCode(byte);
    if (next === 4095) {
      codes.push([codeOfRun(prefix), 12], [256, 12]);
      table = new Map();
      next = 258;
      width = 9;
      prefix = '';
    } else {
      width = next >= 2048 ? 12 : next >= 1024 ? 11 : next >= 512 ? 10 : 9;
    }
  }
  if (prefix !== '') {
    codes.push([codeOfRun(prefix), width]);
    next++;
    width = next >= 2048 ? 12 : next >= 1024 ? 11 : next >= 512 ? 10 : 9;
  }
  codes.push([257, width]);
  const bits = codes.map(([code, bitsWide]) => code.toString(2).padStart(bitsWide, '0')).join('');
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, '0');
  return new Uint8Array(padded.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)));
}

describe('decodeFilters', () => {
  it('undoes Flate, alone and under ASCIIHex', () => {
    const text = utf8ToBytes('签印 signing');
    expect(decode(['FlateDecode'], flate(text))).toEqual(text);
    const hex = [...flate(text)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    expect(decode(['AHx', 'Fl'], latin1ToBytes(`${hex}>`))).toEqual(text);
  });

  it('undoes ASCII85', () => {
    const encoded = latin1ToBytes('87cURD]i,"Ebo80~>');
    expect(decode(['ASCII85Decode'], encoded)).toEqual(latin1ToBytes('Hello World!'));
    expect(decode(['A85'], latin1ToBytes('z~>'))).toEqual(new Uint8Array(4));
  });

  it('undoes run lengths', () => {
    const encoded = new Uint8Array([2, 1, 2, 3, 254, 9, 128, 77]);
    expect(decode(['RL'], encoded)).toEqual(new Uint8Array([1, 2, 3, 9, 9, 9]));
  });

  it('undoes the LZW example of the standard', () => {
    const encoded = new Uint8Array([0x80, 0x0b, 0x60, 0x50, 0x22, 0x0c, 0x0c, 0x85, 0x01]);
    const decoded = [45, 45, 45, 45, 45, 65, 45, 45, 45, 66];
    expect([...decode(['LZWDecode'], encoded)]).toEqual(decoded);
  });

  it('undoes LZW of any length', () => {
    const bytes = fc
      .tuple(
        fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 400 }),
        fc.integer({ min: 1, max: 40 }),
      )
      .map(([run, times]) =>
        Uint8Array.from(
          Array.from({ length: times }, (_, i) => run.map((b) => (b * (i + 1)) & 255)).flat(),
        ),
      );
    fc.assert(
      fc.property(bytes, (data) => {
        expect(decode(['LZW'], lzw(data))).toEqual(data);
      }),
      { numRuns: 60 },
    );
  });

  it('stops at the limit, and names damage and the unknown', () => {
    const bomb = deflateSync(new Uint8Array(4 << 20));
    expect(codeOf(() => decode(['FlateDecode'], bomb))).toBe('pdf-limit-exceeded');
    expect(codeOf(() => decode(['Fl', 'Fl'], deflateSync(bomb)))).toBe('pdf-limit-exceeded');
    const runs = new Uint8Array(40_000).map((_, i) => (i % 2 === 0 ? 129 : 0));
    expect(codeOf(() => decode(['RL'], runs))).toBe('pdf-limit-exceeded');
    expect(codeOf(() => decode(Array<string>(9).fill('AHx'), new Uint8Array(0)))).toBe(
      'pdf-limit-exceeded',
    );
    expect(codeOf(() => decode(['FlateDecode'], new Uint8Array([1, 2, 3])))).toBe('pdf-malformed');
    expect(codeOf(() => decode(['FlateDecode'], bomb.subarray(0, 9)))).toBe('pdf-malformed');
    expect(codeOf(() => decode(['DCTDecode'], bomb))).toBe('pdf-unsupported');
  });

  it('ends in bytes or an AppError on anything', () => {
    const filter = fc.constantFrom('FlateDecode', 'LZWDecode', 'A85', 'AHx', 'RL');
    fc.assert(
      fc.property(filter, fc.uint8Array({ maxLength: 300 }), (name, raw) => {
        expect(codeOf(() => decode([name], raw))).toMatch(/^(no error|pdf-[a-z-]+)$/);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('undoPredictor', () => {
  const png = { predictor: 12, colors: 1, bitsPerComponent: 8, columns: 4 };

  it('undoes each PNG row filter', () => {
    const rows = [
      [0, 10, 20, 30, 40],
      [1, 1, 1, 1, 1],
      [2, 1, 1, 1, 1],
      [3, 2, 2, 2, 2],
      [4, 1, 1, 1, 1],
    ];
    expect([...undoPredictor(Uint8Array.from(rows.flat()), png)]).toEqual([
      ...[10, 20, 30, 40],
      ...[1, 2, 3, 4],
      ...[2, 3, 4, 5],
      ...[3, 5, 6, 7],
      ...[4, 6, 7, 8],
    ]);
  });

  it('undoes TIFF differences of 8 and 16 bits', () => {
    const eight = undoPredictor(Uint8Array.from([1, 2, 3, 255, 1, 1]), {
      ...png,
      predictor: 2,
      columns: 3,
    });
    expect([...eight]).toEqual([1, 3, 6, 255, 0, 1]);
    const sixteen = undoPredictor(Uint8Array.from([0, 255, 0, 1]), {
      ...png,
      predictor: 2,
      bitsPerComponent: 16,
      columns: 2,
    });
    expect([...sixteen]).toEqual([0, 255, 1, 0]);
  });

  it('refuses parameters that make no sense', () => {
    const bytes = new Uint8Array(10);
    for (const wrong of [
      { columns: 0 },
      { colors: -1 },
      { bitsPerComponent: 3 },
      { predictor: 9 },
      { columns: 1e9 },
    ]) {
      expect(codeOf(() => undoPredictor(bytes, { ...png, ...wrong }))).toBe('pdf-malformed');
    }
  });
});

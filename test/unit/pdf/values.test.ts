import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bytesToLatin1, isAppError } from '../../../src/kernel/index.js';
import type { PdfDict } from '../../../src/pdf/index.js';
import {
  ContentBuilder,
  PdfArray,
  PdfName,
  PdfString,
  alphaState,
  decodeText,
  formXObject,
  formatNumber,
  pdfName,
  pdfText,
  resourceDict,
  serialize,
  uprightMatrix,
  type Matrix,
  type PdfStream,
} from '../../../src/pdf/index.js';

describe('formatNumber', () => {
  it.each([
    [0, '0'],
    [-0, '0'],
    [1.5, '1.5'],
    [1e21, '1000000000000000000000'],
    [-1.25e22, '-12500000000000000000000'],
    [1e-7, '0.0000001'],
    [-1.5e-7, '-0.00000015'],
  ])('writes %p as %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it('loses nothing and never uses an exponent', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = formatNumber(value);
        expect(text).toMatch(/^-?\d+(\.\d+)?$/);
        expect(Number(text)).toBe(value === 0 ? 0 : value);
      }),
    );
  });

  it('refuses what is not finite', () => {
    for (const value of [NaN, Infinity]) {
      try {
        formatNumber(value);
        throw new Error('no error');
      } catch (error) {
        expect(isAppError(error, 'input-invalid')).toBe(true);
      }
    }
  });
});

describe('serialize', () => {
  it('escapes names and strings', () => {
    const value = new PdfArray([
      new PdfName('A#/ \u00e9'),
      new PdfString(new TextEncoder().encode('a(b)\\\r')),
      new PdfString(Uint8Array.of(0, 255), true),
    ]);
    expect(bytesToLatin1(serialize(value))).toBe('[/A#23#2F#20#E9 (a\\(b\\)\\\\\\r) <00FF>]');
  });
});

describe('text strings', () => {
  it('give any text back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(decodeText(pdfText(text))).toBe(text);
      }),
    );
  });

  it('are read as PDFDocEncoding, UTF-8 and UTF-16 of either order', () => {
    const read = (...bytes: number[]): string => decodeText(new PdfString(Uint8Array.from(bytes)));
    expect(read(0x80, 0xa0, 0x18, 0xe9)).toBe('\u2022\u20ac\u02d8\u00e9');
    expect(read(0xef, 0xbb, 0xbf, 0xe7, 0xad, 0xbe)).toBe('签');
    expect(read(0xfe, 0xff, 0x7b, 0x7e)).toBe('签');
    expect(read(0xff, 0xfe, 0x7e, 0x7b)).toBe('签');
  });
});

describe('appearances', () => {
  it('write their operators with rounded numbers', () => {
    const content = new ContentBuilder()
      .save()
      .transform([1, 0, 0, 1, 0.00001, 2])
      .fillColor(1, 0, 0)
      .rectangle(0, 0, 1 / 3, 2)
      .fill('evenodd')
      .restore();
    expect(bytesToLatin1(content.toBytes())).toBe(
      'q\n1 0 0 1 0 2 cm\n1 0 0 rg\n0 0 0.3333 2 re\nf*\nQ\n',
    );
  });

  it('are forms with compressed content and their resources', () => {
    const resources = resourceDict({ ExtGState: { G0: alphaState(0.5, 'Multiply') } });
    const form: PdfStream = formXObject({
      bbox: [0, 0, 1, 1],
      content: new Uint8Array(9),
      resources,
    });
    expect(form.dict.get('Filter')).toEqual(pdfName('FlateDecode'));
    const states = (form.dict.get('Resources') as PdfDict).get('ExtGState') as PdfDict;
    expect((states.get('G0') as PdfDict).get('ca')).toBe(0.5);
  });

  it.each([0, 90, 180, 270] as const)('stand upright on a page turned by %i', (rotate) => {
    const [width, height] = [30, 10];
    const form = uprightMatrix(rotate, width, height);
    const apply = ([a, b, c, d, e, f]: Matrix, [x, y]: readonly [number, number]) =>
      [a * x + c * y + e, b * x + d * y + f] as const;
    const turn = (-rotate * Math.PI) / 180;
    const page: Matrix = [Math.cos(turn), Math.sin(turn), -Math.sin(turn), Math.cos(turn), 0, 0];
    const [origin, right, up] = (
      [
        [0, 0],
        [width, 0],
        [0, height],
      ] as const
    ).map((point) => apply(page, apply(form, point)));
    expect(right![0] - origin![0]).toBeCloseTo(width);
    expect(right![1] - origin![1]).toBeCloseTo(0);
    expect(up![1] - origin![1]).toBeCloseTo(height);
    for (const corner of [
      [0, 0],
      [width, 0],
      [0, height],
      [width, height],
    ] as const) {
      const [x, y] = apply(form, corner);
      expect(x).toBeGreaterThanOrEqual(0);
      expect(y).toBeGreaterThanOrEqual(0);
    }
  });
});

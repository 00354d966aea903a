import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inflateSync } from 'node:zlib';
import { bytesToLatin1, sha256Hex, utf8ToBytes } from '../../../src/kernel/index.js';
import {
  SEAL_KINDS,
  drawSeal,
  drawingToPdfOperators,
  drawingToPng,
  drawingToSvg,
  svgToDrawing,
  type DrawingPart,
  type DrawingPath,
  type SealDrawing,
} from '../../../src/seal/index.js';
import { fontFace } from '../../../src/font/index.js';
import { FONT, NAMES } from './seal-fixture.js';

type Point = readonly [x: number, y: number];

const CODE = '3701020000123';
const ROUND_KINDS = SEAL_KINDS.filter((kind) => kind !== 'legal-person');

function round(name: string, kind: (typeof ROUND_KINDS)[number] = 'contract', specimen = false) {
  return drawSeal({ name, kind, code: CODE, font: FONT, specimen });
}

/** Ends and control points: their convex hull contains the path. */
function points(path: DrawingPath): readonly Point[] {
  return path.segments.flatMap((segment) => {
    const numbers = segment.slice(1) as number[];
    return Array.from({ length: numbers.length / 2 }, (_, index): Point => [
      numbers[2 * index] ?? 0,
      numbers[2 * index + 1] ?? 0,
    ]);
  });
}

function part(drawing: SealDrawing, wanted: DrawingPart): readonly DrawingPath[] {
  return drawing.paths.filter((path) => path.part === wanted);
}

const DIRECTIONS = Array.from({ length: 360 }, (_, degree): Point => {
  const angle = (degree * Math.PI) / 180;
  return [Math.cos(angle), Math.sin(angle)];
});

/** How far the path reaches in each of 360 directions: its convex hull, by its tangents. */
function reach(path: DrawingPath): readonly number[] {
  const all = points(path);
  return DIRECTIONS.map(([dx, dy]) => Math.max(...all.map(([x, y]) => x * dx + y * dy)));
}

/** Distance between two hulls along the direction that parts them best; negative where none does. */
function gapMm(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((far, degree) => -(b[(degree + 180) % 360] ?? 0) - far));
}

function distances(path: DrawingPath, centre: number): readonly number[] {
  return points(path).map(([x, y]) => Math.hypot(x - centre, y - centre));
}

/** The angle (degrees, clockwise from the top) at which the ink of a glyph stands in the middle. */
function standingAngle(path: DrawingPath, centre: number): number {
  const all = points(path).map(([x, y]): Point => [x - centre, y - centre]);
  const mean = all.reduce<Point>((sum, [x, y]) => [sum[0] + x, sum[1] + y], [0, 0]);
  let angle = Math.atan2(mean[0], mean[1]);
  for (let step = 0; step < 30; step++) {
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const across = all.map(([x, y]) => x * cos - y * sin);
    const up = all.map(([x, y]) => x * sin + y * cos);
    angle += Math.atan2(
      (Math.min(...across) + Math.max(...across)) / 2,
      (Math.min(...up) + Math.max(...up)) / 2,
    );
  }
  return (angle * 180) / Math.PI;
}

describe('round seal', () => {
  it('is 42 mm wide with a rim of 1.1 mm and a star of 14 mm across its tips', () => {
    const drawing = round('济南大学', 'official');
    expect([drawing.widthMm, drawing.heightMm]).toEqual([42, 42]);
    const rim = part(drawing, 'rim')[0]!;
    const ends = rim.segments.flatMap((each) => (each[0] === 'M' ? [each[1] - 21] : []));
    expect(ends).toEqual([21, 19.9]);
    const tips = distances(part(drawing, 'star')[0]!, 21).filter((distance) => distance > 5);
    expect(tips).toHaveLength(5);
    for (const tip of tips) expect(tip).toBeCloseTo(7, 2);
    const top = points(part(drawing, 'star')[0]!).find(([, y]) => y > 27.9);
    expect(top).toEqual([21, 28]);
  });

  it.each(NAMES.flatMap((name) => ROUND_KINDS.map((kind) => [name.length, kind, name] as const)))(
    'keeps every character of a name of %i apart, kind %s, and off the rim',
    (_length, kind, name) => {
      const drawing = round(name, kind);
      const inside = drawing.paths.filter((path) => path.part !== 'rim');
      expect(part(drawing, 'name')).toHaveLength(name.length);
      expect(part(drawing, 'code')).toHaveLength(13);
      expect(part(drawing, 'kind')).toHaveLength(kind === 'official' ? 0 : 5);
      for (const path of inside) {
        expect(Math.max(...distances(path, 21))).toBeLessThan(19.9 - 0.5);
      }
      const hulls = inside.map(reach);
      const gaps = hulls.flatMap((a, i) =>
        hulls.slice(i + 1).map((b, j) => {
          const close = inside[i]!.part === inside[i + 1 + j]!.part ? 0 : 0.3;
          return gapMm(a, b) - close;
        }),
      );
      expect(Math.min(...gaps)).toBeGreaterThan(0);
    },
  );

  it.each(NAMES.filter((name) => !name.includes('（')))(
    'spaces %s evenly about the top',
    (name) => {
      const angles = part(round(name), 'name').map((path) => standingAngle(path, 21));
      const steps = angles.slice(1).map((angle, index) => angle - angles[index]!);
      for (const step of steps) expect(step).toBeCloseTo(steps[0]!, 1);
      expect(steps[0]).toBeGreaterThan(0);
      expect(angles[0]! + angles.at(-1)!).toBeCloseTo(0, 1);
    },
  );

  it('makes the characters of a longer name narrower, and never wider than high', () => {
    const widths = NAMES.map((name) => {
      const spread = part(round(name), 'name').map((path) => {
        const angle = (standingAngle(path, 21) * Math.PI) / 180;
        const across = points(path).map(
          ([x, y]) => (x - 21) * Math.cos(angle) - (y - 21) * Math.sin(angle),
        );
        return Math.max(...across) - Math.min(...across);
      });
      return Math.max(...spread);
    });
    expect(widths[0]).toBeLessThan(6.5);
    for (let i = 2; i < widths.length; i++) expect(widths[i]).toBeLessThan(widths[i - 1]!);
    expect(widths.at(-1)).toBeGreaterThan(1.4);
  });

  it('scales to 38 and 45 mm and keeps the rim between 1.0 and 1.2 mm', () => {
    for (const sizeMm of [38, 45]) {
      const drawing = drawSeal({ name: NAMES[3], kind: 'finance', font: FONT, sizeMm });
      expect(drawing.widthMm).toBe(sizeMm);
      const starts = part(drawing, 'rim')[0]!.segments.filter((each) => each[0] === 'M');
      const [outer = 0, inner = 0] = starts.map((each) => each[1]);
      expect(outer).toBe(sizeMm);
      expect(outer - inner).toBeGreaterThanOrEqual(0.999);
      expect(outer - inner).toBeLessThanOrEqual(1.201);
    }
  });

  it('shows 样章 in place of the star when drawn outside an application, and says so in its files', () => {
    const drawing = round('济南大学', 'contract', true);
    expect(part(drawing, 'specimen')).toHaveLength(2);
    expect(part(drawing, 'star')).toHaveLength(0);
    expect(drawingToSvg(drawing)).toMatch(/data-specimen="true"[^]*<title>样章 济南大学</);
    expect(Buffer.from(drawingToPng(drawing, 72)).includes(Buffer.from('样章'))).toBe(true);
    expect(drawingToSvg(round('济南大学'))).not.toMatch(/specimen|样章/);
  });

  it('takes its own line below the star for other kinds only', () => {
    const drawing = drawSeal({ name: '济南大学', kind: 'other', kindText: '发票专用', font: FONT });
    expect(part(drawing, 'kind')).toHaveLength(4);
    expect(() =>
      drawSeal({ name: '济南大学', kind: 'contract', kindText: '发票专用', font: FONT }),
    ).toThrow(expect.objectContaining({ code: 'input-invalid' }));
  });
});

describe('square seal', () => {
  it.each([
    ['王明', 4],
    ['欧阳明', 4],
    ['诸葛孔明', 4],
    ['阿卜杜拉·买买提', 8],
    ['阿卜杜热依木江·买买提托合提', 14],
  ])('draws %s with %i characters inside a frame of 20 mm, none touching', (name, count) => {
    for (const specimen of [false, true]) {
      const drawing = drawSeal({ name, kind: 'legal-person', font: FONT, specimen });
      expect([drawing.widthMm, drawing.heightMm]).toEqual([20, 20]);
      const inside = drawing.paths.filter((path) => path.part !== 'rim');
      expect(inside).toHaveLength(count + (specimen ? 2 : 0));
      for (const coordinate of inside.flatMap(points).flat()) {
        expect(coordinate).toBeGreaterThan(1.2);
        expect(coordinate).toBeLessThan(18.8);
      }
      const hulls = inside.map(reach);
      const gaps = hulls.flatMap((a, i) => hulls.slice(i + 1).map((b) => gapMm(a, b)));
      expect(Math.min(...gaps)).toBeGreaterThan(0);
    }
  });

  it('is read in columns from right to left', () => {
    const [first, second, third] = part(
      drawSeal({ name: '诸葛孔明', kind: 'legal-person', font: FONT }),
      'name',
    ).map((path) => points(path)[0]!);
    expect(first![0]).toBeGreaterThan(10);
    expect(first![1]).toBeGreaterThan(10);
    expect(second![0]).toBeGreaterThan(10);
    expect(second![1]).toBeLessThan(10);
    expect(third![0]).toBeLessThan(10);
  });
});

describe('what cannot be drawn', () => {
  it.each([
    ['', 'too-short'],
    ['局', 'too-short'],
    ['局'.repeat(41), 'too-long'],
    ['济南 大学', 'character'],
    ['济南\u0000大学', 'character'],
    ['济南\u202e大学', 'character'],
    ['济南🙂学', 'character'],
    ['济南\ud800', 'character'],
  ])('refuses the name %j: %s', (name, reason) => {
    expect(() => round(name)).toThrow(
      expect.objectContaining({
        code: 'seal-name-unsuitable',
        params: expect.objectContaining({ reason }),
      }),
    );
  });

  it('refuses a long name on a square seal', () => {
    expect(() => drawSeal({ name: '王'.repeat(17), kind: 'legal-person', font: FONT })).toThrow(
      expect.objectContaining({ code: 'seal-name-unsuitable' }),
    );
  });

  it('names the character that the font lacks', () => {
    expect(() => round('济南𰻞面')).toThrow(
      expect.objectContaining({
        code: 'glyph-missing',
        params: { character: '𰻞', codePoint: 'U+30EDE' },
      }),
    );
  });

  it.each([
    ['sizeMm', { sizeMm: 37.9 }],
    ['sizeMm', { sizeMm: Number.NaN }],
    ['code', { code: '12345' }],
    ['code', { code: '370102000012A' }],
  ])('refuses an odd %s', (field, odd) => {
    expect(() => drawSeal({ name: '济南大学', kind: 'contract', font: FONT, ...odd })).toThrow(
      expect.objectContaining({ code: 'input-invalid', params: { field } }),
    );
  });

  it('refuses bytes that are no font', () => {
    for (const bytes of [new Uint8Array(0), utf8ToBytes('not a font at all, only text')]) {
      expect(() => fontFace(bytes)).toThrow(expect.objectContaining({ code: 'input-invalid' }));
    }
  });

  it('ends any name in a drawing or an AppError', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 45 }), (name) => {
        try {
          return round(name).title.length > 0;
        } catch (error) {
          expect(error).toMatchObject({ name: 'AppError' });
          return true;
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('outputs', () => {
  const drawing = round('济南市历下区教育和体育局');

  it('is the same drawing, byte for byte, as ever: issued seals are verified against it', () => {
    expect(sha256Hex(utf8ToBytes(drawingToSvg(drawing)))).toBe(
      'ede40510f551232428c6ea446551d8b975bd920550ffce16ad85d9e6b55cefa8',
    );
    expect(sha256Hex(drawingToPdfOperators(drawing).operators)).toBe(
      '3ff5fada7a691d7ce9fef8b13eb22984f2dd7611676f6a495ac66281b2f32e33',
    );
  });

  it('reads its own SVG back as the same drawing', () => {
    const square = drawSeal({ name: '王明', kind: 'legal-person', font: FONT, specimen: true });
    for (const each of [drawing, square, round('A&B（中国）公司')]) {
      expect(svgToDrawing(drawingToSvg(each))).toEqual(each);
    }
  });

  it('refuses an SVG that it did not write', () => {
    const svg = drawingToSvg(drawing);
    for (const text of [
      '',
      '<svg/>',
      svg.slice(0, svg.length / 2),
      svg.replace(' d="M', ' onclick="x" d="M'),
      svg.replace('Z"/>', 'C1 2 3Z"/>'),
      svg.replace('Z"/>', 'L1 1.2.3Z"/>'),
    ]) {
      expect(() => svgToDrawing(text)).toThrow(expect.objectContaining({ code: 'blob-corrupt' }));
    }
  });

  it('writes PDF operators of true size and few bytes, and nothing but paths', () => {
    const { operators, widthPt, heightPt } = drawingToPdfOperators(drawing);
    expect(widthPt).toBeCloseTo(119.055, 3);
    expect(heightPt).toBeCloseTo(119.055, 3);
    expect(operators.length).toBeLessThan(48_000);
    const lines = bytesToLatin1(operators).trimEnd().split('\n');
    expect(lines.slice(0, 2)).toEqual(['q', '0.02 0 0 0.02 0 0 cm']);
    expect(lines.at(-1)).toBe('Q');
    for (const line of lines.slice(3, -1)) {
      expect(line).toMatch(/^(-?\d+ ){2}[ml]$|^(-?\d+ ){4}[vy]$|^(-?\d+ ){6}c$|^h$|^f\*?$/);
    }
  });

  it.each([
    [300, 496],
    [600, 992],
  ])('renders a transparent PNG at %i dpi: %i pixels, with its resolution', (dpi, pixels) => {
    const png = Buffer.from(drawingToPng(drawing, dpi));
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([pixels, pixels]);
    const at = png.indexOf('pHYs');
    expect(png.readUInt32BE(at + 4)).toBe(Math.round(dpi / 0.0254));
    expect(png.readUInt8(25)).toBe(6);
    const idat = png.indexOf('IDAT');
    const rows = inflateSync(png.subarray(idat + 4, idat + 4 + png.readUInt32BE(idat - 4)));
    expect(rows.subarray(1, 5)).toEqual(Buffer.alloc(4));
  });

  it('refuses an odd resolution', () => {
    expect(() => drawingToPng(drawing, 0)).toThrow(
      expect.objectContaining({ code: 'input-invalid' }),
    );
  });
});

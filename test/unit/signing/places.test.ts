import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemorySource, isAppError } from '../../../src/kernel/index.js';
import { inFrame, openPdf, pageFrame, type PdfDocument } from '../../../src/pdf/index.js';
import { crossPageGroups } from '../../../src/signing/appearance/cross-page.js';
import {
  placesInField,
  resolvePlacements,
  type Placement,
} from '../../../src/signing/appearance/places.js';
import { pagesPdf, type TestPage } from '../../support/pdf/pages-pdf.js';

const PICTURE = { widthPt: 119.055, heightPt: 119.055, scale: 1 };

function open(pages: readonly TestPage[]): PdfDocument {
  return openPdf(new MemorySource(pagesPdf(pages)));
}

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (isAppError(error)) return error.code;
    throw error;
  }
  return 'none';
}

const anyPage: fc.Arbitrary<TestPage> = fc
  .record({
    x: fc.integer({ min: -300, max: 300 }),
    y: fc.integer({ min: -300, max: 300 }),
    width: fc.integer({ min: 300, max: 900 }),
    height: fc.integer({ min: 300, max: 900 }),
    crop: fc.option(
      fc.record({ left: fc.nat(100), bottom: fc.nat(100), right: fc.nat(50), top: fc.nat(50) }),
    ),
    rotate: fc.constantFrom(0, 90, 180, 270, -90, 450),
    userUnit: fc.constantFrom(undefined, 1, 2, 0.5),
  })
  .map(({ x, y, width, height, crop, rotate, userUnit }) => ({
    mediaBox: [x, y, x + width, y + height],
    rotate,
    ...(userUnit === undefined ? {} : { userUnit }),
    ...(crop === null
      ? {}
      : {
          cropBox: [
            x + crop.left,
            y + crop.bottom,
            x + width - crop.right,
            // Beyond the medium at times, as real files have it.
            y + height + 20 - crop.top,
          ] as const,
        }),
  }));

describe('crossPageGroups', () => {
  it.each([
    [2, [2]],
    [20, [20]],
    [21, [19, 2]],
    [22, [20, 2]],
    [40, [20, 20]],
    [41, [20, 19, 2]],
  ])('%i pages', (pages, groups) => {
    expect(crossPageGroups(pages)).toEqual(groups);
  });

  it('never has more than twenty nor fewer than two pages, and leaves none out', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 2000 }), (pages) => {
        const groups = crossPageGroups(pages);
        expect(groups.reduce((sum, each) => sum + each, 0)).toBe(pages);
        expect(groups.every((each) => each >= 2 && each <= 20)).toBe(true);
      }),
    );
  });

  it('refuses a single page', () => {
    expect(codeOf(() => crossPageGroups(1))).toBe('input-invalid');
  });
});

describe('a picture at a point', () => {
  it('lies where the reader measures, in true size, or is refused', () => {
    fc.assert(
      fc.property(
        anyPage,
        fc.integer({ min: -50, max: 950 }),
        fc.integer({ min: -50, max: 950 }),
        (page, xPt, yPt) => {
          const document = open([page]);
          const only = document.pages.get(0);
          const frame = pageFrame(document, only);
          const half = PICTURE.widthPt / 2;
          const isInside =
            xPt >= half &&
            yPt >= half &&
            xPt <= frame.widthPt - half &&
            yPt <= frame.heightPt - half;
          const placement: Placement = { kind: 'point', page: 0, centre: { xPt, yPt } };
          const act = () => resolvePlacements(document, [placement], PICTURE);
          if (!isInside) {
            expect(codeOf(act)).toBe('appearance-outside-page');
            return;
          }
          const [placed] = act();
          const seen = inFrame(frame, placed!.rect);
          expect((seen.x1 + seen.x2) / 2).toBeCloseTo(xPt, 3);
          expect((seen.y1 + seen.y2) / 2).toBeCloseTo(yPt, 3);
          expect(seen.x2 - seen.x1).toBeCloseTo(PICTURE.widthPt, 3);
          // What is inside the frame is inside the medium too.
          expect(placed!.rect.x1).toBeGreaterThanOrEqual(only.mediaBox.x1 - 0.01);
          expect(placed!.rect.y2).toBeLessThanOrEqual(only.mediaBox.y2 + 0.01);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('goes on every page where all are asked for', () => {
    const placement: Placement = { kind: 'point', page: 'all', centre: { xPt: 100, yPt: 100 } };
    const placed = resolvePlacements(open([{}, {}, {}]), [placement], PICTURE);
    expect(placed.map(({ pageIndex }) => pageIndex)).toEqual([0, 1, 2]);
  });
});

describe('slices over page edges', () => {
  it('join exactly, at one height, each against its edge', () => {
    const pages = fc.array(anyPage, { minLength: 2, maxLength: 45 });
    const edges = fc.constantFrom('left' as const, 'right' as const);
    fc.assert(
      fc.property(pages, edges, (list, edge) => {
        const document = open(list.map((page) => ({ ...page, userUnit: 1 })));
        const placed = resolvePlacements(document, [{ kind: 'cross-page', edge }], PICTURE);
        expect(placed.map(({ pageIndex }) => pageIndex)).toEqual(list.map((_, i) => i));
        let from = 0;
        let bottom: number | undefined;
        for (const { pageIndex, rect, box } of placed) {
          const frame = pageFrame(document, document.pages.get(pageIndex));
          const seen = inFrame(frame, rect);
          if (from === 0) bottom = seen.y1;
          expect(box.x1).toBe(from);
          expect(seen.x2 - seen.x1).toBeCloseTo(box.x2 - box.x1, 4);
          expect(seen.y1).toBeCloseTo(bottom ?? NaN, 3);
          expect(edge === 'left' ? seen.x1 : seen.x2).toBeCloseTo(
            edge === 'left' ? 0 : frame.widthPt,
            3,
          );
          from = box.x2 === PICTURE.widthPt ? 0 : box.x2;
        }
        expect(from).toBe(0);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a picture on a keyword', () => {
  const text = (words: string) => ({ content: `BT /F1 20 Tf 100 400 Td (${words}) Tj ET` });

  it('needs one hit, or a choice', () => {
    const document = open([text('Seal here'), {}, text('Seal here')]);
    const place = (more: object) =>
      resolvePlacements(document, [{ kind: 'keyword', keyword: 'seal here', ...more }], PICTURE);
    const placeExact = (more: object) => place({ keyword: 'Seal here', ...more });
    expect(codeOf(() => place({}))).toBe('pdf-text-not-found');
    expect(codeOf(() => placeExact({}))).toBe('pdf-text-ambiguous');
    expect(codeOf(() => placeExact({ hit: 2 }))).toBe('pdf-text-ambiguous');
    const pagesOf = (more: object) => placeExact(more).map(({ pageIndex }) => pageIndex);
    expect(pagesOf({ hit: 0 })).toEqual([0]);
    expect(pagesOf({ hit: 'last' })).toEqual([2]);
    expect(pagesOf({ hit: 'all' })).toEqual([0, 2]);
    expect(pagesOf({ page: 'last' })).toEqual([2]);
  });
});

describe('a picture in a field that is there', () => {
  const place = (entries: string, scale?: number, annots = '/Annots[8 0 R]') => {
    const document = openPdf(
      new MemorySource(
        pagesPdf([{ rotate: 90, entries: annots }], '/AcroForm<</Fields[8 0 R]>>', {
          8: `<</Type/Annot/Subtype/Widget/FT/Sig/T(F)/Rect[100 100 200 400]${entries}>>`,
        }),
      ),
    );
    const [field] = document.fields;
    const picture = { ...PICTURE, addTo: () => field!.ref! };
    return placesInField(document, field!, picture, scale)[0]!;
  };

  it('stands upright for the reader, in the middle, as large as it goes', () => {
    const { rect, rotate, box } = place('');
    expect(rect).toEqual({ x1: 100, y1: 100, x2: 200, y2: 400 });
    expect(rotate).toBe(90);
    // Seen 300 wide and 100 high: the height is what limits it.
    expect(box.y1).toBeCloseTo(0);
    expect(box.x2 - box.x1).toBeCloseTo(3 * PICTURE.heightPt);
    expect(box.x1 + box.x2).toBeCloseTo(PICTURE.widthPt);
  });

  it('follows the turn of the field itself', () => {
    const { rotate, box } = place('/MK<</R 0>>');
    expect(rotate).toBe(0);
    expect(box.x1).toBeCloseTo(0);
    expect(place('/MK<</R -90>>').rotate).toBe(270);
  });

  it('keeps the size asked for, or is refused', () => {
    const { box } = place('', 0.5);
    expect(box.x2 - box.x1).toBeCloseTo(300 / 0.5, 3);
    expect(codeOf(() => place('', 1))).toBe('appearance-outside-page');
    expect(codeOf(() => place('', undefined, ''))).toBe('appearance-outside-page');
  });
});

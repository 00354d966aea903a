import { describe, expect, it } from '@jest/globals';
import { MemorySource, concatBytes, isAppError } from '../../../src/kernel/index.js';
import {
  PdfDict,
  addSignatureField,
  addSignatureFieldInPlaces,
  beginRevision,
  openPdf,
  pdfName,
  type PdfDocument,
  type RevisionWriter,
} from '../../../src/pdf/index.js';
import { bytesOf, classicFile, type Bodies } from '../../support/pdf/pdf-file.js';

const RECT = { x1: 10, y1: 10, x2: 60, y2: 60 };
const CATALOG = '<</Type/Catalog/Pages 2 0 R>>';
const PAGE = '<</Type/Page/Parent 2 0 R/Annots 9 0 R/MediaBox[0 0 200 200]>>';

/** Pages 1 and 3 are one object, page 2 and page 4 stand in the tree itself. */
const ODD: Bodies = {
  1: CATALOG,
  2: `<</Type/Pages/Kids[3 0 R ${PAGE} 3 0 R 4 0 R]/Count 4>>`,
  3: PAGE,
  4: `<</Type/Pages/Parent 2 0 R/Count 1/Kids[${PAGE}]>>`,
  9: '[]',
};

function open(bytes: Uint8Array): PdfDocument {
  return openPdf(new MemorySource(bytes));
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return isAppError(error) ? error.code : `not an AppError: ${String(error)}`;
  }
  return 'no error';
}

function sign(writer: RevisionWriter, name: string, pageIndex: number, isSeen = true): void {
  const value = writer.add(PdfDict.of({ Type: pdfName('Sig') }));
  addSignatureField(writer, { name, pageIndex, value, ...(isSeen ? { rect: RECT } : {}) });
}

function after(bytes: Uint8Array, change: (writer: RevisionWriter) => void): Uint8Array {
  const writer = beginRevision(open(bytes));
  change(writer);
  return concatBytes([bytes, writer.finish().appended]);
}

/** How many annotations each page shows. */
function annotations(bytes: Uint8Array): readonly number[] {
  const document = open(bytes);
  return [...document.pages].map(
    ({ dict }) => document.resolveArray(dict.get('Annots'))?.items.length ?? 0,
  );
}

describe('pages that share an object, or have none', () => {
  const file = bytesOf(classicFile(ODD));

  it('are counted as viewers count them', () => {
    const { pages } = open(file);
    expect([...pages].map(({ ref }) => ref?.num)).toEqual([3, undefined, 3, undefined]);
  });

  it.each([0, 1, 2, 3])('show a seal on page index %d and on no other', (pageIndex) => {
    const signed = after(file, (writer) => {
      sign(writer, 'a', pageIndex);
    });
    const expected = [0, 0, 0, 0];
    expected[pageIndex] = 1;
    expect(annotations(signed)).toEqual(expected);
  });

  it('have objects of their own afterwards, so that a second seal leaves the tree alone', () => {
    const once = after(file, (writer) => {
      sign(writer, 'a', 0);
    });
    const nums = [...open(once).pages].map(({ ref }) => ref?.num);
    expect(nums[0]).toBe(3);
    expect(new Set(nums).size).toBe(4);
    expect(nums).not.toContain(undefined);
    const twice = after(once, (writer) => {
      sign(writer, 'b', 3);
    });
    expect(annotations(twice)).toEqual([1, 0, 0, 1]);
    const document = open(twice);
    const touched = [...document.revisions.at(-1)!.entries()].map(([num]) => num);
    expect(touched).not.toContain(2);
    expect(touched).not.toContain(4);
  });

  it('show one signature in several places, each once', () => {
    const signed = after(file, (writer) => {
      const appearance = writer.add(PdfDict.of({}));
      const widgets = [0, 1, 2, 3].map((pageIndex) => ({ pageIndex, rect: RECT, appearance }));
      addSignatureFieldInPlaces(writer, { name: 'a' }, widgets);
    });
    expect(annotations(signed)).toEqual([1, 1, 1, 1]);
  });

  it('refuse a seal once a signature covers the tree, and take a signature that is not seen', () => {
    const hidden = after(file, (writer) => {
      sign(writer, 'a', 1, false);
    });
    expect([...open(hidden).pages].map(({ ref }) => ref?.num)).toEqual([
      3,
      undefined,
      3,
      undefined,
    ]);
    const writer = beginRevision(open(hidden));
    for (const pageIndex of [0, 1, 2, 3]) {
      expect(codeOf(() => sign(writer, 'b', pageIndex))).toBe('pdf-page-not-separate');
    }
    expect(codeOf(() => sign(writer, 'b', 1, false))).toBe('no error');
  });

  it('refuse a seal where the node above has no object either, and only there', () => {
    const direct = bytesOf(
      classicFile({
        1: CATALOG,
        2: `<</Type/Pages/Kids[3 0 R <</Type/Pages/Kids[${PAGE}]/Count 1>> 3 0 R]/Count 3>>`,
        3: PAGE,
        9: '[]',
      }),
    );
    const writer = beginRevision(open(direct));
    expect(codeOf(() => sign(writer, 'a', 1))).toBe('pdf-page-not-separate');
    expect(codeOf(() => sign(writer, 'a', 2))).toBe('no error');
  });

  it('are bounded where nodes multiply them', () => {
    const doubling = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [
        i + 2,
        `<</Type/Pages/Kids[${i + 3} 0 R ${i + 3} 0 R]>>`,
      ]),
    );
    const bytes = bytesOf(classicFile({ 1: CATALOG, ...doubling, 42: PAGE }));
    const document = openPdf(new MemorySource(bytes), { limits: { maxTreeNodes: 5000 } });
    expect(codeOf(() => document.pages.count)).toBe('pdf-limit-exceeded');
  });
});

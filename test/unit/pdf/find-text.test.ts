import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemorySource, isAppError } from '../../../src/kernel/index.js';
import { findText, openPdf, pageText, type PdfDocument } from '../../../src/pdf/index.js';
import { bytesOf, classicFile } from '../../support/pdf/pdf-file.js';

function stream(dict: string, content: string): string {
  return `<<${dict}/Length ${content.length}>>\nstream\n${content}\nendstream`;
}

const TO_UNICODE = `/CIDInit /ProcSet findresource begin begincmap
1 begincodespacerange <0000> <FFFF> endcodespacerange
2 beginbfchar <0001> <7532> <0002> <65B9> endbfchar
2 beginbfrange <0010> <0012> <FF21> <0020> <0021> [<76D6> <00660069>] endbfrange
endcmap`;

/** Font F1: Latin, widths 600. F2: composite, 1 em wide but code 2, half. F3: GBK. */
function withContent(content: string): PdfDocument {
  return openPdf(
    new MemorySource(
      bytesOf(
        classicFile({
          1: '<</Type/Catalog/Pages 2 0 R>>',
          2: '<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>',
          3: '<</Type/Page/Parent 2 0 R/Contents[5 0 R]/Resources<</Font<</F1 6 0 R/F2 7 0 R/F3 10 0 R>>/XObject<</X 11 0 R>>>>>>',
          5: stream('', content),
          6: `<</Type/Font/Subtype/Type1/FirstChar 32/Widths[${'600 '.repeat(95)}]/Encoding<</Differences[1/S/uni7AE0]>>>>`,
          7: '<</Type/Font/Subtype/Type0/Encoding/Identity-H/DescendantFonts[8 0 R]/ToUnicode 9 0 R>>',
          8: '<</Type/Font/Subtype/CIDFontType2/DW 1000/W[2[500]]>>',
          9: stream('', TO_UNICODE),
          10: '<</Type/Font/Subtype/Type0/Encoding/GBK-EUC-H/DescendantFonts[8 0 R]>>',
          11: stream(
            '/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Matrix[2 0 0 2 100 0]/Resources<</Font<</F1 6 0 R>>/XObject<</X 11 0 R>>>>',
            'BT /F1 10 Tf 5 5 Td (in form) Tj ET /X Do',
          ),
        }),
      ),
    ),
  );
}

function textOf(content: string): string {
  const document = withContent(content);
  return pageText(document, document.pages.get(0))
    .map((each) => each.text)
    .join('');
}

describe('pageText', () => {
  it.each([
    ['simple fonts', 'BT /F1 12 Tf (Sign) Tj ET', 'Sign'],
    ['differences', 'BT /F1 12 Tf (\\001\\002) Tj ET', 'S章'],
    ['composite fonts', 'BT /F2 12 Tf <00010002> Tj <00110020 0021> Tj ET', '甲方Ｂ盖fi'],
    ['GBK', 'BT /F3 12 Tf <41 BCD7> Tj ET', 'A甲'],
    ['every way of showing', 'BT /F1 1 Tf (a)Tj [(b)-3(c)]TJ (d)\' 1 2 (e)" ET', 'abcde'],
    ['what follows an inline image', 'BI /W 1 ID \x01EIx EI BT /F1 1 Tf (a)Tj ET', 'a'],
    ['what follows damage', 'BT /F1 1 Tf ) <zz > (a)Tj ET', 'a'],
  ])('reads %s', (_, content, text) => {
    expect(textOf(content)).toBe(text);
  });

  it('places characters through text, line and page matrices', () => {
    const document = withContent(
      'q 2 0 0 2 10 20 cm BT /F1 10 Tf 1 0 0 1 5 5 Tm 0 -2 Td 3 Tc (ab) Tj ET Q',
    );
    const [a, b] = pageText(document, document.pages.get(0));
    // Size 10, doubled: origin (10 + 2·5, 20 + 2·3); advance 2·(6 + 3).
    expect(a!.rect.x1).toBeCloseTo(20);
    expect(a!.rect.y1).toBeCloseTo(26 - 2.4);
    expect(a!.rect.x2).toBeCloseTo(32);
    expect(a!.rect.y2).toBeCloseTo(26 + 17.6);
    expect(b!.rect.x1).toBeCloseTo(38);
  });

  it('paints forms, and a form inside itself only so deep', () => {
    const document = withContent('/X Do');
    const placed = pageText(document, document.pages.get(0));
    expect(placed[0]!.text).toBe('i');
    expect(placed[0]!.rect.x1).toBeCloseTo(110);
    expect(placed.length).toBe(12 * 'in form'.length);
  });

  it('ends in text or an AppError on any content', () => {
    const token = fc.constantFrom(
      'q',
      'Q',
      'cm',
      'BT',
      'ET',
      '/F1',
      '/F2',
      'Tf',
      'Tj',
      'TJ',
      '(a)',
      '<0001',
      '>',
      '[',
      ']',
      '1',
      '-2',
      'Td',
      'Tm',
      '/X',
      'Do',
      'BI',
      'ID',
      'EI',
      '<<',
      '>>',
      '%',
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 40 }), (tokens) => {
        try {
          textOf(tokens.join(' '));
        } catch (error) {
          expect(isAppError(error)).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe('findText', () => {
  const document = withContent(
    'BT /F2 20 Tf 50 100 Td <0001> Tj 30 0 Td <0002> Tj 0 -50 Td <00010002> Tj /F1 20 Tf 0 -50 Td (S i g n) Tj ET',
  );

  it('finds a keyword in pieces and with spaces, each time it stands there', () => {
    const found = findText(document, '甲 方');
    expect(found).toHaveLength(2);
    expect(found[0]!.pageIndex).toBe(0);
    expect(found[0]!.rect.x1).toBeCloseTo(50);
    expect(found[0]!.rect.x2).toBeCloseTo(90);
    expect(found[1]!.rect.x1).toBeCloseTo(80);
    expect(found[1]!.rect.x2).toBeCloseTo(110);
    expect(found[1]!.rect.y1).toBeCloseTo(50 - 2.4);
    expect(findText(document, 'Sign')).toHaveLength(1);
  });

  it('takes compatibility forms for what they stand for', () => {
    const wide = withContent('BT /F2 20 Tf <00100011> Tj ET');
    expect(findText(wide, 'AB')).toHaveLength(1);
  });

  it('finds nothing where there is nothing, and names a page that is not there', () => {
    expect(findText(document, '乙方')).toEqual([]);
    expect(findText(document, '  ')).toEqual([]);
    expect(() => findText(document, '甲', { pageIndex: 5 })).toThrow();
    try {
      findText(document, '甲', { pageIndex: 5 });
    } catch (error) {
      expect(isAppError(error, 'pdf-page-out-of-range')).toBe(true);
    }
  });
});

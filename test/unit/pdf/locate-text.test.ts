import { describe, expect, it } from '@jest/globals';
import { MemorySource } from '../../../src/kernel/index.js';
import { locateText, openPdf, readPageText, type PdfDocument } from '../../../src/pdf/index.js';
import { pagesPdf, type TestPage } from '../../support/pdf/pages-pdf.js';

const FONTS = '/Resources<</Font<</F1 3 0 R/FV 4 0 R/FB 5 0 R/FI 6 0 R>>>>' as const;

/** FV: GB, downwards; FB: GB 18030; FI: identity, without a map to text. */
const OBJECTS = {
  4: '<</Type/Font/Subtype/Type0/Encoding/GBK-EUC-V/DescendantFonts[7 0 R]>>',
  5: '<</Type/Font/Subtype/Type0/Encoding/GBK2K-H/DescendantFonts[7 0 R]>>',
  6: '<</Type/Font/Subtype/Type0/Encoding/Identity-H/DescendantFonts[7 0 R]>>',
  7: '<</Type/Font/Subtype/CIDFontType0/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 5>>>>',
};

function open(page: TestPage): PdfDocument {
  return openPdf(new MemorySource(pagesPdf([{ ...page, entries: FONTS }], '', OBJECTS)));
}

describe('locateText', () => {
  it.each([
    [0, { x1: 100, y1: 97.6 }],
    [90, { x1: 97.6, y1: 495 - 20 }],
    [180, { x1: 495 - 20, y1: 742 - 17.6 }],
    [270, { x1: 742 - 17.6, y1: 100 }],
  ])('measures as the reader sees a page turned by %i', (rotate, corner) => {
    const document = open({ rotate, content: 'BT /FB 20 Tf 100 100 Td <B8C7> Tj ET' });
    const [hit] = locateText(document, '盖');
    expect(hit!.userRect.x1).toBeCloseTo(100);
    expect(hit!.rect.x1).toBeCloseTo(corner.x1);
    expect(hit!.rect.y1).toBeCloseTo(corner.y1);
  });

  it('knows the widths of fonts that need not give theirs', () => {
    const document = open({ content: 'BT /F1 100 Tf 100 100 Td (iW) Tj ET' });
    const [hit] = locateText(document, 'iW');
    // Helvetica: i is 222 wide, W 944.
    expect(hit!.rect.x2).toBeCloseTo(100 + 22.2 + 94.4);
  });

  it('follows writing that goes down', () => {
    const document = open({ content: 'BT /FV 20 Tf 300 700 Td <B8C7D5C2> Tj ET' });
    const [hit] = locateText(document, '盖章');
    const { x1, y1, x2, y2 } = hit!.rect;
    expect([x1, y1, x2, y2].map(Math.round)).toEqual([290, 660, 310, 700]);
  });

  it('reads the four-byte codes of GB 18030', () => {
    // 㛃 (U+36C3) and 𠮷 (U+20BB7).
    const document = open({ content: 'BT /FB 20 Tf 100 100 Td <8230CA359536B737> Tj ET' });
    const text = readPageText(document, document.pages.get(0)).placed.map((each) => each.text);
    expect(text.join('')).toBe(
      new TextDecoder('gb18030').decode(Uint8Array.from(Buffer.from('8230CA359536B737', 'hex'))),
    );
    expect(text).toHaveLength(2);
  });

  it('marks what leaves no ink and what is off the page', () => {
    const show = (before: string, x: number) => `BT ${before} /F1 9 Tf ${x} 100 Td (Sign) Tj ET `;
    const document = open({ content: show('', 50) + show('3 Tr', 150) + show('0 Tr', 900) });
    expect(locateText(document, 'Sign').map(({ isHidden }) => isHidden)).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('counts what no font says how to read', () => {
    const document = open({ content: 'BT /FI 20 Tf <00010002> Tj /F1 9 Tf (a) Tj ET' });
    const { unreadable, placed } = readPageText(document, document.pages.get(0));
    expect(unreadable).toBe(2);
    expect(placed).toHaveLength(1);
  });
});

import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { MemorySource, concatBytes, isAppError } from '../../../src/kernel/index.js';
import { fontFace } from '../../../src/font/index.js';
import { PdfDict, PdfStream, beginRevision, openPdf, pageText } from '../../../src/pdf/index.js';
import { captioned } from '../../../src/picture/index.js';
import { pagesPdf } from '../../support/pdf/pages-pdf.js';

const FACE = fontFace(
  readFileSync(
    new URL(
      '../../../node_modules/@expo-google-fonts/noto-serif-sc/400Regular/NotoSerifSC_400Regular.ttf',
      import.meta.url,
    ),
  ),
);

describe('lines of text', () => {
  it('can be read back, rare characters and all', () => {
    const base = pagesPdf([{}]);
    const writer = beginRevision(openPdf(new MemorySource(base)));
    const picture = captioned(undefined, ['张㛃䶮鿍', '2026年11月25日'], FACE);
    const ref = picture.addTo(writer, { allowsTransparency: true, needsCalibratedColour: false });
    const document = openPdf(new MemorySource(concatBytes([base, writer.finish().appended])));
    const form = document.resolve(ref);
    if (!(form instanceof PdfStream)) throw new Error('no form');
    const page = document.pages.get(0);
    const dict = PdfDict.of({ Contents: form });
    const shown = pageText(document, { ...page, dict, resources: form.dict.get('Resources') });
    expect(shown.map(({ text }) => text).join('')).toBe('张㛃䶮鿍2026年11月25日');
    for (const { rect } of shown) {
      expect(rect.x1).toBeGreaterThanOrEqual(-0.01);
      expect(rect.x2).toBeLessThanOrEqual(picture.widthPt + 0.01);
      expect(rect.y1).toBeGreaterThanOrEqual(0);
      expect(rect.y2).toBeLessThanOrEqual(picture.heightPt);
    }
  });

  it('are refused with the characters that the font lacks, before anything is written', () => {
    try {
      captioned(undefined, ['𠮷田'], FACE);
      throw new Error('drawn');
    } catch (error) {
      if (!isAppError(error)) throw error;
      expect(error.code).toBe('glyph-missing');
      expect(error.params['characters']).toEqual(['𠮷']);
    }
  });
});

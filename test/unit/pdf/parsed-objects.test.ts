import { describe, expect, it } from '@jest/globals';
import { ConcatSource, MemorySource } from '../../../src/kernel/index.js';
import {
  PdfStream,
  openPdf,
  structuralFindings,
  type OpenOptions,
  type PdfDocument,
  type PdfValue,
} from '../../../src/pdf/index.js';
import { TWO_PAGES, bytesOf, classicFile } from '../../support/pdf/pdf-file.js';

/** Opens `text` after every object of `earlier`, which it begins with or the other way round, was parsed leniently. */
function openAlike(text: string, earlier: string, options: OpenOptions = {}): PdfDocument {
  const alike = openPdf(new MemorySource(bytesOf(earlier)), { mode: 'lenient' });
  readAll(alike);
  return openPdf(new MemorySource(bytesOf(text)), { ...options, alike });
}

function readAll(document: PdfDocument): unknown[] {
  const objects: unknown[] = [];
  for (let num = 0; num < document.nextObjectNumber; num++) {
    const object = document.getObject(num);
    const value: PdfValue = object?.value ?? null;
    const bytes = value instanceof PdfStream ? [...value.data()] : null;
    objects.push({ object, bytes });
  }
  return objects;
}

describe('objects that another document parsed', () => {
  const first = classicFile(TWO_PAGES);
  const second = classicFile({ 3: '<</Type/Page/Rotate 180>>', 7: '(seven)' }, first);

  it('are those of a document opened alone', () => {
    for (const [text, earlier] of [
      [second.text, first.text],
      [first.text, second.text],
    ] as const) {
      const alone = openPdf(new MemorySource(bytesOf(text)));
      const alike = openAlike(text, earlier);
      expect(readAll(alike)).toEqual(readAll(alone));
      expect(structuralFindings(alike)).toEqual(structuralFindings(alone));
    }
  });

  it('are not parsed again', () => {
    const base = new MemorySource(bytesOf(first.text));
    const alike = openPdf(base);
    const page = alike.getObject(3);
    const appended = new MemorySource(bytesOf(second.text.slice(first.text.length)));
    const whole = openPdf(new ConcatSource(base, appended), { alike });
    expect(whole.atRevision(first.text.length).getObject(3)).toBe(page);
    expect(whole.getObject(3)).not.toBe(page);
  });

  it('do not lend strict reading what lenient reading tolerated', () => {
    for (const body of [
      '<</Length 3>>stream\rabc\nendstream',
      '<</Length 3>>stream abc\nendstream',
      '<</Length 3>>stream\nabc',
      '<</Broken>>',
    ]) {
      const { text } = classicFile({ ...TWO_PAGES, 7: body });
      expect(() => openPdf(new MemorySource(bytesOf(text))).getObject(7)).toThrow();
      expect(() => openAlike(text, text).getObject(7)).toThrow();
    }
  });

  it('have the length that their own revision gives a stream', () => {
    const inner = 'abc\nendstream endobj\nabc';
    const body = `<</Length 8 0 R>>stream\n${inner}\nendstream`;
    const short = classicFile({ ...TWO_PAGES, 7: body, 8: '3' });
    const long = classicFile({ 8: String(inner.length) }, short);
    const raw = (document: PdfDocument): number => {
      const value = document.getObject(7)?.value;
      return value instanceof PdfStream ? value.data().length : -1;
    };
    const document = openAlike(long.text, short.text);
    expect(raw(document)).toBe(inner.length);
    expect(raw(document.atRevision(short.text.length))).toBe(3);
  });

  it('do not outlive other limits', () => {
    expect(() =>
      openAlike(first.text, first.text, { limits: { maxDepth: 1 } }).getObject(3),
    ).not.toThrow();
    const deep = classicFile({ ...TWO_PAGES, 7: '[[[[1]]]]' }).text;
    expect(() => openAlike(deep, deep, { limits: { maxDepth: 3 } }).getObject(7)).toThrow();
  });

  it('count towards the bytes that one document may parse', () => {
    const nested = classicFile({ ...TWO_PAGES, 7: `(${'x'.repeat(4000)})` }).text;
    const document = openAlike(nested, nested);
    expect(() => {
      for (let i = 0; i < 20_000; i++) document.readAt(document.getObject(7)!.span.start);
    }).toThrow(expect.objectContaining({ code: 'pdf-limit-exceeded' }));
  });
});

/** Files as damaged programs and transports leave them: read leniently, appended to, read strictly again. */
import { describe, expect, it } from '@jest/globals';
import { MemorySource, concatBytes, latin1ToBytes } from '../../../src/kernel/index.js';
import {
  PdfArray,
  PdfDict,
  addSignatureField,
  beginRevision,
  openPdf,
  type PdfDocument,
} from '../../../src/pdf/index.js';
import {
  TWO_PAGES,
  bytesOf,
  classicFile,
  streamFile,
  tableLine,
} from '../../support/pdf/pdf-file.js';

const { text } = classicFile(TWO_PAGES);
const lenient = (file: string): PdfDocument =>
  openPdf(new MemorySource(latin1ToBytes(file)), { mode: 'lenient' });

/** Same length, so that the offsets after it stay true. */
const blank = (word: string): string => ' '.repeat(word.length);

/** The last table's entry of object `num`, counted from its first line, leads into the header. */
function withWrongEntry(file: string, line: number): string {
  const lines = file.slice(file.lastIndexOf('xref\n0 ')).split('\n');
  const wrong = lines.map((each, i) =>
    i === line + 2 ? each.replace(/^\d{10}/, '0000000003') : each,
  );
  return file.slice(0, file.lastIndexOf('xref\n0 ')) + wrong.join('\n');
}

const DAMAGED: Readonly<Record<string, string>> = {
  'startxref leads nowhere': text.replace(/startxref\n\d+/, 'startxref\n7'),
  'the end is cut off': text.slice(0, text.indexOf('trailer')),
  'a table that begins with 1 instead of 0': text.replace('xref\n0 ', 'xref\n1 '),
  'Prev 0': text.replace('/Root 1 0 R', '/Root 1 0 R/Prev 0'),
  'entries of 19 bytes': text.replace(/ (n|f) \n/g, ' $1\n'),
  'entries of 21 bytes': text.replace(/ (n|f) \n/g, ' $1 \r\n'),
  'one entry leads into another object': withWrongEntry(text, 4),
  'no endobj': text.replaceAll('endobj', blank('endobj')),
  'no endstream': text.replace('endstream', blank('endstream')),
  'no endstream and a wrong length': text
    .replace('endstream', blank('endstream'))
    .replace('/Length 7', '/Length 3'),
  'bytes before the header': `\n\n<!-- junk -->\n${text}`,
  'bytes before the header, offsets lost': `<!-- junk -->\n${text.replace('startxref', 'startxxxx')}`,
  'bytes after the end': `${text}${'\0'.repeat(3000)}`,
  'a key without a value': text.replace('/Count 2/MediaBox', '/Count /MediaBox'),
  'a dictionary without end': text.replace('6 0 R>>', '6 0 R  '),
  'an array without end': text.replace('[10 10 500 800]', '[10 10 500 800 '),
  'malformed numbers': text.replace('[10 10 500 800]', '[--10 1.0.500 8-0]'),
  'a stray word in a dictionary': text.replace('/Rotate 90', '/Rotate 90 foo bar'),
};

describe('a damaged file', () => {
  it.each(Object.entries(DAMAGED))('with %s is read and signed', (_, file) => {
    const document = lenient(file);
    expect(document.pages.count).toBe(2);
    const writer = beginRevision(document);
    addSignatureField(writer, { name: 'A', pageIndex: 1 });
    const { appended } = writer.finish();
    const signed = concatBytes([latin1ToBytes(file), appended]);
    const again = openPdf(new MemorySource(signed), { mode: 'lenient' });
    expect(again.pages.count).toBe(2);
    expect(again.fields.map((field) => field.name)).toEqual(['A']);
    const second = beginRevision(again);
    addSignatureField(second, { name: 'B', pageIndex: 0 });
    const twice = concatBytes([signed, second.finish().appended]);
    const last = openPdf(new MemorySource(twice), { mode: 'lenient' });
    expect(last.fields.map((field) => field.name)).toEqual(['A', 'B']);
    expect(last.isRebuilt).toBe(false);
  });

  it.each([
    'startxref leads nowhere',
    'a table that begins with 1 instead of 0',
    'Prev 0',
    'entries of 19 bytes',
    'one entry leads into another object',
    'bytes before the header, offsets lost',
  ])('with %s is open to strict readers once it is signed', (damage) => {
    const file = DAMAGED[damage]!;
    const writer = beginRevision(lenient(file));
    addSignatureField(writer, { name: 'A', pageIndex: 1 });
    const { appended } = writer.finish();
    const strict = openPdf(new MemorySource(concatBytes([latin1ToBytes(file), appended])));
    expect(strict.pages.count).toBe(2);
    expect(strict.fields).toHaveLength(1);
    expect(strict.pages.get(0).dict.get('Contents')).toBeDefined();
    expect(strict.levels).toHaveLength(1);
  });

  it.each([
    'startxref leads nowhere',
    'Prev 0',
    'one entry leads into another object',
    'no endobj',
    'no endstream',
    'a key without a value',
    'an array without end',
    'malformed numbers',
    'a stray word in a dictionary',
  ])('with %s stays damaged to strict reading', (damage) => {
    const read = (): unknown => {
      const document = openPdf(new MemorySource(latin1ToBytes(DAMAGED[damage]!)));
      return [document.pages.count, document.getObject(6)];
    };
    expect(read).toThrow();
  });

  it('keeps what a later revision freed or moved, where only another entry is wrong', () => {
    const first = classicFile({ ...TWO_PAGES, 7: '(old)' });
    const second = classicFile({ 7: '(new)' }, first);
    const wrong = second.text.replace(tableLine(first.offsets.get(3)!), tableLine(3));
    const document = lenient(wrong);
    expect(document.pages.count).toBe(2);
    expect(document.isRebuilt).toBe(true);
    expect(document.getObject(7)?.value).toMatchObject({ bytes: latin1ToBytes('new') });
  });

  it('does not take the objects of an attached file for its own', () => {
    const attached = classicFile({
      ...TWO_PAGES,
      2: '<</Type/Pages/Kids[]/Count 0>>',
    }).text;
    const body = `<</Length ${attached.length}>>\nstream\n${attached}\nendstream`;
    const file = classicFile({ ...TWO_PAGES, 7: body }).text;
    const lost = file.slice(0, file.lastIndexOf('trailer'));
    expect(lenient(lost).pages.count).toBe(2);
  });

  it('with an object that nothing can read shows null in its place', () => {
    const document = lenient(text.replace('5 0 obj\n<</Font<<>>>>', '5 0 obj\n(</Font<<>>>>'));
    expect(document.pages.count).toBe(2);
    expect(document.getObject(5)).toBeUndefined();
    expect(document.repaired).toBe(true);
  });

  it('with compressed objects is rebuilt with a cross-reference stream', () => {
    const { 6: contents, ...compressible } = TWO_PAGES;
    const file = bytesOf(streamFile({ 6: contents! }, compressible, 7));
    const lost = file.slice(0, file.length - 30);
    const writer = beginRevision(openPdf(new MemorySource(lost), { mode: 'lenient' }));
    addSignatureField(writer, { name: 'A', pageIndex: 0 });
    const strict = openPdf(new MemorySource(concatBytes([lost, writer.finish().appended])));
    expect(strict.levels.map((level) => level.main.kind)).toEqual(['stream']);
    expect(strict.pages.count).toBe(2);
  });
});

describe('a page tree', () => {
  it('with an empty inner node has no page there', () => {
    const file = classicFile({
      ...TWO_PAGES,
      2: '<</Type/Pages/Kids[7 0 R null 3 0 R 99 0 R 4 0 R]/Count 5>>',
      7: '<</Type/Pages/Parent 2 0 R/Count 0>>',
    });
    expect(openPdf(new MemorySource(bytesOf(file))).pages.count).toBe(2);
  });

  it('without pages is told as such', () => {
    const file = classicFile({ ...TWO_PAGES, 2: '<</Type/Pages/Kids[]/Count 0>>' });
    expect(() => openPdf(new MemorySource(bytesOf(file))).pages.get(0)).toThrow(/no pages/);
  });
});

describe('annotations', () => {
  it('that two pages share are shown on one page only, once a field is added there', () => {
    const file = classicFile({
      ...TWO_PAGES,
      3: '<</Type/Page/Parent 2 0 R/Annots 7 0 R>>',
      4: '<</Type/Page/Parent 2 0 R/Annots 7 0 R>>',
      7: '[<</Type/Annot/Subtype/Text/Rect[0 0 9 9]>>]',
    });
    const base = bytesOf(file);
    const writer = beginRevision(openPdf(new MemorySource(base)));
    addSignatureField(writer, { name: 'A', pageIndex: 1 });
    const signed = openPdf(new MemorySource(concatBytes([base, writer.finish().appended])));
    const shown = [...signed.pages].map(({ dict }) => {
      const annots = signed.resolve(dict.get('Annots'));
      return annots instanceof PdfArray ? annots.items.length : 0;
    });
    expect(shown).toEqual([1, 2]);
    expect(signed.resolve(signed.pages.get(1).dict)).toBeInstanceOf(PdfDict);
  });
});

import { describe, expect, it } from '@jest/globals';
import { MemorySource, bytesToLatin1 } from '../../../src/kernel/index.js';
import type { PdfDict } from '../../../src/pdf/index.js';
import {
  changedObjects,
  equalValues,
  openPdf,
  referrers,
  type PdfDocument,
} from '../../../src/pdf/index.js';
import {
  TWO_PAGES,
  bytesOf,
  classicFile,
  objectStreamBody,
  streamFile,
  type TextFile,
} from '../../support/pdf/pdf-file.js';

function open(file: TextFile): PdfDocument {
  return openPdf(new MemorySource(bytesOf(file)));
}

describe('changedObjects', () => {
  it('gives old and new definition of what a revision adds, changes and frees', () => {
    const first = classicFile(TWO_PAGES);
    const second = classicFile({ 3: '<</Type/Page/Rotate 180>>', 7: '(new)' }, first);
    const freed = second.text.replace(/xref\n3 1/, 'xref\n4 1\n0000000000 00001 f \n3 1');
    const newer = openPdf(new MemorySource(bytesOf(freed)), { mode: 'strict' });
    const older = newer.atRevision(newer.revisions[0]!.endOffset);
    const changes = [...changedObjects(older, newer)];
    expect(changes.map((each) => each.num)).toEqual([3, 4, 7]);
    expect((changes[0]!.before!.value as PdfDict).has('Rotate')).toBe(false);
    expect((changes[0]!.after!.value as PdfDict).get('Rotate')).toBe(180);
    expect(changes[1]).toMatchObject({ after: undefined });
    expect(changes[2]).toMatchObject({ before: undefined });
    const { start, end } = changes[2]!.after!.span;
    expect(freed.slice(start, end)).toBe('7 0 obj\n(new)\nendobj');
  });

  it('sees compressed objects change when their object stream is replaced under the same entries', () => {
    const { 6: contents, ...compressible } = TWO_PAGES;
    const first = streamFile({ 6: contents! }, compressible, 7);
    const evil = { ...compressible, 3: '<</Type/Page/Parent 2 0 R/Evil 1>>' };
    const second = streamFile({ 7: objectStreamBody(evil) }, {}, 8, first);
    const newer = open(second);
    const older = newer.atRevision(newer.revisions[0]!.endOffset);
    const changed = [...changedObjects(older, newer)].filter(
      (each) => !equalValues(each.before?.value, each.after?.value),
    );
    expect(changed.map((each) => each.num)).toEqual([3, 7, 9]);
  });

  it('is empty between a state and itself', () => {
    const document = open(classicFile(TWO_PAGES));
    expect([...changedObjects(document, document)]).toEqual([]);
  });
});

describe('entrySpans', () => {
  it('gives the tokens of a dictionary in the file and of a compressed one', () => {
    const file = classicFile({ ...TWO_PAGES, 7: '<</Contents <0011> /ByteRange[0 1 2 3]>>' });
    const document = open(file);
    const dict = document.getObject(7)!.value as PdfDict;
    const text = bytesToLatin1(bytesOf(file));
    const tokens = document
      .entrySpans(dict)
      .map(({ key, valueSpan }) => [key, text.slice(valueSpan.start, valueSpan.end)]);
    expect(tokens).toEqual([
      ['Contents', '<0011>'],
      ['ByteRange', '[0 1 2 3]'],
    ]);
    const { 6: contents, ...compressible } = TWO_PAGES;
    const packed = open(streamFile({ 6: contents! }, compressible, 7));
    const keys = packed.entrySpans(packed.catalog).map((each) => each.key);
    expect(keys).toEqual(['Type', 'Pages', 'AcroForm']);
  });
});

describe('referrers', () => {
  it('names every place that leads to an object', () => {
    const found = referrers(open(classicFile(TWO_PAGES)));
    expect(found.get(1)).toEqual([{ from: 0, path: ['Root'] }]);
    expect(found.get(2)).toEqual([
      { from: 1, path: ['Pages'] },
      { from: 3, path: ['Parent'] },
      { from: 4, path: ['Parent'] },
    ]);
    expect(found.get(4)).toEqual([{ from: 2, path: ['Kids', '[1]'] }]);
    expect(found.has(7)).toBe(false);
  });
});

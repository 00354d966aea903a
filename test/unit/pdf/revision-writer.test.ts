import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemorySource, concatBytes, isAppError, bytesToLatin1 } from '../../../src/kernel/index.js';
import type { PdfStream } from '../../../src/pdf/index.js';
import {
  ContentBuilder,
  PdfArray,
  PdfDict,
  PdfRef,
  PdfString,
  Placeholder,
  addSignatureField,
  beginRevision,
  fillSignatureField,
  flateStream,
  formXObject,
  isName,
  openPdf,
  pdfName,
  pdfText,
  structuralFindings,
  unusedFieldName,
  widgetPageIndex,
  type PdfDocument,
} from '../../../src/pdf/index.js';
import { SparseSource } from '../../support/pdf/byte-sources.js';
import {
  TWO_PAGES,
  bytesOf,
  classicFile,
  hybridFile,
  streamFile,
  type Bodies,
} from '../../support/pdf/pdf-file.js';

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

const { 6: contents, ...compressible } = TWO_PAGES;
const BASES: readonly (readonly [string, Uint8Array, 'table' | 'stream'])[] = [
  ['a table', bytesOf(classicFile(TWO_PAGES)), 'table'],
  ['a table without a last line end', bytesOf(classicFile(TWO_PAGES).text.trimEnd()), 'table'],
  ['a cross-reference stream', bytesOf(streamFile(TWO_PAGES, {}, 7)), 'stream'],
  ['object streams', bytesOf(streamFile({ 6: contents! }, compressible, 7)), 'stream'],
  ['a hybrid section', bytesOf(hybridFile()), 'table'],
  ['bytes before its header', bytesOf(`junk\n${classicFile(TWO_PAGES).text}`), 'table'],
];

describe.each(BASES)('appending to a file with %s', (_, base, kind) => {
  function signedOnce(name: string, bytes: Uint8Array): Uint8Array {
    const writer = beginRevision(open(bytes));
    addSignatureField(writer, { name, pageIndex: 1, rect: { x1: 1, y1: 2, x2: 30, y2: 40 } });
    return concatBytes([bytes, writer.finish().appended]);
  }

  it('keeps the style of its cross-reference and every byte, and stays readable strictly', () => {
    const signed = signedOnce('B', signedOnce('A', base));
    expect(signed.subarray(0, base.length)).toEqual(base);
    const document = open(signed);
    expect(document.revisions.slice(1).map((each) => each.kind)).toEqual([kind, kind]);
    expect(document.pages.count).toBe(2);
    expect(document.fields.map((field) => [field.name, field.type])).toEqual([
      ['A', 'Sig'],
      ['B', 'Sig'],
    ]);
    expect(widgetPageIndex(document, document.fields[1]!.widgets[0]!)).toBe(1);
    const junk = base[0] === 0x6a ? ['junk-before-header'] : [];
    expect(structuralFindings(document).map((each) => each.kind)).toEqual(junk);
  });

  it('starts on a line of its own', () => {
    const writer = beginRevision(open(base));
    writer.add(null);
    const startsWithLineEnd = bytesToLatin1(writer.finish().appended).startsWith('\n');
    expect(startsWithLineEnd).toBe(base.at(-1) !== 0x0a);
  });

  it('gives the same bytes for the same changes', () => {
    expect(signedOnce('A', base)).toEqual(signedOnce('A', base));
  });

  it('reports where placeholders stand', () => {
    const writer = beginRevision(open(base));
    const gap = Placeholder.hexGap(8);
    const number = Placeholder.number(10);
    writer.add(PdfDict.of({ ByteRange: new PdfArray([0, number]), Contents: gap }));
    const { appended, placeholders } = writer.finish();
    const text = bytesToLatin1(concatBytes([base, appended]));
    const at = placeholders.get(gap)!;
    expect(text.slice(at, at + gap.length)).toBe('<0000000000000000>');
    expect(text.slice(placeholders.get(number)).slice(0, 10)).toBe('0         ');
  });

  it('reads back any objects written to it', () => {
    const values = fc.dictionary(fc.string({ maxLength: 5, unit: 'binary-ascii' }), fc.integer());
    fc.assert(
      fc.property(fc.array(values, { maxLength: 6 }), fc.uint8Array(), (dicts, bytes) => {
        const writer = beginRevision(open(base));
        const refs = dicts.map((dict) => writer.add(PdfDict.of(dict)));
        const streamRef = writer.addStream(PdfDict.of({}), bytes);
        const document = open(concatBytes([base, writer.finish().appended]));
        dicts.forEach((dict, i) => {
          const read = document.resolveDict(refs[i]);
          expect(Object.fromEntries(read!.entries())).toEqual({ ...dict });
        });
        const stream = document.resolve(streamRef) as PdfStream;
        expect(stream.rawBytes()).toEqual(bytes);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the trailer', () => {
  const withId = classicFile(
    TWO_PAGES,
    undefined,
    '/Root 1 0 R/Info 5 0 R/Custom 1/ID[<0102><0304>]',
  );
  it('keeps Root, Info and unknown entries and the first part of ID; the second changes', () => {
    const base = bytesOf(withId);
    const writer = beginRevision(open(base));
    writer.add(true);
    const { trailer } = open(concatBytes([base, writer.finish().appended]));
    expect(trailer.get('Info')).toEqual(new PdfRef(5));
    expect(trailer.get('Custom')).toBe(1);
    expect(trailer.get('Prev')).toBe(withId.startxref);
    expect(trailer.get('Size')).toBe(8);
    const id = trailer.get('ID') as PdfArray;
    expect((id.items[0] as PdfString).bytes).toEqual(new Uint8Array([1, 2]));
    expect((id.items[1] as PdfString).bytes).toHaveLength(16);
  });

  it('takes the second part of ID from the caller', () => {
    const base = bytesOf(withId);
    const writer = beginRevision(open(base));
    const changingId = new Uint8Array(16).fill(7);
    const { appended } = writer.finish({ changingId });
    const id = open(concatBytes([base, appended])).trailer.get('ID') as PdfArray;
    expect((id.items[1] as PdfString).bytes).toEqual(changingId);
  });

  it('never gives out a number that an earlier revision used, whatever Size says', () => {
    const shrunk = bytesOf(classicFile(TWO_PAGES).text.replace('/Size 7', '/Size 3'));
    expect(beginRevision(open(shrunk)).reserve()).toEqual(new PdfRef(7));
  });
});

describe('offsets', () => {
  it('beyond ten digits are refused in a table', () => {
    const { text, startxref } = classicFile(TWO_PAGES);
    const size = 10_000_000_100;
    const tailLength = text.length - startxref;
    const tail = text
      .slice(startxref)
      .replace(`startxref\n${startxref}`, `startxref\n${size - tailLength - 7}`);
    const source = new SparseSource(bytesOf(text.slice(0, startxref)), bytesOf(tail), size);
    const document = openPdf(source);
    expect(document.pages.count).toBe(2);
    const writer = beginRevision(document);
    writer.add(1);
    expect(codeOf(() => writer.finish())).toBe('pdf-unsupported');
  });

  it('beyond four bytes are written wide enough in a stream', () => {
    const { text, startxref } = streamFile(TWO_PAGES, {}, 7);
    const size = 2 ** 32 + 5000;
    // The section's own offset is the only one that moves.
    const moved = text.slice(startxref);
    const target = size - moved.length - (String(2 ** 32).length - String(startxref).length);
    const tail = moved.replace(`startxref\n${startxref}`, `startxref\n${target}`);
    const head = bytesOf(text.slice(0, startxref));
    const source = new SparseSource(head, bytesOf(tail), size);
    const writer = beginRevision(openPdf(source));
    const ref = writer.add(pdfText('far'));
    const { appended } = writer.finish();
    const whole = new SparseSource(
      head,
      concatBytes([bytesOf(tail), appended]),
      size + appended.length,
    );
    const read = openPdf(whole).resolve(ref);
    expect(read).toBeInstanceOf(PdfString);
  });
});

describe('a rebuilt file', () => {
  it.each([
    ['table', classicFile(TWO_PAGES).text],
    ['stream', streamFile({ 6: contents! }, compressible, 7).text],
  ])('gets a whole new %s', (kind, text) => {
    const broken = bytesOf(text.replace('startxref', 'startxxxx'));
    const document = openPdf(new MemorySource(broken), { mode: 'lenient' });
    expect(document.repaired).toBe(true);
    const writer = beginRevision(document);
    addSignatureField(writer, { name: 'A', pageIndex: 0 });
    const whole = concatBytes([broken, writer.finish().appended]);
    const read = open(whole);
    expect(read.levels).toHaveLength(1);
    expect(read.levels[0]!.main.kind).toBe(kind);
    expect(read.pages.count).toBe(2);
    expect(read.fields.map((field) => field.name)).toEqual(['A']);
    expect(isName(read.catalog.get('Type'), 'Catalog')).toBe(true);
  });
});

describe('signature fields', () => {
  const forms: readonly (readonly [string, Bodies])[] = [
    ['no form', { ...TWO_PAGES, 1: '<</Type/Catalog/Pages 2 0 R>>' }],
    ['a direct form', TWO_PAGES],
    ['a form without Fields', { ...TWO_PAGES, 1: '<</Type/Catalog/Pages 2 0 R/AcroForm<<>>>>' }],
    [
      'an indirect form with indirect Fields and Annots',
      {
        ...TWO_PAGES,
        1: '<</Type/Catalog/Pages 2 0 R/AcroForm 7 0 R>>',
        3: '<</Type/Page/Parent 2 0 R/Annots 9 0 R>>',
        7: '<</Fields 8 0 R/SigFlags 1/DA(/Helv 0 Tf)>>',
        8: '[]',
        9: '[<</Type/Annot/Subtype/Link>>]',
      },
    ],
    [
      'direct Annots',
      { ...TWO_PAGES, 3: '<</Type/Page/Parent 2 0 R/Annots[10 0 R]>>', 10: '<</Type/Annot>>' },
    ],
  ];

  it.each(forms)('are added to a file with %s', (_, bodies) => {
    const base = bytesOf(classicFile(bodies));
    const writer = beginRevision(open(base));
    const appearance = writer.add(
      formXObject({
        bbox: [0, 0, 20, 20],
        content: new ContentBuilder().circle(10, 10, 9).stroke().toBytes(),
      }),
    );
    const value = writer.add(PdfDict.of({ Type: pdfName('Sig') }));
    addSignatureField(writer, {
      name: '合同章',
      pageIndex: 0,
      rect: { x1: 5, y1: 5, x2: 25, y2: 25 },
      value,
      appearance,
    });
    addSignatureField(writer, { name: 'hidden', pageIndex: 0 });
    const document = open(concatBytes([base, writer.finish().appended]));
    const [seal, hidden] = document.fields;
    expect(document.fields).toHaveLength(2);
    expect(seal).toMatchObject({ name: '合同章', type: 'Sig', value });
    expect(widgetPageIndex(document, seal!.widgets[0]!)).toBe(0);
    expect(seal!.dict.get('F')).toBe(132);
    expect(seal!.dict.get('P')).toEqual(document.pages.get(0).ref);
    expect(hidden!.dict.get('Rect')).toMatchObject({ items: [0, 0, 0, 0] });
    const form = document.resolveDict(document.catalog.get('AcroForm'));
    expect(form!.get('SigFlags')).toBe(3);
    const stream = document.resolve(appearance) as PdfStream;
    expect(bytesToLatin1(stream.data())).toMatch(/^19 10 m\n/);
    const old = open(base);
    const before = old.resolveArray(old.pages.get(0).dict.get('Annots'))?.items.length ?? 0;
    const annots = document.resolveArray(document.pages.get(0).dict.get('Annots'));
    expect(annots!.items).toHaveLength(before + 2);
    expect(structuralFindings(document)).toEqual([]);
  });

  const fields = bytesOf(
    classicFile({
      ...TWO_PAGES,
      1: '<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[7 0 R 9 0 R]>>>>',
      7: '<</T(party)/FT/Sig/Kids[8 0 R]>>',
      8: '<</T(a)/Rect[0 0 9 9]/Subtype/Widget>>',
      9: '<</T(Signature1)/FT/Tx>>',
    }),
  );

  it('have names of their own', () => {
    const writer = beginRevision(open(fields));
    for (const name of ['party', 'party.a', 'Signature1', '']) {
      const code = codeOf(() => addSignatureField(writer, { name, pageIndex: 0 }));
      expect(code).toBe(name === '' || name.includes('.') ? 'input-invalid' : 'pdf-field-exists');
    }
    expect(unusedFieldName(writer, 'Signature')).toBe('Signature2');
    addSignatureField(writer, { name: 'Signature2', pageIndex: 0 });
    expect(unusedFieldName(writer, 'Signature')).toBe('Signature3');
    expect(codeOf(() => addSignatureField(writer, { name: 'Signature2', pageIndex: 0 }))).toBe(
      'pdf-field-exists',
    );
    expect(codeOf(() => addSignatureField(writer, { name: 'x', pageIndex: 2 }))).toBe(
      'pdf-page-out-of-range',
    );
  });

  it('are filled where they are empty, once', () => {
    const document = open(fields);
    const writer = beginRevision(document);
    const field = document.fields.find((each) => each.name === 'party.a')!;
    expect(field.type).toBe('Sig');
    const value = writer.add(PdfDict.of({ Type: pdfName('Sig') }));
    const look = writer.add(flateStream(PdfDict.of({}), new Uint8Array(3)));
    fillSignatureField(writer, field, value, [look]);
    const signed = open(concatBytes([fields, writer.finish().appended]));
    const filled = signed.fields.find((each) => each.name === 'party.a')!;
    expect(filled.value).toEqual(value);
    expect((filled.dict.get('AP') as PdfDict).get('N')).toEqual(look);
    expect(codeOf(() => fillSignatureField(beginRevision(signed), filled, value))).toBe(
      'pdf-field-exists',
    );
    const text = document.fields.find((each) => each.name === 'Signature1')!;
    expect(codeOf(() => fillSignatureField(writer, text, value))).toBe('input-invalid');
  });
});

describe('an encrypted file that cannot be read', () => {
  it('is not appended to', () => {
    const trailer = '/Root 1 0 R/Encrypt<</Filter/Adobe.PubSec>>';
    const file = bytesOf(classicFile(TWO_PAGES, undefined, trailer));
    expect(codeOf(() => beginRevision(open(file)))).toBe('pdf-unsupported');
  });
});

import { deflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  MemorySource,
  bytesToLatin1,
  isAppError,
  latin1ToBytes,
} from '../../../src/kernel/index.js';
import type { PdfStream } from '../../../src/pdf/index.js';
import {
  PdfDict,
  PdfRef,
  openPdf,
  structuralFindings,
  type OpenOptions,
  type PdfDocument,
} from '../../../src/pdf/index.js';
import { CountingSource, SparseSource } from '../../support/pdf/byte-sources.js';
import {
  HEADER,
  TWO_PAGES,
  bytesOf,
  classicFile,
  hybridFile,
  streamFile,
  tableLine,
  type TextFile,
} from '../../support/pdf/pdf-file.js';

function open(file: TextFile | string, options?: OpenOptions): PdfDocument {
  return openPdf(new MemorySource(bytesOf(file)), options);
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
const FILES: readonly (readonly [string, TextFile, 'table' | 'stream' | 'hybrid'])[] = [
  ['a classic table', classicFile(TWO_PAGES), 'table'],
  ['a cross-reference stream', streamFile(TWO_PAGES, {}, 7), 'stream'],
  ['object streams', streamFile({ 6: contents! }, compressible, 7), 'stream'],
  ['a hybrid section', hybridFile(), 'hybrid'],
];

describe.each(FILES)('a file with %s', (_, file, kind) => {
  it('opens strictly and shows its pages', () => {
    const document = open(file);
    expect(document.pages.count).toBe(2);
    const second = document.pages.get(1);
    expect(second.mediaBox).toEqual({ x1: 0, y1: 0, x2: 595, y2: 842 });
    expect(second.cropBox).toEqual({ x1: 10, y1: 10, x2: 500, y2: 800 });
    expect(second.rotate).toBe(90);
    expect(document.resolve(second.resources)).toBeInstanceOf(PdfDict);
    expect(document.pages.get(0).cropBox).toEqual({ x1: 0, y1: 0, x2: 595, y2: 842 });
    const stream = document.resolve(new PdfRef(6));
    expect((stream as PdfStream).data()).toEqual(latin1ToBytes('0 0 m S'));
    expect(document.encrypted).toBe(false);
    expect(document.repaired).toBe(false);
  });

  it('is one revision that ends with the file, and without findings', () => {
    const document = open(file);
    expect(document.revisions).toHaveLength(1);
    expect(document.revisions[0]).toMatchObject({
      kind,
      startxref: file.startxref,
      declaredStartxref: file.startxref,
      endOffset: file.text.length,
      eofOffset: file.text.length - 1,
      hasProperEnd: true,
    });
    expect(structuralFindings(document)).toEqual([]);
  });

  it('gives no page beyond the last', () => {
    expect(codeOf(() => open(file).pages.get(2))).toBe('pdf-page-out-of-range');
  });

  it('ends in a document or an AppError whatever byte is changed, in both modes', () => {
    const bytes = bytesOf(file);
    const mutation = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(bytes.length));
    fc.assert(
      fc.property(mutation, fc.boolean(), fc.boolean(), ([at, value, cut], cuts, strict) => {
        const changed = bytes.slice(0, cuts ? cut : bytes.length);
        if (at < changed.length) changed[at] = value;
        const code = codeOf(() => {
          const document = openPdf(new MemorySource(changed), {
            mode: strict ? 'strict' : 'lenient',
          });
          expect(document.pages.count).toBeGreaterThanOrEqual(0);
          expect(document.fields).toBeDefined();
          expect(document.revisions.length).toBeGreaterThan(0);
          structuralFindings(document);
        });
        expect(code).toMatch(/^(no error|pdf-[a-z-]+)$/);
      }),
      { numRuns: 800 },
    );
  });
});

describe('revisions', () => {
  const first = classicFile(TWO_PAGES);
  const second = classicFile({ 3: '<</Type/Page/Parent 2 0 R/Rotate 180>>' }, first);
  const third = classicFile({ 7: '(new)' }, second);

  it('are listed oldest first, each from the end of the one before', () => {
    const { revisions } = open(third);
    expect(revisions.map((each) => each.endOffset)).toEqual([
      first.text.length,
      second.text.length,
      third.text.length,
    ]);
    expect(revisions.map((each) => each.startOffset)).toEqual([
      0,
      first.text.length,
      second.text.length,
    ]);
    expect([...revisions[1]!.entries().keys()]).toEqual([3]);
  });

  it('are read alone as they were', () => {
    const document = open(third);
    expect(document.pages.get(0).rotate).toBe(180);
    for (const end of [document.revisions[0]!.endOffset, document.revisions[0]!.eofOffset]) {
      const old = document.atRevision(end);
      expect(old.source.size).toBe(end);
      expect(old.pages.get(0).rotate).toBe(0);
      expect(old.getObject(7)).toBeUndefined();
      expect(old.revisions).toHaveLength(1);
    }
  });

  it('count an empty table that only adds the hybrid stream to the original', () => {
    // The original hides 4, 5 and 7; an empty section after it names the stream.
    const hybrid = hybridFile();
    const plain = hybrid.text.replace(/\/XRefStm \d+/, '');
    const xrefStm = /XRefStm (\d+)/.exec(hybrid.text)![1];
    const addition = `xref\n0 0\ntrailer\n<</Size 9/Root 1 0 R/Prev ${hybrid.startxref}/XRefStm ${xrefStm}>>\n`;
    const text = `${plain}${addition}startxref\n${plain.length}\n%%EOF\n`;
    const document = open(text);
    expect(document.pages.count).toBe(2);
    expect(document.revisions).toHaveLength(1);
    expect(document.revisions[0]).toMatchObject({
      kind: 'hybrid',
      isLinearized: false,
      startxref: plain.length,
      endOffset: text.length,
    });
    expect(structuralFindings(document)).toEqual([]);
  });

  it('of different kinds may follow each other', () => {
    const mixed = streamFile({ 9: '(x)' }, { 4: '<</Type/Page/Rotate 270>>' }, 10, third);
    const document = open(mixed);
    expect(document.revisions.map((each) => each.kind)).toEqual([
      'table',
      'table',
      'table',
      'stream',
    ]);
    expect(document.pages.get(1).rotate).toBe(270);
    expect(structuralFindings(document)).toEqual([]);
  });
});

describe('strict reading', () => {
  const file = classicFile(TWO_PAGES);
  it.each([
    ['no header', file.text.slice(9), 'pdf-not-a-pdf'],
    ['no startxref', file.text.replace('startxref', 'startxxxx'), 'pdf-malformed'],
    ['a wrong startxref', file.text.replace(/startxref\n\d+/, 'startxref\n12'), 'pdf-malformed'],
    [
      'a huge startxref',
      file.text.replace(/startxref\n\d+/, 'startxref\n99999999999'),
      'pdf-malformed',
    ],
    ['an empty file', '', 'pdf-not-a-pdf'],
    [
      'a section that is its own Prev',
      file.text.replace('/Root 1 0 R', `/Root 1 0 R/Prev ${file.startxref}`),
      'pdf-malformed',
    ],
    [
      'a subsection of 10^9 entries',
      file.text.replace('xref\n0 7', 'xref\n0 1000000000'),
      'pdf-limit-exceeded',
    ],
  ])('refuses %s', (_, text, code) => {
    expect(codeOf(() => open(text))).toBe(code);
  });

  it('refuses an object that is not where its entry says, and a wrong stream length', () => {
    const moved = file.text.replace('3 0 obj\n', '9 0 obj\n');
    expect(codeOf(() => open(moved).pages.count)).toBe('pdf-malformed');
    const long = file.text.replace('/Length 7', '/Length 9');
    expect(codeOf(() => open(long).resolve(new PdfRef(6)))).toBe('pdf-malformed');
  });

  it('does not hang on loops of pages, fields, references and stream lengths', () => {
    const loops = classicFile({
      1: '<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[3 0 R 5 0 R 3 0 R]>>>>',
      2: '<</Type/Pages/Kids[2 0 R 4 0 R 4 0 R]/Count 99>>',
      3: '<</T(a)/Kids[3 0 R 5 0 R]>>',
      4: '<</Type/Page>>',
      5: '<</T(b)/FT/Sig/Kids[3 0 R]>>',
      6: '<</Length 6 0 R>>\nstream\n\nendstream',
      7: '8 0 R',
      8: '7 0 R',
    });
    const document = open(loops);
    expect(document.pages.count).toBe(2);
    expect(document.fields.map((field) => field.name)).toEqual(['a.b']);
    expect(codeOf(() => document.resolve(new PdfRef(6)))).toBe('pdf-malformed');
    expect(codeOf(() => document.resolve(new PdfRef(7)))).toBe('pdf-malformed');
  });

  it('takes a reference of another generation for null', () => {
    const document = open(file);
    expect(document.resolve(new PdfRef(3, 1))).toBeNull();
    expect(document.resolve(new PdfRef(3, 0))).toBeInstanceOf(PdfDict);
  });

  it('bounds what a stream decodes to', () => {
    const limited = open(file, { limits: { maxStreamBytes: 3 } });
    const stream = limited.resolve(new PdfRef(6)) as PdfStream;
    expect(codeOf(() => stream.data())).toBe('pdf-limit-exceeded');
  });

  it('notes bytes before the header, with offsets counted from either', () => {
    for (const prefix of ['junk\n', '']) {
      const shifted = open(prefix + file.text);
      expect(shifted.base).toBe(prefix.length);
      expect(shifted.pages.count).toBe(2);
      expect(structuralFindings(shifted).map((each) => each.kind)).toEqual(
        prefix === '' ? [] : ['junk-before-header'],
      );
    }
  });

  it.each([
    ['/Encrypt<<>>', 'pdf-malformed'],
    ['/Encrypt<</Filter/Adobe.PubSec/V 4>>', 'pdf-unsupported'],
    ['/Encrypt<</Filter/Standard/V 3/R 3>>', 'pdf-unsupported'],
  ])('says that a file with %s is encrypted and does not decode its streams', (entry, code) => {
    const encrypted = open(classicFile(TWO_PAGES, undefined, `/Root 1 0 R${entry}`));
    expect(encrypted.encrypted).toBe(true);
    const stream = encrypted.resolve(new PdfRef(6)) as PdfStream;
    expect(codeOf(() => stream.data())).toBe(code);
  });
});

describe('lenient reading', () => {
  const file = classicFile(TWO_PAGES);
  const objects = streamFile({ 6: contents! }, compressible, 7);
  it.each([
    ['startxref is wrong', file.text.replace(/startxref\n\d+/, 'startxref\n12')],
    ['the end is cut off', file.text.slice(0, file.startxref + 40)],
    ['offsets are shifted', file.text.replace('%PDF-1.7\n', '%PDF-1.7\n%added later\n')],
    ['an object stream file lost its end', objects.text.slice(0, -40)],
    ['there is no table at all', file.text.slice(0, file.startxref)],
  ])('puts it right where %s', (_, text) => {
    expect(codeOf(() => open(text).pages.count)).not.toBe('no error');
    const document = open(text, { mode: 'lenient' });
    expect(document.pages.count).toBe(2);
    expect(document.repaired).toBe(true);
    expect(document.repairs.length).toBeGreaterThan(0);
    expect(structuralFindings(document)[0]?.kind).toBe('xref-rebuilt');
  });

  it('finds the end of a stream whose length is wrong', () => {
    const document = open(file.text.replace('/Length 7', '/Length 5'), { mode: 'lenient' });
    const stream = document.resolve(new PdfRef(6)) as PdfStream;
    expect(stream.rawBytes()).toEqual(latin1ToBytes('0 0 m S'));
    expect(document.repaired).toBe(true);
  });

  it('prefers an object in the file to an older compressed one', () => {
    const update = classicFile({ 3: '<</Type/Page/Rotate 180>>' }, objects);
    const cut = update.text.replaceAll('startxref', 'start');
    expect(open(cut, { mode: 'lenient' }).pages.get(0).rotate).toBe(180);
  });

  it('takes the last definition of an object', () => {
    const update = classicFile({ 3: '<</Type/Page/Rotate 180>>' }, file);
    const cut = update.text.replaceAll('startxref', 'start');
    expect(open(cut, { mode: 'lenient' }).pages.get(0).rotate).toBe(180);
  });
});

describe('a large file', () => {
  it('opens by reading a few kilobytes', () => {
    const gigabyte = 1 << 30;
    const { text } = classicFile(TWO_PAGES);
    const head = text.slice(0, text.indexOf('6 0 obj'));
    const streamStart = `6 0 obj\n<</Length ${gigabyte}>>\nstream\n`;
    const tailObject = '\nendstream\nendobj\n';
    const xrefAt = head.length + streamStart.length + gigabyte + tailObject.length;
    const offsets = [...classicFile(TWO_PAGES).offsets.values()];
    const lines = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`);
    const tail = `${tailObject}xref\n0 7\n0000000000 65535 f \n${lines.join('')}trailer\n<</Size 7/Root 1 0 R>>\nstartxref\n${xrefAt}\n%%EOF\n`;
    const size = head.length + streamStart.length + gigabyte + tail.length;
    const source = new SparseSource(bytesOf(head + streamStart), bytesOf(tail), size);
    const document = openPdf(source);
    expect(document.pages.count).toBe(2);
    expect(document.fields).toEqual([]);
    expect(source.bytesRead).toBeLessThan(64 * 1024);
    const stream = document.resolve(new PdfRef(6)) as PdfStream;
    expect(stream.rawSpan!.end - stream.rawSpan!.start).toBe(gigabyte);
    expect(codeOf(() => stream.rawBytes())).toBe('pdf-limit-exceeded');
    expect(structuralFindings(document)).toEqual([]);
    expect(source.bytesRead).toBeLessThan(256 * 1024);
  });

  it('reads the same from a source that copies', () => {
    const bytes = bytesOf(hybridFile());
    const copied = openPdf(new CountingSource(bytes));
    const direct = openPdf(new MemorySource(bytes));
    expect(copied.pages.count).toBe(direct.pages.count);
    expect([...copied.revisions[0]!.entries()]).toEqual([...direct.revisions[0]!.entries()]);
  });
});

describe('hostile files', () => {
  /** Objects that stand in one another, each readable alone: quadratic for who reads them all. */
  function nested(open: string, close: string): string {
    const count = 30_000;
    let text = HEADER;
    const kids: string[] = [];
    const lines: string[] = [];
    for (let num = 3; num < count; num++) {
      lines.push(tableLine(text.length));
      kids.push(`${num} 0 R`);
      text += `${num} 0 obj${open}`;
    }
    text += close;
    const at1 = text.length;
    text += '1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n';
    const at2 = text.length;
    text += `2 0 obj<</Type/Pages/Kids[${kids.join(' ')}]>>endobj\n`;
    const entries = [tableLine(0, 'f', 65535), tableLine(at1), tableLine(at2), ...lines];
    return `${text}xref\n0 ${count}\n${entries.join('\n')}\ntrailer<</Size ${count}/Root 1 0 R>>startxref\n${text.length}\n%%EOF\n`;
  }

  it.each([
    ['strings', 'pdf-malformed', '(', `${')'.repeat(29_997)}endobj\n`],
    ['comments', 'pdf-limit-exceeded', '%', '\nnull endobj\n'],
  ])('of objects within %s end soon, in both modes', (_, strictCode, open_, close) => {
    const text = nested(open_, close);
    const started = process.cpuUsage();
    expect(codeOf(() => open(text).pages.count)).toBe(strictCode);
    expect(codeOf(() => open(text, { mode: 'lenient' }).pages.count)).toBe('pdf-limit-exceeded');
    const lost = text.replace('startxref', 'startxxxx');
    expect(codeOf(() => open(lost, { mode: 'lenient' }).pages.count)).toBe('pdf-limit-exceeded');
    // Of this process, however busy the machine: quadratic reading would take minutes.
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1000).toBeLessThan(15_000);
  });

  it('of cross-reference streams that inflate without end are refused', () => {
    const data = bytesToLatin1(new Uint8Array(deflateSync(new Uint8Array(70 << 20))));
    const dict = `<</Type/XRef/Size 10/W[1 4 2]/Root 1 0 R/Filter/FlateDecode/Length ${data.length}>>`;
    const text = `${HEADER}1 0 obj\n${dict}\nstream\n${data}\nendstream\nendobj\nstartxref\n${HEADER.length}\n%%EOF\n`;
    expect(codeOf(() => open(text))).toBe('pdf-limit-exceeded');
  });

  it('of cross-reference streams that are too large together are refused', () => {
    const first = streamFile(TWO_PAGES, {}, 7);
    const second = streamFile({ 9: '1' }, {}, 10, first);
    const limits = { maxDecodedBytes: 700 };
    expect(codeOf(() => open(first, { limits }))).toBe('no error');
    expect(codeOf(() => open(second, { limits }))).toBe('pdf-limit-exceeded');
  });

  it('of a great many revisions are read by one index', () => {
    let file = classicFile(TWO_PAGES);
    for (let i = 0; i < 40; i++) {
      file = classicFile(
        { 3: `<</Type/Page/Parent 2 0 R/Rotate ${90 * (i % 4)}>>`, [7 + i]: '1' },
        file,
      );
    }
    const document = open(file);
    expect(document.pages.get(0).rotate).toBe(270);
    expect(document.revisions).toHaveLength(41);
    expect(document.getObject(46)?.value).toBe(1);
    const old = document.atRevision(document.revisions[2]!.endOffset);
    expect(old.pages.get(0).rotate).toBe(90);
    expect(old.getObject(46)).toBeUndefined();
    expect(structuralFindings(document)).toEqual([]);
  });
});

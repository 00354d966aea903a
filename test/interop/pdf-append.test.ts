/** What we append, as qpdf, poppler and MuPDF see it; and files that qpdf wrote, as we see them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MemorySource, concatBytes } from '../../src/kernel/index.js';
import {
  ContentBuilder,
  PdfDict,
  Placeholder,
  addSignatureField,
  beginRevision,
  formXObject,
  openPdf,
  pdfName,
  structuralFindings,
} from '../../src/pdf/index.js';
import {
  TWO_PAGES,
  bytesOf,
  classicFile,
  hybridFile,
  streamFile,
} from '../support/pdf/pdf-file.js';

function hasTool(name: string): boolean {
  const found = spawnSync(name, ['--version']).error === undefined;
  if (!found && process.env['CI'] === 'true') throw new Error(`${name} is missing in CI`);
  if (!found) console.log(`skipped: ${name} is not installed`);
  return found;
}

const withQpdf = hasTool('qpdf') ? describe : describe.skip;
const { 6: contents, ...compressible } = TWO_PAGES;

/** Two revisions, each with a visible empty signature of its own. */
function appendTwice(base: Uint8Array): Uint8Array {
  let file = base;
  for (const name of ['甲方', 'Party B']) {
    const writer = beginRevision(openPdf(new MemorySource(file)));
    const appearance = writer.add(
      formXObject({
        bbox: [0, 0, 40, 40],
        content: new ContentBuilder().strokeColor(1, 0, 0).circle(20, 20, 19).stroke().toBytes(),
      }),
    );
    const value = writer.add(
      PdfDict.of({ Type: pdfName('Sig'), Contents: Placeholder.hexGap(1000) }),
    );
    const rect = { x1: 100, y1: 100, x2: 140, y2: 140 };
    addSignatureField(writer, { name, pageIndex: 0, rect, value, appearance });
    file = concatBytes([file, writer.finish().appended]);
  }
  return file;
}

withQpdf('with qpdf', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'qianyin-pdf-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  function check(bytes: Uint8Array): string {
    const path = join(folder, 'checked.pdf');
    writeFileSync(path, bytes);
    const result = spawnSync('qpdf', ['--check', path], { encoding: 'utf8' });
    return result.status === 0 ? 'ok' : result.stdout + result.stderr;
  }

  /** The classic sample, written anew by qpdf with `options`. */
  function byQpdf(...options: readonly string[]): Uint8Array {
    const from = join(folder, 'from.pdf');
    const to = join(folder, 'to.pdf');
    writeFileSync(from, bytesOf(classicFile(TWO_PAGES)));
    const result = spawnSync('qpdf', [...options, from, to], { encoding: 'utf8' });
    expect(result.stderr).toBe('');
    return new Uint8Array(readFileSync(to));
  }

  it.each([
    ['a classic table', bytesOf(classicFile(TWO_PAGES))],
    ['a cross-reference stream', bytesOf(streamFile(TWO_PAGES, {}, 7))],
    ['object streams', bytesOf(streamFile({ 6: contents! }, compressible, 7))],
    ['a hybrid section', bytesOf(hybridFile())],
  ])('two revisions on %s pass its check', (_, base) => {
    expect(check(appendTwice(base))).toBe('ok');
  });

  it.each([
    ['plain', [], 'table'],
    ['with object streams', ['--object-streams=generate'], 'stream'],
    ['linearised', ['--linearize'], 'table'],
    ['linearised with object streams', ['--linearize', '--object-streams=generate'], 'stream'],
  ])('a %s file of its own is read whole and appended to', (name, options, kind) => {
    const base = byQpdf(...options);
    const document = openPdf(new MemorySource(base));
    expect(document.pages.count).toBe(2);
    expect(document.revisions).toHaveLength(1);
    expect(document.revisions[0]).toMatchObject({
      kind,
      isLinearized: name.startsWith('linearised'),
      endOffset: base.length,
      hasProperEnd: true,
    });
    expect(structuralFindings(document)).toEqual([]);
    const signed = appendTwice(base);
    expect(signed.subarray(0, base.length)).toEqual(base);
    const read = openPdf(new MemorySource(signed));
    expect(read.revisions.map((each) => each.kind)).toEqual([kind, kind, kind]);
    expect(read.fields.map((field) => field.name)).toEqual(['甲方', 'Party B']);
    expect(structuralFindings(read)).toEqual([]);
    expect(check(signed)).toBe('ok');
  });

  it('a repaired file passes its check once appended to', () => {
    const broken = bytesOf(classicFile(TWO_PAGES).text.replace('startxref', 'startxxxx'));
    const writer = beginRevision(openPdf(new MemorySource(broken), { mode: 'lenient' }));
    addSignatureField(writer, { name: 'A', pageIndex: 1 });
    expect(check(concatBytes([broken, writer.finish().appended]))).toBe('ok');
  });
});

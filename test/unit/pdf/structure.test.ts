import { describe, expect, it } from '@jest/globals';
import { MemorySource } from '../../../src/kernel/index.js';
import { openPdf, structuralFindings, type FindingKind } from '../../../src/pdf/index.js';
import {
  TWO_PAGES,
  bytesOf,
  classicFile,
  objectStreamBody,
  streamFile,
  tableLine,
} from '../../support/pdf/pdf-file.js';

function kindsOf(text: string): FindingKind[] {
  const document = openPdf(new MemorySource(bytesOf(text)));
  return structuralFindings(document).map((each) => each.kind);
}

const first = classicFile(TWO_PAGES);
const second = classicFile({ 3: '<</Type/Page/Rotate 180>>', 7: '(seven)' }, first);

/** Replaces text by as many bytes, so that no offset moves. */
function swap(text: string, from: string, to: string): string {
  expect(to).toHaveLength(from.length);
  expect(text).toContain(from);
  return text.replace(from, to);
}

describe('structuralFindings', () => {
  it('is empty for two clean revisions', () => {
    expect(kindsOf(second.text)).toEqual([]);
  });

  it('tells white space after the end from an update that was appended without an end', () => {
    const findings = (text: string) => structuralFindings(openPdf(new MemorySource(bytesOf(text))));
    expect(findings(`${second.text}\n\0 `)).toMatchObject([
      { kind: 'bytes-after-end', isBlank: true, start: second.text.length },
    ]);
    expect(findings(`${second.text}3 0 obj\n<</Evil true>>\nendobj\n`)).toMatchObject([
      { kind: 'bytes-after-end', isBlank: false, revision: 1 },
    ]);
  });

  it('sees bytes between revisions', () => {
    const padded = { ...first, text: `${first.text}stray\n` };
    expect(kindsOf(classicFile({ 7: '(x)' }, padded).text)).toEqual(['unexpected-bytes']);
  });

  it('sees an object that the cross-reference does not lead to', () => {
    const hidden = { ...first, text: `${first.text}3 0 obj\n<</Type/Page>>\nendobj\n` };
    const findings = structuralFindings(
      openPdf(new MemorySource(bytesOf(classicFile({ 7: '(x)' }, hidden)))),
    );
    expect(findings).toMatchObject([{ kind: 'hidden-object', num: 3, revision: 1 }]);
  });

  it('sees an object defined twice in one revision', () => {
    const twice = { ...first, text: `${first.text}7 0 obj\n(first)\nendobj\n` };
    expect(kindsOf(classicFile({ 7: '(x)' }, twice).text)).toEqual([
      'hidden-object',
      'object-defined-twice',
    ]);
  });

  it('sees a compressed object hidden beside the one in force', () => {
    const { 6: contents, ...rest } = TWO_PAGES;
    const file = streamFile({ 6: contents!, 7: objectStreamBody({ 3: '<</Evil 1>>' }) }, rest, 8);
    const findings = structuralFindings(openPdf(new MemorySource(bytesOf(file))));
    expect(findings).toMatchObject([{ kind: 'hidden-object', num: 3 }]);
  });

  it('sees a key given twice, however it is spelt and however deep', () => {
    const body = '<</A[<</Contents<00>/#43ontents<01>>>]>>';
    const findings = structuralFindings(
      openPdf(new MemorySource(bytesOf(classicFile({ ...TWO_PAGES, 7: body })))),
    );
    expect(findings).toMatchObject([{ kind: 'duplicate-key', num: 7, key: 'Contents' }]);
  });

  it('sees an entry that leads into an earlier revision, and one that leads nowhere', () => {
    const at3 = second.offsets.get(3)!;
    const intoFirst = swap(second.text, tableLine(at3), tableLine(first.offsets.get(4)!));
    expect(kindsOf(intoFirst)).toEqual(['hidden-object', 'entry-outside-revision']);
    const nowhere = swap(second.text, tableLine(at3), tableLine(at3 + 8));
    expect(kindsOf(nowhere)).toEqual(['hidden-object', 'entry-leads-nowhere']);
  });

  it('sees an end that is not well formed, and a startxref that lies', () => {
    const noEnd = first.text.replace('%%EOF\n', '%%EOX\n');
    const document = classicFile({ 7: '(x)' }, { ...first, text: noEnd });
    expect(kindsOf(document.text)).toContain('revision-end-malformed');
    const lies = first.text.replace(/startxref\n\d/, 'startxref\n0');
    expect(kindsOf(classicFile({ 7: '(x)' }, { ...first, text: lies }).text)).toEqual([
      'startxref-mismatch',
    ]);
  });

  it('takes a startxref that leads to white space before the section as leading there', () => {
    const shifted = (by: number): string =>
      first.text.replace(/startxref\n(\d+)/, (_, at) => `startxref\n${Number(at) - by}`);
    const later = (text: string): string => classicFile({ 7: '(x)' }, { ...first, text }).text;
    expect(first.text).toContain('endobj\nxref');
    expect(kindsOf(later(shifted(1)))).toEqual([]);
    expect(kindsOf(later(shifted(2)))).toEqual(['startxref-mismatch']);
  });

  it('sees a Size that shrinks or does not reach', () => {
    const shrunk = second.text.replace(/Size 8/, 'Size 5');
    expect(kindsOf(shrunk)).toEqual(['size-shrinks', 'size-too-small']);
  });
});

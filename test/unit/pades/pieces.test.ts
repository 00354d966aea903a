/** However the bytes of a file are handed over, it is the same file: read, signed and digested. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  ConcatSource,
  HashedSource,
  MemorySource,
  toHex,
  type ByteSource,
} from '../../../src/kernel/index.js';
import { beginSignature, finishSignature, type Signer } from '../../../src/pades/index.js';
import { openPdf } from '../../../src/pdf/index.js';
import {
  TWO_PAGES,
  bytesOf,
  classicFile,
  hybridFile,
  streamFile,
} from '../../support/pdf/pdf-file.js';
import { PiecewiseSource } from '../../support/pdf/byte-sources.js';
import { TestPki } from '../../support/test-pki.js';

const FILES = [
  bytesOf(classicFile(TWO_PAGES)),
  bytesOf(hybridFile()),
  bytesOf(streamFile(TWO_PAGES, {}, 7)),
];

let signer: Signer;
beforeAll(async () => {
  signer = await (await TestPki.create()).issue('CN=签署人,C=CN');
});

/** What is seen of the file, and the revision that a signature appends to it. */
async function outcome(source: ByteSource): Promise<unknown> {
  const document = openPdf(source);
  const pending = beginSignature(document, signer, { claimedAt: new Date('2026-11-20T08:00:00Z') });
  const value = await signer.sign(pending.signedAttributes, pending.scheme);
  return {
    pages: [...document.pages].map(({ mediaBox, rotate }) => ({ mediaBox, rotate })),
    revisions: document.revisions.map(({ startxref, endOffset }) => ({ startxref, endOffset })),
    appended: toHex(finishSignature(pending, value)),
  };
}

describe('a file whose bytes come in pieces', () => {
  it('is read and signed as one whose bytes lie together, to the byte', async () => {
    const expected = await Promise.all(FILES.map((bytes) => outcome(new MemorySource(bytes))));
    const pieces = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        fc.nat(FILES.length - 1),
        pieces,
        fc.nat(2000),
        fc.boolean(),
        async (which, lengths, cut, isHashed) => {
          const bytes = FILES[which]!;
          const split = cut % bytes.length;
          const source = new ConcatSource(
            new PiecewiseSource(bytes.subarray(0, split), lengths),
            new PiecewiseSource(bytes.subarray(split), lengths),
          );
          const found = await outcome(isHashed ? new HashedSource(source) : source);
          expect(found).toEqual(expected[which]);
        },
      ),
      { numRuns: 100 },
    );
  });
});

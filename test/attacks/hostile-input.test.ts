/** Whatever is uploaded: a report or an AppError, soon, and never a pass. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { deflateSync } from 'node:zlib';
import { AppError, concatBytes, latin1ToBytes } from '../../src/kernel/index.js';
import { verifyPdf } from '../../src/verification/index.js';
import { samplePdf } from '../support/contract-pdf.js';
import { signPdf } from '../support/sign-pdf.js';
import { TestPki } from '../support/test-pki.js';
import { trustOf } from '../support/trust.js';
import { landmarks, rawUpdate, stream } from './forgery.js';

const at = new Date('2026-11-23T00:00:00Z');
const LIMIT_MS = 3000;
let pki: TestPki;
let once: Uint8Array;
let twice: Uint8Array;

beforeAll(async () => {
  pki = await TestPki.create();
  const signer = await pki.issue('CN=甲,O=示例市财政局,C=CN', { key: 'P-256' });
  once = await signPdf(await samplePdf(), signer);
  twice = await signPdf(once, signer);
});

/** The indication or the code of the error; fails on any other error, and on taking too long. */
async function outcome(file: Uint8Array): Promise<string> {
  // Of the processor, not of the clock: other work on the machine is no fault of the file.
  const start = process.cpuUsage();
  try {
    return (await verifyPdf(file, { fileName: 'a.pdf', trust: trustOf(pki), at })).indication;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.code;
  } finally {
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1000).toBeLessThan(LIMIT_MS);
  }
}

describe('mutations of a signed file', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 24 });
  const place = fc.double({ min: 0, max: 1, noNaN: true });

  it('never pass where bytes were written over', async () => {
    await fc.assert(
      fc.asyncProperty(place, bytes, async (where, noise) => {
        const altered = twice.slice();
        const offset = Math.floor(where * (altered.length - noise.length));
        altered.set(noise, offset);
        if (!Buffer.from(altered).equals(Buffer.from(twice))) {
          expect(await outcome(altered)).not.toBe('TOTAL-PASSED');
        }
      }),
      { numRuns: 400, seed: 1 },
    );
  });

  it('never pass where a piece is cut out, repeated or moved', async () => {
    await fc.assert(
      fc.asyncProperty(place, place, place, async (a, b, c) => {
        const at3 = [a, b, c].map((part) => Math.floor(part * twice.length)).sort((x, y) => x - y);
        const [x = 0, y = 0, z = 0] = at3;
        const [head, one, two, tail] = [
          twice.subarray(0, x),
          twice.subarray(x, y),
          twice.subarray(y, z),
          twice.subarray(z),
        ];
        for (const parts of [
          [head, two, tail],
          [head, one, one, two, tail],
          [head, two, one, tail],
        ]) {
          const altered = concatBytes(parts);
          if (Buffer.from(altered).equals(Buffer.from(twice))) continue;
          expect(await outcome(altered)).not.toBe('TOTAL-PASSED');
        }
      }),
      { numRuns: 150, seed: 2 },
    );
  });

  it('never pass where the tokens of the structure are exchanged', async () => {
    const words = [
      'obj',
      'endobj',
      'xref',
      'trailer',
      'startxref',
      '/Prev',
      '/Root',
      '<<',
      '>>',
      '[',
      ']',
      '0 R',
      '/Kids',
      '/Fields',
      '/V',
      '/Type',
      'stream',
    ];
    const text = Buffer.from(twice).toString('latin1');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...words),
        fc.constantFrom(...words),
        place,
        async (from, to, where) => {
          const found = text.indexOf(from, Math.floor(where * text.length));
          if (found < 0 || from === to) return;
          const altered = text.slice(0, found) + to + text.slice(found + from.length);
          expect(await outcome(latin1ToBytes(altered))).not.toBe('TOTAL-PASSED');
        },
      ),
      { numRuns: 300, seed: 3 },
    );
  });
});

describe('a file made to exhaust', () => {
  const many = (count: number, text: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => text(index)).join('');

  it.each<readonly [string, (pdf: Uint8Array) => Uint8Array]>([
    [
      'fields that are their own kids',
      (pdf) => {
        const { fieldNumber, fieldText } = landmarks(pdf);
        return rawUpdate(
          pdf,
          new Map([[fieldNumber, fieldText.replace(/>>$/, `/Kids[${fieldNumber} 0 R]>>`)]]),
        );
      },
    ],
    [
      'pages that are their own parents',
      (pdf) => {
        const { document } = landmarks(pdf);
        const pages = (document.catalog.get('Pages') as { num: number } | undefined)?.num ?? 0;
        return rawUpdate(
          pdf,
          new Map([[pages, `<</Type/Pages/Count 2/Kids[${pages} 0 R ${pages} 0 R]>>`]]),
        );
      },
    ],
    [
      'references that go round',
      (pdf) => {
        const { signature, document } = landmarks(pdf);
        const next = document.nextObjectNumber;
        return rawUpdate(
          pdf,
          new Map([
            [signature, `${next} 0 R`],
            [next, `${signature} 0 R`],
          ]),
        );
      },
    ],
    [
      'arrays nested a hundred thousand deep',
      (pdf) => rawUpdate(pdf, new Map([[landmarks(pdf).content, '['.repeat(100_000)]])),
    ],
    [
      'thirty thousand signature fields',
      (pdf) => {
        const { catalogText, field } = landmarks(pdf);
        const form = Number(/\/AcroForm (\d+) 0 R/.exec(catalogText)?.[1]);
        const own = (field.ref as { num: number } | undefined)?.num ?? 0;
        const kids = many(30_000, () => '<</FT/Sig/T(x)/V<</ByteRange[0 1 2 3]/Contents<00>>>>>');
        return rawUpdate(pdf, new Map([[form, `<</Fields[${own} 0 R ${kids}]>>`]]));
      },
    ],
    [
      'a stream that inflates a thousandfold',
      (pdf) => {
        const bomb = Buffer.from(deflateSync(Buffer.alloc(64 * 1024 * 1024))).toString('latin1');
        return rawUpdate(
          pdf,
          new Map([[landmarks(pdf).content, stream(bomb, '/Filter/FlateDecode')]]),
        );
      },
    ],
    [
      'a store of fifty streams that each inflate a thousandfold',
      (pdf) => {
        const { catalog, catalogText, document } = landmarks(pdf);
        const bomb = Buffer.from(deflateSync(Buffer.alloc(60 * 1024 * 1024))).toString('latin1');
        const next = document.nextObjectNumber;
        const refs = many(50, (index) => `${next + index} 0 R`);
        return rawUpdate(
          pdf,
          new Map([
            [catalog, catalogText.replace(/>>$/, `/DSS<</Certs[${refs}]>>>>`)],
            ...Array.from({ length: 50 }, (_each, index) => {
              return [next + index, stream(bomb, '/Filter/FlateDecode')] as const;
            }),
          ]),
        );
      },
    ],
    [
      'ten thousand revisions that say nothing',
      (pdf) => {
        const { document } = landmarks(pdf);
        let prev = document.revisions.at(-1)?.startxref ?? 0;
        let tail = '';
        for (let i = 0; i < 10_000; i++) {
          const xref = pdf.length + tail.length;
          tail += `xref\n0 0\ntrailer\n<</Size 20/Root ${document.catalogRef.num} 0 R/Prev ${prev}>>\nstartxref\n${xref}\n%%EOF\n`;
          prev = xref;
        }
        return concatBytes([pdf, latin1ToBytes(tail)]);
      },
    ],
    [
      'a table that claims a million objects',
      (pdf) =>
        concatBytes([
          pdf,
          latin1ToBytes(`xref\n0 1000000\ntrailer\n<<>>\nstartxref\n${pdf.length}\n%%EOF\n`),
        ]),
    ],
    [
      'half a megabyte of opening brackets',
      (pdf) => concatBytes([pdf, latin1ToBytes('<<'.repeat(250_000))]),
    ],
    [
      'a megabyte of startxref',
      (pdf) => concatBytes([pdf, latin1ToBytes('startxref\n'.repeat(100_000))]),
    ],
  ])('%s', async (_name, make) => {
    expect(await outcome(make(once))).not.toBe('TOTAL-PASSED');
  });

  it('two hundred revisions that change nothing are read soon enough', async () => {
    let file = once;
    for (let i = 0; i < 200; i++) file = rawUpdate(file, new Map([[500 + i, '<</X 1>>']]));
    expect(await outcome(file)).toBe('TOTAL-PASSED');
  });

  it.each<readonly [string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['a header', latin1ToBytes('%PDF-1.7\n')],
    ['a header and an end', latin1ToBytes('%PDF-1.7\nstartxref\n0\n%%EOF')],
    ['zeros', new Uint8Array(100_000)],
    ['a picture', latin1ToBytes('\x89PNG\r\n\x1a\n')],
  ])('%s is no PDF', async (_name, file) => {
    expect(await outcome(file)).toMatch(/^pdf-/);
  });
});

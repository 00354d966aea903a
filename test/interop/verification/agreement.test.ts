/** Our verdict beside those of pyHanko and poppler, on the same files. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPrivateKey, sign } from 'node:crypto';
import { MemorySource, concatBytes } from '../../../src/kernel/index.js';
import { beginSignature, finishSignature } from '../../../src/pades/index.js';
import { openPdf } from '../../../src/pdf/index.js';
import { verifyPdf } from '../../../src/verification/index.js';
import { EVIL } from '../../attacks/attack.js';
import { landmarks, overwrite, rawUpdate } from '../../attacks/forgery.js';
import { samplePdf } from '../../support/contract-pdf.js';
import { hasOpenssl } from '../pki/openssl.js';
import { hasPdfsig, hasPyhanko, OpensslPki, pdfsig, pyhanko, whereThereIs } from './peers.js';

let tools: OpensslPki;
let twice: Uint8Array;

beforeAll(async () => {
  if (!hasOpenssl) return;
  tools = new OpensslPki();
  const once = signOnce(await samplePdf());
  twice = signOnce(once);
});

afterAll(() => {
  if (hasOpenssl) tools.dispose();
});

function signOnce(pdf: Uint8Array): Uint8Array {
  const certificates = {
    certificateDer: tools.read('ee.der'),
    chainDer: [tools.rootDer],
    algorithm: { kind: 'rsa', bits: 2048 } as const,
  };
  const claimedAt = new Date();
  const pending = beginSignature(openPdf(new MemorySource(pdf)), certificates, { claimedAt });
  const key = createPrivateKey(Buffer.from(tools.read('ee.key')));
  const value = new Uint8Array(sign('sha256', pending.signedAttributes, key));
  return concatBytes([pdf, finishSignature(pending, value)]);
}

/** What pyHanko says where it agrees; where it does not, why ours is stricter. */
interface Case {
  readonly make: (file: Uint8Array) => Uint8Array;
  readonly ours: readonly string[];
  readonly pyhanko: readonly string[];
  readonly pdfsig: readonly string[];
}

const VALID = 'Signature is Valid.';
const update = (pdf: Uint8Array): Uint8Array =>
  rawUpdate(pdf, new Map([[landmarks(pdf).content, EVIL]]));

const CASES: readonly (readonly [string, Case])[] = [
  [
    'the file as signed',
    {
      make: (file) => file,
      ours: ['TOTAL-PASSED', 'TOTAL-PASSED'],
      pyhanko: ['valid', 'valid'],
      pdfsig: [VALID, VALID],
    },
  ],
  [
    'a signed byte changed',
    {
      make: (file) => {
        const altered = file.slice();
        altered[40] = (altered[40] ?? 0) ^ 1;
        return altered;
      },
      ours: ['TOTAL-FAILED', 'TOTAL-FAILED'],
      pyhanko: ['invalid', 'invalid'],
      pdfsig: ['Digest Mismatch.', 'Digest Mismatch.'],
    },
  ],
  [
    'the claimed time of the last signature changed',
    {
      make: (file) => overwrite(file, "+00'00')", "+01'00')"),
      ours: ['TOTAL-PASSED', 'TOTAL-FAILED'],
      pyhanko: ['valid', 'invalid'],
      pdfsig: [VALID, 'Digest Mismatch.'],
    },
  ],
  [
    // poppler looks at digests only, and those hold.
    'page content replaced by an update',
    {
      make: update,
      ours: ['TOTAL-FAILED', 'TOTAL-FAILED'],
      pyhanko: ['invalid', 'invalid'],
      pdfsig: [VALID, VALID],
    },
  ],
];

whereThereIs(
  hasOpenssl,
  'openssl',
  describe,
)('verdicts agree on', () => {
  describe.each(CASES)('%s', (_name, { make, ours, pyhanko: theirs, pdfsig: popplers }) => {
    it('here', async () => {
      const profile = {
        name: 'test',
        anchorsDer: [tools.rootDer],
        intermediatesDer: [],
        crlsDer: [],
        ocspDer: [],
      };
      const report = await verifyPdf(make(twice), {
        fileName: 'a.pdf',
        trust: { profiles: () => Promise.resolve([profile]) },
        at: new Date(),
      });
      expect(report.signatures.map(({ indication }) => indication)).toEqual(ours);
    });

    (hasPyhanko ? it : it.skip)('in pyHanko', () => {
      const file = tools.write('agreement.pdf', make(twice));
      const roots = [tools.file('root.pem')];
      const [verdicts] = pyhanko([{ do: 'verify', in: file, roots }]) as readonly string[][];
      expect(verdicts?.map((verdict) => verdict.replace(/:.*/, ''))).toEqual(theirs);
    });

    (hasPdfsig ? it : it.skip)('in poppler', () => {
      expect(pdfsig(tools.write('agreement.pdf', make(twice)))).toEqual(popplers);
    });
  });
});

/** Files signed with the libraries that other products are built on, alone, one after another and with ours. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encode } from 'fast-png';
import { verifyPdf, type VerificationReport } from '../../../src/verification/index.js';
import { samplePdf } from '../../support/contract-pdf.js';
import { formPdf } from '../../support/form-pdf.js';
import { signPdf } from '../../support/sign-pdf.js';
import { TestPki } from '../../support/test-pki.js';
import { hasOpenssl } from '../pki/openssl.js';
import { OpensslPki, hasPdfsig, whereThereIs } from './peers.js';
import { OtherSigners, hasJavaSigners, hasNss, type SigningStep } from './signers.js';

type Step = SigningStep | { readonly by: 'ours' };

let tools: OpensslPki;
let others: OtherSigners;
let ours: Awaited<ReturnType<TestPki['issue']>>;
let ourRoot: Uint8Array;
let image: string;

beforeAll(async () => {
  if (!hasOpenssl) return;
  tools = new OpensslPki();
  others = new OtherSigners(tools);
  const pki = await TestPki.create();
  ours = await pki.issue('CN=甲,O=示例市财政局,C=CN', { key: 'P-256' });
  ourRoot = pki.rootDer;
  image = tools.write('seal.png', ring());
});

afterAll(() => {
  if (hasOpenssl) tools.dispose();
});

/** A red ring on nothing: a seal as products store it. */
function ring(): Uint8Array {
  const width = 120;
  const data = new Uint8Array(width * width * 4);
  for (let y = 0; y < width; y++) {
    for (let x = 0; x < width; x++) {
      const distance = Math.hypot(x - width / 2, y - width / 2);
      if (distance > 50 && distance < 58) data.set([220, 0, 0, 255], (y * width + x) * 4);
    }
  }
  return encode({ width, height: width, data, channels: 4 });
}

async function run(base: Uint8Array, steps: readonly Step[]): Promise<VerificationReport> {
  let pdf = base;
  let theirs: SigningStep[] = [];
  const runTheirs = (): void => {
    pdf = others.run(pdf, theirs);
    theirs = [];
  };
  for (const step of steps) {
    if (step.by === 'ours') {
      runTheirs();
      pdf = await signPdf(pdf, ours);
    } else theirs.push(withImage(step));
  }
  runTheirs();
  const profile = {
    name: 'test',
    anchorsDer: [tools.rootDer, ourRoot],
    intermediatesDer: [],
    crlsDer: [],
    ocspDer: [],
  };
  return verifyPdf(pdf, {
    fileName: 'a.pdf',
    trust: { profiles: () => Promise.resolve([profile]) },
    at: new Date(Date.now() + 60_000),
  });
}

function withImage(step: SigningStep): SigningStep {
  return step.by === 'pdfbox' && step.options?.['at'] !== undefined
    ? { ...step, options: { ...step.options, image } }
    : step;
}

const box = (options?: SigningStep['options']): Step => ({
  by: 'pdfbox',
  ...(options && { options }),
});
const open = (options?: SigningStep['options']): Step => ({
  by: 'openpdf',
  ...(options && { options }),
});
const poppler: Step = { by: 'pdfsig' };
const our: Step = { by: 'ours' };

const JAVA: readonly (readonly [string, readonly Step[]])[] = [
  ['PDFBox, three times', [box(), box({ at: '400,500' }), box({ at: '400,300' })]],
  ['PDFBox, certified and signed', [box({ certify: 2 }), box({ at: '400,500' })]],
  ['PDFBox, certified against all changes', [box({ certify: 1 })]],
  [
    'OpenPDF, three times',
    [open(), open({ at: '400,300', field: 'B' }), open({ at: '400,200', field: 'C' })],
  ],
  [
    'OpenPDF, certified and signed',
    [open({ certify: 2, at: '400,300', field: 'A' }), open({ at: '400,200', field: 'B' })],
  ],
  [
    'PDFBox behind OpenPDF behind PDFBox',
    [box({ at: '400,500' }), open({ at: '400,100', field: 'B' }), box({ at: '400,300' })],
  ],
  [
    'ours, PDFBox, ours, OpenPDF',
    [our, box({ at: '400,500' }), our, open({ at: '400,100', field: 'D' })],
  ],
];

const POPPLER: readonly (readonly [string, readonly Step[]])[] = [
  ['poppler, twice', [poppler, poppler]],
  ['poppler behind ours behind poppler', [poppler, our, poppler]],
];

async function passes(base: Uint8Array, steps: readonly Step[]): Promise<void> {
  const report = await run(base, steps);
  const signed = steps.filter(({ by }) => by !== 'fill');
  expect(
    report.signatures.map(({ indication, changesAfter }) => [indication, changesAfter.verdict]),
  ).toEqual(
    signed.map((_, index) => ['TOTAL-PASSED', index === signed.length - 1 ? 'none' : 'permitted']),
  );
}

describe.each(['classic', 'compressed'] as const)('a %s file signed by', (kind) => {
  const base = (): Promise<Uint8Array> => samplePdf({ useObjectStreams: kind === 'compressed' });
  const areJava = hasJavaSigners && hasOpenssl;

  whereThereIs(
    areJava,
    'Java',
    describe,
  )('libraries in Java:', () => {
    it.each(JAVA)('%s', async (_name, steps) => passes(await base(), steps));
  });

  whereThereIs(
    hasNss && hasPdfsig && hasOpenssl,
    'poppler with NSS',
    describe,
  )('NSS:', () => {
    it.each(POPPLER)('%s', async (_name, steps) => passes(await base(), steps));
  });
});

whereThereIs(
  hasJavaSigners && hasOpenssl,
  'Java',
  describe,
)('a form', () => {
  const fill: Step = { by: 'fill', options: { field: 'amount', value: '1,409.50' } };

  it.each([
    ['PDFBox', box({ certify: 2 }), box({ at: '400,600' })],
    ['OpenPDF', open({ certify: 2, at: '400,100', field: 'A' }), box({ at: '400,600' })],
    ['OpenPDF and ourselves', open({ certify: 2, at: '400,100', field: 'A' }), our],
  ])('certified, filled in and signed by %s', async (_name, certify, sign) => {
    await passes(await formPdf(), [certify, fill, sign]);
  });

  it('certified against filling in by PDFBox, and filled in nevertheless', async () => {
    const report = await run(await formPdf(), [box({ certify: 1 }), fill]);
    expect(report.signatures).toMatchObject([
      { indication: 'TOTAL-FAILED', changesAfter: { verdict: 'forbidden' } },
    ]);
  });
});

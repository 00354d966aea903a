/** Files that others signed soundly: none of them may be refused. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MemorySource, concatBytes } from '../../../src/kernel/index.js';
import { digestPrepared, embedCms, prepareSignature } from '../../../src/pades/index.js';
import { openPdf } from '../../../src/pdf/index.js';
import { verifyPdf, type VerificationReport } from '../../../src/verification/index.js';
import { formPdf } from '../../attacks/shadow.js';
import { samplePdf } from '../../support/contract-pdf.js';
import { signPdf } from '../../support/sign-pdf.js';
import { TestPki } from '../../support/test-pki.js';
import { hasOpenssl } from '../pki/openssl.js';
import { hasPyhanko, OpensslPki, pyhanko, whereThereIs, type Job } from './peers.js';

let tools: OpensslPki;
let plain: Uint8Array;

beforeAll(async () => {
  if (!hasOpenssl) return;
  tools = new OpensslPki();
  plain = await samplePdf();
});

afterAll(() => {
  if (hasOpenssl) tools.dispose();
});

function verify(pdf: Uint8Array, anchors: readonly Uint8Array[] = []): Promise<VerificationReport> {
  const profile = {
    name: 'test',
    anchorsDer: [tools.rootDer, ...anchors],
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

const codes = (report: VerificationReport): readonly string[] =>
  report.signatures.flatMap(({ messages }) => messages.map(({ code }) => code));

describe.each(['classic', 'compressed'] as const)('pyHanko, %s file', (kind) => {
  const key = (): Job => ({
    key: tools.file('ee.key'),
    cert: tools.file('ee.pem'),
    chain: [tools.file('root.pem')],
  });
  /** Runs the jobs over `base`, each on the output of the one before. */
  const chain = (base: Uint8Array, jobs: readonly Job[]): Uint8Array => {
    let input = tools.write('0.pdf', base);
    const steps = jobs.map((job, index) => {
      const step = { ...key(), in: input, out: tools.file(`${index + 1}.pdf`), ...job };
      input = step.out;
      return step;
    });
    pyhanko(steps);
    return tools.read(`${jobs.length}.pdf`);
  };
  const base = (): Promise<Uint8Array> => samplePdf({ useObjectStreams: kind === 'compressed' });

  whereThereIs(
    hasPyhanko && hasOpenssl,
    'pyHanko',
    describe,
  )('signs', () => {
    it.each<readonly [string, readonly Job[]]>([
      ['once', [{ do: 'sign', field: 'A' }]],
      ['visibly', [{ do: 'sign', field: 'A', box: [50, 50, 200, 120] }]],
      ['with SHA-512', [{ do: 'sign', field: 'A', digest: 'sha512' }]],
      [
        'twice',
        [
          { do: 'sign', field: 'A' },
          { do: 'sign', field: 'B', box: [50, 50, 200, 120] },
        ],
      ],
      ['a field with a seed', [{ do: 'sign', field: 'A', seed: true }]],
      [
        'after certifying',
        [
          { do: 'sign', field: 'A', certify: 2 },
          { do: 'sign', field: 'B' },
        ],
      ],
      ['and certifies against all changes', [{ do: 'sign', field: 'A', certify: 1 }]],
      [
        'and adds validation data',
        [
          { do: 'sign', field: 'A' },
          { do: 'dss', certs: [] },
        ],
      ],
      [
        'under a certification with validation data',
        [
          { do: 'sign', field: 'A', certify: 1 },
          { do: 'dss', certs: [] },
        ],
      ],
      [
        'between validation data',
        [
          { do: 'sign', field: 'A' },
          { do: 'dss', certs: ['root'] },
          { do: 'sign', field: 'B' },
          { do: 'dss', certs: ['root', 'ee'] },
        ],
      ],
      ['three times', ['A', 'B', 'C'].map((field) => ({ do: 'sign', field }))],
    ])('%s', async (_name, jobs) => {
      const file = chain(
        await base(),
        jobs.map((job) => ({
          ...job,
          ...(Array.isArray(job['certs'])
            ? { certs: job['certs'].map((name) => tools.file(`${String(name)}.pem`)) }
            : {}),
        })),
      );
      const report = await verify(file);
      expect(
        report.signatures.map((each) => [each.indication, each.level, ...each.messages]),
      ).toEqual(
        jobs
          .filter(({ do: what }) => what === 'sign')
          .map(() => [
            'TOTAL-PASSED',
            'B-B',
            expect.objectContaining({ code: 'revocation-not-declared' }),
          ]),
      );
    });

    it('as Acrobat did, which is sound and not PAdES', async () => {
      const report = await verify(
        chain(await base(), [{ do: 'sign', field: 'A', subfilter: 'pkcs7' }]),
      );
      expect(report.signatures[0]).toMatchObject({ indication: 'TOTAL-PASSED', level: null });
      expect(codes(report)).toContain('not-pades');
    });

    it('behind our signature, and we behind its', async () => {
      const pki = await TestPki.create();
      const ours = await pki.issue('CN=甲,O=示例市财政局,C=CN', { key: 'P-256' });
      const first = await signPdf(await base(), ours);
      const file = await signPdf(chain(first, [{ do: 'sign', field: 'A' }]), ours);
      const report = await verify(file, [pki.rootDer]);
      expect(report.signatures.map(({ indication }) => indication)).toEqual([
        'TOTAL-PASSED',
        'TOTAL-PASSED',
        'TOTAL-PASSED',
      ]);
    });

    it('a form that is filled in afterwards', async () => {
      if (kind === 'compressed') return;
      const look = 'BT /F1 12 Tf 2 8 Td (new) Tj ET';
      const steps = [
        { do: 'sign', field: 'A', certify: 2 },
        { do: 'fill', field: 'Note', value: 'new', look },
        { do: 'sign', field: 'B' },
      ];
      const report = await verify(chain(formPdf(plain), steps));
      expect(report.signatures.map(({ indication }) => indication)).toEqual([
        'TOTAL-PASSED',
        'TOTAL-PASSED',
      ]);
      expect(report.signatures[0]?.changesAfter.details.join()).toContain('form-filling');
    });

    it('and locks a field that is filled in nevertheless', async () => {
      if (kind === 'compressed') return;
      const look = 'BT /F1 12 Tf 2 8 Td (new) Tj ET';
      const report = await verify(
        chain(formPdf(plain), [
          { do: 'sign', field: 'A', lock: ['Note'] },
          { do: 'fill', field: 'Note', value: 'new', look },
        ]),
      );
      expect(report.signatures[0]?.indication).toBe('TOTAL-FAILED');
    });
  });
});

whereThereIs(
  hasOpenssl,
  'openssl',
  describe,
)('a CMS that openssl made', () => {
  /** Fills a hole of ours with what openssl signs over the bytes around it. */
  function signedBy(...options: readonly string[]): Uint8Array {
    const document = openPdf(new MemorySource(plain));
    const prepared = prepareSignature(document, { claimedAt: new Date(), contentsBytes: 8192 });
    const whole = concatBytes([plain, prepared.appended]);
    const { start, end } = prepared.contents;
    tools.write('content', concatBytes([whole.subarray(0, start), whole.subarray(end)]));
    tools.run(
      'cms',
      '-sign',
      '-binary',
      '-in',
      'content',
      '-inkey',
      'ee.key',
      '-signer',
      'ee.pem',
      '-outform',
      'DER',
      '-out',
      'cms.der',
      ...options,
    );
    expect(digestPrepared(new MemorySource(plain), prepared, 'sha256')).toHaveLength(32);
    return concatBytes([plain, embedCms(prepared, tools.read('cms.der'))]);
  }

  it.each<readonly [string, readonly string[], boolean]>([
    ['as PAdES wants it', ['-cades'], true],
    ['with signing-time', [], false],
    ['with the subject key identifier', ['-cades', '-keyid'], true],
    ['without signed attributes', ['-noattr'], false],
    ['with PSS', ['-cades', '-keyopt', 'rsa_padding_mode:pss'], true],
    ['with SHA-384', ['-cades', '-md', 'sha384'], true],
    ['with the root beside the signer', ['-cades', '-certfile', 'root.pem'], true],
  ])('%s', async (_name, options, isPades) => {
    const report = await verify(signedBy(...options));
    expect(report.signatures[0]).toMatchObject({ indication: 'TOTAL-PASSED' });
    expect(codes(report).includes('not-pades')).toBe(!isPades);
  });

  it('with SHA-1 is not relied on', async () => {
    const report = await verify(signedBy('-md', 'sha1'));
    expect(report.signatures[0]).toMatchObject({
      indication: 'INDETERMINATE',
      subIndication: 'CRYPTO_CONSTRAINTS_FAILURE',
    });
  });
});

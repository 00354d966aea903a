import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  AppError,
  bytesToLatin1,
  concatBytes,
  latin1ToBytes,
  toHex,
} from '../../../src/kernel/index.js';
import type { Signer } from '../../../src/pades/index.js';
import { PdfDict, PdfStream, type PdfRef } from '../../../src/pdf/index.js';
import {
  verifyPdf,
  type VerificationReport,
  type VerifyOptions,
} from '../../../src/verification/index.js';
import { appendRevision } from '../../support/append-revision.js';
import { samplePdf } from '../../support/contract-pdf.js';
import { signPdf } from '../../support/sign-pdf.js';
import { KeyUsageFlags, TestPki } from '../../support/test-pki.js';
import { trustOf } from '../../support/trust.js';

const at = new Date('2026-11-23T00:00:00Z');
let pki: TestPki;
let supplier: Signer;
let buyer: Signer;
let pdf: Uint8Array;
let twice: Uint8Array;

beforeAll(async () => {
  pki = await TestPki.create();
  supplier = await pki.issue('CN=乙,O=示例供应商,C=CN', { key: 'P-256' });
  buyer = await pki.issue('CN=甲,O=示例市财政局,C=CN');
  pdf = await samplePdf();
  twice = await signPdf(await signPdf(pdf, supplier), buyer);
});

function verify(
  file: Uint8Array,
  options: Partial<VerifyOptions> = {},
): Promise<VerificationReport> {
  return verifyPdf(file, { fileName: 'a.pdf', trust: trustOf(pki), at, ...options });
}

const codes = (report: VerificationReport, index = 0): readonly string[] =>
  report.signatures[index]?.messages.map(({ code }) => code) ?? [];

describe('a sound file', () => {
  it('passes, signature by signature, with what each one covers', async () => {
    const report = await verify(twice);
    expect(report).toMatchObject({
      file: 'a.pdf',
      indication: 'TOTAL-PASSED',
      revisions: 3,
      repaired: false,
      signatures: [
        {
          field: 'Signature1',
          kind: 'signature',
          indication: 'TOTAL-PASSED',
          subIndication: null,
          level: 'B-B',
          subFilter: 'ETSI.CAdES.detached',
          digest: 'sha256',
          algorithm: 'ECDSA',
          signer: { unit: '示例供应商' },
          claimedTime: '2026-11-20T08:00:00Z',
          coverage: 'whole-revision',
          revision: 2,
          changesAfter: {
            verdict: 'permitted',
            changes: [
              {
                code: 'signature',
                permitted: true,
                revision: 3,
                field: 'Signature2',
                text: '增加了签名',
              },
            ],
          },
        },
        {
          field: 'Signature2',
          algorithm: 'RSASSA-PKCS1-v1_5',
          coverage: 'whole-file',
          revision: 3,
          changesAfter: { verdict: 'none', details: [], changes: [] },
          certificate: {
            indication: 'TOTAL-PASSED',
            chain: [expect.stringContaining('甲'), expect.stringContaining('测试根证书')],
          },
        },
      ],
    });
  });

  it.each(['rsa-3072', 'P-384'] as const)('passes with %s and PSS where it can', async (key) => {
    const signer = await pki.issue('CN=甲,O=示例市财政局,C=CN', { key });
    const isPss = key === 'rsa-3072';
    const report = await verify(await signPdf(pdf, signer, { isPss, digest: 'sha384' }));
    expect(report.signatures[0]).toMatchObject({
      indication: 'TOTAL-PASSED',
      digest: 'sha384',
      algorithm: isPss ? 'RSASSA-PSS' : 'ECDSA',
    });
  });

  it('without a signature says so', async () => {
    expect((await verify(pdf)).indication).toBe('NO-SIGNATURE');
  });
});

describe('an altered file', () => {
  /** The indication, or the code of the error, for `file` with one bit turned over. */
  async function withBitTurned(file: Uint8Array, index: number, bit: number): Promise<string> {
    const altered = file.slice();
    altered[index] = altered[index]! ^ bit;
    try {
      return (await verify(altered)).indication;
    } catch (error) {
      expect(error).toBeInstanceOf(AppError);
      return (error as AppError).code;
    }
  }

  it('is found out at every digit of the signature', async () => {
    const chained = { ...supplier, chainDer: [pki.rootDer] };
    const once = await signPdf(pdf, chained);
    const start = bytesToLatin1(once).indexOf('/Contents <') + '/Contents <'.length;
    const used = bytesToLatin1(once.subarray(start)).search(/0{64}/);
    const passed: number[] = [];
    for (let i = 0; i < used; i++) {
      const altered = once.slice();
      const digit = Number.parseInt(String.fromCharCode(once[start + i]!), 16) ^ (1 << (i & 3));
      altered[start + i] = digit.toString(16).charCodeAt(0);
      if ((await verify(altered)).indication === 'TOTAL-PASSED') passed.push(i);
    }
    expect(used).toBeGreaterThan(2000);
    expect(passed).toEqual([]);
  });

  it('is found out at every place', async () => {
    const once = await signPdf(pdf, supplier);
    const passed: number[] = [];
    // A prime stride meets every part of the file, and every bit in turn.
    for (let i = 0; i < once.length; i += 13) {
      if ((await withBitTurned(once, i, 1 << (i & 7))) === 'TOTAL-PASSED') passed.push(i);
    }
    expect(passed).toEqual([]);
  });

  it('fails with HASH_FAILURE where signed text was changed', async () => {
    const once = await signPdf(pdf, buyer);
    const altered = once.slice();
    const header = altered.indexOf('7'.charCodeAt(0), 5);
    altered[header] = '6'.charCodeAt(0);
    expect((await verify(altered)).signatures[0]).toMatchObject({
      indication: 'TOTAL-FAILED',
      subIndication: 'HASH_FAILURE',
    });
  });

  it('fails where content was replaced by a later revision, though both digests hold', async () => {
    const file = appendRevision(twice, (writer, document) => {
      const contents = document.pages.get(0).dict.get('Contents');
      const ref = (document.resolveArray(contents)?.items[0] ?? contents) as PdfRef;
      writer.set(ref, PdfStream.of(PdfDict.of({}), latin1ToBytes('BT ET')));
    });
    const report = await verify(file);
    expect(report.indication).toBe('TOTAL-FAILED');
    for (const index of [0, 1]) {
      expect(report.signatures[index]).toMatchObject({
        subIndication: 'FORMAT_FAILURE',
        changesAfter: { verdict: 'forbidden' },
      });
      expect(codes(report, index)).toContain('modified-after-signing');
    }
    expect(report.signatures[0]?.changesAfter.details.join()).toContain('第 1 页');
    expect(report.signatures[0]?.changesAfter.changes).toContainEqual({
      code: 'page-content',
      permitted: false,
      revision: 4,
      page: 1,
      place: null,
      field: null,
      text: '页面内容被改动',
      textEn: 'the content of the page was changed',
    });
  });

  it.each([
    [
      'an update without end mark',
      '\n9 0 obj\n<</Type/Catalog>>\nendobj\ntrailer\n<</Root 9 0 R>>\n',
    ],
    ['a lone object', '9 0 obj\n(x)\nendobj\n'],
    ['text', 'hidden'],
  ])('fails with %s after its end', async (_name, tail) => {
    const report = await verify(concatBytes([twice, latin1ToBytes(tail)]));
    expect(report.indication).not.toBe('TOTAL-PASSED');
  });
});

describe('the certificate', () => {
  it('of an unknown authority leaves the signature undecided', async () => {
    const other = await TestPki.create('CN=另一根证书,O=其他机构,C=CN');
    const report = await verify(twice, { trust: trustOf(other) });
    expect(report.signatures[0]).toMatchObject({
      indication: 'INDETERMINATE',
      subIndication: 'NO_CERTIFICATE_CHAIN_FOUND',
    });
  });

  it("of an impostor with the authority's name does not pass", async () => {
    const impostor = await TestPki.create();
    const forged = await signPdf(pdf, await impostor.issue('CN=甲,O=示例市财政局,C=CN'));
    expect((await verify(forged)).indication).not.toBe('TOTAL-PASSED');
  });

  it('that had expired when the document was signed fails it', async () => {
    const expired = await pki.issue('CN=甲,O=示例市财政局,C=CN', {
      notAfter: new Date('2026-10-01T00:00:00Z'),
    });
    const report = await verify(await signPdf(pdf, expired));
    expect(report.signatures[0]).toMatchObject({
      indication: 'TOTAL-FAILED',
      subIndication: 'EXPIRED',
    });
  });

  it('that has expired since leaves it undecided, unless its time is proved', async () => {
    const brief = await pki.issue('CN=甲,O=示例市财政局,C=CN', {
      notAfter: new Date('2026-11-21T00:00:00Z'),
    });
    const file = await signPdf(pdf, brief);
    expect((await verify(file)).signatures[0]).toMatchObject({
      indication: 'INDETERMINATE',
      subIndication: 'OUT_OF_BOUNDS_NO_POE',
    });
    const provedAt = () => Promise.resolve(new Date('2026-11-20T09:00:00Z'));
    expect((await verify(file, { provedAt })).signatures[0]).toMatchObject({
      indication: 'TOTAL-PASSED',
      bestSignatureTime: '2026-11-20T09:00:00Z',
    });
  });

  it('that is not for signing does not pass', async () => {
    const encryption = await pki.issue('CN=甲,O=示例市财政局,C=CN', {
      usage: KeyUsageFlags.keyEncipherment | KeyUsageFlags.dataEncipherment,
    });
    const report = await verify(await signPdf(pdf, encryption));
    expect(report.indication).toBe('INDETERMINATE');
    expect(codes(report)).toContain('key-usage-unsuitable');
  });

  it('swapped for another in the signature is not believed', async () => {
    const pair = {
      ...buyer,
      certificateDer: supplier.certificateDer,
      algorithm: supplier.algorithm,
    };
    const signer: Signer = {
      ...pair,
      sign: (message) => buyer.sign(message, { padding: 'pkcs1-v1_5', digest: 'sha256' }),
    };
    const report = await verify(await signPdf(pdf, signer));
    expect(report.signatures[0]).toMatchObject({
      indication: 'TOTAL-FAILED',
      subIndication: 'SIG_CRYPTO_FAILURE',
    });
  });
});

it('keeps the digest of the file that was asked about', async () => {
  const { createHash } = await import('node:crypto');
  const digest = toHex(new Uint8Array(createHash('sha256').update(twice).digest()));
  expect((await verify(twice)).sha256).toBe(digest);
});

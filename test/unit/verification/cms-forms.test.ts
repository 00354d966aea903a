/** Sound CMS in the forms that producers other than ours write, and unsound ones that look alike. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  MemorySource,
  concatBytes,
  digestBytes,
  fromHex,
  latin1ToBytes,
} from '../../../src/kernel/index.js';
import {
  digestPrepared,
  embedCms,
  prepareSignature,
  type Signer,
} from '../../../src/pades/index.js';
import { openPdf } from '../../../src/pdf/index.js';
import {
  Asn1Reader,
  OID,
  buildAttribute,
  buildSignedAttributes,
  buildSignedData,
  derOctets,
  derOid,
  derSequence,
  derSetOf,
} from '../../../src/pki/index.js';
import { verifyPdf, type SignatureReport } from '../../../src/verification/index.js';
import { samplePdf } from '../../support/contract-pdf.js';
import { TestPki } from '../../support/test-pki.js';
import { trustOf } from '../../support/trust.js';

const scheme = { padding: 'ecdsa', digest: 'sha256' } as const;
const END = fromHex('0000') ?? new Uint8Array();
let pki: TestPki;
let signer: Signer;
let plain: Uint8Array;

beforeAll(async () => {
  pki = await TestPki.create();
  signer = await pki.issue('CN=甲,O=示例市财政局,C=CN', { key: 'P-256' });
  plain = await samplePdf();
});

/** The report on a file whose attributes and CMS are as `attributes` and `encode` make them. */
async function signedWith(
  attributes: (messageDigest: Uint8Array) => Uint8Array,
  encode: (cms: Uint8Array) => Uint8Array = (cms) => cms,
): Promise<SignatureReport> {
  const base = new MemorySource(plain);
  const prepared = prepareSignature(openPdf(base), {
    claimedAt: new Date('2026-11-20T08:00:00Z'),
    contentsBytes: 4096,
  });
  const signedAttributes = attributes(digestPrepared(base, prepared, 'sha256'));
  const cms = buildSignedData({
    signedAttributes,
    signature: await signer.sign(signedAttributes, scheme),
    scheme,
    digestAlgorithm: 'sha256',
    signingCertificateDer: signer.certificateDer,
    chainDer: [],
  });
  const file = concatBytes([plain, embedCms(prepared, encode(cms))]);
  const at = new Date('2026-11-23T00:00:00Z');
  const report = await verifyPdf(file, { fileName: 'a.pdf', trust: trustOf(pki), at });
  const [only] = report.signatures;
  if (only === undefined) throw new Error('no signature');
  return only;
}

const usual = (messageDigest: Uint8Array): Uint8Array =>
  buildSignedAttributes({
    messageDigest,
    digestAlgorithm: 'sha256',
    signingCertificateDer: signer.certificateDer,
  });

/** The outer levels in indefinite length, as streaming producers write them. */
function indefinite(cms: Uint8Array): Uint8Array {
  const info = new Asn1Reader(cms).enter();
  const type = info.read();
  const signedData = info.read().enter().read();
  return concatBytes([
    latin1ToBytes('\x30\x80'),
    type.raw,
    latin1ToBytes('\xa0\x80\x30\x80'),
    signedData.content,
    END,
    END,
    END,
  ]);
}

describe('a CMS', () => {
  it('in BER passes', async () => {
    expect(await signedWith(usual, indefinite)).toMatchObject({ indication: 'TOTAL-PASSED' });
  });

  it('in BER with something inside the end-of-contents does not', async () => {
    const broken = (cms: Uint8Array): Uint8Array =>
      concatBytes([indefinite(cms).slice(0, -2), latin1ToBytes('\x00\x01\x00')]);
    expect((await signedWith(usual, broken)).indication).toBe('TOTAL-FAILED');
  });

  it('with signing-certificate of version 1 passes', async () => {
    const report = await signedWith((messageDigest) =>
      derSetOf([
        buildAttribute(OID.contentType, derOid(OID.data)),
        buildAttribute(OID.messageDigest, derOctets(messageDigest)),
        buildAttribute(
          OID.signingCertificate,
          derSequence(
            derSequence(derSequence(derOctets(digestBytes('sha1', signer.certificateDer)))),
          ),
        ),
      ]),
    );
    expect(report.indication).toBe('TOTAL-PASSED');
  });

  it('with the message digest given twice does not', async () => {
    const report = await signedWith((messageDigest) =>
      derSetOf([
        buildAttribute(OID.contentType, derOid(OID.data)),
        buildAttribute(OID.messageDigest, derOctets(messageDigest)),
        buildAttribute(OID.messageDigest, derOctets(digestBytes('sha256', plain))),
      ]),
    );
    expect(report).toMatchObject({ indication: 'TOTAL-FAILED', subIndication: 'FORMAT_FAILURE' });
  });

  it('without a message digest signs nothing', async () => {
    const report = await signedWith(() =>
      derSetOf([buildAttribute(OID.contentType, derOid(OID.data))]),
    );
    expect(report).toMatchObject({ indication: 'TOTAL-FAILED', subIndication: 'HASH_FAILURE' });
  });

  it('that binds another certificate is not believed', async () => {
    const other = await pki.issue('CN=乙,O=示例供应商,C=CN', { key: 'P-256' });
    const report = await signedWith((messageDigest) =>
      buildSignedAttributes({
        messageDigest,
        digestAlgorithm: 'sha256',
        signingCertificateDer: other.certificateDer,
      }),
    );
    expect(report.indication).not.toBe('TOTAL-PASSED');
  });
});

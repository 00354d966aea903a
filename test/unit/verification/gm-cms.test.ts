/** Signatures in the forms of domestic sealing products: GB/T 35275 around the SM3 of the ranges. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  MemorySource,
  bytesToLatin1,
  concatBytes,
  digestBytes,
  latin1ToBytes,
  toHex,
} from '../../../src/kernel/index.js';
import { prepareSignature } from '../../../src/pades/index.js';
import { openPdf } from '../../../src/pdf/index.js';
import {
  OID,
  TAG,
  buildSignedAttributes,
  derContext,
  derElement,
  derInteger,
  derNull,
  derOctets,
  derOid,
  derSequence,
  readIssuerAndSerial,
  retag,
} from '../../../src/pki/index.js';
import type { TrustStore } from '../../../src/trust/index.js';
import { verifyPdf, type SignatureReport } from '../../../src/verification/index.js';
import { samplePdf } from '../../support/contract-pdf.js';
import { NOW, testAuthority, testKey, testLeaf, type TestAuthority } from '../pki/test-pki.js';

let root: TestAuthority;
let signer: TestAuthority;
let pdf: Uint8Array;

beforeAll(async () => {
  root = await testAuthority('CN=测试根CA,C=CN', undefined, { key: testKey('SM2') });
  signer = await testLeaf('CN=示例市教育局,O=示例市教育局,C=CN', root, { key: testKey('SM2') });
  pdf = await samplePdf();
});

interface Form {
  readonly subFilter?: string;
  /** What the CMS holds, from the SM3 of the ranges; `undefined` for nothing. */
  readonly content?: (digest: Uint8Array) => Uint8Array | undefined;
  readonly hasAttributes?: boolean;
  /** What is signed without attributes, from the SM3 and the ranges; the content unless given. */
  readonly message?: (digest: Uint8Array, ranges: Uint8Array) => Uint8Array;
  readonly identifiers?: 'GB/T 35275' | 'RFC 5652';
  readonly signatureAlgorithm?: string;
  readonly hasNullParameters?: boolean;
  /** Bytes of the file changed after signing. */
  readonly isAltered?: boolean;
}

/** The value is OpenSSL's, under the user id of GM/T 0009; the structure around it is put together here. */
function signByOpenssl(message: Uint8Array): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'gm-cms-'));
  try {
    const key = join(folder, 'key.pem');
    writeFileSync(key, signer.key.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const options = ['-sigopt', 'distid:1234567812345678'];
    return new Uint8Array(
      execFileSync('openssl', ['dgst', '-sm3', '-sign', key, ...options], { input: message }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function signed(form: Form): Uint8Array {
  const prepared = prepareSignature(openPdf(new MemorySource(pdf)), {
    claimedAt: NOW,
    contentsBytes: 8192,
  });
  const name = '/ETSI.CAdES.detached';
  const subFilter = form.subFilter ?? 'GM.sm2cms.detached';
  const file = latin1ToBytes(
    bytesToLatin1(concatBytes([pdf, prepared.appended])).replace(
      name,
      `/${subFilter}`.padEnd(name.length),
    ),
  );
  const { start, end } = prepared.contents;
  const ranges = concatBytes([file.subarray(0, start), file.subarray(end)]);
  const cms = cmsOf(form, ranges);
  const hex = toHex(cms).padEnd(end - start - 2, '0');
  const whole = concatBytes([
    file.subarray(0, start + 1),
    latin1ToBytes(hex),
    file.subarray(end - 1),
  ]);
  // A digit of the header's binary comment: seen by no parser.
  if (form.isAltered === true) whole[whole.indexOf(0x25, 1) + 1]! ^= 1;
  return whole;
}

function cmsOf(form: Form, ranges: Uint8Array): Uint8Array {
  const digest = digestBytes('sm3', ranges);
  const content = (form.content ?? ((each) => each))(digest);
  const isDomestic = form.identifiers !== 'RFC 5652';
  const contentType = isDomestic ? OID.gmData : OID.data;
  const certificate = signer.certificate.der;
  const attributes =
    form.hasAttributes === true
      ? buildSignedAttributes({
          messageDigest: digestBytes('sm3', content ?? ranges),
          digestAlgorithm: 'sm3',
          signingCertificateDer: certificate,
          contentType,
        })
      : undefined;
  const message = attributes ?? form.message?.(digest, ranges) ?? content ?? ranges;
  const { issuerDer, serialDer } = readIssuerAndSerial(certificate);
  const parameters = form.hasNullParameters === true ? derNull() : undefined;
  const sm3 = derSequence(derOid('1.2.156.10197.1.401'), parameters);
  const signerInfo = derSequence(
    derInteger(1),
    derSequence(issuerDer, serialDer),
    sm3,
    attributes === undefined ? undefined : retag(attributes, 0xa0),
    derSequence(derOid(form.signatureAlgorithm ?? OID.sm2WithSm3), parameters),
    derOctets(signByOpenssl(message)),
  );
  const signedData = derSequence(
    derInteger(1),
    derElement(TAG.set, sm3),
    derSequence(
      derOid(contentType),
      content === undefined ? undefined : derContext(0, derOctets(content)),
    ),
    derElement(0xa0, certificate),
    derElement(TAG.set, signerInfo),
  );
  return derSequence(
    derOid(isDomestic ? OID.gmSignedData : OID.signedData),
    derContext(0, signedData),
  );
}

async function judged(form: Form): Promise<SignatureReport> {
  const profile = {
    name: 'all',
    usages: ['contract-signing'] as const,
    anchorsDer: [root.certificate.der],
    intermediatesDer: [],
    crlsDer: [],
    ocspDer: [],
  };
  const trust: TrustStore = { profiles: () => Promise.resolve([profile]) };
  const report = await verifyPdf(signed(form), { fileName: 'a.pdf', trust, at: NOW });
  return report.signatures[0]!;
}

const nothing = (): undefined => undefined;

describe('a signature by SM2 in a CMS', () => {
  it.each<[string, Form]>([
    ['around the digest, without attributes', {}],
    ['around the digest, with attributes', { hasAttributes: true }],
    ['around the digest, under the identifiers of RFC 5652', { identifiers: 'RFC 5652' }],
    ['around the digest, under the name of PDF', { subFilter: 'adbe.pkcs7.detached' }],
    ['detached, without attributes', { content: nothing }],
    ['detached, with attributes', { content: nothing, hasAttributes: true }],
    [
      'detached, as PAdES has it',
      {
        content: nothing,
        hasAttributes: true,
        subFilter: 'ETSI.CAdES.detached',
        identifiers: 'RFC 5652',
      },
    ],
    ['whose algorithm is the curve with signing', { signatureAlgorithm: OID.sm2Sign }],
    ['whose algorithms have NULL for parameters', { hasNullParameters: true }],
  ])('passes %s', async (_, form) => {
    expect(await judged(form)).toMatchObject({
      indication: 'TOTAL-PASSED',
      digest: 'sm3',
      algorithm: 'SM2',
      certificate: { indication: 'TOTAL-PASSED' },
    });
  });

  it.each<[string, Form, string, string]>([
    ['around the digest of other bytes', { isAltered: true }, 'HASH_FAILURE', 'digest-mismatch'],
    [
      'around the digest of other bytes, with attributes',
      { isAltered: true, hasAttributes: true },
      'HASH_FAILURE',
      'digest-mismatch',
    ],
    [
      'around another digest',
      { content: () => new Uint8Array(32) },
      'HASH_FAILURE',
      'digest-mismatch',
    ],
    [
      'around content that is no digest',
      { content: (digest) => digest.subarray(0, 31) },
      'FORMAT_FAILURE',
      'signed-attributes-irregular',
    ],
    [
      'around the digest under the name of PAdES, which is detached',
      { subFilter: 'ETSI.CAdES.detached' },
      'FORMAT_FAILURE',
      'signed-attributes-irregular',
    ],
    [
      'that signs something else than it holds',
      { message: (digest) => digestBytes('sm3', digest) },
      'SIG_CRYPTO_FAILURE',
      'signature-value-invalid',
    ],
    [
      'that holds nothing and signs the digest',
      { content: nothing, message: (digest) => digest },
      'SIG_CRYPTO_FAILURE',
      'signature-value-invalid',
    ],
    [
      'detached over other bytes',
      { content: nothing, isAltered: true },
      'SIG_CRYPTO_FAILURE',
      'signature-value-invalid',
    ],
  ])('fails %s', async (_, form, subIndication, code) => {
    const report = await judged(form);
    expect(report).toMatchObject({ indication: 'TOTAL-FAILED', subIndication });
    expect(report.messages.map((each) => each.code)).toContain(code);
  });
});

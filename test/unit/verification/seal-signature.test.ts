import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  MemorySource,
  bytesToLatin1,
  concatBytes,
  digestBytes,
  latin1ToBytes,
  toHex,
} from '../../../src/kernel/index.js';
import {
  assembleSesSignature,
  buildToSign,
  parseSeal,
  signAlgIDOf,
} from '../../../src/eseal/index.js';
import { prepareSignature } from '../../../src/pades/index.js';
import { openPdf } from '../../../src/pdf/index.js';
import type { TrustStore } from '../../../src/trust/index.js';
import { verifyPdf, type SignatureReport } from '../../../src/verification/index.js';
import { samplePdf } from '../../support/contract-pdf.js';
import { makers, sealDer, sealInfo, type Makers } from '../eseal/test-seal.js';
import { testKey, testLeaf, type TestAuthority } from '../pki/test-pki.js';

const AT = new Date('2026-11-23T00:00:00Z');
let seals: Makers;
let signer: TestAuthority;
/** A file with a hole, whose dictionary says that a seal's signature fills it. */
let prepared: { readonly file: Uint8Array; readonly hole: readonly [number, number] };

beforeAll(async () => {
  seals = await makers();
  signer = await testLeaf('CN=示例市教育局,O=示例市教育局,C=CN', seals.root, {
    key: testKey('SM2'),
  });
  prepared = await prepare();
});

async function prepare() {
  const pdf = await samplePdf();
  const options = { claimedAt: AT, contentsBytes: 8192 };
  const { appended, contents } = prepareSignature(openPdf(new MemorySource(pdf)), options);
  const name = '/ETSI.CAdES.detached';
  const text = bytesToLatin1(concatBytes([pdf, appended]));
  const file = latin1ToBytes(text.replace(name, '/GM.sm2seal'.padEnd(name.length)));
  return { file, hole: [contents.start, contents.end] as const };
}

interface Forgery {
  readonly dataHash?: Uint8Array;
  readonly timeInfo?: Date;
  readonly isListed?: boolean;
  readonly version?: 4 | 5;
  /** A byte of the finished structure to turn, from the end. */
  readonly turned?: number;
  readonly after?: Uint8Array;
}

async function sealed(forgery: Forgery = {}): Promise<Uint8Array> {
  const { file, hole } = prepared;
  const [start, end] = hole;
  const signed = concatBytes([file.subarray(0, start), file.subarray(end)]);
  const version = forgery.version ?? 4;
  const info = sealInfo([(forgery.isListed === false ? seals.maker : signer).certificate.der]);
  const toSignDer = buildToSign({
    version,
    eseal: parseSeal(await sealDer(seals.maker, info, version)),
    timeInfo: forgery.timeInfo ?? new Date('2026-11-22T08:00:00Z'),
    dataHash: forgery.dataHash ?? digestBytes('sm3', signed),
    propertyInfo: '/ByteRange',
    extDatas: [],
  });
  const der = assembleSesSignature({
    toSignDer,
    cert: signer.certificate.der,
    signatureAlgID: signAlgIDOf(signer.certificate.publicKey.key!),
    signature: await signer.key.sign(toSignDer, signer.key.scheme),
  });
  if (forgery.turned !== undefined) der[der.length - forgery.turned]! ^= 1;
  const digits = end - start - 2;
  const hex = toHex(concatBytes([der, forgery.after ?? new Uint8Array()])).padEnd(digits, '0');
  expect(hex).toHaveLength(digits);
  return concatBytes([file.subarray(0, start + 1), latin1ToBytes(hex), file.subarray(end - 1)]);
}

function trust(): TrustStore {
  const anchors = { anchorsDer: [seals.root.certificate.der] };
  const nothing = { intermediatesDer: [], crlsDer: [], ocspDer: [] };
  const usages = ['contract-signing', 'seal-making'] as const;
  return { profiles: () => Promise.resolve([{ name: 'all', usages, ...anchors, ...nothing }]) };
}

async function judged(file: Uint8Array): Promise<SignatureReport> {
  const report = await verifyPdf(file, { fileName: 'a.pdf', trust: trust(), at: AT });
  return report.signatures[0]!;
}

describe('a PDF that a seal signed (GM.sm2seal)', () => {
  it.each([4, 5] as const)('passes, version %d', async (version) => {
    expect(await judged(await sealed({ version }))).toMatchObject({
      indication: 'TOTAL-PASSED',
      subFilter: 'GM.sm2seal',
      digest: 'sm3',
      algorithm: 'SM2',
      claimedTime: '2026-11-22T08:00:00Z',
      seal: { name: '示例市教育局合同专用章', status: 'valid', pictureMatches: null },
    });
  });

  it.each<[string, Forgery, string, string]>([
    ['of other bytes', { dataHash: new Uint8Array(32) }, 'HASH_FAILURE', 'digest-mismatch'],
    ['whose value was turned', { turned: 1 }, 'SIG_CRYPTO_FAILURE', 'signature-value-invalid'],
    ['with something behind it', { after: Uint8Array.of(1) }, 'FORMAT_FAILURE', 'cms-malformed'],
    [
      'by one not in the list',
      { isListed: false },
      'SIG_CONSTRAINTS_FAILURE',
      'seal-certificate-mismatch',
    ],
    [
      'before the seal was valid',
      { timeInfo: new Date('2026-05-31T00:00:00Z') },
      'SIG_CONSTRAINTS_FAILURE',
      'seal-not-yet-valid',
    ],
  ])('fails with a signature %s', async (_, forgery, subIndication, code) => {
    const report = await judged(await sealed(forgery));
    expect(report).toMatchObject({ indication: 'TOTAL-FAILED', subIndication });
    expect(report.messages.map((each) => each.code)).toContain(code);
  });
});

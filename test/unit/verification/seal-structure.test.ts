import { beforeAll, describe, expect, it } from '@jest/globals';
import { digestBytes } from '../../../src/kernel/index.js';
import {
  assembleSeal,
  buildSealInfo,
  parseSeal,
  signAlgIDOf,
  type SES_SealInfo,
  type SESeal,
} from '../../../src/eseal/index.js';
import {
  OID,
  buildCrl,
  buildTimestampToken,
  extendedKeyUsageExtension,
  keyUsageExtension,
} from '../../../src/pki/index.js';
import type { TrustProfile } from '../../../src/trust/index.js';
import {
  checkSealStructure,
  type SealStructureCheck,
  type SealStructureInput,
} from '../../../src/verification/seal-structure.js';
import { trustOf } from '../../support/trust.js';
import { makeSeal, makers, sealInfo, type Makers } from '../eseal/test-seal.js';
import { testKey, testLeaf, type TestAuthority } from '../pki/test-pki.js';

const at = new Date('2026-11-23T10:00:00Z');
/** After the end of the maker that expires, before the end of the seal. */
const later = new Date('2027-05-01T00:00:00Z');
let pki: Makers;
let expiring: TestAuthority;
let tsa: TestAuthority;

beforeAll(async () => {
  pki = await makers();
  expiring = await testLeaf('CN=将到期的制章系统,C=CN', pki.root, {
    key: testKey('SM2'),
    notAfter: new Date('2027-01-01T00:00:00Z'),
  });
  tsa = await testLeaf('CN=时间戳,C=CN', pki.root, {
    key: testKey('P-256'),
    extensions: [
      keyUsageExtension('digitalSignature'),
      extendedKeyUsageExtension([OID.timeStamping], true),
    ],
  });
});

function check(
  seal: SESeal,
  more: Partial<SealStructureInput> = {},
  profile: Partial<TrustProfile> = {},
): Promise<SealStructureCheck> {
  const trust = trustOf({ rootDer: pki.root.certificate.der }, profile);
  return checkSealStructure({ seal, at, trust, revocation: undefined, ...more });
}

const codes = (result: SealStructureCheck): readonly string[] =>
  result.messages.map(({ code }) => code);

async function sealBy(
  maker: TestAuthority,
  version: 4 | 5,
  stamp?: (signedValue: Uint8Array) => Promise<Uint8Array>,
): Promise<SESeal> {
  const info: SES_SealInfo = sealInfo([pki.signer.certificate.der]);
  const infoDer = buildSealInfo(info, version);
  const signedValue = await maker.key.sign(infoDer, maker.key.scheme);
  const timeStamp = await stamp?.(signedValue);
  return parseSeal(
    assembleSeal({
      version,
      infoDer,
      cert: maker.certificate.der,
      signAlgID: signAlgIDOf(maker.certificate.publicKey.key!),
      signedValue,
      ...(timeStamp === undefined ? {} : { timeStamp }),
    }),
  );
}

const tokenAt =
  (generatedAt: Date) =>
  async (content: Uint8Array): Promise<Uint8Array> =>
    buildTimestampToken({
      digest: digestBytes('sha256', content),
      digestAlgorithm: 'sha256',
      policyOid: '1.3.6.1.4.1.99999.1.1',
      serialHex: '01',
      generatedAt,
      certificateDer: tsa.certificate.der,
      chainDer: [],
      scheme: tsa.key.scheme,
      sign: tsa.key.sign,
    });

describe('a seal that was made as it should be', () => {
  it.each([4, 5] as const)('is valid, in version %d', async (version) => {
    const result = await check(await makeSeal(pki, version));
    expect(result).toMatchObject({
      indication: 'TOTAL-PASSED',
      subIndication: null,
      status: 'valid',
      maker: { indication: 'TOTAL-PASSED' },
    });
    expect(codes(result).filter((code) => !code.includes('revocation'))).toEqual([]);
  });

  it('stays valid in version 5 when its maker’s certificate has expired since', async () => {
    const result = await check(await sealBy(expiring, 5), { at: later });
    expect(result.indication).toBe('TOTAL-PASSED');
    expect(codes(result)).toContain('seal-maker-expired-since');
  });

  it('cannot be decided in version 4 then, unless its use is proved to be older', async () => {
    const seal = await sealBy(expiring, 4);
    expect(await check(seal, { at: later })).toMatchObject({
      indication: 'INDETERMINATE',
      status: 'unknown',
    });
    const provedAt = new Date('2026-12-01T00:00:00Z');
    expect((await check(seal, { at: later, provedAt })).indication).toBe('TOTAL-PASSED');
  });

  it('keeps its time-stamp', async () => {
    const seal = await sealBy(expiring, 5, tokenAt(new Date('2026-06-01T00:00:05Z')));
    expect((await check(seal, { at: later })).indication).toBe('TOTAL-PASSED');
  });
});

describe('a seal that is not to be relied on', () => {
  it('was altered', async () => {
    const { der } = await makeSeal(pki);
    const changed = der.slice();
    const at = Buffer.from(changed).indexOf('3701020000011');
    changed[at] = 0x32;
    expect(await check(parseSeal(changed))).toMatchObject({
      indication: 'TOTAL-FAILED',
      subIndication: 'SIG_CRYPTO_FAILURE',
      status: 'unknown',
    });
  });

  it('was made by somebody nobody vouches for', async () => {
    const other = await makers();
    const result = await check(await makeSeal({ ...pki, maker: other.maker }));
    expect(result).toMatchObject({ indication: 'INDETERMINATE', status: 'unknown' });
  });

  it('was made by one who may not make seals', async () => {
    const result = await check(await makeSeal(pki), {}, { usages: ['contract-signing'] });
    expect(result.indication).toBe('INDETERMINATE');
  });

  it('was made by one whose certificate had been revoked', async () => {
    const crl = await buildCrl({
      issuerNameDer: pki.root.certificate.subject.der,
      thisUpdate: new Date('2026-11-20T00:00:00Z'),
      nextUpdate: new Date('2026-12-20T00:00:00Z'),
      number: 1,
      entries: [
        {
          serialHex: pki.maker.certificate.serialHex,
          revokedAt: new Date('2026-05-01T00:00:00Z'),
        },
      ],
      authorityKeyIdHex: pki.root.certificate.extensions.subjectKeyIdHex!,
      scheme: pki.root.key.scheme,
      sign: pki.root.key.sign,
    });
    const result = await check(await makeSeal(pki), {}, { crlsDer: [crl] });
    expect(result.indication).not.toBe('TOTAL-PASSED');
    expect(result.maker?.revocation).toBe('revoked');
  });

  it.each([
    ['before it began', new Date('2026-05-31T23:59:59Z'), 'not-yet-valid', 'seal-not-yet-valid'],
    ['after its end', new Date('2027-06-01T00:00:01Z'), 'expired', 'seal-expired'],
  ] as const)('was used %s', async (_name, usedAt, status, code) => {
    const result = await check(await makeSeal(pki), { usedAt });
    expect(result).toMatchObject({
      indication: 'TOTAL-FAILED',
      subIndication: 'SIG_CONSTRAINTS_FAILURE',
      status,
    });
    expect(codes(result)).toContain(code);
  });

  it.each([
    ['over something else', async () => tokenAt(at)(Uint8Array.of(1))],
    [
      'from before the seal was made',
      (value: Uint8Array) => tokenAt(new Date('2026-05-31T00:00:00Z'))(value),
    ],
    ['that is none', async () => Promise.resolve(Uint8Array.of(0x30, 0))],
  ] as const)('has a time-stamp %s', async (_name, stamp) => {
    const result = await check(await sealBy(pki.maker, 5, stamp));
    expect(result.indication).toBe('TOTAL-FAILED');
    expect(codes(result)).toContain('seal-timestamp-invalid');
  });
});

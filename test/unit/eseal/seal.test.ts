import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { digestBytes, isAppError } from '../../../src/kernel/index.js';
import {
  assembleSeal,
  buildSealInfo,
  isListedSigner,
  parseSeal,
  verifySealSignature,
  type SES_SealInfo,
} from '../../../src/eseal/index.js';
import {
  OID,
  derBitString,
  derBoolean,
  derContext,
  derGeneralizedTime,
  derIa5,
  derInteger,
  derOctets,
  derOid,
  derPrintable,
  derSequence,
  derTime,
  derUtf8,
  readElement,
  sm2SignatureFromDer,
} from '../../../src/pki/index.js';
import { makeSeal, makers, sealDer, sealInfo, type Makers } from './test-seal.js';

let pki: Makers;
beforeAll(async () => {
  pki = await makers();
});

describe('a seal written and read', () => {
  it.each([4, 5] as const)('is the same in version %d, signed by SM2', async (version) => {
    const seal = await makeSeal(pki, version);
    expect(seal.version).toBe(version);
    expect(seal.info).toEqual(sealInfo([pki.signer.certificate.der]));
    expect(seal.notes).toEqual([]);
    expect(seal.signAlgID).toBe(OID.sm2WithSm3);
    expect(verifySealSignature(seal).outcome).toBe('valid');
  });

  it('is signed by RSA as well', async () => {
    const der = await sealDer(pki.signer, sealInfo([pki.signer.certificate.der]));
    expect(verifySealSignature(parseSeal(der)).outcome).toBe('valid');
  });

  it('round-trips whatever it may hold', () => {
    const instant = fc.date({
      min: new Date('2020-01-01T00:00:00Z'),
      max: new Date('2090-01-01T00:00:00Z'),
      noInvalidDate: true,
    });
    const wholeSecond = instant.map((date) => new Date(Math.floor(date.getTime() / 1000) * 1000));
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 });
    const arbitrary = fc.record({
      name: fc.string({ minLength: 1, unit: 'binary' }),
      createDate: wholeSecond,
      validStart: wholeSecond,
      lastsMs: fc.integer({ min: 1, max: 100_000 }),
      side: fc.integer({ min: 1, max: 200 }),
      data: bytes,
      certs: fc.array(bytes, { minLength: 1, maxLength: 5 }),
      digests: fc.boolean(),
      extension: fc.option(fc.boolean(), { nil: undefined }),
    });
    fc.assert(
      fc.property(arbitrary, (values) => {
        const info: SES_SealInfo = {
          vid: 'V',
          esID: '1',
          property: {
            type: 2,
            name: values.name,
            certList: values.digests
              ? {
                  certListType: 2,
                  certDigests: values.certs.map((cert) => ({
                    type: 'SM3',
                    value: digestBytes('sm3', cert),
                  })),
                }
              : { certListType: 1, certs: values.certs },
            createDate: values.createDate,
            validStart: values.validStart,
            validEnd: new Date(values.validStart.getTime() + values.lastsMs * 1000),
          },
          picture: { type: 'GIF', data: values.data, width: values.side, height: 1 },
          extDatas:
            values.extension === undefined
              ? []
              : [{ extnID: '1.2.3.4', critical: values.extension, extnValue: values.data }],
        };
        const seal = parseSeal(
          assembleSeal({
            version: 4,
            infoDer: buildSealInfo(info, 4),
            cert: pki.maker.certificate.der,
            signAlgID: OID.sm2WithSm3,
            signedValue: Uint8Array.of(1),
          }),
        );
        expect(seal.info).toEqual(info);
        expect(seal.notes).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('is refused where the standard has no room for it', () => {
    const info = sealInfo([pki.signer.certificate.der]);
    const refused = (changed: SES_SealInfo, version: 4 | 5 = 4): void => {
      expect(() => buildSealInfo(changed, version)).toThrow(
        expect.objectContaining({ code: 'input-invalid' }),
      );
    };
    refused({ ...info, picture: { ...info.picture, type: 'SVG' } });
    refused({ ...info, picture: { ...info.picture, type: 'WMF' } }, 5);
    refused({ ...info, picture: { ...info.picture, width: 42.5 } });
    refused(sealInfo([]));
    refused({ ...info, property: { ...info.property, validEnd: info.property.validStart } });
    expect(() =>
      buildSealInfo({ ...info, picture: { ...info.picture, type: 'SVG' } }, 5),
    ).not.toThrow();
  });
});

describe('a changed seal', () => {
  it('fails with any octet of what the maker signed', async () => {
    const { der, info } = await makeSeal(pki);
    const infoLength = buildSealInfo(info, 4).length;
    for (let at = 4; at < 4 + infoLength; at += 1 + (at % 7)) {
      const changed = der.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      let outcome: string;
      try {
        outcome = verifySealSignature(parseSeal(changed)).outcome;
      } catch (error) {
        expect(isAppError(error, 'eseal-malformed')).toBe(true);
        continue;
      }
      expect(outcome).toBe('invalid');
    }
  });

  it('fails with another maker’s certificate', async () => {
    const seal = await makeSeal(pki);
    const other = await makers();
    const forged = assembleSeal({
      version: 4,
      infoDer: seal.signedOctets,
      cert: other.maker.certificate.der,
      signAlgID: seal.signAlgID,
      signedValue: seal.signedValue,
    });
    expect(verifySealSignature(parseSeal(forged)).outcome).toBe('invalid');
  });

  it('ends in a coded error whatever the bytes are', async () => {
    const { der } = await makeSeal(pki);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(der.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        fc.nat(der.length),
        (edits, cut) => {
          const bytes = der.slice(0, der.length - (cut % 3 === 0 ? cut : 0));
          for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
          try {
            verifySealSignature(parseSeal(bytes));
          } catch (error) {
            expect(isAppError(error, 'eseal-malformed')).toBe(true);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('who may sign', () => {
  it('is compared byte for byte', async () => {
    const { info } = await makeSeal(pki);
    const { der } = pki.signer.certificate;
    expect(isListedSigner(info.property.certList, der)).toBe(true);
    expect(isListedSigner(info.property.certList, pki.maker.certificate.der)).toBe(false);
  });

  it.each([
    ['SM3', 'sm3'],
    ['SHA-256', 'sha256'],
    ['SHA256', 'sha256'],
    ['1', 'sm3'],
    ['1', 'sha256'],
  ] as const)('is compared by a digest called %s, made by %s', (type, digest) => {
    const { der } = pki.signer.certificate;
    const list = {
      certListType: 2,
      certDigests: [{ type, value: digestBytes(digest, der) }],
    } as const;
    expect(isListedSigner(list, der)).toBe(true);
    expect(isListedSigner(list, pki.maker.certificate.der)).toBe(false);
  });

  it('is not found by a digest that is called what it is not', () => {
    const { der } = pki.signer.certificate;
    const certDigests = [{ type: 'SM3', value: digestBytes('sha256', der) }];
    expect(isListedSigner({ certListType: 2, certDigests }, der)).toBe(false);
  });
});

/** Seals as others write them. */
describe('oddities of others', () => {
  interface Odd {
    readonly header?: Uint8Array;
    readonly name?: Uint8Array;
    readonly times?: readonly Uint8Array[];
    readonly picture?: Uint8Array;
    readonly extensions?: Uint8Array;
    readonly listType?: number;
    readonly list?: Uint8Array;
  }
  const at = new Date('2026-06-01T08:00:00Z');

  function infoOf(odd: Odd, layout: 1 | 4 = 4): Uint8Array {
    const times =
      odd.times ??
      [at, at, new Date('2027-06-01T08:00:00Z')].map(
        layout === 1 ? derTime : (date) => derGeneralizedTime(date),
      );
    return derSequence(
      odd.header ?? derSequence(derIa5('ES'), derInteger(layout), derIa5('V')),
      derIa5('3701020000011'),
      derSequence(
        derInteger(1),
        odd.name ?? derUtf8('测试章'),
        layout === 1 ? undefined : derInteger(odd.listType ?? 1),
        odd.list ?? derSequence(derOctets(pki.signer.certificate.der)),
        ...times,
      ),
      odd.picture ??
        derSequence(derIa5('png'), derOctets(Uint8Array.of(1)), derInteger(42), derInteger(42)),
      odd.extensions,
    );
  }

  async function sealOf(
    info: Uint8Array,
    more: {
      readonly algorithm?: Uint8Array;
      readonly value?: (der: Uint8Array) => Uint8Array;
      readonly stamp?: Uint8Array;
    } = {},
  ) {
    const { maker } = pki;
    const value = await maker.key.sign(info, maker.key.scheme);
    return parseSeal(
      derSequence(
        info,
        derOctets(maker.certificate.der),
        more.algorithm ?? derOid(OID.sm2WithSm3),
        (more.value ?? derBitString)(value),
        more.stamp,
      ),
    );
  }

  it.each<[string, () => Odd]>([
    ['name-not-utf8-string', () => ({ name: derPrintable('TEST') })],
    [
      'picture-size-in-pixels',
      () => ({
        picture: derSequence(
          derIa5('PNG'),
          derOctets(Uint8Array.of(1)),
          derInteger(496),
          derInteger(496),
        ),
      }),
    ],
    ['time-of-other-type', () => ({ times: [at, at, at].map(derTime) })],
    [
      'time-as-text',
      () => ({
        times: ['2026-06-01 16:00:00', '20260601080000Z', '2026-06-01'].map((text) =>
          derPrintable(text.replace(' ', ' ')),
        ),
      }),
    ],
    [
      'header-id-unusual',
      () => ({ header: derSequence(derIa5('XX'), derInteger(4), derIa5('V')) }),
    ],
    ['version-unusual', () => ({ header: derSequence(derIa5('ES'), derInteger(3), derIa5('V')) })],
    ['certificate-list-kind-mismatch', () => ({ listType: 2 })],
    [
      'boolean-default-encoded',
      () => ({
        extensions: derSequence(
          derSequence(derOid('1.2.3'), derBoolean(false), derOctets(Uint8Array.of(7))),
        ),
      }),
    ],
  ])('%s is noted, and the signature holds', async (note, odd) => {
    const seal = await sealOf(infoOf(odd()));
    expect(seal.notes).toEqual([note]);
    expect(verifySealSignature(seal).outcome).toBe('valid');
  });

  it('reads text times without a zone as China Standard Time', async () => {
    const seal = await sealOf(
      infoOf({ times: ['2026-06-01 16:00:00', '20260601080000Z', '2026-06-02'].map(derPrintable) }),
    );
    const { createDate, validStart, validEnd } = seal.info.property;
    expect(createDate).toEqual(at);
    expect(validStart).toEqual(at);
    expect(validEnd).toEqual(new Date('2026-06-01T16:00:00Z'));
  });

  it('takes an AlgorithmIdentifier, an OCTET STRING value, and r‖s', async () => {
    const algorithm = derSequence(derOid(OID.sm2Sign));
    const seal = await sealOf(infoOf({}), {
      algorithm,
      value: (der) => derOctets(sm2SignatureFromDer(der)),
    });
    expect(seal.notes).toEqual([
      'algorithm-identifier-in-place-of-oid',
      'octet-string-in-place-of-bit-string',
    ]);
    expect(verifySealSignature(seal).outcome).toBe('valid');
  });

  it.each([
    ['[0] EXPLICIT BIT STRING', (token: Uint8Array) => derContext(0, derBitString(token)), false],
    ['[1] EXPLICIT OCTET STRING', (token: Uint8Array) => derContext(1, derOctets(token)), true],
    ['a bare BIT STRING', (token: Uint8Array) => derBitString(token), true],
  ] as const)('takes a time-stamp as %s', async (_name, wrap, isNoted) => {
    const token = derSequence(derOid(OID.signedData));
    const header = derSequence(derIa5('ES'), derInteger(5), derIa5('V'));
    const seal = await sealOf(infoOf({ header }), { stamp: wrap(token) });
    expect(seal.version).toBe(5);
    expect(seal.timeStamp).toEqual(token);
    expect(seal.notes.includes('timestamp-tagging')).toBe(isNoted);
  });

  it('reads version 1, where the maker signs certificate and algorithm as well', async () => {
    const { maker } = pki;
    const info = infoOf({}, 1);
    const cert = derOctets(maker.certificate.der);
    const algorithm = derOid(OID.sm2Sign);
    const signed = derSequence(info, cert, algorithm);
    const value = await maker.key.sign(signed, maker.key.scheme);
    const seal = parseSeal(derSequence(info, derSequence(cert, algorithm, derBitString(value))));
    expect(seal.version).toBe(1);
    expect(seal.notes).toEqual([]);
    expect(verifySealSignature(seal).outcome).toBe('valid');
    expect(isListedSigner(seal.info.property.certList, pki.signer.certificate.der)).toBe(true);
  });

  it('reads BER and says so', async () => {
    const seal = await makeSeal(pki);
    const content = readElement(seal.der).content;
    const indefinite = Uint8Array.of(0x30, 0x80, ...content, 0, 0);
    expect(parseSeal(indefinite).notes).toEqual(['not-der']);
  });
});

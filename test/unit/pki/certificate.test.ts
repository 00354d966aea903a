import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isAppError } from '../../../src/kernel/index.js';
import {
  authorityInfoAccessExtension,
  basicConstraintsExtension,
  buildExtension,
  buildName,
  buildNameFromText,
  chooseSigningCertificate,
  crlDistributionPointsExtension,
  derOctets,
  derSequence,
  equalNames,
  extendedKeyUsageExtension,
  isSigningCertificate,
  keyUsageExtension,
  OID,
  parseCertificate,
  parseName,
  publicKeyAlgorithm,
  subjectAltNameExtension,
  unifiedSocialCreditCode,
  verifySignature,
  type KeyUsage,
} from '../../../src/pki/index.js';
import { DAY, NOW, testAuthority, testKey, testLeaf } from './test-pki.js';

const root = await testAuthority('CN=测试根,O=签印,C=CN', undefined, { key: testKey('rsa') });
const leaf = await testLeaf('CN=李四,O=某某县财政局,2.5.4.97=NTRCN-11370000004500000K,C=CN', root, {
  further: [
    extendedKeyUsageExtension([OID.emailProtection]),
    crlDistributionPointsExtension(['http://127.0.0.1/a.crl']),
    authorityInfoAccessExtension({
      ocsp: ['http://127.0.0.1/ocsp'],
      caIssuers: ['http://127.0.0.1/ca.cer'],
    }),
    subjectAltNameExtension([{ kind: 'email', value: 'a@example.cn' }]),
  ],
});

describe('parseCertificate', () => {
  it('reads every field', () => {
    const { certificate } = leaf;
    expect(certificate.version).toBe(3);
    expect(certificate.subject.get(OID.commonName)).toBe('李四');
    expect(certificate.subject.text).toBe(
      'CN=李四,O=某某县财政局,organizationIdentifier=NTRCN-11370000004500000K,C=CN',
    );
    expect(equalNames(certificate.issuer, root.certificate.subject)).toBe(true);
    expect(certificate.notAfter).toEqual(new Date(NOW.getTime() + 365 * DAY));
    expect(publicKeyAlgorithm(certificate)).toEqual({ kind: 'ec', curve: 'P-256' });
    expect(publicKeyAlgorithm(root.certificate)).toEqual({ kind: 'rsa', bits: 2048 });
    expect(unifiedSocialCreditCode(certificate)).toBe('11370000004500000K');
    expect(certificate.extensions).toMatchObject({
      keyUsage: new Set(['digitalSignature', 'nonRepudiation']),
      extendedKeyUsage: [OID.emailProtection],
      ocspUrls: ['http://127.0.0.1/ocsp'],
      caIssuersUrls: ['http://127.0.0.1/ca.cer'],
      crlDistributionPoints: [{ fullName: [{ kind: 'uri', value: 'http://127.0.0.1/a.crl' }] }],
      subjectAltNames: [{ kind: 'email', value: 'a@example.cn' }],
      authorityKeyId: { keyIdHex: root.certificate.extensions.subjectKeyIdHex },
      unknownCritical: [],
      malformed: [],
    });
    expect(root.certificate.isSelfIssued).toBe(true);
    expect(certificate.isSelfIssued).toBe(false);
  });

  it('verifies against the issuer and nobody else', () => {
    const { certificate } = leaf;
    const check = (of: typeof certificate, tbs = certificate.tbsDer): boolean =>
      verifySignature(of.publicKey, certificate.signatureAlgorithm, tbs, certificate.signature);
    expect(check(root.certificate)).toBe(true);
    const changed = certificate.tbsDer.slice();
    changed[30]! ^= 1;
    expect(check(root.certificate, changed)).toBe(false);
    expect(() => check(certificate)).toThrow(
      expect.objectContaining({ code: 'algorithm-unsupported' }),
    );
  });

  it('reports what it cannot decode, and what it does not know, instead of failing', async () => {
    const odd = await testLeaf('CN=odd', root, {
      extensions: [
        buildExtension(OID.keyUsage, Uint8Array.of(0x05, 0x00), true),
        buildExtension('1.2.3.4', derOctets(Uint8Array.of(1)), true),
        basicConstraintsExtension(false),
        basicConstraintsExtension(true),
      ],
    });
    expect(odd.certificate.extensions.malformed).toEqual([OID.keyUsage, OID.basicConstraints]);
    expect(odd.certificate.extensions.unknownCritical).toEqual(['1.2.3.4']);
  });

  it('ends in certificate-malformed for every mutation it does not accept', () => {
    const { der } = leaf.certificate;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(der.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.nat(der.length),
        fc.boolean(),
        (changes, cut, isCut) => {
          const bytes = der.slice(0, isCut ? cut : der.length);
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          try {
            const { subject, extensions } = parseCertificate(bytes);
            expect(subject.text).toEqual(expect.any(String));
            expect(extensions.all.length).toBeGreaterThanOrEqual(0);
          } catch (error) {
            expect(isAppError(error, 'certificate-malformed')).toBe(true);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe('choice of the signing certificate', () => {
  it('refuses encryption and CA certificates and prefers one without encipherment', async () => {
    const make = (name: string, ...usages: KeyUsage[]) =>
      testLeaf(`CN=${name}`, root, { extensions: [keyUsageExtension(...usages)] });
    const encryption = await make('enc', 'keyEncipherment', 'dataEncipherment', 'keyAgreement');
    const both = await make('both', 'digitalSignature', 'keyEncipherment');
    const signing = await make('sign', 'nonRepudiation');
    expect(isSigningCertificate(encryption.certificate)).toBe(false);
    expect(isSigningCertificate(root.certificate)).toBe(false);
    const all = [encryption, both, signing, root].map(({ certificate }) => certificate);
    expect(chooseSigningCertificate(all)).toBe(signing.certificate);
    expect(chooseSigningCertificate(all.slice(0, 2))).toBe(both.certificate);
    expect(chooseSigningCertificate([encryption.certificate])).toBeUndefined();
  });
});

describe('names', () => {
  it('round-trips any text through RFC 4514', () => {
    const value = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 3 }), (values) => {
        const name = parseName(
          buildName(values.map((text) => [{ oid: OID.commonName, value: text }])),
        );
        const again = parseName(buildNameFromText(name.text));
        expect(again.rdns).toEqual(name.rdns);
      }),
      { numRuns: 500 },
    );
  });

  it('takes the slashed form in order', () => {
    expect(parseName(buildNameFromText('/C=CN/O=某单位/CN=张三')).text).toBe(
      'CN=张三,O=某单位,C=CN',
    );
  });

  it('compares without regard to case and runs of spaces, but not to order', () => {
    const name = (text: string): ReturnType<typeof parseName> => parseName(buildNameFromText(text));
    expect(equalNames(name('CN=A  b,O=x'), name('CN=a B,O=X'))).toBe(true);
    expect(equalNames(name('CN=a,O=x'), name('O=x,CN=a'))).toBe(false);
    expect(equalNames(name('CN=a,O=x'), name('CN=a'))).toBe(false);
  });

  it.each(['CN', 'XX=1', '=a', 'CN=', ''])('refuses %j', (text) => {
    expect(() => buildNameFromText(text)).toThrow(
      expect.objectContaining({ code: 'input-invalid' }),
    );
  });

  it('prints values of no string type in hex', () => {
    const der = derSequence(
      Uint8Array.from([0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x2a, 0x03, 0x04, 0x02, 0x01, 0x05]),
    );
    expect(parseName(der).text).toBe('1.2.3.4=#020105');
  });
});

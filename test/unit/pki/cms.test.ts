import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { digestBytes, isAppError } from '../../../src/kernel/index.js';
import {
  addUnsignedAttribute,
  buildAttribute,
  buildSignedAttributes,
  buildSignedData,
  derContext,
  derInteger,
  derOctets,
  derOid,
  derSequence,
  derSetOf,
  findSignerCertificate,
  OID,
  parseSignedData,
  readElement,
  verifySignerInfo,
  type SignerInfoVerification,
} from '../../../src/pki/index.js';
import { testAuthority, testKey, testLeaf, type TestAuthority } from './test-pki.js';

const root = await testAuthority('CN=Root');
const signer = await testLeaf('CN=签署人', root);
const content = new TextEncoder().encode('合同');
const digest = digestBytes('sha256', content);

async function sign(
  by: TestAuthority,
  change: { attributes?: Uint8Array; chain?: Uint8Array[] } = {},
): Promise<Uint8Array> {
  const { scheme } = by.key;
  const signedAttributes =
    change.attributes ??
    buildSignedAttributes({
      messageDigest: digestBytes(scheme.digest, content),
      digestAlgorithm: scheme.digest,
      signingCertificateDer: by.certificate.der,
    });
  return buildSignedData({
    signedAttributes,
    signature: await by.key.sign(signedAttributes, scheme),
    scheme,
    digestAlgorithm: scheme.digest,
    signingCertificateDer: by.certificate.der,
    chainDer: change.chain ?? [root.certificate.der],
  });
}

function verify(cms: Uint8Array, by = signer, over = digest): SignerInfoVerification {
  const parsed = parseSignedData(cms);
  return verifySignerInfo(parsed, parsed.signerInfos[0]!, by.certificate, { digest: over });
}

describe('what we build', () => {
  it.each(['rsa', 'P-256', 'P-384', 'ed25519'] as const)(
    'verifies with a key of %s',
    async (kind) => {
      const leaf = await testLeaf('CN=x', root, { key: testKey(kind) });
      const { digest: algorithm } = leaf.key.scheme;
      expect(verify(await sign(leaf), leaf, digestBytes(algorithm, content))).toEqual({
        status: 'valid',
        messageDigestMatches: true,
        signatureMatches: true,
        isSignedAsReceived: false,
        method: expect.objectContaining({ digest: algorithm }),
        disagreements: [],
        signingCertificate: 'match',
      });
    },
  );

  it('holds exactly three signed attributes, and no default digest identifier', async () => {
    const parsed = parseSignedData(await sign(signer));
    const [info] = parsed.signerInfos;
    expect(info?.signedAttributes.map(({ oid }) => oid).sort()).toEqual(
      [OID.contentType, OID.messageDigest, OID.signingCertificateV2].sort(),
    );
    expect(info?.attributes.signingCertificates).toMatchObject([
      {
        version: 2,
        ids: [
          {
            digestAlgorithm: 'sha256',
            digest: digestBytes('sha256', signer.certificate.der),
            serialHex: signer.certificate.serialHex,
          },
        ],
      },
    ]);
    const ess = info!.signedAttributes.find(({ oid }) => oid === OID.signingCertificateV2)!
      .values[0]!;
    const first = readElement(ess).enter().enter().enter().peek();
    expect(first).toBe(0x04);
    expect(parsed.certificatesDer).toHaveLength(2);
  });

  it('takes a further unsigned attribute without touching anything signed', async () => {
    const before = await sign(signer);
    const token = derSequence(derOid(OID.signedData));
    const once = addUnsignedAttribute(before, buildAttribute(OID.signatureTimeStamp, token));
    const twice = addUnsignedAttribute(once, buildAttribute('1.2.3', derInteger(1)));
    const parsed = parseSignedData(twice);
    expect(parsed.signerInfos[0]?.signatureTimeStamps).toEqual([token]);
    expect(parsed.signerInfos[0]?.unsignedAttributes).toHaveLength(2);
    expect(verify(twice).status).toBe('valid');
  });

  it('refuses a digest of the wrong length', () => {
    expect(() =>
      buildSignedAttributes({
        messageDigest: new Uint8Array(20),
        digestAlgorithm: 'sha256',
        signingCertificateDer: signer.certificate.der,
      }),
    ).toThrow(expect.objectContaining({ code: 'input-invalid' }));
  });
});

describe('verifySignerInfo', () => {
  it('tells a changed document from a changed signature', async () => {
    const cms = await sign(signer);
    expect(verify(cms, signer, digestBytes('sha256', new Uint8Array(1)))).toMatchObject({
      status: 'digest-mismatch',
      signatureMatches: true,
    });
    const changed = cms.slice();
    changed[changed.length - 1]! ^= 1;
    expect(verify(changed)).toMatchObject({
      status: 'signature-invalid',
      messageDigestMatches: true,
    });
  });

  it('finds another certificate with the same key and name', async () => {
    const twin = await testLeaf('CN=签署人', root, {
      key: signer.key,
      serialHex: signer.certificate.serialHex,
      notAfter: new Date('2040-01-01T00:00:00Z'),
    });
    const cms = await sign(signer, { chain: [twin.certificate.der] });
    expect(verify(cms, twin)).toMatchObject({ status: 'valid', signingCertificate: 'mismatch' });
    const [info] = parseSignedData(cms).signerInfos;
    expect(findSignerCertificate(info!, [twin.certificate, signer.certificate])).toBe(
      signer.certificate,
    );
    expect(verify(cms, root).disagreements).toContain('signer-identifier-differs');
  });

  it('accepts unsorted attributes signed as they are, and says so', async () => {
    const sorted = readElement(
      buildSignedAttributes({
        messageDigest: digest,
        digestAlgorithm: 'sha256',
        signingCertificateDer: signer.certificate.der,
      }),
    ).children();
    const reversed = sorted.map(({ raw }) => raw).reverse();
    const attributes = derSequence(...reversed);
    attributes[0] = 0x31;
    const cms = await sign(signer, { attributes });
    expect(parseSignedData(cms).findings).toEqual(['signed-attributes-not-sorted']);
    expect(verify(cms)).toMatchObject({ status: 'valid', isSignedAsReceived: true });
  });

  it('does not accept attributes that leave the digest or the type out, and sees duplicates', async () => {
    const type = buildAttribute(OID.contentType, derOid(OID.data));
    const noDigest = await sign(signer, { attributes: derSetOf([type]) });
    expect(verify(noDigest)).toMatchObject({
      status: 'digest-mismatch',
      disagreements: ['message-digest-missing'],
      signingCertificate: 'absent',
    });
    const imprint = buildAttribute(OID.messageDigest, derOctets(digest));
    const noType = await sign(signer, { attributes: derSetOf([imprint]) });
    expect(verify(noType).disagreements).toEqual(['content-type-missing']);
    const other = buildAttribute(OID.messageDigest, derOctets(new Uint8Array(32)));
    const twice = await sign(signer, { attributes: derSetOf([type, imprint, other]) });
    expect(parseSignedData(twice).findings).toEqual(['signed-attribute-duplicate']);
    const twoValues = (oid: string, value: Uint8Array): Uint8Array =>
      derSequence(derOid(oid), derSetOf([value, derOctets(new Uint8Array(32))]));
    const split = await sign(signer, {
      attributes: derSetOf([type, twoValues(OID.messageDigest, derOctets(digest))]),
    });
    expect(parseSignedData(split).findings).toEqual(['signed-attribute-several-values']);
    const none = derSequence(derOid('1.3.6.1.4.1.15027.2.1'), derSetOf([]));
    const empty = await sign(signer, { attributes: derSetOf([type, imprint, none]) });
    expect(parseSignedData(empty).findings).toEqual(['signed-attribute-several-values']);
    const own = (value: number): Uint8Array => buildAttribute('1.2.3', derInteger(value));
    const several = await sign(signer, { attributes: derSetOf([type, imprint, own(1), own(2)]) });
    expect(parseSignedData(several).findings).toEqual([]);
    const roles = twoValues('1.2.840.113549.1.9.16.2.18', derSequence());
    const claimed = await sign(signer, { attributes: derSetOf([type, imprint, roles]) });
    expect(parseSignedData(claimed).findings).toEqual([]);
    expect(verify(claimed)).toMatchObject({ status: 'valid' });
    const wrongType = buildAttribute(OID.contentType, derOid(OID.tstInfo));
    const odd = await sign(signer, { attributes: derSetOf([wrongType, imprint]) });
    expect(parseSignedData(odd).findings).toEqual(['unexpected-content-type']);
    expect(verify(odd).disagreements).toEqual(['content-type-differs']);
  });

  it('does not decide about an algorithm that does not fit the key', async () => {
    const rsa = await testLeaf('CN=rsa', root, { key: testKey('rsa') });
    expect(verify(await sign(signer), rsa).status).toBe('algorithm-unsupported');
  });
});

describe('parseSignedData', () => {
  it('counts what it consumed and leaves the padding', async () => {
    const cms = await sign(signer);
    const padded = new Uint8Array(cms.length + 100);
    padded.set(cms);
    expect(parseSignedData(padded).consumedBytes).toBe(cms.length);
  });

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['zeros', new Uint8Array(100)],
    ['another content type', derSequence(derOid(OID.data), derContext(0, derOctets(content)))],
    ['an empty SignedData', derSequence(derOid(OID.signedData), derContext(0, derSequence()))],
  ])('refuses %s', (_, bytes) => {
    expect(() => parseSignedData(bytes)).toThrow(
      expect.objectContaining({ code: 'cms-malformed' }),
    );
  });

  it('ends in cms-malformed or a verdict for every mutation, never in a valid one', async () => {
    const cms = await sign(signer);
    const start = cms.length - 400;
    fc.assert(
      fc.property(fc.nat(cms.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = cms.slice();
        bytes[at]! ^= flip;
        try {
          const result = verify(bytes);
          const isInSignerInfo = at >= start;
          // Parameters and versions are not signed; digest, attributes and value are.
          if (isInSignerInfo && result.status === 'valid') {
            expect(parseSignedData(bytes).signerInfos[0]?.signature).toEqual(
              parseSignedData(cms).signerInfos[0]?.signature,
            );
          }
        } catch (error) {
          expect(isAppError(error, 'cms-malformed')).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

/** Sound CMS in the forms that products write, which look like forgeries and are none. */
import { concatBytes, fromHex, latin1ToBytes } from '../../src/kernel/index.js';
import {
  Asn1Reader,
  OID,
  buildAttribute,
  certificateDigest,
  derContext,
  derContextPrimitive,
  derElement,
  derInteger,
  derNull,
  derOctets,
  derOid,
  derSequence,
  derTime,
  digestAlgorithmDer,
  retag,
  signatureAlgorithmDer,
} from '../../src/pki/index.js';
import type { Attack, Holders } from './attack.js';
import type { Holder } from './authority.js';
import { cms, exchanged } from './cms-attack.js';
import { attributeOf, buildCms, usualAttributes, withCms, type CmsParts } from './workshop.js';

function sound(
  name: string,
  reason: string,
  make: (content: Uint8Array, holders: Holders) => CmsParts,
  by?: (holders: Holders) => Holder,
): Attack {
  return cms(name, '', reason, 'TOTAL-PASSED', make, by);
}

/** The outer levels in indefinite length, as streaming producers write them. */
function indefinite(der: Uint8Array): Uint8Array {
  const info = new Asn1Reader(der).enter();
  const type = info.read();
  const { content } = info.read().enter().read();
  return concatBytes([
    latin1ToBytes('\x30\x80'),
    type.raw,
    latin1ToBytes('\xa0\x80\x30\x80'),
    content,
    new Uint8Array(6),
  ]);
}

const own = (oid: string, value: number): Uint8Array => buildAttribute(oid, derInteger(value));
const byRsa = ({ rsa }: Holders): Holder => rsa;

export const SOUND_CMS: readonly Attack[] = [
  sound('as ours are', 'what the forgeries start from', () => ({})),
  sound('signed attributes sent in any order', 'RFC 5652, 5.4: their DER is signed', () => ({
    isSentUnsorted: true,
  })),
  sound(
    'signed attributes signed in the order sent',
    'no reader takes them for something else; OpenSSL reads them so',
    () => ({ isSentUnsorted: true, isSignedUnsorted: true }),
  ),
  sound(
    'a signed attribute of its own twice',
    'RFC 5652, 11 forbids it of types that it names; EN 319 122-1, 5.2.8 has several content time-stamps',
    (content, { signer }) => ({
      attributes: [...usualAttributes(signer, content), own('1.2.3.4', 1), own('1.2.3.4', 2)],
    }),
  ),
  sound(
    'a signed attribute with several values',
    'RFC 5652, 5.3: a set of values',
    (content, { signer }) => ({
      attributes: [
        ...usualAttributes(signer, content),
        buildAttribute('1.2.3.4', derInteger(1), derInteger(2)),
      ],
    }),
  ),
  sound('a signing time', 'older formats put it there', (content, { signer }) => ({
    attributes: [
      ...usualAttributes(signer, content),
      buildAttribute(OID.signingTime, derTime(new Date('2026-11-20T08:00:00Z'))),
    ],
  })),
  sound(
    'both versions of the signing certificate',
    'RFC 5035, 5: both name the signer',
    (content, { signer }) => ({
      attributes: [
        ...usualAttributes(signer, content),
        attributeOf.signingCertificateV1(signer.certificate),
      ],
    }),
  ),
  sound(
    'a signing certificate without issuer and serial',
    'RFC 5035, 4: they are optional',
    (content, { signer }) => ({
      attributes: exchanged(
        signer,
        content,
        2,
        attributeOf.signingCertificate(signer.certificate, null),
      ),
    }),
  ),
  sound(
    'a signing certificate by SHA-512',
    'RFC 5035, 4: any digest that is named',
    (content, { signer }) => ({
      attributes: exchanged(
        signer,
        content,
        2,
        buildAttribute(
          OID.signingCertificateV2,
          derSequence(
            derSequence(
              derSequence(
                digestAlgorithmDer('sha512'),
                derOctets(certificateDigest(signer.certificate, 'sha512')),
              ),
            ),
          ),
        ),
      ),
    }),
  ),
  sound(
    'algorithm protection',
    'RFC 6211, 3: it says what the SignerInfo says',
    (content, { signer }) => ({
      attributes: [
        ...usualAttributes(signer, content),
        buildAttribute(
          OID.cmsAlgorithmProtection,
          derSequence(
            digestAlgorithmDer('sha256'),
            retag(signatureAlgorithmDer({ padding: 'ecdsa', digest: 'sha256' }), 0xa1),
          ),
        ),
      ],
    }),
  ),
  sound('unsigned attributes that nobody knows', 'nothing depends on them', () => ({
    unsigned: [own('1.2.3.4', 1), own('1.2.3.4', 2), own('1.2.3.5', 1)],
  })),
  sound('a countersignature that cannot be read', 'nothing depends on it', () => ({
    unsigned: [buildAttribute(OID.countersignature, derSequence())],
  })),
  sound(
    'certificates of others beside the signer’s, some twice',
    'RFC 5652, 5.1: more than are needed may be there',
    (_content, { root, signer, peer, stranger }) => ({
      certificates: [root, peer, signer, stranger, peer].map(({ certificate }) => certificate.der),
    }),
  ),
  sound(
    'an attribute certificate beside the signer’s',
    'RFC 5652, 10.2.2',
    (_content, { signer }) => ({
      dataVersion: derInteger(4),
      certificates: [signer.certificate.der, derElement(0xa2, derSequence())],
    }),
  ),
  sound(
    'the signer named by its key identifier',
    'RFC 5652, 5.3',
    (_content, { signer: { certificate } }) => ({
      version: 3,
      dataVersion: derInteger(3),
      sid: derContextPrimitive(0, fromHex(certificate.extensions.subjectKeyIdHex ?? '')!),
    }),
  ),
  sound(
    'revocation information of a format that nobody knows',
    'RFC 5652, 10.2.1: formats have names',
    () => ({
      dataVersion: derInteger(5),
      revocation: [derContext(1, derOid('1.2.3.4'), derSequence())],
    }),
  ),
  sound('more digests announced than used', 'RFC 5652, 5.1', () => ({
    digestAlgorithms: ['sha1', 'sha256', 'sha512'].map((each) =>
      digestAlgorithmDer(each as 'sha256'),
    ),
  })),
  sound('NULL as the parameters of a digest', 'RFC 5754, 2: both are accepted', () => ({
    digestAlgorithm: derSequence(derOid(OID.sha256), derNull()),
  })),
  sound(
    'an RSA signature named by its key alone',
    'RFC 3370, 3.2: the digest stands beside it',
    () => ({ signatureAlgorithm: derSequence(derOid(OID.rsaEncryption), derNull()) }),
    byRsa,
  ),
  {
    name: 'in BER with indefinite lengths',
    reason: 'RFC 5652, 4: what is not signed may be BER',
    build: ({ plain, holders: { signer } }) =>
      withCms(plain, (content) => indefinite(buildCms(signer, content))),
  },
];

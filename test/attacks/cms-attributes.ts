/** Signed attributes that are missing, double, contradict each other, or are not what was signed. */
import { concatBytes, digestBytes } from '../../src/kernel/index.js';
import {
  OID,
  buildAttribute,
  derInteger,
  derOctets,
  derOid,
  derSequence,
  derSetOf,
  derTime,
  digestAlgorithmDer,
  retag,
  signatureAlgorithmDer,
} from '../../src/pki/index.js';
import type { Attack } from './attack.js';
import { FORMAT, HASH, NOT_NAMED, VALUE, cms, exchanged } from './cms-attack.js';
import { attributeOf, essId, usualAttributes } from './workshop.js';

const sha256 = (content: Uint8Array): Uint8Array => digestBytes('sha256', content);

/** CMSAlgorithmProtection. @see RFC 6211, 2 */
const protection = (digest: 'sha256' | 'sha512', signed: 'sha256' | 'sha512'): Uint8Array =>
  derSequence(
    digestAlgorithmDer(digest),
    retag(signatureAlgorithmDer({ padding: 'ecdsa', digest: signed }), 0xa1),
  );

export const CMS_ATTRIBUTES: readonly Attack[] = [
  cms('no content type', 'RFC 5652, 11.1', 'it must be there', FORMAT, (content, { signer }) => ({
    attributes: exchanged(signer, content, 0),
  })),
  cms('the content type twice', 'RFC 5652, 11.1', 'once only', FORMAT, (content, { signer }) => ({
    attributes: [...usualAttributes(signer, content), attributeOf.contentType(OID.tstInfo)],
  })),
  cms(
    'two values of the content type',
    'RFC 5652, 11.1',
    'one value only',
    FORMAT,
    (content, { signer }) => ({
      attributes: exchanged(
        signer,
        content,
        0,
        buildAttribute(OID.contentType, derOid(OID.data), derOid(OID.tstInfo)),
      ),
    }),
  ),
  cms(
    'a content type that is not the content’s',
    'RFC 5652, 5.3 and 11.1',
    'signed for another protocol',
    FORMAT,
    (content, { signer }) => ({
      attributes: exchanged(signer, content, 0, attributeOf.contentType(OID.tstInfo)),
    }),
  ),
  cms(
    'content of the type of time-stamps',
    'EN 319 142-1, 6.3 (content type id-data)',
    'signed for another protocol',
    FORMAT,
    (content, { signer }) => ({
      contentType: OID.tstInfo,
      dataVersion: derInteger(3),
      attributes: exchanged(signer, content, 0, attributeOf.contentType(OID.tstInfo)),
    }),
  ),
  cms('no message digest', 'RFC 5652, 11.2', 'nothing is signed', HASH, (content, { signer }) => ({
    attributes: exchanged(signer, content, 1),
  })),
  cms(
    'the message digest twice, the right one first',
    'RFC 5652, 11.2',
    'which was meant cannot be told',
    FORMAT,
    (content, { signer }) => ({
      attributes: [
        ...usualAttributes(signer, content),
        attributeOf.messageDigest(new Uint8Array(32).fill(0xff)),
      ],
    }),
  ),
  cms(
    'the message digest twice, the wrong one first',
    'RFC 5652, 11.2',
    'which was meant cannot be told',
    FORMAT,
    (content, { signer }) => ({
      attributes: [
        ...usualAttributes(signer, content),
        attributeOf.messageDigest(new Uint8Array(32)),
      ],
    }),
  ),
  cms(
    'two values of the message digest',
    'RFC 5652, 11.2',
    'which was meant cannot be told',
    FORMAT,
    (content, { signer }) => ({
      attributes: exchanged(
        signer,
        content,
        1,
        buildAttribute(
          OID.messageDigest,
          derOctets(sha256(content)),
          derOctets(new Uint8Array(32)),
        ),
      ),
    }),
  ),
  cms(
    'the message digest without a value',
    'RFC 5652, 11.2',
    'exactly one value',
    FORMAT,
    (content, { signer }) => ({
      attributes: exchanged(signer, content, 1, buildAttribute(OID.messageDigest)),
    }),
  ),
  ...(
    [
      ['of other bytes', () => sha256(new Uint8Array(1))],
      ['cut short', (content) => sha256(content).slice(0, 16)],
      ['with a byte more', (content) => concatBytes([sha256(content), new Uint8Array(1)])],
      ['empty', () => new Uint8Array()],
      ['by another algorithm', (content) => digestBytes('sha512', content)],
    ] as readonly (readonly [string, (content: Uint8Array) => Uint8Array])[]
  ).map(([name, digest]) =>
    cms(
      `a message digest ${name}`,
      'RFC 5652, 5.6',
      'it is not the digest of these bytes',
      HASH,
      (content, { signer }) => ({
        attributes: exchanged(signer, content, 1, attributeOf.messageDigest(digest(content))),
      }),
    ),
  ),
  cms(
    'the signing time twice',
    'RFC 5652, 11.3',
    'which was meant cannot be told',
    FORMAT,
    (content, { signer }) => ({
      attributes: [
        ...usualAttributes(signer, content),
        buildAttribute(OID.signingTime, derTime(new Date('2026-11-20T08:00:00Z'))),
        buildAttribute(OID.signingTime, derTime(new Date('2016-11-20T08:00:00Z'))),
      ],
    }),
  ),
  cms(
    'the signing certificate twice',
    'RFC 5035, 3',
    'which was meant cannot be told',
    FORMAT,
    (content, { signer, peer }) => ({
      attributes: [
        ...usualAttributes(signer, content),
        attributeOf.signingCertificate(peer.certificate),
      ],
    }),
  ),
  cms(
    'a signing certificate that is another’s',
    'EN 319 102-1, 5.2.3.4',
    'the signer vouched for another certificate',
    NOT_NAMED,
    (content, { signer, peer }) => ({
      attributes: exchanged(signer, content, 2, attributeOf.signingCertificate(peer.certificate)),
    }),
  ),
  cms(
    'two signing certificates, the signer’s second',
    'RFC 5035, 3',
    'the first is the signer’s',
    NOT_NAMED,
    (content, { signer, peer }) => ({
      attributes: exchanged(
        signer,
        content,
        2,
        buildAttribute(
          OID.signingCertificateV2,
          derSequence(
            derSequence(essId('sha256', peer.certificate), essId('sha256', signer.certificate)),
          ),
        ),
      ),
    }),
  ),
  cms(
    'an empty list of signing certificates',
    'RFC 5035, 3',
    'the first is the signer’s',
    NOT_NAMED,
    (content, { signer }) => ({
      attributes: exchanged(
        signer,
        content,
        2,
        buildAttribute(OID.signingCertificateV2, derSequence(derSequence())),
      ),
    }),
  ),
  cms(
    'signing certificate v2 right, v1 another’s',
    'RFC 5035, 5 (both have to hold)',
    'two statements, one of them false',
    NOT_NAMED,
    (content, { signer, peer }) => ({
      attributes: [
        ...usualAttributes(signer, content),
        attributeOf.signingCertificateV1(peer.certificate),
      ],
    }),
  ),
  cms(
    'signing certificate v1 right, v2 another’s',
    'RFC 5035, 5 (both have to hold)',
    'two statements, one of them false',
    NOT_NAMED,
    (content, { signer, peer }) => ({
      attributes: [
        ...exchanged(signer, content, 2, attributeOf.signingCertificate(peer.certificate)),
        attributeOf.signingCertificateV1(signer.certificate),
      ],
    }),
  ),
  cms(
    'a signing certificate with the issuer and serial of another',
    'RFC 5035, 4 (issuerSerial); EN 319 102-1, 5.2.3.4',
    'digest and name lead to two certificates',
    NOT_NAMED,
    (content, { signer, peer }) => ({
      attributes: exchanged(
        signer,
        content,
        2,
        attributeOf.signingCertificate(signer.certificate, peer.certificate),
      ),
    }),
  ),
  cms(
    'algorithm protection for another digest',
    'RFC 6211, 3',
    'the algorithms were exchanged',
    FORMAT,
    (content, { signer }) => ({
      attributes: [
        ...usualAttributes(signer, content),
        buildAttribute(OID.cmsAlgorithmProtection, protection('sha512', 'sha256')),
      ],
    }),
  ),
  cms(
    'algorithm protection for another signature algorithm',
    'RFC 6211, 3',
    'the algorithms were exchanged',
    FORMAT,
    (content, { signer }) => ({
      attributes: [
        ...usualAttributes(signer, content),
        buildAttribute(OID.cmsAlgorithmProtection, protection('sha256', 'sha512')),
      ],
    }),
  ),
  cms(
    'signed attributes added after signing',
    'RFC 5652, 5.4',
    'they are not what was signed',
    VALUE,
    (content, { signer }) => {
      const usual = usualAttributes(signer, content);
      return {
        attributes: [...usual, buildAttribute(OID.signerLocation, derSequence())],
        value: () => signer.sign(derSetOf(usual)),
      };
    },
  ),
  cms(
    'signed attributes left out after signing',
    'RFC 5652, 5.4',
    'the value is over the attributes, not over the document',
    VALUE,
    (content, { signer }) => ({
      attributes: null,
      value: () => signer.sign(derSetOf(usualAttributes(signer, content))),
    }),
  ),
  cms(
    'signed attributes moved among the unsigned ones',
    'RFC 5652, 5.4',
    'the value is over the attributes, not over the document',
    VALUE,
    (content, { signer }) => ({
      attributes: null,
      unsigned: usualAttributes(signer, content),
      value: () => signer.sign(derSetOf(usualAttributes(signer, content))),
    }),
  ),
  cms(
    'signed attributes under the tag that goes out',
    'RFC 5652, 5.4 (EXPLICIT SET OF)',
    'it is the SET that is signed',
    VALUE,
    (content, { signer }) => ({
      value: () => signer.sign(derSetOf(usualAttributes(signer, content), 0xa0)),
    }),
  ),
];

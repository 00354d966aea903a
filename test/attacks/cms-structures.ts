/** SignedData in forms that readers take for one thing or another, and certificates put in another's place. */
import { concatBytes, digestBytes, fromHex } from '../../src/kernel/index.js';
import {
  OID,
  derContext,
  derContextPrimitive,
  derInteger,
  derOctets,
  derOid,
  derSequence,
  derSetOf,
} from '../../src/pki/index.js';
import type { Attack, Holders } from './attack.js';
import { holderOf, issue, type Holder } from './authority.js';
import { FORMAT, IRREGULAR, NOT_NAMED, VALUE, cms, exchanged } from './cms-attack.js';
import { attributeOf, buildCms, buildSignerInfo, sidOf, withCms } from './workshop.js';

const NO_CHAIN = 'INDETERMINATE/CERTIFICATE_CHAIN_GENERAL_FAILURE';

const keyIdOf = ({ certificate }: Holder): Uint8Array =>
  derContextPrimitive(0, fromHex(certificate.extensions.subjectKeyIdHex ?? '') ?? new Uint8Array());

/** A certificate with the names and the serial of the signer's, by a stranger for a key of its own. */
const imitation = ({ signer, root, stranger }: Holders): Promise<Holder> =>
  issue(signer.certificate.subject.text, {
    issuer: stranger,
    claimsIssuer: root.certificate,
    serialHex: signer.certificate.serialHex,
  });

export const CMS_STRUCTURES: readonly Attack[] = [
  cms(
    'two SignerInfos, the second a stranger’s',
    'EN 319 142-1, 6.3 (one signer only)',
    'readers check the one or the other',
    FORMAT,
    (content, { stranger }) => ({
      others: [buildSignerInfo(stranger, content)],
    }),
  ),
  cms(
    'two SignerInfos of one signer',
    'EN 319 142-1, 6.3 (one signer only)',
    'readers check the one or the other',
    FORMAT,
    (content, { signer }) => ({
      others: [buildSignerInfo(signer, content, { digest: 'sha512' })],
    }),
  ),
  {
    name: 'no SignerInfo',
    clause: 'EN 319 142-1, 6.3 (one signer)',
    reason: 'certificates are no signature',
    verdict: FORMAT,
    build: ({ plain, holders: { signer } }) =>
      withCms(plain, () =>
        derSequence(
          derOid(OID.signedData),
          derContext(
            0,
            derSequence(
              derInteger(1),
              derSetOf([]),
              derSequence(derOid(OID.data)),
              derSetOf([signer.certificate.der], 0xa0),
              derSetOf([]),
            ),
          ),
        ),
      ),
  },
  cms(
    'the document inside the CMS as well',
    'ISO 32000-2, 12.8.3.3.1; EN 319 142-1, 6.3 (no encapsulated data)',
    'readers check the one or the other',
    FORMAT,
    () => ({ content: derOctets(new Uint8Array(16)) }),
  ),
  cms(
    'another content inside the CMS, and its digest',
    'ISO 32000-2, 12.8.3.3.1; EN 319 142-1, 6.3 (no encapsulated data)',
    'what is signed is not the document',
    FORMAT,
    (content, { signer }) => ({
      content: derOctets(Uint8Array.of(1, 2, 3)),
      attributes: exchanged(
        signer,
        content,
        1,
        attributeOf.messageDigest(digestBytes('sha256', Uint8Array.of(1, 2, 3))),
      ),
    }),
  ),
  cms(
    'an empty content inside the CMS',
    'ISO 32000-2, 12.8.3.3.1; EN 319 142-1, 6.3 (no encapsulated data)',
    'empty is not detached',
    FORMAT,
    () => ({ content: derOctets(new Uint8Array()) }),
  ),
  cms('no certificate', 'EN 319 102-1, 5.2.3', 'who signed cannot be told', NOT_NAMED, () => ({
    certificates: [],
  })),
  cms(
    'another’s certificate in its place',
    'EN 319 102-1, 5.2.3',
    'who signed cannot be told',
    NOT_NAMED,
    (_content, { peer }) => ({ certificates: [peer.certificate.der] }),
  ),
  cms(
    'the signer named as another, whose certificate is there',
    'RFC 5652, 5.3',
    'the other did not sign',
    VALUE,
    (_content, { signer, peer }) => ({
      sid: sidOf(peer.certificate),
      certificates: [signer.certificate.der, peer.certificate.der],
    }),
  ),
  cms(
    'the signer named by the key identifier of another',
    'RFC 5652, 5.3',
    'the other did not sign',
    VALUE,
    (_content, { signer, peer }) => ({
      version: 3,
      dataVersion: derInteger(3),
      sid: keyIdOf(peer),
      certificates: [signer.certificate.der, peer.certificate.der],
    }),
  ),
  cms(
    'the signer named by a key identifier that is nobody’s',
    'EN 319 102-1, 5.2.3',
    'who signed cannot be told',
    NOT_NAMED,
    () => ({
      version: 3,
      dataVersion: derInteger(3),
      sid: derContextPrimitive(0, new Uint8Array(20)),
    }),
  ),
  cms(
    'the signer named in a way that does not exist',
    'RFC 5652, 5.3',
    'a choice of two',
    FORMAT,
    () => ({ sid: derContextPrimitive(1, new Uint8Array(20)) }),
  ),
  ...[0, 2, 4, 6, 99, -1].map((version) =>
    cms(
      `SignedData of version ${version}`,
      'RFC 5652, 5.1',
      'nothing signs it, and no product writes it',
      IRREGULAR,
      () => ({ dataVersion: derInteger(version) }),
    ),
  ),
  cms(
    'SignedData of a version beyond all numbers',
    'RFC 5652, 5.1',
    'nothing signs it, and no product writes it',
    IRREGULAR,
    () => ({ dataVersion: derInteger(2n ** 80n) }),
  ),
  ...[0, 2, 3, 99].map((version) =>
    cms(
      `SignerInfo of version ${version} with issuer and serial`,
      'RFC 5652, 5.3',
      'nothing signs it, and no product writes it',
      IRREGULAR,
      () => ({ version }),
    ),
  ),
  cms('members behind the SignerInfos', 'RFC 5652, 5.1', 'a place to hide', FORMAT, () => ({
    rest: [derOctets(new Uint8Array(8))],
  })),
  cms('other content than signed data', 'RFC 5652, 3', 'it is no signature', FORMAT, () => ({
    infoType: '1.2.840.113549.1.7.3',
  })),
  cms(
    'a certificate of a form that nobody uses',
    'RFC 5652, 10.2.2',
    'nothing signs it, and no product writes it',
    IRREGULAR,
    (_content, { signer }) => ({
      certificates: [signer.certificate.der, derContext(0, derSequence())],
    }),
  ),
  cms(
    'revocation information of a form that does not exist',
    'RFC 5652, 10.2.1',
    'nothing signs it, and no product writes it',
    IRREGULAR,
    () => ({ revocation: [derContext(5, derInteger(1))] }),
  ),
  {
    name: 'a second CMS behind the first',
    clause: 'ISO 32000-2, 12.8.1, table 255 (padded with zeros)',
    reason: 'readers check the one or the other',
    verdict: FORMAT,
    build: ({ plain, holders: { signer, stranger } }) =>
      withCms(plain, (content) =>
        concatBytes([buildCms(signer, content), buildCms(stranger, content)]),
      ),
  },
  {
    name: 'a certificate that imitates the signer’s, and its key',
    clause: 'EN 319 102-1, 5.2.6; RFC 5280, 6.1.3',
    reason: 'the authority did not issue it',
    verdict: NO_CHAIN,
    build: async ({ plain, holders }) => {
      const forger = await imitation(holders);
      return withCms(plain, (content) => buildCms(forger, content));
    },
  },
  {
    name: 'a certificate that imitates the signer’s, beside the true one',
    clause: 'EN 319 102-1, 5.2.6; RFC 5280, 6.1.3',
    reason: 'the true one did not sign, and the imitation is nobody’s',
    verdict: NO_CHAIN,
    build: async ({ plain, holders }) => {
      const forger = await imitation(holders);
      return withCms(plain, (content) =>
        buildCms(forger, content, {
          certificates: [holders.signer.certificate.der, forger.certificate.der],
        }),
      );
    },
  },
  {
    name: 'the true certificate over the value of another key',
    clause: 'RFC 5652, 5.6',
    reason: 'the signer did not sign',
    verdict: VALUE,
    build: ({ plain, holders: { signer, stranger } }) =>
      withCms(plain, (content) => buildCms(holderOf(signer.certificate, stranger.keys), content)),
  },
  {
    name: 'an imitation put in place of the signer’s certificate',
    clause: 'EN 319 102-1, 5.2.3 and 5.2.7',
    reason: 'the value is of another key',
    verdict: VALUE,
    build: async ({ plain, holders }) => {
      const { certificate } = await imitation(holders);
      return withCms(plain, (content) =>
        buildCms(holders.signer, content, { certificates: [certificate.der] }),
      );
    },
  },
  {
    name: 'signed by a stranger under a root of the trusted one’s name',
    clause: 'EN 319 102-1, 5.2.6',
    reason: 'a name is not a key',
    verdict: NO_CHAIN,
    build: async ({ plain, holders: { root } }) => {
      const imitated = await issue(root.certificate.subject.text);
      const forger = await issue('CN=甲,O=示例市财政局,C=CN', { issuer: imitated });
      return withCms(plain, (content) =>
        buildCms(forger, content, {
          certificates: [forger.certificate.der, imitated.certificate.der],
        }),
      );
    },
  },
];

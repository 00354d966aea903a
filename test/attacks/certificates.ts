/**
 * Certificates that do not vouch for a signature: not theirs to issue, not made for signing, over or
 * not begun.
 *
 * @see RFC 5280, 4.2 and 6.1; ETSI EN 319 102-1, 5.2.6
 */
import {
  OID,
  basicConstraintsExtension,
  buildExtension,
  extendedKeyUsageExtension,
  derInteger,
  derNull,
  derSequence,
  nameConstraintsExtension,
  parseName,
  buildNameFromText,
} from '../../src/pki/index.js';
import type { Attack, Holders } from './attack.js';
import { issue, rsaKeys, type Holder, type IssueRequest } from './authority.js';
import { buildCms, withCms } from './workshop.js';

const UNSUITABLE = 'INDETERMINATE/CHAIN_CONSTRAINTS_FAILURE';
const SUBJECT = 'CN=辛,O=示例市财政局,C=CN';

/** Signed by the first of the holders; the others' certificates go along. */
function signedBy(
  name: string,
  clause: string,
  reason: string,
  verdict: string,
  make: (holders: Holders) => Promise<readonly [Holder, ...Holder[]]>,
): Attack {
  return {
    name,
    clause,
    reason,
    verdict,
    build: async ({ plain, holders }) => {
      const [signer, ...others] = await make(holders);
      return withCms(plain, (content) =>
        buildCms(signer, content, {
          certificates: [signer, ...others].map(({ certificate }) => certificate.der),
        }),
      );
    },
  };
}

/** A signer of the root's with a certificate as `request` has it. */
const one = (
  name: string,
  clause: string,
  reason: string,
  verdict: string,
  request: () => IssueRequest,
): Attack =>
  signedBy(name, clause, reason, verdict, async ({ root }) => [
    await issue(SUBJECT, { issuer: root, ...request() }),
  ]);

/** A signer under an authority that the root issued as `request` has it. */
const under = (
  name: string,
  clause: string,
  reason: string,
  verdict: string,
  request: IssueRequest,
  signer: IssueRequest = {},
): Attack =>
  signedBy(name, clause, reason, verdict, async ({ root }) => {
    const middle = await issue('CN=中级,O=示例机构,C=CN', { issuer: root, isCa: true, ...request });
    return [await issue(SUBJECT, { issuer: middle, ...signer }), middle];
  });

const named = (text: string) =>
  ({ kind: 'directory', name: parseName(buildNameFromText(text)) }) as const;

const CHAINS: readonly Attack[] = [
  signedBy(
    'issued by another holder and not by an authority',
    'RFC 5280, 6.1.4 (k)',
    'every supplier could issue for the finance bureau',
    UNSUITABLE,
    async ({ peer }) => [await issue(SUBJECT, { issuer: peer }), peer],
  ),
  under(
    'issued by an authority whose key may not issue',
    'RFC 5280, 6.1.4 (n)',
    'the key is for something else',
    UNSUITABLE,
    { usages: ['digitalSignature'] },
  ),
  signedBy(
    'below an authority that may have none below it',
    'RFC 5280, 6.1.4 (m)',
    'the path is longer than allowed',
    UNSUITABLE,
    async ({ root }) => {
      const upper = await issue('CN=上级,C=CN', {
        issuer: root,
        isCa: true,
        pathLength: 0,
      });
      const lower = await issue('CN=下级,C=CN', { issuer: upper, isCa: true });
      return [await issue(SUBJECT, { issuer: lower }), lower, upper];
    },
  ),
  under(
    'of a name its authority may not give',
    'RFC 5280, 6.1.3 (b)',
    'the authority is for others',
    UNSUITABLE,
    { extensions: [nameConstraintsExtension({ permitted: [named('O=另一机构,C=CN')] })] },
  ),
  under(
    'of a name its authority must not give',
    'RFC 5280, 6.1.3 (c)',
    'the authority is for others',
    UNSUITABLE,
    { extensions: [nameConstraintsExtension({ excluded: [named('C=CN')] })] },
  ),
  under(
    'below an authority that has ended',
    'RFC 5280, 6.1.3 (a)(2)',
    'nothing proves the signature older',
    'INDETERMINATE/OUT_OF_BOUNDS_NO_POE',
    { notAfter: new Date('2026-01-01T00:00:00Z') },
  ),
  one(
    'with a critical extension that nobody knows',
    'RFC 5280, 4.2',
    'what it forbids cannot be told',
    UNSUITABLE,
    () => ({ extensions: [buildExtension('1.2.3.4.9', derNull(), true)] }),
  ),
  one(
    'with the same extension twice',
    'RFC 5280, 4.2',
    'readers take the one or the other',
    UNSUITABLE,
    () => ({ extensions: [basicConstraintsExtension(true)] }),
  ),
  one('for enciphering only', 'RFC 5280, 4.2.1.3', 'the key may not sign', UNSUITABLE, () => ({
    usages: ['keyEncipherment', 'dataEncipherment'],
  })),
  one(
    'for issuing only',
    'RFC 5280, 4.2.1.3',
    'the key may not sign documents',
    UNSUITABLE,
    () => ({ isCa: true }),
  ),
  one(
    'that had ended when it signed',
    'EN 319 102-1, 5.2.6',
    'the claim convicts itself',
    'TOTAL-FAILED/EXPIRED',
    () => ({ notAfter: new Date('2026-06-01T00:00:00Z') }),
  ),
  one(
    'that begins after it signed',
    'EN 319 102-1, 5.2.6',
    'the claim convicts itself',
    'TOTAL-FAILED/NOT_YET_VALID',
    () => ({ notBefore: new Date('2026-11-22T00:00:00Z') }),
  ),
  one(
    'with an RSA key of 1024 bits',
    'EN 319 102-1, 5.2.8; NIST SP 800-131A',
    'such keys can be broken',
    'INDETERMINATE/CRYPTO_CONSTRAINTS_FAILURE',
    () => ({ keys: rsaKeys(1024) }),
  ),
  one(
    'with an RSA key of 768 bits',
    'EN 319 102-1, 5.2.8; NIST SP 800-131A',
    'such keys have been broken',
    'INDETERMINATE/CRYPTO_CONSTRAINTS_FAILURE',
    () => ({ keys: rsaKeys(768) }),
  ),
  signedBy(
    'that signed itself',
    'EN 319 102-1, 5.2.6',
    'nobody trusts it',
    'INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND',
    async () => [await issue(SUBJECT, { isCa: false, usages: ['digitalSignature'] })],
  ),
  signedBy(
    'of an authority that nobody trusts',
    'EN 319 102-1, 5.2.6',
    'nobody trusts it',
    'INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND',
    async ({ stranger }) => [await issue(SUBJECT, { issuer: stranger }), stranger],
  ),
  one(
    'that requires a policy which it does not have',
    'RFC 5280, 6.1.5 (g)',
    'it was issued for something else',
    UNSUITABLE,
    () => ({
      extensions: [buildExtension(OID.policyConstraints, derSequence(derInteger(0, 0x80)), true)],
    }),
  ),
];

const purposes = (...oids: readonly string[]): IssueRequest => ({
  extensions: [extendedKeyUsageExtension(oids)],
});

const FOREIGN: readonly Attack[] = [
  ['servers', OID.serverAuth],
  ['time-stamps', OID.timeStamping],
  ['answers about revocation', OID.ocspSigning],
].map(([what = '', purpose = '']) =>
  one(`for ${what} alone`, 'RFC 5280, 4.2.1.12', 'it is for nothing else', UNSUITABLE, () =>
    purposes(purpose),
  ),
);

const sound = (name: string, reason: string, make: Parameters<typeof signedBy>[4]): Attack =>
  signedBy(name, '', reason, 'TOTAL-PASSED', make);

export const CERTIFICATES: readonly Attack[] = [...CHAINS, ...FOREIGN];

export const SOUND_CERTIFICATES: readonly Attack[] = [
  sound('for logging in and for mail', 'signers’ tokens have it', async ({ root }) => [
    await issue(SUBJECT, { issuer: root, ...purposes(OID.clientAuth, '1.3.6.1.5.5.7.3.4') }),
  ]),
  sound('for servers and for clients', 'one of them signs', async ({ root }) => [
    await issue(SUBJECT, { issuer: root, ...purposes(OID.serverAuth, OID.clientAuth) }),
  ]),
  sound('below two authorities', 'each may issue', async ({ root }) => {
    const upper = await issue('CN=上级,C=CN', { issuer: root, isCa: true });
    const lower = await issue('CN=下级,C=CN', { issuer: upper, isCa: true, pathLength: 0 });
    return [await issue(SUBJECT, { issuer: lower }), lower, upper];
  }),
  sound('of a name its authority may give', 'within its names', async ({ root }) => {
    const middle = await issue('CN=中级,C=CN', {
      issuer: root,
      isCa: true,
      extensions: [nameConstraintsExtension({ permitted: [named('O=示例市财政局,C=CN')] })],
    });
    return [await issue(SUBJECT, { issuer: middle }), middle];
  }),
  sound(
    'with an extension of its own',
    'what is not critical may be passed over',
    async ({ root }) => [
      await issue(SUBJECT, { issuer: root, extensions: [buildExtension('1.2.3.4.9', derNull())] }),
    ],
  ),
  sound('for signatures without repudiation alone', 'RFC 5280, 4.2.1.3', async ({ root }) => [
    await issue(SUBJECT, { issuer: root, usages: ['nonRepudiation'] }),
  ]),
];

/**
 * Time-stamps that prove nothing. The signer's certificate has ended, and all that could save the
 * signature is a proof that it is older; or the proof contradicts what it is to prove.
 *
 * @see RFC 3161, 2.2 to 2.4; ETSI EN 319 102-1, 5.4, 5.5.4 and 5.6.3
 */
import {
  OID,
  buildAttribute,
  derInteger,
  derSequence,
  extendedKeyUsageExtension,
} from '../../src/pki/index.js';
import type { Attack, Holders } from './attack.js';
import type { Holder } from './authority.js';
import { IRREGULAR } from './cms-attack.js';
import {
  THEN,
  TOO_LATE,
  stampAttribute,
  stamped,
  timeAuthority,
  token,
  tstInfo,
  type MakeTokens,
  type TokenParts,
} from './time-desk.js';
import { buildCms, usualAttributes, withCms } from './workshop.js';

export const TOO_OLD = 'INDETERMINATE/OUT_OF_BOUNDS_NO_POE';

/** Signed under a certificate that has ended since; only the tokens of `make` could prove it older. */
function ended(
  name: string,
  clause: string,
  reason: string,
  make: MakeTokens,
  verdict = TOO_OLD,
): Attack {
  return { name, clause, reason, verdict, build: (honest) => stamped(honest, make) };
}

/** A token by the trusted authority over the right value, but for what `parts` say. */
function spoilt(
  name: string,
  clause: string,
  reason: string,
  parts: (holders: Holders) => TokenParts | Promise<TokenParts>,
  verdict = TOO_OLD,
): Attack {
  return ended(
    name,
    clause,
    reason,
    async (value, { holders }) => [token(holders.tsa, value, await parts(holders))],
    verdict,
  );
}

/** A token by an authority that `make` sets up. */
function by(
  name: string,
  clause: string,
  reason: string,
  make: (holders: Holders) => Holder | Promise<Holder>,
  parts: TokenParts = {},
): Attack {
  return ended(name, clause, reason, async (value, { holders }) => [
    token(await make(holders), value, parts),
  ]);
}

export const SUITABLE = 'RFC 3161, 2.3 (critical, and time-stamping alone)';
const other = Uint8Array.of(1, 2, 3);

export const SIGNATURE_TIMESTAMPS: readonly Attack[] = [
  ended('no time-stamp', 'EN 319 102-1, 5.5.4', 'nothing proves the age', () => []),
  ended(
    'a time-stamp over other bytes',
    'EN 319 102-1, 5.5.4 (message imprint)',
    'it was not made for this signature',
    (_value, { holders: { tsa } }) => [token(tsa, other)],
    IRREGULAR,
  ),
  ended(
    'the time-stamp of another signature',
    'EN 319 102-1, 5.5.4 (message imprint)',
    'it was not made for this signature',
    async (_value, honest) => {
      let theirs: Uint8Array = new Uint8Array();
      await stamped(honest, (value) => [(theirs = token(honest.holders.tsa, value))]);
      return [theirs];
    },
    IRREGULAR,
  ),
  {
    name: 'a time-stamp over the document and not over the value',
    clause: 'EN 319 122-1, 5.3 (signature-time-stamp)',
    reason: 'the document may be older than the signature',
    verdict: IRREGULAR,
    build: ({ plain, holders: { late, tsa } }) =>
      withCms(
        plain,
        (content) => buildCms(late, content, { unsigned: stampAttribute(token(tsa, content)) }),
        { claimedAt: THEN },
      ),
  },
  {
    name: 'a time-stamp of the content among the signed attributes',
    clause: 'EN 319 122-1, 5.2.8; EN 319 102-1, 5.5.4',
    reason: 'the content is older than the signature',
    verdict: TOO_OLD,
    build: ({ plain, holders: { late, tsa } }) =>
      withCms(
        plain,
        (content) =>
          buildCms(late, content, {
            attributes: [
              ...usualAttributes(late, content),
              buildAttribute(OID.contentTimeStamp, token(tsa, content)),
            ],
          }),
        { claimedAt: THEN },
      ),
  },
  {
    name: 'a time-stamp of the signature among the signed attributes',
    clause: 'EN 319 122-1, 5.3 (unsigned attribute)',
    reason: 'a value cannot sign its own time-stamp',
    verdict: TOO_OLD,
    build: ({ plain, holders: { late, tsa } }) =>
      withCms(
        plain,
        (content) =>
          buildCms(late, content, {
            attributes: [...usualAttributes(late, content), ...stampAttribute(token(tsa, content))],
          }),
        { claimedAt: THEN },
      ),
  },
  ended(
    'a time-stamp of a stranger',
    'EN 319 102-1, 5.4',
    'nobody trusts the authority',
    async (value, { holders: { stranger } }) => [
      token(await timeAuthority({ root: stranger }), value),
    ],
  ),
  by(
    'a time-stamp by an ordinary certificate of the trusted root',
    SUITABLE,
    'every supplier has one',
    ({ peer }) => peer,
  ),
  by(
    'a time-stamp by the signer itself',
    SUITABLE,
    'the signer cannot vouch for its own time',
    ({ late }) => late,
  ),
  by('a time-stamping purpose that is not critical', SUITABLE, 'it binds nobody', (holders) =>
    timeAuthority(holders, {}, extendedKeyUsageExtension([OID.timeStamping])),
  ),
  by(
    'a time-stamping purpose among others',
    SUITABLE,
    'the key does something else too',
    (holders) =>
      timeAuthority(
        holders,
        {},
        extendedKeyUsageExtension([OID.timeStamping, OID.emailProtection], true),
      ),
  ),
  by('any purpose in place of time-stamping', SUITABLE, 'it is not named', (holders) =>
    timeAuthority(holders, {}, extendedKeyUsageExtension([OID.anyExtendedKeyUsage], true)),
  ),
  by('a purpose of another kind', SUITABLE, 'it is not named', (holders) =>
    timeAuthority(holders, {}, extendedKeyUsageExtension([OID.ocspSigning], true)),
  ),
  by('a key that may only encipher', 'RFC 5280, 4.2.1.3', 'the key may not sign', (holders) =>
    timeAuthority(holders, { usages: ['keyEncipherment'] }),
  ),
  by(
    'an authority that has ended since',
    'EN 319 102-1, 5.4 and 5.6.3',
    'nothing proves that the time-stamp is older than its end',
    (holders) => timeAuthority(holders, { notAfter: new Date('2025-12-31T00:00:00Z') }),
  ),
  by(
    'an authority that had ended by then',
    'EN 319 102-1, 5.4',
    'its certificate was not valid',
    (holders) => timeAuthority(holders, { notAfter: new Date('2024-12-31T00:00:00Z') }),
  ),
  by(
    'an authority that did not exist yet',
    'EN 319 102-1, 5.4',
    'its certificate was not valid',
    (holders) => timeAuthority(holders, { notBefore: new Date('2025-09-01T00:00:00Z') }),
  ),
  by(
    'an authority that another end entity issued',
    'RFC 5280, 6.1.4 (k)',
    'only authorities issue',
    ({ peer }) => timeAuthority({ root: peer }),
  ),
  spoilt(
    'a time-stamp whose value is not the authority’s',
    'RFC 3161, 2.2, step 2',
    'somebody else made it',
    ({ stranger }) => ({ value: stranger.sign }),
    IRREGULAR,
  ),
  spoilt(
    'a time-stamp whose time was changed',
    'RFC 5652, 5.6',
    'it is not what the authority signed',
    () => ({ digested: tstInfo(other, { generatedAt: TOO_LATE }) }),
    IRREGULAR,
  ),
  spoilt(
    'a time-stamp without its content',
    'RFC 3161, 2.4.2',
    'it says nothing',
    () => ({ content: null }),
    IRREGULAR,
  ),
  spoilt(
    'a time-stamp with an empty content',
    'RFC 3161, 2.4.2',
    'it says nothing',
    () => ({ content: new Uint8Array() }),
    IRREGULAR,
  ),
  ended(
    'a time-stamp that is none',
    'RFC 3161, 2.4.2',
    'it cannot be read',
    () => [derSequence(derInteger(1))],
    IRREGULAR,
  ),
  ended(
    'an ordinary signature in place of a time-stamp',
    'RFC 3161, 2.4.2 (TSTInfo)',
    'it says nothing of time',
    (value, { holders: { tsa } }) => [buildCms(tsa, value)],
    IRREGULAR,
  ),
  spoilt(
    'a time-stamp that names another signing certificate',
    'RFC 3161, 2.4.2; RFC 5816, 2.2',
    'which authority made it cannot be told',
    ({ peer }) => ({ names: peer.certificate }),
  ),
  spoilt(
    'a time-stamp that names no signing certificate',
    'RFC 3161, 2.4.2; RFC 5816, 2.2',
    'another certificate could be put in its place',
    () => ({ names: null }),
  ),
  spoilt(
    'a time-stamp by two signers',
    'RFC 3161, 2.4.2 (one signature only)',
    'readers check the one or the other',
    ({ stranger }) => ({ second: stranger }),
  ),
  spoilt(
    'a time-stamp with a critical extension that nobody knows',
    'RFC 3161, 2.4.2 (extensions)',
    'what it means cannot be told',
    () => ({ critical: ['1.2.3.4.9'] }),
  ),
  spoilt(
    'a time-stamp over a digest by MD5',
    'EN 319 102-1, 5.2.8',
    'the same token fits other bytes',
    () => ({ imprintDigest: 'md5' }),
  ),
  spoilt(
    'a time-stamp over a digest by SHA-1',
    'EN 319 102-1, 5.2.8',
    'the same token fits other bytes',
    () => ({ imprintDigest: 'sha1' }),
  ),
  spoilt(
    'a time-stamp made after the certificate ended',
    'EN 319 102-1, 5.5.4',
    'it proves the signature no older',
    () => ({ generatedAt: TOO_LATE }),
  ),
  ended(
    'a time-stamp made before the certificate began',
    'EN 319 102-1, 5.5.4',
    'a signature older than its certificate was not made under it',
    async (value, { holders }) => {
      const tsa = await timeAuthority(holders, { notBefore: new Date('2022-01-01T00:00:00Z') });
      return [token(tsa, value, { generatedAt: new Date('2023-03-01T08:00:00Z') })];
    },
    'TOTAL-FAILED/NOT_YET_VALID',
  ),
  spoilt('a time-stamp of the future', 'EN 319 102-1, 5.4', 'it does not exist yet', () => ({
    generatedAt: new Date('2027-03-01T08:00:00Z'),
  })),
  ended(
    'a foreign time-stamp beside the true one',
    'EN 319 102-1, 5.5.4 (message imprint)',
    'somebody touched what nothing signs',
    (value, { holders: { tsa } }) => [token(tsa, value), token(tsa, other)],
    IRREGULAR,
  ),
  {
    name: 'a time-stamp under the name of an archive time-stamp',
    clause: 'EN 319 142-1, 6.3 (document time-stamps instead)',
    reason: 'what it covers is something else',
    verdict: TOO_OLD,
    build: ({ plain, holders: { late, tsa } }) =>
      withCms(
        plain,
        (content) =>
          buildCms(late, content, {
            unsigned: [buildAttribute(OID.archiveTimeStampV3, token(tsa, content))],
          }),
        { claimedAt: THEN },
      ),
  },
  {
    name: 'a foreign time-stamp in a signature whose certificate is valid',
    clause: 'EN 319 102-1, 5.5.4 (message imprint)',
    reason: 'somebody touched what nothing signs',
    verdict: IRREGULAR,
    build: (honest) =>
      stamped(honest, () => [token(honest.holders.tsa, other)], honest.holders.signer),
  },
];

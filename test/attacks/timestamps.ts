/**
 * Time-stamps that prove nothing. The signer's certificate has ended, and all that could save the
 * signature is a proof that it is older; or the proof contradicts what it is to prove.
 *
 * @see RFC 3161, 2.2 to 2.4; ETSI EN 319 102-1, 5.4, 5.5.4 and 5.6.3
 */
import { bytesToLatin1, concatBytes, toHex } from '../../src/kernel/index.js';
import {
  OID,
  buildAttribute,
  derInteger,
  derSequence,
  extendedKeyUsageExtension,
} from '../../src/pki/index.js';
import type { Attack, Holders, Honest } from './attack.js';
import type { Holder } from './authority.js';
import { FORMAT, HASH, IRREGULAR } from './cms-attack.js';
import { landmarks, overwrite, rawUpdate, refNumber } from './forgery.js';
import { SHOWN } from './shadow.js';
import {
  THEN,
  TOO_LATE,
  documentStamped,
  stampAttribute,
  stamped,
  timeAuthority,
  token,
  tstInfo,
  type MakeTokens,
  type TokenParts,
} from './time-desk.js';
import { buildCms, usualAttributes, withCms } from './workshop.js';

const TOO_OLD = 'INDETERMINATE/OUT_OF_BOUNDS_NO_POE';
const NO_CHAIN = 'INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND';
const ORDER = 'INDETERMINATE/TIMESTAMP_ORDER_FAILURE';
const UNSUITABLE = 'INDETERMINATE/CHAIN_CONSTRAINTS_FAILURE';

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

const SUITABLE = 'RFC 3161, 2.3 (critical, and time-stamping alone)';
const other = Uint8Array.of(1, 2, 3);

const INSIDE: readonly Attack[] = [
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

/** The file of the signer whose certificate has ended, under a document time-stamp. */
function over(
  name: string,
  clause: string,
  reason: string,
  verdict: string,
  make: (content: Uint8Array, honest: Honest, file: Uint8Array) => Uint8Array | Promise<Uint8Array>,
): Attack {
  return {
    name,
    clause,
    reason,
    verdict,
    build: async (honest) => {
      const file = await stamped(honest, () => []);
      return documentStamped(file, (content) => make(content, honest, file));
    },
  };
}

const OVER: readonly Attack[] = [
  over(
    'a document time-stamp of a stranger',
    'EN 319 102-1, 5.4',
    'nobody trusts the authority',
    `${TOO_OLD}, ${NO_CHAIN}`,
    async (content, { holders: { stranger } }) =>
      token(await timeAuthority({ root: stranger }), content),
  ),
  over(
    'a document time-stamp by an ordinary certificate of the trusted root',
    SUITABLE,
    'every supplier has one',
    `${TOO_OLD}, ${UNSUITABLE}`,
    (content, { holders: { peer } }) => token(peer, content),
  ),
  over(
    'a document time-stamp over the file without its own revision',
    'ISO 32000-2, 12.8.5',
    'it covers less than it says',
    `${TOO_OLD}, ${HASH}`,
    (_content, { holders: { tsa } }, file) => token(tsa, file),
  ),
  over(
    'a document time-stamp over the document before it was signed',
    'ISO 32000-2, 12.8.5',
    'it covers less than it says',
    `${TOO_OLD}, ${HASH}`,
    (_content, { holders: { tsa }, plain }) => token(tsa, plain),
  ),
  over(
    'an ordinary signature in place of a document time-stamp',
    'ISO 32000-2, 12.8.5 (TimeStampToken)',
    'it says nothing of time',
    `${TOO_OLD}, ${FORMAT}`,
    (content, { holders: { peer } }) => buildCms(peer, content),
  ),
  over(
    'bytes behind a document time-stamp',
    'ISO 32000-2, 12.8.1, table 255 (padded with zeros)',
    'a place to hide',
    `${TOO_OLD}, ${FORMAT}`,
    (content, { holders: { tsa } }) => concatBytes([token(tsa, content), Uint8Array.of(0, 1)]),
  ),
  {
    name: 'an earlier document time-stamp once more',
    clause: 'ISO 32000-2, 12.8.5',
    reason: 'it covers less than it says',
    verdict: `TOTAL-PASSED, TOTAL-PASSED, ${HASH}`,
    build: async (honest) => {
      let first: Uint8Array = new Uint8Array();
      const file = await documentStamped(
        await stamped(honest, () => []),
        (content) => (first = token(honest.holders.tsa, content)),
      );
      return documentStamped(file, () => first);
    },
  },
  {
    name: 'a document time-stamp that is older than the one below it',
    clause: 'EN 319 102-1, 5.6.3',
    reason: 'the lower one is proved older than it says',
    verdict: `TOTAL-PASSED, ${ORDER}, TOTAL-PASSED`,
    build: async (honest) => {
      const { tsa } = honest.holders;
      const below = await documentStamped(await stamped(honest, () => []), (content) =>
        token(tsa, content, { generatedAt: TOO_LATE }),
      );
      return documentStamped(below, (content) => token(tsa, content));
    },
  },
  {
    name: 'a document time-stamp that is older than the one in the signature',
    clause: 'EN 319 102-1, 5.5.4 (coherence of time-stamps)',
    reason: 'the times contradict each other',
    verdict: `${ORDER}, TOTAL-PASSED`,
    build: async (honest) => {
      const { tsa } = honest.holders;
      const generatedAt = new Date('2025-05-01T08:00:00Z');
      const file = await stamped(honest, (value) => [token(tsa, value, { generatedAt })]);
      return documentStamped(file, (content) => token(tsa, content));
    },
  },
  {
    name: 'a time-stamp in the dictionary of a signature',
    clause: 'ISO 32000-2, 12.8.3.3.1',
    reason: 'who has signed is an authority for time',
    verdict: FORMAT,
    build: ({ plain, holders: { tsa } }) => withCms(plain, (content) => token(tsa, content)),
  },
  {
    name: 'a document time-stamp that shows a text',
    clause: 'ISO 32000-2, 12.8.5; EN 319 142-1, 5.4.3',
    reason: 'anybody gets a time-stamp, and so could write on what others signed',
    verdict: 'TOTAL-FAILED/FORMAT_FAILURE, TOTAL-PASSED',
    build: ({ once, holders: { tsa } }) => shownStamp(once, tsa),
  },
  {
    name: 'a document time-stamp that shows a text under P 1',
    clause: 'ISO 32000-2, 12.8.2.2.2, table 257',
    reason: 'anybody gets a time-stamp, and so could write on what others certified',
    verdict: 'TOTAL-FAILED/FORMAT_FAILURE, TOTAL-PASSED',
    build: ({ certified, holders: { tsa } }) => shownStamp(certified[0], tsa),
  },
];

/** A document time-stamp whose widget has a place and a look, on a free part of the page. */
function shownStamp(file: Uint8Array, tsa: Holder): Uint8Array {
  const { page, pageText, document, field } = landmarks(file);
  const next = document.nextObjectNumber;
  const form = refNumber(document.catalog.get('AcroForm'));
  const look = SHOWN('and 9,999,999.00 more');
  const hole = '0'.repeat(2 * 4096);
  const dictionary = `<</Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161/ByteRange [0 0000000000 0000000000 0000000000]/Contents <${hole}>>>`;
  const update = rawUpdate(
    file,
    new Map([
      [page, pageText.replace(/(\/Annots\s*\[[^\]]*)\]/, `$1 ${next} 0 R]`)],
      [form, `<</SigFlags 3/Fields [${refNumber(field.ref)} 0 R ${next} 0 R]>>`],
      [
        next,
        `<</Type/Annot/Subtype/Widget/FT/Sig/T(Stamp)/Rect[60 100 300 130]/F 4/P ${page} 0 R/V ${next + 1} 0 R/AP<</N ${next + 2} 0 R>>>>`,
      ],
      [next + 1, dictionary],
      [next + 2, look],
    ]),
  );
  const text = bytesToLatin1(update);
  const start = text.lastIndexOf(`<${hole}>`);
  const end = start + hole.length + 2;
  const ten = (value: number): string => String(value).padEnd(10, ' ');
  const ranged = overwrite(
    update,
    '[0 0000000000 0000000000 0000000000]',
    `[0 ${ten(start)} ${ten(end)} ${ten(update.length - end)}]`,
  );
  const content = concatBytes([ranged.subarray(0, start), ranged.subarray(end)]);
  const hex = toHex(token(tsa, content, { generatedAt: new Date('2026-11-21T08:00:00Z') }));
  return overwrite(ranged, `<${hole}>`, `<${hex.padEnd(hole.length, '0')}>`);
}

export const TIMESTAMPS: readonly Attack[] = [...INSIDE, ...OVER];

const sound = (name: string, reason: string, build: Attack['build']): Attack => ({
  name,
  reason,
  build,
});

export const SOUND_TIMESTAMPS: readonly Attack[] = [
  sound('a true time-stamp', 'it proves the signature older than the end', (honest) =>
    stamped(honest, (value) => [token(honest.holders.tsa, value)]),
  ),
  sound('the same time-stamp twice', 'it counts once', (honest) =>
    stamped(honest, (value) => {
      const one = token(honest.holders.tsa, value);
      return [one, one];
    }),
  ),
  sound('time-stamps of two authorities, equal in time', 'each proves the age', (honest) =>
    stamped(honest, async (value) => [
      token(honest.holders.tsa, value),
      token(await timeAuthority(honest.holders), value),
    ]),
  ),
  sound('time-stamps of two authorities, months apart', 'the earlier proves the age', (honest) =>
    stamped(honest, async (value) => [
      token(honest.holders.tsa, value, { generatedAt: TOO_LATE }),
      token(await timeAuthority(honest.holders), value),
    ]),
  ),
  sound('a time-stamp of a stranger beside the true one', 'it is not needed', (honest) =>
    stamped(honest, async (value) => [
      token(await timeAuthority({ root: honest.holders.stranger }), value),
      token(honest.holders.tsa, value),
    ]),
  ),
  sound('a time-stamp with a nonce and a policy of its own', 'they were for who asked', (honest) =>
    stamped(honest, (value) => [
      token(honest.holders.tsa, value, { nonce: 2n ** 63n, policy: '1.2.3.4.5.6' }),
    ]),
  ),
  sound('a time-stamp by SHA-512', 'any digest that is good enough', (honest) =>
    stamped(honest, (value) => [token(honest.holders.tsa, value, { imprintDigest: 'sha512' })]),
  ),
  sound(
    'a time-stamp of a stranger where none is needed',
    'EN 319 102-1, 5.5.4: it is set aside',
    (honest) =>
      stamped(
        honest,
        async (value) => [token(await timeAuthority({ root: honest.holders.stranger }), value)],
        honest.holders.signer,
      ),
  ),
  sound('a document time-stamp alone', 'it proves everything below it', async (honest) =>
    documentStamped(await stamped(honest, () => []), (content) =>
      token(honest.holders.tsa, content),
    ),
  ),
  sound('a document time-stamp renewed', 'each proves the one below it', async (honest) => {
    const { tsa } = honest.holders;
    const below = await documentStamped(
      await stamped(honest, (value) => [token(tsa, value)]),
      (content) => token(tsa, content, { generatedAt: new Date('2025-04-01T08:00:00Z') }),
    );
    return documentStamped(below, (content) => token(tsa, content, { generatedAt: TOO_LATE }));
  }),
  sound(
    'a document time-stamp under a certification with P 1',
    'ISO 32000-2, table 257: it shows nothing',
    (honest) =>
      documentStamped(honest.certified[0], (content) =>
        token(honest.holders.tsa, content, { generatedAt: new Date('2026-11-21T08:00:00Z') }),
      ),
  ),
];

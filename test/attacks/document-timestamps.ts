/** Document time-stamps that cover less than they say, contradict others or show something; and sound time-stamps. */
import { bytesToLatin1, concatBytes, toHex } from '../../src/kernel/index.js';
import type { Attack, Honest } from './attack.js';
import type { Holder } from './authority.js';
import { FORMAT, HASH } from './cms-attack.js';
import { landmarks, overwrite, rawUpdate, refNumber } from './forgery.js';
import { SHOWN } from './shadow.js';
import { TOO_LATE, documentStamped, stamped, timeAuthority, token } from './time-desk.js';
import { SUITABLE, TOO_OLD } from './timestamps.js';
import { buildCms, withCms } from './workshop.js';

const UNSUITABLE = 'INDETERMINATE/CHAIN_CONSTRAINTS_FAILURE';
const ORDER = 'INDETERMINATE/TIMESTAMP_ORDER_FAILURE';
const NO_CHAIN = 'INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND';
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

export const DOCUMENT_TIMESTAMPS: readonly Attack[] = [
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
  {
    name: 'a document time-stamp that shows a text, its format given by reference',
    clause: 'ISO 32000-2, 7.3.10 and 12.8.5',
    reason: 'a reference is what it leads to',
    verdict: 'TOTAL-FAILED/FORMAT_FAILURE, TOTAL-PASSED',
    build: ({ once, holders: { tsa } }) => shownStamp(once, tsa, true),
  },
];

/** A document time-stamp whose widget has a place and a look, on a free part of the page. */
function shownStamp(file: Uint8Array, tsa: Holder, isByReference = false): Uint8Array {
  const { page, pageText, document, field } = landmarks(file);
  const next = document.nextObjectNumber;
  const form = refNumber(document.catalog.get('AcroForm'));
  const look = SHOWN('and 9,999,999.00 more');
  const hole = '0'.repeat(2 * 4096);
  const format = isByReference ? ` ${next + 3} 0 R` : '/ETSI.RFC3161';
  const dictionary = `<</Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter${format}/ByteRange [0 0000000000 0000000000 0000000000]/Contents <${hole}>>>`;
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
      [next + 3, '/ETSI.RFC3161'],
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

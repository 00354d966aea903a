/**
 * Seals that do not stand for a signature: another's, altered, made by nobody that is believed, over, or revoked.
 * Both ways in which a PDF carries one: its structure in what a PAdES signature covers, and a signature by the seal
 * itself (GM.sm2seal).
 *
 * @see GB/T 38540-2020, verification of a seal and of its signature
 */
import { concatBytes, digestBytes } from '../../src/kernel/index.js';
import type { SealFacts } from '../../src/verification/index.js';
import type { Attack, Honest } from './attack.js';
import {
  OTHER_PICTURE,
  OWN_PICTURE,
  altered,
  listOf,
  makeSeal,
  registerOf,
  sealedByPades,
  sealedBySes,
  sealedByVersion1,
  type SealRequest,
} from './seal-desk.js';

const CONSTRAINT = 'TOTAL-FAILED/SIG_CONSTRAINTS_FAILURE';
const BROKEN = 'TOTAL-FAILED/SIG_CRYPTO_FAILURE';
const UNBELIEVED = 'INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND';
const NOVEMBER = new Date('2026-11-01T00:00:00Z');
const DECEMBER = new Date('2026-12-01T00:00:00Z');

/** A seal with something wrong in it, and what each of the two ways must say of it. */
interface BadSeal {
  readonly name: string;
  readonly reason: string;
  readonly verdict: string;
  readonly make: (honest: Honest) => Uint8Array;
}

const bad = (
  name: string,
  reason: string,
  verdict: string,
  request: SealRequest | ((honest: Honest) => SealRequest),
): BadSeal => ({
  name,
  reason,
  verdict,
  make: (honest) => makeSeal(honest, typeof request === 'function' ? request(honest) : request),
});

const certificateOf = ({ certificate }: Honest['holders']['signer']): Uint8Array => certificate.der;

const BAD_SEALS: readonly BadSeal[] = [
  bad(
    'the seal of another unit',
    'whoever has a key would seal for anybody',
    CONSTRAINT,
    ({ holders }) => ({
      list: listOf([holders.peer], 'certificates'),
    }),
  ),
  bad(
    'the seal of another unit, its list of digests',
    'whoever has a key would seal for anybody',
    CONSTRAINT,
    ({ holders }) => ({ list: listOf([holders.peer], 'digests') }),
  ),
  {
    name: 'a seal with the signer written into its list',
    reason: 'its maker signed another list',
    verdict: BROKEN,
    make: (honest) => {
      const { peer, signer } = honest.holders;
      const seal = makeSeal(honest, { list: listOf([peer], 'digests') });
      const digest = (der: Uint8Array): Uint8Array => digestBytes('sm3', der);
      return altered(seal, digest(certificateOf(peer)), digest(certificateOf(signer)));
    },
  },
  {
    name: 'a seal with another picture put into it',
    reason: 'its maker signed another picture',
    verdict: BROKEN,
    make: (honest) => altered(makeSeal(honest), OWN_PICTURE, OTHER_PICTURE),
  },
  {
    name: 'a seal whose end was put off',
    reason: 'its maker signed another end',
    verdict: BROKEN,
    make: (honest) => {
      const text = (year: string): Uint8Array => new TextEncoder().encode(`${year}1101000000Z`);
      return altered(makeSeal(honest, { validEnd: NOVEMBER }), text('2026'), text('2029'));
    },
  },
  bad(
    'a seal by a maker of its own',
    'nobody vouches for the maker',
    UNBELIEVED,
    ({ holders }) => ({
      maker: holders.stranger,
    }),
  ),
  bad(
    'a seal by one who may sign contracts',
    'signing contracts is not making seals',
    'INDETERMINATE/CHAIN_CONSTRAINTS_FAILURE',
    ({ holders }) => ({ maker: holders.signer }),
  ),
  bad('a seal that was over when it was used', 'it was no seal any more', CONSTRAINT, {
    validEnd: NOVEMBER,
  }),
  bad('a seal that had not begun when it was used', 'it was no seal yet', CONSTRAINT, {
    validStart: DECEMBER,
  }),
];

/** The seal as the register has it, unless an attack says otherwise. */
const registered =
  (facts: Partial<SealFacts> = {}) =>
  (honest: Honest) =>
    registerOf(makeRegistered(honest), [honest.holders.signer], facts);

/** Signed values differ from run to run: the one that is on register is kept. */
const kept = new WeakMap<Honest, Uint8Array>();
function makeRegistered(honest: Honest): Uint8Array {
  const known = kept.get(honest) ?? makeSeal(honest);
  kept.set(honest, known);
  return known;
}

const since = (at: string, status: 'suspended' | 'revoked'): Partial<SealFacts> => ({
  statusHistory: [
    { at: new Date('2026-01-01T00:00:00Z'), status: 'active' },
    { at: new Date(at), status },
  ],
});

/** What the register says against a seal that is sound in itself. */
const AGAINST: readonly (readonly [
  name: string,
  reason: string,
  verdict: string,
  Partial<SealFacts>,
])[] = [
  [
    'revoked before it was used',
    'the register says so',
    CONSTRAINT,
    since('2026-11-19T00:00:00Z', 'revoked'),
  ],
  [
    'revoked since, and no time-stamp',
    'the claimed time may be false',
    'INDETERMINATE/REVOKED_NO_POE',
    since('2026-11-21T00:00:00Z', 'revoked'),
  ],
  [
    'suspended when it was used',
    'its owner had lost it',
    CONSTRAINT,
    since('2026-11-19T00:00:00Z', 'suspended'),
  ],
  [
    'bound to another certificate on register',
    'it was remade for another UKey',
    CONSTRAINT,
    { certificateSha256: [] },
  ],
  [
    'ended earlier on register',
    'the register has the last word',
    CONSTRAINT,
    { validUntil: NOVEMBER },
  ],
];

const WAYS = [
  ['in a PAdES signature', sealedByPades],
  ['that signs itself', sealedBySes],
] as const;

export const SEALS: readonly Attack[] = [
  ...WAYS.flatMap(([way, signWith]): readonly Attack[] => [
    ...BAD_SEALS.map(({ name, reason, verdict, make }): Attack => ({
      name: `${name}, ${way}`,
      reason,
      verdict,
      build: (honest) => signWith(honest, make(honest)),
    })),
    ...AGAINST.map(([name, reason, verdict, facts]): Attack => ({
      name: `a seal ${name}, ${way}`,
      reason,
      verdict,
      seals: registered(facts),
      build: (honest) => signWith(honest, makeRegistered(honest)),
    })),
    {
      name: `another structure under a code of the register, ${way}`,
      reason: 'the register knows every structure that was made under its codes',
      verdict: CONSTRAINT,
      seals: registered(),
      build: (honest) => signWith(honest, makeSeal(honest, { picture: OTHER_PICTURE })),
    },
  ]),
  {
    name: 'a page that shows another picture than its seal has',
    reason: 'the reader sees another seal than was verified',
    verdict: CONSTRAINT,
    build: (honest) => sealedByPades(honest, makeSeal(honest), { shown: OTHER_PICTURE }),
  },
  {
    name: 'a picture that is not the one on register, and no structure',
    reason: 'the reader sees another seal than is registered',
    verdict: CONSTRAINT,
    seals: registered({ appearanceSha256: ['00'.repeat(32)] }),
    build: (honest) =>
      sealedByPades(honest, makeSeal(honest), { reference: { structureDer: undefined! } }),
  },
  {
    name: 'a seal that the register does not know, in a PAdES signature',
    reason: 'it names itself as one of the register',
    verdict: CONSTRAINT,
    seals: registered(),
    build: (honest) => sealedByPades(honest, makeSeal(honest, { code: '3799990000999' })),
  },
  {
    name: 'a signature that names another seal than it carries',
    reason: 'the reader is told of another seal than was verified',
    verdict: CONSTRAINT,
    build: (honest) =>
      sealedByPades(honest, makeSeal(honest), { reference: { code: '3799990000999' } }),
  },
  {
    name: 'a second structure behind the first in what a PAdES signature carries',
    reason: 'readers may take one or the other',
    verdict: 'TOTAL-FAILED/FORMAT_FAILURE',
    build: (honest) => {
      const seal = makeSeal(honest);
      const structureDer = concatBytes([seal, makeSeal(honest, { code: '3799990000999' })]);
      return sealedByPades(honest, seal, { reference: { structureDer } });
    },
  },
  {
    name: 'a structure exchanged after a PAdES signature',
    reason: 'the signature covers the seal it carries',
    verdict: 'TOTAL-FAILED/HASH_FAILURE',
    build: async (honest) => {
      const vendor = (text: string): Uint8Array => new TextEncoder().encode(text);
      const file = await sealedByPades(honest, makeSeal(honest));
      return altered(file, vendor('ATTACK'), vendor('DEFEND'));
    },
  },
  {
    name: 'a second structure behind the first in the hole of a seal’s signature',
    reason: 'readers may take one or the other',
    verdict: 'TOTAL-FAILED/FORMAT_FAILURE',
    build: (honest) => {
      const seal = makeSeal(honest);
      return sealedBySes(honest, seal, { behind: seal });
    },
  },
  {
    name: 'another seal put into a seal’s signature',
    reason: 'the signer signed with the seal it had',
    verdict: BROKEN,
    build: (honest) =>
      sealedBySes(honest, makeSeal(honest), {
        swapped: makeSeal(honest, { code: '3799990000999' }),
      }),
  },
  {
    name: 'the certificate of one in the list, sent by another',
    reason: 'the value is not by its key',
    verdict: BROKEN,
    build: (honest) => {
      const { peer, signer } = honest.holders;
      return sealedBySes(honest, makeSeal(honest), { signer: peer, sent: signer });
    },
  },
  {
    name: 'a seal’s signature of another file',
    reason: 'its digest is of other bytes',
    verdict: 'TOTAL-FAILED/HASH_FAILURE',
    build: (honest) => sealedBySes(honest, makeSeal(honest), { dataHash: new Uint8Array(32) }),
  },
  {
    name: 'a seal’s signature dated before its seal began',
    reason: 'there was no such seal then',
    verdict: CONSTRAINT,
    build: (honest) =>
      sealedBySes(honest, makeSeal(honest), { timeInfo: new Date('2025-12-31T00:00:00Z') }),
  },
  {
    name: 'a seal of version 1 of another unit',
    reason: 'whoever has a key would seal for anybody',
    verdict: CONSTRAINT,
    build: (honest) => sealedByVersion1(honest, { isListed: false }),
  },
  {
    name: 'a seal of version 1 that was over when it was used',
    reason: 'it was no seal any more',
    verdict: CONSTRAINT,
    build: (honest) => sealedByVersion1(honest, { validEnd: NOVEMBER }),
  },
];

const sound = (name: string, build: Attack['build'], seals?: Attack['seals']): Attack => ({
  name,
  reason: 'nothing is wrong with it',
  build,
  ...(seals === undefined ? {} : { seals }),
});

export const SOUND_SEALS: readonly Attack[] = WAYS.flatMap(([way, signWith]) => [
  sound(`a seal with certificates, ${way}`, (honest) => signWith(honest, makeSeal(honest))),
  sound(`a seal with digests, ${way}`, (honest) =>
    signWith(honest, makeSeal(honest, { list: listOf([honest.holders.signer], 'digests') })),
  ),
  sound(`a seal of version 5, ${way}`, (honest) =>
    signWith(honest, makeSeal(honest, { version: 5 })),
  ),
  sound(
    `a seal on register, ${way}`,
    (honest) => signWith(honest, makeRegistered(honest)),
    registered(),
  ),
]).concat([
  sound('a seal of version 1 that signs itself', (honest) => sealedByVersion1(honest)),
  sound(
    'a seal of another house that signs itself, before a register of ours',
    (honest) => sealedBySes(honest, makeSeal(honest, { code: '4401000000001' })),
    registered(),
  ),
]);

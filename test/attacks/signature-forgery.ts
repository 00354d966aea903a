/**
 * Universal signature forgery: the document is altered and the signature dictionary made such that
 * a careless validator skips its checks.
 *
 * @see Mladenov et al., "1 Trillion Dollar Refund: How To Spoof PDF Signatures", CCS 2019, 4.1
 */
import { EVIL, type Attack } from './attack.js';
import { concatBytes, latin1ToBytes } from '../../src/kernel/index.js';
import { landmarks, overwrite, rawUpdate, refNumber } from './forgery.js';

const RANGE = /\/ByteRange\s*\[[^\]]*\]/;
const CONTENTS = /\/Contents\s*<[0-9a-fA-F]*>/;

/** An update that alters the page and rewrites the signature dictionary by `forge`. */
function redefined(
  name: string,
  reason: string,
  forge: (dictionary: string, hex: string, range: readonly number[], size: number) => string,
): Attack {
  return {
    name: `${name}, in an update`,
    reason,
    build: ({ once }) => {
      const { signature, signatureText, content, hex, range } = landmarks(once);
      const dictionary = forge(signatureText, hex, range, once.length);
      return rawUpdate(
        once,
        new Map([
          [signature, dictionary],
          [content, EVIL],
        ]),
      );
    },
  };
}

/** The signed file itself, with the entry `from` written over in place. */
function inPlace(
  name: string,
  reason: string,
  forge: (dictionary: string, hex: string, range: readonly number[]) => readonly [string, string],
  verdict = 'TOTAL-FAILED',
): Attack {
  return {
    name: `${name}, in place`,
    reason,
    verdict,
    build: ({ once }) => {
      const { signatureText, hex, range } = landmarks(once);
      const [from, to] = forge(signatureText, hex, range);
      return overwrite(once, from, to.padEnd(from.length, ' '));
    },
  };
}

const CONTENTS_VALUES: readonly (readonly [string, string | undefined])[] = [
  ['Contents missing', undefined],
  ['Contents null', '/Contents null'],
  ['Contents empty', '/Contents <>'],
  ['Contents a single zero', '/Contents <00>'],
  ['Contents all zeros', `/Contents <${'00'.repeat(512)}>`],
  ['Contents an integer', '/Contents 0'],
  ['Contents a name', '/Contents /Sig'],
  ['Contents a dictionary', '/Contents <</Contents <00>>>'],
  ['Contents an array', '/Contents [<00>]'],
  ['Contents true', '/Contents true'],
  ['Contents an empty literal string', '/Contents ()'],
  ['Contents a reference to nothing', '/Contents 9999 0 R'],
  ['Contents a reference to itself', '/Contents 9 0 R'],
];

const RANGE_VALUES: readonly (readonly [string, (r: readonly number[], size: number) => string])[] =
  [
    ['ByteRange missing', () => ''],
    ['ByteRange null', () => '/ByteRange null'],
    ['ByteRange empty', () => '/ByteRange []'],
    ['ByteRange of four nulls', () => '/ByteRange [null null null null]'],
    ['ByteRange of zeros', () => '/ByteRange [0 0 0 0]'],
    ['ByteRange an integer', () => '/ByteRange 0'],
    ['ByteRange a string', () => '/ByteRange (0 1 2 3)'],
    ['ByteRange a dictionary', () => '/ByteRange <<>>'],
    ['ByteRange a reference', () => '/ByteRange 9999 0 R'],
    ['ByteRange of references', () => '/ByteRange [3 0 R 3 0 R 3 0 R 3 0 R]'],
    ['ByteRange of one range', (_r, size) => `/ByteRange [0 ${size}]`],
    ['ByteRange of three numbers', ([a = 0, b, c]) => `/ByteRange [${a} ${b} ${c}]`],
    ['ByteRange of five numbers', (r) => `/ByteRange [${r.join(' ')} 0]`],
    ['ByteRange of three ranges', (r) => `/ByteRange [${r.join(' ')} 0 10]`],
    ['ByteRange negative', ([, b, c, d]) => `/ByteRange [0 -${b} ${c} -${d}]`],
    ['ByteRange beginning before the file', ([, b, c, d]) => `/ByteRange [-1 ${b} ${c} ${d}]`],
    ['ByteRange beginning later', ([, b = 0, c, d]) => `/ByteRange [8 ${b - 8} ${c} ${d}]`],
    ['ByteRange beyond the file', ([, b, c, d = 0]) => `/ByteRange [0 ${b} ${c} ${d + 1e9}]`],
    [
      'ByteRange of numbers beyond 2^64',
      ([, b, c]) => `/ByteRange [0 ${b} ${c} 99999999999999999999999]`,
    ],
    [
      'ByteRange that wraps round 2^32',
      ([, b = 0, c, d]) => `/ByteRange [0 ${b + 2 ** 32} ${c} ${d}]`,
    ],
    ['ByteRange of reals', ([, b, c, d]) => `/ByteRange [0.0 ${b}.5 ${c}.0 ${d}.0]`],
    ['ByteRange swapped', ([a, b, c, d]) => `/ByteRange [${c} ${d} ${a} ${b}]`],
    ['ByteRange overlapping itself', ([, b = 0, , d]) => `/ByteRange [0 ${b} ${b - 5} ${d}]`],
    [
      'ByteRange without a gap',
      ([, b = 0, c = 0, d = 0]) => `/ByteRange [0 ${b} ${b} ${c + d - b}]`,
    ],
    ['ByteRange given twice', (r) => `/ByteRange [0 0 0 0] /ByteRange [${r.join(' ')}]`],
    [
      'ByteRange under an escaped name beside the true one',
      (r) => `/ByteRange [0 0 0 0] /Byte#52ange [${r.join(' ')}]`,
    ],
  ];

export const SIGNATURE_FORGERY: readonly Attack[] = [
  ...CONTENTS_VALUES.map(([name, value]) =>
    redefined(name, 'there is no signature to check', (dictionary) =>
      dictionary.replace(CONTENTS, value ?? ''),
    ),
  ),
  ...RANGE_VALUES.map(([name, value]) =>
    redefined(name, 'there is nothing the signature covers', (dictionary, _hex, range, size) =>
      dictionary.replace(RANGE, value(range, size)),
    ),
  ),
  redefined('the dictionary as it was', 'it stands outside its own ranges', (text) => text),
  redefined('a second Contents before', 'readers disagree which one counts', (text, hex) =>
    text.replace('/Type', `/Contents <${hex.slice(0, 64)}> /Type`),
  ),
  redefined('a second Contents behind', 'readers disagree which one counts', (text, hex) =>
    text.replace(/>>$/, `/Contents <${hex}> >>`),
  ),
  redefined('Contents under an escaped name', 'two names for one key', (text, hex) =>
    text.replace('/Type', `/#43ontents <${hex}> /Type`),
  ),
  redefined('a sub-filter nobody knows', 'the check must not be skipped', (text) =>
    text.replace('/ETSI.CAdES.detached', '/ETSI.CAdES.attached'),
  ),
  redefined('no sub-filter', 'the check must not be skipped', (text) =>
    text.replace('/SubFilter /ETSI.CAdES.detached', ''),
  ),
  redefined('a filter nobody knows and no range', 'the check must not be skipped', (text) =>
    text.replace('/Adobe.PPKLite', '/Nobody').replace(RANGE, ''),
  ),

  inPlace('Contents renamed', 'the signed bytes changed', () => ['/Contents <', '/Contentz <']),
  inPlace('ByteRange renamed', 'the signed bytes changed', () => ['/ByteRange [', '/ByteRang# [']),
  inPlace('Contents zeroed', 'a hole without a signature', (_text, hex) => [
    hex,
    '0'.repeat(hex.length),
  ]),
  inPlace('Contents emptied by spaces', 'a hole without a signature', (_text, hex) => [
    hex,
    ' '.repeat(hex.length),
  ]),
  inPlace('white space in the hole', 'a place to hide', (_text, hex) => [
    hex,
    `${hex.slice(0, -8)}        `,
  ]),
  inPlace(
    'a comment in the hole',
    'a place to hide',
    (_text, hex) => [`${hex.slice(-20)}>`, `%${hex.slice(-18)}\n>`],
    'INDETERMINATE',
  ),
  inPlace('the hole closed early', 'objects fit in the rest of the gap', (_text, hex) => [
    `${hex.slice(-60)}>`,
    `>/Evil (${' '.repeat(48)})`.padEnd(61, ' '),
  ]),
  inPlace(
    'an object in the padding',
    'objects fit in the rest of the gap',
    (_text, hex) => [
      hex.slice(-48),
      '>>endobj 99 0 obj<</Type/Catalog>>endobj<<'.padEnd(47, ' ') + '<',
    ],
    'INDETERMINATE',
  ),
  inPlace('bytes after the CMS', 'what pads the CMS must be zeros', (_text, hex) => [
    hex.slice(-8),
    'deadbeef',
  ]),
  inPlace('digits in mixed case', 'no producer writes that', (_text, hex) => [
    hex.slice(0, 40),
    hex.slice(0, 40).replace(/[a-f]/, (digit) => digit.toUpperCase()),
  ]),
  inPlace(
    'an escaped key',
    'the signed bytes changed',
    () => ['/SubFilter /E', '/Sub#46ilter'],
    'INDETERMINATE',
  ),
  {
    name: 'the second signature shares the ranges of the first',
    reason: 'each signature has a gap of its own',
    verdict: 'TOTAL-FAILED, TOTAL-FAILED',
    build: ({ twice }) => {
      const first = landmarks(twice, 0);
      const second = landmarks(twice, 1);
      const dictionary = second.signatureText
        .replace(RANGE, `/ByteRange [${first.range.join(' ')}]`)
        .replace(CONTENTS, `/Contents <${first.hex}>`);
      return rawUpdate(twice, new Map([[second.signature, dictionary]]));
    },
  },
  {
    name: 'a second field points to the signature of the first',
    reason: 'a signature belongs to one field',
    verdict: 'TOTAL-FAILED, TOTAL-FAILED',
    build: ({ once }) => {
      const { signature, fieldText, document, field } = landmarks(once);
      const form = document.catalog.get('AcroForm');
      const added = document.nextObjectNumber;
      return rawUpdate(
        once,
        new Map([
          [added, fieldText.replace('Signature1', 'Signature2')],
          [refNumber(form), `<</SigFlags 3/Fields [${refNumber(field.ref)} 0 R ${added} 0 R]>>`],
          [signature, landmarks(once).signatureText],
        ]),
      );
    },
  },
  {
    name: 'signature wrapping: the signed bytes moved behind what is shown',
    reason: 'a range must begin at the start and end at the end of a revision',
    build: ({ once }) => {
      const { signatureText, range, content, text } = landmarks(once);
      const [, b, c, d] = range;
      const rest = text.slice(c, c + d);
      // The second range is moved to the end of the file, its old place is free for anything.
      const entry = RANGE.exec(signatureText)?.[0] ?? '';
      const wrapped = `/ByteRange [0 ${b} ${once.length} ${d}`.padEnd(entry.length - 1, ' ');
      const moved = overwrite(once, entry, `${wrapped}]`);
      const evil = rawUpdate(moved, new Map([[content, EVIL]]), { omit: ['startxref', 'eof'] });
      return concatBytes([evil, latin1ToBytes(rest)]);
    },
  },
];

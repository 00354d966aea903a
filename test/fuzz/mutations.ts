/** Ways to alter a signed file: blind ones on its bytes, and ones that know what a PDF is made of. */
import { bytesToLatin1, concatBytes, latin1ToBytes } from '../../src/kernel/index.js';
import { EVIL } from '../attacks/attack.js';
import { open, rawUpdate, stream } from '../attacks/forgery.js';
import type { Random } from './random.js';

export type Mutation = (pdf: Uint8Array, random: Random) => Uint8Array;

const WORDS = [
  'obj',
  'endobj',
  'stream',
  'endstream',
  'xref',
  'trailer',
  'startxref',
  '%%EOF',
  '%PDF-1.7',
  '/Prev',
  '/Root',
  '/Size',
  '/XRefStm',
  '/Type',
  '/Kids',
  '/Fields',
  '/Annots',
  '/V',
  '/AP',
  '/Contents',
  '/ByteRange',
  '/Resources',
  '<<',
  '>>',
  '[',
  ']',
  '(',
  ')',
  '0 R',
  'null',
  'true',
  '-1',
  '0',
  '65535',
  '4294967296',
  '99999999999999999999',
];

const VALUES = [
  'null',
  'true',
  '0',
  '-1',
  '1e9',
  '[]',
  '<<>>',
  '()',
  '<00>',
  '/X',
  '9999 0 R',
  '1 0 R',
  '[0 0 600 800]',
];

function overwriteBytes(pdf: Uint8Array, random: Random): Uint8Array {
  const altered = pdf.slice();
  for (let i = random.below(8); i >= 0; i--)
    altered[random.below(altered.length)] = random.below(256);
  return altered;
}

function flipBit(pdf: Uint8Array, random: Random): Uint8Array {
  const altered = pdf.slice();
  const at = random.below(altered.length);
  altered[at] = (altered[at] ?? 0) ^ (1 << random.below(8));
  return altered;
}

function moveParts(pdf: Uint8Array, random: Random): Uint8Array {
  const cuts = [0, 0, 0].map(() => random.below(pdf.length)).sort((a, b) => a - b);
  const [a = 0, b = 0, c = 0] = cuts;
  const [head, one, two, tail] = [
    pdf.subarray(0, a),
    pdf.subarray(a, b),
    pdf.subarray(b, c),
    pdf.subarray(c),
  ];
  return concatBytes(
    random.pick([
      [head, two, tail],
      [head, one, one, two, tail],
      [head, two, one, tail],
      [head, one, two, tail, one],
      [head, one],
    ]),
  );
}

function exchangeWords(pdf: Uint8Array, random: Random): Uint8Array {
  const text = bytesToLatin1(pdf);
  const from = random.pick(WORDS);
  const found = text.indexOf(from, random.below(text.length));
  const at = found < 0 ? random.below(text.length) : found;
  const length = found < 0 ? 0 : from.length;
  return latin1ToBytes(text.slice(0, at) + random.pick(WORDS) + text.slice(at + length));
}

function changeNumber(pdf: Uint8Array, random: Random): Uint8Array {
  const text = bytesToLatin1(pdf);
  const at = random.below(text.length);
  const match = /\d+/.exec(text.slice(at));
  if (match === null) return pdf;
  const [digits] = match;
  const start = at + match.index;
  const value = String(Number(digits) + random.pick([-1, 1, 2, 16, 1000]));
  const same = value.padStart(digits.length, '0').slice(-digits.length);
  return latin1ToBytes(
    text.slice(0, start) + random.pick([same, value]) + text.slice(start + digits.length),
  );
}

/** The body of an object as it stands in the file; undefined for compressed and free ones. */
function bodyOf(pdf: Uint8Array, num: number): string | undefined {
  const entry = open(pdf).lookup(num);
  if (entry?.kind !== 'in-file') return undefined;
  const text = bytesToLatin1(pdf);
  const start = text.indexOf('obj', entry.offset) + 3;
  const end = text.indexOf('endobj', start);
  return end < 0 ? undefined : text.slice(start, end).trim();
}

function alterBody(body: string, random: Random): string {
  const keys = [...body.matchAll(/\/[A-Za-z]+/g)];
  const at = keys.length === 0 ? 2 : random.pick(keys).index;
  const rest = body.slice(at);
  return random.pick([
    () =>
      `${body.slice(0, at)}${random.pick(WORDS.filter((word) => word[0] === '/'))} ${random.pick(VALUES)}${rest}`,
    () => body.slice(0, at) + rest.replace(/\/[A-Za-z]+\s*/, ''),
    () => body.slice(0, at) + rest.replace(/\d+/, (digits) => String(Number(digits) + 1)),
    () => body.slice(0, at) + rest.replace(/\d+ 0 R/, () => random.pick(VALUES)),
    () => EVIL,
    () => random.pick(VALUES),
    () => stream('1 g 0 0 600 800 re f', '/Type/XObject/Subtype/Form/BBox[0 0 600 800]'),
  ])();
}

/** A well-formed update that changes one or two objects. */
function updateObjects(pdf: Uint8Array, random: Random): Uint8Array {
  const document = open(pdf);
  const objects = new Map<number, string | null>();
  for (let i = random.below(2); i >= 0; i--) {
    const num = 1 + random.below(document.nextObjectNumber);
    const body = bodyOf(pdf, num);
    objects.set(
      num,
      random.below(8) === 0 ? null : body === undefined ? EVIL : alterBody(body, random),
    );
  }
  const omit = (['xref', 'trailer', 'startxref', 'eof'] as const).filter(
    () => random.below(12) === 0,
  );
  return rawUpdate(pdf, objects, {
    omit,
    ...(random.below(12) === 0 ? { startxref: random.below(pdf.length) } : {}),
    ...(random.below(12) === 0 ? { prev: random.below(pdf.length) } : {}),
    ...(random.below(12) === 0
      ? {
          entries: new Map([
            [1 + random.below(document.nextObjectNumber), random.below(pdf.length)],
          ]),
        }
      : {}),
    ...(random.below(12) === 0 ? { beforeXref: `${random.pick(WORDS)}\n` } : {}),
  });
}

/** An annotation, and the page that lists it. */
function annotate(pdf: Uint8Array, random: Random): Uint8Array {
  const document = open(pdf);
  const { ref } = document.pages.get(0);
  const body = ref === undefined ? undefined : bodyOf(pdf, ref.num);
  if (ref === undefined || body === undefined) return pdf;
  const next = document.nextObjectNumber;
  const kind = random.pick(['Text', 'Highlight', 'FreeText', 'Stamp', 'Widget', 'Link', 'Ink']);
  const side = (most: number): number => random.below(most);
  const rect = `${side(600)} ${side(800)} ${side(600)} ${side(800)}`;
  const look = `/AP<</N ${next + 1} 0 R>>`;
  return rawUpdate(
    pdf,
    new Map([
      [ref.num, body.replace(/(\/Annots\s*\[[^\]]*)\]/, `$1 ${next} 0 R]`)],
      [next, `<</Type/Annot/Subtype/${kind}/Rect[${rect}]/F 4${random.pick([look, ''])}>>`],
      [next + 1, stream('1 g 0 0 9 9 re f', '/Type/XObject/Subtype/Form/BBox[0 0 9 9]')],
    ]),
  );
}

function appendPart(pdf: Uint8Array, random: Random): Uint8Array {
  const start = random.below(pdf.length);
  return concatBytes([pdf, pdf.subarray(start, start + random.below(2000))]);
}

export const MUTATIONS: readonly Mutation[] = [
  overwriteBytes,
  flipBit,
  moveParts,
  exchangeWords,
  changeNumber,
  updateObjects,
  updateObjects,
  updateObjects,
  annotate,
  appendPart,
];

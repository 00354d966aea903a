/** Parser differentials: files that two readers read as two documents. */
import { bytesToLatin1, concatBytes, latin1ToBytes } from '../../src/kernel/index.js';
import { EVIL, type Attack } from './attack.js';
import { landmarks, open, overwrite, rawUpdate, refNumber, stream } from './forgery.js';

/** Read only after repair: nothing is proved, and nothing is passed. */
const UNREADABLE = 'INDETERMINATE';

const after = (name: string, reason: string, text: string, verdict = 'TOTAL-FAILED'): Attack => ({
  name: `after the end: ${name}`,
  reason,
  verdict,
  build: ({ once }) => concatBytes([once, latin1ToBytes(text)]),
});

const before = (name: string, reason: string, text: string, verdict: string): Attack => ({
  name: `before the header: ${name}`,
  reason,
  verdict,
  build: ({ once }) => concatBytes([latin1ToBytes(text), once]),
});

/** An update whose raw tail is made by hand. */
function tail(
  name: string,
  reason: string,
  make: (content: number, at: number, prev: number, root: number) => string,
  verdict = 'TOTAL-FAILED',
): Attack {
  return {
    name,
    reason,
    verdict,
    build: ({ once }) => {
      const { content, catalog } = landmarks(once);
      const prev = open(once).revisions.at(-1)?.startxref ?? 0;
      return concatBytes([once, latin1ToBytes(make(content, once.length, prev, catalog))]);
    },
  };
}

const entry = (offset: number): string => `${String(offset).padStart(10, '0')} 00000 n \n`;
const table = (num: number, offset: number, at: number, rest: string): string =>
  `xref\n${num} 1\n${entry(offset)}trailer\n<<${rest}>>\nstartxref\n${at}\n%%EOF\n`;

/** An update that replaces the page content, its object written as `write` has it. */
function written(name: string, write: (content: number) => string): Attack {
  return tail(name, 'page content replaced', (content, at, prev, root) => {
    const object = write(content);
    return (
      object + table(content, at, at + object.length, `/Size 99/Root ${root} 0 R/Prev ${prev}`)
    );
  });
}

/** The unsigned revision, altered in place and put behind: which of two documents is shown is the reader's choice. */
const OTHER = (plain: Uint8Array): string =>
  bytesToLatin1(plain).replace('/Type /Page', '/Rotate 90/Type /Page');

export const STRUCTURE: readonly Attack[] = [
  after('an object', 'readers that rebuild find it', '99 0 obj\n<<>>\nendobj\n'),
  after('a table', 'readers that rebuild find it', 'xref\n0 0\ntrailer\n<<>>\n'),
  after('a second %%EOF', 'a revision that is none', '%%EOF\n'),
  after('a startxref', 'a revision that is none', 'startxref\n0\n%%EOF\n', UNREADABLE),
  after('a header', 'a second document begins', '%PDF-1.7\n'),
  after('a comment', 'bytes that nobody signed', '% all rights waived\n'),
  after('an archive', 'another program opens it', 'PK\u0003\u0004archive'),
  after('a page of a web site', 'another program opens it', '<html><script></script></html>'),
  after('NULs and an object', 'readers skip NULs', `${'\u0000'.repeat(2000)}9 0 obj<<>>endobj`),
  before('a line', 'offsets shift', 'hello\n', 'TOTAL-FAILED'),
  before('an archive', 'another program opens it', 'PK\u0003\u0004', 'TOTAL-FAILED'),
  before('a byte order mark', 'offsets shift', '\u00ef\u00bb\u00bf', 'TOTAL-FAILED'),
  before('a NUL', 'offsets shift', '\u0000', 'TOTAL-FAILED'),
  before('another header', 'two documents begin', '%PDF-2.0\n', UNREADABLE),
  {
    name: 'a whole other document behind',
    reason: 'readers differ on which they show',
    verdict: 'NO-SIGNATURE',
    build: ({ once, plain }) => concatBytes([once, latin1ToBytes(OTHER(plain))]),
  },
  {
    name: 'a whole other document in front',
    reason: 'readers differ on which they show',
    verdict: UNREADABLE,
    build: ({ once, plain }) => concatBytes([latin1ToBytes(OTHER(plain)), once]),
  },
  written('a plain replacement', (num) => `${num} 0 obj\n${EVIL}\nendobj\n`),
  written('leading zeros in the number', (num) => `000${num} 000 obj\n${EVIL}\nendobj\n`),
  written('no space before the dictionary', (num) => `${num} 0 obj${EVIL}endobj\n`),
  written('a comment before the dictionary', (num) => `${num} 0 obj%\n${EVIL}\nendobj\n`),
  written('form feeds and NULs for spaces', (num) => `${num}\f0\u0000obj\r${EVIL}\rendobj\r`),
  written('no endobj', (num) => `${num} 0 obj\n${EVIL}\n`),
  written('a generation of 65535', (num) => `${num} 65535 obj\n${EVIL}\nendobj\n`),
  written(
    'a length that is wrong',
    (num) => `${num} 0 obj\n${EVIL.replace(/Length \d+/, 'Length 5')}\nendobj\n`,
  ),
  written('an object number that is another', (num) => `${num + 1} 0 obj\n${EVIL}\nendobj\n`),
  written(
    'the old object inside a comment',
    (num) => `%\r${num} 0 obj\n${EVIL}\nendobj\n% ${num} 0 obj << >> endobj\n`,
  ),
  written(
    'an object defined twice',
    (num) => `${num} 0 obj\n${EVIL}\nendobj\n${num} 0 obj\n<<>>\nendobj\n`,
  ),
  tail('a table with a huge generation', 'no such object', (num, at, prev, root) => {
    const object = `${num} 0 obj\n${EVIL}\nendobj\n`;
    return `${object}xref\n${num} 1\n${String(at).padStart(10, '0')} 99999 n \ntrailer\n<</Size 99/Root ${root} 0 R/Prev ${prev}>>\nstartxref\n${at + object.length}\n%%EOF\n`;
  }),
  tail(
    'a table with a negative offset',
    'no such place',
    (num, at, prev, root) => {
      return `xref\n${num} 1\n-000000001 00000 n \ntrailer\n<</Size 99/Root ${root} 0 R/Prev ${prev}>>\nstartxref\n${at}\n%%EOF\n`;
    },
    UNREADABLE,
  ),
  tail(
    'a table with one entry for two',
    'readers count differently',
    (num, at, prev, root) => {
      return `xref\n${num} 2\n${entry(40)}trailer\n<</Size 99/Root ${root} 0 R/Prev ${prev}>>\nstartxref\n${at}\n%%EOF\n`;
    },
    UNREADABLE,
  ),
  tail('overlapping subsections', 'readers differ on which counts', (num, at, prev, root) => {
    const object = `${num} 0 obj\n${EVIL}\nendobj\n`;
    return `${object}xref\n${num} 1\n${entry(40)}${num} 1\n${entry(at)}trailer\n<</Size 99/Root ${root} 0 R/Prev ${prev}>>\nstartxref\n${at + object.length}\n%%EOF\n`;
  }),
  tail('/Prev given twice', 'readers differ on which counts', (num, at, prev, root) => {
    const object = `${num} 0 obj\n${EVIL}\nendobj\n`;
    return (
      object + table(num, at, at + object.length, `/Size 99/Root ${root} 0 R/Prev 0/Prev ${prev}`)
    );
  }),
  tail(
    '/Root given twice',
    'readers differ on which counts',
    (num, at, prev, root) => {
      return table(num, 40, at, `/Size 99/Root ${root} 0 R/Root 9999 0 R/Prev ${prev}`);
    },
    'error pdf-malformed',
  ),
  tail(
    '/Prev as a reference',
    'readers differ on whether they follow',
    (num, at, prev, root) => {
      const object = `98 0 obj\n${prev}\nendobj\n${num} 0 obj\n${EVIL}\nendobj\n`;
      const place = at + object.indexOf(`${num} 0 obj\n<<`);
      return (
        object + table(num, place, at + object.length, `/Size 99/Root ${root} 0 R/Prev 98 0 R`)
      );
    },
    UNREADABLE,
  ),
  tail(
    '/Prev as a real number',
    'readers differ on whether they follow',
    (num, at, prev, root) => {
      const object = `${num} 0 obj\n${EVIL}\nendobj\n`;
      return (
        object + table(num, at, at + object.length, `/Size 99/Root ${root} 0 R/Prev ${prev}.5`)
      );
    },
    UNREADABLE,
  ),
  tail('two startxref of one revision', 'readers differ on which counts', (num, at, prev, root) => {
    const object = `${num} 0 obj\n${EVIL}\nendobj\n`;
    const update = table(num, at, at + object.length, `/Size 99/Root ${root} 0 R/Prev ${prev}`);
    return object + update.replace('%%EOF', `%%EOF\nstartxref\n${prev}\n%%EOF`);
  }),
  tail(
    '/Encrypt added',
    'strings and streams become others',
    (num, at, prev, root) => {
      return table(num, 40, at, `/Size 99/Root ${root} 0 R/Prev ${prev}/Encrypt<</Filter/None>>`);
    },
    'error pdf-unsupported',
  ),
  {
    name: 'the end mark of the signed revision broken',
    reason: 'the signed bytes changed',
    build: ({ once }) => overwrite(once, '%%EOF', '%%EOG'),
  },
  {
    name: 'a second update that takes the first back',
    reason: 'what was shown in between is in the file',
    build: ({ once }) => {
      const { content, text, document } = landmarks(once);
      const place = document.lookup(content);
      const offset = place?.kind === 'in-file' ? place.offset : 0;
      const evil = rawUpdate(once, new Map([[content, EVIL]]));
      const original = text.slice(text.indexOf('obj', offset) + 3, text.indexOf('endobj', offset));
      return rawUpdate(evil, new Map([[content, original.trim()]]));
    },
  },
  {
    name: '/Root given twice, both lead to a catalog',
    reason: 'readers differ on which counts',
    build: ({ once }) => {
      const { catalog, catalogText, document } = landmarks(once);
      const next = document.nextObjectNumber;
      return rawUpdate(
        once,
        new Map([
          [next, catalogText.replace(/\/Pages \d+ 0 R/, `/Pages ${next + 1} 0 R`)],
          [next + 1, `<</Type/Pages/Count 1/Kids[${next + 2} 0 R]>>`],
          [next + 2, `<</Type/Page/MediaBox[0 0 595 842]/Parent ${next + 1} 0 R>>`],
        ]),
        { root: `${next} 0 R/Root ${catalog} 0 R` },
      );
    },
  },
  {
    name: 'a page content freed by the table of a hybrid update, and carried on by its stream',
    reason: 'readers that go by the table show an empty page',
    build: ({ once }) => freedInTable(once),
  },
  {
    name: 'an object hidden in what was signed, and blanks behind the end',
    reason: 'readers that do not find the end look for objects, and take the last',
    build: async ({ plain, sign }) => {
      const { content } = pageMarks(plain);
      const hidden = `${content} 0 obj\n${EVIL}\nendobj\n`;
      const signed = await sign(rawUpdate(plain, new Map(), { beforeXref: hidden }));
      return concatBytes([signed, latin1ToBytes('\n'.repeat(2000))]);
    },
  },
  {
    name: 'an object in a stream that nothing refers to, and blanks behind the end',
    reason: 'readers that do not find the end look for objects, and take the last',
    build: ({ once }) => {
      const { content, document } = landmarks(once);
      const hidden = stream(`\n${content} 0 obj\n${EVIL}\nendobj\n`);
      const update = rawUpdate(once, new Map([[document.nextObjectNumber, hidden]]));
      return concatBytes([update, latin1ToBytes('\n'.repeat(2000))]);
    },
  },
];

/** A table and a stream beside it, over the content of the first page. */
function freedInTable(once: Uint8Array): Uint8Array {
  const { content, document, catalog } = landmarks(once);
  const place = document.lookup(content);
  const offset = place?.kind === 'in-file' ? place.offset : 0;
  const own = document.nextObjectNumber;
  const at = once.length + 1;
  const row = (to: number): string => `01${to.toString(16).padStart(8, '0')}0000`;
  const table = `/Type/XRef/W[1 4 2]/Index[${content} 1 ${own} 1]/Size ${own + 1}/Root ${catalog} 0 R/Filter/ASCIIHexDecode`;
  const object = `${own} 0 obj\n${stream(`${row(offset)}${row(at)}>`, table)}\nendobj\n`;
  const prev = document.revisions.at(-1)?.startxref ?? 0;
  const id = /\/ID\s*\[[^\]]*\]/.exec(bytesToLatin1(once))?.[0] ?? '';
  const rest = `/Size ${own + 1}/Root ${catalog} 0 R/Prev ${prev}/XRefStm ${at}${id}`;
  const tail = `xref\n${content} 1\n0000000000 00000 f \ntrailer\n<<${rest}>>\nstartxref\n${at + object.length}\n%%EOF\n`;
  return concatBytes([once, latin1ToBytes(`\n${object}${tail}`)]);
}

/** The number of the first page's content, in a file that nobody signed yet. */
function pageMarks(pdf: Uint8Array): { readonly content: number } {
  const document = open(pdf);
  const contents = document.pages.get(0).dict.get('Contents');
  return { content: refNumber(document.resolveArray(contents)?.items[0] ?? contents) };
}

export const SOUND_STRUCTURE: readonly Attack[] = [
  {
    name: 'NULs behind the end, as a buffer leaves them',
    reason: 'there is nothing else to be found',
    build: ({ once }) => concatBytes([once, latin1ToBytes('\u0000'.repeat(3000))]),
  },
];

/**
 * Updates that use cross-reference streams and object streams, the page tree, the free list and the
 * hole in ways that readers take differently.
 *
 * @see ISO 32000-2:2020, 7.5.4 (free entries), 7.5.7 (object streams), 7.5.8 (cross-reference streams
 *   and hybrid files), 7.7.3.4 (inherited attributes)
 */
import { bytesToLatin1, concatBytes, fromHex, latin1ToBytes } from '../../src/kernel/index.js';
import { EVIL, type Attack } from './attack.js';
import { landmarks, open, overwrite, rawUpdate, refNumber, stream } from './forgery.js';
import { buildCms, withCms } from './workshop.js';

const REPLACED = 'page content replaced';

interface Entry {
  readonly num: number;
  /** Type, and the two fields after it. */
  readonly fields: readonly [number, number, number];
}

/** Big-endian, in as many octets as `widths` say. */
function rows(entries: readonly Entry[], widths: readonly [number, number, number]): string {
  return entries
    .flatMap(({ fields }) =>
      fields.flatMap((value, column) => {
        const width = widths[column] ?? 0;
        return Array.from({ length: width }, (_each, at) =>
          String.fromCharCode(Math.floor(value / 256 ** (width - 1 - at)) % 256),
        );
      }),
    )
    .join('');
}

/** An update whose table is a stream over `objects` and `more` entries. */
function streamed(
  pdf: Uint8Array,
  objects: ReadonlyMap<number, string>,
  more: (offsets: ReadonlyMap<number, number>) => readonly Entry[] = () => [],
  dict = '',
): Uint8Array {
  const document = open(pdf);
  const own = Math.max(document.nextObjectNumber, ...[...objects.keys()].map((num) => num + 1));
  let text = '\n';
  const offsets = new Map<number, number>();
  for (const [num, body] of objects) {
    offsets.set(num, pdf.length + text.length);
    text += `${num} 0 obj\n${body}\nendobj\n`;
  }
  const at = pdf.length + text.length;
  const entries = [
    ...[...offsets].map(([num, offset]): Entry => ({ num, fields: [1, offset, 0] })),
    ...more(offsets),
    { num: own, fields: [1, at, 0] } as Entry,
  ].sort((a, b) => a.num - b.num);
  const index = entries.map(({ num }) => `${num} 1`).join(' ');
  const id = /\/ID\s*\[[^\]]*\]/.exec(bytesToLatin1(pdf))?.[0] ?? '';
  const prev = document.revisions.at(-1)?.startxref ?? 0;
  const table = stream(
    rows(entries, [1, 4, 2]),
    `/Type/XRef/W[1 4 2]/Index[${index}]/Size ${own + 1}/Root ${document.catalogRef.num} 0 R/Prev ${prev}${id}${dict}`,
  );
  text += `${own} 0 obj\n${table}\nendobj\nstartxref\n${at}\n%%EOF\n`;
  return concatBytes([pdf, latin1ToBytes(text)]);
}

function objectStream(members: ReadonlyMap<number, string>, dict = ''): string {
  let head = '';
  let body = '';
  for (const [num, text] of members) {
    head += `${num} ${body.length} `;
    body += `${text} `;
  }
  return stream(head + body, `/Type/ObjStm/N ${members.size}/First ${head.length}${dict}`);
}

const attack = (
  name: string,
  reason: string,
  build: Attack['build'],
  verdict?: string,
): Attack => ({ name, reason, build, ...(verdict === undefined ? {} : { verdict }) });

const TABLES: readonly Attack[] = [
  attack('a stream of a table for the page content', REPLACED, ({ once }) =>
    streamed(once, new Map([[landmarks(once).content, EVIL]])),
  ),
  attack('a stream of a table over a file of streams', REPLACED, ({ compressed }) => {
    const { document } = landmarks(compressed);
    const content = document.resolveArray(document.pages.get(0).dict.get('Contents'))?.items[0];
    return streamed(compressed, new Map([[refNumber(content), EVIL]]));
  }),
  attack('a page in an object stream', 'the page is shown otherwise', ({ once }) => {
    const { page, pageText, document } = landmarks(once);
    const container = document.nextObjectNumber;
    const turned = pageText.replace('/MediaBox', '/Rotate 180 /MediaBox');
    return streamed(once, new Map([[container, objectStream(new Map([[page, turned]]))]]), () => [
      { num: page, fields: [2, container, 0] },
    ]);
  }),
  attack(
    'a page in an object stream that another extends',
    'the page is shown otherwise',
    ({ once }) => {
      const { page, pageText, document } = landmarks(once);
      const container = document.nextObjectNumber;
      const turned = pageText.replace('/MediaBox', '/Rotate 180 /MediaBox');
      const extending = objectStream(
        new Map([[container + 5, 'null']]),
        `/Extends ${container} 0 R`,
      );
      return streamed(
        once,
        new Map([
          [container, objectStream(new Map([[page, turned]]))],
          [container + 1, extending],
        ]),
        () => [{ num: page, fields: [2, container + 1, 0] }],
      );
    },
  ),
  attack(
    'an entry of a kind that does not exist',
    'a reader takes it for nothing, or for something',
    ({ once }) =>
      streamed(once, new Map(), () => [{ num: landmarks(once).content, fields: [3, 0, 0] }]),
  ),
  attack(
    'an entry that leads into an object stream that is none',
    'a reader rebuilds',
    ({ once }) =>
      streamed(once, new Map(), () => [
        { num: landmarks(once).content, fields: [2, landmarks(once).page, 0] },
      ]),
  ),
  attack('an entry that frees the content, in a stream', 'an empty page', ({ once }) =>
    streamed(once, new Map(), () => [{ num: landmarks(once).content, fields: [0, 0, 1] }]),
  ),
  attack(
    'an object freed, and come to life in the next update',
    'what was taken away is back',
    ({ once }) => {
      const { content } = landmarks(once);
      return rawUpdate(rawUpdate(once, new Map([[content, null]])), new Map([[content, EVIL]]));
    },
  ),
  attack(
    'a content under a higher generation',
    'readers that pass generations over show it',
    ({ once }) => {
      const { content, document } = landmarks(once);
      const at = once.length + 1;
      const object = `${content} 1 obj\n${EVIL}\nendobj\n`;
      const prev = document.revisions.at(-1)?.startxref ?? 0;
      const table = `xref\n${content} 1\n${String(at).padStart(10, '0')} 00001 n \ntrailer\n<</Size ${document.nextObjectNumber}/Root ${document.catalogRef.num} 0 R/Prev ${prev}>>\nstartxref\n${at + object.length}\n%%EOF\n`;
      return concatBytes([once, latin1ToBytes(`\n${object}${table}`)]);
    },
  ),
  attack('the catalog direct in the trailer', 'another catalog than was signed', ({ once }) =>
    rawUpdate(once, new Map(), { root: landmarks(once).catalogText }),
  ),
];

/** The root of the page tree, altered. */
const tree = (name: string, reason: string, alter: (text: string) => string): Attack =>
  attack(name, reason, ({ once }) => {
    const { catalogText, text } = landmarks(once);
    const num = Number(/\/Pages (\d+) 0 R/.exec(catalogText)?.[1]);
    const entry = open(once).lookup(num);
    const start = text.indexOf('obj', entry?.kind === 'in-file' ? entry.offset : 0) + 3;
    const body = text.slice(start, text.indexOf('endobj', start)).trim();
    return rawUpdate(once, new Map([[num, alter(body)]]));
  });

const TREES: readonly Attack[] = [
  tree('fewer pages counted than there are', 'readers show fewer', (text) =>
    text.replace(/\/Count \d+/, '/Count 1'),
  ),
  tree('pages in another order', 'they were signed in order', (text) =>
    text.replace(/\/Kids \[\s*(\d+ 0 R)\s+(\d+ 0 R)/, '/Kids [ $2 $1'),
  ),
  tree('a page twice', 'it was signed once', (text) =>
    text.replace(/\/Kids \[\s*(\d+ 0 R)/, '/Kids [ $1 $1').replace(/\/Count \d+/, '/Count 3'),
  ),
  ...['/Rotate 180', '/CropBox [0 0 99 99]', '/Resources <<>>', '/MediaBox [0 0 99 99]'].map(
    (entry) =>
      tree(`${entry} for all pages`, 'what they inherit was signed', (text) =>
        text.replace(/>>$/, `${entry}>>`),
      ),
  ),
];

/** The value as a literal string: shorter than the hole. */
function literal(hex: string): string {
  const bytes = fromHex(hex.replace(/(?:00)+$/, '')) ?? new Uint8Array();
  return `(${[...bytes].map((octet) => `\\${octet.toString(8).padStart(3, '0')}`).join('')})`;
}

const HOLES: readonly Attack[] = [
  attack(
    'the hole a literal string, and room behind it',
    'objects fit in the rest of the gap',
    ({ once }) => {
      const { hex } = landmarks(once);
      // Octal escapes take four characters where hexadecimal takes two.
      const short = literal(hex.slice(0, Math.floor(hex.length / 4)));
      return overwrite(once, `<${hex}>`, short.padEnd(hex.length + 2, ' '));
    },
  ),
  attack(
    'the hole with an odd number of digits',
    'a digit more or less is another value',
    ({ once }) => {
      const { hex } = landmarks(once);
      return overwrite(once, `${hex.slice(-6)}>`, `${hex.slice(-6, -1)}> `);
    },
  ),
  attack('the digits spaced out', 'a place to hide', ({ once }) => {
    const { hex } = landmarks(once);
    return overwrite(once, hex, `${hex.slice(0, 60)} ${hex.slice(60, -1)}`);
  }),
  ...['adbe.pkcs7.sha1', 'adbe.x509.rsa_sha1', 'adbe.pkcs7.detache'].map((format) =>
    attack(
      `a signature in the format ${format}`,
      'what is not checked is not passed',
      ({ plain, holders: { signer } }) =>
        withCms(
          plain,
          (content) => buildCms(signer, content),
          {},
          (text) => text.replace('/ETSI.CAdES.detached', `/${format}`.padEnd(20, ' ')),
        ),
      'INDETERMINATE',
    ),
  ),
];

export const STREAMS: readonly Attack[] = [...TABLES, ...TREES, ...HOLES];

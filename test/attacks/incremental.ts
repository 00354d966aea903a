/**
 * Incremental saving: the signed bytes stay, what a reader shows comes after them.
 *
 * @see Mladenov et al., CCS 2019, 4.2 (incremental saving), 4.3 (signature wrapping)
 */
import { bytesToLatin1, concatBytes, latin1ToBytes } from '../../src/kernel/index.js';
import { EVIL, type Attack, type Honest } from './attack.js';
import { landmarks, open, rawUpdate, stream, type RawUpdateOptions } from './forgery.js';

const BOTH = 'TOTAL-FAILED, TOTAL-FAILED';

function update(
  name: string,
  reason: string,
  options: RawUpdateOptions | ((file: Uint8Array) => RawUpdateOptions),
): Attack {
  return {
    name,
    reason,
    build: ({ once }) =>
      rawUpdate(
        once,
        new Map([[landmarks(once).content, EVIL]]),
        typeof options === 'function' ? options(once) : options,
      ),
  };
}

/** An update that writes `objects` and nothing else unusual. */
function objects(
  name: string,
  reason: string,
  pick: (mark: ReturnType<typeof landmarks>) => ReadonlyMap<number, string | null>,
  from: (honest: Honest) => Uint8Array = ({ once }) => once,
): Attack {
  return {
    name,
    reason,
    build: (honest) => rawUpdate(from(honest), pick(landmarks(from(honest)))),
  };
}

const append = (pdf: Uint8Array, text: string): Uint8Array =>
  concatBytes([pdf, latin1ToBytes(text)]);

const startOfXref = (pdf: Uint8Array): number => open(pdf).revisions.at(-1)?.startxref ?? 0;

const ATTACKS: readonly Attack[] = [
  update('complete', 'page content replaced', {}),
  update('without %%EOF', 'readers take it nevertheless', { omit: ['eof'] }),
  update('without startxref and %%EOF', 'readers rebuild the table', {
    omit: ['startxref', 'eof'],
  }),
  update('without table', 'readers rebuild the table', { omit: ['xref'] }),
  update('without table and trailer', 'readers rebuild the table', { omit: ['xref', 'trailer'] }),
  update('without anything but the object', 'readers rebuild the table', {
    omit: ['xref', 'trailer', 'startxref', 'eof'],
  }),
  update('ending with the startxref of the signed file', 'the object is still there', (file) => ({
    startxref: startOfXref(file),
  })),
  update('with startxref 0', 'readers rebuild the table', { startxref: 0 }),
  update('with startxref beyond the file', 'readers rebuild the table', { startxref: 99999999 }),
  update('that forgets /Prev', 'the signature belongs to nothing then', { prev: null }),
  update('whose /Prev skips the signature', 'the chain goes round the signed revision', (file) => ({
    prev: open(file).revisions[0]?.startxref ?? 0,
  })),
  update('whose /Prev leads to itself', 'a loop', (file) => ({ prev: file.length + 1 })),
  update('whose /Prev is beyond the file', 'no chain', { prev: 99999999 }),
  {
    name: 'twice, the second a copy of the signed tail',
    reason: 'the last revision looks like the signed one',
    build: ({ once }) => {
      const { content, range, text } = landmarks(once);
      const evil = rawUpdate(once, new Map([[content, EVIL]]));
      return append(evil, text.slice(range[2]));
    },
  },
  {
    name: 'in front of a second signature',
    reason: 'the second signer signed the altered document, the first did not',
    verdict: 'TOTAL-FAILED, TOTAL-PASSED',
    build: ({ once, sign }) => sign(rawUpdate(once, new Map([[landmarks(once).content, EVIL]]))),
  },
  {
    name: 'behind two signatures',
    reason: 'both signers signed something else',
    verdict: BOTH,
    build: ({ twice }) => rawUpdate(twice, new Map([[landmarks(twice).content, EVIL]])),
  },
  objects('that frees the content', 'an empty page', ({ content }) => new Map([[content, null]])),
  objects('that frees the page', 'pages removed', ({ page }) => new Map([[page, null]])),
  objects(
    'that frees the signature',
    'signature removed',
    (mark) => new Map([[mark.signature, null]]),
  ),
  objects(
    'that frees the field',
    'signature removed',
    (mark) => new Map([[mark.fieldNumber, null]]),
  ),
  objects(
    'that points the page elsewhere',
    'page content replaced',
    ({ page, pageText, document }) => {
      const added = document.nextObjectNumber;
      return new Map([
        [page, pageText.replace(/\/Contents\s*\[[^\]]*\]/, `/Contents ${added} 0 R`)],
        [added, EVIL],
      ]);
    },
  ),
  objects(
    'that crops the page',
    'what was signed is not shown',
    ({ page, pageText }) =>
      new Map([[page, pageText.replace('/MediaBox', '/CropBox [0 0 100 100]\n/MediaBox')]]),
  ),
  objects(
    'that turns the page',
    'what was signed is shown otherwise',
    ({ page, pageText }) =>
      new Map([[page, pageText.replace('/MediaBox', '/Rotate 180\n/MediaBox')]]),
  ),
  objects(
    'that scales the page',
    'amounts look otherwise',
    ({ page, pageText }) =>
      new Map([[page, pageText.replace('/MediaBox', '/UserUnit 20\n/MediaBox')]]),
  ),
  objects(
    'that adds an action to the page',
    'scripts change what is shown',
    ({ page, pageText }) =>
      new Map([
        [
          page,
          pageText.replace(
            '/MediaBox',
            '/AA<</O<</S/JavaScript/JS(app.alert\\(1\\))>>>>\n/MediaBox',
          ),
        ],
      ]),
  ),
  objects(
    'that gives a key twice',
    'readers disagree',
    ({ page, pageText, document }) =>
      new Map([
        [page, pageText.replace(/>>$/, `/Contents ${document.nextObjectNumber} 0 R>>`)],
        [document.nextObjectNumber, EVIL],
      ]),
  ),
  objects(
    'with an escaped key',
    'two names for one key',
    ({ page, pageText, document }) =>
      new Map([
        [page, pageText.replace(/>>$/, `/#43ontents ${document.nextObjectNumber} 0 R>>`)],
        [document.nextObjectNumber, EVIL],
      ]),
  ),
  objects(
    'with comments inside names and dictionaries',
    'a parser in doubt',
    ({ page, pageText, document }) =>
      new Map([
        [
          page,
          pageText.replace(
            /\/Contents\s*\[[^\]]*\]/,
            `/%/Contents\n/Contents%x\n${document.nextObjectNumber}%y\n0 R`,
          ),
        ],
        [document.nextObjectNumber, EVIL],
      ]),
  ),
  objects('that replaces the catalog', 'another document under the same number', (mark) => {
    const next = mark.document.nextObjectNumber;
    return new Map([
      [mark.catalog, mark.catalogText.replace(/\/Pages \d+ 0 R/, `/Pages ${next} 0 R`)],
      [next, `<</Type/Pages/Count 1/Kids[${next + 1} 0 R]>>`],
      [
        next + 1,
        `<</Type/Page/Parent ${next} 0 R/MediaBox[0 0 595 842]/Contents ${next + 2} 0 R>>`,
      ],
      [next + 2, EVIL],
    ]);
  }),
  {
    name: 'with another catalog as /Root',
    reason: 'another document with the same form',
    build: ({ once }) => {
      const { document, catalogText } = landmarks(once);
      const next = document.nextObjectNumber;
      return rawUpdate(
        once,
        new Map([
          [next, catalogText.replace(/\/Pages \d+ 0 R/, `/Pages ${next + 1} 0 R`)],
          [next + 1, `<</Type/Pages/Count 1/Kids[${next + 2} 0 R]>>`],
          [
            next + 2,
            `<</Type/Page/Parent ${next + 1} 0 R/MediaBox[0 0 595 842]/Contents ${next + 3} 0 R>>`,
          ],
          [next + 3, EVIL],
        ]),
        { root: `${next} 0 R` },
      );
    },
  },
  objects(
    'that adds scripts to the document',
    'scripts change what is shown',
    (mark) =>
      new Map([
        [
          mark.catalog,
          mark.catalogText.replace(/>>$/, '/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>'),
        ],
      ]),
  ),
  objects(
    'that adds optional content',
    'layers hide what was signed',
    (mark) =>
      new Map([
        [mark.catalog, mark.catalogText.replace(/>>$/, '/OCProperties<</OCGs[]/D<<>>>>>>')],
      ]),
  ),
  objects('that replaces the font', 'glyphs say something else', ({ document }) => {
    const fonts = document.resolveDict(
      document.resolveDict(document.pages.get(0).resources)?.get('Font'),
    );
    const [[, font] = []] = [...(fonts?.entries() ?? [])];
    return new Map([
      [
        (font as { num: number } | undefined)?.num ?? 0,
        '<</Type/Font/Subtype/Type1/BaseFont/Symbol>>',
      ],
    ]);
  }),
  objects(
    'that removes the form',
    'signatures removed',
    ({ catalog, catalogText }) =>
      new Map([[catalog, catalogText.replace(/\/AcroForm \d+ 0 R/, '')]]),
  ),
  objects('that adds an XFA form', 'a second document inside the first', (mark) => {
    const form = Number(/\/AcroForm (\d+) 0 R/.exec(mark.catalogText)?.[1]);
    return new Map([
      [
        form,
        `<</Fields [${mark.fieldNumber} 0 R]/SigFlags 3/XFA ${mark.document.nextObjectNumber} 0 R>>`,
      ],
      [mark.document.nextObjectNumber, stream('<xdp/>')],
    ]);
  }),
  objects(
    'that makes an indirect object direct',
    'the closure must stay what it was',
    ({ page, pageText, fieldText }) =>
      new Map([[page, pageText.replace(/\/Annots\s*\[[^\]]*\]/, `/Annots [${fieldText}]`)]]),
  ),
  objects(
    'that fills a dangling reference',
    'the signed document referred to nothing',
    ({ page, pageText }) =>
      new Map([[page, pageText.replace('/Resources', '/Resources 4 0 R /Old')]]),
  ),
  {
    name: 'whose table leads into the signed bytes',
    reason: 'objects hidden in what was signed come to life',
    build: ({ once }) => {
      const { content, page, document } = landmarks(once);
      const entry = document.lookup(page);
      const offset = entry?.kind === 'in-file' ? entry.offset : 0;
      return rawUpdate(once, new Map(), { entries: new Map([[content, offset]]) });
    },
  },
  {
    name: 'whose hybrid stream hides the edit',
    reason: 'readers with and without streams see different pages',
    build: ({ once }) => hybrid(once),
  },
  {
    name: 'with an object stream under the number of a page content',
    reason: 'one number, two definitions',
    build: ({ compressed }) => {
      const document = open(compressed);
      const stored = [...Array(document.nextObjectNumber).keys()].find(
        (num) => document.lookup(num)?.kind === 'in-stream',
      );
      const entry = document.lookup(stored ?? 0);
      const container = entry?.kind === 'in-stream' ? entry.container : 0;
      const members = document.objectStream(container).numbers();
      const bodies = members.map(() => '<</Evil true>>');
      const header = members.map((num, index) => `${num} ${index * 15}`).join(' ');
      const content = `${header} ${bodies.join(' ')}`;
      // The entries of the members stay as they are; only their container changes.
      return rawUpdate(
        compressed,
        new Map([
          [
            container,
            stream(content, `/Type/ObjStm/N ${members.length}/First ${header.length + 1}`),
          ],
        ]),
      );
    },
  },
  {
    name: 'that defines a compressed object again, uncompressed',
    reason: 'page content replaced',
    build: ({ compressed }) => {
      const document = open(compressed);
      return rawUpdate(compressed, new Map([[document.catalogRef.num, '<</Type/Catalog>>']]));
    },
  },
  {
    name: 'of objects after the end, without any table',
    reason: 'readers that rebuild take the last definition',
    build: ({ once }) => append(once, `${landmarks(once).content} 0 obj\n${EVIL}\nendobj\n`),
  },
  {
    name: 'of a stray startxref',
    reason: 'readers start from another table',
    build: ({ once }) =>
      append(once, `startxref\n${open(once).revisions[0]?.startxref ?? 0}\n%%EOF\n`),
  },
  {
    name: 'of a second document after the end',
    reason: 'readers take the last one',
    verdict: 'NO-SIGNATURE',
    build: ({ once, plain }) => {
      // Offsets of the second count from its own header: read so, it has no signature to show.
      const shift = once.length;
      const text = bytesToLatin1(plain)
        .replace(
          /^(\d{10}) (\d{5}) n/gm,
          (_all, offset: string, gen: string) =>
            `${String(Number(offset) + shift).padStart(10, '0')} ${gen} n`,
        )
        .replace(
          /startxref\s+(\d+)/,
          (_all, offset: string) => `startxref\n${Number(offset) + shift}`,
        );
      return append(once, text);
    },
  },
  {
    name: 'of text after the end',
    reason: 'bytes no revision accounts for',
    build: ({ once }) => append(once, 'This contract is void.'),
  },
  {
    name: 'of something before the header',
    reason: 'every offset and every signed byte moves',
    build: ({ once }) => concatBytes([latin1ToBytes('junk\n'), once]),
  },
  {
    name: 'of a second header before the first',
    reason: 'every offset and every signed byte moves',
    build: ({ once }) => concatBytes([latin1ToBytes('%PDF-1.4\n'), once]),
  },
];

/** Files that can be read only after repair: then nothing is said for certain. */
const REPAIRED: ReadonlySet<string> = new Set([
  'without table',
  'without table and trailer',
  'with startxref 0',
  'with startxref beyond the file',
  'that forgets /Prev',
  'whose /Prev leads to itself',
  'whose /Prev is beyond the file',
  'of a second header before the first',
]);

/** Files whose readers are led past the signature, so that none is shown to anybody. */
const HIDDEN: ReadonlySet<string> = new Set([
  'whose /Prev skips the signature',
  'of a stray startxref',
]);

export const INCREMENTAL: readonly Attack[] = ATTACKS.map((attack) => {
  if (REPAIRED.has(attack.name)) return { ...attack, verdict: 'INDETERMINATE' };
  return HIDDEN.has(attack.name) ? { ...attack, verdict: 'NO-SIGNATURE' } : attack;
});

/** A table that says an object is free, and beside it a stream that says where it is. */
function hybrid(pdf: Uint8Array): Uint8Array {
  const { content, document } = landmarks(pdf);
  const streamNumber = document.nextObjectNumber;
  const first = `\n${content} 0 obj\n${EVIL}\nendobj\n`;
  const at = pdf.length + first.length;
  const row = (offset: number): string =>
    String.fromCharCode(1, (offset >> 16) & 255, (offset >> 8) & 255, offset & 255, 0);
  const rows = row(pdf.length + 1) + row(at);
  const dict = `/Type/XRef/W[1 3 1]/Size ${streamNumber + 1}/Index[${content} 1 ${streamNumber} 1]/Root ${document.catalogRef.num} 0 R`;
  const second = `${streamNumber} 0 obj\n${stream(rows, dict)}\nendobj\n`;
  const table = at + second.length;
  const prev = document.revisions.at(-1)?.startxref ?? 0;
  const tail = `xref\n${content} 1\n0000000000 00001 f \ntrailer\n<</Size ${streamNumber + 1}/Root ${document.catalogRef.num} 0 R/Prev ${prev}/XRefStm ${at}>>\nstartxref\n${table}\n%%EOF\n`;
  return append(pdf, first + second + tail);
}

/**
 * Changes that come along with permitted ones, or look like them: in the revision of a signature, a
 * time-stamp or a store, in what a form leaves to its reader, under locks and certifications.
 *
 * @see ISO 32000-2:2020, 12.7.3 (form), 12.8.2 (transform methods), table 257; Mainka et al.,
 *   "Shadow Attacks", NDSS 2021
 */
import { latin1ToBytes } from '../../src/kernel/index.js';
import type { FieldLock } from '../../src/pades/index.js';
import { PdfDict, PdfRef, formXObject, pdfName, type PdfValue } from '../../src/pdf/index.js';
import { EVIL, type Attack } from './attack.js';
import { withEntry } from './entries.js';
import { list, stored } from './evidence-desk.js';
import { landmarks, open, rawUpdate, refNumber, stream } from './forgery.js';
import { FONT, FORM, SHOWN, filled, formMarks, formPdf, type FormMarks } from './shadow.js';
import { documentStamped, token } from './time-desk.js';

const FIRST_FAILS = 'TOTAL-FAILED, TOTAL-PASSED';

/** A second signature whose look is `content`, over the text of the page. */
function lookOver(name: string, content: string, resources: PdfDict = PdfDict.of({})): Attack {
  return {
    name: `a signature ${name}`,
    reason: 'what was signed first is not to be seen',
    verdict: FIRST_FAILS,
    build: ({ once, sign }) =>
      sign(once, {
        appearance: (writer) => {
          const look = formXObject({
            bbox: [0, 0, 405, 35],
            content: latin1ToBytes(content),
            resources,
          });
          const rect = { x1: 55, y1: 690, x2: 460, y2: 725 };
          return [{ pageIndex: 0, rect, appearance: writer.add(look) }];
        },
      }),
  };
}

const dingbats: PdfValue = PdfDict.of({
  Type: pdfName('Font'),
  Subtype: pdfName('Type1'),
  BaseFont: pdfName('ZapfDingbats'),
});

const SIGNATURES: readonly Attack[] = [
  lookOver('that strokes white as thick as the text', '1 G 40 w 0 17 m 405 17 l S'),
  lookOver(
    'that writes squares over the text',
    'BT 1 g /Z 30 Tf 0 4 Td (nnnnnnnnnnnnnnnnnn) Tj ET',
    PdfDict.of({ Font: PdfDict.of({ Z: dingbats }) }),
  ),
  {
    name: 'a second signature whose revision replaces the page content',
    reason: 'the second signer signed it, the first did not',
    verdict: FIRST_FAILS,
    build: ({ once, sign }) => {
      const { content } = landmarks(once);
      return sign(once, {
        appearance: (writer) => {
          const empty = { bbox: [0, 0, 9, 9] as const, content: new Uint8Array() };
          writer.set(new PdfRef(content), formXObject({ ...empty, content: latin1ToBytes('n') }));
          const rect = { x1: 300, y1: 100, x2: 309, y2: 109 };
          return [{ pageIndex: 0, rect, appearance: writer.add(formXObject(empty)) }];
        },
      });
    },
  },
  {
    name: 'a second field of the name of the first, signed by nobody',
    reason: 'which of the two is meant cannot be told',
    verdict: 'TOTAL-FAILED, TOTAL-FAILED',
    build: ({ once }) => {
      const { fieldText, document, fieldNumber } = landmarks(once);
      const next = document.nextObjectNumber;
      const form = refNumber(document.catalog.get('AcroForm'));
      return rawUpdate(
        once,
        new Map([
          [form, `<</SigFlags 3/Fields [${next} 0 R ${fieldNumber} 0 R]>>`],
          [next, fieldText.replace(/\/V \d+ 0 R/, `/V ${next + 1} 0 R`)],
          [
            next + 1,
            '<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 1 2 3]/Contents<00>>>',
          ],
        ]),
      );
    },
  },
  {
    name: 'an empty signature field whose border covers the page',
    reason: 'readers draw it over the amount',
    build: ({ once }) => {
      const { page, pageText, document, fieldNumber } = landmarks(once);
      const next = document.nextObjectNumber;
      const form = refNumber(document.catalog.get('AcroForm'));
      return rawUpdate(
        once,
        new Map([
          [form, `<</SigFlags 3/Fields [${fieldNumber} 0 R ${next} 0 R]>>`],
          [page, pageText.replace(/(\/Annots\s*\[[^\]]*)\]/, `$1 ${next} 0 R]`)],
          [
            next,
            `<</Type/Annot/Subtype/Widget/FT/Sig/T(Evil)/F 4/P ${page} 0 R/Rect[55 690 460 725]/MK<</BC[1 1 1]>>/BS<</W 99>>>>`,
          ],
        ]),
      );
    },
  },
  {
    name: 'a store whose revision replaces the page content',
    reason: 'evidence excuses nothing else',
    build: async ({ once, holders }) => {
      const file = stored(once, { lists: [await list(holders.root)] });
      const { content, catalog, catalogText, document } = landmarks(file);
      const dss = refNumber(document.catalog.get('DSS'));
      return rawUpdate(
        once,
        new Map([
          [catalog, catalogText.replace(`${dss} 0 R`, '<</Type/DSS>>')],
          [content, EVIL],
        ]),
      );
    },
  },
  {
    name: 'a page content replaced under a document time-stamp',
    reason: 'a time-stamp says when, not whose',
    verdict: FIRST_FAILS,
    build: ({ once, holders: { tsa } }) =>
      documentStamped(rawUpdate(once, new Map([[landmarks(once).content, EVIL]])), (content) =>
        token(tsa, content, { generatedAt: new Date('2026-11-21T08:00:00Z') }),
      ),
  },
];

/** A form that leaves the looks of its fields to the reader, signed so, and what is changed then. */
function leftToReader(
  name: string,
  reason: string,
  entries: string,
  change: (form: number, text: string, mark: FormMarks) => ReadonlyMap<number, string>,
  prepare: (file: Uint8Array) => Uint8Array = (file) => file,
): Attack {
  return {
    name,
    reason,
    build: async ({ plain, sign }) => {
      const before = formPdf(plain);
      const document = open(before);
      const form = refNumber(document.catalog.get('AcroForm'));
      const body = formMarks(before).text(form);
      const base = prepare(
        rawUpdate(before, new Map([[form, body.replace(/>>$/, `${entries}>>`)]])),
      );
      const signed = await sign(base);
      const mark = formMarks(signed);
      return rawUpdate(signed, change(form, mark.text(form), mark));
    },
  };
}

const without = (text: string, key: string): string =>
  text.replace(new RegExp(`/${key}\\s*(true|false)`), '');

/** The note says one thing by its value and another by its look. */
function lying(file: Uint8Array): Uint8Array {
  const mark = formMarks(file);
  return rawUpdate(file, new Map([[mark.look, SHOWN('amount 9,999,999.00')]]));
}

const LYING_FONT =
  '/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding<</Type/Encoding/Differences[110/nine 101/nine 119/nine]>>/ToUnicode TOUNICODE>>>>>>';

const FORMS: readonly Attack[] = [
  leftToReader(
    'a form that no longer has its fields drawn anew, whose looks say something else',
    'what was seen when signing was drawn from the values',
    '/NeedAppearances true',
    (form, text) => new Map([[form, without(text, 'NeedAppearances')]]),
    lying,
  ),
  leftToReader(
    'a form that gets the font by which its fields are drawn',
    'a font decides what its characters look like',
    '/NeedAppearances true/DA(/Evil 12 Tf)/DR<</Font<<>>>>',
    (form, text) =>
      new Map([
        [
          form,
          text.replace(
            /\/Font\s*<<\s*>>/,
            '/Font<</Evil<</Type/Font/Subtype/Type3/FontBBox[0 0 1 1]/FontMatrix[1 0 0 1 0 0]/Encoding<<>>/CharProcs<<>>/FirstChar 0/LastChar 0/Widths[0]>>>>',
          ),
        ],
      ]),
  ),
  leftToReader(
    'a form that gets the font of a field without a look',
    'readers draw the field by it',
    '/DR<</Font<<>>>>',
    (form, text) =>
      new Map([
        [
          form,
          text.replace(
            /\/Font\s*<<\s*>>/,
            '/Font<</Evil<</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding<</Differences[48/nine]>>>>>>',
          ),
        ],
      ]),
    (file) => {
      const mark = formMarks(file);
      const note = mark.text(mark.note).replace(/\/AP\s*<<[^>]*>>/, '/DA(/Evil 12 Tf 0 g)');
      return rawUpdate(file, new Map([[mark.note, note]]));
    },
  ),
  leftToReader(
    'a form that gets the default look of its fields',
    'white text is not seen',
    '/NeedAppearances true',
    (form, text) => new Map([[form, text.replace(/>>$/, '/DA(/Helv 12 Tf 1 g)>>')]]),
  ),
  filled(
    'replace: strokes that draw digits beside the text',
    'what is shown was not filled in',
    (mark) =>
      new Map([
        [mark.note, mark.text(mark.note).replace('(old)', '(new)')],
        [
          mark.look,
          stream(
            '1 w 40 5 m 40 20 l 46 20 l 46 5 l s BT /F1 12 Tf 2 8 Td (new) Tj ET',
            FORM + FONT,
          ),
        ],
      ]),
  ),
  filled(
    'replace: a font whose codes read as one thing and show another',
    'what is shown was not filled in',
    (mark) =>
      new Map([
        [mark.note, mark.text(mark.note).replace('(old)', '(new)')],
        [
          mark.look,
          stream(
            'BT /F1 12 Tf 2 8 Td (new) Tj ET',
            FORM + LYING_FONT.replace('TOUNICODE', `${mark.next} 0 R`),
          ),
        ],
        [
          mark.next,
          stream(
            '1 begincodespacerange <00> <ff> endcodespacerange 3 beginbfchar <6e> <006e> <65> <0065> <77> <0077> endbfchar',
          ),
        ],
      ]),
  ),
];

/** A signature that locks, and the note filled in afterwards. */
function locked(name: string, lock: FieldLock): Attack {
  return {
    name: `a field filled in that is locked by ${name}`,
    reason: 'the signer allowed it no more',
    build: async ({ plain, sign }) => fillNote(await sign(formPdf(plain), { lock })),
  };
}

function fillNote(file: Uint8Array): Uint8Array {
  const mark = formMarks(file);
  return rawUpdate(
    file,
    new Map([
      [mark.note, mark.text(mark.note).replace('(old)', '(new)')],
      [mark.look, SHOWN('new')],
    ]),
  );
}

const CERTIFICATIONS: readonly Attack[] = [
  locked('name', { action: 'Include', fields: ['Note'] }),
  locked('All', { action: 'All', fields: [] }),
  locked('exclusion of others', { action: 'Exclude', fields: ['Cover'] }),
  locked('P 1 of the lock', { action: 'Include', fields: ['Cover'], level: 1 }),
  {
    name: 'a field filled in under P 1',
    reason: 'nothing may be changed',
    build: async ({ plain, sign }) => fillNote(await sign(formPdf(plain), { certify: 1 })),
  },
  {
    name: 'rights of a reader added',
    reason: 'permissions were signed or are not there',
    build: ({ certified }) => {
      const { catalog, catalogText, signature } = landmarks(certified[1]);
      return rawUpdate(
        certified[1],
        new Map([
          [
            catalog,
            withEntry(catalogText, 'Perms', `<</DocMDP ${signature} 0 R/UR3 ${signature} 0 R>>`),
          ],
        ]),
      );
    },
  },
  {
    name: 'a certification that leads to another signature',
    reason: 'whose permissions count was signed',
    verdict: 'TOTAL-FAILED, TOTAL-FAILED',
    build: async ({ certified, sign }) => {
      const file = await sign(certified[1]);
      const { catalog, catalogText } = landmarks(file);
      const second = landmarks(file, 1).signature;
      return rawUpdate(
        file,
        new Map([[catalog, withEntry(catalogText, 'Perms', `<</DocMDP ${second} 0 R>>`)]]),
      );
    },
  },
];

export const PERMITTED: readonly Attack[] = [...SIGNATURES, ...FORMS, ...CERTIFICATIONS];

const sound = (name: string, reason: string, build: Attack['build']): Attack => ({
  name,
  reason,
  build,
});

export const SOUND_PERMITTED: readonly Attack[] = [
  sound('a field filled in', 'ISO 32000-2, table 257, P 2', ({ form }) => fillNote(form)),
  sound(
    'a field filled in that another lock names',
    'ISO 32000-2, 12.8.2.4',
    async ({ plain, sign }) =>
      fillNote(await sign(formPdf(plain), { lock: { action: 'Include', fields: ['Cover'] } })),
  ),
  sound(
    'a form no longer drawn anew, whose looks say what its values say',
    'signing products do so',
    async ({ plain, sign }) => {
      const before = formPdf(plain);
      const form = refNumber(open(before).catalog.get('AcroForm'));
      const mark = formMarks(before);
      const signed = await sign(
        rawUpdate(
          before,
          new Map([
            [form, mark.text(form).replace(/>>$/, '/NeedAppearances true>>')],
            [mark.look + 1, SHOWN('old')],
          ]),
        ),
      );
      return rawUpdate(
        signed,
        new Map([[form, without(formMarks(signed).text(form), 'NeedAppearances')]]),
      );
    },
  ),
  sound('the file identifier changed', 'it is shown nowhere', ({ once }) =>
    rawUpdate(once, new Map(), { id: '/ID[<00><01>]' }),
  ),
  sound('the file identifier left out', 'it is shown nowhere', ({ once }) =>
    rawUpdate(once, new Map(), { id: '' }),
  ),
];

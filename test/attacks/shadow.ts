/**
 * Shadow attacks and attacks on certifications: changes that a standard or a careless validator
 * permits, and that change what a reader sees.
 *
 * @see Mainka, Mladenov, Rohlmann, "Shadow Attacks: Hiding and Replacing Content in Signed PDFs",
 *   NDSS 2021
 * @see Rohlmann, Mladenov, Mainka, Schwenk, "Breaking the Specification: PDF Certification", S&P 2021
 */
import type { SignatureOptions } from '../../src/pades/index.js';
import type { Rectangle } from '../../src/pdf/index.js';
import { stream, landmarks, open, rawUpdate, refNumber, type RawObjects } from './forgery.js';
import type { Attack, Honest } from './attack.js';

export const FORM = '/Type/XObject/Subtype/Form/BBox[0 0 400 30]';
export const FONT = '/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>';
export const SHOWN = (text: string): string =>
  stream(`BT /F1 12 Tf 2 8 Td (${text}) Tj ET`, FORM + FONT);

/** A document with a text field, and a hidden field over the amount, before anybody signs. */
export function formPdf(plain: Uint8Array): Uint8Array {
  const document = open(plain);
  const page = document.pages.get(0);
  const next = document.nextObjectNumber;
  const catalog = document.catalogRef.num;
  const text = Buffer.from(plain).toString('latin1');
  const body = (num: number): string => {
    const entry = document.lookup(num);
    const start = text.indexOf('obj', entry?.kind === 'in-file' ? entry.offset : 0) + 3;
    return text.slice(start, text.indexOf('endobj', start)).trim();
  };
  const pageNumber = refNumber(page.ref);
  const widget = (name: string, rect: string, flags: number, look: number): string =>
    `<</Type/Annot/Subtype/Widget/FT/Tx/T(${name})/V(old)/Rect[${rect}]/F ${flags}/P ${pageNumber} 0 R/AP<</N ${look} 0 R>>>>`;
  return rawUpdate(
    plain,
    new Map([
      [catalog, body(catalog).replace(/>>$/, `/AcroForm ${next} 0 R>>`)],
      [
        pageNumber,
        body(pageNumber)
          .replace(/\/Annots\s*\[[^\]]*\]/, '')
          .replace(/>>$/, `/Annots[${next + 1} 0 R ${next + 2} 0 R]>>`),
      ],
      [next, `<</Fields[${next + 1} 0 R ${next + 2} 0 R]>>`],
      [next + 1, widget('Note', '60 600 460 630', 4, next + 3)],
      [next + 2, widget('Cover', '60 690 460 720', 6, next + 4)],
      [next + 3, SHOWN('old')],
      [next + 4, SHOWN('amount 9,999,999.00')],
    ]),
  );
}

export interface FormMarks {
  readonly note: number;
  readonly cover: number;
  readonly look: number;
  readonly next: number;
  readonly text: (num: number) => string;
}

export function formMarks(file: Uint8Array): FormMarks {
  const document = open(file);
  const named = (name: string): number =>
    refNumber(document.fields.find((field) => field.name === name)?.ref);
  const raw = Buffer.from(file).toString('latin1');
  return {
    note: named('Note'),
    cover: named('Cover'),
    look: named('Note') + 2,
    next: document.nextObjectNumber,
    text: (num) => {
      const entry = document.lookup(num);
      const start = raw.indexOf('obj', entry?.kind === 'in-file' ? entry.offset : 0) + 3;
      return raw.slice(start, raw.indexOf('endobj', start)).trim();
    },
  };
}

export function filled(
  name: string,
  reason: string,
  forge: (mark: FormMarks) => RawObjects,
): Attack {
  return {
    name,
    reason,
    build: ({ form }) => rawUpdate(form, forge(formMarks(form))),
  };
}

/** An annotation added to the first page of `from`. */
export function annotated(
  name: string,
  reason: string,
  annotation: string,
  from: (honest: Honest) => Uint8Array,
): Attack {
  return {
    name,
    reason,
    build: (honest) => {
      const file = from(honest);
      const { page, pageText, document } = landmarks(file);
      const next = document.nextObjectNumber;
      return rawUpdate(
        file,
        new Map([
          [
            page,
            pageText
              .replace(/\/Annots\s*\[/, `/Annots [`)
              .replace(/(\/Annots\s*\[[^\]]*)\]/, `$1 ${next} 0 R]`),
          ],
          [next, annotation.replace('LOOK', `${next + 1} 0 R`)],
          [next + 1, SHOWN('amount 9,999,999.00')],
        ]),
      );
    },
  };
}

const free =
  '<</Type/Annot/Subtype/FreeText/Rect[55 690 460 725]/Contents(9)/DA(/Helv 12 Tf)/AP<</N LOOK>>>>';
const stamp = free.replace('FreeText', 'Stamp');
const highlight = free.replace('FreeText', 'Highlight');

const at = (rect: Rectangle): Partial<SignatureOptions> => ({ place: { pageIndex: 0, rect } });

export const SHADOW: readonly Attack[] = [
  filled(
    'replace: another look, the same value',
    'what is shown was not filled in',
    (mark) => new Map([[mark.look, SHOWN('all rights waived')]]),
  ),
  filled(
    'replace: another look than the new value',
    'what is shown was not filled in',
    (mark) =>
      new Map([
        [mark.note, mark.text(mark.note).replace('(old)', '(new)')],
        [mark.look, SHOWN('all rights waived')],
      ]),
  ),
  filled(
    'replace: the field moved over the text',
    'its place was signed',
    (mark) =>
      new Map([
        [
          mark.note,
          mark
            .text(mark.note)
            .replace('(old)', '(new)')
            .replace('60 600 460 630', '60 690 460 720'),
        ],
        [mark.look, SHOWN('new')],
      ]),
  ),
  filled(
    'hide: a hidden field comes to light',
    'what covers the amount was hidden when signed',
    (mark) =>
      new Map([
        [
          mark.cover,
          mark.text(mark.cover).replace('/F 6', '/F 4').replace('(old)', '(amount 9,999,999.00)'),
        ],
      ]),
  ),
  filled(
    'hide: a field is hidden',
    'what was signed is not shown',
    (mark) =>
      new Map([[mark.note, mark.text(mark.note).replace('/F 4', '/F 6').replace('(old)', '()')]]),
  ),
  filled(
    'a field renamed',
    'its value belongs elsewhere',
    (mark) => new Map([[mark.note, mark.text(mark.note).replace('(Note)', '(Amount)')]]),
  ),
  filled(
    'a field with an action',
    'scripts change what is shown',
    (mark) =>
      new Map([
        [mark.note, mark.text(mark.note).replace('(old)', '(new)/AA<</K<</S/JavaScript/JS(1)>>>>')],
        [mark.look, SHOWN('new')],
      ]),
  ),
  filled(
    'a field that becomes another kind',
    'its look follows other rules',
    (mark) => new Map([[mark.note, mark.text(mark.note).replace('/FT/Tx', '/FT/Btn')]]),
  ),
  {
    name: 'a text field added',
    reason: 'fields are there before the signature or not at all',
    build: ({ form }) => {
      const mark = formMarks(form);
      const { page, pageText, fieldNumber, catalogText } = landmarks(form);
      const root = Number(/\/AcroForm (\d+) 0 R/.exec(catalogText)?.[1]);
      return rawUpdate(
        form,
        new Map([
          [
            root,
            `<</Fields[${mark.note} 0 R ${mark.cover} 0 R ${fieldNumber} 0 R ${mark.next} 0 R]/SigFlags 3>>`,
          ],
          [page, pageText.replace(/(\/Annots\s*\[[^\]]*)\]/, `$1 ${mark.next} 0 R]`)],
          [mark.next, mark.text(mark.note).replace('(Note)', '(More)')],
        ]),
      );
    },
  },
  {
    name: 'the form asks readers to draw its fields anew',
    reason: 'looks are left to the reader',
    build: ({ form }) => {
      const root = Number(/\/AcroForm (\d+) 0 R/.exec(landmarks(form).catalogText)?.[1]);
      const text = formMarks(form).text(root);
      return rawUpdate(form, new Map([[root, text.replace(/>>$/, '/NeedAppearances true>>')]]));
    },
  },
  annotated(
    'an evil annotation on a signed page',
    'it covers the amount',
    free,
    ({ once }) => once,
  ),
  annotated('an evil annotation under P 1', 'nothing may be added', free, (h) => h.certified[0]),
  annotated(
    'an evil annotation under P 2',
    'annotations may not be added',
    free,
    (h) => h.certified[1],
  ),
  annotated('an evil text under P 3', 'it covers the amount', free, (h) => h.certified[2]),
  annotated('an evil stamp under P 3', 'it covers the amount', stamp, (h) => h.certified[2]),
  annotated(
    'a highlight with a text of its own under P 3',
    'it covers the amount',
    highlight,
    (h) => h.certified[2],
  ),
  annotated(
    'a link with a script under P 3',
    'scripts change what is shown',
    '<</Type/Annot/Subtype/Text/Rect[10 10 20 20]/A<</S/JavaScript/JS(1)>>>>',
    (h) => h.certified[2],
  ),
  annotated(
    'a redaction under P 3',
    'it removes what was certified',
    '<</Type/Annot/Subtype/Redact/Rect[10 10 20 20]>>',
    (h) => h.certified[2],
  ),
  annotated(
    'a widget without a field under P 3',
    'it covers the amount',
    '<</Type/Annot/Subtype/Widget/Rect[55 690 460 725]/AP<</N LOOK>>>>',
    (h) => h.certified[2],
  ),
  {
    name: 'a sneaky signature over the whole page',
    reason: 'what was signed is not to be seen',
    verdict: 'TOTAL-FAILED, TOTAL-PASSED',
    build: ({ certified, sign }) => sign(certified[1], at({ x1: 0, y1: 300, x2: 595, y2: 842 })),
  },
  {
    name: 'a sneaky signature over an earlier one',
    reason: 'who signed first is not to be seen',
    verdict: 'TOTAL-FAILED, TOTAL-FAILED, TOTAL-FAILED, TOTAL-PASSED',
    build: async ({ twice, sign }) => {
      const first = await sign(twice, at({ x1: 300, y1: 100, x2: 400, y2: 200 }));
      return sign(first, at({ x1: 290, y1: 90, x2: 410, y2: 210 }));
    },
  },
  {
    name: 'a signature after a certification with P 1',
    reason: 'nothing may be added',
    verdict: 'TOTAL-FAILED, TOTAL-FAILED',
    build: ({ certified }) => {
      const { page, pageText, document, signatureText, fieldText, fieldNumber } = landmarks(
        certified[0],
      );
      const next = document.nextObjectNumber;
      const form = Number(/\/AcroForm (\d+) 0 R/.exec(landmarks(certified[0]).catalogText)?.[1]);
      return rawUpdate(
        certified[0],
        new Map([
          [form, `<</Fields[${fieldNumber} 0 R ${next} 0 R]/SigFlags 3>>`],
          [page, pageText.replace(/(\/Annots\s*\[[^\]]*)\]/, `$1 ${next} 0 R]`)],
          [
            next,
            fieldText
              .replace('Signature1', 'Signature2')
              .replace(/\/V \d+ 0 R/, `/V ${next + 1} 0 R`),
          ],
          [next + 1, signatureText],
        ]),
      );
    },
  },
  {
    name: 'a certification whose level is raised',
    reason: 'the level was signed',
    build: ({ certified }) => {
      const { signature, signatureText } = landmarks(certified[0]);
      return rawUpdate(certified[0], new Map([[signature, signatureText.replace('/P 1', '/P 3')]]));
    },
  },
  {
    name: 'a certification without its catalog entry',
    reason: 'the permissions were signed',
    build: ({ certified }) => {
      const { catalog, catalogText } = landmarks(certified[1]);
      return rawUpdate(
        certified[1],
        new Map([[catalog, catalogText.replace(/\/Perms <<[^>]*>>/, '')]]),
      );
    },
  },
  {
    name: 'a signature declared a certification afterwards',
    reason: 'a certification comes first',
    build: ({ once }) => {
      const { catalog, catalogText, signature } = landmarks(once);
      return rawUpdate(
        once,
        new Map([[catalog, catalogText.replace(/>>$/, `/Perms<</DocMDP ${signature} 0 R>>>>`)]]),
      );
    },
  },
];

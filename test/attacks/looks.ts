/** What is shown on top of signed pages: every kind of annotation, and fields whose look is not their value. */
import { pageText } from '../../src/pdf/index.js';
import type { Attack } from './attack.js';
import { FONT, FORM, SHOWN, annotated, filled, type FormMarks } from './shadow.js';
import { landmarks, rawUpdate, stream, type RawObjects } from './forgery.js';

/** @see ISO 32000-2:2020, table 171 */
const KINDS = [
  'Text',
  'Link',
  'FreeText',
  'Line',
  'Square',
  'Circle',
  'Polygon',
  'PolyLine',
  'Highlight',
  'Underline',
  'Squiggly',
  'StrikeOut',
  'Caret',
  'Stamp',
  'Ink',
  'Popup',
  'FileAttachment',
  'Sound',
  'Movie',
  'Screen',
  'Widget',
  'PrinterMark',
  'TrapNet',
  'Watermark',
  '3D',
  'Redact',
  'Projection',
  'RichMedia',
  'Unknown',
];

const COVER = '/Rect[55 690 460 725]/F 4/AP<</N LOOK>>';
const WHITE = stream('1 g 0 0 400 30 re f', FORM);

const over = (kind: string): string => `<</Type/Annot/Subtype/${kind}${COVER}>>`;

const valued = (mark: FormMarks): string => mark.text(mark.note).replace('(old)', '(new)');

/** The field filled in with `new`, showing something else. */
function disguised(name: string, look: string, more: RawObjects = new Map()): Attack {
  return filled(`replace: ${name}`, 'what is shown was not filled in', (mark) => {
    const objects = new Map(more);
    return new Map([[mark.note, valued(mark)], [mark.look, look], ...objects]);
  });
}

/** A new field of a signature that was never made, or of one that was. */
function field(name: string, reason: string, entries: string, verdict?: string): Attack {
  return {
    name,
    reason,
    ...(verdict === undefined ? {} : { verdict }),
    build: ({ once }) => {
      const { page, pageText, document, catalogText, fieldNumber, signature } = landmarks(once);
      const form = Number(/\/AcroForm (\d+) 0 R/.exec(catalogText)?.[1]);
      const next = document.nextObjectNumber;
      return rawUpdate(
        once,
        new Map([
          [form, `<</Fields[${fieldNumber} 0 R ${next} 0 R]/SigFlags 3>>`],
          [page, pageText.replace(/(\/Annots\s*\[[^\]]*)\]/, `$1 ${next} 0 R]`)],
          [
            next,
            `<</Type/Annot/Subtype/Widget/FT/Sig/T(Evil)${entries
              .replace('LOOK', `${next + 1} 0 R`)
              .replace('SIGNATURE', `${signature} 0 R`)}>>`,
          ],
          [next + 1, SHOWN('amount 9,999,999.00')],
        ]),
      );
    },
  };
}

export const LOOKS: readonly Attack[] = [
  ...KINDS.map((kind) =>
    annotated(`${kind} over the text`, 'it covers the amount', over(kind), ({ once }) => once),
  ),
  ...([1, 2, 3] as const).flatMap((level) =>
    KINDS.map((kind) =>
      annotated(
        `${kind} over the text under P ${level}`,
        level === 3 ? 'it covers the amount' : 'annotations may not be added',
        over(kind),
        ({ certified }) => certified[level - 1]!,
      ),
    ),
  ),
  ...['Highlight', 'Underline', 'Text'].map((kind): Attack => ({
    ...annotated(
      `${kind} that paints the text white under P 3`,
      'what was certified is not to be seen',
      over(kind),
      ({ certified }) => certified[2],
    ),
    build: ({ certified }) => {
      const { page, pageText, document } = landmarks(certified[2]);
      const next = document.nextObjectNumber;
      return rawUpdate(
        certified[2],
        new Map([
          [page, pageText.replace(/(\/Annots\s*\[[^\]]*)\]/, `$1 ${next} 0 R]`)],
          [next, over(kind).replace('LOOK', `${next + 1} 0 R`)],
          [next + 1, WHITE],
        ]),
      );
    },
  })),
  {
    name: 'FreeText right behind the amount under P 3',
    reason: 'a digit more changes it',
    build: ({ certified }) => {
      const { page, pageText: body, document } = landmarks(certified[2]);
      const next = document.nextObjectNumber;
      const last = pageText(document, document.pages.get(0)).at(-1)!.rect;
      const rect = [last.x2 + 2, last.y1, last.x2 + 40, last.y2].join(' ');
      return rawUpdate(
        certified[2],
        new Map([
          [page, body.replace(/(\/Annots\s*\[[^\]]*)\]/, `$1 ${next} 0 R]`)],
          [next, `<</Type/Annot/Subtype/FreeText/Rect[${rect}]/AP<</N ${next + 1} 0 R>>>>`],
          [next + 1, SHOWN('000')],
        ]),
      );
    },
  },

  disguised(
    'a picture of a text',
    stream(
      'q 400 0 0 30 0 0 cm BI /W 1 /H 1 /BPC 8 /CS /G ID \u0000 EI Q BT /F1 12 Tf 2 8 Td (new) Tj ET',
      FORM + FONT,
    ),
  ),
  disguised(
    'drawn digits beside the text',
    stream('5 5 3 20 re f BT /F1 12 Tf 2 8 Td (new) Tj ET', FORM + FONT),
  ),
  disguised('the value and more', SHOWN('new and all rights waived')),
  disguised(
    'a font that draws each character anew',
    stream(
      'BT /F1 12 Tf 2 8 Td (new) Tj ET',
      `${FORM}/Resources<</Font<</F1<</Type/Font/Subtype/Type3/FontBBox[0 0 1 1]/FontMatrix[1 0 0 1 0 0]/Encoding<<>>/CharProcs<<>>/FirstChar 0/LastChar 0/Widths[0]>>>>>>`,
    ),
  ),
  filled(
    'replace: the look of another field is written over',
    'the other field shows what nobody filled in',
    (mark) =>
      new Map([
        [mark.note, valued(mark)],
        [mark.look, SHOWN('new')],
        [mark.look + 1, SHOWN('amount 1.00')],
      ]),
  ),
  filled(
    'replace: filled in, and the look used by two fields',
    'the other field changes with it',
    (mark) =>
      new Map([
        [mark.note, valued(mark).replace(/\/N \d+ 0 R/, `/N ${mark.look + 1} 0 R`)],
        [mark.look + 1, SHOWN('new')],
      ]),
  ),
  ...(['/A', '/AA<</E'] as const).map((key) =>
    field(
      `an empty signature field with ${key.slice(1, 3)}`,
      'scripts change what is shown',
      `/Rect[0 0 0 0]${key}<</S/JavaScript/JS(1)>>${key === '/A' ? '' : '>>'}`,
    ),
  ),
  field(
    'an empty signature field that shows an amount',
    'it covers the amount',
    '/Rect[55 690 460 725]/AP<</N LOOK>>',
  ),
  field(
    'an empty signature field with a background',
    'readers paint it over the amount',
    '/Rect[55 690 460 725]/MK<</BG[1 1 1]>>',
  ),
  field(
    'a signature field that borrows a signature',
    'nobody signed there',
    '/Rect[55 690 460 725]/AP<</N LOOK>>/V SIGNATURE',
    'TOTAL-FAILED, TOTAL-FAILED',
  ),
  field(
    'a signature field with a signature of nobody',
    'a dictionary is no signature',
    '/Rect[55 690 460 725]/AP<</N LOOK>>/V<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 1 2 3]/Contents<00>>>',
    'TOTAL-FAILED, TOTAL-FAILED',
  ),
];

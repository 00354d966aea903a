/**
 * Fields filled in whose look is not their value: by what text readers skip, cut off, put elsewhere or
 * draw by paths; and looks as products write them.
 *
 * @see Mainka, Mladenov, Rohlmann, "Shadow Attacks", NDSS 2021 (replace)
 */
import type { Attack } from './attack.js';
import { rawUpdate, stream, type RawObjects } from './forgery.js';
import { FONT, FORM, SHOWN, formMarks, formPdf, type FormMarks } from './shadow.js';

const NOT_FILLED_IN = 'what is shown was not filled in';
const AMOUNT = SHOWN('amount 9,999,999.00');

/** The note as it is before anybody signs: another text in place of each key. */
type Preparation = Readonly<Record<string, string>>;

function prepared(file: Uint8Array, changes: Preparation): Uint8Array {
  const mark = formMarks(file);
  let text = mark.text(mark.note);
  for (const [from, to] of Object.entries(changes)) text = text.replace(from, to);
  return rawUpdate(file, new Map([[mark.note, text]]));
}

const filledIn =
  (forge: (mark: FormMarks) => RawObjects, before: Preparation = {}): Attack['build'] =>
  async ({ plain, sign }) => {
    const signed = await sign(prepared(formPdf(plain), before));
    return rawUpdate(signed, forge(formMarks(signed)));
  };

/** Filled in with `value`; the look shows `content` with `resources`. */
const shown = (content: string, value = 'new', resources = FONT) =>
  filledIn(
    (mark) =>
      new Map([
        [mark.note, mark.text(mark.note).replace('(old)', `(${value})`)],
        [mark.look, stream(content, FORM + resources)],
      ]),
  );

const text = (string: string): string => `BT /F1 12 Tf 2 8 Td (${string}) Tj ET`;

const attack = (name: string, build: Attack['build'], reason = NOT_FILLED_IN): Attack => ({
  name,
  reason,
  build,
});

/** Strokes of a pen or bars, in one path as large as the field. */
const DRAWN =
  '0 0 m 0 30 l 400 30 l 400 0 l 399 0 l 399 29 l 1 29 l 1 0 l h 50 7 m 60 7 l 60 23 l 50 23 l h';

const LYING_MAP = stream(
  '1 begincodespacerange <00> <ff> endcodespacerange 1 beginbfchar <39> <0031> endbfchar',
);
const UNREADABLE =
  '/F9<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[<</Type/Font/Subtype/CIDFontType2/BaseFont/X/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>>>]>>';

/** The field lies over the amount and had no look when it was signed. */
const OVER_AMOUNT = { '/Rect[60 600 460 630]': '/Rect[60 690 460 720]', '/AP<</N 12 0 R>>': '' };
const LIST = { '/FT/Tx': '/FT/Ch/Opt[(b)(a)]', '/V(old)': '/V(a)' };
const ROWS = 'BT 0 g /F1 10 Tf 2 18 Td (b) Tj 0 -12 Td (a) Tj ET';

const chosen = (bar: string): Attack['build'] =>
  filledIn(
    (mark) =>
      new Map([
        [mark.note, mark.text(mark.note).replace('/V(a)', '/V(b)')],
        [mark.look, stream(`0.6 0.75 0.85 rg ${bar} re f ${ROWS}`, FORM + FONT)],
      ]),
    LIST,
  );

export const FIELDS: readonly Attack[] = [
  attack('digits filled in one path with the frame', shown(`${DRAWN} f ${text('new')}`)),
  attack('digits stroked in one path with the frame', shown(`${DRAWN} S ${text('new')}`)),
  attack(
    'digits in another order',
    shown('BT /F1 12 Tf 40 8 Td (1) Tj -38 0 Td (000) Tj ET', '1000'),
  ),
  attack(
    'digits far below the field',
    shown('BT /F1 12 Tf 2 8 Td (1) Tj 0 -400 Td (,000) Tj ET', '1,000'),
  ),
  attack(
    'digits that leave no ink',
    shown('BT /F1 12 Tf 2 8 Td (1) Tj 3 Tr (,000) Tj ET', '1,000'),
  ),
  attack('digits in white', shown('BT /F1 12 Tf 2 8 Td (1) Tj 1 g (,000) Tj ET', '1,000')),
  attack(
    'digits too small to be read',
    shown('BT /F1 12 Tf 2 8 Td (1) Tj /F1 .1 Tf (,000) Tj ET', '1,000'),
  ),
  attack(
    'digits of a font that cannot be read, beside the value',
    shown(
      `${text('new')} BT /F9 12 Tf 60 8 Td (9999) Tj ET`,
      'new',
      FONT.replace('/F1<<', `${UNREADABLE}/F1<<`),
    ),
  ),
  attack('a text in a font of elsewhere', shown(text('9,999'), '1,000', '')),
  attack(
    'a look that cannot be decoded',
    shown(text('9,999'), 'new', `${FONT}/Filter/JBIG2Decode`),
  ),
  attack(
    'a standard encoding mapped to other digits',
    filledIn(
      (mark) =>
        new Map([
          [mark.note, mark.text(mark.note).replace('(old)', '(1)')],
          [
            mark.look,
            stream(
              text('9'),
              FORM +
                FONT.replace(
                  '/Helvetica',
                  `/Helvetica/Encoding/WinAnsiEncoding/ToUnicode ${mark.next} 0 R`,
                ),
            ),
          ],
          [mark.next, LYING_MAP],
        ]),
    ),
  ),
  ...['/R', '/D'].map((key) =>
    attack(
      `another look under ${key}`,
      filledIn(
        (mark) =>
          new Map([
            [
              mark.note,
              mark
                .text(mark.note)
                .replace('(old)', '(new)')
                .replace('/AP<<', `/AP<<${key} ${mark.next} 0 R`),
            ],
            [mark.look, SHOWN('new')],
            [mark.next, AMOUNT],
          ]),
      ),
    ),
  ),
  attack(
    'another text in its rich text',
    filledIn(
      (mark) =>
        new Map([
          [
            mark.note,
            mark.text(mark.note).replace('(old)', '(new)/RV(<body><p>amount 9,999</p></body>)'),
          ],
          [mark.look, SHOWN('new')],
        ]),
      { '/FT/Tx': '/FT/Tx/Ff 33554432' },
    ),
  ),
  attack(
    'a field whose place is not four numbers',
    filledIn(
      (mark) =>
        new Map([
          [mark.note, mark.text(mark.note).replace('(old)', '(new)')],
          [mark.look, AMOUNT],
        ]),
      { '460 630]': '460 630 0]' },
    ),
  ),
  attack(
    'a field without a place that gets one over the text',
    filledIn(
      (mark) =>
        new Map([
          [mark.note, mark.text(mark.note).replace('(old)', '(new)/Rect[55 690 460 725]')],
          [mark.look, SHOWN('new')],
        ]),
      { '/Rect[60 600 460 630]': '' },
    ),
    'its place was signed',
  ),
  attack(
    'a field over the text with a background of its own',
    filledIn(
      (mark) =>
        new Map([
          [mark.note, mark.text(mark.note).replace('(old)', `(new)/AP<</N ${mark.next} 0 R>>`)],
          [mark.next, stream(`1 g 0 0 400 30 re f 0 g ${text('new')}`, FORM + FONT)],
        ]),
      OVER_AMOUNT,
    ),
    'what was signed is not to be seen',
  ),
  attack(
    'a box without a look that gets a text',
    filledIn(
      (mark) =>
        new Map([
          [
            mark.note,
            mark.text(mark.note).replace('/Off', `/Yes/AS/Yes/AP<</N<</Yes ${mark.next} 0 R>>>>`),
          ],
          [mark.next, AMOUNT],
        ]),
      { ...OVER_AMOUNT, '/FT/Tx': '/FT/Btn', '(old)': '/Off' },
    ),
  ),
  attack('a list whose bar is behind what was not chosen', chosen('1 3 398 12')),
];

export const SOUND_FIELDS: readonly Attack[] = [
  attack(
    'a frame, a background and a text',
    shown(`0.9 g 0 0 400 30 re f 0 G 1 w 0.5 0.5 399 29 re s 0 g ${text('new')}`),
    'as products draw fields',
  ),
  attack(
    'a bevelled frame',
    shown(`0.75 g 1 1 m 1 29 l 399 29 l 398 28 l 2 28 l 2 2 l f 0 g ${text('new')}`),
    'as products draw fields',
  ),
  attack(
    'letters in cells',
    shown(
      `0 G 133 0 m 133 30 l s 266 0 m 266 30 l s BT /F1 12 Tf 60 8 Td (n) Tj 133 0 Td (e) Tj 133 0 Td (w) Tj ET`,
    ),
    'as products draw fields',
  ),
  attack(
    'two lines, and one by its parts',
    shown('BT /F1 8 Tf 2 20 Td (one) Tj 0 -10 Td [(tw)-20(o)] TJ ET', 'one two'),
    'as products draw fields',
  ),
  attack(
    'a value longer than its field',
    shown(text('m'.repeat(60)), 'm'.repeat(60)),
    'readers cut it off',
  ),
  attack(
    'a value written upwards',
    shown('BT /F1 8 Tf 0 1 -1 0 20 2 Tm (new) Tj ET'),
    'as turned pages have it',
  ),
  attack(
    'a rich text that says the same',
    filledIn(
      (mark) =>
        new Map([
          [
            mark.note,
            mark
              .text(mark.note)
              .replace('(old)', '(a & b)/RV(<body><p>a &amp; <b>b</b></p></body>)'),
          ],
          [mark.look, SHOWN('a & b')],
        ]),
    ),
    'readers show it',
  ),
  attack(
    'a list whose bar is behind what was chosen',
    chosen('1 15 398 14'),
    'as products draw lists',
  ),
];

/**
 * Annotations under P 3, which permits them, that change what is read: drawn where words are, drawn by
 * the reader from entries that nobody looks at, or shown only when somebody points at them.
 *
 * @see ISO 32000-2:2020, 12.5.5 and 12.5.6; Rohlmann et al., "Breaking the Specification: PDF
 *   Certification", S&P 2021 (evil annotation)
 */
import { pageText } from '../../src/pdf/index.js';
import type { Attack } from './attack.js';
import { landmarks, rawUpdate, stream, type RawObjects } from './forgery.js';

/** Where the last word of the text stands: an amount. */
interface Place {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** An annotation by what `make` says of the place of the amount; LOOK leads to `look`. */
function marked(
  name: string,
  reason: string,
  make: (amount: Place) => string,
  look?: (amount: Place) => string,
): Attack {
  return {
    name: `${name} under P 3`,
    reason,
    build: ({ certified }) => {
      const { page, pageText: body, document } = landmarks(certified[2]);
      const next = document.nextObjectNumber;
      const text = pageText(document, document.pages.get(0));
      const [first, last] = [text.at(-8)!.rect, text.at(-1)!.rect];
      const amount = { x1: first.x1, y1: last.y1, x2: last.x2, y2: last.y2 };
      return rawUpdate(
        certified[2],
        new Map([
          [page, body.replace(/(\/Annots\s*\[[^\]]*)\]/, `$1 ${next} 0 R]`)],
          [next, make(amount).replaceAll('LOOK', `${next + 1} 0 R`)],
          ...(look === undefined ? [] : ([[next + 1, look(amount)]] as const)),
        ]),
      );
    },
  };
}

const rect = ({ x1, y1, x2, y2 }: Place): string => `/Rect[${x1} ${y1} ${x2} ${y2}]`;
const quad = ({ x1, y1, x2, y2 }: Place): string =>
  `/QuadPoints[${x1} ${y2} ${x2} ${y2} ${x1} ${y1} ${x2} ${y1}]`;
const behind = ({ y1, x2, y2 }: Place): Place => ({ x1: x2 + 1, y1, x2: x2 + 12, y2 });
/** The space before the amount. */
const before = ({ x1, y1, y2 }: Place): Place => ({ x1: x1 - 4, y1, x2: x1 - 0.5, y2 });
const away: Place = { x1: 60, y1: 100, x2: 160, y2: 130 };

/** A look as large as its place. */
const drawn =
  (content: (width: number, height: number) => string, more = '') =>
  ({ x1, y1, x2, y2 }: Place): string =>
    stream(
      content(x2 - x1, y2 - y1),
      `/Type/XObject/Subtype/Form/BBox[0 0 ${x2 - x1} ${y2 - y1}]${more}`,
    );

const annotation = (kind: string, entries: string): string =>
  `<</Type/Annot/Subtype/${kind}/F 4${entries}>>`;

const COVERS = 'what was certified is not to be seen';
const ADDS = 'a stroke more changes the amount';
const BY_READER = 'readers draw it by its entries';

/** The digit 9 as two strokes. */
const NINE = '1 w 9 8 m 4 8 l 4 12 l 9 12 l 9 1 l S';
/** 一, as an amount in characters has it. */
const YI = '0 7 3.4 1.2 re f';

const MARKUP = ['Highlight', 'Underline', 'Squiggly', 'StrikeOut'];
const ICONS = ['Text', 'Caret'];

const MARKS: readonly Attack[] = [
  marked('a black highlight without a look', COVERS, (amount) =>
    annotation('Highlight', `${rect(amount)}${quad(amount)}/C[0 0 0]`),
  ),
  marked('a dark highlight without a look, elsewhere by its place', COVERS, (amount) =>
    annotation('Highlight', `${rect(away)}${quad(amount)}/C[0.1 0.1 0.1]`),
  ),
  ...['Underline', 'StrikeOut'].map((kind) =>
    marked(`${kind} without a look, with a border of 40`, COVERS, (amount) =>
      annotation(kind, `${rect(amount)}${quad(amount)}/C[1 1 1]/BS<</W 40>>/Border[0 0 40]`),
    ),
  ),
  ...[...MARKUP, ...ICONS].flatMap((kind) => [
    marked(
      `${kind} that draws a digit behind the amount`,
      ADDS,
      (amount) => annotation(kind, `${rect(behind(amount))}${quad(amount)}/AP<</N LOOK>>`),
      (amount) => drawn(() => NINE)(behind(amount)),
    ),
    marked(
      `${kind} that draws 一 before the amount`,
      ADDS,
      (amount) => annotation(kind, `${rect(before(amount))}${quad(amount)}/AP<</N LOOK>>`),
      (amount) => drawn(() => YI)(before(amount)),
    ),
  ]),
  ...MARKUP.map((kind) =>
    marked(
      `${kind} that turns a digit into another`,
      ADDS,
      (amount) => annotation(kind, `${rect(amount)}${quad(amount)}/AP<</N LOOK>>`),
      drawn((_width, height) => `1 w 2 1 m 2 ${height - 2} l 6 ${height - 2} l S`),
    ),
  ),
  marked(
    'a highlight in states that paint white',
    COVERS,
    (amount) =>
      annotation('Highlight', `${rect(amount)}${quad(amount)}/AS/On/AP<</N<</On LOOK>>>>`),
    drawn((width, height) => `1 g 0 0 ${width} ${height} re f`),
  ),
  ...['R', 'D'].map((key) =>
    marked(
      `a highlight that paints white when it is ${key === 'R' ? 'pointed at' : 'pressed'}`,
      COVERS,
      (amount) => annotation('Highlight', `${rect(amount)}${quad(amount)}/AP<</${key} LOOK>>`),
      drawn((width, height) => `1 g 0 0 ${width} ${height} re f`),
    ),
  ),
  marked(
    'a highlight that strokes white as thick as the text',
    COVERS,
    (amount) => annotation('Highlight', `${rect(amount)}${quad(amount)}/AP<</N LOOK>>`),
    drawn((width, height) => `1 G ${height} w 0 ${height / 2} m ${width} ${height / 2} l S`),
  ),
  marked(
    'a highlight through a pattern',
    COVERS,
    (amount) => annotation('Highlight', `${rect(amount)}${quad(amount)}/AP<</N LOOK>>`),
    drawn(
      (width, height) => `/Pattern cs /P scn 0 0 ${width} ${height} re f`,
      '/Resources<</Pattern<</P<</PatternType 2/Shading<</ShadingType 2/ColorSpace/DeviceGray/Coords[0 0 1 0]/Function<</FunctionType 2/Domain[0 1]/C0[1]/C1[1]/N 1>>>>>>>>>>',
    ),
  ),
  marked('a line drawn through the amount from elsewhere', BY_READER, (amount) =>
    annotation(
      'Line',
      `${rect(away)}/L[${amount.x1} ${amount.y1 + 4} ${amount.x2} ${amount.y1 + 4}]/C[0 0 0]`,
    ),
  ),
  marked('a pen drawn through the amount from elsewhere', BY_READER, (amount) =>
    annotation(
      'Ink',
      `${rect(away)}/InkList[[${amount.x1} ${amount.y1} ${amount.x2} ${amount.y2}]]/C[0 0 0]`,
    ),
  ),
  ...['Polygon', 'PolyLine'].map((kind) =>
    marked(`a ${kind} drawn over the amount from elsewhere`, BY_READER, (amount) =>
      annotation(
        kind,
        `${rect(away)}/Vertices[${amount.x1} ${amount.y1} ${amount.x2} ${amount.y1} ${amount.x2} ${amount.y2}]/C[0 0 0]`,
      ),
    ),
  ),
  marked('a text with a line drawn to the amount', BY_READER, (amount) =>
    annotation(
      'FreeText',
      `${rect(away)}/DA(/Helv 9 Tf)/Contents(x)/IT/FreeTextCallout/CL[${away.x1} ${away.y1} ${amount.x1} ${amount.y2}]`,
    ),
  ),
  ...['Square', 'Circle'].map((kind) =>
    marked(`a ${kind} whose border reaches the amount`, BY_READER, ({ x1, y1, x2 }) =>
      annotation(kind, `/Rect[${x1} ${y1 - 40} ${x2} ${y1 - 10}]/BS<</W 60>>/C[1 1 1]`),
    ),
  ),
  marked(
    'a highlight that is black by multiplication',
    COVERS,
    (amount) => annotation('Highlight', `${rect(amount)}${quad(amount)}/AP<</N LOOK>>`),
    drawn(
      (width, height) => `/G gs 0 g 0 0 ${width} ${height} re f`,
      '/Resources<</ExtGState<</G<</BM/Multiply>>>>>>',
    ),
  ),
  marked('a line led up to the amount by its leader lines', BY_READER, (amount) =>
    annotation(
      'Line',
      `${rect(away)}/L[${amount.x1} 120 ${amount.x2} 120]/LL ${amount.y1 - 116}/C[0 0 0]`,
    ),
  ),
  marked('an underline by its place alone, before the amount', ADDS, (amount) =>
    annotation('Underline', `${rect(before(amount))}/C[0 0 0]`),
  ),
  marked('an underline without a look before the amount', ADDS, (amount) =>
    annotation('Underline', `${rect(before(amount))}${quad(before(amount))}/C[0 0 0]`),
  ),
];

/** Of an annotation that came after the certification, and of one that was certified. */
const LATER_NOTE = annotation('Text', '/Rect[300 300 320 320]/Contents(a)');

function noted(file: Uint8Array): { readonly file: Uint8Array; readonly note: number } {
  const { page, pageText: body, document } = landmarks(file);
  const note = document.nextObjectNumber;
  const listed = body.replace(/(\/Annots\s*\[[^\]]*)\]/, `$1 ${note} 0 R]`);
  return {
    file: rawUpdate(
      file,
      new Map([
        [page, listed],
        [note, LATER_NOTE],
      ]),
    ),
    note,
  };
}

/** A note added under P 3, and what becomes of it in the next revision. */
const thereafter =
  (change: (note: number, marks: ReturnType<typeof landmarks>) => RawObjects): Attack['build'] =>
  ({ certified }) => {
    const { file, note } = noted(certified[2]);
    return rawUpdate(file, change(note, landmarks(file)));
  };

/** Frees the note, and `more`. */
const removed = (note: number, { page, pageText: body }: ReturnType<typeof landmarks>) =>
  new Map<number, string | null>([
    [page, body.replace(` ${note} 0 R]`, ']')],
    [note, null],
  ]);

const THEREAFTER: readonly Attack[] = [
  {
    name: 'a note that moves over the text in the next revision under P 3',
    reason: COVERS,
    build: thereafter(
      (note) =>
        new Map([
          [note, annotation('FreeText', '/Rect[55 690 460 725]/DA(/Helv 12 Tf)/Contents(9)')],
        ]),
    ),
  },
  {
    name: 'a note removed in the next revision, and the page content with it, under P 3',
    reason: 'a note excuses nothing else',
    build: thereafter((note, marks) => removed(note, marks).set(marks.content, null)),
  },
  {
    name: 'a note changed that was there when the second signed, under P 3',
    reason: 'the second signed it as it was',
    verdict: 'TOTAL-PASSED, TOTAL-FAILED',
    build: async ({ certified, sign }) => {
      const { file, note } = noted(certified[2]);
      return rawUpdate(await sign(file), new Map([[note, LATER_NOTE.replace('(a)', '(b)')]]));
    },
  },
];

const harmless = (
  name: string,
  make: (amount: Place) => string,
  look?: (amount: Place) => string,
): Attack => marked(name, 'ISO 32000-2, table 257: P 3 permits annotations', make, look);

export const ANNOTATIONS: readonly Attack[] = [...MARKS, ...THEREAFTER];

export const SOUND_ANNOTATIONS: readonly Attack[] = [
  harmless('a note beside the text', () =>
    annotation('Text', `${rect({ x1: 500, y1: 100, x2: 520, y2: 120 })}/Contents(seen)`),
  ),
  harmless(
    'a note with a look beside the text',
    () => annotation('Text', `${rect(away)}/Contents(seen)/AP<</N LOOK>>`),
    drawn((width, height) => `1 1 0 rg 0 0 ${width} ${height} re f`),
  ),
  harmless('a note at the amount, as readers show it', (amount) =>
    annotation('Text', `${rect(behind(amount))}/Contents(seen)`),
  ),
  harmless('a yellow highlight', (amount) =>
    annotation('Highlight', `${rect(amount)}${quad(amount)}/C[1 1 0]`),
  ),
  harmless(
    'a yellow highlight with a look that lets the text through',
    (amount) => annotation('Highlight', `${rect(amount)}${quad(amount)}/C[1 1 0]/AP<</N LOOK>>`),
    drawn(
      (width, height) => `/G gs 1 1 0 rg 0 0 ${width} ${height} re f`,
      '/Resources<</ExtGState<</G<</BM/Multiply>>>>>>',
    ),
  ),
  ...['Underline', 'StrikeOut'].map((kind) =>
    harmless(
      `${kind} with a look`,
      (amount) => annotation(kind, `${rect(amount)}${quad(amount)}/C[1 0 0]/AP<</N LOOK>>`),
      drawn((width, height) => {
        const y = kind === 'StrikeOut' ? height / 2 : 1;
        return `1 0 0 RG 1 w 0 ${y} m ${width} ${y} l S`;
      }),
    ),
  ),
  harmless('a line beside the text', () =>
    annotation('Line', `${rect(away)}/L[${away.x1} ${away.y1} ${away.x2} ${away.y2}]/C[1 0 0]`),
  ),
  harmless('a square beside the text', () => annotation('Square', `${rect(away)}/C[1 0 0]`)),
  {
    name: 'a note changed in the next revision under P 3',
    reason: 'ISO 32000-2, table 257: P 3 permits modification',
    build: thereafter((note) => new Map([[note, LATER_NOTE.replace('(a)', '(b)')]])),
  },
  {
    name: 'a note removed in the next revision under P 3',
    reason: 'ISO 32000-2, table 257: P 3 permits deletion',
    build: thereafter(removed),
  },
];

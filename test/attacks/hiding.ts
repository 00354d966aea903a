/**
 * Looks of later signatures that hide what was signed before, each by other means than a box, and looks
 * beside them that let it through.
 *
 * @see ISO 32000-2:2020, 8.4.5, 8.5.3, 9.3.6, 11.3.5 and 11.6.6; 12.5.5
 */
import { latin1ToBytes } from '../../src/kernel/index.js';
import {
  PdfArray,
  PdfDict,
  PdfStream,
  flateStream,
  formXObject,
  pdfName,
  readPageText,
  type PdfValue,
} from '../../src/pdf/index.js';
import type { Attack, Honest } from './attack.js';
import { landmarks, rawUpdate, refNumber } from './forgery.js';
import { SHOWN, formPdf } from './shadow.js';

const FIRST_FAILS = 'TOTAL-FAILED, TOTAL-PASSED';
/** Over the text of the first page of the sample. */
const OVER_TEXT = { x1: 55, y1: 690, x2: 460, y2: 725 };
const WHITE_BOX = '1 g 0 0 405 35 re f';

interface LookOptions {
  readonly resources?: Readonly<Record<string, PdfDict>>;
  readonly entries?: Readonly<Record<string, PdfValue>>;
  /** The stored bytes in place of the content's. */
  readonly raw?: Uint8Array;
}

function lookOf(content: string, { resources = {}, entries = {}, raw }: LookOptions): PdfStream {
  const form = formXObject({
    bbox: [0, 0, 405, 35],
    content: latin1ToBytes(content),
    resources: PdfDict.of(resources),
  });
  const dict = form.dict.with({ Filter: undefined, ...entries });
  return PdfStream.of(dict, raw ?? latin1ToBytes(content));
}

/** Signs `pdf` once more, with a look of `content` over the text of the first page. */
async function signedOver(
  { sign }: Honest,
  pdf: Uint8Array,
  content: string,
  options: LookOptions = {},
): Promise<Uint8Array> {
  return sign(pdf, {
    appearance: (writer) => [
      { pageIndex: 0, rect: OVER_TEXT, appearance: writer.add(lookOf(content, options)) },
    ],
  });
}

const look = (name: string, content: string, options: LookOptions = {}): Attack => ({
  name: `a look ${name}`,
  reason: 'what was signed first is not to be seen',
  verdict: FIRST_FAILS,
  build: (honest) => signedOver(honest, honest.once, content, options),
});

const seen = (name: string, content: string, options: LookOptions = {}): Attack => ({
  name: `a look ${name}`,
  reason: 'what was signed first can be read',
  build: (honest) => signedOver(honest, honest.once, content, options),
});

/** Graphics states: `G` as given, `M` multiplying. */
const states = (entries: Readonly<Record<string, PdfValue>> = {}): LookOptions => ({
  resources: {
    ExtGState: PdfDict.of({
      G: PdfDict.of(entries),
      M: PdfDict.of({ BM: pdfName('Multiply') }),
    }),
  },
});

const helvetica = PdfDict.of({
  F1: PdfDict.of({
    Type: pdfName('Font'),
    Subtype: pdfName('Type1'),
    BaseFont: pdfName('Helvetica'),
  }),
});

const rows = (height: number, draw: (y: number) => string): string =>
  Array.from({ length: Math.ceil(35 / height) }, (_each, i) => draw(i * height)).join(' ');

const ISOLATED = { Group: PdfDict.of({ S: pdfName('Transparency'), I: true }) };

/** `WHITE_BOX` deflated, without the checksum that a strict reader wants. */
const unfinished = (): Uint8Array =>
  flateStream(PdfDict.of({}), latin1ToBytes(WHITE_BOX)).rawBytes().slice(0, -4);

const OF_CONTENT: readonly Attack[] = [
  look('of white strips', `1 g ${rows(1, (y) => `0 ${y} 405 1 re f`)}`),
  look('of white layers', `/G gs 1 g ${'0 0 405 35 re f '.repeat(10)}`, states({ ca: 0.45 })),
  look(
    'of a white pen drawn to and fro',
    `1 G 6 w 0 2 m ${rows(5, (y) => `405 ${y} l 0 ${y} l`)} S`,
  ),
  look('of a small box with a broad border', '1 g 1 G 60 w 180 17 40 1 re B'),
  look(
    'of a white line as broad as its graphics state has it',
    '1 G /G gs 0 17 m 405 17 l S',
    states({ LW: 40 }),
  ),
  look('of a line made broad by its matrix', '1 G 1 w 1 0 0 40 0 17 cm 0 0 m 405 0 l S'),
  look(
    'that multiplies no more',
    `/M gs /G gs ${WHITE_BOX}`,
    states({ BM: new PdfArray([pdfName('Normal')]) }),
  ),
  look('that multiplies in a group of its own', `/M gs ${WHITE_BOX}`, {
    ...states(),
    entries: ISOLATED,
  }),
  look(
    'of letters with broad white outlines',
    `BT 1 G 1 g 2 Tr 20 w /F1 14 Tf 0 10 Td (${'W'.repeat(29)}) Tj ET`,
    { resources: { Font: helvetica } },
  ),
  look(
    'of white letters, many on one place',
    `1 g ${rows(5, (y) => `BT /F1 14 Tf 0 ${y} Td (${'M'.repeat(34)}) Tj ET`)} ${rows(5, (y) => `BT /F1 14 Tf 4 ${y + 2} Td (${'M'.repeat(34)}) Tj ET`)}`,
    {
      resources: { Font: helvetica },
    },
  ),
  look('whose data are damaged', '', {
    entries: { Filter: pdfName('FlateDecode') },
    raw: unfinished(),
  }),
  look('with a filter that encrypts nothing', WHITE_BOX, {
    entries: { Filter: pdfName('Crypt'), DecodeParms: PdfDict.of({ Name: pdfName('Identity') }) },
  }),
  look('with a number that is none', '1 g 0 0 405 3-5 re f 0 0 405 35.5.5 re f'),
  look(
    'with an image that ends sooner than it says',
    '1 0 0 1 -9 -9 cm BI /W 1 /H 1 /BPC 8 /CS /G ID xEI\n1 g 9 9 405 35 re f\n EI',
  ),
  look('of glyphs that are programs', 'BT /T 1 Tf (a) Tj ET', {
    resources: {
      Font: PdfDict.of({
        T: PdfDict.of({
          Type: pdfName('Font'),
          Subtype: pdfName('Type3'),
          FontBBox: new PdfArray([0, 0, 405, 35]),
          FontMatrix: new PdfArray([1, 0, 0, 1, 0, 0]),
          Encoding: PdfDict.of({ Differences: new PdfArray([97, pdfName('a')]) }),
          CharProcs: PdfDict.of({}),
          FirstChar: 97,
          LastChar: 97,
          Widths: new PdfArray([1]),
        }),
      }),
    },
  }),
];

/** An image of `pixels`, painted all over the look through a mask of `mask`, one byte a sample and row by row. */
function image(
  name: string,
  [width, height]: readonly [number, number],
  pixels: (x: number, y: number) => readonly [number, number, number],
  mask: (x: number, y: number) => number,
): Omit<Attack, 'reason'> {
  const samples = Array.from(
    { length: width * height },
    (_each, i) => [i % width, Math.floor(i / width)] as const,
  );
  const entries = {
    Type: pdfName('XObject'),
    Subtype: pdfName('Image'),
    Width: width,
    Height: height,
    BitsPerComponent: 8,
  };
  return {
    name: `a look with ${name}`,
    build: ({ once, sign }) =>
      sign(once, {
        appearance: (writer) => {
          const soft = writer.add(
            flateStream(
              PdfDict.of({ ...entries, ColorSpace: pdfName('DeviceGray') }),
              Uint8Array.from(samples, ([x, y]) => mask(x, y)),
            ),
          );
          const picture = writer.add(
            flateStream(
              PdfDict.of({ ...entries, ColorSpace: pdfName('DeviceRGB'), SMask: soft }),
              Uint8Array.from(samples.flatMap(([x, y]) => pixels(x, y))),
            ),
          );
          const form = lookOf('405 0 0 35 0 0 cm /P Do', {
            resources: { XObject: PdfDict.of({ P: picture }) },
          });
          return [{ pageIndex: 0, rect: OVER_TEXT, appearance: writer.add(form) }];
        },
      }),
  };
}

const IMAGES: readonly Attack[] = [
  {
    ...image(
      'a picture that is white over the amount alone',
      [40, 1],
      () => [255, 255, 255],
      (x) => (x > 22 ? 255 : 0),
    ),
    reason: 'the amount is not to be seen',
    verdict: FIRST_FAILS,
  },
];

const signatureField = (rect: string): string =>
  `<</Type/Annot/Subtype/Widget/FT/Sig/T(Later)/F 4${rect}>>`;

/** Adds an empty signature field, by one who then signs in it. */
function withEmptyField(pdf: Uint8Array, rect: string): Uint8Array {
  const { page, pageText, document, fieldNumber } = landmarks(pdf);
  const form = refNumber(document.catalog.get('AcroForm'));
  const next = document.nextObjectNumber;
  return rawUpdate(
    pdf,
    new Map([
      [form, `<</SigFlags 3/Fields [${fieldNumber} 0 R ${next} 0 R]>>`],
      [page, pageText.replace(/(\/Annots\s*\[[^\]]*)\]/, `$1 ${next} 0 R]`)],
      [next, signatureField(rect)],
    ]),
  );
}

const signedIn = (honest: Honest, pdf: Uint8Array, content: string): Promise<Uint8Array> =>
  honest.sign(pdf, {
    fieldName: 'Later',
    appearance: (writer) => [
      { pageIndex: 0, rect: OVER_TEXT, appearance: writer.add(lookOf(content, {})) },
    ],
  });

const OF_PLACE: readonly Attack[] = [
  {
    name: 'a field over the text in one revision, signed in the next',
    reason: 'two steps hide what one may not',
    verdict: FIRST_FAILS,
    build: (honest) =>
      signedIn(honest, withEmptyField(honest.once, '/Rect[55 690 460 725]'), WHITE_BOX),
  },
  {
    name: 'a look over what a field says that was filled in',
    reason: 'the amount stands in a field',
    verdict: FIRST_FAILS,
    build: async ({ plain, sign }) => {
      const form = formPdf(plain);
      const note = /(\d+) 0 obj\n<<[^>]*\/T\(Note\)/.exec(
        Buffer.from(form).toString('latin1'),
      )?.[1];
      const filled = rawUpdate(form, new Map([[Number(note) + 2, SHOWN('1,409.50')]]));
      const appearance = lookOf('1 g 0 0 405 35 re f', {});
      const rect = { x1: 55, y1: 598, x2: 460, y2: 633 };
      return sign(await sign(filled), {
        appearance: (writer) => [{ pageIndex: 0, rect, appearance: writer.add(appearance) }],
      });
    },
  },
];

/** A look over or beside the last digit of the amount, as wide as that. */
const atLastDigit = (
  name: string,
  reason: string,
  [shift, content]: readonly [number, string],
  verdict?: string,
): Attack => ({
  name,
  reason,
  ...(verdict === undefined ? {} : { verdict }),
  build: ({ once, sign }) => {
    const { document } = landmarks(once);
    const last = readPageText(document, document.pages.get(0)).placed.at(-1)!.rect;
    const width = last.x2 - last.x1;
    const rect = { ...last, x1: last.x1 + shift * width, x2: last.x2 + shift * width };
    const form = formXObject({
      bbox: [0, 0, width, last.y2 - last.y1],
      content: latin1ToBytes(content),
      resources: PdfDict.of({ Font: helvetica }),
    });
    return sign(once, {
      appearance: (writer) => [{ pageIndex: 0, rect, appearance: writer.add(form) }],
    });
  },
});

const OF_DIGITS: readonly Attack[] = [
  atLastDigit(
    'a look that writes one more digit behind the amount',
    'it is another amount',
    [1.1, 'BT 0 g /F1 14 Tf 0 1.7 Td (9) Tj ET'],
    FIRST_FAILS,
  ),
  atLastDigit(
    'a look that writes another digit in place of one',
    'it is another amount',
    [0, '1 g 0 0 20 20 re f BT 0 g /F1 14 Tf 0 1.7 Td (9) Tj ET'],
    FIRST_FAILS,
  ),
];

export const HIDING: readonly Attack[] = [...OF_CONTENT, ...IMAGES, ...OF_PLACE, ...OF_DIGITS];

const circle = (r: number): string => {
  const k = 0.5523 * r;
  const [x, y] = [200, 17];
  return `${x + r} ${y} m ${x + r} ${y + k} ${x + k} ${y + r} ${x} ${y + r} c ${x - k} ${y + r} ${x - r} ${y + k} ${x - r} ${y} c ${x - r} ${y - k} ${x - k} ${y - r} ${x} ${y - r} c ${x + k} ${y - r} ${x + r} ${y - k} ${x + r} ${y} c h`;
};
const star = (r: number): string =>
  `${Array.from({ length: 5 }, (_each, i) => {
    const turn = (i * 4 * Math.PI) / 5 + Math.PI / 2;
    const point = `${(200 + r * Math.cos(turn)).toFixed(2)} ${(17 + r * Math.sin(turn)).toFixed(2)}`;
    return `${point} ${i === 0 ? 'm' : 'l'}`;
  }).join(' ')} h`;

export const SOUND_HIDING: readonly Attack[] = [
  atLastDigit('a look that writes a name behind the amount', 'it is no part of the amount', [
    1.1,
    'BT 0 g /F1 14 Tf 0 1.7 Td (N) Tj ET',
  ]),
  seen(
    'of a seal drawn by paths, its ring and star filled',
    `1 0 0 rg ${circle(60)} ${circle(56)} f* ${star(17)} f`,
  ),
  seen(
    'of handwriting, its strokes filled',
    '0 g 5 5 m 40 33 l 70 2 l 120 30 l 200 4 l 300 28 l 400 8 l 400 9.5 l 300 30 l 200 6 l 120 32 l 70 4 l 40 35 l h f',
  ),
  seen(
    'of a pen to and fro',
    '0 0 1 RG 1 w 0 2 m 40 33 l 80 2 l 120 33 l 160 2 l 200 33 l 240 2 l S',
  ),
  seen('that tints its field', `/G gs 0.9 0.9 1 rg 0 0 405 35 re f`, states({ ca: 0.3 })),
  seen('that multiplies a yellow on it', '/M gs 1 1 0 rg 0 0 405 35 re f', states()),
  seen('of letters over letters', 'BT /F1 12 Tf 0 12 Td (Signed by the buyer) Tj ET', {
    resources: { Font: helvetica },
  }),
  seen('cut out of a box by its clipping path', 'q 0 0 405 4 re W n 1 g 0 0 405 35 re f Q'),
  {
    ...image(
      'the picture of a seal',
      [40, 40],
      () => [220, 30, 30],
      (x, y) => {
        const r = Math.hypot(x - 19.5, y - 19.5);
        return (r > 17 && r < 19) || r < 4 ? 255 : 0;
      },
    ),
    reason: 'what was signed first can be read',
  },
  {
    name: 'a field beside the text in one revision, signed in the next',
    reason: 'nothing is hidden',
    build: (honest) => {
      const withField = withEmptyField(honest.once, '/Rect[55 400 460 435]');
      return signedIn(honest, withField, WHITE_BOX);
    },
  },
];

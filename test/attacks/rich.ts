/**
 * A document with everything that a page or the catalog may lead to, each as an object of its own;
 * once it is signed, an update changes one of them or takes it away.
 *
 * @see ISO 32000-2:2020, 7.7.2 (catalog), 7.7.3 (pages), 12.8.2.2.2 (what no P permits)
 */
import type { Attack } from './attack.js';
import { landmarks, open, rawUpdate, refNumber, stream } from './forgery.js';

/** Bodies name other objects in braces. */
type Part = readonly [name: string, body: string, changed: string, reason: string];

const SEEN = 'what is seen was signed';
const FOUND = 'what is found was signed';
const DONE = 'what happens was signed';
const READ = 'what is read aloud was signed';

const look = (text: string): string =>
  stream(`BT /F2 10 Tf 2 4 Td (${text}) Tj ET`, '/Type/XObject/Subtype/Form/BBox[0 0 90 20]');
const image = (octet: string): string =>
  stream(
    octet,
    '/Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray/SMask {soft mask}',
  );
const mask = (octet: string): string =>
  stream(
    octet,
    '/Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray',
  );
const icc = (text: string): string => stream(text, '/N 3/Alternate/DeviceRGB');

const PARTS: readonly Part[] = [
  ['image', image('a'), image('b'), SEEN],
  ['soft mask', mask('a'), mask('b'), 'a mask hides what was signed'],
  ['form', look('one'), look('two'), SEEN],
  ['graphics state', '<</ca 1>>', '<</ca 0>>', 'what is transparent is not seen'],
  ['colour space', '[/ICCBased {profile}]', '/DeviceGray', 'colours change'],
  ['profile', icc('one'), icc('two'), 'colours change'],
  [
    'pattern',
    stream('0 0 5 5 re f', '/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 9 9]/XStep 9/YStep 9'),
    stream('0 0 9 9 re f', '/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 9 9]/XStep 9/YStep 9'),
    SEEN,
  ],
  [
    'shading',
    '<</ShadingType 2/ColorSpace/DeviceGray/Coords[0 0 1 0]/Function {function}>>',
    '<</ShadingType 2/ColorSpace/DeviceGray/Coords[0 0 9 0]/Function {function}>>',
    SEEN,
  ],
  [
    'function',
    '<</FunctionType 2/Domain[0 1]/C0[0]/C1[1]/N 1>>',
    '<</FunctionType 2/Domain[0 1]/C0[1]/C1[0]/N 1>>',
    'colours change',
  ],
  [
    'font',
    '<</Type/Font/Subtype/TrueType/BaseFont/Helvetica/FirstChar 32/LastChar 34/Widths {widths}/Encoding {encoding}/ToUnicode {code map}/FontDescriptor {font descriptor}>>',
    '<</Type/Font/Subtype/TrueType/BaseFont/Wingdings/FirstChar 32/LastChar 34/Widths {widths}/Encoding {encoding}/ToUnicode {code map}/FontDescriptor {font descriptor}>>',
    'the same codes show other characters',
  ],
  ['widths', '[278 278 355]', '[278 0 -355]', 'characters cover each other'],
  [
    'encoding',
    '<</Type/Encoding/Differences[49/one]>>',
    '<</Type/Encoding/Differences[49/nine]>>',
    'the same codes show other characters',
  ],
  [
    'code map',
    stream('1 beginbfchar <31> <0031> endbfchar'),
    stream('1 beginbfchar <31> <0039> endbfchar'),
    FOUND,
  ],
  [
    'font descriptor',
    '<</Type/FontDescriptor/FontName/Helvetica/Flags 32/FontFile2 {font file}>>',
    '<</Type/FontDescriptor/FontName/Helvetica/Flags 4/FontFile2 {font file}>>',
    'the same codes show other characters',
  ],
  ['font file', stream('one'), stream('two'), 'the same codes show other characters'],
  ['further content', stream('BT /F2 12 Tf 60 500 Td (one) Tj ET'), stream(''), SEEN],
  ['list of contents', '[{first content} {further content}]', '[{further content}]', SEEN],
  ['length of a stream', '34', '3', 'a reader that believes it shows less'],
  ['box of the page', '[0 0 595 842]', '[0 0 595 400]', SEEN],
  ['thumbnail', mask('a'), mask('b'), SEEN],
  ['metadata of the page', stream('one'), stream('two'), FOUND],
  ['list of annotations', '[{link} {note} {text field} {choice} {button}]', '[{link}]', SEEN],
  [
    'link',
    '<</Type/Annot/Subtype/Link/Rect[10 10 90 30]/A {action}>>',
    '<</Type/Annot/Subtype/Link/Rect[10 10 590 830]/A {action}>>',
    DONE,
  ],
  ['action', '<</S/URI/URI(http://localhost/a)>>', '<</S/URI/URI(http://localhost/b)>>', DONE],
  [
    'note',
    '<</Type/Annot/Subtype/Text/Rect[10 40 30 60]/Contents(yes)>>',
    '<</Type/Annot/Subtype/Text/Rect[10 40 30 60]/Contents(no)>>',
    SEEN,
  ],
  [
    'text field',
    '<</Type/Annot/Subtype/Widget/FT/Tx/T(t)/V(one)/MaxLen 9/Rect[10 70 99 90]/F 4/AP<</N {look of the text}>>>>',
    '<</Type/Annot/Subtype/Widget/FT/Tx/T(t)/V(one)/MaxLen 3/Rect[10 70 99 90]/F 4/AP<</N {look of the text}>>>>',
    SEEN,
  ],
  ['look of the text', look('one'), look('two'), 'it shows what nobody filled in'],
  [
    'choice',
    '<</Type/Annot/Subtype/Widget/FT/Ch/T(c)/V(a)/Opt {options}/Rect[10 100 99 120]/F 4/AP<</N {look of the choice}>>>>',
    '<</Type/Annot/Subtype/Widget/FT/Ch/T(c)/V(a)/Opt[[(a)(two)]]/Rect[10 100 99 120]/F 4/AP<</N {look of the choice}>>>>',
    'the same value shows another text',
  ],
  ['options', '[[(a)(one)]]', '[[(a)(two)]]', 'the same value shows another text'],
  ['look of the choice', look('one'), look('two'), 'it shows what nobody filled in'],
  [
    'button',
    '<</Type/Annot/Subtype/Widget/FT/Btn/T(b)/V/Off/AS/Off/Rect[10 130 30 150]/F 4/AP {looks of the button}>>',
    '<</Type/Annot/Subtype/Widget/FT/Btn/T(b)/V/Yes/AS/Yes/Rect[10 130 30 150]/F 4/AP<</N<</Yes {form}>>>>>>',
    'pressing it shows what was drawn before',
  ],
  ['looks of the button', '<</N<</Yes {look of the text}>>>>', '<</N<</Yes {form}>>>>', SEEN],
  [
    'layer',
    '<</Type/OCG/Name(one)>>',
    '<</Type/OCG/Name(one)/Usage<</View<</ViewState/OFF>>>>>>',
    'layers hide what was signed',
  ],
  [
    'layers',
    '<</OCGs[{layer}]/D {configuration}>>',
    '<</OCGs[]/D {configuration}>>',
    'layers hide what was signed',
  ],
  [
    'configuration',
    '<</Order[{layer}]/ON[{layer}]/OFF[]>>',
    '<</Order[{layer}]/ON[]/OFF[{layer}]>>',
    'layers hide what was signed',
  ],
  [
    'outline',
    '<</Type/Outlines/First {outline item}/Last {outline item}/Count 1>>',
    '<</Type/Outlines/Count 0>>',
    FOUND,
  ],
  [
    'outline item',
    '<</Title(one)/Parent {outline}/Dest {destination}>>',
    '<</Title(two)/Parent {outline}/Dest {destination}>>',
    FOUND,
  ],
  ['destination', '[0/Fit]', '[1/Fit]', 'links lead elsewhere'],
  [
    'names',
    '<</EmbeddedFiles {file names}/Dests {destination names}>>',
    '<</EmbeddedFiles {file names}>>',
    FOUND,
  ],
  [
    'file names',
    '<</Names[(a.xml) {attached file}]>>',
    '<</Names[(a.xml) {attached file}(a.xml) {attached file}]>>',
    'one name, two files',
  ],
  [
    'attached file',
    '<</Type/Filespec/F(a.xml)/UF(a.xml)/EF<</F {attached bytes}>>>>',
    '<</Type/Filespec/F(b.xml)/UF(b.xml)/EF<</F {attached bytes}>>>>',
    'files are attached that nobody signed',
  ],
  [
    'attached bytes',
    stream('<amount>1</amount>', '/Type/EmbeddedFile'),
    stream('<amount>9</amount>', '/Type/EmbeddedFile'),
    'files are attached that nobody signed',
  ],
  ['destination names', '<</Names[(a)[0/Fit]]>>', '<</Names[(a)[1/Fit]]>>', 'links lead elsewhere'],
  ['page labels', '<</Nums[0<</S/D>>]>>', '<</Nums[0<</S/D/St 9>>]>>', 'page numbers were signed'],
  [
    'structure',
    '<</Type/StructTreeRoot/K {element}/RoleMap {roles}>>',
    '<</Type/StructTreeRoot/RoleMap {roles}>>',
    READ,
  ],
  [
    'element',
    '<</Type/StructElem/S/P/P {structure}/Alt(one)>>',
    '<</Type/StructElem/S/P/P {structure}/Alt(two)/ActualText(two)>>',
    READ,
  ],
  ['roles', '<</Para/P>>', '<</Para/Artifact>>', READ],
  [
    'action on opening',
    '<</S/GoTo/D {destination}>>',
    '<</S/JavaScript/JS(app.alert\\(1\\))>>',
    'scripts change what is shown',
  ],
  ['preferences', '<</DisplayDocTitle true>>', '<</PrintArea/ArtBox/HideMenubar true>>', SEEN],
  ['private data', '<</Private(one)>>', '<</Private(two)>>', FOUND],
  ['intent', '<</S/GTS_PDFA1/DestOutputProfile {profile}>>', '<</S/GTS_PDFA1>>', 'colours change'],
  ['threads', '[{thread}]', '[]', 'the order of reading was signed'],
  ['thread', '<</I<</Title(one)>>>>', '<</I<</Title(two)>>>>', 'the order of reading was signed'],
];

/** Numbers of the parts in a document made of `plain`. */
function numbersOf(plain: Uint8Array): ReadonlyMap<string, number> {
  const next = open(plain).nextObjectNumber;
  return new Map(PARTS.map(([name], index) => [name, next + index]));
}

const linked = (body: string, numbers: ReadonlyMap<string, number>): string =>
  body.replace(/\{([^}]*)\}/g, (_all, name: string) => `${numbers.get(name) ?? 0} 0 R`);

/** The document before anybody signs it. */
export function richPdf(plain: Uint8Array): Uint8Array {
  const document = open(plain);
  const text = Buffer.from(plain).toString('latin1');
  const body = (num: number): string => {
    const entry = document.lookup(num);
    const start = text.indexOf('obj', entry?.kind === 'in-file' ? entry.offset : 0) + 3;
    return text.slice(start, text.indexOf('endobj', start)).trim();
  };
  const page = document.pages.get(0);
  const contents = document.resolveArray(page.dict.get('Contents'))?.items[0];
  const parts = numbersOf(plain);
  const numbers = new Map([...parts, ['first content', refNumber(contents)]]);
  const pageNumber = refNumber(page.ref);
  const catalog = document.catalogRef.num;
  const resources =
    '/XObject<</I {image}/X {form}>>/ExtGState<</G {graphics state}>>/ColorSpace<</C {colour space}>>' +
    '/Pattern<</P {pattern}>>/Shading<</S {shading}>>/Properties<</L {layer}>>';
  const pageBody = body(pageNumber)
    .replace(/\/Contents\s*(\[[^\]]*\]|\d+ 0 R)/, '/Contents {list of contents}')
    .replace(/\/Annots\s*(\[[^\]]*\]|\d+ 0 R)/, '')
    .replace(/\/MediaBox\s*\[[^\]]*\]/, '/MediaBox {box of the page}')
    .replace(/\/(XObject|ExtGState)\s*<<\s*>>/g, '')
    .replace(/\/Font\s*<</, `${resources}/Font <</F2 {font} `)
    .replace(
      />>$/,
      '/Annots {list of annotations}/Thumb {thumbnail}/Metadata {metadata of the page}/PieceInfo<</X {private data}>>>>',
    );
  const catalogBody = body(catalog).replace(
    />>$/,
    '/OCProperties {layers}/Outlines {outline}/Names {names}/PageLabels {page labels}/StructTreeRoot {structure}' +
      '/OpenAction {action on opening}/ViewerPreferences {preferences}/OutputIntents[{intent}]/Threads {threads}' +
      '/AcroForm<</Fields[{text field} {choice} {button}]>>>>',
  );
  return rawUpdate(
    plain,
    new Map([
      [catalog, linked(catalogBody, numbers)],
      [pageNumber, linked(pageBody, numbers)],
      ...PARTS.map(
        ([name, own]) =>
          [
            parts.get(name) ?? 0,
            linked(
              // One stream leaves its length to an object.
              name === 'further content'
                ? own.replace(/\/Length \d+/, '/Length {length of a stream}')
                : own,
              numbers,
            ),
          ] as const,
      ),
    ]),
  );
}

function altered(name: string, reason: string, body: string | null): Attack {
  return {
    name: `${name}${body === null ? ', taken away' : ', changed'}`,
    reason,
    build: ({ plain, rich }) => {
      const parts = numbersOf(plain);
      const first = landmarks(rich).document.resolveArray(
        landmarks(rich).document.pages.get(0).dict.get('Contents'),
      )?.items[0];
      const numbers = new Map([...parts, ['first content', refNumber(first)]]);
      const num = parts.get(name) ?? 0;
      return rawUpdate(rich, new Map([[num, body === null ? null : linked(body, numbers)]]));
    },
  };
}

export const RICH: readonly Attack[] = PARTS.flatMap(([name, , changed, reason]) => [
  altered(name, reason, changed),
  altered(name, reason, null),
]);

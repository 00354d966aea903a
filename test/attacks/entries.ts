/**
 * Every entry of the catalog, of a page and of the form that changes what is shown, done or found,
 * each altered by an update that is well formed in everything else.
 *
 * @see ISO 32000-2:2020, tables 29, 31 and 224
 */
import type { Attack, Honest } from './attack.js';
import { landmarks, rawUpdate } from './forgery.js';

type Entry = readonly [key: string, value: string, reason: string];

const SCRIPT = '<</S/JavaScript/JS(app.alert\\(1\\))>>';
const SCRIPTS = 'scripts change what is shown';

const CATALOG: readonly Entry[] = [
  ['OpenAction', SCRIPT, SCRIPTS],
  ['AA', `<</WC ${SCRIPT}>>`, SCRIPTS],
  ['Names', `<</JavaScript<</Names[(a) ${SCRIPT}]>>>>`, SCRIPTS],
  ['Names', '<</EmbeddedFiles<</Names[]>>>>', 'files are attached that nobody signed'],
  ['Names', '<</Pages<</Names[]>>/Templates<</Names[]>>>>', 'hidden pages come to light'],
  ['Dests', '<</a[0/Fit]>>', 'links lead elsewhere'],
  ['Outlines', '<</Type/Outlines>>', 'the table of contents was signed'],
  ['PageLabels', '<</Nums[0<</S/r>>]>>', 'page numbers were signed'],
  ['PageLayout', '/TwoColumnLeft', 'what is seen first was signed'],
  ['PageMode', '/UseOC', 'what is seen first was signed'],
  ['ViewerPreferences', '<</HideToolbar true/Direction/R2L>>', 'what is seen was signed'],
  ['OCProperties', '<</OCGs[]/D<</BaseState/OFF>>>>', 'layers hide what was signed'],
  ['StructTreeRoot', '<</Type/StructTreeRoot>>', 'what is read aloud was signed'],
  ['MarkInfo', '<</Marked true/Suspects true>>', 'what is read aloud was signed'],
  ['Lang', '(en)', 'what is read aloud was signed'],
  ['Threads', '[]', 'the order of reading was signed'],
  ['URI', '<</Base(http://localhost/)>>', 'links lead elsewhere'],
  ['Collection', '<</View/T>>', 'an attached file is shown instead'],
  ['OutputIntents', '[<</S/GTS_PDFX>>]', 'colours change'],
  ['PieceInfo', '<</Evil<<>>>>', 'private data were not signed'],
  ['Requirements', '[<</S/EnableJavaScripts>>]', SCRIPTS],
  ['NeedsRendering', 'true', 'the form is drawn anew'],
  ['Legal', '<</Attestation(all is well)>>', 'attestations are the signer’s'],
  ['AF', '[]', 'files are attached that nobody signed'],
  ['Version', '/1.0', 'a version is never lowered'],
  ['Version', '(9)', 'a version is a name'],
  ['Type', '/Page', 'the catalog is a catalog'],
  ['Metadata', '<<>>', 'metadata are XMP or absent'],
];

const PAGE: readonly Entry[] = [
  ['Contents', '[]', 'an empty page'],
  ['Resources', '<<>>', 'fonts and images gone'],
  ['MediaBox', '[0 0 100 100]', 'what was signed is not shown'],
  ['CropBox', '[0 0 100 100]', 'what was signed is not shown'],
  ['BleedBox', '[0 0 100 100]', 'what is printed was signed'],
  ['TrimBox', '[0 0 100 100]', 'what is printed was signed'],
  ['ArtBox', '[0 0 100 100]', 'what is printed was signed'],
  ['Rotate', '180', 'what was signed is shown otherwise'],
  ['UserUnit', '10', 'lengths change'],
  ['Group', '<</S/Transparency/CS/DeviceRGB/K true>>', 'colours and overlaps change'],
  ['AA', `<</O ${SCRIPT}>>`, SCRIPTS],
  ['Tabs', '/S', 'the order of fields was signed'],
  ['Trans', '<</S/Wipe>>', 'what is seen was signed'],
  ['Dur', '1', 'the page turns by itself'],
  ['StructParents', '9', 'what is read aloud was signed'],
  ['PieceInfo', '<<>>', 'private data were not signed'],
  ['Metadata', '<<>>', 'metadata of a page were not signed'],
  ['Thumb', '<<>>', 'the picture of the page was signed'],
  ['B', '[]', 'the order of reading was signed'],
  ['VP', '[]', 'measures change'],
  ['PresSteps', '<<>>', 'what is seen was signed'],
  ['TemplateInstantiated', '/x', 'a hidden page comes to light'],
  ['Parent', '9999 0 R', 'the page leaves the tree'],
  ['Type', '/Template', 'the page is hidden'],
  ['Annots', '[]', 'annotations and signatures are removed'],
];

const FORM: readonly Entry[] = [
  ['NeedAppearances', 'true', 'looks are left to the reader'],
  ['XFA', '(<xdp/>)', 'another form is shown instead'],
  ['CO', '[]', 'calculations change what is shown'],
  ['Q', '2', 'texts move'],
  ['SigFlags', '0', 'readers forget that there are signatures'],
  ['Fields', '[]', 'the signature is removed'],
];

/** The dictionary with `key` set to `value`; keys inside other dictionaries are left alone. */
export function withEntry(dictionary: string, key: string, value: string): string {
  let depth = 0;
  const inner = dictionary.slice(2, -2);
  for (let at = 0; at < inner.length; at++) {
    if (inner.startsWith('<<', at) || inner[at] === '[') depth++;
    if (inner.startsWith('>>', at) || inner[at] === ']') depth--;
    if (inner.startsWith('<<', at) || inner.startsWith('>>', at)) at++;
    const isKey = depth === 0 && inner.startsWith(`/${key}`, at);
    if (!isKey || /[\w]/.test(inner[at + key.length + 1] ?? ' ')) continue;
    const rest = inner.slice(at + key.length + 1);
    const end = valueEnd(rest);
    return `<<${inner.slice(0, at)}${rest.slice(end)}/${key} ${value}>>`;
  }
  return `<<${inner}/${key} ${value}>>`;
}

function valueEnd(text: string): number {
  let depth = 0;
  let at = /^\s*/.exec(text)?.[0].length ?? 0;
  for (const start = at; at < text.length; at++) {
    if (text.startsWith('<<', at) || text[at] === '[' || text[at] === '(') depth++;
    const closes = text.startsWith('>>', at) || text[at] === ']' || text[at] === ')';
    if (closes) depth--;
    if (text.startsWith('<<', at) || text.startsWith('>>', at)) at++;
    if (depth === 0 && closes) return at + 1;
    if (depth === 0 && at > start && text[at + 1] === '/') return at + 1;
  }
  return text.length;
}

function altered(
  where: string,
  [key, value, reason]: Entry,
  pick: (mark: ReturnType<typeof landmarks>) => readonly [number, string],
  from: (honest: Honest) => Uint8Array = ({ once }) => once,
): Attack {
  return {
    name: `${where}: ${key} ${value}`,
    reason,
    // The form's list emptied, the signature is found only in the revision that had it.
    build: (honest) => {
      const file = from(honest);
      const [num, text] = pick(landmarks(file));
      return rawUpdate(file, new Map([[num, withEntry(text, key, value)]]));
    },
  };
}

export const ENTRIES: readonly Attack[] = [
  ...CATALOG.map((entry) =>
    altered('catalog', entry, ({ catalog, catalogText }) => [catalog, catalogText]),
  ),
  ...PAGE.map((entry) => altered('page', entry, ({ page, pageText }) => [page, pageText])),
  ...PAGE.map((entry) =>
    altered(
      'page under P 3',
      entry,
      ({ page, pageText }) => [page, pageText],
      ({ certified }) => certified[2],
    ),
  ),
  ...FORM.map((entry) =>
    altered('form', entry, ({ catalogText, text }) => {
      const form = Number(/\/AcroForm (\d+) 0 R/.exec(catalogText)?.[1]);
      const start = text.lastIndexOf(`\n${form} 0 obj`);
      const body = text.indexOf('<<', start);
      return [form, text.slice(body, text.indexOf('endobj', body)).trim()];
    }),
  ),
];

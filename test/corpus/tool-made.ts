/**
 * Files made at test time by the programs of this machine that write PDF: each program's own writer, in the
 * versions and profiles it has. What a program does not know is left out.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { CORPUS_CACHE, type CorpusFile } from './gather.js';
import { runTool } from './tools.js';

const DRAWING = `<svg xmlns="http://www.w3.org/2000/svg" width="595" height="842" viewBox="0 0 595 842">
<defs><linearGradient id="g"><stop offset="0" stop-color="#c00"/><stop offset="1" stop-color="#00c"/></linearGradient>
<pattern id="p" width="12" height="12" patternUnits="userSpaceOnUse"><circle cx="6" cy="6" r="4"/></pattern></defs>
<rect x="40" y="40" width="300" height="120" fill="url(#g)" opacity="0.5"/>
<rect x="60" y="200" width="300" height="120" fill="url(#p)"/>
<text x="60" y="400" font-size="28">Contract for the supply of goods</text>
<path d="M60 450 C 200 400 300 500 480 450" stroke="#070" stroke-width="6" fill="none"/></svg>
`;

const LETTER = `.TL
Contract for the supply of goods
.AU
A. Buyer
.NH
Goods
.PP
The seller delivers what annex A lists, within thirty days.
.NH
Payment
.PP
${'The buyer pays within ten days after acceptance. '.repeat(120)}
`;

/** A PostScript program of three pages, one turned, with marks that PDF keeps. */
const PROGRAM = `%!PS
<< /PageSize [595 842] >> setpagedevice
[ /Title (Contract) /DOCINFO pdfmark
[ /Page 1 /View [/XYZ null null null] /Title (First) /OUT pdfmark
/Times-Roman findfont 24 scalefont setfont
72 700 moveto (First page) show
[ /Rect [72 600 200 640] /Contents (A note) /Subtype /Text /ANN pdfmark
showpage
[ /Rotate 90 /PAGE pdfmark
/Helvetica findfont 24 scalefont setfont 72 500 moveto (Second page, turned) show showpage
<< /PageSize [842 595] >> setpagedevice
[ /CropBox [50 50 800 560] /PAGE pdfmark
/Courier findfont 24 scalefont setfont 72 300 moveto (Third page, cropped) show showpage
`;

interface Recipe {
  readonly name: string;
  readonly tool: string;
  readonly args: (paths: Paths) => readonly string[];
}

/** Paths of what a recipe writes, of what it may read, and of what another one made. */
interface Paths {
  readonly out: string;
  readonly svg: string;
  readonly ps: string;
  readonly ms: string;
  readonly made: (name: string) => string;
}

const gs = (name: string, ...options: readonly string[]): Recipe => ({
  name: `gs-${name}`,
  tool: 'gs',
  args: ({ out, ps }) => [
    ...['-q', '-dNOPAUSE', '-dBATCH', '-dSAFER', '-sDEVICE=pdfwrite', ...options],
    ...['-o', out, ps],
  ],
});

/** In an order in which each finds what it takes from another. */
const RECIPES: readonly Recipe[] = [
  gs('1.3', '-dCompatibilityLevel=1.3'),
  gs('1.4', '-dCompatibilityLevel=1.4'),
  gs('1.7', '-dCompatibilityLevel=1.7'),
  gs('2.0', '-dCompatibilityLevel=2.0'),
  gs('pdfa-1b', '-dPDFA=1', '-sColorConversionStrategy=RGB', '-dPDFACompatibilityPolicy=1'),
  gs('pdfa-2b', '-dPDFA=2', '-sColorConversionStrategy=RGB', '-dPDFACompatibilityPolicy=1'),
  gs('pdfa-3b', '-dPDFA=3', '-sColorConversionStrategy=RGB', '-dPDFACompatibilityPolicy=1'),
  gs('fast-web-view', '-dFastWebView=true'),
  gs('uncompressed', '-dCompressPages=false', '-dCompressFonts=false'),
  {
    name: 'gs-image',
    tool: 'gs',
    args: ({ out, ps }) => ['-q', '-dSAFER', '-sDEVICE=pdfimage24', '-r72', '-o', out, ps],
  },
  {
    name: 'cairo-svg',
    tool: 'rsvg-convert',
    args: ({ out, svg }) => ['-f', 'pdf', '-o', out, svg],
  },
  {
    name: 'cairo-svg-small',
    tool: 'rsvg-convert',
    args: ({ out, svg }) => ['-f', 'pdf', '-w', '100', '-h', '60', '-o', out, svg],
  },
  {
    name: 'groff-gs',
    tool: 'sh',
    args: ({ out, ms }) => ['-c', 'groff -ms -Tps -P-pa4 "$1" | ps2pdf - "$2"', 'sh', ms, out],
  },
  {
    name: 'poppler-cairo',
    tool: 'pdftocairo',
    args: ({ out, made }) => ['-pdf', made('gs-1.7'), out],
  },
  {
    name: 'poppler-unite',
    tool: 'pdfunite',
    args: ({ out, made }) => [made('gs-1.4'), made('cairo-svg'), out],
  },
  {
    name: 'poppler-separate',
    tool: 'pdfseparate',
    args: ({ out, made }) => ['-f', '2', '-l', '2', made('gs-1.7'), out],
  },
  {
    name: 'mupdf-clean',
    tool: 'mutool',
    args: ({ out, made }) => ['clean', '-g', '-g', '-z', made('gs-1.7'), out],
  },
  {
    name: 'mupdf-linearised',
    tool: 'mutool',
    args: ({ out, made }) => ['clean', '-l', made('gs-1.7'), out],
  },
  {
    name: 'mupdf-merge',
    tool: 'mutool',
    args: ({ out, made }) => ['merge', '-o', out, made('gs-1.7'), made('cairo-svg')],
  },
  {
    name: 'mupdf-svg',
    tool: 'mutool',
    args: ({ out, svg }) => ['convert', '-o', out, svg],
  },
  {
    name: 'mupdf-poster',
    tool: 'mutool',
    args: ({ out, made }) => ['poster', '-x', '2', '-y', '2', made('gs-1.4'), out],
  },
  {
    name: 'qpdf-pages-twice',
    tool: 'qpdf',
    args: ({ out, made }) => [made('gs-1.7'), '--pages', '.', '1,1,2,1', '--', out],
  },
  {
    name: 'qpdf-overlay',
    tool: 'qpdf',
    args: ({ out, made }) => [made('gs-1.7'), '--overlay', made('cairo-svg'), '--', out],
  },
];

/**
 * @param names - Only these recipes, each after those it takes from; absent: all.
 * @returns the files, and what could not be made
 */
export async function makeFiles(names?: readonly string[]): Promise<{
  readonly files: readonly CorpusFile[];
  readonly missing: readonly string[];
}> {
  const folder = join(CORPUS_CACHE, 'made');
  mkdirSync(folder, { recursive: true });
  const made = (name: string): string => join(folder, `${name}.pdf`);
  const written = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const inputs = {
    svg: written('drawing.svg', DRAWING),
    ps: written('program.ps', PROGRAM),
    ms: written('letter.ms', LETTER),
    made,
  };
  const files: CorpusFile[] = [];
  const missing: string[] = [];
  const recipes = RECIPES.filter(({ name }) => names?.includes(name) ?? true);
  for (const { name, tool, args } of recipes) {
    const out = made(name);
    if (!existsSync(out)) await runTool(tool, args({ ...inputs, out }));
    if (!existsSync(out)) missing.push(`${name} (${tool})`);
    else files.push({ id: idOf(out), source: 'made', name: `${name}.pdf`, path: out });
  }
  return { files, missing };
}

function idOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);
}

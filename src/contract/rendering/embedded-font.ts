/**
 * A face in one document: collects the characters that are shown and writes them as a subset.
 *
 * Each character has a CID of its own, also where two share a glyph, so that text copied out of the
 * document is the text that was put in. pdf-lib's own embedding is not used: it names subsets at
 * random, writes over-long ToUnicode blocks and takes a glyph's character from a shared cache.
 */
import { PDFHexString, PDFName, PDFString, type PDFContext, type PDFRef } from 'pdf-lib';
import { sha256Hex } from '../../kernel/index.js';
import type { FontFace } from './font-face.js';

/** CMap files allow 100 entries a block. @see Adobe Technical Note #5014, 7.1 */
const BLOCK_ENTRIES = 100;

const FLAG_SERIF = 1 << 1;
const FLAG_SYMBOLIC = 1 << 2;

export class EmbeddedFont {
  readonly face: FontFace;
  readonly ref: PDFRef;
  readonly #context: PDFContext;
  /** CID of each character; 0 is .notdef. */
  readonly #cids = new Map<number, number>();

  constructor(context: PDFContext, face: FontFace) {
    this.#context = context;
    this.face = face;
    this.ref = context.nextRef();
  }

  /** `text` as a string of two-byte CIDs in hex. */
  encode(text: string): string {
    let hex = '';
    for (const character of text) {
      const codePoint = character.codePointAt(0) ?? 0;
      let cid = this.#cids.get(codePoint);
      if (cid === undefined) {
        cid = this.#cids.size + 1;
        this.#cids.set(codePoint, cid);
      }
      hex += hex4(cid);
    }
    return hex;
  }

  /** Width of `text` in points. */
  widthPt(text: string, sizePt: number): number {
    let em = 0;
    for (const character of text) em += this.face.advance(character.codePointAt(0) ?? 0);
    return em * sizePt;
  }

  /** Writes the font's objects; nothing may be encoded afterwards. */
  finish(): void {
    const subset = this.face.createSubset();
    const glyphIds = new Uint8Array(2 * (this.#cids.size + 1));
    for (const [codePoint, cid] of this.#cids) {
      const glyphId = subset.includeGlyph(this.face.glyph(codePoint));
      glyphIds[2 * cid] = glyphId >> 8;
      glyphIds[2 * cid + 1] = glyphId & 0xff;
    }
    const fontFile = subset.encode();
    const name = PDFName.of(`${subsetTag(fontFile)}+${this.face.postscriptName}`);
    const context = this.#context;
    const scale = 1000 / this.face.unitsPerEm;
    const descriptor = context.register(
      context.obj({
        Type: 'FontDescriptor',
        FontName: name,
        Flags: FLAG_SERIF | FLAG_SYMBOLIC,
        FontBBox: this.face.box.map((edge) => Math.round(edge * scale)),
        ItalicAngle: this.face.italicAngle,
        Ascent: Math.round(this.face.ascent * scale),
        Descent: Math.round(this.face.descent * scale),
        CapHeight: Math.round(this.face.capHeight * scale),
        StemV: 80,
        FontFile2: context.register(context.flateStream(fontFile, { Length1: fontFile.length })),
      }),
    );
    const descendant = context.register(
      context.obj({
        Type: 'Font',
        Subtype: 'CIDFontType2',
        BaseFont: name,
        CIDSystemInfo: {
          Registry: PDFString.of('Adobe'),
          Ordering: PDFString.of('Identity'),
          Supplement: 0,
        },
        FontDescriptor: descriptor,
        DW: 1000,
        W: [
          1,
          [...this.#cids.keys()].map((codePoint) =>
            Math.round(this.face.advance(codePoint) * 1000),
          ),
        ],
        CIDToGIDMap: context.register(context.flateStream(glyphIds)),
      }),
    );
    context.assign(
      this.ref,
      context.obj({
        Type: 'Font',
        Subtype: 'Type0',
        BaseFont: name,
        Encoding: 'Identity-H',
        DescendantFonts: [descendant],
        ToUnicode: context.register(context.flateStream(this.#toUnicode())),
      }),
    );
  }

  #toUnicode(): string {
    const entries = [...this.#cids].map(
      ([codePoint, cid]) => `<${hex4(cid)}> <${utf16Hex(codePoint)}>`,
    );
    const blocks: string[] = [];
    for (let start = 0; start < entries.length; start += BLOCK_ENTRIES) {
      const block = entries.slice(start, start + BLOCK_ENTRIES);
      blocks.push(`${block.length} beginbfchar`, ...block, 'endbfchar');
    }
    return [
      '/CIDInit /ProcSet findresource begin',
      '12 dict begin',
      'begincmap',
      '/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def',
      '/CMapName /Adobe-Identity-UCS def',
      '/CMapType 2 def',
      '1 begincodespacerange',
      '<0000> <FFFF>',
      'endcodespacerange',
      ...blocks,
      'endcmap',
      'CMapName currentdict /CMap defineresource pop',
      'end',
      'end',
    ].join('\n');
  }
}

/** Text of the document information and outline. */
export function textString(text: string): PDFHexString {
  return PDFHexString.fromText(text);
}

function hex4(value: number): string {
  return value.toString(16).toUpperCase().padStart(4, '0');
}

function utf16Hex(codePoint: number): string {
  const text = String.fromCodePoint(codePoint);
  let hex = '';
  for (let i = 0; i < text.length; i++) hex += hex4(text.charCodeAt(i));
  return hex;
}

/** Six capitals from the subset's digest: the same subset has the same name. @see ISO 32000-2:2020, 9.9.2 */
function subsetTag(fontFile: Uint8Array): string {
  const digest = sha256Hex(fontFile);
  return Array.from({ length: 6 }, (_, index) =>
    String.fromCharCode(65 + (Number.parseInt(digest.slice(4 * index, 4 * index + 4), 16) % 26)),
  ).join('');
}

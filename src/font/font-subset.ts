/**
 * The characters of a face that one document shows, as a PDF font needs them.
 *
 * Each character has a CID of its own, also where two share a glyph, so that text copied out of the
 * document is the text that was put in.
 */
import { sha256Hex } from '../kernel/index.js';
import type { FontFace } from './font-face.js';

/** CMap files allow 100 entries a block. @see Adobe Technical Note #5014, 7.1 */
const BLOCK_ENTRIES = 100;

const FLAG_SERIF = 1 << 1;
const FLAG_SYMBOLIC = 1 << 2;

/** What the objects of a Type 0 font with Identity-H encoding say. @see ISO 32000-1:2008, 9.7 */
export interface SubsetFont {
  /** With the six capitals of a subset before it. */
  readonly name: string;
  /** TrueType program of the glyphs that are shown. */
  readonly fontFile: Uint8Array;
  /** `/CIDToGIDMap`: two bytes a CID. */
  readonly cidToGid: Uint8Array;
  /** Advance of each CID from 1 on, in thousandths of an em. */
  readonly widths: readonly number[];
  /** The `/ToUnicode` CMap. */
  readonly toUnicode: string;
  /** `/Flags` of the descriptor. */
  readonly flags: number;
  /** In thousandths of an em, as is all of the descriptor. */
  readonly box: readonly number[];
  readonly italicAngle: number;
  readonly ascent: number;
  readonly descent: number;
  readonly capHeight: number;
}

export class FontSubset {
  readonly face: FontFace;
  /** CID of each character; 0 is .notdef. */
  readonly #cids = new Map<number, number>();

  /** @param face - With TrueType outlines. */
  constructor(face: FontFace) {
    this.face = face;
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

  /** The font of what was encoded so far; nothing may be encoded afterwards. */
  finish(): SubsetFont {
    const { face } = this;
    const subset = face.createSubset();
    const cidToGid = new Uint8Array(2 * (this.#cids.size + 1));
    for (const [codePoint, cid] of this.#cids) {
      const glyphId = subset.includeGlyph(face.glyph(codePoint));
      cidToGid[2 * cid] = glyphId >> 8;
      cidToGid[2 * cid + 1] = glyphId & 0xff;
    }
    const fontFile = subset.encode();
    const scale = 1000 / face.unitsPerEm;
    return {
      name: `${subsetTag(fontFile)}+${face.postscriptName}`,
      fontFile,
      cidToGid,
      widths: [...this.#cids.keys()].map((codePoint) => Math.round(face.advance(codePoint) * 1000)),
      toUnicode: this.#toUnicode(),
      flags: FLAG_SERIF | FLAG_SYMBOLIC,
      box: face.box.map((edge) => Math.round(edge * scale)),
      italicAngle: face.italicAngle,
      ascent: Math.round(face.ascent * scale),
      descent: Math.round(face.descent * scale),
      capHeight: Math.round(face.capHeight * scale),
    };
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

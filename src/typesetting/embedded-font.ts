/**
 * A face in one rendered document: its subset as objects of pdf-lib.
 *
 * pdf-lib's own embedding is not used: it names subsets at random, writes over-long ToUnicode blocks
 * and takes a glyph's character from a shared cache.
 */
import { PDFName, PDFString, type PDFContext, type PDFRef } from 'pdf-lib';
import { FontSubset, type FontFace } from '../font/index.js';
import { flateStream } from './file/flate-stream.js';

export class EmbeddedFont {
  readonly ref: PDFRef;
  readonly #context: PDFContext;
  readonly #subset: FontSubset;

  constructor(context: PDFContext, face: FontFace) {
    this.#context = context;
    this.#subset = new FontSubset(face);
    this.ref = context.nextRef();
  }

  /** `text` as a string of two-byte CIDs in hex. */
  encode(text: string): string {
    return this.#subset.encode(text);
  }

  /** Width of `text` in points. */
  widthPt(text: string, sizePt: number): number {
    return this.#subset.widthPt(text, sizePt);
  }

  /** Writes the font's objects; nothing may be encoded afterwards. */
  finish(): void {
    const font = this.#subset.finish();
    const name = PDFName.of(font.name);
    const context = this.#context;
    const descriptor = context.register(
      context.obj({
        Type: 'FontDescriptor',
        FontName: name,
        Flags: font.flags,
        FontBBox: [...font.box],
        ItalicAngle: font.italicAngle,
        Ascent: font.ascent,
        Descent: font.descent,
        CapHeight: font.capHeight,
        StemV: 80,
        FontFile2: context.register(
          flateStream(context, font.fontFile, { Length1: font.fontFile.length }),
        ),
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
        W: [1, [...font.widths]],
        CIDToGIDMap: context.register(flateStream(context, font.cidToGid)),
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
        ToUnicode: context.register(flateStream(context, font.toUnicode)),
      }),
    );
  }
}

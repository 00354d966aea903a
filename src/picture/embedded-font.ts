/** A subset as the objects of a Type 0 font. @see ISO 32000-1:2008, 9.7.4 to 9.7.6 */
import type { FontSubset } from '../font/index.js';
import { latin1ToBytes } from '../kernel/index.js';
import {
  PdfArray,
  PdfDict,
  PdfString,
  flateStream,
  pdfName,
  type PdfRef,
  type RevisionWriter,
} from '../pdf/index.js';

/** Adds the font of what `subset` encoded; nothing may be encoded afterwards. */
export function addFont(writer: RevisionWriter, subset: FontSubset): PdfRef {
  const font = subset.finish();
  const name = pdfName(font.name);
  const text = (value: string): PdfString => new PdfString(latin1ToBytes(value));
  // PDF/A-1 wants to know which characters a subset has: here all up to the last, and by PDF/A-2 none after it.
  const count = font.widths.length + 1;
  const cidSet = new Uint8Array(Math.ceil(count / 8)).fill(0xff);
  if (count % 8 !== 0) cidSet[cidSet.length - 1] = (0xff00 >> (count % 8)) & 0xff;
  const descriptor = writer.add(
    PdfDict.of({
      Type: pdfName('FontDescriptor'),
      FontName: name,
      Flags: font.flags,
      FontBBox: new PdfArray(font.box),
      ItalicAngle: font.italicAngle,
      Ascent: font.ascent,
      Descent: font.descent,
      CapHeight: font.capHeight,
      StemV: 80,
      FontFile2: writer.add(
        flateStream(PdfDict.of({ Length1: font.fontFile.length }), font.fontFile),
      ),
      CIDSet: writer.add(flateStream(PdfDict.of({}), cidSet)),
    }),
  );
  const descendant = writer.add(
    PdfDict.of({
      Type: pdfName('Font'),
      Subtype: pdfName('CIDFontType2'),
      BaseFont: name,
      CIDSystemInfo: PdfDict.of({
        Registry: text('Adobe'),
        Ordering: text('Identity'),
        Supplement: 0,
      }),
      FontDescriptor: descriptor,
      DW: 1000,
      W: new PdfArray([1, new PdfArray(font.widths)]),
      CIDToGIDMap: writer.add(flateStream(PdfDict.of({}), font.cidToGid)),
    }),
  );
  return writer.add(
    PdfDict.of({
      Type: pdfName('Font'),
      Subtype: pdfName('Type0'),
      BaseFont: name,
      Encoding: pdfName('Identity-H'),
      DescendantFonts: new PdfArray([descendant]),
      ToUnicode: writer.add(flateStream(PdfDict.of({}), latin1ToBytes(font.toUnicode))),
    }),
  );
}

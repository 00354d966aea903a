/** Empty signature fields over the places for seals: whoever signs, with whatever program, finds where. */
import { PDFHexString, PDFName, type PDFDict, type PDFDocument, type PDFRef } from 'pdf-lib';

export interface SignatureFieldPlace {
  readonly fieldName: string;
  /** Said to who cannot see the page. */
  readonly description: string;
  /** 0 is the first page. */
  readonly pageIndex: number;
  /** Left, bottom, right, top in points. */
  readonly rect: readonly [number, number, number, number];
}

/** Printed, and not to be moved. */
const WIDGET_FLAGS = 4 | 128;

/** @see ISO 32000-1:2008, 12.7.4.5 (signature fields); ISO 19005-2:2011, 6.3.3 (every widget has an appearance) */
export function addSignatureFields(
  document: PDFDocument,
  places: readonly SignatureFieldPlace[],
  pages: readonly { readonly ref: PDFRef; readonly node: PDFDict }[],
): void {
  if (places.length === 0) return;
  const { context, catalog } = document;
  const widgets = places.map(({ fieldName, description, pageIndex, rect }) => {
    const [left, bottom, right, top] = rect;
    const nothing = context.stream('', {
      Type: 'XObject',
      Subtype: 'Form',
      BBox: [0, 0, right - left, top - bottom],
    });
    const dict = context.obj({
      Type: 'Annot',
      Subtype: 'Widget',
      FT: 'Sig',
      T: PDFHexString.fromText(fieldName),
      TU: PDFHexString.fromText(description),
      F: WIDGET_FLAGS,
      Rect: [...rect],
      P: pages[pageIndex]?.ref ?? null,
      AP: { N: context.register(nothing) },
    });
    return { ref: context.register(dict), pageIndex };
  });
  pages.forEach(({ node }, pageIndex) => {
    const own = widgets.filter((widget) => widget.pageIndex === pageIndex);
    if (own.length > 0) node.set(PDFName.of('Annots'), context.obj(own.map(({ ref }) => ref)));
  });
  const form = context.obj({ Fields: widgets.map(({ ref }) => ref) });
  catalog.set(PDFName.of('AcroForm'), context.register(form));
}

/** A form of text fields in a tree, composed by pdf-lib, and what a person does to it: fill in a field. */
import { PDFDocument, StandardFonts } from 'pdf-lib';
import { MemorySource, concatBytes, latin1ToBytes } from '../../src/kernel/index.js';
import {
  PdfDict,
  PdfStream,
  addSignatureField,
  beginRevision,
  formXObject,
  openPdf,
  pdfText,
  readRectangle,
  type PdfValue,
} from '../../src/pdf/index.js';

export const TEXT_FIELDS = ['party.name', 'party.address', 'amount', 'amount2'] as const;

export async function formPdf(): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  const font = await document.embedFont(StandardFonts.Helvetica);
  const page = document.addPage([595, 842]);
  page.drawText('Contract with blanks', { x: 60, y: 760, font, size: 14 });
  const form = document.getForm();
  TEXT_FIELDS.forEach((name, i) => {
    const field = form.createTextField(name);
    field.setText('-');
    field.addToPage(page, { x: 60, y: 700 - 40 * i, width: 200, height: 24, font });
  });
  return document.save({ useObjectStreams: false });
}

export interface EmptyField {
  readonly name: string;
  readonly lock?: PdfDict;
  readonly entries?: Readonly<Record<string, PdfValue>>;
}

/** The file with empty signature fields, in a revision of its own. */
export function withSignatureFields(pdf: Uint8Array, fields: readonly EmptyField[]): Uint8Array {
  const writer = beginRevision(openPdf(new MemorySource(pdf)));
  for (const { name, lock, entries } of fields) {
    addSignatureField(writer, {
      name,
      pageIndex: 0,
      ...(lock === undefined ? {} : { lock: writer.add(lock) }),
      ...(entries === undefined ? {} : { entries }),
    });
  }
  return concatBytes([pdf, writer.finish().appended]);
}

/** The file with a text field filled in and shown so, in a revision of its own. @param value - ASCII. */
export function fillTextField(pdf: Uint8Array, name: string, value: string): Uint8Array {
  const document = openPdf(new MemorySource(pdf));
  const field = document.fields.find((each) => each.name === name);
  const [widget] = field?.widgets ?? [];
  if (field?.ref === undefined || widget?.ref === undefined) throw new Error(`no field ${name}`);
  const writer = beginRevision(document);
  const old = document.resolve(document.resolveDict(widget.dict.get('AP'))?.get('N'));
  const box = readRectangle(document, widget.dict.get('Rect'));
  const resources =
    old instanceof PdfStream ? document.resolveDict(old.dict.get('Resources')) : undefined;
  const [font = 'Helvetica'] = document.resolveDict(resources?.get('Font'))?.keys() ?? [];
  const escaped = value.replace(/[()\\]/g, '\\$&');
  const appearance = writer.add(
    formXObject({
      bbox: [0, 0, (box?.x2 ?? 0) - (box?.x1 ?? 0), (box?.y2 ?? 0) - (box?.y1 ?? 0)],
      content: latin1ToBytes(`/Tx BMC q BT /${font} 12 Tf 2 6 Td (${escaped}) Tj ET Q EMC`),
      ...(resources === undefined ? {} : { resources }),
    }),
  );
  const shown = { AP: PdfDict.of({ N: appearance }) };
  if (widget.ref.equals(field.ref)) {
    writer.set(field.ref, field.dict.with({ V: pdfText(value), ...shown }));
  } else {
    writer.set(field.ref, field.dict.with({ V: pdfText(value) }));
    writer.set(widget.ref, widget.dict.with(shown));
  }
  return concatBytes([pdf, writer.finish().appended]);
}

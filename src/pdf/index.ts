/** PDF as a file format: lazy reader, append-only writer, form fields, appearances. No signatures, no input or output. */
export { openPdf, PdfDocument } from './document.js';
export type { OpenOptions, Repair } from './document.js';
export type { AccessRights } from './encryption/unlock.js';
export { DEFAULT_LIMITS } from './limits.js';
export type { PdfLimits } from './limits.js';
export {
  PdfArray,
  PdfDict,
  PdfName,
  PdfRef,
  PdfStream,
  PdfString,
  Placeholder,
  isInteger,
  isName,
  pdfArray,
  pdfName,
} from './objects.js';
export type { ByteSpan, DictOrigin, PdfValue } from './objects.js';
export type { IndirectObject } from './indirect-object.js';
export type { XrefEntry, XrefSection } from './xref-section.js';
export type { XrefLevel } from './xref-chain.js';
export type { Revision } from './revisions.js';
export { PageTree, readRectangle } from './page-tree.js';
export type { Page, Rectangle } from './page-tree.js';
export { pdfAClaim } from './pdfa.js';
export type { PdfAClaim } from './pdfa.js';
export { inFrame, onPage, pageFrame } from './page-frame.js';
export type { PageFrame } from './page-frame.js';
export { acroForm, widgetPageIndex } from './form-fields.js';
export type { FormField, Widget } from './form-fields.js';
export { decodeText, pdfText } from './text-string.js';
export { formatNumber, serialize } from './serialize.js';
export { RevisionWriter, beginRevision } from './revision-writer.js';
export type { FinishOptions, FinishedRevision } from './revision-writer.js';
export {
  addSignatureField,
  addSignatureFieldInPlaces,
  fillSignatureField,
  unusedFieldName,
} from './signature-field.js';
export type { FieldWidget, SignatureFieldOptions } from './signature-field.js';
export {
  ContentBuilder,
  alphaState,
  flateStream,
  formXObject,
  resourceDict,
  uprightMatrix,
} from './appearance.js';
export type { FormXObject } from './appearance.js';
export { multiply } from './matrix.js';
export type { Matrix } from './matrix.js';
export { findText } from './text/find-text.js';
export type { FindTextOptions, TextMatch } from './text/find-text.js';
export { locateText } from './text/locate-text.js';
export type { LocatedText } from './text/locate-text.js';
export { appearanceText, pageText, readPageText } from './text/page-text.js';
export { readFont } from './text/text-font.js';
export type { PageText, PlacedText } from './text/page-text.js';
export { appearancePaints, intersection, pagePaints } from './painted-areas.js';
export type { PaintedArea } from './painted-areas.js';
export { structuralFindings } from './structure.js';
export type { FindingKind, StructuralFinding } from './structure.js';
export { changedObjects, equalValues, referencesIn, referrers } from './comparison.js';
export type { ObjectChange, Referrer } from './comparison.js';
export type { EntrySpan } from './parser.js';
export { decodedData } from './filters.js';

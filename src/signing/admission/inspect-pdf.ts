/** Whether a document may be put before signers: what it does is what is seen. */
import { AppError, MemorySource } from '../../kernel/index.js';
import { assertSigningPermitted } from '../../pades/index.js';
import {
  PdfArray,
  acroForm,
  isInteger,
  isName,
  openPdf,
  type Page,
  type PdfDict,
  type PdfDocument,
  type PdfValue,
} from '../../pdf/index.js';
import { ActionInspector } from './actions.js';
import { FindingCollector } from './collector.js';
import type { AdmissionFinding, AdmissionKind, AdmissionPolicy } from './kinds.js';
import { inspectLayers } from './layers.js';
import { ResourceInspector, contentStreams } from './resources.js';

/** Of an uploaded document. */
const MAX_PAGES = 5000;
/** Nodes of a name tree or of the outline that are looked at. */
const MAX_NODES = 10_000;

export interface Inspection {
  readonly pageCount: number;
  readonly findings: readonly AdmissionFinding[];
}

/**
 * An uploaded document: readable, open to a signature, and admitted by the policy.
 *
 * @throws AppError `pdf-not-a-pdf`, `pdf-malformed`, `pdf-encrypted`, `pdf-unsupported`, `pdf-limit-exceeded`,
 *   `pdf-signing-not-permitted`, `pdf-not-admitted`
 */
export function inspectPdf(pdf: Uint8Array, policy: AdmissionPolicy = []): Inspection {
  const document = openPdf(new MemorySource(pdf), { mode: 'lenient' });
  if (document.encrypted) throw new AppError('pdf-encrypted', 'the file is encrypted');
  assertSigningPermitted(document);
  const inspection = inspectDocument(document, policy, MAX_PAGES);
  assertAdmitted(inspection.findings);
  return inspection;
}

/** @throws AppError `pdf-not-admitted`, params `findings` (in words, both languages), `kinds` */
export function assertAdmitted(findings: readonly AdmissionFinding[]): void {
  const refused = findings.filter(({ verdict }) => verdict === 'refused');
  if (refused.length === 0) return;
  throw new AppError('pdf-not-admitted', 'the policy does not admit the document', {
    params: {
      findings: refused.map(({ text, textEn }) => `${text} / ${textEn}`),
      kinds: [...new Set(refused.map(({ kind }) => kind))],
    },
  });
}

/**
 * Everything in the document that is more than its pages, with the policy's verdict on it.
 *
 * @throws AppError `pdf-malformed` (no pages), `pdf-limit-exceeded`, and what reading throws
 */
export function inspectDocument(
  document: PdfDocument,
  policy: AdmissionPolicy,
  maxPages = Infinity,
): Inspection {
  const collector = new FindingCollector(policy);
  const actions = new ActionInspector(document, collector);
  const resources = new ResourceInspector(document, collector);
  inspectCatalog(document, collector, actions);
  inspectLayers(document, collector);
  let pageCount = 0;
  for (const page of document.pages) {
    if (++pageCount > maxPages) {
      throw new AppError('pdf-limit-exceeded', 'too many pages', { params: { maxPages } });
    }
    actions.inspectHolder(page.dict, 'page', pageCount);
    for (const content of contentStreams(document, page.dict)) {
      resources.inspectStream(content, pageCount);
    }
    resources.inspect(page.resources, pageCount);
    inspectAnnotations(document, page, collector, actions, resources);
  }
  if (pageCount === 0) throw new AppError('pdf-malformed', 'no pages', { params: { offset: 0 } });
  return { pageCount, findings: collector.findings };
}

function inspectCatalog(
  document: PdfDocument,
  collector: FindingCollector,
  actions: ActionInspector,
): void {
  const { catalog } = document;
  const form = acroForm(document)?.dict;
  if (form?.has('XFA') === true) collector.add('xfa');
  if (document.resolve(form?.get('NeedAppearances')) === true) collector.add('need-appearances');
  if (catalog.has('Collection')) collector.add('portfolio');
  const names = document.resolveDict(catalog.get('Names'));
  if (hasNames(document, names?.get('JavaScript'))) collector.add('javascript', undefined, 'Names');
  if (hasNames(document, names?.get('EmbeddedFiles'))) collector.add('embedded-file');
  actions.inspect(catalog.get('OpenAction'), 'OpenAction');
  actions.inspectHolder(catalog, 'catalog');
  for (const field of document.fields) actions.inspectHolder(field.dict, field.name);
  inspectOutline(document, actions);
}

function hasNames(document: PdfDocument, value: PdfValue | undefined): boolean {
  const tree = document.resolveDict(value);
  const isFilled = (key: string): boolean =>
    (document.resolveArray(tree?.get(key))?.items.length ?? 0) > 0;
  return isFilled('Names') || isFilled('Kids');
}

function inspectOutline(document: PdfDocument, actions: ActionInspector): void {
  const outline = document.resolveDict(document.catalog.get('Outlines'));
  const waiting: (PdfValue | undefined)[] = [outline?.get('First')];
  for (let count = 0; waiting.length > 0 && count < MAX_NODES; count++) {
    const item = document.resolveDict(waiting.pop());
    if (item === undefined) continue;
    actions.inspect(item.get('A'), 'Outlines');
    waiting.push(item.get('Next'), item.get('First'));
  }
}

const SUBTYPES: ReadonlyMap<string, AdmissionKind> = new Map([
  ['Movie', 'multimedia'],
  ['Sound', 'multimedia'],
  ['Screen', 'multimedia'],
  ['3D', 'multimedia'],
  ['RichMedia', 'rich-media'],
  ['FileAttachment', 'embedded-file'],
]);

/** Flags of an annotation: hidden, no view, toggle no view. @see ISO 32000-2:2020, table 167 */
const HIDING_FLAGS = 2 | 32 | 256;

function inspectAnnotations(
  document: PdfDocument,
  page: Page,
  collector: FindingCollector,
  actions: ActionInspector,
  resources: ResourceInspector,
): void {
  const number = page.index + 1;
  for (const item of document.resolveArray(page.dict.get('Annots'))?.items ?? []) {
    const annotation = document.resolveDict(item);
    if (annotation === undefined) continue;
    actions.inspectHolder(annotation, 'annotation', number);
    const subtype = document.resolve(annotation.get('Subtype'));
    for (const [name, kind] of SUBTYPES) if (isName(subtype, name)) collector.add(kind, number);
    if (isHiddenContent(document, annotation)) collector.add('hidden-annotation', number);
    for (const appearance of appearancesOf(document, annotation)) {
      resources.inspectStream(appearance, number);
    }
  }
}

/** Hidden, and with a place and a look of its own: an invisible signature has neither. */
function isHiddenContent(document: PdfDocument, annotation: PdfDict): boolean {
  const flags = document.resolve(annotation.get('F'));
  if (!isInteger(flags) || (flags & HIDING_FLAGS) === 0) return false;
  if (isName(document.resolve(annotation.get('Subtype')), 'Popup')) return false;
  const rect = document.resolve(annotation.get('Rect'));
  const corners = rect instanceof PdfArray ? rect.items : [];
  const hasArea = corners[0] !== corners[2] && corners[1] !== corners[3];
  return hasArea && annotation.has('AP');
}

/** Streams of all appearances, of every state. */
function appearancesOf(document: PdfDocument, annotation: PdfDict): readonly PdfValue[] {
  const appearances = document.resolveDict(annotation.get('AP'));
  return [...(appearances?.entries() ?? [])].flatMap(([, value]) => {
    const states = document.resolveDict(value);
    return states === undefined ? [value] : [...states.entries()].map(([, state]) => state);
  });
}

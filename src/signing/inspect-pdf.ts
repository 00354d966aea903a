/** Whether a document that somebody uploaded may be put before signers: what it does is what is seen. */
import { AppError, MemorySource } from '../kernel/index.js';
import { assertSigningPermitted } from '../pades/index.js';
import type { PdfDict } from '../pdf/index.js';
import { acroForm, isName, openPdf, type PdfDocument, type PdfValue } from '../pdf/index.js';

const MAX_PAGES = 5000;

/** Actions that make a document show or do something other than its pages. */
const ACTIVE_ACTIONS = [
  'JavaScript',
  'Launch',
  'ImportData',
  'SubmitForm',
  'Rendition',
  'RichMediaExecute',
  'GoToE',
];

function refuse(feature: string): AppError {
  return new AppError('pdf-unsupported', `active content: ${feature}`, { params: { feature } });
}

function assertNoAction(document: PdfDocument, value: PdfValue | undefined, where: string): void {
  let action = document.resolveDict(value);
  for (let depth = 0; action !== undefined && depth < 32; depth++) {
    for (const kind of ACTIVE_ACTIONS) {
      if (isName(document.resolve(action.get('S')), kind)) throw refuse(`${where} ${kind}`);
    }
    action = document.resolveDict(action.get('Next'));
  }
}

function assertNoActions(document: PdfDocument, holder: PdfDict, where: string): void {
  assertNoAction(document, holder.get('A'), where);
  const additional = document.resolveDict(holder.get('AA'));
  for (const [event, action] of additional?.entries() ?? []) {
    assertNoAction(document, action, `${where} ${event}`);
  }
}

/**
 * Refuses encryption, forms that redraw the document (XFA), scripts and actions that reach outside.
 *
 * @throws AppError `pdf-not-a-pdf`, `pdf-malformed`, `pdf-encrypted`, `pdf-unsupported` (params
 *   `feature`), `pdf-limit-exceeded`, `pdf-signing-not-permitted`
 */
export function inspectPdf(pdf: Uint8Array): { readonly pageCount: number } {
  const document = openPdf(new MemorySource(pdf), { mode: 'lenient' });
  if (document.encrypted) throw new AppError('pdf-encrypted', 'the file is encrypted');
  const { catalog } = document;
  if (acroForm(document)?.dict.has('XFA') === true) throw refuse('XFA');
  const names = document.resolveDict(catalog.get('Names'));
  if (names?.has('JavaScript') === true) throw refuse('JavaScript');
  assertNoAction(document, catalog.get('OpenAction'), 'OpenAction');
  assertNoActions(document, catalog, 'catalog');
  assertSigningPermitted(document);
  let pageCount = 0;
  for (const page of document.pages) {
    if (++pageCount > MAX_PAGES) {
      throw new AppError('pdf-limit-exceeded', 'too many pages', {
        params: { maxPages: MAX_PAGES },
      });
    }
    assertNoActions(document, page.dict, `page ${page.index + 1}`);
    for (const item of document.resolveArray(page.dict.get('Annots'))?.items ?? []) {
      const annotation = document.resolveDict(item);
      if (annotation !== undefined) {
        assertNoActions(document, annotation, `annotation on page ${page.index + 1}`);
      }
    }
  }
  if (pageCount === 0) throw new AppError('pdf-malformed', 'no pages', { params: { offset: 0 } });
  return { pageCount };
}

/**
 * Compares a document with the one that one more revision makes of it. Rejects by default: every
 * object that the revision defines must be explained by a rule, on every path by which it was
 * reached; whatever is left unexplained is forbidden.
 *
 * @see ISO 32000-2:2020, 12.8.2.2.2, table 257 (what DocMDP permits)
 */
import { PdfRef, PdfStream, isName, type PdfDocument, type PdfValue } from '../../pdf/index.js';
import { compareCatalog } from './catalog-rules.js';
import { compareFields } from './form-rules.js';
import { comparePages } from './page-rules.js';
import { reach } from './reach.js';
import { StepComparison } from './step-comparison.js';
import { compareStructure } from './structure-rules.js';
import type { ForbiddenChange, StepChanges } from './step.js';
import { sameValue } from './values.js';

/** @throws AppError as reading the documents does */
export function compareStep(
  before: PdfDocument,
  after: PdfDocument,
  revisionIndex: number,
): StepChanges {
  const step = new StepComparison(before, after);
  compareTrailer(step);
  compareCatalog(step);
  compareFields(step);
  comparePages(step);
  compareStructure(step);
  explainRest(step);
  return { revisionIndex, permissible: step.permissible, forbidden: step.forbidden };
}

function compareTrailer(step: StepComparison): void {
  const { trailer: old } = step.before;
  const { trailer: now } = step.after;
  if (!isSameCatalog(step)) step.forbid({ what: 'catalog-replaced' });
  if (!sameValue(old.get('Encrypt'), now.get('Encrypt'))) {
    step.forbid({ what: 'encryption-changed' });
  }
  const permanentId = (document: PdfDocument): PdfValue | undefined =>
    document.resolveArray(document.trailer.get('ID'))?.items[0];
  const oldId = permanentId(step.before);
  const newId = permanentId(step.after);
  const isSame = oldId === undefined ? newId === undefined : sameValue(oldId, newId);
  // The identifier is shown nowhere; but where there is encryption, strings and streams are read with
  // a key made of it (ISO 32000-2, 7.6.4.3.2).
  if (!isSame && (old.has('Encrypt') || now.has('Encrypt'))) {
    step.forbid({ what: 'file-identifier-changed' });
  } else if (!isSame && oldId !== undefined) {
    step.permit({ kind: 'file-identifier' });
  }
  const info = now.get('Info');
  if (!(info instanceof PdfRef) || !step.open.has(info.num)) return;
  // The information dictionary is not shown on any page, unless something else refers to it.
  if (step.existedBefore(info.num) && !info.equals(old.get('Info'))) return;
  step.explain(info, ({ from, topKey }) => from === 0 && topKey === 'Info');
  if (!step.open.has(info.num)) step.permit({ kind: 'metadata' });
}

/**
 * Whether the trailer leads to the catalog that was there, or to a new object in its place: some
 * writers give the catalog a new number each time. Its entries are compared either way.
 */
function isSameCatalog(step: StepComparison): boolean {
  const root = step.after.trailer.get('Root');
  if (sameValue(step.before.trailer.get('Root'), root)) return true;
  return root instanceof PdfRef && !step.existedBefore(root.num);
}

function explainRest(step: StepComparison): void {
  for (const num of [...step.open]) {
    const value = step.after.getObject(num)?.value;
    const isContainer =
      value instanceof PdfStream &&
      (isName(value.dict.get('Type'), 'XRef') || isName(value.dict.get('Type'), 'ObjStm'));
    if (isContainer && !step.existedBefore(num)) step.open.delete(num);
  }
  // A number that was referred to before it was defined must not come to life: it would change
  // what was signed.
  for (const objectNumber of step.added) {
    if (step.isOnlySeenBy(objectNumber, ({ from }) => from === 0)) continue;
    step.forbid({ what: 'dangling-reference-filled', objectNumber });
  }
  if (step.open.size === 0) return;
  const reached = new Set<number>();
  for (const ref of reach(step.after, step.after.trailer)) reached.add(ref.num);
  for (const num of step.open) {
    if (!step.existedBefore(num) && !reached.has(num)) step.permit({ kind: 'unreachable' });
    else step.forbid(describe(step, num));
  }
}

/** What an unexplained object was part of. */
function describe(step: StepComparison, num: number): ForbiddenChange {
  if (step.after.getObject(num) === undefined) return { what: 'object-removed', objectNumber: num };
  const { before } = step;
  for (const page of before.pages) {
    const isIn = (value: PdfValue | undefined): boolean => {
      for (const ref of reach(before, value)) if (ref.num === num) return true;
      return false;
    };
    const place = { objectNumber: num, pageIndex: page.index };
    if (isIn(page.dict.get('Contents'))) return { what: 'page-content', ...place };
    if (isIn(page.resources)) return { what: 'page-resources', ...place };
    if (isIn(page.dict.get('Annots'))) return { what: 'annotation-changed', ...place };
  }
  return { what: step.existedBefore(num) ? 'object-replaced' : 'object-added', objectNumber: num };
}

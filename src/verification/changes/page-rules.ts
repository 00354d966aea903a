/** What a later revision may change on pages: annotations at the end of the list, signatures among them. */
import {
  PdfArray,
  PdfDict,
  PdfRef,
  isInteger,
  isName,
  readRectangle,
  type PdfDocument,
  type PdfValue,
  type Rectangle,
} from '../../pdf/index.js';
import { annotationFault } from './annotation-rules.js';
import { coversSigned } from './covering.js';
import { hidesSigned } from './hiding.js';
import { reach } from './reach.js';
import type { OwnerTest, StepComparison } from './step-comparison.js';
import { areLooks, changedKeys, sameValue } from './values.js';

export function comparePages(step: StepComparison): void {
  const isTreeTouched = isPageTreeTouched(step);
  if (!isTreeTouched && step.open.size === 0) return;
  const touched = [...step.open];
  // The tree's own nodes are looked at only where one was redefined.
  if (isTreeTouched) {
    const a = [...step.before.pages].map((page) => page.ref?.num);
    const b = [...step.after.pages].map((page) => page.ref?.num);
    if (a.length !== b.length || a.some((num, index) => num !== b[index])) {
      step.forbid({ what: 'pages-changed' });
    }
  }
  for (const num of touched) {
    const now = step.after.getObject(num)?.value;
    if (now instanceof PdfDict && isPage(step, num, now)) comparePage(step, num, now);
  }
  compareSharedAnnotationLists(step);
  compareChanged(step);
}

function isPageTreeTouched(step: StepComparison): boolean {
  for (const num of step.open) {
    const value = step.after.getObject(num)?.value;
    const old = step.before.getObject(num)?.value;
    for (const each of [value, old]) {
      if (each instanceof PdfDict && (each.has('Kids') || isName(each.get('Type'), 'Pages'))) {
        return true;
      }
    }
  }
  return false;
}

/** By its type; one that says none, by its place in the tree. */
function isPage(step: StepComparison, num: number, dict: PdfDict): boolean {
  const type = step.after.resolve(dict.get('Type'));
  return type === null
    ? !dict.has('Kids') && step.before.pages.indexOf(new PdfRef(num)) !== undefined
    : isName(type, 'Page');
}

function comparePage(step: StepComparison, num: number, now: PdfDict): void {
  const old = step.before.getObject(num)?.value;
  const pageIndex = step.before.pages.indexOf(new PdfRef(num));
  if (!(old instanceof PdfDict) || pageIndex === undefined) return;
  for (const key of changedKeys(old, now)) {
    if (key === 'Annots') continue;
    const change = { what: 'page-entry', pageIndex, detail: key, objectNumber: num };
    if (isTaggingEntry(key, old, now)) step.taggingOfPages.push(change);
    else step.forbid(change);
  }
  step.open.delete(num);
  const annots = now.get('Annots');
  if (annots instanceof PdfRef && sameValue(old.get('Annots'), annots)) return;
  compareAnnotations(step, old.get('Annots'), annots, pageIndex);
}

/** Whether an entry is what the first tagged annotation brings to its page: tab order, key in the parent tree. */
function isTaggingEntry(key: string, old: PdfDict, now: PdfDict): boolean {
  if (old.has(key)) return false;
  const value = now.get(key);
  return key === 'Tabs' ? isName(value, 'S') : key === 'StructParents' && isInteger(value);
}

/** Annotation arrays that are objects of their own change without their page. */
function compareSharedAnnotationLists(step: StepComparison): void {
  if (![...step.open].some((num) => step.after.getObject(num)?.value instanceof PdfArray)) return;
  // Explained once all pages that share a list were looked at.
  const lists = new Set<number>();
  for (const page of step.before.pages) {
    const annots = page.dict.get('Annots');
    if (annots instanceof PdfRef && step.open.has(annots.num)) {
      compareAnnotations(step, annots, annots, page.index);
      lists.add(annots.num);
    }
  }
  for (const num of lists) {
    step.explain(new PdfRef(num), ({ topKey }) => topKey === 'Annots');
  }
}

/** Annotations may be added at the end; those that were there stay, in order. */
function compareAnnotations(
  step: StepComparison,
  oldValue: PdfValue | undefined,
  newValue: PdfValue | undefined,
  pageIndex: number,
): void {
  const old = step.before.resolveArray(oldValue)?.items ?? [];
  const now = step.after.resolveArray(newValue)?.items ?? [];
  if (newValue instanceof PdfRef && !step.existedBefore(newValue.num))
    step.explain(newValue, () => false);
  const kept = old.filter((item) => now.some((other) => sameValue(item, other)));
  const isInOrder = kept.every((item, index) => sameValue(item, now[index]));
  const removed = old.filter((item) => !kept.includes(item));
  if (!isInOrder || !removed.every((item) => removeAnnotation(step, item, pageIndex))) {
    step.forbid({ what: 'annotations-removed', pageIndex });
    return;
  }
  for (const item of now.slice(kept.length)) compareAdded(step, item, pageIndex);
}

/** Takes note of an annotation that is listed no more; false where it is none that may go. */
function removeAnnotation(step: StepComparison, item: PdfValue, pageIndex: number): boolean {
  const dict = step.before.resolveDict(item);
  if (!(item instanceof PdfRef) || dict === undefined || isWidget(step.before, dict)) return false;
  step.permit({ kind: 'annotations-removed', pageIndex, objectNumber: item.num });
  // Its objects may go with it, as far as they are its own.
  const looks = new Set([...reach(step.before, dict.get('AP'))].map(({ num }) => num));
  for (const num of [item.num, ...looks]) {
    const isOwn = step.isOnlySeenBy(
      num,
      ({ from, topKey }) =>
        looks.has(from) || (from === item.num && topKey === 'AP') || topKey === 'Annots',
    );
    if (step.after.getObject(num) === undefined && isOwn) step.open.delete(num);
  }
  return true;
}

/** Annotations that were there and say something else now. */
function compareChanged(step: StepComparison): void {
  for (const num of [...step.open]) {
    const ref = new PdfRef(num);
    const old = step.before.resolveDict(ref);
    const now = step.after.resolveDict(ref);
    const pageIndex = step.before.pages.indexOfAnnotation(ref);
    if (old === undefined || now === undefined || pageIndex === undefined) continue;
    if (isWidget(step.before, old) || isWidget(step.after, now)) continue;
    const page = step.before.pages.get(pageIndex);
    const place = { pageIndex, objectNumber: num, ...rectOf(step, now) };
    const isOwner: OwnerTest = ({ from, topKey }) => from === num && topKey === 'AP';
    step.closeOver(now.get('AP'), old.get('AP'), areLooks, isOwner);
    const fault = annotationFault(step.before, step.after, page, now);
    if (fault !== undefined) {
      step.forbid({ what: fault, ...place });
      continue;
    }
    step.open.delete(num);
    step.permit({ kind: 'annotation-changed', ...place });
  }
}

/** Or a field without its type, which some readers take for a widget. */
function isWidget(document: PdfDocument, dict: PdfDict): boolean {
  return isName(document.resolve(dict.get('Subtype')), 'Widget') || dict.has('FT');
}

function compareAdded(step: StepComparison, item: PdfValue, pageIndex: number): void {
  const page = step.before.pages.get(pageIndex);
  const dict = step.after.resolveDict(item);
  const place = { pageIndex, ...rectOf(step, dict) };
  if (item instanceof PdfRef && step.newWidgets.has(item.num)) {
    if (dict === undefined) return;
    if (coversSigned(step.before, page, dict) || hidesSigned(step.before, step.after, page, dict)) {
      step.forbid({ what: 'signature-covers', ...place });
    }
    return;
  }
  if (dict === undefined || isName(dict.get('Subtype'), 'Widget')) {
    step.forbid({ what: 'widget-added', ...place });
    return;
  }
  step.closeOver(item, undefined);
  const fault = annotationFault(step.before, step.after, page, dict);
  if (fault !== undefined) step.forbid({ what: fault, ...place });
  else {
    const number = item instanceof PdfRef ? { objectNumber: item.num } : {};
    step.permit({ kind: 'annotation', ...place, ...number });
  }
}

function rectOf(step: StepComparison, dict: PdfDict | undefined): { readonly rect?: Rectangle } {
  const rect = readRectangle(step.after, dict?.get('Rect'));
  return rect === undefined ? {} : { rect };
}

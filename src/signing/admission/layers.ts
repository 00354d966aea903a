/** Optional content: layers that are not shown, or not always. @see ISO 32000-2:2020, 8.11.4 */
import {
  PdfString,
  PdfRef,
  decodeText,
  isName,
  type PdfDict,
  type PdfDocument,
  type PdfValue,
} from '../../pdf/index.js';
import type { FindingCollector } from './collector.js';

export function inspectLayers(document: PdfDocument, collector: FindingCollector): void {
  const properties = document.resolveDict(document.catalog.get('OCProperties'));
  if (properties === undefined) return;
  const defaults = document.resolveDict(properties.get('D'));
  const groups = arrayOf(document, properties.get('OCGs'));
  const off = refsIn(arrayOf(document, defaults?.get('OFF')));
  const on = refsIn(arrayOf(document, defaults?.get('ON')));
  const isOffUnlessOn = isName(document.resolve(defaults?.get('BaseState')), 'OFF');
  for (const item of groups) {
    const group = document.resolveDict(item);
    if (group === undefined) continue;
    const isOff = item instanceof PdfRef && (isOffUnlessOn ? !on.has(item.num) : off.has(item.num));
    if (isOff) collector.add('hidden-layer', undefined, nameOf(document, group));
  }
  for (const item of arrayOf(document, defaults?.get('AS'))) {
    const usage = document.resolveDict(item);
    if (usage !== undefined) inspectUsage(document, usage, collector);
  }
}

/** Groups that a viewer switches on or off by itself, when it shows, prints, exports or zooms. */
function inspectUsage(document: PdfDocument, usage: PdfDict, collector: FindingCollector): void {
  const categories = arrayOf(document, usage.get('Category'));
  for (const item of arrayOf(document, usage.get('OCGs'))) {
    const group = document.resolveDict(item);
    const states = document.resolveDict(group?.get('Usage'));
    if (group === undefined || states === undefined) continue;
    const changes = ['View', 'Print', 'Export'].some((name) => {
      if (!categories.some((category) => isName(document.resolve(category), name))) return false;
      const state = document.resolveDict(states.get(name))?.get(`${name}State`);
      return isName(document.resolve(state), 'OFF');
    });
    const zooms = categories.some((category) => isName(document.resolve(category), 'Zoom'));
    if (changes || (zooms && states.has('Zoom'))) {
      collector.add('automatic-layer', undefined, nameOf(document, group));
    }
  }
}

function arrayOf(document: PdfDocument, value: PdfValue | undefined): readonly PdfValue[] {
  return document.resolveArray(value)?.items ?? [];
}

function refsIn(items: readonly PdfValue[]): ReadonlySet<number> {
  return new Set(items.flatMap((item) => (item instanceof PdfRef ? [item.num] : [])));
}

function nameOf(document: PdfDocument, group: PdfDict): string {
  const name = document.resolve(group.get('Name'));
  return name instanceof PdfString ? decodeText(name) : '';
}

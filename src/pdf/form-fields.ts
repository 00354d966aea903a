/** The interactive form, flattened to its terminal fields. @see ISO 32000-1:2008, 12.7.3 */
import type { PdfDocument } from './document.js';
import type { PdfDict } from './objects.js';
import { PdfName, PdfRef, PdfString, isInteger, type PdfValue } from './objects.js';
import { limitExceeded } from './pdf-errors.js';
import { decodeText } from './text-string.js';

/** How a field is seen on a page. */
export interface Widget {
  /** Undefined where the widget dictionary stands directly in its field's `/Kids`. */
  readonly ref: PdfRef | undefined;
  readonly dict: PdfDict;
}

export interface FormField {
  /** Fully qualified: partial names joined by periods. */
  readonly name: string;
  /** The partial names from the top, undecoded periods and all. */
  readonly path: readonly string[];
  /** `Sig`, `Tx`, `Btn`, `Ch`; own or inherited. */
  readonly type: string | undefined;
  /** Undefined where the field dictionary stands directly in its parent. */
  readonly ref: PdfRef | undefined;
  readonly dict: PdfDict;
  /** `/V`, own or inherited, unresolved. */
  readonly value: PdfValue | undefined;
  /** `/Ff`, own or inherited. */
  readonly flags: number;
  /** Its widgets; the field's own dictionary where the two are merged. */
  readonly widgets: readonly Widget[];
}

interface Node {
  readonly value: PdfValue;
  readonly path: readonly string[];
  readonly type: PdfValue | undefined;
  readonly fieldValue: PdfValue | undefined;
  readonly flags: PdfValue | undefined;
}

/** The form dictionary and, where it is indirect, its reference. @throws AppError `pdf-malformed` */
export function acroForm(
  document: PdfDocument,
): { readonly ref: PdfRef | undefined; readonly dict: PdfDict } | undefined {
  const value = document.catalog.get('AcroForm');
  const dict = document.resolveDict(value);
  if (dict === undefined) return undefined;
  return { ref: value instanceof PdfRef ? value : undefined, dict };
}

/** Index of the page a widget is shown on: the one whose `/Annots` lists it. */
export function widgetPageIndex(document: PdfDocument, widget: Widget): number | undefined {
  return widget.ref === undefined ? undefined : document.pages.indexOfAnnotation(widget.ref);
}

/**
 * The terminal fields in the order of the tree. A field met again, by a loop or under two parents, is
 * left out the second time.
 *
 * @throws AppError `pdf-malformed`, `pdf-limit-exceeded`
 */
export function readFields(document: PdfDocument): readonly FormField[] {
  const form = acroForm(document);
  const roots = document.resolveArray(form?.dict.get('Fields'))?.items ?? [];
  const fields: FormField[] = [];
  const visited = new Set<number>();
  const none = { path: [], type: undefined, fieldValue: undefined, flags: undefined };
  const stack: Node[] = roots.toReversed().map((value) => ({ value, ...none }));
  let nodes = 0;
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (++nodes > document.limits.maxTreeNodes) {
      throw limitExceeded('maxTreeNodes', document.limits.maxTreeNodes);
    }
    const ref = node.value instanceof PdfRef ? node.value : undefined;
    if (ref !== undefined) {
      if (visited.has(ref.num)) continue;
      visited.add(ref.num);
    }
    const dict = document.resolveDict(node.value);
    if (dict === undefined) continue;
    const partial = document.resolve(dict.get('T'));
    const here: Omit<Node, 'value'> = {
      path: partial instanceof PdfString ? [...node.path, decodeText(partial)] : node.path,
      type: dict.get('FT') ?? node.type,
      fieldValue: dict.get('V') ?? node.fieldValue,
      flags: dict.get('Ff') ?? node.flags,
    };
    const { children, widgets } = splitKids(document, dict, visited);
    if (children.length > 0) {
      for (const value of children.toReversed()) stack.push({ ...here, value });
    }
    if (children.length === 0 || widgets.length > 0) {
      fields.push(toField(document, here, ref, dict, widgets));
    }
  }
  return fields;
}

/** Kids with a name of their own are fields; the others are widgets of this one. */
function splitKids(
  document: PdfDocument,
  dict: PdfDict,
  visited: Set<number>,
): { readonly children: PdfValue[]; readonly widgets: Widget[] } {
  const children: PdfValue[] = [];
  const widgets: Widget[] = [];
  for (const kid of document.resolveArray(dict.get('Kids'))?.items ?? []) {
    const ref = kid instanceof PdfRef ? kid : undefined;
    const kidDict = document.resolveDict(kid);
    if (kidDict === undefined || (ref !== undefined && visited.has(ref.num))) continue;
    if (kidDict.has('T') || kidDict.has('Kids')) {
      children.push(kid);
      continue;
    }
    if (ref !== undefined) visited.add(ref.num);
    widgets.push({ ref, dict: kidDict });
  }
  return { children, widgets };
}

function toField(
  document: PdfDocument,
  node: Omit<Node, 'value'>,
  ref: PdfRef | undefined,
  dict: PdfDict,
  widgets: readonly Widget[],
): FormField {
  const type = document.resolve(node.type);
  const flags = document.resolve(node.flags);
  const isMerged = widgets.length === 0 && (dict.has('Rect') || dict.has('Subtype'));
  return {
    name: node.path.join('.'),
    path: node.path,
    type: type instanceof PdfName ? type.value : undefined,
    ref,
    dict,
    value: node.fieldValue,
    flags: isInteger(flags) ? flags : 0,
    widgets: isMerged ? [{ ref, dict }] : widgets,
  };
}

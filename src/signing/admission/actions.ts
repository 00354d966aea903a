/** Actions, wherever they hang: what a click, an event or opening the document sets off. */
import {
  PdfArray,
  PdfName,
  PdfRef,
  PdfString,
  decodeText,
  isName,
  type PdfDict,
  type PdfDocument,
  type PdfValue,
} from '../../pdf/index.js';
import type { FindingCollector } from './collector.js';
import type { AdmissionKind } from './kinds.js';

const ACTIONS: ReadonlyMap<string, AdmissionKind> = new Map([
  ['JavaScript', 'javascript'],
  ['Launch', 'launch'],
  ['SubmitForm', 'submit-form'],
  ['ImportData', 'import-data'],
  ['SetOCGState', 'layer-action'],
  ['Hide', 'hide-action'],
  ['Rendition', 'multimedia'],
  ['Movie', 'multimedia'],
  ['Sound', 'multimedia'],
  ['GoTo3DView', 'multimedia'],
  ['RichMediaExecute', 'rich-media'],
  ['GoToR', 'remote-go-to'],
  ['GoToE', 'remote-go-to'],
]);

const LONGEST_CHAIN = 64;

export class ActionInspector {
  readonly #document: PdfDocument;
  readonly #collector: FindingCollector;
  readonly #visited = new Set<number>();

  constructor(document: PdfDocument, collector: FindingCollector) {
    this.#document = document;
    this.#collector = collector;
  }

  /** `/A` and `/AA` of an annotation, a field, a page, an outline item or the catalog. */
  inspectHolder(holder: PdfDict, where: string, page?: number): void {
    this.inspect(holder.get('A'), where, page);
    const additional = this.#document.resolveDict(holder.get('AA'));
    for (const [event, action] of additional?.entries() ?? []) {
      this.inspect(action, `${where} ${event}`, page);
    }
  }

  /** An action and those that follow it. */
  inspect(value: PdfValue | undefined, where: string, page?: number): void {
    const waiting: PdfValue[] = [value ?? null];
    for (let count = 0; waiting.length > 0 && count < LONGEST_CHAIN; count++) {
      const next = waiting.pop() ?? null;
      if (next instanceof PdfRef) {
        if (this.#visited.has(next.num)) continue;
        this.#visited.add(next.num);
      }
      const action = this.#document.resolveDict(next);
      if (action === undefined) continue;
      this.#note(action, where, page);
      const following = this.#document.resolve(action.get('Next'));
      if (following instanceof PdfArray) waiting.push(...following.items.slice(0, LONGEST_CHAIN));
      else if (following !== null) waiting.push(action.get('Next') ?? null);
    }
  }

  #note(action: PdfDict, where: string, page: number | undefined): void {
    const type = this.#document.resolve(action.get('S'));
    if (!(type instanceof PdfName)) return;
    const kind = ACTIONS.get(type.value);
    if (kind !== undefined) this.#collector.add(kind, page, where);
    // A script may hang on an action of another type: a rendition, say.
    if (kind !== 'javascript' && action.has('JS')) this.#collector.add('javascript', page, where);
    if (isName(type, 'URI')) this.#noteUri(action, page);
  }

  #noteUri(action: PdfDict, page: number | undefined): void {
    const uri = this.#document.resolve(action.get('URI'));
    const text = uri instanceof PdfString ? decodeText(uri) : '';
    if (/^\s*(file:|javascript:|[a-z]:\\|\\\\)/i.test(text)) {
      const isScript = /^\s*javascript:/i.test(text);
      this.#collector.add(isScript ? 'javascript' : 'file-link', page, text);
    }
  }
}

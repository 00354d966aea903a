/** What pages draw with: fonts, images and forms that lead outside the file, or show otherwise elsewhere. */
import type { PdfDict } from '../../pdf/index.js';
import {
  PdfName,
  PdfRef,
  PdfStream,
  isName,
  type PdfDocument,
  type PdfValue,
} from '../../pdf/index.js';
import type { FindingCollector } from './collector.js';

/** Forms within forms. */
const DEEPEST = 32;

export class ResourceInspector {
  readonly #document: PdfDocument;
  readonly #collector: FindingCollector;
  /** Objects looked at already, on an earlier page. */
  readonly #visited = new Set<number>();

  constructor(document: PdfDocument, collector: FindingCollector) {
    this.#document = document;
    this.#collector = collector;
  }

  /** @param page - 1 is the first. */
  inspect(value: PdfValue | undefined, page: number, depth = 0): void {
    if (depth > DEEPEST || this.#isVisited(value)) return;
    const resources = this.#document.resolveDict(value);
    if (resources === undefined) return;
    for (const item of this.#entriesOf(resources.get('Font'))) this.#inspectFont(item, page);
    for (const category of ['XObject', 'Pattern']) {
      for (const item of this.#entriesOf(resources.get(category))) {
        this.inspectStream(item, page, depth);
      }
    }
  }

  /** A form, an image, a pattern, or a stream of page content. */
  inspectStream(value: PdfValue | undefined, page: number, depth = 0): void {
    if (this.#isVisited(value)) return;
    const stream = this.#document.resolve(value);
    if (!(stream instanceof PdfStream)) return;
    const { dict } = stream;
    const subtype = this.#document.resolve(dict.get('Subtype'));
    if (dict.has('F') || dict.has('OPI')) this.#collector.add('external-stream', page);
    if (dict.has('Ref')) this.#collector.add('reference-xobject', page);
    if (dict.has('Alternates')) this.#collector.add('alternate-image', page);
    if (isName(subtype, 'PS') || isName(dict.get('Subtype2'), 'PS')) {
      this.#collector.add('postscript-xobject', page);
    }
    this.inspect(dict.get('Resources'), page, depth + 1);
  }

  #isVisited(value: PdfValue | undefined): boolean {
    if (!(value instanceof PdfRef)) return false;
    if (this.#visited.has(value.num)) return true;
    this.#visited.add(value.num);
    return false;
  }

  #entriesOf(value: PdfValue | undefined): readonly PdfValue[] {
    const dict = this.#document.resolveDict(value);
    return dict === undefined ? [] : [...dict.entries()].map(([, item]) => item);
  }

  #inspectFont(value: PdfValue, page: number): void {
    if (this.#isVisited(value)) return;
    const font = this.#document.resolveDict(value);
    if (font === undefined || isName(this.#document.resolve(font.get('Subtype')), 'Type3')) return;
    const descendant = this.#document.resolveArray(font.get('DescendantFonts'))?.items[0];
    const holder = this.#document.resolveDict(descendant) ?? font;
    const descriptor = this.#document.resolveDict(holder.get('FontDescriptor'));
    const isEmbedded = ['FontFile', 'FontFile2', 'FontFile3'].some(
      (key) => descriptor?.has(key) === true,
    );
    if (isEmbedded) return;
    const name = this.#document.resolve(font.get('BaseFont'));
    this.#collector.add('font-not-embedded', page, name instanceof PdfName ? name.value : '');
  }
}

/** Streams of a page's content. */
export function contentStreams(document: PdfDocument, page: PdfDict): readonly PdfValue[] {
  const contents = page.get('Contents') ?? null;
  return document.resolveArray(contents)?.items ?? [contents];
}

/**
 * Objects parsed from bytes that several documents share: the revisions of a file, a file and what was
 * appended to it. Whoever asks gets what reading the object anew would give.
 */
import {
  readObjectAt,
  streamContent,
  type IndirectObject,
  type ObjectContext,
} from './indirect-object.js';
import type { PdfLimits } from './limits.js';
import { PdfStream } from './objects.js';

const KEPT_OBJECTS = 8192;

interface Kept {
  readonly object: IndirectObject;
  readonly parsedBytes: number;
}

export class ParsedObjects {
  readonly #limits: PdfLimits;
  readonly #byOffset = new Map<number, Kept>();

  /** @param limits - Those that every document parses within. */
  constructor(limits: PdfLimits) {
    this.#limits = limits;
  }

  /** Whether documents with `limits` read what documents with its own do. */
  suits(limits: PdfLimits): boolean {
    return Object.entries(limits).every(
      ([name, limit]) => this.#limits[name as keyof PdfLimits] === limit,
    );
  }

  /** The object at `offset` of a source that begins with the shared bytes. @throws AppError as `readIndirectObject` */
  read(context: ObjectContext, offset: number): IndirectObject {
    const kept = this.#byOffset.get(offset);
    const known = kept === undefined ? undefined : inContext(context, kept.object);
    if (kept !== undefined && known !== undefined) {
      context.account(kept.parsedBytes);
      return known;
    }
    const { object, isRegular, parsedBytes } = readObjectAt(context, offset);
    // The byte after `endobj` tells that the word ends there; a longer file may have another one.
    if (isRegular && object.span.end < context.source.size) {
      if (this.#byOffset.size >= KEPT_OBJECTS) this.#byOffset.clear();
      this.#byOffset.set(offset, { object, parsedBytes });
    }
    return object;
  }
}

/** The object as `context` reads it; undefined where that cannot be told without reading. */
function inContext(context: ObjectContext, object: IndirectObject): IndirectObject | undefined {
  if (object.span.end >= context.source.size) return undefined;
  const { value } = object;
  if (!(value instanceof PdfStream)) return object;
  const { rawSpan, dict } = value;
  // An indirect length may be another one in this revision.
  if (
    rawSpan === undefined ||
    context.resolve(dict.get('Length')) !== rawSpan.end - rawSpan.start
  ) {
    return undefined;
  }
  return { ...object, value: new PdfStream(dict, streamContent(context, rawSpan)) };
}

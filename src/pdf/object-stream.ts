/** Reads the objects inside an object stream. @see ISO 32000-1:2008, 7.5.7 */
import { MemorySource } from '../kernel/index.js';
import type { IndirectObject } from './indirect-object.js';
import type { PdfLimits } from './limits.js';
import { PdfStream, isInteger, isName, type PdfValue } from './objects.js';
import type { OnRepair } from './atom-reader.js';
import { Parser } from './parser.js';
import { limitExceeded, malformed } from './pdf-errors.js';

interface Slot {
  readonly num: number;
  /** Where the object begins in the decoded bytes. */
  readonly start: number;
}

/** A decoded object stream. */
export class ObjectStream {
  readonly num: number;
  /** Length of the decoded bytes. */
  readonly size: number;
  readonly #slots: readonly Slot[];
  readonly #source: MemorySource;
  readonly #limits: PdfLimits;
  readonly #onRepair: OnRepair | undefined;

  /**
   * @param num - Number of the stream object itself.
   * @param onRepair - Given: reads its objects leniently.
   * @throws AppError `pdf-malformed`, `pdf-limit-exceeded`, `pdf-encrypted`, `pdf-unsupported`
   */
  constructor(num: number, value: PdfValue, limits: PdfLimits, onRepair?: OnRepair) {
    if (!(value instanceof PdfStream) || !isName(value.dict.get('Type'), 'ObjStm')) {
      throw malformed(`object ${num} is not an object stream`);
    }
    const count = value.dict.get('N');
    const first = value.dict.get('First');
    const at = value.dict.origin?.span.start;
    if (!isInteger(count) || !isInteger(first) || count < 0 || first < 0) {
      throw malformed('malformed N or First of an object stream', at);
    }
    if (count > limits.maxItems) throw limitExceeded('maxItems', limits.maxItems);
    const bytes = value.data();
    this.num = num;
    this.size = bytes.length;
    this.#limits = limits;
    this.#onRepair = onRepair;
    this.#source = new MemorySource(bytes);
    const header = new Parser(new MemorySource(bytes.subarray(0, first)), limits, num);
    const slots: Slot[] = [];
    for (let i = 0; i < count; i++) {
      const slotNum = header.tryUnsigned();
      const offset = header.tryUnsigned();
      if (slotNum === undefined || offset === undefined) {
        throw malformed('malformed header of an object stream', at);
      }
      slots.push({ num: slotNum, start: first + offset });
    }
    this.#slots = slots;
  }

  /** Numbers of the objects in it, in order. */
  numbers(): readonly number[] {
    return this.#slots.map((slot) => slot.num);
  }

  /** The object at `index`; undefined where there is none. @throws AppError `pdf-malformed`, `pdf-limit-exceeded` */
  read(index: number): IndirectObject | undefined {
    const slot = this.#slots[index];
    if (slot === undefined) return undefined;
    const parser = this.parser();
    parser.pos = slot.start;
    parser.skipBlank();
    const start = parser.pos;
    const value = parser.parseValue();
    return { num: slot.num, gen: 0, value, span: { start, end: parser.pos }, container: this.num };
  }

  /** A parser over the decoded bytes. */
  parser(): Parser {
    return new Parser(this.#source, this.#limits, this.num, this.#onRepair);
  }

  /** Index of the last object numbered `num`, or -1: for files whose index is wrong, lenient reading only. */
  indexOf(num: number): number {
    return this.#slots.findLastIndex((slot) => slot.num === num);
  }
}

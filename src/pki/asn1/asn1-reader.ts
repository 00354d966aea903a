/**
 * Reads DER, and BER where asked, without copying: elements are spans over the caller's array.
 * Lengths are checked against the enclosing element and nesting is bounded, so no input can make
 * the reader run past its bytes, recurse without end or allocate by a claimed length.
 */
import { asn1Error } from './asn1-error.js';
import { TAG } from './tags.js';

/** `der`: what a signer's encoder must produce. `ber`: also indefinite and non-minimal lengths. */
export type EncodingRules = 'der' | 'ber';

/** No structure of X.509, CMS or GB/T 38540 nests deeper than about 20; a hostile one may. */
const MAX_DEPTH = 64;

/** One tag-length-value. Offsets count from the start of `bytes`, which is the array given to the first reader. */
export class Asn1Element {
  readonly bytes: Uint8Array;
  readonly rules: EncodingRules;
  /** Identifier octet; for tag numbers of 31 and above, the first octet plus 256 times the number. */
  readonly tag: number;
  readonly start: number;
  readonly contentStart: number;
  /** End of the content; before the end-of-contents octets where the length is indefinite. */
  readonly contentEnd: number;
  readonly end: number;
  readonly depth: number;

  constructor(
    bytes: Uint8Array,
    rules: EncodingRules,
    tag: number,
    start: number,
    contentStart: number,
    contentEnd: number,
    end: number,
    depth: number,
  ) {
    this.bytes = bytes;
    this.rules = rules;
    this.tag = tag;
    this.start = start;
    this.contentStart = contentStart;
    this.contentEnd = contentEnd;
    this.end = end;
    this.depth = depth;
  }

  /** The whole element as encoded; aliases the input. */
  get raw(): Uint8Array {
    return this.bytes.subarray(this.start, this.end);
  }

  /** The content octets; aliases the input. */
  get content(): Uint8Array {
    return this.bytes.subarray(this.contentStart, this.contentEnd);
  }

  get contentLength(): number {
    return this.contentEnd - this.contentStart;
  }

  get isConstructed(): boolean {
    return (this.tag & 0x20) !== 0;
  }

  /**
   * A reader over the elements inside.
   * @throws AppError `asn1-malformed` where the encoding is primitive or nests too deep
   */
  enter(): Asn1Reader {
    if (!this.isConstructed) throw asn1Error('primitive encoding has no elements', this.start);
    return new Asn1Reader(
      this.bytes,
      this.contentStart,
      this.contentEnd,
      this.rules,
      this.depth + 1,
    );
  }

  /** All elements inside, in order. */
  children(): Asn1Element[] {
    const reader = this.enter();
    const out: Asn1Element[] = [];
    while (!reader.isAtEnd) out.push(reader.read());
    return out;
  }
}

/** A cursor over consecutive elements. All methods throw AppError `asn1-malformed`, params `offset`. */
export class Asn1Reader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #rules: EncodingRules;
  readonly #depth: number;
  #at: number;

  constructor(
    bytes: Uint8Array,
    start = 0,
    end = bytes.length,
    rules: EncodingRules = 'der',
    depth = 0,
  ) {
    if (depth > MAX_DEPTH) throw asn1Error(`nested deeper than ${MAX_DEPTH}`, start);
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#rules = rules;
    this.#depth = depth;
  }

  /** Where the next element starts, from the start of the array. */
  get offset(): number {
    return this.#at;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  /** Identifier octet of the next element without reading it; -1 at the end. */
  peek(): number {
    return this.#at < this.#end ? (this.#bytes[this.#at] as number) : -1;
  }

  /** The next element; with `expectedTag`, it must have that identifier octet. */
  read(expectedTag?: number): Asn1Element {
    const bytes = this.#bytes;
    const end = this.#end;
    const start = this.#at;
    let at = start;
    if (at >= end) throw asn1Error('element missing', start);
    let tag = bytes[at++] as number;
    if (expectedTag !== undefined && tag !== expectedTag) {
      throw asn1Error(`expected tag ${hexOctet(expectedTag)}, found ${hexOctet(tag)}`, start);
    }
    if ((tag & 0x1f) === 0x1f) {
      const high = this.#readHighTag(at);
      tag += high.number * 256;
      at = high.next;
    }
    if (at >= end) throw asn1Error('length missing', at);
    let length = bytes[at++] as number;
    if (length === 0x80) return this.#readIndefinite(tag, start, at);
    if (length > 0x80) {
      const octets = length & 0x7f;
      if (octets > 6 || at + octets > end) throw asn1Error('length out of range', at);
      length = 0;
      for (let i = 0; i < octets; i++) length = length * 256 + (bytes[at + i] as number);
      if (this.#rules === 'der' && (length < 0x80 || bytes[at] === 0)) {
        throw asn1Error('length is not minimal', at);
      }
      at += octets;
    }
    if (length > end - at) throw asn1Error('length exceeds what encloses it', start);
    this.#at = at + length;
    return new Asn1Element(
      bytes,
      this.#rules,
      tag,
      start,
      at,
      at + length,
      at + length,
      this.#depth,
    );
  }

  /** The next element if it has `tag`. */
  readOptional(tag: number): Asn1Element | undefined {
    return this.peek() === tag ? this.read() : undefined;
  }

  /** A reader into the next element, a SEQUENCE unless `tag` says otherwise. */
  enter(tag: number = TAG.sequence): Asn1Reader {
    return this.read(tag).enter();
  }

  /** Declares the structure read: anything left is an error. */
  expectEnd(): void {
    if (this.#at < this.#end) throw asn1Error('unexpected element', this.#at);
  }

  #readHighTag(from: number): { number: number; next: number } {
    let number = 0;
    let at = from;
    for (let count = 0; count < 3; count++) {
      if (at >= this.#end) break;
      const octet = this.#bytes[at++] as number;
      if (count === 0 && octet === 0x80) break;
      number = number * 128 + (octet & 0x7f);
      if (octet < 0x80) return { number, next: at };
    }
    throw asn1Error('tag number out of range', from);
  }

  #readIndefinite(tag: number, start: number, contentStart: number): Asn1Element {
    if (this.#rules === 'der') throw asn1Error('indefinite length', start);
    if ((tag & 0x20) === 0) throw asn1Error('indefinite length of a primitive encoding', start);
    const inner = new Asn1Reader(
      this.#bytes,
      contentStart,
      this.#end,
      this.#rules,
      this.#depth + 1,
    );
    for (;;) {
      const element = inner.read();
      if (element.tag !== 0) continue;
      if (element.contentLength !== 0) throw asn1Error('malformed end of contents', element.start);
      this.#at = element.end;
      return new Asn1Element(
        this.#bytes,
        this.#rules,
        tag,
        start,
        contentStart,
        element.start,
        element.end,
        this.#depth,
      );
    }
  }
}

/**
 * The single element that fills `bytes`.
 * @throws AppError `asn1-malformed`, also where bytes follow it
 */
export function readElement(
  bytes: Uint8Array,
  expectedTag?: number,
  rules: EncodingRules = 'der',
): Asn1Element {
  const reader = new Asn1Reader(bytes, 0, bytes.length, rules);
  const element = reader.read(expectedTag);
  reader.expectEnd();
  return element;
}

function hexOctet(tag: number): string {
  return `0x${tag.toString(16).padStart(2, '0')}`;
}

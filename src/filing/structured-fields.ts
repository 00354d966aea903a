/**
 * Structured header fields as far as message signatures and digests use them: dictionaries whose
 * members are items or inner lists, with strings, tokens, integers, booleans and byte sequences.
 * Decimals, dates and display strings are refused.
 */
import { AppError, fromBase64, toBase64 } from '../kernel/index.js';

export type BareItem =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'token'; readonly value: string }
  | { readonly type: 'integer'; readonly value: number }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'bytes'; readonly value: Uint8Array };

type Parameters = ReadonlyMap<string, BareItem>;

export interface Item {
  readonly kind: 'item';
  readonly bare: BareItem;
  readonly parameters: Parameters;
}

export interface InnerList {
  readonly kind: 'inner-list';
  readonly items: readonly Item[];
  readonly parameters: Parameters;
}

const LONGEST_FIELD = 16_384;

const KEY = /[a-z*][a-z0-9_\-.*]*/y;
const INTEGER = /-?[0-9]{1,15}(?![0-9.])/y;
const STRING = /"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"/y;
const TOKEN = /[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*/y;
const BYTES = /:([A-Za-z0-9+/=]*):/y;
const BOOLEAN = /\?([01])/y;

/**
 * A dictionary field. A key that comes twice has its last value.
 * @throws AppError `input-invalid` (params `offset`)
 * @see RFC 9651, 4.2.2
 */
export function parseDictionary(text: string): ReadonlyMap<string, Item | InnerList> {
  return new FieldParser(text).dictionary();
}

/** @see RFC 9651, 4.1.1.1 */
export function serializeInnerList(list: InnerList): string {
  const items = list.items.map((item) => serializeBare(item.bare) + serializeAll(item.parameters));
  return `(${items.join(' ')})${serializeAll(list.parameters)}`;
}

/** @see RFC 9651, 4.1.3.1 */
function serializeBare(item: BareItem): string {
  switch (item.type) {
    case 'string':
      return `"${item.value.replace(/["\\]/g, '\\$&')}"`;
    case 'token':
      return item.value;
    case 'integer':
      return String(item.value);
    case 'boolean':
      return item.value ? '?1' : '?0';
    case 'bytes':
      return `:${toBase64(item.value)}:`;
  }
}

function serializeAll(parameters: Parameters): string {
  let text = '';
  for (const [key, item] of parameters) {
    const isBareTrue = item.type === 'boolean' && item.value;
    text += isBareTrue ? `;${key}` : `;${key}=${serializeBare(item)}`;
  }
  return text;
}

class FieldParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    if (text.length > LONGEST_FIELD) throw this.#malformed();
    this.#text = text;
  }

  dictionary(): ReadonlyMap<string, Item | InnerList> {
    const members = new Map<string, Item | InnerList>();
    this.#skip(/ */y);
    while (this.#at < this.#text.length) {
      const key = this.#expect(KEY);
      const member = this.#take('=') ? this.#member() : this.#bareTrue();
      // Deleting first keeps the order of last occurrence, as the RFC's algorithm does.
      members.delete(key);
      members.set(key, member);
      this.#skip(/[ \t]*/y);
      if (this.#at === this.#text.length) break;
      if (!this.#take(',')) throw this.#malformed();
      this.#skip(/[ \t]*/y);
      if (this.#at === this.#text.length) throw this.#malformed();
    }
    return members;
  }

  #member(): Item | InnerList {
    return this.#take('(') ? this.#innerList() : this.#item();
  }

  #bareTrue(): Item {
    return {
      kind: 'item',
      bare: { type: 'boolean', value: true },
      parameters: this.#parameters(),
    };
  }

  #innerList(): InnerList {
    const items: Item[] = [];
    for (;;) {
      this.#skip(/ */y);
      if (this.#take(')')) return { kind: 'inner-list', items, parameters: this.#parameters() };
      items.push(this.#item());
      const after = this.#text[this.#at];
      if (after !== ' ' && after !== ')') throw this.#malformed();
    }
  }

  #item(): Item {
    return { kind: 'item', bare: this.#bare(), parameters: this.#parameters() };
  }

  #parameters(): Parameters {
    const parameters = new Map<string, BareItem>();
    while (this.#take(';')) {
      this.#skip(/ */y);
      const key = this.#expect(KEY);
      const value: BareItem = this.#take('=') ? this.#bare() : { type: 'boolean', value: true };
      parameters.delete(key);
      parameters.set(key, value);
    }
    return parameters;
  }

  #bare(): BareItem {
    const string = this.#match(STRING);
    if (string !== undefined) {
      return { type: 'string', value: (string[1] ?? '').replace(/\\(["\\])/g, '$1') };
    }
    const integer = this.#match(INTEGER);
    if (integer !== undefined) return { type: 'integer', value: Number(integer[0]) };
    const bytes = this.#match(BYTES);
    if (bytes !== undefined) {
      const value = fromBase64(bytes[1] ?? '');
      if (value === undefined) throw this.#malformed();
      return { type: 'bytes', value };
    }
    const boolean = this.#match(BOOLEAN);
    if (boolean !== undefined) return { type: 'boolean', value: boolean[1] === '1' };
    return { type: 'token', value: this.#expect(TOKEN) };
  }

  #expect(pattern: RegExp): string {
    const found = this.#match(pattern);
    if (found === undefined) throw this.#malformed();
    return found[0];
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    this.#at = pattern.lastIndex;
    return found;
  }

  #skip(pattern: RegExp): void {
    this.#match(pattern);
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #malformed(): AppError {
    return new AppError('input-invalid', 'malformed structured field', {
      params: { offset: this.#at },
    });
  }
}

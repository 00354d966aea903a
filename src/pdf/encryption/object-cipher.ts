/**
 * Takes the encryption off the objects that are read, and puts it on those that are appended.
 *
 * @see ISO 32000-2:2020, 7.6.3 (algorithms 1 and 1.A) and 7.6.6 (crypt filters)
 */
import {
  concatBytes,
  decryptAesCbc,
  digestBytes,
  encryptAesCbc,
  latin1ToBytes,
  md5,
} from '../../kernel/index.js';
import type { IndirectObject } from '../indirect-object.js';
import {
  PdfArray,
  PdfDict,
  PdfRef,
  PdfStream,
  PdfString,
  isName,
  type PdfValue,
} from '../objects.js';
import {
  filterNamed,
  type CipherMethod,
  type StandardEncryption,
} from './encryption-dictionary.js';
import { rc4 } from './rc4.js';

type Resolve = (value: PdfValue | undefined) => PdfValue;
type DecodeFilters = (dict: PdfDict, bytes: Uint8Array) => Uint8Array;

const SALT_AES = latin1ToBytes('sAlT');
const BLOCK = 16;

export class ObjectCipher {
  readonly #encryption: StandardEncryption;
  readonly #fileKey: Uint8Array;
  /** The encryption dictionary's own object, which is never encrypted. */
  readonly #exempt: number | undefined;

  constructor(encryption: StandardEncryption, fileKey: Uint8Array, exempt: number | undefined) {
    this.#encryption = encryption;
    this.#fileKey = fileKey;
    this.#exempt = exempt;
  }

  /**
   * `object` as if the file were not encrypted. Streams are decrypted when their bytes are asked for.
   *
   * @param decode - Undoes the filters of decrypted bytes.
   */
  decrypt(object: IndirectObject, resolve: Resolve, decode: DecodeFilters): IndirectObject {
    const { num, gen, value, container } = object;
    // What lies in an object stream is encrypted with it.
    if (container !== undefined || num === this.#exempt) return object;
    if (value instanceof PdfStream && isName(value.dict.get('Type'), 'XRef')) return object;
    const ref = new PdfRef(num, gen);
    const { strings } = this.#encryption;
    const readable = (encrypted: PdfValue): PdfValue =>
      mapStrings(encrypted, (bytes) => this.#undo(strings, ref, bytes));
    if (!(value instanceof PdfStream)) return { ...object, value: readable(value) };
    const dict = readable(value.dict);
    if (!(dict instanceof PdfDict)) return object;
    const raw = (): Uint8Array => this.#undo(this.#methodOf(dict, resolve), ref, value.rawBytes());
    return {
      ...object,
      value: new PdfStream(dict, {
        span: value.rawSpan,
        raw,
        decode: (own) => decode(withoutCrypt(own, resolve), raw()),
      }),
    };
  }

  /** `value` as it is to be written as object `ref`. Placeholders, and so a hole for a signature, stay as they are. */
  encrypt(ref: PdfRef, value: PdfValue, resolve: Resolve): PdfValue {
    const { strings } = this.#encryption;
    let count = 0;
    const written = (plain: PdfValue): PdfValue =>
      mapStrings(plain, (bytes) => this.#apply(strings, ref, bytes, ++count));
    if (!(value instanceof PdfStream)) return written(value);
    const dict = written(value.dict);
    if (!(dict instanceof PdfDict)) return value;
    const method = this.#methodOf(value.dict, resolve);
    return PdfStream.of(dict, this.#apply(method, ref, value.rawBytes(), 0));
  }

  #methodOf(dict: PdfDict, resolve: Resolve): CipherMethod {
    const { filters, streams, embeddedFiles, isMetadataEncrypted } = this.#encryption;
    const own = cryptStep(dict, resolve);
    if (own !== undefined) return filterNamed(resolve(own.get('Name')), filters, 'identity');
    const type = resolve(dict.get('Type'));
    if (!isMetadataEncrypted && isName(type, 'Metadata')) return 'identity';
    return isName(type, 'EmbeddedFile') ? embeddedFiles : streams;
  }

  /** Algorithm 1 for RC4 and AES-128; with AES-256 the file's key serves every object. */
  #keyFor(method: CipherMethod, { num, gen }: PdfRef): Uint8Array {
    if (method === 'aes-256') return this.#fileKey;
    const id = Uint8Array.from([num, num >> 8, num >> 16, gen, gen >> 8]);
    const salt = method === 'aes-128' ? [SALT_AES] : [];
    return md5(this.#fileKey, id, ...salt).subarray(0, Math.min(this.#fileKey.length + 5, 16));
  }

  #undo(method: CipherMethod, ref: PdfRef, bytes: Uint8Array): Uint8Array {
    if (method === 'identity') return bytes;
    const key = this.#keyFor(method, ref);
    if (method === 'rc4') return rc4(key, bytes);
    // A vector and whole blocks; what is left over at the end cannot be read by anybody.
    const end = bytes.length - (bytes.length % BLOCK);
    if (end < 2 * BLOCK) return new Uint8Array(0);
    return withoutPadding(decryptAesCbc(key, bytes.subarray(0, BLOCK), bytes.subarray(BLOCK, end)));
  }

  #apply(method: CipherMethod, ref: PdfRef, bytes: Uint8Array, index: number): Uint8Array {
    if (method === 'identity') return bytes;
    const key = this.#keyFor(method, ref);
    if (method === 'rc4') return rc4(key, bytes);
    const iv = this.#vectorFor(ref, bytes, index);
    return concatBytes([iv, encryptAesCbc(key, iv, withPadding(bytes))]);
  }

  /**
   * A vector that nobody without the key can foretell and that differs wherever the text does: a keyed
   * digest. So the same input gives the same file, and no source of randomness is needed here.
   */
  #vectorFor(ref: PdfRef, bytes: Uint8Array, index: number): Uint8Array {
    const place = latin1ToBytes(`\nvector ${ref.num} ${ref.gen} ${index}\n`);
    return digestBytes('sha256', this.#fileKey, place, bytes).subarray(0, BLOCK);
  }
}

function withPadding(bytes: Uint8Array): Uint8Array {
  const length = BLOCK - (bytes.length % BLOCK);
  return concatBytes([bytes, new Uint8Array(length).fill(length)]);
}

/** Producers that pad wrongly are read as they meant it: everything is text then. */
function withoutPadding(bytes: Uint8Array): Uint8Array {
  const length = bytes[bytes.length - 1] ?? 0;
  const isPadding = length >= 1 && length <= BLOCK && length <= bytes.length;
  return isPadding ? bytes.subarray(0, bytes.length - length) : bytes;
}

/** `value` with `change` made to every string in it but the `/Contents` of a signature. */
function mapStrings(value: PdfValue, change: (bytes: Uint8Array) => Uint8Array): PdfValue {
  if (value instanceof PdfString) return new PdfString(change(value.bytes), value.isHex);
  if (value instanceof PdfArray) {
    const items = value.items.map((item) => mapStrings(item, change));
    const isSame = items.every((item, i) => item === value.items[i]);
    return isSame ? value : new PdfArray(items, value.span);
  }
  if (!(value instanceof PdfDict)) return value;
  const isSignature = isSignatureDictionary(value);
  const changed = new Map<string, PdfValue>();
  let isSame = true;
  for (const [key, item] of value.entries()) {
    const mapped = isSignature && key === 'Contents' ? item : mapStrings(item, change);
    isSame &&= mapped === item;
    changed.set(key, mapped);
  }
  return isSame ? value : new PdfDict(changed, value.origin);
}

/** `/Type` is optional there; a byte range is what makes one. @see ISO 32000-2:2020, 7.6.2 and table 255 */
function isSignatureDictionary(dict: PdfDict): boolean {
  const type = dict.get('Type');
  return dict.has('ByteRange') || isName(type, 'Sig') || isName(type, 'DocTimeStamp');
}

/** Parameters of a stream's own Crypt filter, which is its first; undefined where it has none. */
function cryptStep(dict: PdfDict, resolve: Resolve): PdfDict | undefined {
  const filter = resolve(dict.get('Filter'));
  const parameters = resolve(dict.get('DecodeParms'));
  const first = filter instanceof PdfArray ? resolve(filter.items[0]) : filter;
  if (!isName(first, 'Crypt')) return undefined;
  const own = parameters instanceof PdfArray ? resolve(parameters.items[0]) : parameters;
  return own instanceof PdfDict ? own : PdfDict.of({});
}

/** The dictionary for the filters that remain once a Crypt filter is undone. */
function withoutCrypt(dict: PdfDict, resolve: Resolve): PdfDict {
  if (cryptStep(dict, resolve) === undefined) return dict;
  const rest = (key: string): PdfValue | undefined => {
    const value = resolve(dict.get(key));
    return value instanceof PdfArray ? new PdfArray(value.items.slice(1)) : undefined;
  };
  return dict.with({ Filter: rest('Filter'), DecodeParms: rest('DecodeParms') });
}

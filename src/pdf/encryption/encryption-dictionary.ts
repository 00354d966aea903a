/**
 * The encryption dictionary of the standard security handler, checked and typed.
 *
 * @see ISO 32000-2:2020, 7.6.2 (tables 20 and 21), 7.6.4.2, 7.6.6 (crypt filters)
 */
import {
  PdfArray,
  PdfDict,
  PdfName,
  PdfString,
  isInteger,
  isName,
  type PdfValue,
} from '../objects.js';
import { malformed, unsupported } from '../pdf-errors.js';

export type CipherMethod = 'identity' | 'rc4' | 'aes-128' | 'aes-256';

/** What the dictionary and the file identifier say, before any password is tried. */
export interface StandardEncryption {
  readonly revision: 2 | 3 | 4 | 5 | 6;
  /** Length of the file encryption key. */
  readonly keyBytes: number;
  readonly o: Uint8Array;
  readonly u: Uint8Array;
  /** Of revisions 5 and 6. */
  readonly aes256: { readonly oe: Uint8Array; readonly ue: Uint8Array; readonly perms: Uint8Array };
  /** The 32 flags of `/P`, as a signed integer. */
  readonly flags: number;
  readonly isMetadataEncrypted: boolean;
  /** First part of the file identifier; empty where there is none. */
  readonly permanentId: Uint8Array;
  readonly strings: CipherMethod;
  readonly streams: CipherMethod;
  readonly embeddedFiles: CipherMethod;
  /** The crypt filters a stream may name for itself. */
  readonly filters: ReadonlyMap<string, CipherMethod>;
}

type Resolve = (value: PdfValue | undefined) => PdfValue;

const NOTHING = new Uint8Array(0);
const METHODS: Readonly<Record<string, CipherMethod>> = {
  None: 'identity',
  V2: 'rc4',
  AESV2: 'aes-128',
  AESV3: 'aes-256',
};

/**
 * @param id - `/ID` of the trailer.
 * @throws AppError `pdf-unsupported` (params `feature`: another security handler, version or revision),
 *   `pdf-malformed`
 */
export function readEncryption(
  dict: PdfDict,
  id: PdfValue | undefined,
  resolve: Resolve,
): StandardEncryption {
  const at = dict.origin?.span.start;
  const handler = resolve(dict.get('Filter'));
  if (!(handler instanceof PdfName)) throw malformed('encryption without a security handler', at);
  if (handler.value !== 'Standard') throw unsupported(`security handler ${handler.value}`);
  const v = resolve(dict.get('V'));
  const r = resolve(dict.get('R'));
  const scheme = SCHEMES.find((each) => each.version === v && each.revision === r);
  if (scheme === undefined) throw unsupported(`encryption V ${shown(v)} R ${shown(r)}`);
  const { version, revision } = scheme;
  const isAes256 = revision >= 5;
  const bytes = (key: string, length: number): Uint8Array => {
    const value = resolve(dict.get(key));
    if (!(value instanceof PdfString) || value.bytes.length < length) {
      throw malformed(`${key} of the encryption dictionary is too short`, at);
    }
    // Some producers pad these strings with zeros, and a hash over them must not see that.
    return value.bytes.subarray(0, length);
  };
  const flags = resolve(dict.get('P'));
  if (!isInteger(flags)) throw malformed('encryption without permissions', at);
  const filters = version >= 4 ? readFilters(dict, resolve) : new Map<string, CipherMethod>();
  const named = (key: string, otherwise: CipherMethod): CipherMethod =>
    version >= 4 ? filterNamed(resolve(dict.get(key)), filters, otherwise) : 'rc4';
  const streams = named('StmF', 'identity');
  return {
    revision,
    keyBytes: keyLength(version, resolve(dict.get('Length')), at),
    o: bytes('O', isAes256 ? 48 : 32),
    u: bytes('U', isAes256 ? 48 : 32),
    aes256: isAes256
      ? { oe: bytes('OE', 32), ue: bytes('UE', 32), perms: bytes('Perms', 16) }
      : { oe: NOTHING, ue: NOTHING, perms: NOTHING },
    flags: flags | 0,
    isMetadataEncrypted: version < 4 || resolve(dict.get('EncryptMetadata')) !== false,
    permanentId: firstOf(id, resolve),
    strings: named('StrF', 'identity'),
    streams,
    embeddedFiles: named('EFF', streams),
    filters,
  };
}

interface Scheme {
  readonly version: 1 | 2 | 4 | 5;
  readonly revision: StandardEncryption['revision'];
}

/** Versions with the revisions that go with them. */
const SCHEMES: readonly Scheme[] = [
  { version: 1, revision: 2 },
  { version: 1, revision: 3 },
  { version: 2, revision: 3 },
  { version: 4, revision: 4 },
  { version: 5, revision: 5 },
  { version: 5, revision: 6 },
];

const shown = (value: PdfValue): string => (typeof value === 'number' ? String(value) : '?');

function keyLength(version: Scheme['version'], bits: PdfValue, at: number | undefined): number {
  if (version === 1) return 5;
  if (version === 4) return 16;
  if (version === 5) return 32;
  const length = isInteger(bits) ? bits : 40;
  if (length < 40 || length > 128 || length % 8 !== 0) {
    throw malformed('length of the encryption key', at);
  }
  return length / 8;
}

function readFilters(dict: PdfDict, resolve: Resolve): ReadonlyMap<string, CipherMethod> {
  const filters = new Map<string, CipherMethod>();
  const all = resolve(dict.get('CF'));
  if (!(all instanceof PdfDict)) return filters;
  for (const [name, value] of all.entries()) {
    const filter = resolve(value);
    if (!(filter instanceof PdfDict)) continue;
    const cfm = resolve(filter.get('CFM'));
    const method = METHODS[cfm instanceof PdfName ? cfm.value : 'None'];
    // One that no stream names does no harm.
    if (method !== undefined) filters.set(name, method);
  }
  return filters;
}

/** @throws AppError `pdf-unsupported` */
export function filterNamed(
  name: PdfValue,
  filters: ReadonlyMap<string, CipherMethod>,
  otherwise: CipherMethod,
): CipherMethod {
  if (name === null) return otherwise;
  if (isName(name, 'Identity')) return 'identity';
  const method = name instanceof PdfName ? filters.get(name.value) : undefined;
  if (method === undefined) {
    throw unsupported(`crypt filter ${name instanceof PdfName ? name.value : '?'}`);
  }
  return method;
}

function firstOf(id: PdfValue | undefined, resolve: Resolve): Uint8Array {
  const parts = resolve(id);
  const first = parts instanceof PdfArray ? resolve(parts.items[0]) : null;
  return first instanceof PdfString ? first.bytes : NOTHING;
}

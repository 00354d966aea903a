/**
 * The document security store: certificates, OCSP responses and CRLs with which a signature can be
 * validated when nobody answers any more. A later revision only adds to it.
 *
 * @see ISO 32000-2:2020, 12.8.4.3 (DSS) and 12.8.4.4 (VRI)
 * @see ETSI EN 319 142-1, 5.4.2
 */
import { digestBytes, isAppError, sha256Hex, toHex } from '../kernel/index.js';
import {
  PdfArray,
  PdfDict,
  PdfRef,
  PdfStream,
  beginRevision,
  pdfName,
  type PdfDocument,
  type PdfValue,
  type RevisionWriter,
} from '../pdf/index.js';
import { declarePades } from './extension.js';
import { pdfDate } from './prepare.js';

/** Encodings of what a validation needs; no order. */
export interface ValidationMaterial {
  readonly certificatesDer: readonly Uint8Array[];
  /** OCSPResponse, not only its BasicOCSPResponse. */
  readonly ocspsDer: readonly Uint8Array[];
  readonly crlsDer: readonly Uint8Array[];
}

/** What belongs to one signature or time-stamp of the file. */
export interface SignatureMaterial extends ValidationMaterial {
  /** The whole value of its `/Contents`, padding included. */
  readonly contents: Uint8Array;
}

/** Key in the DSS, key in a VRI entry, and where the encodings are. */
const KINDS = [
  ['Certs', 'Cert', 'certificatesDer'],
  ['OCSPs', 'OCSP', 'ocspsDer'],
  ['CRLs', 'CRL', 'crlsDer'],
] as const;

/** Key of a signature's entry in `/VRI`: upper-case hex SHA-1 of the value of its `/Contents`. */
export function validationKey(contents: Uint8Array): string {
  return toHex(digestBytes('sha1', contents)).toUpperCase();
}

/** What the newest revision's DSS holds; what cannot be read is left out. */
export function readValidationStore(document: PdfDocument): ValidationMaterial {
  const dss = document.resolveDict(document.catalog.get('DSS'));
  const read = (key: string): readonly Uint8Array[] =>
    (document.resolveArray(dss?.get(key))?.items ?? []).flatMap((item) => {
      const bytes = streamBytes(document.resolve(item));
      return bytes === undefined ? [] : [bytes];
    });
  return { certificatesDer: read('Certs'), ocspsDer: read('OCSPs'), crlsDer: read('CRLs') };
}

/**
 * Appends a revision that adds `materials` to the DSS. Streams that are there, by digest, are
 * referred to and not written again; everything an earlier revision put there stays.
 *
 * @param at - Goes into new VRI entries as the time of their making.
 * @returns What to append, or `undefined` where the DSS has it all.
 * @throws AppError `pdf-encrypted`, `pdf-malformed`
 */
export function appendValidationStore(
  document: PdfDocument,
  materials: readonly SignatureMaterial[],
  at: Date,
): Uint8Array | undefined {
  const writer = beginRevision(document);
  const { catalogRef, catalog } = document;
  const stored = catalog.get('DSS');
  const old = writer.resolveDict(stored);
  const pools = new Map(
    KINDS.map(([key, , name]) => [name, new StreamPool(writer, old?.get(key))]),
  );
  const vri = extendVri(writer, old?.get('VRI'), materials, pools, at);
  const isChanged = vri !== undefined || [...pools.values()].some((pool) => pool.hasGrown);
  if (!isChanged) return undefined;

  const changes: Record<string, PdfValue> = vri === undefined ? {} : { VRI: vri };
  for (const [key, , name] of KINDS) {
    const list = pools.get(name)?.list();
    if (list !== undefined) changes[key] = list;
  }
  const dss = (old ?? PdfDict.of({ Type: pdfName('DSS') })).with(changes);
  const place = old === undefined ? writer.add(dss) : putBack(writer, stored, dss);
  if (place !== stored) writer.set(catalogRef, catalog.with({ DSS: place }));
  declarePades(writer);
  return writer.finish().appended;
}

/** The `/VRI` dictionary with what `materials` add, or `undefined` where they add nothing. */
function extendVri(
  writer: RevisionWriter,
  stored: PdfValue | undefined,
  materials: readonly SignatureMaterial[],
  pools: ReadonlyMap<keyof ValidationMaterial, StreamPool>,
  at: Date,
): PdfValue | undefined {
  let vri = writer.resolveDict(stored) ?? PdfDict.of({});
  let isChanged = false;
  for (const material of materials) {
    const key = validationKey(material.contents);
    const storedEntry = vri.get(key);
    const old = writer.resolveDict(storedEntry);
    const changes: Record<string, PdfValue> = {};
    for (const [, vriKey, name] of KINDS) {
      const refs = material[name].flatMap((der) => pools.get(name)?.refTo(der) ?? []);
      const listed = old?.get(vriKey);
      const array = writer.resolve(listed);
      const items = array instanceof PdfArray ? array.items : [];
      const fresh = refs.filter((ref) => !items.some((item) => ref.equals(item)));
      if (fresh.length === 0) continue;
      changes[vriKey] = putBack(writer, listed, new PdfArray([...items, ...fresh]));
    }
    if (Object.keys(changes).length === 0) continue;
    // A time-stamp under TS, by whoever made the entry, says more than a time.
    const made = old?.has('TS') === true ? {} : { TU: pdfDate(at) };
    const entry = (old ?? PdfDict.of({ Type: pdfName('VRI') })).with({ ...changes, ...made });
    vri = vri.with({ [key]: putBack(writer, storedEntry, entry) });
    isChanged = true;
  }
  return isChanged ? putBack(writer, stored, vri) : undefined;
}

/** `value` where the old one stood: in its object, or directly. @returns What its holder refers to. */
function putBack(
  writer: RevisionWriter,
  stored: PdfValue | undefined,
  value: PdfDict | PdfArray,
): PdfValue {
  if (!(stored instanceof PdfRef)) return value;
  writer.set(stored, value);
  return stored;
}

/** One list of the DSS, with its streams known by digest. */
class StreamPool {
  readonly #writer: RevisionWriter;
  readonly #stored: PdfValue | undefined;
  readonly #items: PdfValue[];
  readonly #known = new Map<string, PdfRef>();
  readonly #oldCount: number;

  constructor(writer: RevisionWriter, stored: PdfValue | undefined) {
    this.#writer = writer;
    this.#stored = stored;
    const array = writer.resolve(stored);
    this.#items = array instanceof PdfArray ? [...array.items] : [];
    this.#oldCount = this.#items.length;
    for (const item of this.#items) {
      const bytes = streamBytes(writer.resolve(item));
      if (item instanceof PdfRef && bytes !== undefined) this.#known.set(sha256Hex(bytes), item);
    }
  }

  get hasGrown(): boolean {
    return this.#items.length > this.#oldCount;
  }

  refTo(der: Uint8Array): PdfRef {
    const digest = sha256Hex(der);
    const known = this.#known.get(digest);
    if (known !== undefined) return known;
    const ref = this.#writer.addStream(PdfDict.of({}), der);
    this.#known.set(digest, ref);
    this.#items.push(ref);
    return ref;
  }

  /** The list to be written, or `undefined` where it has not grown. */
  list(): PdfValue | undefined {
    if (!this.hasGrown) return undefined;
    const stored =
      this.#writer.resolve(this.#stored) instanceof PdfArray ? this.#stored : undefined;
    return putBack(this.#writer, stored, new PdfArray(this.#items));
  }
}

function streamBytes(value: PdfValue): Uint8Array | undefined {
  if (!(value instanceof PdfStream)) return undefined;
  try {
    return value.data();
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}

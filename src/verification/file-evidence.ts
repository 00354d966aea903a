/**
 * Certificates, CRLs and OCSP responses that a file carries: in the document security stores of all
 * its revisions, so that nothing is lost where a later one drops it, and in the CMS of its signatures.
 *
 * @see ETSI EN 319 142-1, 5.4 (DSS and VRI)
 */
import { equalBytes, isAppError } from '../kernel/index.js';
import {
  PdfArray,
  PdfDict,
  PdfRef,
  PdfStream,
  type PdfDocument,
  type PdfValue,
} from '../pdf/index.js';
import {
  cachedCertificate,
  parseCrl,
  parseOcspResponse,
  readRevocationValues,
  type Certificate,
  type Crl,
  type OcspResponse,
  type SignedData,
} from '../pki/index.js';
import { ProofsOfExistence } from './proofs-of-existence.js';
import type { RevisionHistory } from './revision-history.js';
import { parseEach } from './trust-material.js';

export type EvidenceItem = Certificate | Crl | OcspResponse;

/** More than this is not evidence but a load. */
const MOST_STREAMS = 4096;

const KINDS = [
  ['Certs', 'Cert', 'certificate'],
  ['CRLs', 'CRL', 'crl'],
  ['OCSPs', 'OCSP', 'ocsp'],
] as const;
type Kind = (typeof KINDS)[number][2];

export class FileEvidence {
  readonly certificates: Certificate[] = [];
  readonly crls: Crl[] = [];
  readonly ocsps: OcspResponse[] = [];
  readonly proofs = new ProofsOfExistence();
  /** Where in the file an item ends for the first time. */
  readonly #ends = new Map<EvidenceItem, number>();
  readonly #inStore = new Set<EvidenceItem>();

  /** The stores of all revisions. A revision that cannot be read alone has none. */
  static read(document: PdfDocument, history: RevisionHistory): FileEvidence {
    const evidence = new FileEvidence();
    for (const { kind, stream, end } of storedStreams(document, history)) {
      const der = dataOf(stream);
      if (der !== undefined) evidence.#add(kind, der, end, true);
    }
    return evidence;
  }

  /** What came with a signature in its CMS, which ends before `end`. */
  addFromCms(signedData: SignedData, end: number): void {
    const signers = signedData.signerInfos.map(readRevocationValues);
    const crls = [...signedData.crlsDer, ...signers.flatMap(({ crlsDer }) => crlsDer)];
    const ocsps = [...signedData.ocspResponsesDer, ...signers.flatMap(({ ocspDer }) => ocspDer)];
    for (const der of crls) this.#add('crl', der, end, false);
    for (const der of ocsps) this.#add('ocsp', der, end, false);
    for (const der of signedData.certificatesDer) this.#add('certificate', der, end, false);
  }

  get hasStore(): boolean {
    return this.#inStore.size > 0;
  }

  /** Since when the item is proved to exist by a document time-stamp. */
  provedAt(item: EvidenceItem): Date | undefined {
    const end = this.#ends.get(item);
    return end === undefined ? undefined : this.proofs.earliest(end);
  }

  /** Whether a document security store holds it. */
  isStored(item: EvidenceItem): boolean {
    return this.#inStore.has(item);
  }

  #add(kind: Kind, der: Uint8Array, end: number, isStored: boolean): void {
    const item = this.#item(kind, der);
    if (item === undefined) return;
    this.#ends.set(item, Math.min(end, this.#ends.get(item) ?? end));
    if (isStored) this.#inStore.add(item);
  }

  /** The same object for the same bytes, so that what was found out about it is found out once. */
  #item(kind: Kind, der: Uint8Array): EvidenceItem | undefined {
    switch (kind) {
      case 'certificate':
        return keep(this.certificates, parseEach([der], cachedCertificate));
      case 'crl':
        return keep(this.crls, parseEach([der], parseCrl));
      case 'ocsp':
        return keep(this.ocsps, parseEach([der], parseOcspResponse));
    }
  }
}

function keep<T extends { readonly der: Uint8Array }>(
  list: T[],
  [item]: readonly T[],
): T | undefined {
  if (item === undefined) return undefined;
  const known = list.find((other) => other === item || equalBytes(other.der, item.der));
  if (known !== undefined) return known;
  list.push(item);
  return item;
}

function dataOf(stream: PdfStream): Uint8Array | undefined {
  try {
    return stream.data();
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}

interface StoredStream {
  readonly kind: Kind;
  readonly stream: PdfStream;
  readonly end: number;
}

/**
 * Every stream that any revision's store names. A state is read only where the revision after it
 * changed one of the objects that make up its store: most revisions add none.
 */
function storedStreams(document: PdfDocument, history: RevisionHistory): readonly StoredStream[] {
  const { revisions } = document;
  const found = new Map<number, StoredStream>();
  let index = revisions.length - 1;
  while (index >= 0) {
    const reader = new StoreReader(index, history, document);
    for (const each of reader.read()) {
      if (found.size < MOST_STREAMS) found.set(each.end, found.get(each.end) ?? each);
    }
    while (index > 0 && !changesStore(document, index, reader.objectNumbers)) index--;
    index--;
  }
  return [...found.values()];
}

function changesStore(
  document: PdfDocument,
  index: number,
  objectNumbers: ReadonlySet<number>,
): boolean {
  const [before, now] = [document.revisions[index - 1], document.revisions[index]];
  if (before === undefined || now === undefined) return false;
  const [oldRoot, newRoot] = [before.trailer.get('Root'), now.trailer.get('Root')];
  const isSameRoot =
    oldRoot instanceof PdfRef && newRoot instanceof PdfRef && oldRoot.equals(newRoot);
  if (!isSameRoot) return true;
  try {
    for (const num of now.entries().keys()) if (objectNumbers.has(num)) return true;
    return false;
  } catch (error) {
    if (isAppError(error)) return true;
    throw error;
  }
}

class StoreReader {
  /** Of the catalog and of everything between it and the streams. */
  readonly objectNumbers = new Set<number>();
  readonly #index: number;
  readonly #history: RevisionHistory;
  readonly #document: PdfDocument;

  constructor(index: number, history: RevisionHistory, document: PdfDocument) {
    this.#index = index;
    this.#history = history;
    this.#document = document;
  }

  read(): readonly StoredStream[] {
    try {
      const isNewest = this.#index === this.#document.revisions.length - 1;
      const state = isNewest ? this.#document : this.#history.stateOf(this.#index);
      return this.#readState(state);
    } catch (error) {
      if (isAppError(error)) return [];
      throw error;
    }
  }

  #readState(state: PdfDocument): readonly StoredStream[] {
    const root = state.trailer.get('Root');
    const catalog = this.#follow(state, root);
    const store = catalog instanceof PdfDict ? this.#follow(state, catalog.get('DSS')) : undefined;
    if (!(store instanceof PdfDict)) return [];
    const streams: StoredStream[] = [];
    const vri = this.#follow(state, store.get('VRI'));
    const entries = vri instanceof PdfDict ? [...vri.entries()].map(([, value]) => value) : [];
    const records = entries.map((entry) => this.#follow(state, entry));
    for (const [inStore, inRecord, kind] of KINDS) {
      const lists = [store.get(inStore)];
      for (const record of records) {
        if (record instanceof PdfDict) lists.push(record.get(inRecord));
      }
      for (const list of lists) streams.push(...this.#streams(state, kind, list));
    }
    return streams;
  }

  #streams(state: PdfDocument, kind: Kind, list: PdfValue | undefined): readonly StoredStream[] {
    const array = this.#follow(state, list);
    if (!(array instanceof PdfArray)) return [];
    return array.items.slice(0, MOST_STREAMS).flatMap((item) => {
      const stream = this.#follow(state, item);
      const end = stream instanceof PdfStream ? stream.rawSpan?.end : undefined;
      return stream instanceof PdfStream && end !== undefined ? [{ kind, stream, end }] : [];
    });
  }

  #follow(state: PdfDocument, value: PdfValue | undefined): PdfValue | undefined {
    if (value instanceof PdfRef) this.objectNumbers.add(value.num);
    return state.resolve(value);
  }
}

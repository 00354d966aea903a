/** How forgers write PDF: by hand, without a library that would keep them honest. */
import { bytesToLatin1, latin1ToBytes, MemorySource, concatBytes } from '../../src/kernel/index.js';
import { openPdf, PdfRef, type FormField, type PdfDocument } from '../../src/pdf/index.js';

/** Object bodies by number; `null` frees the object. */
export type RawObjects = ReadonlyMap<number, string | null>;

export interface RawUpdateOptions {
  /** What goes into the trailer beside /Size, /Root and /Prev. */
  readonly trailer?: string;
  readonly root?: string;
  readonly prev?: number | null;
  readonly omit?: readonly ('xref' | 'trailer' | 'startxref' | 'eof')[];
  /** Written as the number after `startxref` instead of the right one. */
  readonly startxref?: number;
  /** Entries of the table that lead elsewhere than to the objects written. */
  readonly entries?: ReadonlyMap<number, number>;
  /** The `/ID` entry; that of the file unless given. */
  readonly id?: string;
  /** Written between the objects and the table. */
  readonly beforeXref?: string;
}

export const open = (pdf: Uint8Array): PdfDocument => openPdf(new MemorySource(pdf));

/** Appends an incremental update written by hand. */
export function rawUpdate(
  pdf: Uint8Array,
  objects: RawObjects,
  options: RawUpdateOptions = {},
): Uint8Array {
  const document = open(pdf);
  const omit = options.omit ?? [];
  const offsets = new Map<number, number | null>();
  let text = '\n';
  for (const [num, body] of objects) {
    offsets.set(num, body === null ? null : pdf.length + text.length);
    if (body !== null) text += `${num} 0 obj\n${body}\nendobj\n`;
  }
  for (const [num, offset] of options.entries ?? []) offsets.set(num, offset);
  text += options.beforeXref ?? '';
  const xref = pdf.length + text.length;
  if (!omit.includes('xref')) {
    text += 'xref\n';
    for (const [num, offset] of [...offsets].sort(([a], [b]) => a - b)) {
      text += `${num} 1\n`;
      text +=
        offset === null
          ? '0000000000 00001 f \n'
          : `${String(offset).padStart(10, '0')} 00000 n \n`;
    }
  }
  if (!omit.includes('trailer')) {
    const size = Math.max(document.nextObjectNumber, ...[...offsets.keys()].map((num) => num + 1));
    const prev = options.prev === undefined ? document.revisions.at(-1)?.startxref : options.prev;
    // Kept as it is, so that a file is refused for what the attack is about and for nothing else.
    const id = options.id ?? /\/ID\s*\[[^\]]*\]/.exec(bytesToLatin1(pdf))?.[0] ?? '';
    const root = options.root ?? `${document.catalogRef.num} 0 R`;
    text += `trailer\n<</Size ${size}/Root ${root}${prev === null ? '' : `/Prev ${prev ?? 0}`}${id}${options.trailer ?? ''}>>\n`;
  }
  if (!omit.includes('startxref')) text += `startxref\n${options.startxref ?? xref}\n`;
  if (!omit.includes('eof')) text += '%%EOF\n';
  return concatBytes([pdf, latin1ToBytes(text)]);
}

/** Where things are in a signed file. */
export interface Landmarks {
  readonly document: PdfDocument;
  readonly text: string;
  readonly field: FormField;
  /** Number of the signature dictionary. */
  readonly signature: number;
  /** The signature dictionary as written, without `obj` and `endobj`. */
  readonly signatureText: string;
  readonly fieldNumber: number;
  readonly fieldText: string;
  readonly page: number;
  readonly pageText: string;
  readonly content: number;
  readonly catalogText: string;
  readonly catalog: number;
  /** The hexadecimal digits of /Contents. */
  readonly hex: string;
  /** The numbers of /ByteRange. */
  readonly range: readonly [number, number, number, number];
}

/** The object number of a reference. */
export const refNumber = (value: unknown): number => {
  if (!(value instanceof PdfRef)) throw new Error('a reference was expected');
  return value.num;
};

/** Finds its way in a file of ours with signature field number `index`. */
export function landmarks(pdf: Uint8Array, index = 0): Landmarks {
  const document = open(pdf);
  const text = bytesToLatin1(pdf);
  const field = document.fields.filter(({ type }) => type === 'Sig')[index]!;
  const page = document.pages.get(0);
  const body = (num: number): string => {
    const entry = document.lookup(num);
    if (entry?.kind !== 'in-file') throw new Error('not an object in the file');
    const end = text.indexOf('endobj', entry.offset);
    return text.slice(text.indexOf('obj', entry.offset) + 3, end).trim();
  };
  const contents = document.resolveArray(page.dict.get('Contents'))?.items[0];
  const signature = refNumber(field.value);
  const signatureText = body(signature);
  const range = /\/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)/.exec(signatureText)!;
  return {
    document,
    text,
    field,
    signature,
    signatureText,
    fieldNumber: refNumber(field.ref),
    fieldText: body(refNumber(field.ref)),
    page: refNumber(page.ref),
    pageText: body(refNumber(page.ref)),
    content: refNumber(contents ?? page.dict.get('Contents')),
    catalog: document.catalogRef.num,
    catalogText: body(document.catalogRef.num),
    hex: /\/Contents\s*<([0-9a-fA-F]*)>/.exec(signatureText)![1]!,
    range: [Number(range[1]), Number(range[2]), Number(range[3]), Number(range[4])],
  };
}

export const stream = (content: string, dict = ''): string =>
  `<</Length ${content.length}${dict}>>\nstream\n${content}\nendstream`;

/** Writes over bytes in place: nothing moves. @throws Error where the lengths differ */
export function overwrite(pdf: Uint8Array, from: string, to: string): Uint8Array {
  const text = bytesToLatin1(pdf);
  const at = text.lastIndexOf(from);
  if (at < 0 || from.length !== to.length) throw new Error(`cannot write over ${from}`);
  return latin1ToBytes(text.slice(0, at) + to + text.slice(at + from.length));
}

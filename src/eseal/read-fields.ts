/** Fields as they are met in seals made by others: more forms than the standards allow, each one noted. */
import {
  TAG,
  asn1Error,
  readBitString,
  readBoolean,
  readOctets,
  readOid,
  readString,
  readTime,
  type Asn1Element,
  type Asn1Reader,
} from '../pki/index.js';
import type { ExtData, SealNote } from './types.js';

/** Gathers what was tolerated; each note once. */
export class Notes {
  readonly #notes = new Set<SealNote>();

  add(note: SealNote): void {
    this.#notes.add(note);
  }

  list(): readonly SealNote[] {
    return [...this.#notes].sort();
  }
}

const TEXT_TAGS: readonly number[] = [
  TAG.utf8String,
  TAG.printableString,
  TAG.ia5String,
  TAG.visibleString,
  TAG.teletexString,
  TAG.bmpString,
];

/** Text of any string type. @throws AppError `asn1-malformed` */
export function readText(element: Asn1Element): string {
  if (!TEXT_TAGS.includes(element.tag)) throw asn1Error('not a string', element.start);
  return readString(element);
}

/** Octets of a BIT STRING, or of an OCTET STRING in its place. @throws AppError `asn1-malformed` */
export function readBits(element: Asn1Element, notes: Notes): Uint8Array {
  if (element.tag === TAG.octetString) {
    notes.add('octet-string-in-place-of-bit-string');
    return readOctets(element);
  }
  if (element.tag !== TAG.bitString) throw asn1Error('not a bit string', element.start);
  const { unusedBits, octets } = readBitString(element);
  if (unusedBits !== 0) throw asn1Error('bit string is not octet-aligned', element.start);
  return octets;
}

/** An OBJECT IDENTIFIER, or the one inside an AlgorithmIdentifier. @throws AppError `asn1-malformed` */
export function readAlgorithm(element: Asn1Element, notes: Notes): string {
  if (element.tag === TAG.oid) return readOid(element);
  notes.add('algorithm-identifier-in-place-of-oid');
  return readOid(element.enter().read(TAG.oid));
}

const TEXT_TIME =
  /^(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?:[ T]?(\d{2}):?(\d{2}):?(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/;

/**
 * A time of either ASN.1 type, or written as text or bits by makers who took the 2014 text literally.
 * Text without a zone is taken as China Standard Time, where it was written.
 *
 * @throws AppError `asn1-malformed`
 */
export function readInstant(
  element: Asn1Element,
  expectedTag: typeof TAG.utcTime | typeof TAG.generalizedTime,
  notes: Notes,
): Date {
  if (element.tag === TAG.utcTime || element.tag === TAG.generalizedTime) {
    if (element.tag !== expectedTag) notes.add('time-of-other-type');
    return readTime(element);
  }
  notes.add('time-as-text');
  const text =
    element.tag === TAG.bitString
      ? String.fromCharCode(...readBitString(element).octets.subarray(0, 40))
      : readText(element);
  const parts = TEXT_TIME.exec(text.trim());
  if (parts === null) throw asn1Error('not a time', element.start);
  const [, year, month, day, hour = '00', minute = '00', second = '00', zone = '+08:00'] = parts;
  const offset = zone === 'Z' || zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const instant = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
  if (Number.isNaN(instant.getTime())) throw asn1Error('no such time', element.start);
  return instant;
}

/** `ExtensionDatas`. @throws AppError `asn1-malformed` */
export function readExtensionDatas(sequence: Asn1Reader, notes: Notes): readonly ExtData[] {
  const extensions: ExtData[] = [];
  while (!sequence.isAtEnd) {
    const extension = sequence.enter();
    const extnID = readOid(extension.read(TAG.oid));
    const flag = extension.readOptional(TAG.boolean);
    const critical = flag !== undefined && readBoolean(flag);
    if (flag !== undefined && !critical) notes.add('boolean-default-encoded');
    const extnValue = readOctets(extension.read(TAG.octetString));
    extension.expectEnd();
    extensions.push({ extnID, critical, extnValue });
  }
  return extensions;
}

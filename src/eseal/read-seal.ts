/** Reads an e-seal of any version made by anybody. What the maker signed is kept as received. */
import { AppError, isAppError } from '../kernel/index.js';
import {
  OID,
  TAG,
  asn1Error,
  derSequence,
  parseCertificate,
  readElement,
  readInteger,
  readOctets,
  type Asn1Element,
  type Asn1Reader,
  type EncodingRules,
} from '../pki/index.js';
import {
  Notes,
  readAlgorithm,
  readBits,
  readExtensionDatas,
  readInstant,
  readText,
} from './read-fields.js';
import type {
  SESVersion,
  SES_CertList,
  SES_ESPictrueInfo,
  SES_ESPropertyInfo,
  SES_SealInfo,
  SESeal,
} from './types.js';

/** A seal of paper is at most some 60 mm wide; a larger number is a count of pixels. */
const LARGEST_MM = 200;
const MOST_CERTIFICATES = 1000;

/**
 * @param der - The whole `.esl` file; aliased.
 * @throws AppError `eseal-malformed`, params `offset`
 */
export function parseSeal(der: Uint8Array): SESeal {
  return tolerantly(der, (element, notes) => readSeal(element, notes));
}

/** Strict first; a structure that only looser rules can read says so. @throws AppError `eseal-malformed` */
export function tolerantly<T>(der: Uint8Array, read: (element: Asn1Element, notes: Notes) => T): T {
  const attempt = (rules: EncodingRules): T => {
    const notes = new Notes();
    if (rules === 'ber') notes.add('not-der');
    return read(readElement(der, TAG.sequence, rules), notes);
  };
  try {
    try {
      return attempt('der');
    } catch (error) {
      if (!isAppError(error, 'asn1-malformed')) throw error;
      return attempt('ber');
    }
  } catch (error) {
    if (!isAppError(error, 'asn1-malformed', 'certificate-malformed')) throw error;
    throw new AppError('eseal-malformed', error.message, { params: error.params, cause: error });
  }
}

/** @throws AppError `asn1-malformed` */
export function readSeal(element: Asn1Element, notes: Notes): SESeal {
  const members = element.children();
  if (members.length === 2) return readVersion1(element, members, notes);
  if (members.length !== 4 && members.length !== 5) {
    throw asn1Error('a seal has 2, 4 or 5 members', element.start);
  }
  const [infoElement, certElement, algorithmElement, signedElement, stampElement] = members as [
    Asn1Element,
    Asn1Element,
    Asn1Element,
    Asn1Element,
    Asn1Element | undefined,
  ];
  const { info, headerVersion } = readSealInfo(infoElement, 4, notes);
  const version: SESVersion = stampElement !== undefined || headerVersion === 5 ? 5 : 4;
  if (headerVersion !== version) notes.add('version-unusual');
  return {
    version,
    info,
    cert: readOctets(certElement),
    signAlgID: readAlgorithm(algorithmElement, notes),
    signedValue: readBits(signedElement, notes),
    timeStamp: stampElement === undefined ? undefined : readTimeStamp(stampElement, notes),
    signedOctets: infoElement.raw,
    der: element.raw,
    notes: noted(info, readOctets(certElement), notes),
  };
}

/** `[0] BIT STRING` as the standard has it, implicit or explicit; some write `[1]` over an OCTET STRING. */
export function readTimeStamp(element: Asn1Element, notes: Notes): Uint8Array {
  const isTagged = (element.tag & 0xc0) === 0x80;
  if (element.isConstructed && isTagged) {
    const inner = element.children();
    const [only] = inner;
    if (only === undefined || inner.length !== 1) throw asn1Error('no time-stamp', element.start);
    if (element.tag !== 0xa0 || only.tag !== TAG.bitString) notes.add('timestamp-tagging');
    return only.tag === TAG.sequence ? only.raw : readBits(only, notes);
  }
  if (!isTagged) {
    notes.add('timestamp-tagging');
    return readBits(element, notes);
  }
  notes.add('timestamp-tagging');
  // IMPLICIT: the first octet counts unused bits, of which a token has none.
  if (element.content[0] !== 0) throw asn1Error('time-stamp is not octet-aligned', element.start);
  return element.content.subarray(1);
}

function readVersion1(element: Asn1Element, members: readonly Asn1Element[], notes: Notes): SESeal {
  const [infoElement, signInfo] = members as [Asn1Element, Asn1Element];
  const { info, headerVersion } = readSealInfo(infoElement, 1, notes);
  if (headerVersion !== 1) notes.add('version-unusual');
  const reader = signInfo.enter();
  const certElement = reader.read(TAG.octetString);
  const algorithmElement = reader.read();
  const signedValue = readBits(reader.read(), notes);
  reader.expectEnd();
  const cert = readOctets(certElement);
  return {
    version: 1,
    info,
    cert,
    signAlgID: readAlgorithm(algorithmElement, notes),
    signedValue,
    timeStamp: undefined,
    signedOctets: derSequence(infoElement.raw, certElement.raw, algorithmElement.raw),
    der: element.raw,
    notes: noted(info, cert, notes),
  };
}

/** Notes on what the values say rather than how they are encoded. */
function noted(info: SES_SealInfo, cert: Uint8Array, notes: Notes): SESeal['notes'] {
  const { width, height } = info.picture;
  if (width > LARGEST_MM || height > LARGEST_MM) notes.add('picture-size-in-pixels');
  try {
    if (parseCertificate(cert).publicKey.algorithm.oid === OID.sm2Curve) {
      notes.add('key-algorithm-sm2-curve');
    }
  } catch {
    // What it is, the check of the maker's signature says.
  }
  return notes.list();
}

function readSealInfo(
  element: Asn1Element,
  layout: 1 | 4,
  notes: Notes,
): { readonly info: SES_SealInfo; readonly headerVersion: number } {
  const reader = element.enter();
  const header = reader.enter();
  const id = readText(header.read());
  if (id !== 'ES') notes.add('header-id-unusual');
  const headerVersion = readInteger(header.read(TAG.integer));
  const vid = readText(header.read());
  header.expectEnd();
  const esID = readText(reader.read());
  const property = readProperty(reader.enter(), layout, notes);
  const picture = readPicture(reader.enter());
  const extDatas = readOptionalExtensions(reader, notes);
  reader.expectEnd();
  return { info: { vid, esID, property, picture, extDatas }, headerVersion };
}

/** Untagged as seen in the wild, `[0]` as some write it. */
export function readOptionalExtensions(
  reader: Asn1Reader,
  notes: Notes,
): ReturnType<typeof readExtensionDatas> {
  if (reader.isAtEnd) return [];
  const element = reader.read();
  if (element.tag === TAG.sequence) return readExtensionDatas(element.enter(), notes);
  if (element.tag !== 0xa0) throw asn1Error('unexpected element', element.start);
  const inner = element.enter();
  // EXPLICIT holds one SEQUENCE OF; IMPLICIT holds the extensions themselves.
  const first = element.children()[0];
  const isExplicit = first !== undefined && first.children()[0]?.tag !== TAG.oid;
  return readExtensionDatas(isExplicit ? inner.enter() : inner, notes);
}

function readProperty(reader: Asn1Reader, layout: 1 | 4, notes: Notes): SES_ESPropertyInfo {
  const type = readInteger(reader.read(TAG.integer));
  const nameElement = reader.read();
  if (nameElement.tag !== TAG.utf8String) notes.add('name-not-utf8-string');
  const name = readText(nameElement);
  const certListType = layout === 1 ? 1 : readInteger(reader.read(TAG.integer));
  const certList = readCertList(reader.read(), certListType, notes);
  const timeTag = layout === 1 ? TAG.utcTime : TAG.generalizedTime;
  const createDate = readInstant(reader.read(), timeTag, notes);
  const validStart = readInstant(reader.read(), timeTag, notes);
  const validEnd = readInstant(reader.read(), timeTag, notes);
  reader.expectEnd();
  return { type, name, certList, createDate, validStart, validEnd };
}

/** What the list holds decides; `certListType` that says otherwise is noted. */
function readCertList(element: Asn1Element, certListType: number, notes: Notes): SES_CertList {
  const items = element.children();
  if (items.length > MOST_CERTIFICATES) throw asn1Error('too many certificates', element.start);
  const areCertificates = items.every(({ tag }) => tag === TAG.octetString);
  if ((certListType === 1) !== areCertificates) notes.add('certificate-list-kind-mismatch');
  if (areCertificates) return { certListType: 1, certs: items.map(readOctets) };
  const certDigests = items.map((item) => {
    const digest = item.enter();
    const type = readText(digest.read());
    const value = readOctets(digest.read(TAG.octetString));
    digest.expectEnd();
    return { type, value };
  });
  return { certListType: 2, certDigests };
}

function readPicture(reader: Asn1Reader): SES_ESPictrueInfo {
  const type = readText(reader.read()).toUpperCase();
  const data = readOctets(reader.read(TAG.octetString));
  const width = readInteger(reader.read(TAG.integer));
  const height = readInteger(reader.read(TAG.integer));
  reader.expectEnd();
  return { type, data, width, height };
}

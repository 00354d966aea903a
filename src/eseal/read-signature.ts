/** Reads a `SES_Signature`: what a seal signs a document with, where the document carries no CMS. */
import {
  TAG,
  asn1Error,
  parseTimestampToken,
  readElement,
  readInteger,
  readOctets,
  readTime,
  type Asn1Element,
  type Asn1Reader,
} from '../pki/index.js';
import { readAlgorithm, readBits, readInstant, readText, type Notes } from './read-fields.js';
import { readOptionalExtensions, readSeal, readTimeStamp, tolerantly } from './read-seal.js';
import type { SES_Signature, SESVersion, TBS_Sign } from './types.js';

/** @throws AppError `eseal-malformed`, params `offset` */
export function parseSesSignature(der: Uint8Array): SES_Signature {
  return tolerantly(der, (element, notes) => readSignature(element, notes));
}

function readSignature(element: Asn1Element, notes: Notes): SES_Signature {
  const members = element.children();
  const [toSignElement] = members;
  if (toSignElement === undefined) throw asn1Error('an empty signature', element.start);
  return members.length === 2
    ? readVersion1(toSignElement, members, notes)
    : readVersion4(toSignElement, members, notes);
}

/** The certificate and the algorithm stand inside what is signed. */
function readVersion1(
  toSignElement: Asn1Element,
  members: readonly Asn1Element[],
  notes: Notes,
): SES_Signature {
  const reader = toSignElement.enter();
  const common = readCommon(reader, notes);
  const cert = readOctets(reader.read(TAG.octetString));
  const signatureAlgID = readAlgorithm(reader.read(), notes);
  reader.expectEnd();
  return {
    version: 1,
    toSign: { ...common, extDatas: [] },
    cert,
    signatureAlgID,
    signature: readBits(members[1] as Asn1Element, notes),
    timeStamp: undefined,
    signedOctets: toSignElement.raw,
    notes: notes.list(),
  };
}

function readVersion4(
  toSignElement: Asn1Element,
  members: readonly Asn1Element[],
  notes: Notes,
): SES_Signature {
  if (members.length !== 4 && members.length !== 5) {
    throw asn1Error('a signature has 2, 4 or 5 members', toSignElement.start);
  }
  const [, certElement, algorithmElement, valueElement, stampElement] = members as [
    Asn1Element,
    Asn1Element,
    Asn1Element,
    Asn1Element,
    Asn1Element | undefined,
  ];
  const reader = toSignElement.enter();
  const common = readCommon(reader, notes);
  const extDatas = readOptionalExtensions(reader, notes);
  reader.expectEnd();
  const version: SESVersion = common.eseal.version === 5 ? 5 : 4;
  return {
    version,
    toSign: { ...common, extDatas },
    cert: readOctets(certElement),
    signatureAlgID: readAlgorithm(algorithmElement, notes),
    signature: readBits(valueElement, notes),
    timeStamp: stampElement === undefined ? undefined : readTimeStamp(stampElement, notes),
    signedOctets: toSignElement.raw,
    notes: notes.list(),
  };
}

function readCommon(reader: Asn1Reader, notes: Notes): Omit<TBS_Sign, 'extDatas'> {
  const version = readInteger(reader.read(TAG.integer));
  const eseal = readSeal(reader.read(TAG.sequence), notes);
  const timeInfo = readSigningTime(reader.read(), notes);
  const dataHash = readBits(reader.read(), notes);
  const propertyInfo = readText(reader.read());
  return { version, eseal, timeInfo, dataHash, propertyInfo };
}

/** Version 1 keeps the time in a BIT STRING: as text, as an ASN.1 time, or as a whole time-stamp token. */
function readSigningTime(element: Asn1Element, notes: Notes): Date {
  const content = element.content.subarray(1);
  if (element.tag === TAG.bitString && content[0] === TAG.sequence) {
    return parseTimestampToken(content).tstInfo.generatedAt;
  }
  const isWrapped = content[0] === TAG.utcTime || content[0] === TAG.generalizedTime;
  if (element.tag === TAG.bitString && isWrapped) return readTime(readElement(content));
  return readInstant(element, TAG.generalizedTime, notes);
}

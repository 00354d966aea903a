/** Certificate revocation lists: parsed lazily, since a list may have 10^5 entries and one is asked for. */
import { equalBytes } from '../../kernel/index.js';
import {
  OID,
  parsedAs,
  readBitStringOctets,
  readBoolean,
  readElement,
  readInteger,
  readIntegerHex,
  readNamedBits,
  readTime,
  TAG,
  type Asn1Element,
} from '../asn1/index.js';
import {
  equalNames,
  readAlgorithmIdentifier,
  readDistributionPointName,
  readExtensionList,
  readGeneralNames,
  readName,
  type AlgorithmIdentifier,
  type DistinguishedName,
  type GeneralName,
} from '../x509/index.js';
import { revocationReason, type RevocationReason } from './reasons.js';

export interface IssuingDistributionPoint {
  /** Names of the point; `undefined` where it names none, empty where it is relative to the issuer. */
  readonly names: readonly GeneralName[] | undefined;
  /** RelativeDistinguishedName to add to the issuer's name; its tag is the context's. */
  readonly relativeName: Uint8Array | undefined;
  readonly onlyUserCertificates: boolean;
  readonly onlyCaCertificates: boolean;
  readonly onlyAttributeCertificates: boolean;
  /** Bits of ReasonFlags; `undefined`: all reasons. */
  readonly reasons: readonly number[] | undefined;
  readonly isIndirect: boolean;
}

export interface CrlEntry {
  readonly serialHex: string;
  readonly revokedAt: Date;
  readonly reason: RevocationReason;
  /** When the key is known or suspected to have been misused first. */
  readonly invalidityDate: Date | undefined;
  /** Issuer of the certificate where the CRL is indirect and names another one. */
  readonly certificateIssuer: DistinguishedName | undefined;
  /** Critical entry extensions that nothing here processes. */
  readonly unknownCritical: readonly string[];
}

/** A CertificateList. Byte fields alias the array that was parsed. */
export interface Crl {
  readonly der: Uint8Array;
  readonly tbsDer: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | undefined;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly hasConsistentAlgorithm: boolean;
  readonly signature: Uint8Array;
  readonly numberHex: string | undefined;
  /** Number of the base CRL that this delta CRL adds to; `undefined` for a complete CRL. */
  readonly baseNumberHex: string | undefined;
  readonly issuingDistributionPoint: IssuingDistributionPoint | undefined;
  /** The list keeps certificates that expired since this time. */
  readonly expiredCertificatesSince: Date | undefined;
  readonly unknownCritical: readonly string[];
  /**
   * The entry of a certificate. The first call indexes the list.
   * @param certificateIssuer - Asked for in indirect CRLs; the CRL's issuer unless given.
   * @throws AppError `revocation-malformed`
   */
  find(serialHex: string, certificateIssuer?: DistinguishedName): CrlEntry | undefined;
  /** All entries, in order. @throws AppError `revocation-malformed` */
  entries(): readonly CrlEntry[];
}

interface CrlFields extends Omit<Crl, 'find' | 'entries'> {
  readonly revoked: Asn1Element | undefined;
}

class ParsedCrl implements Crl {
  declare readonly der: Uint8Array;
  declare readonly tbsDer: Uint8Array;
  declare readonly issuer: DistinguishedName;
  declare readonly thisUpdate: Date;
  declare readonly nextUpdate: Date | undefined;
  declare readonly signatureAlgorithm: AlgorithmIdentifier;
  declare readonly hasConsistentAlgorithm: boolean;
  declare readonly signature: Uint8Array;
  declare readonly numberHex: string | undefined;
  declare readonly baseNumberHex: string | undefined;
  declare readonly issuingDistributionPoint: IssuingDistributionPoint | undefined;
  declare readonly expiredCertificatesSince: Date | undefined;
  declare readonly unknownCritical: readonly string[];
  readonly #revoked: Asn1Element | undefined;
  #bySerial: Map<string, Asn1Element> | undefined;
  #entries: readonly CrlEntry[] | undefined;

  constructor({ revoked, ...fields }: CrlFields) {
    Object.assign(this, fields);
    this.#revoked = revoked;
  }

  find(serialHex: string, certificateIssuer = this.issuer): CrlEntry | undefined {
    return parsedAs('revocation-malformed', () => {
      if (this.issuingDistributionPoint?.isIndirect === true) {
        return this.entries().find(
          (entry) =>
            entry.serialHex === serialHex &&
            equalNames(entry.certificateIssuer ?? this.issuer, certificateIssuer),
        );
      }
      if (!equalNames(this.issuer, certificateIssuer)) return undefined;
      this.#bySerial ??= indexBySerial(this.#revoked);
      const element = this.#bySerial.get(serialHex);
      return element === undefined ? undefined : readEntry(element, undefined);
    });
  }

  entries(): readonly CrlEntry[] {
    return parsedAs('revocation-malformed', () => {
      if (this.#entries !== undefined) return this.#entries;
      const entries: CrlEntry[] = [];
      // An entry without certificateIssuer belongs to the issuer named last (RFC 5280 5.3.3).
      let issuer: DistinguishedName | undefined;
      for (const element of this.#revoked?.children() ?? []) {
        const entry = readEntry(element, issuer);
        issuer = entry.certificateIssuer;
        entries.push(entry);
      }
      this.#entries = entries;
      return entries;
    });
  }
}

/**
 * Parses one CRL that fills `der`; entries are read when asked for.
 * @throws AppError `revocation-malformed`, params `offset`
 * @see RFC 5280 5.1
 */
export function parseCrl(der: Uint8Array): Crl {
  return parsedAs('revocation-malformed', () => readCrl(der));
}

function readCrl(der: Uint8Array): Crl {
  const outer = readElement(der, TAG.sequence, 'ber').enter();
  const tbs = outer.read(TAG.sequence);
  const signatureAlgorithm = readAlgorithmIdentifier(outer.read(TAG.sequence));
  const signature = readBitStringOctets(outer.read(TAG.bitString));
  outer.expectEnd();

  const reader = tbs.enter();
  reader.readOptional(TAG.integer);
  const innerAlgorithm = reader.read(TAG.sequence).raw;
  const issuer = readName(reader.read(TAG.sequence));
  const thisUpdate = readTime(reader.read());
  const hasNextUpdate = reader.peek() === TAG.utcTime || reader.peek() === TAG.generalizedTime;
  const nextUpdate = hasNextUpdate ? readTime(reader.read()) : undefined;
  const revoked = reader.readOptional(TAG.sequence);
  const extensionField = reader.readOptional(0xa0);
  reader.expectEnd();
  return new ParsedCrl({
    der,
    tbsDer: tbs.raw,
    issuer,
    thisUpdate,
    nextUpdate,
    signatureAlgorithm,
    hasConsistentAlgorithm: equalBytes(innerAlgorithm, signatureAlgorithm.der),
    signature,
    revoked,
    ...readCrlExtensions(extensionField?.enter().read(TAG.sequence)),
  });
}

type CrlExtensionFields = Pick<
  Crl,
  | 'numberHex'
  | 'baseNumberHex'
  | 'issuingDistributionPoint'
  | 'expiredCertificatesSince'
  | 'unknownCritical'
>;

function readCrlExtensions(list: Asn1Element | undefined): CrlExtensionFields {
  let numberHex: string | undefined;
  let baseNumberHex: string | undefined;
  let issuingDistributionPoint: IssuingDistributionPoint | undefined;
  let expiredCertificatesSince: Date | undefined;
  const unknownCritical: string[] = [];
  for (const { oid, isCritical, value } of list === undefined ? [] : readExtensionList(list)) {
    const read = (tag?: number): Asn1Element => readElement(value, tag, 'ber');
    if (oid === OID.crlNumber) numberHex = readIntegerHex(read(TAG.integer));
    else if (oid === OID.deltaCrlIndicator) baseNumberHex = readIntegerHex(read(TAG.integer));
    else if (oid === OID.issuingDistributionPoint) {
      issuingDistributionPoint = readIssuingDistributionPoint(read(TAG.sequence));
    } else if (oid === OID.expiredCertsOnCrl) {
      expiredCertificatesSince = readTime(read(TAG.generalizedTime));
    } else if (isCritical && oid !== OID.authorityKeyIdentifier) unknownCritical.push(oid);
  }
  return {
    numberHex,
    baseNumberHex,
    issuingDistributionPoint,
    expiredCertificatesSince,
    unknownCritical,
  };
}

/** @see RFC 5280 5.2.5 */
function readIssuingDistributionPoint(element: Asn1Element): IssuingDistributionPoint {
  const reader = element.enter();
  const name = reader.readOptional(0xa0);
  const flag = (tag: number): boolean => {
    const field = reader.readOptional(tag);
    return field !== undefined && readBoolean(field);
  };
  const onlyUserCertificates = flag(0x81);
  const onlyCaCertificates = flag(0x82);
  const reasons = reader.readOptional(0x83);
  const isIndirect = flag(0x84);
  const onlyAttributeCertificates = flag(0x85);
  reader.expectEnd();
  const point = name === undefined ? undefined : readDistributionPointName(name);
  return {
    names: point?.fullName,
    relativeName: point?.relativeName,
    onlyUserCertificates,
    onlyCaCertificates,
    onlyAttributeCertificates,
    reasons: reasons === undefined ? undefined : readNamedBits(reasons),
    isIndirect,
  };
}

function indexBySerial(revoked: Asn1Element | undefined): Map<string, Asn1Element> {
  const index = new Map<string, Asn1Element>();
  if (revoked === undefined) return index;
  const reader = revoked.enter();
  while (!reader.isAtEnd) {
    const element = reader.read(TAG.sequence);
    index.set(readIntegerHex(element.enter().read(TAG.integer)), element);
  }
  return index;
}

function readEntry(element: Asn1Element, previousIssuer: DistinguishedName | undefined): CrlEntry {
  const reader = element.enter();
  const serialHex = readIntegerHex(reader.read(TAG.integer));
  const revokedAt = readTime(reader.read());
  const extensionList = reader.readOptional(TAG.sequence);
  reader.expectEnd();
  let reason: RevocationReason = 'unspecified';
  let invalidityDate: Date | undefined;
  let certificateIssuer = previousIssuer;
  const unknownCritical: string[] = [];
  for (const { oid, isCritical, value } of extensionList === undefined
    ? []
    : readExtensionList(extensionList)) {
    const read = (tag?: number): Asn1Element => readElement(value, tag, 'ber');
    if (oid === OID.reasonCode) reason = revocationReason(readInteger(read(TAG.enumerated)));
    else if (oid === OID.invalidityDate) invalidityDate = readTime(read());
    else if (oid === OID.certificateIssuer) {
      for (const name of readGeneralNames(read(TAG.sequence))) {
        if (name.kind === 'directory') certificateIssuer = name.name;
      }
    } else if (isCritical) unknownCritical.push(oid);
  }
  return { serialHex, revokedAt, reason, invalidityDate, certificateIssuer, unknownCritical };
}

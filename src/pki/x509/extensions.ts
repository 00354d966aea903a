/** Certificate extensions of RFC 5280 4.2, decoded. An extension that cannot be decoded is reported, not thrown. */
import { isAppError, toHex } from '../../kernel/index.js';
import {
  OID,
  readBoolean,
  readElement,
  readInteger,
  readIntegerHex,
  readNamedBits,
  readOctets,
  readOid,
  TAG,
  type Asn1Element,
} from '../asn1/index.js';
import { readGeneralName, readGeneralNames, type GeneralName } from './name.js';

export interface Extension {
  readonly oid: string;
  readonly isCritical: boolean;
  /** Content of `extnValue`. */
  readonly value: Uint8Array;
}

export const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

export type KeyUsage = (typeof KEY_USAGES)[number];

export interface BasicConstraints {
  readonly isCa: boolean;
  readonly pathLength: number | undefined;
}

export interface DistributionPoint {
  /** Names of the full name; empty where the point is relative to the issuer or unnamed. */
  readonly fullName: readonly GeneralName[];
  /** RelativeDistinguishedName to add to the CRL issuer's name; its tag is the context's. */
  readonly relativeName: Uint8Array | undefined;
  /** Bits of ReasonFlags; `undefined`: all reasons. */
  readonly reasons: readonly number[] | undefined;
  readonly crlIssuer: readonly GeneralName[];
}

export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
}

export interface PolicyConstraints {
  readonly requireExplicitPolicy: number | undefined;
  readonly inhibitPolicyMapping: number | undefined;
}

export interface AuthorityKeyIdentifier {
  readonly keyIdHex: string | undefined;
  readonly issuer: readonly GeneralName[];
  readonly serialHex: string | undefined;
}

export interface PolicyMapping {
  readonly issuerDomainPolicy: string;
  readonly subjectDomainPolicy: string;
}

/** What the decoder understood. Absent extensions are `undefined` or empty lists. */
export interface CertificateExtensions {
  readonly all: readonly Extension[];
  readonly basicConstraints: BasicConstraints | undefined;
  readonly keyUsage: ReadonlySet<KeyUsage> | undefined;
  readonly extendedKeyUsage: readonly string[] | undefined;
  readonly subjectKeyIdHex: string | undefined;
  readonly authorityKeyId: AuthorityKeyIdentifier | undefined;
  readonly subjectAltNames: readonly GeneralName[];
  readonly crlDistributionPoints: readonly DistributionPoint[];
  readonly ocspUrls: readonly string[];
  readonly caIssuersUrls: readonly string[];
  /** Policy identifiers; `undefined` where the extension is absent. */
  readonly policies: readonly string[] | undefined;
  readonly policyMappings: readonly PolicyMapping[];
  readonly policyConstraints: PolicyConstraints | undefined;
  readonly inhibitAnyPolicy: number | undefined;
  readonly nameConstraints: NameConstraints | undefined;
  readonly hasOcspNoCheck: boolean;
  /** Critical extensions that nothing here processes: a path with one is refused. */
  readonly unknownCritical: readonly string[];
  /** Known extensions whose value is not what it should be, and ones that occur twice. */
  readonly malformed: readonly string[];
}

type Draft = { -readonly [K in keyof CertificateExtensions]: CertificateExtensions[K] };

const DECODERS: ReadonlyMap<string, (draft: Draft, value: Asn1Element) => void> = new Map<
  string,
  (draft: Draft, value: Asn1Element) => void
>([
  [OID.basicConstraints, (draft, value) => (draft.basicConstraints = readBasicConstraints(value))],
  [OID.keyUsage, (draft, value) => (draft.keyUsage = readKeyUsage(value))],
  [
    OID.extendedKeyUsage,
    (draft, value) => (draft.extendedKeyUsage = value.children().map(readOid)),
  ],
  [OID.subjectKeyIdentifier, (draft, value) => (draft.subjectKeyIdHex = toHex(readOctets(value)))],
  [
    OID.authorityKeyIdentifier,
    (draft, value) => (draft.authorityKeyId = readAuthorityKeyIdentifier(value)),
  ],
  [OID.subjectAltName, (draft, value) => (draft.subjectAltNames = readGeneralNames(value))],
  [
    OID.crlDistributionPoints,
    (draft, value) => (draft.crlDistributionPoints = value.children().map(readDistributionPoint)),
  ],
  [OID.authorityInfoAccess, readAuthorityAccess],
  [
    OID.certificatePolicies,
    (draft, value) =>
      (draft.policies = value.children().map((policy) => readOid(policy.enter().read(TAG.oid)))),
  ],
  [
    OID.policyMappings,
    (draft, value) => (draft.policyMappings = value.children().map(readMapping)),
  ],
  [
    OID.policyConstraints,
    (draft, value) => (draft.policyConstraints = readPolicyConstraints(value)),
  ],
  [OID.inhibitAnyPolicy, (draft, value) => (draft.inhibitAnyPolicy = readInteger(value))],
  [OID.nameConstraints, (draft, value) => (draft.nameConstraints = readNameConstraints(value))],
  [OID.ocspNoCheck, (draft) => (draft.hasOcspNoCheck = true)],
]);

/** Extensions that may be critical without harm: they add statements, they limit nothing. */
const HARMLESS_CRITICAL: ReadonlySet<string> = new Set([OID.qcStatements, OID.issuerAltName]);

/**
 * Reads Extensions.
 * @throws AppError `asn1-malformed` where the list itself is broken
 */
export function readExtensions(list: Asn1Element | undefined): CertificateExtensions {
  const all = list === undefined ? [] : readExtensionList(list);
  const malformed: string[] = [];
  const unknownCritical: string[] = [];
  const draft: Draft = { ...NO_EXTENSIONS, all, malformed, unknownCritical };
  const seen = new Set<string>();
  for (const { oid, isCritical, value } of all) {
    if (seen.has(oid)) malformed.push(oid);
    seen.add(oid);
    const decode = DECODERS.get(oid);
    if (decode === undefined) {
      if (isCritical && !HARMLESS_CRITICAL.has(oid)) unknownCritical.push(oid);
      continue;
    }
    try {
      decode(draft, readElement(value, undefined, 'ber'));
    } catch (error) {
      if (!isAppError(error, 'asn1-malformed')) throw error;
      malformed.push(oid);
    }
  }
  return draft;
}

const NO_EXTENSIONS: CertificateExtensions = {
  all: [],
  basicConstraints: undefined,
  keyUsage: undefined,
  extendedKeyUsage: undefined,
  subjectKeyIdHex: undefined,
  authorityKeyId: undefined,
  subjectAltNames: [],
  crlDistributionPoints: [],
  ocspUrls: [],
  caIssuersUrls: [],
  policies: undefined,
  policyMappings: [],
  policyConstraints: undefined,
  inhibitAnyPolicy: undefined,
  nameConstraints: undefined,
  hasOcspNoCheck: false,
  unknownCritical: [],
  malformed: [],
};

/** The members of an Extensions SEQUENCE; also of CRLs, CRL entries, OCSP and time-stamps. */
export function readExtensionList(list: Asn1Element): Extension[] {
  return list.children().map((element) => {
    const reader = element.enter();
    const oid = readOid(reader.read(TAG.oid));
    const critical = reader.readOptional(TAG.boolean);
    const value = reader.read(TAG.octetString).content;
    reader.expectEnd();
    return { oid, isCritical: critical !== undefined && readBoolean(critical), value };
  });
}

function readBasicConstraints(value: Asn1Element): BasicConstraints {
  const reader = value.enter();
  const ca = reader.readOptional(TAG.boolean);
  const pathLength = reader.readOptional(TAG.integer);
  reader.expectEnd();
  return {
    isCa: ca !== undefined && readBoolean(ca),
    pathLength: pathLength === undefined ? undefined : readInteger(pathLength),
  };
}

function readKeyUsage(value: Asn1Element): ReadonlySet<KeyUsage> {
  const usages = new Set<KeyUsage>();
  for (const bit of readNamedBits(value)) {
    const usage = KEY_USAGES[bit];
    if (usage !== undefined) usages.add(usage);
  }
  return usages;
}

function readAuthorityKeyIdentifier(value: Asn1Element): AuthorityKeyIdentifier {
  const reader = value.enter();
  const keyId = reader.readOptional(0x80);
  const issuer = reader.readOptional(0xa1);
  const serial = reader.readOptional(0x82);
  reader.expectEnd();
  return {
    keyIdHex: keyId === undefined ? undefined : toHex(keyId.content),
    issuer: issuer === undefined ? [] : readGeneralNames(issuer),
    serialHex: serial === undefined ? undefined : readIntegerHex(serial),
  };
}

/** @see RFC 5280 4.2.1.13; also the member of an IssuingDistributionPoint */
export function readDistributionPointName(
  element: Asn1Element,
): Pick<DistributionPoint, 'fullName' | 'relativeName'> {
  const choice = element.enter().read();
  return choice.tag === 0xa0
    ? { fullName: readGeneralNames(choice), relativeName: undefined }
    : { fullName: [], relativeName: choice.raw };
}

function readDistributionPoint(element: Asn1Element): DistributionPoint {
  const reader = element.enter();
  const name = reader.readOptional(0xa0);
  const reasons = reader.readOptional(0x81);
  const crlIssuer = reader.readOptional(0xa2);
  reader.expectEnd();
  return {
    ...(name === undefined
      ? { fullName: [], relativeName: undefined }
      : readDistributionPointName(name)),
    reasons: reasons === undefined ? undefined : readNamedBits(reasons),
    crlIssuer: crlIssuer === undefined ? [] : readGeneralNames(crlIssuer),
  };
}

function readAuthorityAccess(draft: Draft, value: Asn1Element): void {
  const ocspUrls: string[] = [];
  const caIssuersUrls: string[] = [];
  for (const description of value.children()) {
    const reader = description.enter();
    const method = readOid(reader.read(TAG.oid));
    const location = readGeneralName(reader.read());
    reader.expectEnd();
    if (location.kind !== 'uri') continue;
    if (method === OID.ocsp) ocspUrls.push(location.value);
    if (method === OID.caIssuers) caIssuersUrls.push(location.value);
  }
  draft.ocspUrls = ocspUrls;
  draft.caIssuersUrls = caIssuersUrls;
}

function readMapping(element: Asn1Element): PolicyMapping {
  const reader = element.enter();
  const issuerDomainPolicy = readOid(reader.read(TAG.oid));
  const subjectDomainPolicy = readOid(reader.read(TAG.oid));
  reader.expectEnd();
  return { issuerDomainPolicy, subjectDomainPolicy };
}

function readPolicyConstraints(value: Asn1Element): PolicyConstraints {
  const reader = value.enter();
  const explicit = reader.readOptional(0x80);
  const mapping = reader.readOptional(0x81);
  reader.expectEnd();
  return {
    requireExplicitPolicy: explicit === undefined ? undefined : readInteger(explicit),
    inhibitPolicyMapping: mapping === undefined ? undefined : readInteger(mapping),
  };
}

function readNameConstraints(value: Asn1Element): NameConstraints {
  const reader = value.enter();
  const permitted = reader.readOptional(0xa0);
  const excluded = reader.readOptional(0xa1);
  reader.expectEnd();
  return { permitted: readSubtrees(permitted), excluded: readSubtrees(excluded) };
}

/** RFC 5280 fixes minimum at 0 and maximum absent, so only the base counts. */
function readSubtrees(element: Asn1Element | undefined): GeneralName[] {
  if (element === undefined) return [];
  return element.children().map((subtree) => readGeneralName(subtree.enter().read()));
}

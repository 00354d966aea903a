/** `/Cert` of a seed value: which certificates the maker of a form accepts. @see ISO 32000-2:2020, table 238 */
import { bytesToLatin1, equalBytes } from '../kernel/index.js';
import {
  PdfDict,
  PdfString,
  decodeText,
  isInteger,
  type PdfDocument,
  type PdfValue,
} from '../pdf/index.js';
import { parseCertificate, type Certificate } from '../pki/index.js';
import type { SignerCertificates } from './signature.js';

/** Refuses the signature, naming the entry and what it would have accepted. */
export type SeedRefusal = (entry: string, allowed: readonly string[]) => never;

/** Bits of `/Ff`. */
const REQUIRED = { Subject: 1, Issuer: 2, OID: 4, SubjectDN: 8, KeyUsage: 32, URL: 64 } as const;
type Entry = keyof typeof REQUIRED;
const KNOWN_BITS = 1 | 2 | 4 | 8 | 32 | 64;

/** Positions in a `/KeyUsage` string. */
const USAGES = [
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

/** Attribute names that `/SubjectDN` may have, as RFC 4514 and its predecessors abbreviate them. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  CN: '2.5.4.3',
  SN: '2.5.4.4',
  SERIALNUMBER: '2.5.4.5',
  C: '2.5.4.6',
  L: '2.5.4.7',
  ST: '2.5.4.8',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  E: '1.2.840.113549.1.9.1',
  EMAIL: '1.2.840.113549.1.9.1',
};

/** @throws AppError `pdf-signing-not-permitted` through `refuse` */
export function assertCertificateSeed(
  document: PdfDocument,
  seed: PdfDict,
  certificates: SignerCertificates,
  refuse: SeedRefusal,
): void {
  const flags = document.resolve(seed.get('Ff'));
  const bits = isInteger(flags) ? flags : 0;
  if ((bits & ~KNOWN_BITS) !== 0) refuse('Cert.Ff', [String(bits)]);
  const own = parseCertificate(certificates.certificateDer);
  const items = (key: string): readonly PdfValue[] =>
    (document.resolveArray(seed.get(key))?.items ?? []).map((item) => document.resolve(item));
  const path = [certificates.certificateDer, ...certificates.chainDer];
  const isMet: Readonly<Record<Entry, () => boolean>> = {
    Subject: () => items('Subject').some(isDer(certificates.certificateDer)),
    Issuer: () => items('Issuer').some((each) => isIssuer(each, own, path)),
    OID: () => hasPolicies(own, items('OID')),
    SubjectDN: () => items('SubjectDN').some((each) => hasSubject(document, own, each)),
    KeyUsage: () => items('KeyUsage').some((each) => hasUsage(own, each)),
    // Says where a certificate can be had, which asks nothing of one that is here.
    URL: () => true,
  };
  for (const entry of Object.keys(REQUIRED) as Entry[]) {
    const isRequired = (bits & REQUIRED[entry]) !== 0 && seed.has(entry);
    if (isRequired && !isMet[entry]()) refuse(`Cert.${entry}`, items(entry).flatMap(shown));
  }
}

/** What a person can read of an accepted value. */
function shown(value: PdfValue): readonly string[] {
  const certificate = certificateIn(value);
  if (certificate !== undefined) return [certificate.subject.text];
  return latin1(value).filter((text) => /^[\x20-\x7e]*$/.test(text));
}

const latin1 = (value: PdfValue): readonly string[] =>
  value instanceof PdfString ? [bytesToLatin1(value.bytes)] : [];

const isDer =
  (der: Uint8Array) =>
  (value: PdfValue): boolean =>
    value instanceof PdfString && equalBytes(value.bytes, der);

function certificateIn(value: PdfValue): Certificate | undefined {
  if (!(value instanceof PdfString)) return undefined;
  try {
    return parseCertificate(value.bytes);
  } catch {
    return undefined;
  }
}

/** On the signer's path, or named by its certificate as the issuer. */
function isIssuer(value: PdfValue, own: Certificate, path: readonly Uint8Array[]): boolean {
  if (path.some((der) => isDer(der)(value))) return true;
  const issuer = certificateIn(value);
  return issuer !== undefined && equalBytes(issuer.subject.der, own.issuer.der);
}

function hasPolicies({ extensions }: Certificate, wanted: readonly PdfValue[]): boolean {
  const present = extensions.policies ?? [];
  return wanted.flatMap(latin1).every((oid) => present.includes(oid));
}

/** Every attribute that the dictionary names has the value it names. */
function hasSubject(document: PdfDocument, { subject }: Certificate, value: PdfValue): boolean {
  if (!(value instanceof PdfDict)) return false;
  const present = subject.rdns.flat();
  return [...value.entries()].every(([key, item]) => {
    const wanted = document.resolve(item);
    const oid = ATTRIBUTES[key.toUpperCase()] ?? key;
    return (
      wanted instanceof PdfString &&
      present.some((each) => each.oid === oid && each.value === decodeText(wanted))
    );
  });
}

/** `1`: set, `0`: not set, anything else: either. */
function hasUsage({ extensions }: Certificate, value: PdfValue): boolean {
  const [text] = latin1(value);
  if (text === undefined) return false;
  return USAGES.every((usage, i) => {
    const isSet = extensions.keyUsage?.has(usage) ?? false;
    if (text[i] === '1') return isSet;
    return text[i] !== '0' || !isSet;
  });
}

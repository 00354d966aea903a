/** Builds certificates, for development PKIs and tests; real ones come from authorities. */
import { digestBytes, fromHex, AppError } from '../../kernel/index.js';
import {
  derBitString,
  derBoolean,
  derContext,
  derElement,
  derIa5,
  derInteger,
  derIntegerHex,
  derNamedBits,
  derOctets,
  derOid,
  derSequence,
  derTime,
  OID,
  readElement,
  TAG,
} from '../asn1/index.js';
import {
  readSubjectPublicKey,
  signatureAlgorithmDer,
  type SignatureScheme,
  type SignFunction,
} from './algorithms.js';
import { KEY_USAGES, type KeyUsage } from './extensions.js';
import { derGeneralName, type GeneralName } from './name.js';

export interface CertificateInput {
  /** Positive, at most 20 octets by RFC 5280. */
  readonly serialHex: string;
  readonly issuerNameDer: Uint8Array;
  readonly subjectNameDer: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly subjectPublicKeyDer: Uint8Array;
  /** Encoded Extensions, from the functions below. */
  readonly extensions: readonly Uint8Array[];
  /** Of the issuer's key. */
  readonly scheme: SignatureScheme;
  readonly sign: SignFunction;
}

/** @throws AppError `algorithm-unsupported`, and whatever `sign` throws */
export async function buildCertificate(input: CertificateInput): Promise<Uint8Array> {
  const algorithm = signatureAlgorithmDer(input.scheme);
  const tbs = derSequence(
    derContext(0, derInteger(2)),
    derIntegerHex(input.serialHex),
    algorithm,
    input.issuerNameDer,
    derSequence(derTime(input.notBefore), derTime(input.notAfter)),
    input.subjectNameDer,
    input.subjectPublicKeyDer,
    input.extensions.length === 0 ? undefined : derContext(3, derSequence(...input.extensions)),
  );
  return signStructure(tbs, input.scheme, input.sign);
}

/** SEQUENCE { tbs, algorithm, signature }: the frame of certificates and CRLs. */
export async function signStructure(
  tbs: Uint8Array,
  scheme: SignatureScheme,
  sign: SignFunction,
): Promise<Uint8Array> {
  const signature = await sign(tbs, scheme);
  return derSequence(tbs, signatureAlgorithmDer(scheme), derBitString(signature));
}

/** One Extension around the encoding of its value. */
export function buildExtension(oid: string, value: Uint8Array, isCritical = false): Uint8Array {
  return derSequence(derOid(oid), isCritical ? derBoolean(true) : undefined, derOctets(value));
}

export function basicConstraintsExtension(isCa: boolean, pathLength?: number): Uint8Array {
  const value = derSequence(
    isCa ? derBoolean(true) : undefined,
    pathLength === undefined ? undefined : derInteger(pathLength),
  );
  return buildExtension(OID.basicConstraints, value, true);
}

export function keyUsageExtension(...usages: readonly KeyUsage[]): Uint8Array {
  const bits = usages.map((usage) => KEY_USAGES.indexOf(usage));
  return buildExtension(OID.keyUsage, derNamedBits(bits), true);
}

export function extendedKeyUsageExtension(
  purposes: readonly string[],
  isCritical = false,
): Uint8Array {
  return buildExtension(OID.extendedKeyUsage, derSequence(...purposes.map(derOid)), isCritical);
}

/** Key identifier by RFC 5280 4.2.1.2 method 1: SHA-1 of the key's octets. */
export function keyIdentifier(subjectPublicKeyDer: Uint8Array): Uint8Array {
  return digestBytes(
    'sha1',
    readSubjectPublicKey(readElement(subjectPublicKeyDer, TAG.sequence)).keyOctets,
  );
}

export function subjectKeyIdExtension(subjectPublicKeyDer: Uint8Array): Uint8Array {
  return buildExtension(OID.subjectKeyIdentifier, derOctets(keyIdentifier(subjectPublicKeyDer)));
}

/** @param keyIdHex - The issuer's subject key identifier. */
export function authorityKeyIdExtension(keyIdHex: string): Uint8Array {
  const keyId = fromHex(keyIdHex);
  if (keyId === undefined) throw new AppError('input-invalid', 'key identifier is not hex');
  return buildExtension(OID.authorityKeyIdentifier, derSequence(derOctets(keyId, 0x80)));
}

export function crlDistributionPointsExtension(urls: readonly string[]): Uint8Array {
  const points = urls.map((url) => derSequence(derContext(0, derContext(0, derIa5(url, 0x86)))));
  return buildExtension(OID.crlDistributionPoints, derSequence(...points));
}

export function authorityInfoAccessExtension(locations: {
  readonly ocsp?: readonly string[];
  readonly caIssuers?: readonly string[];
}): Uint8Array {
  const describe = (method: string, urls: readonly string[] = []): Uint8Array[] =>
    urls.map((url) => derSequence(derOid(method), derIa5(url, 0x86)));
  return buildExtension(
    OID.authorityInfoAccess,
    derSequence(
      ...describe(OID.ocsp, locations.ocsp),
      ...describe(OID.caIssuers, locations.caIssuers),
    ),
  );
}

export function certificatePoliciesExtension(policies: readonly string[]): Uint8Array {
  return buildExtension(
    OID.certificatePolicies,
    derSequence(...policies.map((policy) => derSequence(derOid(policy)))),
  );
}

export function subjectAltNameExtension(names: readonly GeneralName[]): Uint8Array {
  return buildExtension(OID.subjectAltName, derSequence(...names.map(derGeneralName)));
}

export function nameConstraintsExtension(constraints: {
  readonly permitted?: readonly GeneralName[];
  readonly excluded?: readonly GeneralName[];
}): Uint8Array {
  const subtrees = (tag: number, names: readonly GeneralName[] = []): Uint8Array | undefined =>
    names.length === 0
      ? undefined
      : derElement(tag, ...names.map((name) => derSequence(derGeneralName(name))));
  return buildExtension(
    OID.nameConstraints,
    derSequence(subtrees(0xa0, constraints.permitted), subtrees(0xa1, constraints.excluded)),
    true,
  );
}

/** For an OCSP responder's certificate: its own status need not be asked for. */
export function ocspNoCheckExtension(): Uint8Array {
  return buildExtension(OID.ocspNoCheck, Uint8Array.of(TAG.null, 0));
}

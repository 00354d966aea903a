/** AlgorithmIdentifiers: what they mean, and how ours are written. */
import { AppError, equalBytes, type DigestAlgorithm } from '../../kernel/index.js';
import {
  asn1Error,
  Asn1Reader,
  derContext,
  derInteger,
  derNull,
  derOid,
  derSequence,
  OID,
  readElement,
  readInteger,
  readOid,
  TAG,
  type Asn1Element,
} from '../asn1/index.js';

/** What a public key is. Same shape as the token port's `KeyAlgorithm`. */
export type PublicKeyAlgorithm =
  | { readonly kind: 'rsa'; readonly bits: number; readonly isExponentSound?: boolean }
  | { readonly kind: 'ec'; readonly curve: 'P-256' | 'P-384' | 'P-521' }
  | { readonly kind: 'ed25519' }
  | { readonly kind: 'sm2' };

/** How octets are signed. Same shape as the token port's `SignatureScheme`. */
export interface SignatureScheme {
  readonly padding: 'pkcs1-v1_5' | 'pss' | 'ecdsa' | 'eddsa' | 'sm2';
  readonly digest: 'sha256' | 'sha384' | 'sha512' | 'sm3';
}

/** Signs `message` (not its digest) by `scheme`; what a token's `sign` does. ECDSA and SM2 values are DER. */
export type SignFunction = (
  message: Uint8Array,
  scheme: SignatureScheme,
) => Promise<Uint8Array> | Uint8Array;

export interface AlgorithmIdentifier {
  readonly oid: string;
  /** Encoded parameters; `undefined` where absent. */
  readonly parameters: Uint8Array | undefined;
  readonly der: Uint8Array;
}

/** A signature algorithm understood down to what the mathematics needs. */
export interface SignatureMethod {
  readonly padding: SignatureScheme['padding'] | 'plain-ecdsa';
  /** For EdDSA the digest is inside the scheme; the one named here has no effect. */
  readonly digest: DigestAlgorithm;
  /** PSS: salt length in octets. */
  readonly saltLength?: number;
}

/** @throws AppError `asn1-malformed`, also for parameters that the algorithm does not take */
export function readAlgorithmIdentifier(element: Asn1Element): AlgorithmIdentifier {
  const algorithm = readAnyAlgorithm(element);
  if (!hasUsualParameters(algorithm)) {
    throw asn1Error(`parameters that ${algorithm.oid} does not take`, element.start);
  }
  return algorithm;
}

/** The same with any parameters. @param tag - Of its own, where it is implicit. @throws AppError `asn1-malformed` */
export function readAnyAlgorithm(
  element: Asn1Element,
  tag: number = TAG.sequence,
): AlgorithmIdentifier {
  if (element.tag !== tag) throw asn1Error('algorithm is no SEQUENCE', element.start);
  const reader = element.enter();
  const oid = readOid(reader.read(TAG.oid));
  const parameters = reader.isAtEnd ? undefined : reader.read();
  reader.expectEnd();
  return { oid, parameters: parameters?.raw, der: element.raw };
}

/** Whether the parameters are ones that the algorithm takes; of what is not known here, any are. */
export function hasUsualParameters({ oid, parameters }: AlgorithmIdentifier): boolean {
  return parameters === undefined || mayHaveParameters(oid) || isNull(parameters);
}

/** Whether two identifiers say the same; absent parameters and NULL do. */
export function sameAlgorithm(a: AlgorithmIdentifier, b: AlgorithmIdentifier): boolean {
  const [ofA, ofB] = [a, b].map(({ parameters }) =>
    parameters === undefined || isNull(parameters) ? new Uint8Array() : parameters,
  ) as [Uint8Array, Uint8Array];
  return a.oid === b.oid && equalBytes(ofA, ofB);
}

/** Of what we know, only these take parameters other than NULL; of what we do not, anything may. */
const PARAMETRISED: ReadonlySet<string> = new Set([
  OID.rsassaPss,
  OID.mgf1,
  OID.ecPublicKey,
  OID.sm2Curve,
  // BSI TR-03111 names the curve beside the digest.
  OID.plainEcdsaWithSha256,
  OID.plainEcdsaWithSha384,
  OID.plainEcdsaWithSha512,
]);

function mayHaveParameters(oid: string): boolean {
  return (
    PARAMETRISED.has(oid) || !(METHODS.has(oid) || DIGESTS.has(oid) || oid === OID.rsaEncryption)
  );
}

function isNull(parameters: Uint8Array): boolean {
  return parameters.length === 2 && parameters[0] === TAG.null && parameters[1] === 0;
}

const DIGESTS: ReadonlyMap<string, DigestAlgorithm> = new Map([
  [OID.md5, 'md5'],
  [OID.sha1, 'sha1'],
  [OID.sha256, 'sha256'],
  [OID.sha384, 'sha384'],
  [OID.sha512, 'sha512'],
  [OID.sm3, 'sm3'],
]);

/** The digest an object identifier names, if it is one of ours. */
export function digestOfOid(oid: string): DigestAlgorithm | undefined {
  return DIGESTS.get(oid);
}

export function oidOfDigest(digest: DigestAlgorithm): string {
  return OID[digest];
}

export const DIGEST_LENGTH: Readonly<Record<DigestAlgorithm, number>> = {
  md5: 16,
  sha1: 20,
  sha256: 32,
  sha384: 48,
  sha512: 64,
  sm3: 32,
};

const METHODS: ReadonlyMap<string, SignatureMethod> = new Map<string, SignatureMethod>([
  [OID.md5WithRsa, { padding: 'pkcs1-v1_5', digest: 'md5' }],
  [OID.sha1WithRsa, { padding: 'pkcs1-v1_5', digest: 'sha1' }],
  [OID.sha256WithRsa, { padding: 'pkcs1-v1_5', digest: 'sha256' }],
  [OID.sha384WithRsa, { padding: 'pkcs1-v1_5', digest: 'sha384' }],
  [OID.sha512WithRsa, { padding: 'pkcs1-v1_5', digest: 'sha512' }],
  [OID.ecdsaWithSha1, { padding: 'ecdsa', digest: 'sha1' }],
  [OID.ecdsaWithSha256, { padding: 'ecdsa', digest: 'sha256' }],
  [OID.ecdsaWithSha384, { padding: 'ecdsa', digest: 'sha384' }],
  [OID.ecdsaWithSha512, { padding: 'ecdsa', digest: 'sha512' }],
  [OID.plainEcdsaWithSha256, { padding: 'plain-ecdsa', digest: 'sha256' }],
  [OID.plainEcdsaWithSha384, { padding: 'plain-ecdsa', digest: 'sha384' }],
  [OID.plainEcdsaWithSha512, { padding: 'plain-ecdsa', digest: 'sha512' }],
  [OID.ed25519, { padding: 'eddsa', digest: 'sha512' }],
  [OID.sm2WithSm3, { padding: 'sm2', digest: 'sm3' }],
  [OID.sm2Sign, { padding: 'sm2', digest: 'sm3' }],
]);

/**
 * What a signature algorithm identifier means.
 *
 * @param digest - Digest named beside it, for CMS, where the signature algorithm may be a bare key
 *   algorithm (`rsaEncryption`, `id-ecPublicKey`).
 * @returns `undefined` for what we do not compute: unknown identifiers, and PSS with a mask
 *   generation digest other than the message digest or an odd trailer
 */
export function signatureMethod(
  algorithm: AlgorithmIdentifier,
  digest?: DigestAlgorithm,
): SignatureMethod | undefined {
  if (algorithm.oid === OID.rsassaPss) return pssMethod(algorithm.parameters);
  const method = METHODS.get(algorithm.oid);
  if (method !== undefined || digest === undefined) return method;
  if (algorithm.oid === OID.rsaEncryption) return { padding: 'pkcs1-v1_5', digest };
  if (algorithm.oid === OID.ecPublicKey) return { padding: 'ecdsa', digest };
  if (algorithm.oid === OID.sm2Curve) return { padding: 'sm2', digest: 'sm3' };
  return undefined;
}

/** @see RFC 4055 3.1: every field has a SHA-1 default */
function pssMethod(parameters: Uint8Array | undefined): SignatureMethod | undefined {
  if (parameters === undefined) return undefined;
  const reader = readElement(parameters, TAG.sequence).enter();
  let digest: DigestAlgorithm | undefined = 'sha1';
  let maskDigest: DigestAlgorithm | undefined = 'sha1';
  let saltLength = 20;
  let trailer = 1;
  while (!reader.isAtEnd) {
    const field = reader.read();
    const inner = field.enter();
    const value = inner.read();
    inner.expectEnd();
    if (field.tag === 0xa0) {
      digest = digestOfOid(readAlgorithmIdentifier(value).oid);
    } else if (field.tag === 0xa1) {
      const mask = readAlgorithmIdentifier(value);
      if (mask.oid !== OID.mgf1 || mask.parameters === undefined) return undefined;
      const maskHash = readAlgorithmIdentifier(readElement(mask.parameters, TAG.sequence));
      maskDigest = digestOfOid(maskHash.oid);
    } else if (field.tag === 0xa2) {
      saltLength = readInteger(value);
    } else if (field.tag === 0xa3) {
      trailer = readInteger(value);
    } else {
      return undefined;
    }
  }
  if (digest === undefined || digest !== maskDigest || trailer !== 1) return undefined;
  if (saltLength < 0 || saltLength > 512) return undefined;
  return { padding: 'pss', digest, saltLength };
}

/** AlgorithmIdentifier of a digest, without parameters (RFC 5754 2). */
export function digestAlgorithmDer(digest: DigestAlgorithm): Uint8Array {
  return derSequence(derOid(oidOfDigest(digest)));
}

/**
 * AlgorithmIdentifier of a signature by `scheme`.
 * @throws AppError `algorithm-unsupported` for a padding and digest that do not go together
 */
export function signatureAlgorithmDer(scheme: SignatureScheme): Uint8Array {
  const { padding, digest } = scheme;
  if (padding === 'sm2' && digest === 'sm3') return derSequence(derOid(OID.sm2WithSm3));
  if (padding === 'eddsa') return derSequence(derOid(OID.ed25519));
  if (digest !== 'sm3' && padding !== 'sm2') {
    if (padding === 'pss') return pssAlgorithmDer(digest);
    if (padding === 'pkcs1-v1_5') return derSequence(derOid(RSA_OIDS[digest]), derNull());
    return derSequence(derOid(ECDSA_OIDS[digest]));
  }
  throw new AppError('algorithm-unsupported', `no signature algorithm ${padding} with ${digest}`, {
    params: { algorithm: `${padding} ${digest}` },
  });
}

const RSA_OIDS = {
  sha256: OID.sha256WithRsa,
  sha384: OID.sha384WithRsa,
  sha512: OID.sha512WithRsa,
} as const;

const ECDSA_OIDS = {
  sha256: OID.ecdsaWithSha256,
  sha384: OID.ecdsaWithSha384,
  sha512: OID.ecdsaWithSha512,
} as const;

/** RFC 4055: inside the PSS parameters the digest identifier carries a NULL. */
function pssAlgorithmDer(digest: 'sha256' | 'sha384' | 'sha512'): Uint8Array {
  const hash = derSequence(derOid(OID[digest]), derNull());
  return derSequence(
    derOid(OID.rsassaPss),
    derSequence(
      derContext(0, hash),
      derContext(1, derSequence(derOid(OID.mgf1), hash)),
      derContext(2, derInteger(DIGEST_LENGTH[digest])),
    ),
  );
}

/** Scheme that fits a key by default: PKCS#1 v1.5 for RSA, the curve's digest for ECDSA. */
export function defaultScheme(key: PublicKeyAlgorithm): SignatureScheme {
  switch (key.kind) {
    case 'rsa':
      return { padding: 'pkcs1-v1_5', digest: 'sha256' };
    case 'ec':
      return { padding: 'ecdsa', digest: CURVE_DIGESTS[key.curve] };
    case 'ed25519':
      return { padding: 'eddsa', digest: 'sha512' };
    case 'sm2':
      return { padding: 'sm2', digest: 'sm3' };
  }
}

const CURVE_DIGESTS = { 'P-256': 'sha256', 'P-384': 'sha384', 'P-521': 'sha512' } as const;

export interface SubjectPublicKey {
  /** The whole SubjectPublicKeyInfo. */
  readonly der: Uint8Array;
  readonly algorithm: AlgorithmIdentifier;
  /** `undefined` for a key we cannot verify with. */
  readonly key: PublicKeyAlgorithm | undefined;
  /** Content of the `subjectPublicKey` BIT STRING; what key identifiers are hashed from. */
  readonly keyOctets: Uint8Array;
}

/** @throws AppError `asn1-malformed` */
export function readSubjectPublicKey(element: Asn1Element): SubjectPublicKey {
  const reader = element.enter();
  const algorithm = readAlgorithmIdentifier(reader.read(TAG.sequence));
  const bits = reader.read(TAG.bitString);
  reader.expectEnd();
  const keyOctets = bits.content.subarray(1);
  return { der: element.raw, algorithm, key: keyKind(algorithm, keyOctets), keyOctets };
}

function keyKind(
  algorithm: AlgorithmIdentifier,
  keyOctets: Uint8Array,
): PublicKeyAlgorithm | undefined {
  switch (algorithm.oid) {
    case OID.rsaEncryption:
    case OID.rsassaPss:
      return rsaKey(keyOctets);
    case OID.ecPublicKey:
      return curveKey(algorithm.parameters);
    case OID.sm2Curve:
      return { kind: 'sm2' };
    case OID.ed25519:
      return { kind: 'ed25519' };
    default:
      return undefined;
  }
}

function rsaKey(keyOctets: Uint8Array): PublicKeyAlgorithm {
  const reader = new Asn1Reader(keyOctets).enter();
  const modulus = reader.read(TAG.integer).content;
  const exponent = reader.read(TAG.integer).content;
  let start = 0;
  while (start < modulus.length && modulus[start] === 0) start++;
  const first = modulus[start] ?? 0;
  const bits = first === 0 ? 0 : (modulus.length - start) * 8 - (Math.clz32(first) - 24);
  const isOne = exponent.every((octet, at) => octet === (at === exponent.length - 1 ? 1 : 0));
  const isOdd = ((exponent.at(-1) ?? 0) & 1) === 1;
  return isOdd && !isOne ? { kind: 'rsa', bits } : { kind: 'rsa', bits, isExponentSound: false };
}

function curveKey(parameters: Uint8Array | undefined): PublicKeyAlgorithm | undefined {
  if (parameters?.[0] !== TAG.oid) return undefined;
  switch (readOid(readElement(parameters, TAG.oid))) {
    case OID.p256:
      return { kind: 'ec', curve: 'P-256' };
    case OID.p384:
      return { kind: 'ec', curve: 'P-384' };
    case OID.p521:
      return { kind: 'ec', curve: 'P-521' };
    case OID.sm2Curve:
      return { kind: 'sm2' };
    default:
      return undefined;
  }
}

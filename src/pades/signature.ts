/**
 * A PAdES signature, B-B or B-T, in two steps around a key: what comes before the key is used, and what
 * comes after. The key itself may be a token here, or a UKey on somebody's desk.
 *
 * @see ETSI EN 319 142-1, 6.3
 */
import { AppError, type ByteSource } from '../kernel/index.js';
import {
  OID,
  buildAttribute,
  buildSignedAttributes,
  buildSignedData,
  defaultScheme,
  estimateSignedDataSize,
  type PublicKeyAlgorithm,
  type SignatureScheme,
} from '../pki/index.js';
import type { PdfDocument } from '../pdf/index.js';
import {
  digestPrepared,
  embedCms,
  prepareSignature,
  type PreparedSignature,
  type PrepareOptions,
} from './prepare.js';
import { withSeedValues } from './seed-values.js';

/** The certificate that will sign, and those that lead from it towards an anchor. */
export interface SignerCertificates {
  readonly certificateDer: Uint8Array;
  readonly chainDer: readonly Uint8Array[];
  readonly algorithm: PublicKeyAlgorithm;
}

/** A key in reach: a `SigningKey` of the token port fits. */
export interface Signer extends SignerCertificates {
  sign(message: Uint8Array, scheme: SignatureScheme): Promise<Uint8Array>;
}

export interface SignatureOptions extends Omit<PrepareOptions, 'contentsBytes'> {
  /** The curve's own digest for ECDSA, SHA-256 for RSA unless given. */
  readonly digest?: 'sha256' | 'sha384' | 'sha512';
  /** RSASSA-PSS instead of PKCS#1 v1.5. */
  readonly isPss?: boolean;
  /** Room for a signature time-stamp; none unless given. */
  readonly timestampBytes?: number;
  /** Revocation data will follow in a later revision (B-LT and above). */
  readonly addsRevocation?: boolean;
}

/** A signature that waits for its value. */
export interface PendingSignature {
  readonly prepared: PreparedSignature;
  /** DER SET OF attributes: the message that the key signs. */
  readonly signedAttributes: Uint8Array;
  readonly scheme: SignatureScheme;
  readonly certificates: SignerCertificates;
}

/** @throws AppError `algorithm-unsupported` */
export function schemeFor(
  algorithm: PublicKeyAlgorithm,
  options: Pick<SignatureOptions, 'digest' | 'isPss'>,
): SignatureScheme {
  const scheme = defaultScheme(algorithm);
  if (options.isPss === true && algorithm.kind !== 'rsa') {
    throw new AppError('algorithm-unsupported', 'PSS needs an RSA key', {
      params: { algorithm: algorithm.kind },
    });
  }
  if (algorithm.kind !== 'rsa' && algorithm.kind !== 'ec') return scheme;
  return {
    padding: options.isPss === true ? 'pss' : scheme.padding,
    digest: options.digest ?? scheme.digest,
  };
}

/**
 * Appends the prepared revision and computes what the key has to sign.
 *
 * @param document - The file as it is now; its bytes are not changed.
 * What the seed values of an existing field ask for is filled in.
 *
 * @throws AppError as {@link prepareSignature}, also where a required seed value is not met;
 *   `algorithm-unsupported`, `certificate-malformed`
 */
export function beginSignature(
  document: PdfDocument,
  certificates: SignerCertificates,
  options: SignatureOptions,
): PendingSignature {
  const field = document.fields.find(({ name }) => name === options.fieldName);
  const seeded =
    field === undefined
      ? options
      : withSeedValues(
          document,
          field,
          certificates,
          options,
          schemeFor(certificates.algorithm, options),
        );
  const scheme = schemeFor(certificates.algorithm, seeded);
  const contentsBytes = estimateSignedDataSize({
    signingCertificateDer: certificates.certificateDer,
    chainDer: certificates.chainDer,
    key: certificates.algorithm,
    digestAlgorithm: scheme.digest,
    timestampBytes: options.timestampBytes ?? 0,
  });
  const prepared = prepareSignature(document, { ...seeded, contentsBytes });
  return {
    prepared,
    signedAttributes: attributesFor(document.source, prepared, certificates, scheme),
    scheme,
    certificates,
  };
}

/** The signed attributes over a prepared revision: the same input gives the same bytes. */
export function attributesFor(
  base: ByteSource,
  prepared: PreparedSignature,
  certificates: SignerCertificates,
  scheme: SignatureScheme,
): Uint8Array {
  return buildSignedAttributes({
    messageDigest: digestPrepared(base, prepared, scheme.digest),
    digestAlgorithm: scheme.digest,
    signingCertificateDer: certificates.certificateDer,
  });
}

/**
 * Puts the value into a CMS and the CMS into the hole.
 *
 * @param timestampToken - DER of a token over the octets of `signature`: makes it level B-T.
 * @returns What to append to the base file.
 * @throws AppError `signature-too-large`
 */
export function finishSignature(
  pending: PendingSignature,
  signature: Uint8Array,
  timestampToken?: Uint8Array,
): Uint8Array {
  const { certificates, scheme, signedAttributes, prepared } = pending;
  const cms = buildSignedData({
    signedAttributes,
    signature,
    scheme,
    digestAlgorithm: scheme.digest,
    signingCertificateDer: certificates.certificateDer,
    chainDer: certificates.chainDer,
    ...(timestampToken === undefined
      ? {}
      : { unsignedAttributes: [buildAttribute(OID.signatureTimeStamp, timestampToken)] }),
  });
  return embedCms(prepared, cms);
}

/** A signature value from elsewhere: taken in the forms that keys give it in, and only if it verifies. */
import { AppError } from '../kernel/index.js';
import {
  DIGEST_LENGTH,
  checkSignature,
  derSequence,
  derUnsigned,
  type PublicKeyAlgorithm,
  type SubjectPublicKey,
} from '../pki/index.js';
import type { PendingSignature } from './signature.js';

const COORDINATE_BYTES = { 'P-256': 32, 'P-384': 48, 'P-521': 66 } as const;

/**
 * The value as CMS wants it: ECDSA and SM2 as DER, where tokens and JOSE give r and s side by side.
 *
 * @param publicKey - Of the certificate that the signature is to name.
 * @param forms - The value, or readings of it one of which is meant.
 * @throws AppError `signature-not-verified` where none is the certificate's over what was prepared
 */
export function acceptSignatureValue(
  pending: Pick<PendingSignature, 'scheme' | 'signedAttributes'>,
  publicKey: SubjectPublicKey,
  ...forms: readonly Uint8Array[]
): Uint8Array {
  const { scheme, signedAttributes } = pending;
  const method = { ...scheme, saltLength: DIGEST_LENGTH[scheme.digest] };
  for (const form of forms) {
    for (const value of [form, pairAsDer(form, publicKey.key)]) {
      if (value === undefined) continue;
      if (checkSignature(publicKey, method, signedAttributes, value) === 'valid') return value;
    }
  }
  throw new AppError('signature-not-verified', 'the value is not of this certificate');
}

function pairAsDer(pair: Uint8Array, key: PublicKeyAlgorithm | undefined): Uint8Array | undefined {
  if (key?.kind !== 'ec' && key?.kind !== 'sm2') return undefined;
  const bytes = key.kind === 'ec' ? COORDINATE_BYTES[key.curve] : 32;
  if (pair.length !== 2 * bytes) return undefined;
  return derSequence(derUnsigned(pair.subarray(0, bytes)), derUnsigned(pair.subarray(bytes)));
}

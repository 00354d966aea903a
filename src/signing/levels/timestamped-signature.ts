/** A signature by a key in reach, with a time-stamp over its value inside the CMS where one is wanted. */
import { AppError, digestBytes, isAppError, type DigestAlgorithm } from '../../kernel/index.js';
import { finishSignature, type PendingSignature, type Signer } from '../../pades/index.js';
import type { TimestampClient } from './timestamp-client.js';

/** Prepares the revision anew with room for a token of `timestampBytes`. */
export type BeginWithRoom = (timestampBytes: number) => PendingSignature;

export interface SignedRevisionBytes {
  readonly pending: PendingSignature;
  /** What to append to the base file. */
  readonly appended: Uint8Array;
}

/**
 * Signs and time-stamps. Where the token is longer than any before, the revision is prepared and
 * signed once more with the room that was missing; nothing was published by then.
 *
 * @throws AppError `tsa-unavailable`, `tsa-response-invalid`, and what the key and `begin` throw
 */
export async function signWithTimestamp(
  key: Signer,
  begin: BeginWithRoom,
  timestamps: TimestampClient,
): Promise<SignedRevisionBytes> {
  // Before the key is used: an authority that is down costs no signature.
  const room = await timestamps.expectedBytes();
  try {
    return await attempt(key, begin(room), timestamps);
  } catch (error) {
    const needBytes = isAppError(error, 'signature-too-large') ? error.params['needBytes'] : null;
    const haveBytes = isAppError(error) ? error.params['haveBytes'] : null;
    if (typeof needBytes !== 'number' || typeof haveBytes !== 'number') throw error;
    return attempt(key, begin(room + needBytes - haveBytes), timestamps);
  }
}

async function attempt(
  key: Signer,
  pending: PendingSignature,
  timestamps: TimestampClient,
): Promise<SignedRevisionBytes> {
  assertStampable(pending);
  const value = await key.sign(pending.signedAttributes, pending.scheme);
  const token = await stampOver(pending, value, timestamps);
  return { pending, appended: finishSignature(pending, value, token) };
}

/**
 * Asked before the key is used.
 * @throws AppError `algorithm-unsupported` for SM3, which the authorities here do not stamp
 */
export function assertStampable({ scheme }: PendingSignature): void {
  stampDigest(scheme);
}

/**
 * A token over a signature's value, by the digest that the signature itself uses.
 * @throws AppError `tsa-unavailable`, `tsa-response-invalid`, `algorithm-unsupported` for SM3
 */
export async function stampOver(
  { scheme }: PendingSignature,
  value: Uint8Array,
  timestamps: TimestampClient,
): Promise<Uint8Array> {
  const digest = stampDigest(scheme);
  return (await timestamps.stamp(digestBytes(digest, value), digest)).tokenDer;
}

function stampDigest({ digest }: PendingSignature['scheme']): Exclude<DigestAlgorithm, 'sm3'> {
  if (digest !== 'sm3') return digest;
  throw new AppError('algorithm-unsupported', 'authorities here do not stamp SM3', {
    params: { algorithm: digest },
  });
}

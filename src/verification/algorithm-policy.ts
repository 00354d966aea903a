/**
 * Until when an algorithm was good enough: a signature made with it counts where it is proved to be
 * older. What is not listed is good still.
 *
 * @see ETSI TS 102 176-1 V2.1.1, 5.2 (MD5: not after July 2004)
 * @see NIST SP 800-131A Rev. 1, 3 and 9 (SHA-1 and RSA below 2048 bits: not after 2013; below 1024: 2010)
 * @see ETSI EN 319 102-1, 5.2.8 (cryptographic constraints)
 */
import type { DigestAlgorithm } from '../kernel/index.js';
import type { PublicKeyAlgorithm } from '../pki/index.js';
import { message } from './messages.js';
import type { Indication, ReportMessage, SubIndication } from './report.js';

/** First instant at which it no longer was good enough. */
const DIGEST_ENDS: Partial<Readonly<Record<DigestAlgorithm, string>>> = {
  md5: '2004-08-01T00:00:00Z',
  sha1: '2014-01-01T00:00:00Z',
};

/** By modulus length; the first row that is longer than the key counts. */
const RSA_ENDS: readonly { readonly belowBits: number; readonly end: string }[] = [
  { belowBits: 1024, end: '2011-01-01T00:00:00Z' },
  { belowBits: 2048, end: '2014-01-01T00:00:00Z' },
];

/** @returns `undefined` where it still is good enough */
export function digestEnd(digest: DigestAlgorithm): Date | undefined {
  const end = DIGEST_ENDS[digest];
  return end === undefined ? undefined : new Date(end);
}

/** @returns `undefined` where keys of this kind and length still are good enough */
export function keyEnd(key: PublicKeyAlgorithm | undefined): Date | undefined {
  if (key?.kind !== 'rsa') return undefined;
  const row = RSA_ENDS.find(({ belowBits }) => key.bits < belowBits);
  return row === undefined ? undefined : new Date(row.end);
}

export interface AlgorithmFinding {
  readonly indication: Indication;
  readonly subIndication: SubIndication;
  readonly message: ReportMessage;
}

/**
 * Whether something made with an algorithm that ended at `end` may be relied on.
 *
 * @param provedAt - When it is proved to have existed; `undefined`: nothing proves it.
 * @param claimedAt - When it says it was made.
 */
export function judgeAlgorithm(
  name: string,
  end: Date | undefined,
  provedAt: Date | undefined,
  claimedAt: Date | undefined,
): AlgorithmFinding | undefined {
  if (end === undefined || (provedAt !== undefined && provedAt < end)) return undefined;
  const mayBeOlder = provedAt === undefined && (claimedAt === undefined || claimedAt < end);
  return {
    indication: 'INDETERMINATE',
    subIndication: mayBeOlder ? 'CRYPTO_CONSTRAINTS_FAILURE_NO_POE' : 'CRYPTO_CONSTRAINTS_FAILURE',
    message: message('algorithm-weak', `${name} < ${end.toISOString().slice(0, 10)}`),
  };
}

/** Passwords as scrypt hashes that carry their own parameters, so that stronger ones can follow. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { AppError, type RandomBytes, type Secret } from '../kernel/index.js';

interface Cost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MiB and some 60 ms on a small server (OWASP's second choice of parameters). */
const COST: Cost = { n: 2 ** 15, r: 8, p: 3 };
const MAX_N = 2 ** 17;
const HASH_BYTES = 32;
const FORMAT =
  /^scrypt\$(\d{1,6})\$(\d{1,2})\$(\d{1,2})\$([A-Za-z0-9_-]{22})\$([A-Za-z0-9_-]{43})$/;

const systemRandomBytes: RandomBytes = (length) => new Uint8Array(randomBytes(length));

/** Shortest password a person may have; a machine's secret is generated and longer. */
export const MIN_PASSWORD_LENGTH = 12;

/** `scrypt$N$r$p$salt$hash`, salt and hash in base64url. */
export async function hashPassword(
  password: Secret,
  random: RandomBytes = systemRandomBytes,
): Promise<string> {
  const salt = random(16);
  const hash = await derive(password.reveal(), salt, COST);
  return ['scrypt', COST.n, COST.r, COST.p, base64Url(salt), base64Url(hash)].join('$');
}

/**
 * Whether `password` is the one that was hashed. Where there is no hash, takes as long as if there
 * were one, so that an unknown account cannot be told by time.
 *
 * @throws AppError `internal` for a stored hash that is not ours
 */
export async function verifyPassword(
  password: Secret,
  stored: string | undefined,
): Promise<boolean> {
  if (stored === undefined) {
    await derive(password.reveal(), new Uint8Array(16), COST);
    return false;
  }
  const match = FORMAT.exec(stored);
  if (match === null) throw new AppError('internal', 'stored password hash is malformed');
  const [, n = '', r = '', p = '', salt = '', hash = ''] = match;
  const cost = { n: Number(n), r: Number(r), p: Number(p) };
  if (cost.n > MAX_N) throw new AppError('internal', 'stored password hash costs too much');
  const derived = await derive(password.reveal(), Buffer.from(salt, 'base64url'), cost);
  return timingSafeEqual(derived, Buffer.from(hash, 'base64url'));
}

function derive(password: Uint8Array, salt: Uint8Array, cost: Cost): Promise<Uint8Array> {
  const options = { N: cost.n, r: cost.r, p: cost.p, maxmem: 256 * cost.n * cost.r };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, HASH_BYTES, options, (error, key) => {
      if (error === null) resolve(new Uint8Array(key));
      else reject(new AppError('internal', 'scrypt failed', { cause: error }));
    });
  });
}

function base64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

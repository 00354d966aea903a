/** The MAC over a PKCS#12 file, by node:crypto: forge's own takes seconds of the event loop. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { AppError, concatBytes } from '../../kernel/index.js';
import { Asn1Reader, parsedAs, readInteger, readOctets, readOid, TAG } from '../../pki/index.js';

/** More than any tool writes; a file that asks for 2³¹ rounds would hold the process for an hour. */
const MAX_ITERATIONS = 1_000_000;

const HASHES = new Map([
  ['1.3.14.3.2.26', { name: 'sha1', block: 64 }],
  ['2.16.840.1.101.3.4.2.1', { name: 'sha256', block: 64 }],
  ['2.16.840.1.101.3.4.2.2', { name: 'sha384', block: 128 }],
  ['2.16.840.1.101.3.4.2.3', { name: 'sha512', block: 128 }],
]);

/**
 * Checks the file's MAC, where it has one.
 *
 * @returns `false` where the file has none, and the password is unproved
 * @throws AppError `p12-password-incorrect`; `p12-malformed` for a file that is none, asks for too
 *   many iterations or uses another digest
 * @see RFC 7292 4, appendix B
 */
export function verifyPkcs12Mac(der: Uint8Array, password: string): boolean {
  const mac = parsedAs('p12-malformed', () => readMac(der));
  if (mac === undefined) return false;
  const hash = HASHES.get(mac.digestOid);
  if (hash === undefined || mac.iterations < 1 || mac.iterations > MAX_ITERATIONS) {
    throw new AppError('p12-malformed', 'the MAC of the file is of an unknown or absurd kind');
  }
  const key = deriveMacKey(hash, password, mac.salt, mac.iterations);
  const expected = createHmac(hash.name, key).update(mac.content).digest();
  if (expected.length !== mac.digest.length || !timingSafeEqual(expected, mac.digest)) {
    throw new AppError('p12-password-incorrect', 'the password does not open the file');
  }
  return true;
}

interface Mac {
  readonly content: Uint8Array;
  readonly digestOid: string;
  readonly digest: Uint8Array;
  readonly salt: Uint8Array;
  readonly iterations: number;
}

function readMac(der: Uint8Array): Mac | undefined {
  const pfx = new Asn1Reader(der, 0, der.length, 'ber').enter();
  pfx.read(TAG.integer);
  const contentInfo = pfx.enter();
  contentInfo.read(TAG.oid);
  const content = readOctets(contentInfo.read(0xa0).enter().read());
  const macData = pfx.readOptional(TAG.sequence)?.enter();
  if (macData === undefined) return undefined;
  const digestInfo = macData.enter();
  const digestOid = readOid(digestInfo.enter().read(TAG.oid));
  const digest = readOctets(digestInfo.read());
  const salt = readOctets(macData.read());
  const rounds = macData.readOptional(TAG.integer);
  return {
    content,
    digestOid,
    digest,
    salt,
    iterations: rounds === undefined ? 1 : readInteger(rounds),
  };
}

function deriveMacKey(
  hash: { readonly name: string; readonly block: number },
  password: string,
  salt: Uint8Array,
  iterations: number,
): Uint8Array {
  const { block } = hash;
  // A BMPString with its terminating zero; an empty password is the terminator alone.
  const characters = Buffer.from(`${password}\0`, 'utf16le').swap16();
  let key = createHash(hash.name)
    .update(
      concatBytes([
        new Uint8Array(block).fill(3),
        repeated(salt, Math.ceil(salt.length / block) * block),
        repeated(characters, Math.ceil(characters.length / block) * block),
      ]),
    )
    .digest();
  for (let i = 1; i < iterations; i++) key = createHash(hash.name).update(key).digest();
  return new Uint8Array(key);
}

function repeated(octets: Uint8Array, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => octets[i % octets.length] ?? 0);
}

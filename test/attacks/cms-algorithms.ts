/**
 * Signature values made without the key, and algorithms that say one thing and do another.
 *
 * @see RFC 8017, 8.2.2 and 9; SEC 1, 4.1.4; ETSI EN 319 102-1, 5.2.7 and 5.2.8
 */
import { constants, privateEncrypt, sign as signMessage } from 'node:crypto';
import { concatBytes, digestBytes, fromHex, type DigestAlgorithm } from '../../src/kernel/index.js';
import {
  OID,
  derContext,
  derInteger,
  derNull,
  derOctets,
  derOid,
  derSequence,
  digestAlgorithmDer,
  signatureAlgorithmDer,
} from '../../src/pki/index.js';
import type { Attack, Holders } from './attack.js';
import type { Holder } from './authority.js';
import { ALGORITHM, FORMAT, HASH, IRREGULAR, VALUE, cms, exchanged } from './cms-attack.js';
import { attributeOf, usualAttributes } from './workshop.js';

const byRsa = ({ rsa }: Holders): Holder => rsa;

const P256_ORDER = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');

const pss = (
  digest: 'sha1' | 'sha256' | 'sha512',
  mask: 'sha1' | 'sha256' | 'sha512',
  salt: number,
  trailer?: number,
): Uint8Array =>
  derSequence(
    derOid(OID.rsassaPss),
    derSequence(
      derContext(0, derSequence(derOid(OID[digest]), derNull())),
      derContext(1, derSequence(derOid(OID.mgf1), derSequence(derOid(OID[mask]), derNull()))),
      derContext(2, derInteger(salt)),
      trailer === undefined ? undefined : derContext(3, derInteger(trailer)),
    ),
  );

const signPss =
  (digest: DigestAlgorithm, saltLength: number) =>
  (holder: Holder) =>
  (message: Uint8Array): Uint8Array =>
    new Uint8Array(
      signMessage(digest, message, {
        key: holder.keys.privateKey,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength,
      }),
    );

/** DigestInfo of `digest` over `message`; @see RFC 8017, 9.2 */
function digestInfo(
  digest: DigestAlgorithm,
  message: Uint8Array,
  parameters?: Uint8Array,
): Uint8Array {
  return derSequence(
    derSequence(derOid(OID[digest]), parameters),
    derOctets(digestBytes(digest, message)),
  );
}

/** The RSA operation on a block that is made by hand. */
const signBlock = (holder: Holder, block: Uint8Array): Uint8Array =>
  new Uint8Array(
    privateEncrypt({ key: holder.keys.privateKey, padding: constants.RSA_NO_PADDING }, block),
  );

/** `00 01 FF… 00 T rest`, as long as the modulus. */
function block(
  length: number,
  fills: number,
  info: Uint8Array,
  rest = new Uint8Array(),
): Uint8Array {
  const head = concatBytes([
    Uint8Array.of(0, 1),
    new Uint8Array(fills).fill(0xff),
    Uint8Array.of(0),
  ]);
  const tail = new Uint8Array(length - head.length - info.length - rest.length);
  return concatBytes([head, info, rest, tail]);
}

/** Smallest number whose cube is not below `value`. */
function cubeRoot(value: bigint): bigint {
  let low = 0n;
  let high = 1n << BigInt(Math.ceil(value.toString(2).length / 3) + 1);
  while (low < high) {
    const middle = (low + high) >> 1n;
    if (middle ** 3n < value) low = middle + 1n;
    else high = middle;
  }
  return low;
}

const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
const bytesOf = (value: bigint, length: number): Uint8Array =>
  fromHex(value.toString(16).padStart(2 * length, '0')) ?? new Uint8Array();

/** A value without the key: the cube of it begins as a padded digest does. @see CVE-2006-4339 */
const cubed = (message: Uint8Array, length: number, fills: number): Uint8Array =>
  bytesOf(
    cubeRoot(numberOf(block(length, fills, digestInfo('sha256', message, derNull())))),
    length,
  );

const ecdsaValue = (r: bigint, s: bigint): Uint8Array => derSequence(derInteger(r), derInteger(s));

function rsaBlock(
  name: string,
  reason: string,
  make: (message: Uint8Array, length: number) => Uint8Array,
): Attack {
  return cms(
    `RSA: ${name}`,
    'RFC 8017, 8.2.2 (the block is made again and compared whole)',
    reason,
    VALUE,
    (_content, { rsa }) => ({
      value: (message) => signBlock(rsa, make(message, 256)),
    }),
    byRsa,
  );
}

export const CMS_ALGORITHMS: readonly Attack[] = [
  cms(
    'digested by SHA-256, signed with SHA-512',
    'RFC 5754, 3; EN 319 102-1, 5.2.7',
    'two digests are named',
    FORMAT,
    (_content, { signer }) => ({
      signatureAlgorithm: signatureAlgorithmDer({ padding: 'ecdsa', digest: 'sha512' }),
      value: (message) => new Uint8Array(signMessage('sha512', message, signer.keys.privateKey)),
    }),
  ),
  cms(
    'SHA-512 announced for a digest by SHA-256',
    'RFC 5652, 5.6',
    'the digest is not of that algorithm',
    HASH,
    (content, { signer }) => ({
      digestAlgorithm: digestAlgorithmDer('sha512'),
      digestAlgorithms: [digestAlgorithmDer('sha512')],
      attributes: usualAttributes(signer, content),
    }),
  ),
  cms(
    'the digest by MD5',
    'EN 319 102-1, 5.2.8',
    'collisions are made in seconds',
    ALGORITHM,
    (content, { rsa }) => ({
      digestAlgorithm: derSequence(derOid('1.2.840.113549.2.5'), derNull()),
      digestAlgorithms: [derSequence(derOid('1.2.840.113549.2.5'), derNull())],
      attributes: exchanged(
        rsa,
        content,
        1,
        attributeOf.messageDigest(digestBytes('md5', content)),
      ),
      signatureAlgorithm: derSequence(derOid('1.2.840.113549.1.1.4'), derNull()),
      value: (message) => new Uint8Array(signMessage('md5', message, rsa.keys.privateKey)),
    }),
    byRsa,
  ),
  cms(
    'the digest by SHA-1',
    'EN 319 102-1, 5.2.8',
    'collisions have been made',
    ALGORITHM,
    (_content, { rsa }) => ({
      digest: 'sha1',
      signatureAlgorithm: derSequence(derOid(OID.sha1WithRsa), derNull()),
      value: (message) => new Uint8Array(signMessage('sha1', message, rsa.keys.privateKey)),
    }),
    byRsa,
  ),
  cms(
    'a digest by SHA-256, the signature with SHA-1',
    'EN 319 102-1, 5.2.8',
    'the attributes rest on the weaker one',
    FORMAT,
    (_content, { rsa }) => ({
      signatureAlgorithm: derSequence(derOid(OID.sha1WithRsa), derNull()),
      value: (message) => new Uint8Array(signMessage('sha1', message, rsa.keys.privateKey)),
    }),
    byRsa,
  ),
  cms(
    'a digest that nobody knows',
    'EN 319 102-1, 5.2.8',
    'what cannot be computed is not proved',
    ALGORITHM,
    () => ({
      digestAlgorithm: derSequence(derOid('1.2.3.4.5')),
      digestAlgorithms: [derSequence(derOid('1.2.3.4.5'))],
    }),
  ),
  cms(
    'a signature algorithm that nobody knows',
    'EN 319 102-1, 5.2.8',
    'what cannot be computed is not proved',
    ALGORITHM,
    () => ({ signatureAlgorithm: derSequence(derOid('1.2.3.4.5')) }),
  ),
  cms(
    'an algorithm with parameters it does not take',
    'RFC 5758, 3.2',
    'what they mean cannot be told',
    ALGORITHM,
    () => ({
      signatureAlgorithm: derSequence(derOid(OID.ecdsaWithSha256), derSequence(derInteger(1))),
    }),
  ),
  cms(
    'an algorithm for another kind of key',
    'EN 319 102-1, 5.2.8',
    'an elliptic key makes no RSA signature',
    ALGORITHM,
    () => ({
      signatureAlgorithm: signatureAlgorithmDer({ padding: 'pkcs1-v1_5', digest: 'sha256' }),
    }),
  ),
  cms(
    'no digest announced for a file read in one pass',
    'RFC 5652, 5.1 (may be refused)',
    'nothing signs the announcement; somebody took it away',
    IRREGULAR,
    () => ({ digestAlgorithms: [] }),
  ),
  cms(
    'PSS with a salt of another length',
    'RFC 8017, 9.1.2',
    'the parameters are those of another signature',
    VALUE,
    (_content, { rsa }) => ({
      signatureAlgorithm: pss('sha256', 'sha256', 20),
      value: signPss('sha256', 32)(rsa),
    }),
    byRsa,
  ),
  cms(
    'PSS with another digest in its parameters',
    'RFC 4056, 3',
    'two digests are named',
    FORMAT,
    (_content, { rsa }) => ({
      signatureAlgorithm: pss('sha512', 'sha512', 32),
      value: signPss('sha512', 32)(rsa),
    }),
    byRsa,
  ),
  cms(
    'PSS with SHA-1 as its mask',
    'EN 319 102-1, 5.2.8',
    'what cannot be computed is not proved',
    ALGORITHM,
    (_content, { rsa }) => ({
      signatureAlgorithm: pss('sha256', 'sha1', 32),
      value: signPss('sha256', 32)(rsa),
    }),
    byRsa,
  ),
  cms(
    'PSS with a trailer of its own',
    'RFC 4055, 3.1',
    'only one trailer is defined',
    ALGORITHM,
    (_content, { rsa }) => ({
      signatureAlgorithm: pss('sha256', 'sha256', 32, 2),
      value: signPss('sha256', 32)(rsa),
    }),
    byRsa,
  ),
  cms(
    'PSS without parameters',
    'RFC 4055, 3.1',
    'in CMS they must be there',
    ALGORITHM,
    (_content, { rsa }) => ({
      signatureAlgorithm: derSequence(derOid(OID.rsassaPss)),
      value: signPss('sha256', 32)(rsa),
    }),
    byRsa,
  ),
  cms(
    'PSS called PKCS#1 v1.5',
    'RFC 8017, 8.2.2',
    'another padding',
    VALUE,
    (_content, { rsa }) => ({ value: signPss('sha256', 32)(rsa) }),
    byRsa,
  ),
  cms(
    'PKCS#1 v1.5 called PSS',
    'RFC 8017, 9.1.2',
    'another padding',
    VALUE,
    () => ({ signatureAlgorithm: pss('sha256', 'sha256', 32) }),
    byRsa,
  ),
  rsaBlock(
    'garbage behind the digest',
    'what follows is the forger’s to choose',
    (message, length) => block(length, 8, digestInfo('sha256', message, derNull())),
  ),
  rsaBlock(
    'garbage in the parameters of the digest',
    'what they hold is the forger’s to choose',
    (message, length) => {
      const garbage = derOctets(new Uint8Array(length - 11 - 60));
      const info = digestInfo('sha256', message, garbage);
      return block(length, length - 3 - info.length, info);
    },
  ),
  rsaBlock('fewer fills than a block has', 'the block is not full', (message, length) =>
    block(length, 8, digestInfo('sha256', message, derNull()), new Uint8Array(20)),
  ),
  rsaBlock('the block of encryption', 'block type 2 is not a signature', (message, length) => {
    const info = digestInfo('sha256', message, derNull());
    const whole = block(length, length - 3 - info.length, info);
    whole[1] = 2;
    return whole;
  }),
  rsaBlock(
    'the digest without its identifier',
    'which algorithm made it cannot be told',
    (message, length) => block(length, length - 3 - 32, digestBytes('sha256', message)),
  ),
  rsaBlock(
    'the identifier of another digest',
    'another algorithm than is named',
    (message, length) => {
      const info = digestInfo('sha1', message, derNull());
      return block(length, length - 3 - info.length, info);
    },
  ),
  rsaBlock('a digest of length 0', 'nothing is compared', (_message, length) => {
    const info = derSequence(
      derSequence(derOid(OID.sha256), derNull()),
      derOctets(new Uint8Array()),
    );
    return block(length, length - 3 - info.length, info);
  }),
  cms(
    'RSA: a value made without the key, exponent 3',
    'RFC 8017, 8.2.2 (the block is made again and compared whole)',
    'the cube of a number that anybody can find begins as the padded digest does',
    VALUE,
    () => ({ value: (message) => cubed(message, 256, 8) }),
    ({ cubic }) => cubic,
  ),
  cms(
    'RSA: a value of zero',
    'RFC 8017, 8.2.2',
    'it is the same under every key',
    VALUE,
    () => ({ value: () => new Uint8Array(256) }),
    byRsa,
  ),
  cms(
    'RSA: a value of one',
    'RFC 8017, 8.2.2',
    'it is the same under every key',
    VALUE,
    () => ({ value: () => bytesOf(1n, 256) }),
    byRsa,
  ),
  cms(
    'RSA: a value with a zero in front',
    'RFC 8017, 8.2.2, step 1',
    'a value is as long as the modulus',
    VALUE,
    (_content, { rsa }) => ({
      value: (message) => concatBytes([new Uint8Array(1), rsa.sign(message)]),
    }),
    byRsa,
  ),
  ...(
    [
      ['r and s zero', () => ecdsaValue(0n, 0n)],
      ['r zero', () => ecdsaValue(0n, 1n)],
      ['s zero', () => ecdsaValue(1n, 0n)],
      ['r and s one', () => ecdsaValue(1n, 1n)],
      ['r and s the order', () => ecdsaValue(P256_ORDER, P256_ORDER)],
      ['r negative', () => ecdsaValue(-1n, 1n)],
      ['an empty sequence', () => derSequence()],
      ['empty', () => new Uint8Array()],
      ['r alone', () => derSequence(derInteger(1))],
      ['a byte behind', (value) => concatBytes([value, new Uint8Array(1)])],
      ['a third number', (value) => derSequence(value.subarray(2), derInteger(0))],
    ] as readonly (readonly [string, (value: Uint8Array) => Uint8Array])[]
  ).map(([name, value]) =>
    cms(
      `ECDSA: ${name}`,
      'SEC 1, 4.1.4; RFC 3279, 2.2.3',
      'no key has made this value',
      VALUE,
      (_content, { signer }) => ({ value: (message) => value(signer.sign(message)) }),
    ),
  ),
  cms(
    'ECDSA: s beyond the order',
    'SEC 1, 4.1.4, step 1',
    'the same value in a second form',
    VALUE,
    (_content, { signer }) => ({
      value: (message) => {
        const raw = new Uint8Array(
          signMessage('sha256', message, {
            key: signer.keys.privateKey,
            dsaEncoding: 'ieee-p1363',
          }),
        );
        return ecdsaValue(numberOf(raw.subarray(0, 32)), numberOf(raw.subarray(32)) + P256_ORDER);
      },
    }),
  ),
];

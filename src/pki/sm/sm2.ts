/**
 * SM2 signatures with a user id (GB/T 32918.2). The digest is SM3(ZA ‖ M); OpenSSL's streaming
 * sign and verify contexts take the SM3 of what they are fed, without a ZA of their own, so feeding
 * them ZA first gives the standard's signature at native speed.
 */
import { createHash, createSign, createVerify, type KeyObject } from 'node:crypto';
import { AppError, concatBytes, fromHex, utf8ToBytes } from '../../kernel/index.js';
import {
  derBitString,
  derInteger,
  derOid,
  derOctets,
  derSequence,
  derUnsigned,
  integerContent,
  OID,
  readElement,
  TAG,
} from '../asn1/index.js';
import { loadPrivateKey, loadPublicKey } from './key-objects.js';

/** The user id GM/T 0009 prescribes where none is agreed. */
export const SM2_DEFAULT_USER_ID = '1234567812345678';

function constant(hex: string): Uint8Array {
  const octets = fromHex(hex);
  if (octets === undefined) throw new AppError('internal', 'curve constant is not hex');
  return octets;
}

/** a ‖ b ‖ Gx ‖ Gy of the recommended curve, GB/T 32918.5. */
const CURVE_OCTETS = constant(
  'fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc' +
    '28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93' +
    '32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7' +
    'bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0',
);

/**
 * ZA: what binds the signer's id and key to the message.
 *
 * @param point - Uncompressed public point, 65 octets beginning with 04.
 * @throws AppError `algorithm-unsupported` for a point in another form, `input-invalid` for an id of 8192 octets or more
 * @see GB/T 32918.2-2016 5.5
 */
export function sm2UserDigest(point: Uint8Array, userId = SM2_DEFAULT_USER_ID): Uint8Array {
  requireUncompressed(point);
  const id = utf8ToBytes(userId);
  if (id.length >= 8192) throw new AppError('input-invalid', 'SM2 user id is too long');
  const hash = createHash('sm3');
  hash.update(Uint8Array.of(id.length >> 5, (id.length << 3) & 0xff));
  return new Uint8Array(hash.update(id).update(CURVE_OCTETS).update(point.subarray(1)).digest());
}

/** e = SM3(ZA ‖ M), 32 octets: what a token with a raw SM2 mechanism is given. */
export function sm2MessageDigest(
  point: Uint8Array,
  chunks: Iterable<Uint8Array>,
  userId = SM2_DEFAULT_USER_ID,
): Uint8Array {
  const hash = createHash('sm3').update(sm2UserDigest(point, userId));
  for (const chunk of chunks) hash.update(chunk);
  return new Uint8Array(hash.digest());
}

/**
 * Verifies a DER signature.
 * @returns `false` for any signature that is not right, also one that is not DER
 * @throws AppError `algorithm-unsupported` where the point is not uncompressed or not on the curve
 */
export function verifySm2(
  point: Uint8Array,
  chunks: Iterable<Uint8Array>,
  signatureDer: Uint8Array,
  userId = SM2_DEFAULT_USER_ID,
): boolean {
  const verifier = createVerify('sm3').update(sm2UserDigest(point, userId));
  for (const chunk of chunks) verifier.update(chunk);
  return verifier.verify(publicKeyOf(point), signatureDer);
}

/**
 * Signs with a private scalar; for development PKIs and tests, since real keys stay in tokens.
 *
 * @param scalar - 32 octets.
 * @param point - The public point that belongs to it, 65 octets.
 * @returns DER of SEQUENCE { r, s }
 */
export function signSm2(
  scalar: Uint8Array,
  point: Uint8Array,
  message: Uint8Array,
  userId = SM2_DEFAULT_USER_ID,
): Uint8Array {
  const algorithm = derSequence(derOid(OID.ecPublicKey), derOid(OID.sm2Curve));
  const ecPrivateKey = derSequence(derInteger(1), derOctets(scalar));
  const pkcs8 = derSequence(derInteger(0), algorithm, derOctets(ecPrivateKey));
  return signWithLoaded(loadPrivateKey(pkcs8), point, message, userId);
}

/**
 * The same with a key of Node's. One that Node generated counts as any curve's until it is loaded from
 * its encoding, and would sign by ECDSA.
 * @returns DER of SEQUENCE { r, s }
 */
export function signSm2WithKey(
  key: KeyObject,
  point: Uint8Array,
  message: Uint8Array,
  userId = SM2_DEFAULT_USER_ID,
): Uint8Array {
  const pkcs8 = new Uint8Array(key.export({ type: 'pkcs8', format: 'der' }));
  return signWithLoaded(loadPrivateKey(pkcs8), point, message, userId);
}

function signWithLoaded(
  key: KeyObject,
  point: Uint8Array,
  message: Uint8Array,
  userId: string,
): Uint8Array {
  const signer = createSign('sm3').update(sm2UserDigest(point, userId)).update(message);
  return new Uint8Array(signer.sign(key));
}

/** DER from r ‖ s, as some tokens return it. @throws AppError `input-invalid` unless 64 octets */
export function sm2SignatureToDer(raw: Uint8Array): Uint8Array {
  if (raw.length !== 64) throw new AppError('input-invalid', 'raw SM2 signature is 64 octets');
  return derSequence(derUnsigned(raw.subarray(0, 32)), derUnsigned(raw.subarray(32)));
}

/** r ‖ s, 64 octets, from DER. @throws AppError `asn1-malformed` */
export function sm2SignatureFromDer(der: Uint8Array): Uint8Array {
  const reader = readElement(der, TAG.sequence).enter();
  const parts = [reader.read(TAG.integer), reader.read(TAG.integer)].map((element) => {
    const content = integerContent(element);
    const magnitude = content[0] === 0 ? content.subarray(1) : content;
    if (magnitude.length > 32) throw new AppError('asn1-malformed', 'SM2 integer too large');
    return concatBytes([new Uint8Array(32 - magnitude.length), magnitude]);
  });
  reader.expectEnd();
  return concatBytes(parts);
}

function requireUncompressed(point: Uint8Array): void {
  if (point.length === 65 && point[0] === 4) return;
  throw new AppError('algorithm-unsupported', 'SM2 public point is not uncompressed', {
    params: { algorithm: 'SM2' },
  });
}

/** Written as id-ecPublicKey whatever the certificate said; that is the form OpenSSL loads as SM2. */
function publicKeyOf(point: Uint8Array): KeyObject {
  const spki = derSequence(
    derSequence(derOid(OID.ecPublicKey), derOid(OID.sm2Curve)),
    derBitString(point),
  );
  try {
    return loadPublicKey(spki);
  } catch (cause) {
    throw new AppError('algorithm-unsupported', 'SM2 public point is not on the curve', {
      params: { algorithm: 'SM2' },
      cause,
    });
  }
}

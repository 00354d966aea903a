/** Verifies one signature value over a message. Mathematics only: nothing here trusts anybody. */
import { createVerify, constants, verify, type KeyObject } from 'node:crypto';
import { AppError, bytesToLatin1, concatBytes } from '../../kernel/index.js';
import { OID, readElement, TAG, type Asn1Element } from '../asn1/index.js';
import { loadPublicKey, loadRsaPublicKey } from '../sm/key-objects.js';
import { verifySm2 } from '../sm/sm2.js';
import {
  readSubjectPublicKey,
  signatureMethod,
  type AlgorithmIdentifier,
  type SignatureMethod,
  type SubjectPublicKey,
} from './algorithms.js';

export type SignatureOutcome = 'valid' | 'invalid' | 'unsupported';

/** A message in pieces, so that a large one need not be in memory at once. */
export type MessageChunks = Iterable<Uint8Array>;

/**
 * Keys seen lately, by their bytes: loading one costs several times as much as verifying with it,
 * and the certificates of authorities come back with every signature, parsed anew.
 */
const loadedKeys = new Map<string, KeyObject | undefined>();
const MAX_LOADED_KEYS = 512;

function keyObject(spki: SubjectPublicKey): KeyObject | undefined {
  const name = bytesToLatin1(spki.der);
  if (loadedKeys.has(name)) return loadedKeys.get(name);
  let loaded: KeyObject | undefined;
  try {
    // A key of id-RSASSA-PSS may restrict its parameters, which only the whole structure says.
    loaded =
      spki.algorithm.oid === OID.rsaEncryption
        ? loadRsaPublicKey(spki.keyOctets)
        : loadPublicKey(spki.der);
  } catch {
    loaded = undefined;
  }
  const [oldest] = loadedKeys.keys();
  if (loadedKeys.size >= MAX_LOADED_KEYS && oldest !== undefined) loadedKeys.delete(oldest);
  loadedKeys.set(name, loaded);
  return loaded;
}

/**
 * Checks a signature value by a method; never throws on bad keys or values.
 *
 * @returns `unsupported` where key and method are of different kinds or the key cannot be loaded
 */
export function checkSignature(
  spki: SubjectPublicKey,
  method: SignatureMethod | undefined,
  message: Uint8Array | MessageChunks,
  signature: Uint8Array,
): SignatureOutcome {
  if (method === undefined || spki.key === undefined || !fits(spki, method)) return 'unsupported';
  try {
    if (method.padding === 'sm2') {
      return verifySm2(spki.keyOctets, chunksOf(message), signature) ? 'valid' : 'invalid';
    }
    const key = keyObject(spki);
    if (key === undefined) return 'unsupported';
    return verifyWithKey(key, method, message, signature) ? 'valid' : 'invalid';
  } catch {
    return 'invalid';
  }
}

function fits(spki: SubjectPublicKey, method: SignatureMethod): boolean {
  switch (method.padding) {
    case 'pkcs1-v1_5':
    case 'pss':
      return spki.key?.kind === 'rsa';
    case 'ecdsa':
    case 'plain-ecdsa':
      return spki.key?.kind === 'ec';
    case 'eddsa':
      return spki.key?.kind === 'ed25519';
    case 'sm2':
      return spki.key?.kind === 'sm2';
  }
}

function verifyWithKey(
  key: KeyObject,
  method: SignatureMethod,
  message: Uint8Array | MessageChunks,
  signature: Uint8Array,
): boolean {
  if (method.padding === 'eddsa') {
    const whole = message instanceof Uint8Array ? message : concatBytes([...message]);
    return verify(null, whole, key, signature);
  }
  const input = {
    key,
    ...(method.padding === 'pss'
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: method.saltLength ?? 0 }
      : {}),
    ...(method.padding === 'plain-ecdsa' ? { dsaEncoding: 'ieee-p1363' as const } : {}),
  };
  if (message instanceof Uint8Array) return verify(method.digest, message, input, signature);
  const verifier = createVerify(method.digest);
  for (const chunk of message) verifier.update(chunk);
  return verifier.verify(input, signature);
}

function chunksOf(message: Uint8Array | MessageChunks): MessageChunks {
  return message instanceof Uint8Array ? [message] : message;
}

/**
 * Tells whether `signature` over `message` was made with the key in `spki`.
 *
 * @param spki - A certificate's `publicKey`, or DER of a SubjectPublicKeyInfo.
 * @throws AppError `algorithm-unsupported`, params `algorithm`; `asn1-malformed` for DER that is
 *   not a SubjectPublicKeyInfo
 */
export function verifySignature(
  spki: SubjectPublicKey | Uint8Array,
  algorithm: AlgorithmIdentifier,
  message: Uint8Array | MessageChunks,
  signature: Uint8Array,
): boolean {
  const key = spki instanceof Uint8Array ? readSubjectPublicKey(sequenceOf(spki)) : spki;
  const outcome = checkSignature(key, signatureMethod(algorithm), message, signature);
  if (outcome === 'unsupported') {
    throw new AppError('algorithm-unsupported', `cannot verify ${algorithm.oid}`, {
      params: { algorithm: algorithm.oid },
    });
  }
  return outcome === 'valid';
}

function sequenceOf(der: Uint8Array): Asn1Element {
  return readElement(der, TAG.sequence);
}

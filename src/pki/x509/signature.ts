/** Verifies one signature value over a message. Mathematics only: nothing here trusts anybody. */
import { createVerify, constants, verify, type KeyObject } from 'node:crypto';
import { AppError, concatBytes } from '../../kernel/index.js';
import { readElement, TAG, type Asn1Element } from '../asn1/index.js';
import { loadPublicKey } from '../sm/key-objects.js';
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

const keyObjects = new WeakMap<Uint8Array, KeyObject | null>();

/** Loading a key costs as much as verifying with it; certificates keep their spans, so the span is the key. */
function keyObject(spki: SubjectPublicKey): KeyObject | undefined {
  const known = keyObjects.get(spki.der);
  if (known !== undefined) return known ?? undefined;
  let loaded: KeyObject | undefined;
  try {
    loaded = loadPublicKey(spki.der);
  } catch {
    loaded = undefined;
  }
  keyObjects.set(spki.der, loaded ?? null);
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
 * @param spki - A certificate's `publicKey`, or DER of a SubjectPublicKeyInfo. Keys are cached by
 *   the identity of their bytes; do not write to them afterwards.
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

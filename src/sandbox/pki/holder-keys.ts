/** Keys of the development PKI: making them, and signing with them. */
import { constants, generateKeyPair, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { AppError } from '../../kernel/index.js';
import {
  TAG,
  defaultScheme,
  readElement,
  readSubjectPublicKey,
  signSm2WithKey,
  type SignatureScheme,
  type SignFunction,
  type SubjectPublicKey,
} from '../../pki/index.js';
import type { KeyHolder } from './pki-directory.js';

const generate = promisify(generateKeyPair);

/** Key types that the development PKI makes and issues for. */
export const KEY_TYPES = ['rsa-2048', 'rsa-3072', 'ec-p256', 'ec-p384', 'sm2'] as const;
export type KeyType = (typeof KEY_TYPES)[number];

export interface NewKey {
  readonly privateKey: KeyObject;
  readonly publicKeyDer: Uint8Array;
}

const CURVES = { 'ec-p256': 'P-256', 'ec-p384': 'P-384', sm2: 'SM2' } as const;

export async function generateKey(type: KeyType): Promise<NewKey> {
  const { privateKey, publicKey } =
    type === 'rsa-2048' || type === 'rsa-3072'
      ? await generate('rsa', { modulusLength: type === 'rsa-3072' ? 3072 : 2048 })
      : await generate('ec', { namedCurve: CURVES[type] });
  return {
    privateKey,
    publicKeyDer: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
  };
}

/** The scheme a role signs by and the function that does it. */
export interface HolderSigner {
  readonly scheme: SignatureScheme;
  readonly sign: SignFunction;
}

export function signerOf(holder: KeyHolder): HolderSigner {
  return signerWith(holder.key, holder.certificate.publicKey);
}

/** @param publicKey - The key's public half, or DER of its SubjectPublicKeyInfo. */
export function signerWith(key: KeyObject, publicKey: SubjectPublicKey | Uint8Array): HolderSigner {
  const spki =
    publicKey instanceof Uint8Array
      ? readSubjectPublicKey(readElement(publicKey, TAG.sequence))
      : publicKey;
  if (spki.key === undefined) {
    throw new AppError('algorithm-unsupported', 'a key of an unknown kind');
  }
  return {
    scheme: defaultScheme(spki.key),
    sign: (message, { digest, padding }) => {
      if (padding === 'sm2') return signSm2WithKey(key, spki.keyOctets, message);
      const input =
        padding === 'pss' ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: -1 } : key;
      return new Uint8Array(sign(digest, message, input));
    },
  };
}

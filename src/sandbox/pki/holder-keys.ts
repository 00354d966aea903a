/** Keys of the development PKI: making them, and signing with them. */
import { constants, generateKeyPair, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { AppError } from '../../kernel/index.js';
import { defaultScheme, type SignatureScheme, type SignFunction } from '../../pki/index.js';
import type { KeyHolder } from './pki-directory.js';

const generate = promisify(generateKeyPair);

/** Key types that the development PKI makes and issues for. */
export type KeyType = 'rsa-2048' | 'rsa-3072' | 'ec-p256' | 'ec-p384';

export interface NewKey {
  readonly privateKey: KeyObject;
  readonly publicKeyDer: Uint8Array;
}

export async function generateKey(type: KeyType): Promise<NewKey> {
  const { privateKey, publicKey } = type.startsWith('rsa')
    ? await generate('rsa', { modulusLength: type === 'rsa-3072' ? 3072 : 2048 })
    : await generate('ec', { namedCurve: type === 'ec-p384' ? 'P-384' : 'P-256' });
  return {
    privateKey,
    publicKeyDer: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
  };
}

/** The scheme a role signs by and the function that does it. */
export function signerOf(holder: KeyHolder): {
  readonly scheme: SignatureScheme;
  readonly sign: SignFunction;
} {
  const { key: algorithm } = holder.certificate.publicKey;
  if (algorithm === undefined) {
    throw new AppError('algorithm-unsupported', `key of ${holder.id} is of an unknown kind`);
  }
  return signerWith(holder.key, defaultScheme(algorithm));
}

export function signerWith(
  key: KeyObject,
  scheme: SignatureScheme,
): { readonly scheme: SignatureScheme; readonly sign: SignFunction } {
  return {
    scheme,
    sign: (message, { digest, padding }) => {
      const input =
        padding === 'pss' ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: -1 } : key;
      return new Uint8Array(sign(digest, message, input));
    },
  };
}

/** The keys that sign access tokens: P-256, named by their RFC 7638 thumbprint, the newest first. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { AppError, digestBytes, toBase64Url, utf8ToBytes } from '../kernel/index.js';

/** A public key as published. @see RFC 7517 */
export interface PublicJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
  readonly kid: string;
  readonly alg: 'ES256';
  readonly use: 'sig';
}

export interface AccessKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: PublicJwk;
}

/** A new private key as PKCS#8 PEM, for the owner of the key file to keep. */
export function generateAccessKeyPem(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** @throws AppError `config-invalid` where the text is not a P-256 private key */
export function loadAccessKey(pem: string): AccessKey {
  try {
    const privateKey = createPrivateKey(pem);
    const publicKey = createPublicKey(privateKey);
    const { crv, x, y } = publicKey.export({ format: 'jwk' });
    if (crv !== 'P-256' || x === undefined || y === undefined) throw new Error('not P-256');
    const thumbprint = JSON.stringify({ crv, kty: 'EC', x, y });
    const kid = toBase64Url(digestBytes('sha256', utf8ToBytes(thumbprint)));
    const jwk = { kty: 'EC', crv, x, y, kid, alg: 'ES256', use: 'sig' } as const;
    return { kid, privateKey, publicKey, jwk };
  } catch (error) {
    throw new AppError('config-invalid', 'a key for access tokens is not a P-256 private key', {
      params: { faults: ['jwt.keyFile: holds a key that is not a P-256 private key in PEM'] },
      cause: error,
    });
  }
}

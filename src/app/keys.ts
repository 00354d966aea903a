/** Key files of the service: made at the first start, readable by their owner only. */
import {
  createPrivateKey,
  createPublicKey,
  createHash,
  generateKeyPairSync,
  sign,
  verify,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { CheckpointKey, CheckpointVerifier } from '../audit/index.js';
import { AppError } from '../kernel/index.js';

/** The text of `path`, written by `make` where there is none yet. @throws AppError `config-invalid` */
export function keyFile(path: string, make: () => string): string {
  try {
    if (!existsSync(path)) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      // Two processes may start at once: the first one's key is the key.
      writeFileSync(path, make(), { mode: 0o600, flag: 'wx', flush: true });
      chmodSync(path, 0o600);
    }
  } catch (error) {
    if (!existsSync(path)) {
      throw new AppError('config-invalid', 'a key file cannot be written', { cause: error });
    }
  }
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new AppError('config-invalid', 'a key file cannot be read', { cause: error });
  }
}

/** A public key as published. @see RFC 7517 */
export interface PublishedKey extends JsonWebKey {
  readonly kid: string;
  readonly use: 'sig';
}

/** The name of a key: the first half of the SHA-256 of its SubjectPublicKeyInfo, hex. */
function keyIdOf(key: KeyObject): string {
  const spki = key.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('hex').slice(0, 32);
}

/** Checks checkpoints with the public keys given; a key is known by what it is, not by a name it is given. */
export function checkpointVerifier(publicKeys: readonly KeyObject[]): CheckpointVerifier {
  const byId = new Map(publicKeys.map((key) => [keyIdOf(key), key]));
  return {
    verify(keyId, message, signature) {
      const key = byId.get(keyId);
      return key !== undefined && verify('sha256', message, key, signature);
    },
  };
}

/** A P-256 key that signs the audit log's checkpoints, kept in `path`, with the public part to publish. */
export function checkpointKey(path: string): CheckpointKey & { readonly published: PublishedKey } {
  const pem = keyFile(path, () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  });
  const privateKey = createPrivateKey(pem);
  const publicKey = createPublicKey(privateKey);
  const keyId = keyIdOf(publicKey);
  return {
    keyId,
    published: { ...publicKey.export({ format: 'jwk' }), kid: keyId, alg: 'ES256', use: 'sig' },
    sign: (message) => new Uint8Array(sign('sha256', message, privateKey)),
    ...checkpointVerifier([publicKey]),
  };
}

/**
 * Public keys out of a file: a JWK set as published, one JWK, or PEM. A private key gives its public part.
 * @throws AppError `input-invalid` where there is none, params `field`
 */
export function readPublicKeys(text: string): readonly KeyObject[] {
  try {
    if (!text.trimStart().startsWith('{')) return [createPublicKey(text)];
    const value = JSON.parse(text) as JsonWebKey & { readonly keys?: readonly JsonWebKey[] };
    return (value.keys ?? [value]).map((key) => createPublicKey({ key, format: 'jwk' }));
  } catch (error) {
    throw new AppError('input-invalid', 'no public key', {
      params: { field: 'key' },
      cause: error,
    });
  }
}

/** A new Ed25519 key that signs filing requests, as PKCS#8 PEM. */
export function generateFilingKeyPem(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Key files of the service: made at the first start, readable by their owner only. */
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  createHash,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { CheckpointKey } from '../../audit/index.js';
import type { StatementSigner, StatementVerifier } from '../../filing/index.js';
import { AppError, newId } from '../../kernel/index.js';
import type { SecretBox } from '../../webhook/index.js';

/** The text of `path`, written by `make` where there is none yet. @throws AppError `config-invalid` */
export function keyFile(path: string, make: () => string): string {
  try {
    if (!existsSync(path)) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      // Whole or not at all, also for a process that dies here; of two that start at once, the first
      // one's key is the key.
      const whole = `${path}.${newId('tmp')}`;
      writeFileSync(whole, make(), { mode: 0o600, flag: 'wx', flush: true });
      try {
        linkSync(whole, path);
      } finally {
        unlinkSync(whole);
      }
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

export interface Published {
  readonly published: PublishedKey;
  /** SubjectPublicKeyInfo. */
  readonly publicKeyPem: string;
}

/** The name of a key: the first half of the SHA-256 of its SubjectPublicKeyInfo, hex. */
function keyIdOf(key: KeyObject): string {
  const spki = key.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('hex').slice(0, 32);
}

/** Checks what services state with the public keys given; a key is known by what it is, not by a name it is given. */
export function statementVerifier(publicKeys: readonly KeyObject[]): StatementVerifier {
  const byId = new Map(publicKeys.map((key) => [keyIdOf(key), key]));
  return {
    knows: (keyId) => byId.has(keyId),
    verify(keyId, message, signature) {
      const key = byId.get(keyId);
      return key !== undefined && verify(digestFor(key), message, key, signature);
    },
  };
}

/** Ed25519 signs the message itself. */
function digestFor(key: KeyObject): 'sha256' | null {
  return key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
}

/** A P-256 key that signs the audit log's checkpoints, kept in `path`, with the public part to publish. */
export function checkpointKey(path: string): CheckpointKey & Published {
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
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: (message) => new Uint8Array(sign('sha256', message, privateKey)),
    ...statementVerifier([publicKey]),
  };
}

/**
 * An Ed25519 key that signs the manifests of packages and other statements of the service, kept in
 * `path`. Its signatures are deterministic, so that a package built twice is one package.
 */
export function statementKey(path: string): StatementSigner & Published {
  const privateKey = createPrivateKey(keyFile(path, generateEd25519Pem));
  const publicKey = createPublicKey(privateKey);
  const keyId = keyIdOf(publicKey);
  return {
    keyId,
    published: { ...publicKey.export({ format: 'jwk' }), kid: keyId, alg: 'EdDSA', use: 'sig' },
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
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

/**
 * Public keys by the names that their owner gives them: a JWK set whose keys have a `kid`.
 * @throws AppError `config-invalid` where it is none
 */
export function readNamedKeys(text: string): ReadonlyMap<string, KeyObject> {
  try {
    const { keys } = JSON.parse(text) as { readonly keys: readonly PublishedKey[] };
    return new Map(
      keys.map((key) => {
        if (typeof key.kid !== 'string') throw new TypeError('a key has no kid');
        return [key.kid, createPublicKey({ key, format: 'jwk' })];
      }),
    );
  } catch (error) {
    throw new AppError('config-invalid', 'no JWK set with named keys', { cause: error });
  }
}

/** Keeps secrets at rest under a key in `path`. AES-256-GCM; the context is authenticated with the text. */
export function secretBox(path: string): SecretBox {
  const key = Buffer.from(
    keyFile(path, () => `${randomBytes(32).toString('base64')}\n`),
    'base64',
  );
  if (key.length !== 32) throw new AppError('config-invalid', 'a key file is damaged');
  return {
    seal(text, context) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context));
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
    },
    open(sealedB64, context) {
      const bytes = Buffer.from(sealedB64, 'base64');
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
        decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(12, 28));
        return decipher.update(bytes.subarray(28), undefined, 'utf8') + decipher.final('utf8');
      } catch (error) {
        throw new AppError('store-unavailable', 'a kept secret does not open', { cause: error });
      }
    },
  };
}

/** A new Ed25519 key, as PKCS#8 PEM. */
export function generateEd25519Pem(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

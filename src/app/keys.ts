/** Key files of the service: made at the first start, readable by their owner only. */
import {
  createPrivateKey,
  createPublicKey,
  createHash,
  generateKeyPairSync,
  sign,
  verify,
} from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { CheckpointKey } from '../audit/index.js';
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

/** A P-256 key that signs the audit log's checkpoints, kept in `path`. */
export function checkpointKey(path: string): CheckpointKey {
  const pem = keyFile(path, () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  });
  const privateKey = createPrivateKey(pem);
  const publicKey = createPublicKey(privateKey);
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return {
    keyId: createHash('sha256').update(spki).digest('hex').slice(0, 32),
    sign: (message) => new Uint8Array(sign('sha256', message, privateKey)),
    verify: (message, signature) => verify('sha256', message, publicKey, signature),
  };
}

/** A new Ed25519 key that signs filing requests, as PKCS#8 PEM. */
export function generateFilingKeyPem(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** AES-CBC over whole blocks, and MD5: what the encryption of older file formats prescribes. No padding here. */
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { AppError } from './app-error.js';

const AES_NAMES: Readonly<Record<number, string>> = { 16: 'aes-128-cbc', 32: 'aes-256-cbc' };

function aesName(key: Uint8Array): string {
  const name = AES_NAMES[key.length];
  if (name === undefined) throw new AppError('internal', 'an AES key has 16 or 32 bytes');
  return name;
}

/** @param data - Whole blocks of 16 bytes. */
export function encryptAesCbc(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array {
  const cipher = createCipheriv(aesName(key), key, iv).setAutoPadding(false);
  return new Uint8Array(Buffer.concat([cipher.update(data), cipher.final()]));
}

/** @param data - Whole blocks of 16 bytes. */
export function decryptAesCbc(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array {
  const decipher = createDecipheriv(aesName(key), key, iv).setAutoPadding(false);
  return new Uint8Array(Buffer.concat([decipher.update(data), decipher.final()]));
}

/** @throws AppError `algorithm-unsupported` where the machine's policy (FIPS) forbids MD5. */
export function md5(...parts: readonly Uint8Array[]): Uint8Array {
  try {
    const hash = createHash('md5');
    for (const part of parts) hash.update(part);
    return new Uint8Array(hash.digest());
  } catch (cause) {
    throw new AppError('algorithm-unsupported', 'MD5 is not available', {
      params: { algorithm: 'MD5' },
      cause,
    });
  }
}

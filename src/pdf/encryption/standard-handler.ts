/**
 * From a password to the file encryption key, for the standard security handler.
 *
 * @see ISO 32000-2:2020, 7.6.4.3 and 7.6.4.4; the algorithms are named by their numbers there
 */
import {
  concatBytes,
  decryptAesCbc,
  digestBytes,
  encryptAesCbc,
  equalBytes,
  md5,
} from '../../kernel/index.js';
import type { StandardEncryption } from './encryption-dictionary.js';
import { passwordCandidates } from './password.js';
import { rc4 } from './rc4.js';

export interface OpenedKey {
  readonly fileKey: Uint8Array;
  /** Opened with the owner password: permissions do not bind. */
  readonly isOwner: boolean;
  /** Whether `/P` may be believed; always so before revision 5, where the key itself depends on it. */
  readonly arePermissionsAuthentic: boolean;
}

/**
 * Tries `password` as the owner's, then as the user's.
 *
 * @param password - UTF-8 as typed; empty for the files that open without one.
 * @returns undefined where it is neither.
 */
export function openFileKey(
  encryption: StandardEncryption,
  password: Uint8Array,
): OpenedKey | undefined {
  for (const candidate of passwordCandidates(password, encryption.revision)) {
    const opened =
      encryption.revision >= 5
        ? openAes256(encryption, candidate)
        : openLegacy(encryption, candidate);
    if (opened !== undefined) return opened;
  }
  return undefined;
}

// Revisions 2 to 4: the key comes from the user password by MD5.

const PADDING = Uint8Array.from([
  0x28, 0xbf, 0x4e, 0x5e, 0x4e, 0x75, 0x8a, 0x41, 0x64, 0x00, 0x4e, 0x56, 0xff, 0xfa, 0x01, 0x08,
  0x2e, 0x2e, 0x00, 0xb6, 0xd0, 0x68, 0x3e, 0x80, 0x2f, 0x0c, 0xa9, 0xfe, 0x64, 0x53, 0x69, 0x7a,
]);
const METADATA_IN_CLEAR = Uint8Array.from([0xff, 0xff, 0xff, 0xff]);

function openLegacy(encryption: StandardEncryption, password: Uint8Array): OpenedKey | undefined {
  for (const isOwner of [true, false]) {
    const padded = isOwner
      ? userPasswordFromOwner(encryption, padPassword(password))
      : padPassword(password);
    const fileKey = legacyFileKey(encryption, padded);
    if (isUserKey(encryption, fileKey)) {
      return { fileKey, isOwner, arePermissionsAuthentic: true };
    }
  }
  return undefined;
}

function padPassword(password: Uint8Array): Uint8Array {
  return concatBytes([password.subarray(0, 32), PADDING]).subarray(0, 32);
}

/** Algorithm 2. */
function legacyFileKey(encryption: StandardEncryption, padded: Uint8Array): Uint8Array {
  const { revision, keyBytes, flags } = encryption;
  const permissions = Uint8Array.from([flags, flags >> 8, flags >> 16, flags >> 24]);
  const marks = revision >= 4 && !encryption.isMetadataEncrypted ? [METADATA_IN_CLEAR] : [];
  let hash = md5(padded, encryption.o, permissions, encryption.permanentId, ...marks);
  for (let i = 0; revision >= 3 && i < 50; i++) hash = md5(hash.subarray(0, keyBytes));
  return hash.subarray(0, keyBytes);
}

/** Algorithm 6, by way of algorithms 4 and 5. */
function isUserKey(encryption: StandardEncryption, fileKey: Uint8Array): boolean {
  const { revision, u } = encryption;
  if (revision === 2) return equalBytes(rc4(fileKey, PADDING), u);
  const hash = md5(PADDING, encryption.permanentId);
  return equalBytes(rc4Rounds(fileKey, hash, true), u.subarray(0, 16));
}

/** Algorithm 7: what the owner password reveals is the padded user password. */
function userPasswordFromOwner(encryption: StandardEncryption, padded: Uint8Array): Uint8Array {
  const { revision, keyBytes, o } = encryption;
  let hash = md5(padded);
  for (let i = 0; revision >= 3 && i < 50; i++) hash = md5(hash.subarray(0, keyBytes));
  const key = hash.subarray(0, keyBytes);
  return revision === 2 ? rc4(key, o) : rc4Rounds(key, o, false);
}

/** Twenty rounds of RC4, the key changed by the number of the round. */
function rc4Rounds(key: Uint8Array, data: Uint8Array, isUpwards: boolean): Uint8Array {
  let bytes = data;
  for (let i = 0; i < 20; i++) {
    const mark = isUpwards ? i : 19 - i;
    bytes = rc4(
      key.map((byte) => byte ^ mark),
      bytes,
    );
  }
  return bytes;
}

// Revisions 5 and 6: the key is random, kept encrypted under each password.

const ZERO_IV = new Uint8Array(16);
const HASH_BYTES = 32;
const SALT_BYTES = 8;

/** Algorithm 2.A. */
function openAes256(encryption: StandardEncryption, password: Uint8Array): OpenedKey | undefined {
  const { o, u, aes256 } = encryption;
  for (const isOwner of [true, false]) {
    const entry = isOwner ? o : u;
    const more = isOwner ? u : new Uint8Array(0);
    const saltAt = (index: number): Uint8Array => {
      const start = HASH_BYTES + index * SALT_BYTES;
      return entry.subarray(start, start + SALT_BYTES);
    };
    const hash = (salt: Uint8Array): Uint8Array =>
      passwordHash(encryption.revision, password, salt, more);
    if (!equalBytes(hash(saltAt(0)), entry.subarray(0, HASH_BYTES))) continue;
    const wrapped = isOwner ? aes256.oe : aes256.ue;
    const fileKey = decryptAesCbc(hash(saltAt(1)), ZERO_IV, wrapped);
    return { fileKey, isOwner, arePermissionsAuthentic: provesPermissions(encryption, fileKey) };
  }
  return undefined;
}

/** Algorithm 2.B; revision 5 stops after its first hash. */
function passwordHash(
  revision: number,
  password: Uint8Array,
  salt: Uint8Array,
  more: Uint8Array,
): Uint8Array {
  let key = digestBytes('sha256', password, salt, more);
  if (revision === 5) return key;
  let last = 0;
  for (let round = 0; round < 64 || last > round - 32; round++) {
    const once = concatBytes([password, key, more]);
    const repeated = new Uint8Array(once.length * 64);
    for (let i = 0; i < 64; i++) repeated.set(once, i * once.length);
    const mixed = encryptAesCbc(key.subarray(0, 16), key.subarray(16, 32), repeated);
    // The first 16 bytes as a number modulo 3: 256 is 1 modulo 3, so their sum will do.
    const remainder = mixed.subarray(0, 16).reduce((sum, byte) => sum + byte, 0) % 3;
    key = digestBytes(remainder === 0 ? 'sha256' : remainder === 1 ? 'sha384' : 'sha512', mixed);
    last = mixed[mixed.length - 1] ?? 0;
  }
  return key.subarray(0, 32);
}

/** Algorithm 13: whether `/Perms` holds what `/P` and `/EncryptMetadata` say. */
function provesPermissions(encryption: StandardEncryption, fileKey: Uint8Array): boolean {
  // One block of ECB is one block of CBC from a zero vector.
  const perms = decryptAesCbc(fileKey, ZERO_IV, encryption.aes256.perms);
  const flags =
    (perms[0] ?? 0) | ((perms[1] ?? 0) << 8) | ((perms[2] ?? 0) << 16) | ((perms[3] ?? 0) << 24);
  const isMarked = perms[9] === 0x61 && perms[10] === 0x64 && perms[11] === 0x62;
  const metadata = encryption.isMetadataEncrypted ? 0x54 : 0x46;
  return isMarked && flags === encryption.flags && perms[8] === metadata;
}
